"""What a request asks for, read from a JSON body or a URL's query (GraphQL over HTTP, section 5)."""

import json
from typing import Any
from urllib.parse import parse_qsl

import msgspec

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


_KINDS = {"variables": "an object", "extensions": "an object"}
_NAMES = tuple(field.encode_name for field in msgspec.structs.fields(Parameters))
_QUOTED_NAMES = tuple(f'"{name}"'.encode() for name in _NAMES)

_body: msgspec.json.Decoder[Parameters | list[Parameters]] = msgspec.json.Decoder(Parameters | list[Parameters])
_map: msgspec.json.Decoder[dict[str, Any] | None] = msgspec.json.Decoder(dict[str, Any] | None)


def read_body(body: bytes) -> Parameters | list[Parameters]:
    """Read a JSON body: one request, or a batch of them. Raises `RequestError` (400)."""
    if not body.strip():
        raise bad_request("The body is empty; a JSON object with a `query` was expected.")
    try:
        parameters = _body.decode(body)
    except msgspec.ValidationError as error:
        raise bad_request(_explain(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise bad_request(f"The body is not valid JSON in UTF-8: {_reason(body, error)}.") from None
    _refuse_duplicates(body)
    return parameters


def read_url(query_string: bytes) -> Parameters:
    """Read the parameters of a GET; `variables` and `extensions` are JSON text. Raises `RequestError` (400)."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise bad_request("The URL's query is not form-encoded UTF-8.") from None
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise _duplicate(name)
        if name in _NAMES and value:
            values[name] = _map_of(name, value) if name in _KINDS else value
    return msgspec.convert(values, Parameters)


def _map_of(name: str, text: str) -> dict[str, Any] | None:
    try:
        return _map.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise bad_request(f"`{name}` must be {_KINDS[name]}, as JSON text.") from None


def _refuse_duplicates(body: bytes) -> None:
    """Refuse a parameter that is given twice: JSON leaves open which one counts (RFC 8259, section 4)."""
    if b"\\u" not in body and all(body.count(name) < 2 for name in _QUOTED_NAMES):
        return
    # Objects become tuples of pairs and arrays stay lists, so that names that are given twice are still there.
    decoded = json.loads(body, object_pairs_hook=tuple)
    for pairs in [decoded] if isinstance(decoded, tuple) else decoded:
        names = [name for name, _ in pairs]
        for name in _NAMES:
            if names.count(name) > 1:
                raise _duplicate(name)


def _duplicate(name: str) -> RequestError:
    return bad_request(f"`{name}` is given more than once.")


def _explain(message: str) -> str:
    """Turn msgspec's "Expected `object | null`, got `int` - at `$.variables`" into a sentence about the parameter."""
    _, _, path = message.partition(" - at `$")
    name = path.strip("`").partition("]")[2] or path.strip("`")
    name = name.lstrip(".").partition("[")[0].partition(".")[0]
    if name not in _NAMES:
        return "The body must be a JSON object with a `query`."
    if not message.startswith("Expected"):
        return f"`{name}`: {message.partition(' - at')[0]}."
    return f"`{name}` must be {_KINDS.get(name, 'a string')}."


def _reason(body: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    try:
        json.loads(body.decode())
    except ValueError:
        return str(error).removeprefix("JSON is malformed: ")
    return "it holds a lone surrogate"
