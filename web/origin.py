"""Where an answer came from, in the words of `Cache-Status` (RFC 9211) and `Server-Timing` (W3C)."""

from typing import Final

from web.headers import Headers

READY: Final[Headers] = [(b"cache-status", b"catalogue; hit")]
"""Of an answer that was ready."""


def executed(seconds: float, *, was_asked: bool) -> Headers:
    """Return the headers of an answer that was executed, in `seconds`; `was_asked`: the request wanted no ready one."""
    status = b"catalogue; fwd=request" if was_asked else b"catalogue; fwd=miss"
    return [(b"cache-status", status), (b"server-timing", b"execution;dur=%.2f" % (seconds * 1000))]
