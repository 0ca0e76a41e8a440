"""One connection: HTTP/1.1 over httptools' parser, as uvicorn's server wants it (`Config.http`).

uvicorn's own protocol leaves bounds to a proxy in front, and costs as much as our part of an executed request. This one
has bounds on how slow and how large a request may come, ends without resetting anybody, and writes a response at once.
"""

import asyncio
from collections import deque
from typing import Any, NoReturn

import httptools
import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

from web import refusals
from web.connections import LINGER_SECONDS, Connections, OpenConnection, Pace
from web.exchange import Exchange, located, scope_of
from web.handshake import handshake
from web.headers import Headers
from web.parameters import MAX_URL_BYTES
from web.refusals import MAX_CHUNKS, MAX_HEADER_BYTES, MAX_HEADERS, Refusal
from web.tasks import begin


class Connection(asyncio.Protocol, OpenConnection):
    """One connection, within `connections.limits`. The other arguments are what uvicorn makes a protocol with."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        connections: Connections,
    ) -> None:
        self.loop = _loop or asyncio.get_running_loop()
        self._config = config
        self._app: ASGIApp = config.loaded_app
        self._root_path = config.root_path
        self._server = server_state
        self._state = app_state
        self._connections = connections
        self.outbox = connections.outbox
        self._parser = httptools.HttpRequestParser(self)
        # Who says that this is the last request may send more, which is not answered, before that is.
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._refusal: Refusal | None = None
        self._is_over = False
        # The request that is coming
        self._coming: Exchange | None = None
        self._in_head, self._url = False, b""
        self._headers: Headers = []
        self._head_bytes = self._header_bytes = self._chunks = 0
        self._handshake: bytes | None = None
        # The requests that have come
        self._running: Exchange | None = None
        self._waiting: deque[Exchange] = deque()
        # Flow
        self._is_paused = self.is_full = False
        self._drained = asyncio.Event()

    # What the server and its clock ask

    @property
    def is_listening(self) -> bool:
        """Whether it takes in what the client sends."""
        return not (self._is_over or self._is_paused)

    def refuse_late(self) -> None:
        """Answer that the request did not come in time, and close."""
        self._refuse(refusals.LATE)

    def shutdown(self) -> None:
        """Answer what is on its way, and close."""
        self._connections.is_ending = True
        if self._running is None:
            self.loop.call_later(LINGER_SECONDS, self._close_idle)
        else:
            (self._waiting[-1] if self._waiting else self._running).keep_alive = False

    def end(self) -> None:
        """Answer for the application what it has not answered by now."""
        if self._running is not None and not self._is_over:
            self._refuse(refusals.ENDING)

    def _close_idle(self) -> None:
        if self._running is None:
            self.close()

    # asyncio's callbacks

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        self.transport = transport
        self._server.connections.add(self)  # type: ignore[arg-type]
        self._scope = scope_of(transport, self._root_path)
        self.pace = Pace(self._connections.limits, self.loop.time())
        if not self._connections.add(self, self.loop):
            self._is_over = True
            transport.write(refusals.response(refusals.FULL, self.default_headers))
            transport.close()
        elif self._connections.is_ending:
            self.shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._server.connections.discard(self)
        self._connections.remove(self)
        self._waiting.clear()
        self._tell_gone()
        self.resume_writing()
        del self._parser  # which refers to this

    def pause_writing(self) -> None:
        """Let the application wait: the client has yet to take what was written."""
        self.is_full = True
        self._drained.clear()

    def resume_writing(self) -> None:
        """Let the application go on."""
        self.is_full = False
        self._drained.set()

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        if self._is_over:
            return
        self.pace.has_sent = True
        self.pace.idle_since = None
        if self.pace.began is None and self._running is None:
            self.pace.began = self.loop.time()
        was_in_head, was_idle = self._in_head, self._running is None
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._handshake is not None:
                self._hand_over(self._handshake, data[upgrade.args[0] :])
                return  # to anything else, the request is answered as any other (RFC 9110, section 7.8)
        except httptools.HttpParserError:
            self._refuse(self._refusal or refusals.NO_HTTP)
            return
        if was_idle and self._running is not None:
            self.outbox.open(self.loop)
            self._keep(begin(self._running.run(self._app), self.loop))
        self._head_bytes = self._head_bytes + len(data) if was_in_head and self._in_head else 0
        if self._head_bytes > MAX_URL_BYTES + 2 * MAX_HEADER_BYTES:
            self._refuse(refusals.TOO_MANY)

    # The parser's callbacks
    def on_message_begin(self) -> None:
        """Begin a request."""
        self._in_head, self._url, self._headers, self._header_bytes, self._chunks = True, b"", [], 0, 0
        if self.pace.began is None:
            self.pace.began = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the URL."""
        self._url += url
        if len(self._url) > MAX_URL_BYTES:
            self._raise(refusals.TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, or leave one that comes after the body."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES:
            self._raise(refusals.TOO_MANY)
        if self._in_head:
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Begin to answer, or let the request wait for those before it."""
        self._in_head = False
        if len(self._headers) > MAX_HEADERS:
            self._raise(refusals.TOO_MANY)
        if self._parser.should_upgrade() and self._running is None:
            self._handshake = handshake(self._parser.get_method().decode("ascii"), self._url, self._headers)
            if self._handshake is not None:
                return
        version = self._parser.get_http_version()
        scope = {
            **self._scope,
            **located(self._url, self._root_path),
            "http_version": version,
            "method": self._parser.get_method().decode("ascii"),
            "headers": self._headers,
            "state": self._state.copy(),
        }
        is_kept = version != "1.0" and self._parser.should_keep_alive() and not self._connections.is_ending
        wants_continue = dict(self._headers).get(b"expect", b"").lower() == b"100-continue"
        exchange = self._coming = Exchange(self, scope, keep_alive=is_kept, wants_continue=wants_continue)
        if self._running is None:
            self._running = exchange  # it begins once all is read that has come
        else:
            self._waiting.append(exchange)
            self._pause_reading()

    def on_chunk_header(self) -> None:
        """Count a chunk of the body."""
        self._chunks += 1
        if self._chunks > MAX_CHUNKS:
            self._raise(refusals.SCATTERED)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body."""
        if self._coming is not None and not self._coming.feed(body):
            self._pause_reading()

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        if self._coming is not None:
            self._coming.end()
            self._coming = None
        self.pace.began = None
        self.pace.idle_since = self.loop.time() if self._running is None else None

    def _raise(self, refusal: Refusal) -> NoReturn:
        self._refusal = refusal
        raise httptools.HttpParserCallbackError(refusal[1])

    # What an exchange asks

    @property
    def default_headers(self) -> Headers:
        """Headers of every response."""
        return self._server.default_headers

    def note_stream(self, *, is_open: bool) -> None:
        """Note that the response is a stream, or that it was one."""
        self._connections.note_stream(self, is_open=is_open)

    async def drain(self) -> None:
        """Wait until the client has taken most of what was written."""
        await self._drained.wait()

    def resume_reading(self) -> None:
        """Take in more of a request."""
        if self._is_paused and not self._waiting:
            self._is_paused = False
            self.transport.resume_reading()

    def finish(self, exchange: Exchange) -> None:
        """Go on to the next request, or wait for one."""
        self._server.total_requests += 1
        self._running = None
        if not exchange.keep_alive:
            self._is_over = True
            self.outbox.flush()
            self.linger(self.loop) if self._coming is exchange else self.transport.close()
        elif not self.transport.is_closing():
            if self._waiting:
                self._running = self._waiting.popleft()
                self._keep(self.loop.create_task(self._running.run(self._app)))
            elif self.pace.began is None:
                self.pace.idle_since = self.loop.time()
            self.resume_reading()

    def fail(self, exchange: Exchange) -> None:
        """Answer for an application that has failed to."""
        if exchange is self._running and not self._is_over:
            self._refuse(refusals.ENDING if self._connections.is_ending else refusals.FAILED)

    def _hand_over(self, handshake: bytes, more: bytes) -> None:
        """Let a WebSocket go on with the connection, from its handshake and what came behind."""
        self.outbox.flush()
        self._is_over = True
        self._server.connections.discard(self)
        websocket: Any = self._config.ws_protocol_class(self._config, self._server, self._state)  # type: ignore
        self._connections.replace(self, websocket)
        websocket.begin(self.transport, handshake, more)

    def _keep(self, task: asyncio.Task[None] | None) -> None:
        """Let the server know of a task, which it waits for at its end."""
        if task is not None:
            self._server.tasks.add(task)
            task.add_done_callback(self._server.tasks.discard)

    def _pause_reading(self) -> None:
        if not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()

    def _refuse(self, refusal: Refusal) -> None:
        """Answer for the application, and close once the client had time to read that."""
        self._is_over = True
        self.outbox.flush()
        running = self._tell_gone()
        if running is not None and running.has_begun:
            self.transport.close()
            return
        self.transport.write(refusals.response(refusal, self.default_headers))
        self.linger(self.loop)

    def _tell_gone(self) -> Exchange | None:
        """Tell the application that nobody waits for its response; return what it worked on."""
        running, self._running = self._running, None
        if running is not None:
            running.leave()
        return running
