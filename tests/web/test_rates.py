import httpx
import pytest

from settings import Settings
from tests.web.toy import toy_app
from web.errors import RequestError
from web.rates import RateLimit
from web.server import make_server


def outcomes(addresses: list[str], per_minute: int = 2) -> list[bool]:
    limit = RateLimit(per_minute)
    return [passes(limit, address) for address in addresses]


def passes(limit: RateLimit, address: str) -> bool:
    try:
        limit.check((address, 1))
    except RequestError as error:
        return not (error.status == 429 and 1 <= int(dict(error.headers)[b"retry-after"]) <= 60)
    return True


def test_each_address_has_its_own_count() -> None:
    assert outcomes(["10.0.0.1", "10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.2"]) == [True, True, True, False, True]


def test_a_client_has_all_addresses_of_its_ipv6_network() -> None:
    assert outcomes(["2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:0:1::9", "2001:db8:0:1::1"]) == [
        True,
        True,
        False,
        True,
    ]


def test_what_is_no_address_is_a_client_too() -> None:
    assert outcomes(["testclient"] * 3) == [True, True, False]


@pytest.mark.parametrize(("rate_limit", "statuses"), [(0, [200] * 5), (3, [200, 200, 200, 429, 429])])
async def test_a_client_that_asks_too_often_gets_a_429(rate_limit: int, statuses: list[int]) -> None:
    transport = httpx.ASGITransport(toy_app(rate_limit=rate_limit), client=("192.0.2.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as gateway:
        responses = [await gateway.post("/graphql", json={"query": "{ hello }"}) for _ in range(5)]
        health = await gateway.get("/healthz")
    assert [each.status_code for each in responses] == statuses
    assert health.status_code == 200
    if rate_limit:
        assert responses[-1].json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"


def test_only_trusted_proxies_say_who_the_client_is() -> None:
    assert make_server(toy_app(), Settings()).config.forwarded_allow_ips == ["127.0.0.1", "::1"]
    assert make_server(toy_app(), Settings(trusted_proxies=("10.0.0.0/8",))).config.forwarded_allow_ips == [
        "10.0.0.0/8"
    ]
