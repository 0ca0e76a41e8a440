"""GETs over aiohttp's pool, parser and TLS, as a transport of httpx's: what all of them share is made once.

httpx-aiohttp's transport asks through aiohttp's session, which makes a URL, headers, timers, cookies and a writer for
each request: three times the CPU. A connector's `connect` for a request that is made once, how it connects, and a
protocol's `set_response_params` and `read`, which the session calls too, are not documented:
`tests/upstream/test_wire.py` says what we rely on (law 11), and nobody else uses them.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final
from weakref import WeakSet

import aiohttp
import httpx
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from httpx_aiohttp.transport import map_aiohttp_exceptions
from yarl import URL

MAX_HEADER_BYTES: Final = 32 * 1024
MAX_HEADERS: Final = 512
IDLE_SECONDS: Final = 1.5
"""The upstream closes an idle connection after 2 s."""

SWITCHING_PROTOCOLS: Final = 101
OK: Final = 200


class Wire(httpx.AsyncBaseTransport):
    """Makes GETs of one server.

    What is asked for is a request's extension `target`, as it goes over the wire; its URL is not looked at. Its headers
    are sent as they are, and none is added.

    Args:
        base_url: whose scheme, host and port are those of the server.
        connections: how many there may be.
        connect: seconds that connecting may take.
    """

    def __init__(self, base_url: str, *, connections: int, connect: float) -> None:
        self._server = URL(base_url).origin()
        self._connections = connections
        self._timeout = aiohttp.ClientTimeout(sock_connect=connect)
        self._used: WeakSet[asyncio.Protocol] = WeakSet()
        self._pool: tuple[_Connector, aiohttp.ClientRequest] | None = None

    async def aclose(self) -> None:
        """Close the pool."""
        if self._pool is not None:
            await self._pool[0].close()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a GET; what it raises are httpx's errors, with aiohttp's as their cause."""
        headers = b"".join([b"%b: %b\r\n" % header for header in request.headers.raw])
        head = b"GET %b HTTP/1.1\r\n%b\r\n" % (request.extensions["target"], headers)
        try:
            message, body = await self._answer(head)
        except Exception:
            with map_aiohttp_exceptions():
                raise
        return httpx.Response(message.code, headers=message.raw_headers, stream=body, request=request)

    async def _answer(self, head: bytes) -> "tuple[RawResponseMessage, _Body]":
        """Send a request's head; again if its connection, which lay idle, turns out to be closed (RFC 9112, 9.3.1)."""
        connection = await self._connected()
        lay_idle = connection.protocol in self._used
        try:
            return await self._ask(connection, head)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            if not lay_idle:
                raise
            return await self._ask(await self._connected(), head)

    async def _ask(self, connection: Connection, head: bytes) -> "tuple[RawResponseMessage, _Body]":
        try:
            protocol = connection.protocol
            if protocol is None or protocol.transport is None:
                raise aiohttp.ServerDisconnectedError()
            protocol.set_response_params(
                read_until_eof=True,
                auto_decompress=False,
                max_line_size=MAX_HEADER_BYTES,
                max_field_size=MAX_HEADER_BYTES,
                max_headers=MAX_HEADERS,
            )
            # uvloop would keep it until all else of this round has run, a hundred other requests for instance.
            protocol.transport.set_write_buffer_limits(high=1)
            protocol.transport.write(head)
            message, payload = await protocol.read()
            while message.code < OK and message.code != SWITCHING_PROTOCOLS:
                message, payload = await protocol.read()
        except HttpProcessingError as error:
            connection.close()
            raise httpx.RemoteProtocolError(error.message) from error
        except BaseException:
            connection.close()
            raise
        self._used.add(protocol)
        payload.on_eof(connection.release)
        return message, _Body(connection, payload)

    async def _connected(self) -> Connection:
        if self._pool is None:
            connector = _Connector(limit=self._connections, keepalive_timeout=IDLE_SECONDS)
            self._pool = connector, aiohttp.ClientRequest("GET", self._server, loop=asyncio.get_running_loop())
        connector, request = self._pool
        try:
            return await connector.connect(request, [], self._timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError(f"Connection timeout to host {self._server}") from error


class _Connector(aiohttp.TCPConnector):
    """Connects to a server of one address, and without TLS, in one step, for two thirds of the CPU.

    Where there are several, aiohttp tries them at the same time (RFC 8305), and hands the loop a socket.
    """

    async def _wrap_create_connection(self, *args: Any, addr_infos: list[Any], **options: Any) -> Any:
        if len(addr_infos) > 1 or options["ssl"] is not None:
            return await super()._wrap_create_connection(*args, addr_infos=addr_infos, **options)
        host, port = addr_infos[0][4][:2]
        return await self._wrap_existing_connection(*args, host=host, port=port, **options)


class _Body(httpx.AsyncByteStream):
    """A response's body as it comes. Its connection goes back to the pool at its end, and is closed before."""

    def __init__(self, connection: Connection, payload: aiohttp.StreamReader) -> None:
        self._connection = connection
        self._payload = payload

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while chunk := await self._payload.readany():
                yield chunk
        except Exception:
            with map_aiohttp_exceptions():
                raise

    async def aclose(self) -> None:
        self._connection.close()
