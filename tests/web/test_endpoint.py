import asyncio
import gzip
import json
import logging
import tracemalloc
from collections.abc import Callable
from typing import Any

import brotli  # type: ignore[import-untyped]
import httpx
import pytest
import zstandard
from strawberry import Schema

from tests.patience import PATIENCE
from tests.web.serving import serve
from tests.web.toy import QUERIES_ONLY, SCHEMA, ToySnapshot, client, toy_app
from web.negotiation import JSON, RESPONSE_JSON

STRICT = {"accept": RESPONSE_JSON}


def code(response: httpx.Response) -> str:
    (error,) = response.json()["errors"]
    return str(error["extensions"]["code"])


async def post(query: str, headers: dict[str, str] | None = None, **body: Any) -> httpx.Response:
    async with client() as gateway:
        return await gateway.post("/graphql", json={"query": query, **body}, headers=headers)


async def test_a_query_is_answered() -> None:
    response = await post("{ hello }")
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.content == b'{"data":{"hello":"Hello, world!"}}'


async def test_the_newer_media_type_is_spoken() -> None:
    response = await post("{ hello }", STRICT)
    assert response.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert response.content == b'{"data":{"hello":"Hello, world!"}}'


async def test_fields_come_in_the_order_asked() -> None:
    response = await post('{ b: hello a: hello __typename node { child { name } name } c: required(id: "1") }')
    assert list(response.json()["data"]) == ["b", "a", "__typename", "node", "c"]
    assert list(response.json()["data"]["node"]) == ["child", "name"]


REQUEST_ERRORS = [
    ("{", {}, "GRAPHQL_PARSE_FAILED", 400),
    ("", {}, "GRAPHQL_PARSE_FAILED", 400),
    ('{ hello(name: "\\ud800") }', {}, "GRAPHQL_PARSE_FAILED", 400),
    ("{ nope }", {}, "GRAPHQL_VALIDATION_FAILED", 400),
    ("{ hello @defer }", {}, "GRAPHQL_VALIDATION_FAILED", 400),
    ("subscription { hello }", {}, "GRAPHQL_VALIDATION_FAILED", 400),
    ("query ($id: ID!) { required(id: $id) }", {}, "BAD_USER_INPUT", 400),
    ("query ($id: ID!) { required(id: $id) }", {"variables": {"id": [1]}}, "BAD_USER_INPUT", 400),
    ("query A { hello } query B { hello }", {}, "OPERATION_RESOLUTION_FAILURE", 400),
    ("query A { hello }", {"operationName": "B"}, "OPERATION_RESOLUTION_FAILURE", 400),
    ("{ hello }", {"operationName": "A"}, "OPERATION_RESOLUTION_FAILURE", 400),
]


@pytest.mark.parametrize(("query", "body", "expected", "status"), REQUEST_ERRORS)
async def test_a_request_error_has_no_data(query: str, body: dict[str, Any], expected: str, status: int) -> None:
    response = await post(query, STRICT, **body)
    assert (response.status_code, code(response)) == (status, expected)
    assert list(response.json()) == ["errors"]
    assert response.headers["content-type"].startswith(RESPONSE_JSON)
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("query", "body", "expected", "status"), REQUEST_ERRORS)
async def test_the_older_media_type_says_200_to_a_well_formed_request(
    query: str, body: dict[str, Any], expected: str, status: int
) -> None:
    response = await post(query, {"accept": JSON}, **body)
    assert (response.status_code, code(response)) == (200, expected)
    assert list(response.json()) == ["errors"]


async def test_an_error_says_where() -> None:
    response = await post("{\n  nope\n}")
    assert response.json()["errors"][0]["locations"] == [{"line": 2, "column": 3}]


async def test_an_operation_is_chosen_by_name() -> None:
    response = await post('query A { hello } query B { hello(name: "B") }', operationName="B")
    assert response.json() == {"data": {"hello": "Hello, B!"}}


@pytest.mark.parametrize(
    ("query", "has"), [("query A { hello } query C { hello }", "'A', 'C'"), ("{ hello }", "one without a name")]
)
async def test_a_name_that_no_operation_has_is_told_those_that_some_have(query: str, has: str) -> None:
    response = await post(query, operationName="B")
    assert response.json()["errors"][0]["message"] == f"Unknown operation named 'B'; the document has {has}."


@pytest.mark.parametrize("kind", ["mutation", "subscription"])
async def test_an_operation_that_the_schema_has_not_is_a_request_error(kind: str) -> None:
    async with client(toy_app(schema=QUERIES_ONLY)) as gateway:
        response = await gateway.post("/graphql", json={"query": kind + " { __typename }"}, headers=STRICT)
    assert (response.status_code, code(response)) == (400, "GRAPHQL_VALIDATION_FAILED")


async def test_a_field_error_keeps_the_rest_and_its_code() -> None:
    response = await post("{ hello failing }", STRICT)
    assert response.status_code == 200
    assert response.json() == {
        "errors": [
            {
                "message": "The upstream did not answer.",
                "locations": [{"line": 1, "column": 9}],
                "path": ["failing"],
                "extensions": {"code": "UPSTREAM_TIMEOUT"},
            }
        ],
        "data": {"hello": "Hello, world!", "failing": None},
    }
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("field", ["broken", "veryBroken", "mistyped"])
async def test_an_internal_error_is_masked_and_logged(field: str, caplog: pytest.LogCaptureFixture) -> None:
    response = await post(f"{{ {field} }}", {**STRICT, "x-request-id": "trace-me"})
    (error,) = response.json()["errors"]
    assert error["message"] == "Internal server error"
    assert error["path"] == [field]
    assert error["extensions"] == {"code": "INTERNAL_SERVER_ERROR", "requestId": "trace-me"}
    assert "swordfish" not in response.text
    (record,) = caplog.records
    assert (record.levelno, "trace-me" in record.getMessage()) == (logging.ERROR, True)
    assert record.exc_info


async def test_null_data_is_there_when_execution_began() -> None:
    response = await post("{ veryBroken }", STRICT)
    assert response.status_code == 200
    assert response.json()["data"] is None


async def test_an_argument_that_turns_out_wrong_is_the_clients_mistake() -> None:
    query = "query ($name: String) { hello(name: $name) }"
    response = await post(query, STRICT, variables={"name": None})
    assert code(response) == "BAD_USER_INPUT"


async def test_a_bug_in_the_door_is_a_masked_500(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> ToySnapshot:
        raise RuntimeError("the password is swordfish")

    async with client(toy_app(snapshot=broken)) as gateway:
        response = await gateway.post("/graphql", json={"query": "{ hello }"}, headers={"x-request-id": "r1"})
    assert response.status_code == 500
    assert response.json() == {
        "errors": [
            {"message": "Internal server error", "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": "r1"}}
        ]
    }
    assert "r1" in caplog.text


async def test_a_lone_surrogate_in_an_answer_is_escaped() -> None:
    response = await post("{ surrogate }")
    assert response.content == b'{"data":{"surrogate":"lone \\ud800 surrogate"}}'


@pytest.mark.parametrize(
    "query",
    [
        "{ node {" + " child {" * 60 + " name " + "}" * 62,
        "{ node {" + " child {" * 900 + " name " + "}" * 902,
        "{ node { ...F0 } } "
        + " ".join(f"fragment F{n} on Node {{ child {{ ...F{n + 1} }} }}" for n in range(60))
        + " fragment F60 on Node { name }",
        "{ node { ...F0 } } "
        + " ".join(f"fragment F{n} on Node {{ ...F{n + 1} }}" for n in range(300))
        + " fragment F300 on Node { name }",
        "{ node { ...F } } fragment F on Node { child { ...F } }",
        "{ hello(name: " + "[" * 2000 + "]" * 2000 + ") }",
        "{" + " hello" * 4000 + " }",
        "{ hello }" + "#" * 100_000,
        "\ufeff" * 1000 + "{" * 3000,
        "query (" + " ".join(f"$v{n}: Int" for n in range(1500)) + ") { hello }",
    ],
)
async def test_a_deep_or_huge_document_is_a_clean_error(query: str) -> None:
    response = await post(query, STRICT)
    assert response.status_code == 400
    expected = ("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "MAX_DEPTH_EXCEEDED", "MAX_FRAGMENTS_EXCEEDED")
    assert response.json()["errors"][0]["extensions"]["code"] in expected
    assert len(response.json()["errors"]) <= 101


@pytest.mark.parametrize("length", range(20, 320, 10))
async def test_no_chain_of_fragments_is_too_long_to_answer(length: int) -> None:
    chain = " ".join(f"fragment F{n} on Node {{ ...F{n + 1} }}" for n in range(length))
    response = await post(f"{{ node {{ ...F0 }} }} {chain} fragment F{length} on Node {{ name }}")
    assert response.status_code == 200


async def test_a_document_as_deep_as_allowed_is_answered() -> None:
    response = await post("{ node {" + " child {" * 48 + " name " + "}" * 50)
    assert "errors" not in response.json()


async def test_deep_variables_are_a_clean_error() -> None:
    body = b'{"query": "query ($id: ID!) { required(id: $id) }", "variables": {"id": %b}}'
    async with client() as gateway:
        response = await gateway.post(
            "/graphql", content=body % (b"[" * 900 + b"]" * 900), headers={"content-type": JSON, **STRICT}
        )
    assert response.status_code == 400


@pytest.mark.parametrize("body", [b"1", b'"{ hello }"', b"[]", b"null", b"", b"\xff", b'{"query": "\\udc00"}'])
async def test_a_malformed_body_is_a_400_whatever_the_media_type(body: bytes) -> None:
    async with client() as gateway:
        for accept in (JSON, RESPONSE_JSON):
            response = await gateway.post("/graphql", content=body, headers={"content-type": JSON, "accept": accept})
            assert (response.status_code, code(response)) == (400, "BAD_REQUEST")
            assert response.headers["content-type"].startswith(accept)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "text/plain; application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
    ],
)
async def test_a_simple_cross_site_post_runs_nothing(content_type: str | None) -> None:
    headers = {"content-type": content_type} if content_type else {}
    async with client() as gateway:
        before = (await gateway.post("/graphql", json={"query": "mutation { change }"})).json()["data"]["change"]
        response = await gateway.post("/graphql", content=b'{"query": "mutation { change }"}', headers=headers)
        after = (await gateway.post("/graphql", json={"query": "mutation { change }"})).json()["data"]["change"]
    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert after == before + 1


async def test_a_multipart_upload_is_refused() -> None:
    async with client() as gateway:
        response = await gateway.post(
            "/graphql",
            data={"operations": '{"query": "{ hello }"}', "map": "{}"},
            files={"0": b"file"},
            headers={"apollo-require-preflight": "true"},
        )
    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE"])
async def test_other_methods_are_refused(method: str) -> None:
    async with client() as gateway:
        response = await gateway.request(method, "/graphql")
    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"


async def test_options_says_what_is_allowed() -> None:
    async with client() as gateway:
        response = await gateway.options("/graphql", headers={"origin": "https://evil.example"})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert not any(name.startswith("access-control") for name in response.headers)


@pytest.mark.parametrize("accept", ["text/plain", "application/json;q=0", "image/png, text/html;q=0"])
async def test_a_client_that_takes_no_json_is_told(accept: str) -> None:
    response = await post("{ hello }", {"accept": accept})
    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")


async def get(headers: dict[str, str] | None = None, **parameters: str) -> httpx.Response:
    async with client() as gateway:
        return await gateway.get("/graphql", params=parameters, headers=headers)


async def test_a_get_is_answered() -> None:
    response = await get(query="query Q($n: String!) { hello(name: $n) }", variables='{"n":"G"}', operationName="Q")
    assert response.json() == {"data": {"hello": "Hello, G!"}}


async def test_a_get_without_a_query_is_a_400() -> None:
    response = await get()
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("accept", [JSON, RESPONSE_JSON])
@pytest.mark.parametrize("schema", [SCHEMA, QUERIES_ONLY], ids=["with mutations", "without"])
async def test_a_mutation_over_get_is_a_405(accept: str, schema: Schema) -> None:
    query = "query Q { hello } mutation M { change }"
    async with client(toy_app(schema=schema)) as gateway:
        parameters = {"query": query, "operationName": "M"}
        response = await gateway.get("/graphql", params=parameters, headers={"accept": accept})
    assert (response.status_code, code(response)) == (405, "METHOD_NOT_ALLOWED")
    assert response.headers["allow"] == "POST"


async def test_a_long_url_is_a_414() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/graphql", "query_string": b"x" * 65_536, "headers": []}
    await toy_app()(scope, asyncio.Future, send)
    assert sent[0]["status"] == 414
    assert json.loads(sent[1]["body"])["errors"][0]["extensions"]["code"] == "URI_TOO_LONG"


PREFLIGHTED = [{"apollo-require-preflight": "1"}, {"x-apollo-operation-name": "Q"}, {"content-type": JSON}]
SIMPLE = [{}, {"content-type": "text/plain;application/json"}, {"apollo-require-preflight": ""}]


@pytest.mark.parametrize(("headers", "status"), [*((h, 200) for h in PREFLIGHTED), *((h, 400) for h in SIMPLE)])
async def test_plain_get_can_be_turned_off(headers: dict[str, str], status: int) -> None:
    async with client(allow_plain_get=False) as gateway:
        response = await gateway.get("/graphql", params={"query": "{ hello }"}, headers=headers)
        again = await gateway.get("/graphql", params={"query": "{ hello }"}, headers=headers)
    assert response.status_code == again.status_code == status


async def test_a_request_id_is_kept_or_made() -> None:
    given = await post("{ hello }", {"x-request-id": "abc-123:/+=@_."})
    made = await post("{ hello }")
    assert given.headers["x-request-id"] == "abc-123:/+=@_."
    assert len(made.headers["x-request-id"]) == 16


@pytest.mark.parametrize("bad", ["", "a b", "x" * 129, "a,b", "<script>"])
async def test_a_bad_request_id_is_replaced(bad: str) -> None:
    response = await post("{ hello }", {"x-request-id": bad})
    assert response.headers["x-request-id"] != bad


async def test_every_answer_is_safe() -> None:
    responses = [await post("{ hello }"), await post("{"), await get(), await get(query="{ hello }")]
    for response in responses:
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["x-frame-options"] == "DENY"
        assert response.headers["vary"] == "Accept, Accept-Encoding"


async def test_batches_are_refused_unless_allowed() -> None:
    async with client() as gateway:
        response = await gateway.post("/graphql", json=[{"query": "{ hello }"}])
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


async def test_a_batch_is_answered_in_order() -> None:
    async with client(batch_limit=3) as gateway:
        response = await gateway.post(
            "/graphql", json=[{"query": "{ hello }"}, {"query": "{"}, {"query": "{ failing }"}]
        )
    assert response.status_code == 200
    first, second, third = response.json()
    assert first == {"data": {"hello": "Hello, world!"}}
    assert list(second) == ["errors"]
    assert third["data"] == {"failing": None}
    assert response.headers["cache-control"] == "no-store"


async def test_a_batch_may_ask_for_new_answers() -> None:
    batch = [{"query": "{ counted }"}]
    async with client(batch_limit=1) as gateway:
        first = (await gateway.post("/graphql", json=batch)).json()
        assert (await gateway.post("/graphql", json=batch)).json() == first
        second = await gateway.post("/graphql", json=batch, headers={"cache-control": "no-cache"})
    assert second.json() != first


@pytest.mark.parametrize("size", [0, 4])
async def test_a_batch_is_bounded(size: int) -> None:
    async with client(batch_limit=3) as gateway:
        response = await gateway.post("/graphql", json=[{"query": "{ hello }"}] * size)
    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


async def test_the_answers_of_a_batch_are_bounded_together() -> None:
    size = len((await post("{ long }")).content)
    async with client(batch_limit=4, max_response_bytes=2 * size - 1) as gateway:
        response = await gateway.post("/graphql", json=[{"query": "{ long }"}] * 3 + [{"query": "{ hello }"}])
        allowed = await gateway.post("/graphql", json=[{"query": "{ hello }"}] * 4)
    answers = response.json()
    assert sum("data" in each for each in answers[:3]) == 1, "whichever is done first"
    errors = [each["errors"][0]["extensions"]["code"] for each in answers if "data" not in each]
    assert set(errors) == {"MAX_BYTES_EXCEEDED"}
    assert allowed.json() == [{"data": {"hello": "Hello, world!"}}] * 4


class TestOverTheWire:
    """What only a real server shows."""

    def test_head_is_get_without_a_body(self) -> None:
        with serve(toy_app()) as url, httpx.Client(base_url=url) as gateway:
            got = gateway.get("/graphql", params={"query": "{ long }"})
            head = gateway.head("/graphql", params={"query": "{ long }"})
        assert head.status_code == 200
        assert head.content == b""
        for name in ("content-type", "content-length", "content-encoding", "etag", "vary"):
            assert head.headers[name] == got.headers[name]

    def test_a_large_body_is_a_413(self) -> None:
        large = b'{"query": "{ hello }", "x": "' + b"x" * 2_000_000 + b'"}'
        pieces = (large[start : start + 10_000] for start in range(0, len(large), 10_000))
        with serve(toy_app()) as url, httpx.Client(base_url=url) as gateway:
            known = gateway.post("/graphql", content=large, headers={"content-type": JSON})
            chunked = gateway.post("/graphql", content=pieces, headers={"content-type": JSON})
            after = gateway.post("/graphql", json={"query": "{ hello }"})
        assert (known.status_code, code(known)) == (413, "PAYLOAD_TOO_LARGE")
        assert (chunked.status_code, code(chunked)) == (413, "PAYLOAD_TOO_LARGE")
        assert after.status_code == 200

    def test_a_chunked_body_is_read(self) -> None:
        pieces = iter([b'{"query": "{ he', b'llo }"}'])
        with serve(toy_app()) as url, httpx.Client(base_url=url) as gateway:
            response = gateway.post("/graphql", content=pieces, headers={"content-type": JSON})
        assert response.json() == {"data": {"hello": "Hello, world!"}}

    def test_accept_may_come_in_several_lines(self) -> None:
        headers = [("accept", "text/plain"), ("accept", RESPONSE_JSON)]
        with serve(toy_app()) as url:
            response = httpx.post(f"{url}/graphql", json={"query": "{ hello }"}, headers=headers)
        assert response.headers["content-type"].startswith(RESPONSE_JSON)


async def test_a_client_that_leaves_gets_nothing() -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await asyncio.wait_for(toy_app()(scope, receive, send), PATIENCE)
    assert sent == []


async def test_introspection_is_answered() -> None:
    from graphql import build_client_schema, get_introspection_query

    response = await post(get_introspection_query())
    assert build_client_schema(response.json()["data"]).query_type
    assert json.loads(response.content) == response.json()


CONDITIONS = [
    ("query ($x: Boolean = true) { __typename @include(if: $x) }", "BAD_USER_INPUT"),
    ("query ($x: Boolean = true) { ... @skip(if: $x) { hello } }", "BAD_USER_INPUT"),
    ("query ($x: Boolean = true) { ...F @skip(if: $x) } fragment F on Query { hello }", "BAD_USER_INPUT"),
    ("query ($x: Boolean = true) { __schema { types { name @skip(if: $x) } } }", "BAD_USER_INPUT"),
    ("query ($x: Boolean = true) { node { name @include(if: $x) } }", "BAD_USER_INPUT"),
    ("mutation ($x: Boolean = true) { change @include(if: $x) }", "BAD_USER_INPUT"),
]


@pytest.mark.parametrize("headers", [{}, {"apollo-federation-include-trace": "ftv1"}], ids=["", "traced"])
@pytest.mark.parametrize(("query", "expected"), CONDITIONS)
async def test_null_for_a_condition_is_the_clients_mistake(
    query: str, expected: str, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    response = await post(query, STRICT | headers, variables={"x": None})
    assert code(response) == expected
    assert caplog.records == []


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:]),
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "identity": bytes,
    "": bytes,
}


@pytest.mark.parametrize("coding", ENCODERS)
async def test_an_encoded_body_is_read(coding: str) -> None:
    content = ENCODERS[coding](b'{"query": "{ hello }"}')
    async with client() as gateway:
        headers = {"content-type": JSON, "content-encoding": coding}
        response = await gateway.post("/graphql", content=content, headers=headers)
    assert response.json() == {"data": {"hello": "Hello, world!"}}


@pytest.mark.parametrize("coding", ["deflate", "gzip, br", "compress", "aws-chunked", "\xff"])
async def test_a_coding_that_is_not_known_is_a_415(coding: str) -> None:
    async with client() as gateway:
        headers = [(b"content-type", JSON.encode()), (b"content-encoding", coding.encode("latin-1"))]
        response = await gateway.post("/graphql", content=b"x", headers=headers)
    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert response.headers["accept-encoding"] == "br, gzip, zstd"
    assert "Content-Encoding" in response.text


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_a_body_that_is_not_in_its_coding_is_a_400(coding: str) -> None:
    headers = {"content-type": JSON, "content-encoding": coding}
    whole = ENCODERS[coding](b'{"query": "{ hello }"}' * 10)
    async with client() as gateway:
        for content in (b"{}", whole[:-6], b"\x00" * 70_000):
            response = await gateway.post("/graphql", content=content, headers=headers)
            assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
async def test_a_body_that_grows_is_a_413_before_it_is_there(coding: str) -> None:
    bomb = ENCODERS[coding](b'{"query": "' + b" " * 50_000_000)
    async with client(max_body_bytes=1_000_000) as gateway:
        tracemalloc.start()
        headers = {"content-type": JSON, "content-encoding": coding}
        response = await gateway.post("/graphql", content=bomb, headers=headers)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (response.status_code, code(response)) == (413, "PAYLOAD_TOO_LARGE")
    assert peak < 10_000_000


@pytest.mark.parametrize("length", ["9" * 5000, "1" * 20, "2000000"])
async def test_a_length_is_refused_before_the_body_is_read(length: str) -> None:
    headers = {"content-type": JSON, "content-length": length}
    async with client() as gateway:
        response = await gateway.post("/graphql", content=b"{}", headers=headers)
    assert (response.status_code, code(response)) == (413, "PAYLOAD_TOO_LARGE")
