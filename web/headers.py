"""Headers, as ASGI has them: pairs of bytes."""

import random
import re
from functools import lru_cache
from typing import Final
from urllib.request import parse_http_list

from starlette.types import Scope

Headers = list[tuple[bytes, bytes]]

SECURITY_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
]

TRACE_HEADER: Final = b"apollo-federation-include-trace"
"""With `ftv1`, a router asks for a trace of the operation (`web/tracing.py`)."""

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """Return the request's headers by their lower-case name; lines of one name are joined (RFC 9110, section 5.3)."""
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def request_id_of(headers: dict[bytes, bytes]) -> bytes:
    """Return the client's `X-Request-Id` when it is a plain word of at most 128 characters, else a new one."""
    given = headers.get(b"x-request-id")
    return given if given and _REQUEST_ID.fullmatch(given) else b"%016x" % random.getrandbits(64)


@lru_cache(maxsize=128)
def directives(cache_control: bytes) -> frozenset[str]:
    """Return the names of a `Cache-Control` header's directives, in lower case (RFC 9111, section 5.2)."""
    items = parse_http_list(cache_control.decode("latin-1"))
    return frozenset(item.partition("=")[0].strip().lower() for item in items)


def matches(if_none_match: bytes, tag: bytes) -> bool:
    """Whether an `If-None-Match` header names the entity tag, compared weakly (RFC 9110, section 13.1.2)."""
    given = (each.strip().removeprefix(b"W/") for each in if_none_match.split(b","))
    return if_none_match.strip() == b"*" or tag.removeprefix(b"W/") in given
