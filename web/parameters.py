"""What a request asks for, read from a JSON body or a URL's query (GraphQL over HTTP, section 5)."""

import operator
from codecs import BOM_UTF8
from collections.abc import Iterable
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

import msgspec
from msgspec import Raw

from web.errors import RequestError, bad_request


class Parameters(msgspec.Struct, frozen=True):
    """The parameters of one GraphQL request; `documentId`, `doc_id` and `id` all name a persisted document."""

    query: str | None = None
    operation_name: str | None = msgspec.field(default=None, name="operationName")
    variables: dict[str, Any] | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = msgspec.field(default=None, name="documentId")
    doc_id: str | None = None
    id: str | None = None

    @property
    def registers(self) -> bool:
        """Whether it gives a document's text together with its hash, as Apollo's clients do to register it."""
        return self.query is not None and bool(self.extensions and self.extensions.get("persistedQuery"))

    @property
    def asks_cost(self) -> bool:
        """Whether the answer is to say what the operation costs."""
        return bool(self.extensions) and (self.extensions or {}).get("cost") is True


class _Name(str):
    """A name in an object; equal to no other, so that an object keeps one that is given twice."""

    __slots__ = ()
    __eq__ = object.__eq__
    __hash__ = object.__hash__


_Value: TypeAlias = str | dict[str, Any] | None
_Object: TypeAlias = dict[_Name, Raw]

MAX_URL_BYTES: Final = 65_535
"""The server's parser takes no longer URL."""

LONG_BYTES: Final = 32 * 1024
"""Bytes of a request from which on an operation waits for its turn to be read."""

SECONDS_A_BYTE: Final = 30e-9
"""What a byte of it takes, roughly, until it is run."""

MAX_DEPTH: Final = 100
"""Levels of lists and objects in a parameter: what every reader and writer of JSON takes, and then some."""

_MAPS: Final = ("variables", "extensions")
_ATTRIBUTES: Final = {field.encode_name: field.name for field in msgspec.structs.fields(Parameters)}

_objects: Final[msgspec.json.Decoder[_Object | list[_Object]]] = msgspec.json.Decoder(
    _Object | list[_Object], dec_hook=operator.call
)
_text: Final[msgspec.json.Decoder[str | None]] = msgspec.json.Decoder(str | None)
_map: Final[msgspec.json.Decoder[dict[str, Any] | None]] = msgspec.json.Decoder(dict[str, Any] | None)


def read_body(body: bytes) -> Parameters | list[Parameters]:
    """Read a JSON body: one request, or a batch of them. Raises `RequestError` (400).

    The objects are taken apart by name and their values are decoded one by one, so that a name that is given twice is
    seen: JSON leaves open which one counts (RFC 8259, section 4). A byte order mark is ignored (section 8.1).
    """
    body = body.removeprefix(BOM_UTF8)
    if not body.strip():
        raise bad_request("The body is empty; a JSON object with a `query` was expected.")
    try:
        decoded = _objects.decode(body)
        if not isinstance(decoded, list):
            return _parameters(decoded.items())
        return [_parameters(each.items()) for each in decoded]
    except msgspec.ValidationError:
        raise bad_request("The body must be a JSON object with a `query`.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_request(f"The body is not valid JSON in UTF-8: {_reason(error)}.") from None


def read_url(query_string: bytes) -> Parameters:
    """Read the parameters of a GET; `variables` and `extensions` are JSON text. Raises `RequestError` (400)."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise bad_request("The URL's query is not form-encoded UTF-8.") from None
    return _parameters((name, text) for name, text in pairs if text)


def _parameters(given: Iterable[tuple[str, Raw | str]]) -> Parameters:
    """Make the parameters of names and values: JSON from a body, texts from a URL."""
    values: dict[str, _Value] = {}
    for each, value in given:
        name = str(each)
        attribute = _ATTRIBUTES.get(name)
        if attribute is None:
            continue
        if attribute in values:
            raise bad_request(f"`{name}` is given more than once.")
        values[attribute] = _map_of(name, value) if name in _MAPS else _text_of(name, value)
    return Parameters(**values)  # type: ignore[arg-type]


def _text_of(name: str, value: Raw | str) -> str | None:
    try:
        return value if isinstance(value, str) else _text.decode(value)
    except msgspec.ValidationError:
        raise bad_request(f"`{name}` must be a string.") from None


def _map_of(name: str, value: Raw | str) -> dict[str, Any] | None:
    is_text = isinstance(value, str)
    try:
        decoded = _map.decode(value.removeprefix("\ufeff") if isinstance(value, str) else value)
    except msgspec.ValidationError as error:
        reason = str(error)
        if reason.startswith("Expected"):
            raise _no_map(name, is_text) from None
        raise bad_request(f"`{name}`: {reason.partition(' - at')[0]}.") from None
    except (msgspec.DecodeError, RecursionError):
        if is_text:
            raise _no_map(name, is_text) from None
        raise
    length = len(memoryview(value) if isinstance(value, Raw) else value)
    if length > 2 * MAX_DEPTH and _is_deep(decoded):  # a level takes two brackets
        raise bad_request(f"`{name}` is nested more than {MAX_DEPTH} levels deep.")
    return decoded


def _no_map(name: str, is_text: bool) -> RequestError:
    return bad_request(f"`{name}` must be an object{', as JSON text' if is_text else ''}.")


def _is_deep(value: object) -> bool:
    """Whether lists and objects stand more than `MAX_DEPTH` levels deep; a level at a time, without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [item for each in level if isinstance(each, dict | list) for item in _items(each)]
        if not level:
            return False
    return True


def _items(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    reason = str(error).removeprefix("JSON is malformed: ")
    # msgspec says the same of both.
    return "it is cut short, or holds half a surrogate pair" if reason == "Input data was truncated" else reason
