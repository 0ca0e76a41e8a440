import json
from contextlib import suppress
from typing import Any

import pytest

from web.errors import RequestError
from web.parameters import Parameters, read_body, read_url


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The body is empty; a JSON object with a `query` was expected."),
        (b" \n", "The body is empty; a JSON object with a `query` was expected."),
        (b"1", "The body must be a JSON object with a `query`."),
        (b'"{ hello }"', "The body must be a JSON object with a `query`."),
        (b"null", "The body must be a JSON object with a `query`."),
        (b"true", "The body must be a JSON object with a `query`."),
        (b"[1]", "The body must be a JSON object with a `query`."),
        (b'{"query": 1}', "`query` must be a string."),
        (b'{"query": ["{ hello }"]}', "`query` must be a string."),
        (b'[{"query": 1}]', "`query` must be a string."),
        (b'{"query": "{ hello }", "operationName": {}}', "`operationName` must be a string."),
        (b'{"query": "{ hello }", "variables": []}', "`variables` must be an object."),
        (b'{"query": "{ hello }", "variables": "{}"}', "`variables` must be an object."),
        (b'{"query": "{ hello }", "extensions": 1}', "`extensions` must be an object."),
        (b'{"documentId": 1}', "`documentId` must be a string."),
        (b'{"query": "{ hello }", "variables": {"n": 1e999}}', "`variables`: Number out of range."),
        (b'{"query": "\xff"}', "The body is not valid JSON in UTF-8: it is not UTF-8."),
        (b"\xff\xfe{\x00}\x00", "The body is not valid JSON in UTF-8: invalid character (byte 0)."),
        (
            b'{"query": "{ hello }"',
            "The body is not valid JSON in UTF-8: it is cut short, or holds half a surrogate pair.",
        ),
        (b'{"query": "{ hello }"} {}', "The body is not valid JSON in UTF-8: trailing characters (byte 24)."),
        (
            b'{"query": "\\ud800"}',
            "The body is not valid JSON in UTF-8: it is cut short, or holds half a surrogate pair.",
        ),
        (b'{"variables": ' + b'{"a":' * 100_000, "The body is not valid JSON in UTF-8: it is nested too deeply."),
        (b"[" * 100_000, "The body must be a JSON object with a `query`."),
        (b'{"x": ' + b"1" * 5000 + b', "id": "", "\\u0069d": ""}', "`id` is given more than once."),
        (b'{"x": "\xff", "query": "", "\\u0071uery": ""}', "`query` is given more than once."),
        (b'{"\xff": 1, "query": "\\u0071"}', "The body is not valid JSON in UTF-8: it is not UTF-8."),
        (b'{"variables": {"n": ' + b"1" * 5000 + b"}}", "`variables`: Integer value out of range."),
        (b'{"variables": ' + b'{"a":' * 101 + b"1" + b"}" * 102, "`variables` is nested more than 100 levels deep."),
        (
            b'{"extensions": {"a": ' + b"[" * 101 + b"]" * 101 + b"}}",
            "`extensions` is nested more than 100 levels deep.",
        ),
        (
            b'\xef\xbb\xbf\xef\xbb\xbf{"query": "{ a }"}',
            "The body is not valid JSON in UTF-8: invalid character (byte 0).",
        ),
        (b'{"query": "{ a }", "query": "{ b }"}', "`query` is given more than once."),
        (b'{"query": "{ a }", "\\u0071uery": "{ b }"}', "`query` is given more than once."),
        (b'[{"query": "{ a }", "variables": {}, "variables": null}]', "`variables` is given more than once."),
    ],
)
def test_a_malformed_body_is_explained(body: bytes, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_body(body)
    assert caught.value.status == 400
    assert caught.value.errors == [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ hello }"},
        {"query": "{ hello }", "variables": None, "operationName": None, "extensions": None},
        {"query": '{ hello(name: "query") }', "variables": {"query": 1, "variables": {}}},
        {"query": "{ hello }", "unknown": [1, {"query": 1}]},
        {"query": '{ hello(name: "Runé\u20ac\U0001f3c3") }'},
    ],
)
def test_a_good_body_is_read(body: dict[str, Any]) -> None:
    parameters = read_body(json.dumps(body).encode())
    assert isinstance(parameters, Parameters)
    assert parameters.query == body["query"]
    assert parameters.variables == body.get("variables")


@pytest.mark.parametrize("depth", range(940, 1000))
def test_what_is_unknown_may_be_anything_that_is_json(depth: int) -> None:
    """Deep enough for one reader to give up and another not to; with an escape, an integer without end, and no text."""
    unknown = b'"x": ' + b"[" * depth + b"]" * depth + b', "\\u0061": ' + b"1" * 5000 + b', "y": "\xff"'
    with suppress(RequestError):
        assert read_body(b'{"query": "\\u007b a }", ' + unknown + b"}") == Parameters(query="{ a }")


def test_a_byte_order_mark_is_ignored() -> None:
    assert read_body(b'\xef\xbb\xbf{"query": "{ a }"}') == Parameters(query="{ a }")
    url = b"query={a}&variables=%EF%BB%BF{%22a%22:1}&extensions=%EF%BB%BF{}"
    assert read_url(url) == Parameters(query="{a}", variables={"a": 1}, extensions={})


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (b"query=a&query=b", "`query` is given more than once."),
        (b"query=%FF", "The URL's query is not form-encoded UTF-8."),
        (b"query=\xff", "The URL's query is not form-encoded UTF-8."),
        (b"&".join([b"a=1"] * 101), "The URL's query is not form-encoded UTF-8."),
        (b"query=a&variables=[]", "`variables` must be an object, as JSON text."),
        (b"query=a&variables={", "`variables` must be an object, as JSON text."),
        (b"query=a&variables=" + b"[" * 50_000, "`variables` must be an object, as JSON text."),
        (b"query=a&variables=%EF%BB%BF%EF%BB%BF{}", "`variables` must be an object, as JSON text."),
        (b"query=a&variables={%22a%22:" + b"9" * 5000 + b"}", "`variables`: Integer value out of range."),
        (b"variables={%22a%22:" + b"[" * 101 + b"]" * 101 + b"}", "`variables` is nested more than 100 levels deep."),
        (b"query=a&extensions=1", "`extensions` must be an object, as JSON text."),
    ],
)
def test_a_malformed_url_is_explained(query: bytes, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_url(query)
    assert caught.value.status == 400
    assert caught.value.errors[0]["message"] == message


def test_parameters_of_a_url() -> None:
    query = b"query=%7B+hello+%7D&variables=%7B%22a%22%3A1%7D&operationName=&extensions=null&utm_source=x"
    assert read_url(query) == Parameters(query="{ hello }", variables={"a": 1})
