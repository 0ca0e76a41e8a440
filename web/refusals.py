"""Requests that do not reach the application, or that it fails to answer: why, and the response as bytes."""

from typing import Final

from web.errors import error_body
from web.exchange import STATUS_LINES
from web.headers import SECURITY_HEADERS, Headers
from web.parameters import MAX_URL_BYTES

MAX_HEADERS: Final = 100
MAX_HEADER_BYTES: Final = 32 * 1024
"""Names and values of a request's headers together."""

MAX_CHUNKS: Final = 10_000
"""Chunks of a body: the smaller they are, the more time each byte takes."""

Refusal = tuple[int, str, str]
"""Status, code and message."""

TOO_LONG: Final = (414, "URI_TOO_LONG", f"The URL is longer than {MAX_URL_BYTES} bytes; use POST.")
TOO_MANY: Final = (
    431,
    "REQUEST_HEADER_FIELDS_TOO_LARGE",
    f"A request may have {MAX_HEADERS} headers of {MAX_HEADER_BYTES} bytes together.",
)
SCATTERED: Final = (413, "PAYLOAD_TOO_LARGE", f"A body may come in {MAX_CHUNKS} chunks; send larger ones.")
NO_HTTP: Final = (400, "BAD_REQUEST", "This is not an HTTP request.")
LATE: Final = (408, "REQUEST_TIMEOUT", "The request did not come whole in time.")
FAILED: Final = (500, "INTERNAL_SERVER_ERROR", "Internal server error")
FULL: Final = (503, "OVERLOADED", "There are too many connections; try again.")
ENDING: Final = (503, "SHUTTING_DOWN", "The server is ending; try again.")


def response(refusal: Refusal, default_headers: Headers) -> bytes:
    """Return the whole response to a request that is refused; the connection ends with it."""
    status, code, message = refusal
    body = error_body(code, message)
    lines = [
        *default_headers,
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        *([(b"retry-after", b"1")] if status == 503 else []),
        *SECURITY_HEADERS,
    ]
    return b"".join([STATUS_LINES[status], *(b"%b: %b\r\n" % line for line in lines), b"\r\n", body])
