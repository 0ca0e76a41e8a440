"""What the stub sends: a reply, and what a fault makes of one."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from math import inf
from typing import Final

PAGE: Final = (
    b"<!doctype html>\n<html><head><title>Django Packages</title></head><body>" + b" " * 19_900 + b"</body></html>"
)
HTML: Final = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Reply:
    """One response, not yet delayed: `kind` and `rows` decide its latency; `headers` are whole lines."""

    status: int
    body: bytes
    kind: str = "other"
    rows: int = 0
    content_type: str = "application/json"
    headers: str = ""

    def encode(self, *, with_body: bool) -> bytes:
        """Return the bytes on the wire; HEAD has the headers alone."""
        head = (
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}\r\nContent-Type: {self.content_type}\r\n"
            f"Vary: Accept, Cookie\r\nAllow: GET, HEAD, OPTIONS\r\n{self.headers}"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body if with_body else head.encode()


@dataclass(frozen=True)
class Fault:
    """What happens to a reply instead of being sent.

    Another one is sent in its place; it comes so many seconds later; or a share of its bytes comes, then a reset.
    """

    instead: Reply | None = None
    seconds: float = 0.0
    share: float = 1.0


FAULTS: Final = {
    "500": Fault(Reply(500, PAGE, content_type=HTML)),
    "503": Fault(Reply(503, PAGE, content_type=HTML)),
    "429": Fault(Reply(429, b'{"detail":"Request was throttled."}', headers="Retry-After: 1\r\n")),
    "challenge": Fault(Reply(403, PAGE, content_type=HTML)),
    "proxy": Fault(Reply(404, PAGE, content_type=HTML)),
    "reset": Fault(share=0.0),
    "cut": Fault(share=0.5),
    "slow": Fault(seconds=2.0),
    "hang": Fault(seconds=inf),
}
"""The faults by the name under which the stub can be told to have them. `proxy` is a 404 that is not the API's."""
