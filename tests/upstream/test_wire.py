"""GETs over aiohttp's pool and parser: what we rely on of them, whether documented or not.

A test that fails after an upgrade of aiohttp names what to mend in `upstream/wire.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import httpx
import pytest

from tests.patience import PATIENCE
from upstream.wire import Wire

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Answering = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Counts connections and keeps the heads of requests; `answer` writes what goes back."""

    answer: Answering
    url: str = ""
    connections: int = 0
    heads: list[bytes] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                self.heads.append(head)
                await self.answer(head, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
        finally:
            writer.close()


@asynccontextmanager
async def serving(answer: bytes | Answering = OK) -> AsyncIterator[tuple[Server, Wire]]:
    async def write(_: bytes, writer: asyncio.StreamWriter) -> None:
        assert isinstance(answer, bytes)
        writer.write(answer)

    server = Server(write if isinstance(answer, bytes) else answer)
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listener:
        server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/api/"
        wire = Wire(server.url, connections=2, connect=PATIENCE)
        yield server, wire
        await wire.aclose()


async def get(wire: Wire, target: bytes = b"/api/", headers: dict[str, str] | None = None) -> httpx.Response:
    """GET and read to the end."""
    request = httpx.Request("GET", "http://x/", headers=headers, extensions={"target": target})
    response = await wire.handle_async_request(request)
    try:
        await response.aread()
    finally:
        await response.aclose()
    return response


async def closing(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(OK)
    writer.close()


async def test_what_is_sent_is_the_target_and_the_headers_and_nothing_else() -> None:
    async with serving() as (server, wire):
        await get(wire, b"/api/packages/1/?a=%2F", {"Host": "x", "Accept": "application/json"})
    assert server.heads == [b"GET /api/packages/1/?a=%2F HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n"]


async def test_a_connection_is_used_again() -> None:
    async with serving() as (server, wire):
        assert [(await get(wire)).content for _ in range(3)] == [b"{}"] * 3
    assert server.connections == 1


async def test_a_name_with_several_addresses_is_asked_where_somebody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: object, **__: object) -> list[dict[str, object]]:
        port = int(server.url.split(":")[2].split("/")[0])
        return [{"hostname": "x", "host": host, "port": port} for host in ("::1", "127.0.0.2", "127.0.0.1")]

    async with serving() as (server, _):
        monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", resolve)
        wire = Wire(server.url.replace("127.0.0.1", "several.example"), connections=2, connect=PATIENCE)
        assert (await get(wire)).content == b"{}"
        await wire.aclose()


async def test_nobody_listening_is_a_connection_refused() -> None:
    wire = Wire("http://127.0.0.1:1/", connections=2, connect=PATIENCE)
    with pytest.raises(httpx.TransportError) as caught:
        await get(wire)
    assert isinstance(caught.value.__cause__, aiohttp.ClientConnectorError)
    assert isinstance(caught.value.__cause__.__cause__, ConnectionRefusedError)


async def test_there_are_no_more_connections_than_there_may_be() -> None:
    async with serving() as (server, wire):
        await asyncio.gather(*(get(wire) for _ in range(9)))
    assert server.connections == 2


async def test_a_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    """It may be closed while the request is on its way, which nobody can know before."""

    async def once_a_connection(_: bytes, writer: asyncio.StreamWriter) -> None:
        if len(server.heads) == 2:
            writer.close()
        else:
            writer.write(OK)

    async with serving(once_a_connection) as (server, wire):
        for _ in range(2):
            assert (await get(wire)).content == b"{}"
    assert (server.connections, len(server.heads)) == (2, 3)


async def test_a_new_connection_that_is_closed_is_a_failure() -> None:
    """What asks again is the transport, within its budget."""

    async def close(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with serving(close) as (server, wire):
        with pytest.raises(httpx.HTTPError) as caught:
            await get(wire)
    assert isinstance(caught.value.__cause__, aiohttp.ServerDisconnectedError)
    assert len(server.heads) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + OK,
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n" + OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
    ],
)
async def test_interim_answers_and_chunks(answer: bytes) -> None:
    async with serving(answer) as (server, wire):
        for _ in range(2):
            response = await get(wire)
            assert (response.status_code, response.content) == (200, b"{}")
    assert server.connections == 1


async def test_a_body_that_ends_with_its_connection() -> None:
    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n{}")
        writer.close()

    async with serving(answer) as (server, wire):
        assert [(await get(wire)).content for _ in range(2)] == [b"{}", b"{}"]
    assert server.connections == 2


async def test_headers_come_as_they_are_and_bodies_are_not_decoded() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nX-Name: \xe9\r\nContent-Length: 2\r\n\r\n{}"
    async with serving(answer) as (_, wire):
        request = httpx.Request("GET", "http://x/", extensions={"target": b"/"})
        response = await wire.handle_async_request(request)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        assert [chunk async for chunk in response.stream] == [b"{}"]
        await response.aclose()
    assert (b"X-Name", b"\xe9") in response.headers.raw


async def test_whoever_leaves_a_body_unread_closes_its_connection() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{}"
    async with serving(answer) as (server, wire):
        request = httpx.Request("GET", "http://x/", extensions={"target": b"/"})
        response = await wire.handle_async_request(request)
        await response.aclose()
        await asyncio.wait_for(server.closed.wait(), PATIENCE)
        server.answer = closing
        assert (await get(wire)).content == b"{}"


async def test_whoever_is_cancelled_closes_its_connection() -> None:
    is_asked = asyncio.Event()

    async def hang(_: bytes, __: asyncio.StreamWriter) -> None:
        is_asked.set()

    async with serving(hang) as (server, wire):
        asking = asyncio.ensure_future(get(wire))
        await asyncio.wait_for(is_asked.wait(), PATIENCE)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await asyncio.wait_for(server.closed.wait(), PATIENCE)


async def test_what_is_no_http_is_an_error_of_the_protocol() -> None:
    async with serving(b"SSH-2.0-OpenSSH_9\r\n\r\n") as (_, wire):
        with pytest.raises(httpx.RemoteProtocolError):
            await get(wire)


async def test_a_body_that_is_cut_short_is_a_read_error() -> None:
    async def answer(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}")
        writer.close()

    async with serving(answer) as (_, wire):
        with pytest.raises(httpx.ReadError):
            await get(wire)
