"""A server that speaks Redis' protocol, by its URL."""

import pytest

from catalogue.redis_server import RedisServer


@pytest.mark.parametrize(
    "url",
    [
        "http://:hidden@host/0",
        "redis://",
        "redis:///0",
        "redis://:hidden@host:port/0",
        "redis://:hid/den@host/0",
        "redis://:hidden#@host/0",
        "redis://:hidden@host/zero",
        "redis://:hidden@host:70000/0",
        "redis://:hidden@host/0?socket_timeout=9",
        "redis://:hidden@host/0?db=x",
        "redis://:hid den@host/0",
        "unix://",
        "",
    ],
)
def test_a_store_that_cannot_be_used_is_one_clear_line_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="is not a URL such as redis://host:6379/0") as caught:
        RedisServer(url, "http://x/")
    assert "hid" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://host",
        "redis://host:6379/15",
        "rediss://user:p%40ss@[::1]:6380/0?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis.sock?db=3",
        "unix://:secret@/run/redis.sock",
    ],
)
def test_a_store_may_be_a_redis(url: str) -> None:
    assert "secret" not in RedisServer(url, "http://x/").place
    assert "ss" not in RedisServer(url, "http://x/").place
