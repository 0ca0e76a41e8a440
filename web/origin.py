"""Where an answer came from, in the words of `Cache-Status` (RFC 9211) and `Server-Timing` (W3C)."""

from typing import Final

from web.headers import Headers

READY: Final[Headers] = [(b"cache-status", b"catalogue; hit")]
"""Of an answer that was ready."""


def executed(seconds: float, reads: int, *, was_asked: bool) -> Headers:
    """Return the headers of an answer that was executed.

    Args:
        seconds: what that took.
        reads: how many requests to the upstream it waited for.
        was_asked: whether the request wanted no ready answer.
    """
    status = b"catalogue; fwd=request" if was_asked else b"catalogue; fwd=miss"
    timing = b"execution;dur=%.2f, upstream;desc=%d" % (seconds * 1000, reads)
    return [(b"cache-status", status), (b"server-timing", timing)]
