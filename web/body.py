"""The body of a POST: JSON by its headers, bounded while it arrives and while it is decompressed."""

from asyncio import to_thread
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from web import negotiation
from web.compression import DecompressionError, decompress
from web.errors import RequestError, bad_request

_THREAD_BYTES: Final = 64 * 1024
"""Compressed bytes from which on another thread decompresses them."""

_MAX_DIGITS: Final = 20


async def read(headers: dict[bytes, bytes], receive: Receive, limit: int) -> bytes:
    """Return a request's body without its content coding: at most `limit` bytes, compressed or not.

    Raises:
        RequestError: it is not JSON by its `Content-Type` (415), is in a coding that is not known (415) or not in the
            coding that is named (400), or is too large (413).
        ClientDisconnect: the client left before the body was complete.
    """
    if not negotiation.is_json(headers.get(b"content-type")):
        raise RequestError(415, "UNSUPPORTED_MEDIA_TYPE", "A POST must have the Content-Type `application/json`.")
    coding = _coding(headers[b"content-encoding"]) if b"content-encoding" in headers else None
    length = headers.get(b"content-length", b"")
    if length.isdigit() and (len(length) > _MAX_DIGITS or int(length) > limit):
        raise _too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body") or message["type"] == "http.disconnect" or len(body) > limit:
        body = await _whole(message, receive, limit)
    if coding is None:
        return body
    try:
        body = (
            await to_thread(decompress, body, coding, limit)
            if len(body) > _THREAD_BYTES
            else decompress(body, coding, limit)
        )
    except DecompressionError:
        raise bad_request(f"The body is not what its Content-Encoding says: `{coding}`.") from None
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _coding(header: bytes) -> str | None:
    """Return the content coding of a body; None for none. Raises `RequestError` (415)."""
    named = header.decode("latin-1").strip().lower()
    coding = {"x-gzip": "gzip", "identity": None, "": None}.get(named, named)
    if coding is None or coding in negotiation.ENCODINGS:
        return coding
    known = ", ".join(negotiation.ENCODINGS)
    message = f"The Content-Encoding of a body may be one of {known}."
    raise RequestError(415, "UNSUPPORTED_MEDIA_TYPE", message, headers=[(b"accept-encoding", known.encode())])


async def _whole(message: Message, receive: Receive, limit: int) -> bytes:
    """Return a body that comes in several messages, of which the first is there."""
    pieces: list[bytes] = []
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if size > limit:
            raise _too_large(limit)
        if not message.get("more_body"):
            return b"".join(pieces)
        message = await receive()


def _too_large(limit: int) -> RequestError:
    return RequestError(413, "PAYLOAD_TOO_LARGE", f"The body is larger than {limit} bytes.")
