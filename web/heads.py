"""What the head of a request to the endpoint asks for, or forbids."""

from typing import Final

from web import negotiation
from web.errors import RequestError
from web.explain import is_asked
from web.headers import TRACE_HEADER, directives

_CSRF_HEADERS: Final = (b"x-apollo-operation-name", b"apollo-require-preflight")
_SIMPLE_TYPES: Final = (b"text/plain", b"multipart/form-data", b"application/x-www-form-urlencoded")
_UNCACHED: Final = {"no-cache", "no-store"}


def acceptable(headers: dict[bytes, bytes]) -> None:
    """Check that it takes answers as we give them. Raises `RequestError` (406)."""
    accept = headers.get(b"accept")
    if negotiation.media_type(accept) is None and negotiation.stream_type(accept) is None:
        message = f"Answers are `{negotiation.RESPONSE_JSON}` or `{negotiation.JSON}`; the Accept header takes neither."
        raise RequestError(406, "NOT_ACCEPTABLE", message)


def may_be_cached(headers: dict[bytes, bytes]) -> bool:
    """Whether a ready answer will do."""
    if TRACE_HEADER in headers or is_asked(headers):
        return False
    control = headers.get(b"cache-control")
    return control is None or directives(control).isdisjoint(_UNCACHED)


def was_preflighted(headers: dict[bytes, bytes]) -> bool:
    """Whether a browser asks before it sends this across sites, as Apollo Server judges it."""
    essence = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return bool(essence and essence not in _SIMPLE_TYPES) or any(headers.get(name) for name in _CSRF_HEADERS)
