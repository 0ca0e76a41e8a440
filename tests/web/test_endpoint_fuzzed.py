"""Whatever comes in: a GraphQL response comes out, and never a 500.

`make fuzz` tries more, 20,000 of each kind, and holds each against a second as well.
"""

import asyncio
import gzip
import json
import os
import time
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.types import ASGIApp

from tests.web.toy import toy_app

APP = toy_app(batch_limit=3, max_lag=60)
"""Its loop stands still between two examples, which is no lag."""
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2000"))
"""Of each of the kinds of requests: bodies, codings, hashes and URLs are HTTP inputs, documents are GraphQL's."""

IS_LONG_RUN = EXAMPLES > 2000

fuzzed = settings(
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
)

names = st.sampled_from(
    ["query", "variables", "operationName", "extensions", "documentId", "id", "persistedQuery", "x"]
)
texts = st.sampled_from(["{ hello }", "{ long }", "query Q($n: String) { hello(name: $n) }", "{", "Q", "1"]) | st.text()
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(), inner, max_size=4),
    max_leaves=8,
)
words = st.sampled_from(
    [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ":",
        ",",
        "!",
        "$",
        "@",
        "...",
        "|",
        "=",
        "&",
        "query",
        "mutation",
        "subscription",
        "fragment",
        "on",
        "Query",
        "Node",
        "hello",
        "name",
        "node",
        "child",
        "pair",
        "long",
        "size",
        "required",
        "id",
        "failing",
        "broken",
        "__typename",
        "__schema",
        "__type",
        "types",
        "fields",
        "if",
        "skip",
        "include",
        "F",
        "G",
        "a",
        "b",
        "$a",
        "$b",
        "Int",
        "String",
        "true",
        "false",
        "null",
        "1",
        "-1",
        "1.5e9",
        '"x"',
        '"""',
        "\\",
        "#",
        "99999999999999999999",
    ]
)
selections = st.recursive(
    st.sampled_from(["hello", "a: hello", "__typename", "...F", "...G", "failing", "long(size: 1)", "hello(name: $a)"]),
    lambda inner: st.lists(inner, min_size=1, max_size=4).map(
        lambda each: "node { " + " ".join(each) + " } ... @include(if: $b) { " + " ".join(each) + " }"
    ),
    max_leaves=12,
)
documents = st.lists(words, max_size=60).map(" ".join) | st.lists(selections, min_size=1, max_size=6).map(
    lambda each: (
        "query ($a: String, $b: Boolean = true) { " + " ".join(each) + " } fragment F on Query { a: hello ...G }"
        " fragment G on Node { child { name } }"
    )
)
CODINGS = {b"gzip": gzip.compress, b"br": brotli.compress, b"zstd": zstandard.ZstdCompressor().compress}
encodings = st.sampled_from([*CODINGS.values()])
known = st.sampled_from(["{ hello }", "{ a: hello }", "{ nope }", "{"])
hashes = known.map(lambda text: sha256(text.encode()).hexdigest()) | st.text("0123456789abcdefABCDEF:sha ", max_size=70)
persisted = st.fixed_dictionaries(
    {},
    optional={
        "query": known | texts,
        "documentId": hashes | hashes.map(lambda each: f"sha256:{each}"),
        "id": hashes,
        "variables": values,
        "extensions": st.fixed_dictionaries(
            {"persistedQuery": st.fixed_dictionaries({"version": st.just(1) | values, "sha256Hash": hashes | values})}
        ),
    },
)
bodies = (
    st.binary()
    | st.builds(lambda encode, body: encode(body), encodings, st.binary())
    | values.map(lambda value: json.dumps(value).encode())
    | st.text().map(lambda query: json.dumps({"query": query}).encode())
)
headers = st.dictionaries(
    st.sampled_from(
        [
            b"accept",
            b"accept-encoding",
            b"x-request-id",
            b"if-none-match",
            b"cache-control",
            b"content-length",
            b"content-encoding",
            b"content-type",
            b"apollo-federation-include-trace",
            b"origin",
        ]
    ),
    st.binary()
    | st.sampled_from(
        [
            b"*/*",
            b"gzip;q=0.1, br",
            b"application/json;q=0",
            b"text/html",
            b"no-cache",
            b"application/*",
            b"gzip",
            b"br",
            b"zstd",
            b"ftv1",
            b"1" * 30,
        ]
    ),
)


async def ask(
    method: str, query: bytes, body: bytes, headers: dict[bytes, bytes]
) -> tuple[int, dict[bytes, bytes], bytes]:
    seconds, answer = await timed(APP, method, query, body, headers)
    if IS_LONG_RUN and seconds > 1:
        # It may have been the collector, with all that Hypothesis holds; not twice.
        seconds, _ = await timed(toy_app(batch_limit=3, max_lag=60), method, query, body, headers)
        assert seconds < 1
    return answer


async def timed(
    app: ASGIApp, method: str, query: bytes, body: bytes, headers: dict[bytes, bytes]
) -> tuple[float, tuple[int, dict[bytes, bytes], bytes]]:
    """Send a request; return the seconds of CPU that it took, as the machine may be busy, and the response."""
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "query_string": query,
        "headers": list({b"content-type": b"application/json", **headers}.items()),
    }
    received = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in received:
            return message
        # The client stays.
        return await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    began = time.thread_time()
    await app(scope, receive, send)
    seconds = time.thread_time() - began
    start, *rest = sent
    return seconds, (start["status"], dict(start["headers"]), b"".join(message["body"] for message in rest))


def check(status: int, headers: dict[bytes, bytes], body: bytes) -> None:
    assert status in (200, 304, 400, 405, 406, 413, 414, 415)
    assert headers[b"x-content-type-options"] == b"nosniff"
    if status == 304 or b"content-encoding" in headers or headers[b"content-type"].startswith(b"text/html"):
        return
    decoded = json.loads(body)
    for response in decoded if isinstance(decoded, list) else [decoded]:
        assert set(response) <= {"data", "errors", "extensions"}
        assert response
        for error in response.get("errors", []):
            assert error["message"]
            assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR"


@pytest.fixture(autouse=True)
def nothing_is_logged(caplog: pytest.LogCaptureFixture) -> Any:
    """Nothing is, but what a resolver of the toy raises."""
    yield
    assert [each for each in caplog.records if "Internal error at ['" not in each.getMessage()] == []


@fuzzed
@given(bodies, headers)
async def test_any_post(body: bytes, headers: dict[bytes, bytes]) -> None:
    check(*await ask("POST", b"", body, headers))


@fuzzed
@given(
    st.binary()
    | texts.map(lambda text: b"query=" + text.encode(errors="surrogatepass"))
    | st.dictionaries(names, st.text() | values.map(json.dumps)).map(
        lambda each: urlencode(each, errors="replace").encode()
    ),
    headers,
)
async def test_any_get(query: bytes, headers: dict[bytes, bytes]) -> None:
    check(*await ask("GET", query, b"", headers))


def cut(body: bytes, at: int, more: bytes) -> bytes:
    """Return a body that is cut, or goes on where it should not."""
    return body[:at] + more if at else body


@fuzzed
@given(
    st.sampled_from([*CODINGS]),
    bodies | persisted.map(lambda each: json.dumps(each).encode()),
    st.just(0) | st.integers(0, 200),
    st.just(b"") | st.binary(),
    headers,
)
async def test_any_body_in_a_coding(
    coding: bytes, body: bytes, at: int, more: bytes, headers: dict[bytes, bytes]
) -> None:
    sent = cut(CODINGS[coding](body), at, more)
    check(*await ask("POST", b"", sent, {**headers, b"content-encoding": coding, b"content-type": b"application/json"}))


@fuzzed
@given(persisted, st.sampled_from(["GET", "POST"]), headers)
async def test_any_hash(asked: dict[str, Any], method: str, headers: dict[bytes, bytes]) -> None:
    headers = {**headers, b"content-type": b"application/json"}
    headers.pop(b"content-encoding", None)
    if method == "POST":
        check(*await ask("POST", b"", json.dumps(asked).encode(), headers))
    else:
        texts = {name: each if isinstance(each, str) else json.dumps(each) for name, each in asked.items()}
        check(*await ask("GET", urlencode(texts, errors="replace").encode(), b"", headers))


@fuzzed
@given(documents, st.none() | st.dictionaries(st.sampled_from("ab"), values), st.none() | st.sampled_from("QF"))
async def test_any_document(query: str, variables: dict[str, Any] | None, name: str | None) -> None:
    body = json.dumps({"query": query, "variables": variables, "operationName": name}).encode()
    status, headers, answer = await ask("POST", b"", body, {})
    if b'"INTERNAL_SERVER_ERROR"' not in answer or b'"broken"' not in answer:
        check(status, headers, answer)
