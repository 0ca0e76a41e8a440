"""What a request gives, and its JSON."""

import json
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import msgspec
from graphql import GraphQLError, GraphQLFormattedError


class Result(msgspec.Struct, frozen=True):
    """The response to one request.

    `data` is JSON; None when nothing was executed, and the response must have no `data` entry (spec, 7.1, "Request
    Errors"). An exception of ours that became an error is its `original_error`.
    """

    data: bytes | None
    errors: list[GraphQLError]


def encode(
    result: Result,
    format_error: Callable[[GraphQLError], GraphQLFormattedError] = attrgetter("formatted"),
    extensions: dict[str, Any] | None = None,
) -> bytes:
    """Encode a response as JSON in UTF-8 (spec, 7.2.2); errors come first, where a person sees them."""
    tail = b',"extensions":%b}' % to_json(extensions) if extensions else b"}"
    if not result.errors:
        return b'{"data":%b%b' % (result.data or b"null", tail)
    errors = to_json([format_error(error) for error in result.errors])
    if result.data is None:
        return b'{"errors":%b%b' % (errors, tail)
    return b'{"errors":%b,"data":%b%b' % (errors, result.data, tail)


def to_json(value: Any) -> bytes:
    """Encode a value as JSON in UTF-8; text that UTF-8 cannot carry (half a surrogate pair) is escaped."""
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, TypeError):
        return json.dumps(value, separators=(",", ":"), default=msgspec.json.decode).encode("ascii")
