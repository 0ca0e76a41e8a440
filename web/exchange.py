"""One HTTP request and its response, as the application sees them (ASGI's HTTP messages).

The head of a response waits for the first piece of its body, and both are written at once: a write costs more than
making what is written. A response that is whole then may wait for others (`web/outbox.py`).
"""

import asyncio
import logging
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import unquote

import httptools
from starlette.types import ASGIApp, Message, Scope

from web.headers import Headers
from web.outbox import Outbox

logger = logging.getLogger(__name__)

STATUS_LINES: Final = {each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\n".encode() for each in HTTPStatus}

HIGH_WATER: Final = 64 * 1024
"""Bytes of a request's body that are taken in before the application asks for them."""

_JOINED_BYTES: Final = 16 * 1024
"""Bytes of a body from which on it is not copied to its head."""

_FORBIDDEN: Final = bytes({*range(32), 127} - {*b"\t"})
"""What must not stand in a header; each line of a head ends with two of these, and so does the head."""

_STREAMS: Final = (b"text/event-stream", b"multipart/mixed")
"""Media types of responses that have no end in sight."""

_WITHOUT_BODY: Final = (204, 304)
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Carrier(Protocol):
    """The connection that an exchange comes over."""

    transport: asyncio.Transport
    outbox: Outbox

    is_full: bool
    """Whether the client has yet to take what was written."""

    @property
    def default_headers(self) -> Headers:
        """Headers of every response."""

    def note_stream(self, *, is_open: bool) -> None:
        """Note that the response is a stream, or that it was one."""

    async def drain(self) -> None:
        """Wait until it is not full."""

    def resume_reading(self) -> None:
        """Take in more of the request's body."""

    def finish(self, exchange: "Exchange") -> None:
        """Go on to what comes after a response that is complete."""

    def fail(self, exchange: "Exchange") -> None:
        """Answer for an application that has failed to."""


class Exchange:
    """A request and its response.

    `keep_alive` says that the connection goes on after it, `is_gone` that nobody waits for the response any more. The
    response `has_begun` once something of it was written, and `is_complete` once all of it was.
    """

    __slots__ = (
        "_body",
        "_carrier",
        "_has_body",
        "_head",
        "_is_chunked",
        "_is_read",
        "_is_stream",
        "_is_whole",
        "_left",
        "_news",
        "_scope",
        "_wants_continue",
        "has_begun",
        "is_complete",
        "is_gone",
        "keep_alive",
    )

    def __init__(self, carrier: Carrier, scope: Scope, *, keep_alive: bool, wants_continue: bool) -> None:
        self.keep_alive = keep_alive
        self.has_begun = self.is_complete = self.is_gone = False
        self._carrier = carrier
        self._scope = scope
        self._wants_continue = wants_continue
        self._news: asyncio.Event | None = None
        self._body: bytes | bytearray = b""
        self._is_whole = self._is_read = False
        self._head: bytes | None = None
        self._has_body = self._is_chunked = self._is_stream = False
        self._left: int | None = None  # of the length that the head says, if it says one

    async def run(self, app: ASGIApp) -> None:
        """Let the application answer; what it leaves open is closed."""
        try:
            await app(self._scope, self._receive, self._send)
        except Exception:
            logger.exception("The application failed")
        else:
            if not (self.is_complete or self.is_gone):
                logger.error("The application did not complete its response")
        finally:
            if not (self.is_complete or self.is_gone):
                self._carrier.fail(self)

    # What the connection tells

    def feed(self, piece: bytes) -> bool:
        """Take in a piece of the request's body; return whether there may come more."""
        if self.is_complete:
            return True
        if not self._body:
            self._body = piece
        elif isinstance(self._body, bytearray):
            self._body += piece
        else:
            self._body = bytearray().join((self._body, piece))  # what grows piece by piece is not copied each time
        if self._news is not None:
            self._news.set()
        return len(self._body) <= HIGH_WATER

    def end(self) -> None:
        """Note that the request is whole."""
        self._is_whole = True
        self._tell()

    def leave(self) -> None:
        """Note that nobody waits for the response."""
        self.is_gone = True
        self._tell()

    def _tell(self) -> None:
        if self._news is not None:
            self._news.set()

    # What the application gets and gives

    async def _receive(self) -> Message:
        """Return the next piece of the body; after the last one, that the client has left or has its response."""
        if self._wants_continue:
            self._wants_continue = False
            self._carrier.outbox.write(self._carrier.transport, (_CONTINUE,))
        while not (self.is_gone or self.is_complete):
            if not self._is_read and (self._body or self._is_whole):
                body, self._body = self._body, b""
                self._is_read = self._is_whole
                return {"type": "http.request", "body": bytes(body), "more_body": not self._is_whole}
            self._carrier.resume_reading()
            if self._news is None:
                self._news = asyncio.Event()
            self._news.clear()
            await self._news.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        """Take the response: its start, and its body in one or more pieces."""
        if self._carrier.is_full and not self.is_gone:
            await self._carrier.drain()
        if self.is_gone:
            return
        if message["type"] != ("http.response.start" if self._head is None else "http.response.body"):
            raise RuntimeError(f"{message['type']} is not what comes next in a response")
        if self._head is None:
            self._start(message["status"], message.get("headers", ()))
            return
        if self.is_complete:
            raise RuntimeError("the response is complete already")
        is_last = not message.get("more_body", False)
        self._write(self._framed(message.get("body", b""), is_last=is_last), is_last=is_last)
        if is_last:
            self.is_complete = True
            if self._is_stream:
                self._carrier.note_stream(is_open=False)
            self._tell()
            self._carrier.finish(self)

    def _start(self, status: int, headers: Headers) -> None:
        """Make the head of the response. Raises `ValueError`: a header holds what it must not."""
        self._wants_continue = False
        given = dict(headers)
        lines = [*self._carrier.default_headers, *headers]
        self._has_body = self._scope["method"] != "HEAD" and status not in _WITHOUT_BODY
        if b"content-length" in given:
            self._left = int(given[b"content-length"])
        elif self._has_body and self._scope["http_version"] != "1.0":
            self._is_chunked = True
            self._is_stream = given.get(b"content-type", b"").startswith(_STREAMS)
            if self._is_stream:
                self._carrier.note_stream(is_open=True)
            lines.append((b"transfer-encoding", b"chunked"))
        else:
            self.keep_alive = self.keep_alive and not self._has_body
        if b"close" in given.get(b"connection", b"").lower():
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append((b"connection", b"close"))
        head = b"\r\n".join([*map(b": ".join, lines), b"\r\n"])
        if len(head) - len(head.translate(None, _FORBIDDEN)) != 2 * (len(lines) + 1):
            raise ValueError("a header of the response holds what it must not")
        self._head = STATUS_LINES.get(status, b"HTTP/1.1 %d \r\n" % status) + head

    def _framed(self, piece: bytes, *, is_last: bool) -> bytes:
        """Return a piece of the body as it is sent. Raises `RuntimeError`: it is too long or too short."""
        if not self._has_body:
            return b""
        if self._is_chunked:
            chunk = b"%x\r\n%b\r\n" % (len(piece), piece) if piece else b""
            return chunk + b"0\r\n\r\n" if is_last else chunk
        if self._left is not None:
            self._left -= len(piece)
            if self._left < 0 or (is_last and self._left):
                raise RuntimeError("the response is not as long as its Content-Length says")
        return piece

    def _write(self, piece: bytes, *, is_last: bool) -> None:
        head, self._head = self._head or b"", b""
        self.has_begun = True
        pieces = (head, piece) if len(piece) > _JOINED_BYTES else (head + piece,)
        outbox = self._carrier.outbox
        if head and is_last:
            outbox.put(self._carrier.transport, pieces)
        elif head or piece:
            outbox.write(self._carrier.transport, pieces)


def scope_of(transport: asyncio.Transport, root_path: str) -> Scope:
    """Return what the requests of one connection have in common."""
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "server": _address(transport, "sockname"),
        "client": _address(transport, "peername"),
        "scheme": "https" if transport.get_extra_info("sslcontext") else "http",
        "root_path": root_path,
    }


def located(url: bytes, root_path: str) -> Scope:
    """Return what the URL of a request says of where it goes, below the path that the server stands under."""
    parts = httptools.parse_url(url)
    path = parts.path.decode("ascii")
    return {
        "path": root_path + (unquote(path) if "%" in path else path),
        "raw_path": root_path.encode("ascii") + parts.path,
        "query_string": parts.query or b"",
    }


def _address(transport: asyncio.Transport, name: str) -> tuple[str, int | None] | None:
    """Return a host and a port; of a Unix socket its path."""
    address = transport.get_extra_info(name)
    if isinstance(address, tuple):
        return str(address[0]), int(address[1])
    return (address, None) if address and isinstance(address, str) else None
