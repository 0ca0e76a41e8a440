"""What uvicorn's HTTP protocol lacks: bounds on connections, on how slow and how large a request may come, and an end
that resets nobody.

uvicorn leaves these to a proxy in front. Here they stand on its `HttpToolsProtocol`; what is used of it beside its
callbacks is named in `tests/web/test_protocol.py`, so that an upgrade breaks there.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Any, Final

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from web.errors import error_body
from web.headers import SECURITY_HEADERS
from web.parameters import MAX_URL_BYTES

logger = logging.getLogger(__name__)

MAX_HEADERS: Final = 100
MAX_HEADER_BYTES: Final = 32 * 1024
"""Names and values of a request's headers together."""

MIN_SEND_BYTES: Final = 10 * 1024
"""What a client must take of a response in each `send_timeout`, if there is as much left."""

LINGER_SECONDS: Final = 2.0
"""How long a connection is kept at its end, for what is on its way."""

SWEEP_SECONDS: Final = 0.5

Refusal = tuple[int, str, str]
"""The status, code and message of a request that does not reach the application."""

_TOO_LONG: Final = (414, "URI_TOO_LONG", f"The URL is longer than {MAX_URL_BYTES} bytes; use POST.")
_TOO_MANY: Final = (
    431,
    "REQUEST_HEADER_FIELDS_TOO_LARGE",
    f"A request may have {MAX_HEADERS} headers of {MAX_HEADER_BYTES} bytes together.",
)
_NO_HTTP: Final = (400, "BAD_REQUEST", "This is not an HTTP request.")
_LATE: Final = (408, "REQUEST_TIMEOUT", "The request did not come whole in time.")
_FULL: Final = (503, "OVERLOADED", "There are too many connections; try again.")
_ENDING: Final = (503, "SHUTTING_DOWN", "The server is ending; try again.")


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds of connections. Times are in seconds.

    Up to `max_connections` are open at once. A request must have come whole, head and body, within `receive_timeout`,
    and a client must take `MIN_SEND_BYTES` of a response in each `send_timeout`.
    """

    max_connections: int
    receive_timeout: float
    send_timeout: float


class Connections:
    """The open connections of one server, and the clock that drops those that are too slow."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.is_ending = False
        self._open: dict[Connection, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._refused = self._dropped = 0

    def add(self, connection: "Connection") -> bool:
        """Take a connection in. With too many, the one that waits longest for its client goes; False if none does."""
        if len(self._open) >= self.limits.max_connections and not self._make_room():
            self._refused += 1
            return False
        self._open[connection] = None
        if self._timer is None:
            self._timer = connection.loop.call_later(SWEEP_SECONDS, self._sweep, connection.loop)
        return True

    def remove(self, connection: "Connection") -> None:
        """Forget a connection that is closed."""
        self._open.pop(connection, None)

    def _make_room(self) -> bool:
        waiting = [(each.waits_since, id(each), each) for each in self._open if each.waits_since is not None]
        if waiting:
            self._drop(min(waiting)[2])
        return bool(waiting)

    def _drop(self, connection: "Connection") -> None:
        self._dropped += 1
        self.remove(connection)
        connection.transport.abort()

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for each in list(self._open):
            if each.is_stalled(now) or each.is_silent(now):
                self._drop(each)
            elif each.is_late(now):
                each.refuse(_LATE)
        if self._refused or self._dropped:
            logger.warning(
                "Connections: refused %d, dropped %d that were slow or made room; %d are open",
                self._refused,
                self._dropped,
                len(self._open),
            )
            self._refused = self._dropped = 0
        self._timer = loop.call_later(SWEEP_SECONDS, self._sweep, loop) if self._open else None


class Connection(HttpToolsProtocol):
    """One connection: uvicorn's, within `connections.limits`."""

    def __init__(self, *args: Any, connections: Connections, **options: Any) -> None:
        super().__init__(*args, **options)
        self._connections = connections
        self._refusal: Refusal | None = None
        self._is_over = False
        self._running: Any = None  # the cycle of the request that the application works on
        self._began: float | None = None  # when the request that is not whole yet began to come
        self._idle_since: float | None = None
        self._in_head = False
        self._is_new = True
        self._head_bytes = self._header_bytes = 0
        self._unsent: tuple[float, int] | None = None

    # What the server and its clock ask

    @property
    def waits_since(self) -> float | None:
        """Since when the client is waited for; None while a response is made."""
        return self._idle_since if self._began is None else self._began

    def is_silent(self, now: float) -> bool:
        """Whether nothing ever came."""
        return self._is_new and self._began is not None and self._is_past(now)

    def is_late(self, now: float) -> bool:
        """Whether a request has been coming for too long."""
        return not (self._is_over or self.flow.read_paused) and self._is_past(now)

    def is_stalled(self, now: float) -> bool:
        """Whether the client has taken too little of a response."""
        size = self.transport.get_write_buffer_size()
        if not size or self._unsent is None or size > self._unsent[1]:
            self._unsent = (now, size) if size else None
            return False
        since, before = self._unsent
        if now - since < self._connections.limits.send_timeout:
            return False
        self._unsent = (now, size)
        return before - size < MIN_SEND_BYTES

    def _is_past(self, now: float) -> bool:
        return self._began is not None and now - self._began > self._connections.limits.receive_timeout

    def shutdown(self) -> None:
        """Answer what is on its way, and close."""
        self._connections.is_ending = True
        if self._is_idle:
            self.loop.call_later(LINGER_SECONDS, self._close_idle)
        else:
            self.cycle.keep_alive = False

    def end(self) -> None:
        """Answer for the application what it has not answered by now."""
        if not (self._is_idle or self._is_over):
            self.refuse(_ENDING)

    @property
    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _close_idle(self) -> None:
        if self._is_idle and not self.transport.is_closing():
            self.transport.close()

    # asyncio's callbacks

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin."""
        super().connection_made(transport)
        self._began = self.loop.time()
        if not self._connections.add(self):
            self._is_over = True
            transport.write(self._response(_FULL))
            transport.close()
        elif self._connections.is_ending:
            self.shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._connections.remove(self)
        # uvicorn tells the request that came last; with several under way, that is another one.
        self.pipeline.clear()
        self._tell_gone()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        if self._is_over:
            return
        self._unset_keepalive_if_required()
        self._is_new = False
        if self._began is None and self._is_idle:
            self._began = self.loop.time()
        if self._in_head or self._is_idle:
            self._head_bytes += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # there is nothing to upgrade to; the request is answered as any other (RFC 9110, section 7.8)
        except httptools.HttpParserError:
            self.refuse(self._refusal or _NO_HTTP)
            return
        if self._in_head and self._head_bytes > MAX_URL_BYTES + 2 * MAX_HEADER_BYTES:
            self.refuse(_TOO_MANY)

    def refuse(self, refusal: Refusal) -> None:
        """Answer for the application, and close once the client had time to read that."""
        self._is_over = True
        self._tell_gone()
        if self._running is not None and self._running.response_started and not self._running.response_complete:
            self.transport.close()
            return
        self.transport.write(self._response(refusal))
        # To close while the client sends would reset the connection, and the answer might be lost.
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _tell_gone(self) -> None:
        """Tell the application that nobody waits for its response."""
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()

    def _response(self, refusal: Refusal) -> bytes:
        status, code, message = refusal
        body = error_body(code, message)
        lines = [
            *self.server_state.default_headers,
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"connection", b"close"),
            *([(b"retry-after", b"1")] if status == 503 else []),
            *SECURITY_HEADERS,
        ]
        return b"".join([STATUS_LINE[status], *(b"%b: %b\r\n" % line for line in lines), b"\r\n", body])

    # The parser's callbacks

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_head = True
        self._header_bytes = 0
        if self._began is None:
            self._began = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the URL."""
        super().on_url(url)
        if len(self.url) > MAX_URL_BYTES:
            self._raise(_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        super().on_header(name, value)
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADER_BYTES or len(self.headers) > MAX_HEADERS:
            self._raise(_TOO_MANY)

    def on_headers_complete(self) -> None:
        """Begin to answer."""
        super().on_headers_complete()
        self._in_head = False
        self._head_bytes = 0
        if self._connections.is_ending:
            self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        super().on_message_complete()
        self._began = None
        self._idle_since = self.loop.time() if self._is_idle else None

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """Go on to the next request, or wait for one."""
        super().on_response_complete()
        self._idle_since = self.loop.time() if self._is_idle and self._began is None else None

    def _raise(self, refusal: Refusal) -> None:
        self._refusal = refusal
        raise httptools.HttpParserCallbackError(refusal[1])
