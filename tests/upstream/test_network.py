"""What goes over the wire, and what a failure to get it over is called."""

import asyncio
import gzip
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from tests.fake_upstream import ABSENT, FakeUpstream, Reply
from tests.patience import PATIENCE
from upstream import Client, Grid, Package, UpstreamError
from upstream.network import inflate, proxy_of, retry_after_of
from version import VERSION

JSON = "application/json"


@asynccontextmanager
async def listening(answer: bytes | None, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Listen on a free port: answer the first bytes that come with these, and close; or wait for a whole request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if answer is None:
                await reader.readuntil(b"\r\n\r\n")
            else:
                await reader.read(1)
                writer.write(answer)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        yield server.sockets[0].getsockname()[1]


async def failure(url: str, *, seconds: float = PATIENCE) -> UpstreamError:
    client = Client(url, timeout=seconds, operation_timeout=PATIENCE, backoff=0.001)
    try:
        with pytest.raises(UpstreamError) as caught:
            await client.record(Package, 1)
    finally:
        await client.aclose()
    return caught.value


class TestCauses:
    async def test_refused(self) -> None:
        assert (await failure("http://127.0.0.1:1/api/v4/")).cause == "refused"

    async def test_a_name_without_an_address(self) -> None:
        assert (await failure("http://nowhere.invalid/api/v4/")).cause == "dns"

    @pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
    async def test_plain_http_behind_https(self, answer: bytes) -> None:
        async with listening(answer) as port:
            error = await failure(f"https://127.0.0.1:{port}/api/v4/")
        assert error.cause == "tls"
        assert "TLS" in str(error)

    async def test_plain_http_that_waits_for_more_does_not_take_the_whole_timeout(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The test's timeout is minutes."""
        monkeypatch.setattr("upstream.network.MAX_CONNECT_SECONDS", 0.3)
        async with listening(None) as port:
            error = await failure(f"https://127.0.0.1:{port}/api/v4/")
        assert error.cause == "tls"
        assert "plain HTTP" in str(error)

    async def test_silence(self, fake: FakeUpstream) -> None:
        fake.fault = lambda _: Reply(hangs=True)
        assert (await failure(fake.base_url, seconds=0.05)).cause == "read timeout"

    async def test_reset(self, fake: FakeUpstream) -> None:
        fake.fault = lambda _: Reply(raw=b"", resets=True)
        assert (await failure(fake.base_url)).cause == "reset"

    @pytest.mark.parametrize(
        ("head", "said"),
        [
            (b"\0\0\x12\x04", "Bad status line"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "Duplicate Content-Length"),
            (b"HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", "Invalid HTTP header"),
        ],
    )
    async def test_what_is_no_http_is_named_without_its_bytes(self, fake: FakeUpstream, head: bytes, said: str) -> None:
        fake.fault = lambda _: Reply(raw=head)
        error = await failure(fake.base_url)
        assert error.cause == "format"
        assert f"something else than HTTP ({said}" in str(error)
        assert "b'" not in str(error)

    async def test_a_proxy_that_is_not_there(self, fake: FakeUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        assert (await failure(fake.base_url)).cause == "proxy"

    async def test_a_proxy_that_is_none(self, fake: FakeUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "ftp://127.0.0.1:1")
        error = await failure(fake.base_url)
        assert error.cause == "proxy"
        assert "the proxy that the environment names" in str(error)

    @pytest.mark.parametrize("target", ["http://127.0.0.1:1/", "/elsewhere/", "//other.example/api/v4/packages/"])
    async def test_a_refused_redirect_says_where_to(self, fake: FakeUpstream, target: str) -> None:
        fake.fault = lambda _: Reply(302, headers={"Location": target})
        assert target in str(await failure(fake.base_url))

    async def test_what_the_upstream_sends_cannot_forge_a_line_of_the_log(self, fake: FakeUpstream) -> None:
        fake.fault = lambda _: Reply(302, headers={"Location": "/x\x85\x1b[31mERROR: " + "x" * 9999})
        assert str(await failure(fake.base_url)).isprintable()
        assert len(str(await failure(fake.base_url))) < 300


class TestProxies:
    async def test_the_environment_s_proxy_is_asked(self, fake: FakeUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"http://user:pass@127.0.0.1:{fake.port}")
        client = Client("http://catalogue.example/api/v4/")
        assert await client.record(Package, 4005) is not None
        assert fake.requests[0].headers["proxy-authorization"].startswith("Basic ")
        assert fake.requests[0].headers["host"] == "catalogue.example"
        assert not {"content-length", "transfer-encoding"} & fake.requests[0].headers.keys()
        await client.aclose()

    @pytest.mark.parametrize(
        ("url", "variables", "proxy"),
        [
            ("http://a.example/", {"HTTP_PROXY": "http://p:1"}, "http://p:1"),
            ("https://a.example/", {"HTTP_PROXY": "http://p:1"}, None),
            ("https://a.example/", {"HTTPS_PROXY": "p:1"}, "http://p:1"),
            ("https://a.example/", {"ALL_PROXY": "http://p:1"}, "http://p:1"),
            ("https://a.example/", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "b,.example"}, None),
            ("https://a.example:8443/", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "a.example:8443"}, None),
            ("https://a.example/", {"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, None),
        ],
    )
    def test_which(
        self, monkeypatch: pytest.MonkeyPatch, url: str, variables: dict[str, str], proxy: str | None
    ) -> None:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.lower(), raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        found = proxy_of(httpx.URL(url))
        assert (found and str(found.url)) == proxy


class TestTolerance:
    """Answers that are unusual and right."""

    @pytest.mark.parametrize(
        "headers",
        [
            {"X-Large": "x" * 14_000},
            {f"X-{number}": "x" for number in range(260)},
            {"Content-Type": JSON, "Content-Encoding": "identity"},
            {"Content-Type": "application/json; charset=utf-8"},
            {},
        ],
    )
    async def test_heads(self, client: Client, fake: FakeUpstream, headers: dict[str, str]) -> None:
        fake.replies["grids/321/"] = Reply(body=await fake.sample("grids/321/"), headers=headers)
        assert await client.record(Grid, 321) is not None

    @pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
    @pytest.mark.parametrize("members", [1, 2, 16])
    async def test_gzip(self, client: Client, fake: FakeUpstream, coding: str, members: int) -> None:
        body = await fake.sample("grids/321/")
        size = len(body) // members + 1
        parts = [gzip.compress(body[at : at + size]) for at in range(0, len(body), size)]
        fake.replies["grids/321/"] = Reply(body=b"".join(parts), headers={"Content-Encoding": coding})
        assert await client.record(Grid, 321) is not None

    async def test_a_byte_order_mark(self, client: Client, fake: FakeUpstream) -> None:
        for target in ("grids/321/", "grids/?limit=3&offset=0", "search/?q=geo"):
            fake.replies[target] = Reply(body=b"\xef\xbb\xbf" + await fake.sample(target))
        assert await client.record(Grid, 321) is not None
        assert len((await client.page(Grid, limit=3, offset=0)).results) == 3
        assert await client.search("geo")

    def test_padding_after_gzip(self) -> None:
        assert inflate(gzip.compress(b"x") + b"\0\0", "x") == b"x"


class TestRetryAfter:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("0", 0), (" 7 ".strip(), 7), ("3600", 3600), ("999999999999", 21_600), ("Wed, 01 Jan 2020 00:00:00 GMT", 0)],
    )
    def test_sound(self, text: str, seconds: float) -> None:
        assert retry_after_of(text) == seconds

    @pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "1e3", "٣", "9" * 400, "Wed, 99 Foo 2020"])
    def test_unsound(self, text: str) -> None:
        assert retry_after_of(text) is None

    def test_a_date(self) -> None:
        date = datetime.now(UTC) + timedelta(hours=1)
        found = retry_after_of(format_datetime(date, usegmt=True))
        assert found is not None
        assert found <= 3600


class TestRoot:
    async def test_an_api(self, client: Client) -> None:
        await client.check_root()

    @pytest.mark.parametrize(
        ("reply", "said"),
        [
            (Reply(200, b"<html>", {"Content-Type": "text/html"}), "an HTML page"),
            (Reply(200, b'{"hello": "world"}'), "lists no packages, grids, categories"),
            (Reply(200, b'{"packages": "", "grids": ""}'), "lists no categories"),
            (Reply(200, b"[]"), "does not fit"),
            (Reply(200, b"hello"), "else than whole JSON"),
            (Reply(404, b"<html>", {"Content-Type": "text/html"}), "status 404 and an HTML page"),
            (ABSENT, "status 404"),
            (Reply(302, headers={"Location": "https://login.example/"}), "https://login.example/"),
        ],
    )
    async def test_something_else(self, client: Client, fake: FakeUpstream, reply: Reply, said: str) -> None:
        fake.replies[""] = reply
        with pytest.raises(UpstreamError, match="no root of an API v4") as caught:
            await client.check_root()
        assert caught.value.code == "UPSTREAM_NOT_AN_API"
        assert said in str(caught.value)

    async def test_trouble_is_no_verdict(self, client: Client, fake: FakeUpstream) -> None:
        fake.replies[""] = Reply(500)
        with pytest.raises(UpstreamError) as caught:
            await client.check_root()
        assert caught.value.code == "UPSTREAM_STATUS"


class TestAbsence:
    @pytest.mark.parametrize("detail", ["Not found.", "No Package matches the given query."])
    async def test_the_api_s_own_words(self, client: Client, fake: FakeUpstream, detail: str) -> None:
        fake.replies["packages/7/"] = Reply(404, f'{{"detail": "{detail}"}}'.encode())
        assert await client.record(Package, 7) is None

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"Not found.",
            b'"Not found."',
            b"[]",
            b'{"detail": "no route"}',
            b'{"detail": "Not found"}',
            b'{"detail": null}',
            b'{"detail": "Not found.", "path": "/"}',
            b'{"message": "Not found."}',
            b"<html>Not found.</html>",
            b'{"detail": "No Package matches the given query. Try later."}',
        ],
    )
    async def test_anybody_else_s(self, client: Client, fake: FakeUpstream, body: bytes) -> None:
        fake.replies["packages/7/"] = Reply(404, body)
        with pytest.raises(UpstreamError) as caught:
            await client.record(Package, 7)
        assert (caught.value.code, caught.value.extensions["status"]) == ("UPSTREAM_STATUS", 404)


async def test_the_user_agent_names_the_source_and_a_contact(fake: FakeUpstream) -> None:
    for comments in ((), ("ops@gateway.example",), ("https://code.example/gateway", "ops@gateway.example")):
        client = Client(fake.base_url, comments=comments)
        await client.record(Package, 4005)
        await client.aclose()
    assert [
        request.headers["user-agent"].removeprefix(f"catalogue-gateway/{VERSION}") for request in fake.requests
    ] == [
        "",
        " (ops@gateway.example)",
        " (https://code.example/gateway; ops@gateway.example)",
    ]


async def test_gzip_is_asked_for(client: Client, fake: FakeUpstream, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await client.record(Package, 4005)
    assert fake.requests[0].headers["accept-encoding"] == "gzip"
