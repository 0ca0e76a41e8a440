import hashlib
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.toy import client
from web.errors import RequestError
from web.negotiation import JSON, RESPONSE_JSON
from web.parameters import Parameters
from web.persisted import PersistedDocuments, read_manifest

QUERY = "query Hello($name: String!) { hello(name: $name) }"
HASH = hashlib.sha256(QUERY.encode()).hexdigest()
OTHER = hashlib.sha256(b"{ other }").hexdigest()
ANSWER = {"data": {"hello": "Hello, P!"}}
VARIABLES = {"name": "P"}


def named(sha256: Any = HASH, version: Any = 1) -> dict[str, Any]:
    return {"persistedQuery": {"version": version, "sha256Hash": sha256}}


def error(response: httpx.Response) -> tuple[int, str, str]:
    (only,) = response.json()["errors"]
    assert list(response.json()) == ["errors"]
    return response.status_code, only["extensions"]["code"], only["message"]


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), ("*/*", 200), (RESPONSE_JSON, 400)])
async def test_apollos_protocol(accept: str, status: int) -> None:
    async with client(response_cache_bytes=0) as gateway:
        gateway.headers["accept"] = accept
        unknown = await gateway.post("/graphql", json={"extensions": named(), "variables": VARIABLES})
        both = await gateway.post("/graphql", json={"query": QUERY, "extensions": named(), "variables": VARIABLES})
        known = await gateway.post("/graphql", json={"extensions": named(), "variables": VARIABLES})
        parameters = {"extensions": json.dumps(named()), "variables": json.dumps(VARIABLES)}
        got = await gateway.get("/graphql", params=parameters)
    assert error(unknown) == (status, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    assert unknown.headers["cache-control"] == "no-store"
    assert both.json() == known.json() == got.json() == ANSWER
    assert got.headers["cache-control"].startswith("public, max-age=")


async def test_a_hashed_get_that_is_not_known_is_not_cacheable() -> None:
    async with client() as gateway:
        response = await gateway.get("/graphql", params={"extensions": json.dumps(named())})
    assert error(response)[1] == "PERSISTED_QUERY_NOT_FOUND"
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("extensions", "message"),
    [
        (named(OTHER), "The provided sha256Hash does not match the query."),
        (named(HASH.upper()), "The provided sha256Hash does not match the query."),
        (named(version=2), "Unsupported persisted query version; this server knows version 1."),
        (named(version="1"), "Unsupported persisted query version; this server knows version 1."),
        ({"persistedQuery": {"sha256Hash": HASH}}, "Unsupported persisted query version; this server knows version 1."),
        (named(1), "`extensions.persistedQuery` must be an object with `version` and `sha256Hash`."),
        ({"persistedQuery": []}, "`extensions.persistedQuery` must be an object with `version` and `sha256Hash`."),
    ],
)
async def test_a_wrong_registration_is_refused(extensions: dict[str, Any], message: str) -> None:
    async with client() as gateway:
        response = await gateway.post("/graphql", json={"query": QUERY, "extensions": extensions})
        after = await gateway.post("/graphql", json={"extensions": named(OTHER)})
    assert error(response) == (400, "BAD_REQUEST", message)
    assert error(after)[1] == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_document_is_registered_even_when_its_answer_is_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.persisted.MAX_STORE_BYTES", len(QUERY))
    registration = {"query": QUERY, "extensions": named(), "variables": VARIABLES}
    other = {"query": "{ hello }", "extensions": named(hashlib.sha256(b"{ hello }").hexdigest())}
    async with client() as gateway:
        await gateway.post("/graphql", json={"query": QUERY, "variables": VARIABLES})
        assert (await gateway.post("/graphql", json=registration)).json() == ANSWER
        assert (await gateway.post("/graphql", json={"extensions": named(), "variables": VARIABLES})).json() == ANSWER
        await gateway.post("/graphql", json=other)
        again = {"extensions": named(), "variables": VARIABLES, "operationName": "Hello"}
        assert error(await gateway.post("/graphql", json=again))[1] == "PERSISTED_QUERY_NOT_FOUND"
        assert (await gateway.post("/graphql", json=registration)).json() == ANSWER
        assert (await gateway.post("/graphql", json=again)).json() == ANSWER


async def test_an_invalid_document_is_not_kept() -> None:
    sha256 = hashlib.sha256(b"{ nope }").hexdigest()
    async with client() as gateway:
        await gateway.post("/graphql", json={"query": "{ nope }", "extensions": named(sha256)})
        response = await gateway.post("/graphql", json={"extensions": named(sha256)})
    assert error(response)[1] == "PERSISTED_QUERY_NOT_FOUND"


def test_the_store_is_bounded() -> None:
    documents = PersistedDocuments({})
    for number in range(20):
        text = f"{number:1000000}"
        documents.register(Parameters(query=text, extensions=named(f"hash-{number}")), text)
        documents.text(Parameters(document_id="hash-0"))
    assert documents.text(Parameters(document_id="hash-19")) == text
    assert documents.text(Parameters(document_id="hash-0")), "what is in use stays"
    with pytest.raises(RequestError, match="PersistedQueryNotFound"):
        documents.text(Parameters(document_id="hash-1"))


@pytest.mark.parametrize("spelling", [{"documentId": f"sha256:{HASH}"}, {"documentId": HASH}])
async def test_a_registered_document_has_a_document_id(spelling: dict[str, str]) -> None:
    async with client() as gateway:
        await gateway.post("/graphql", json={"query": QUERY, "extensions": named(), "variables": VARIABLES})
        response = await gateway.post("/graphql", json={**spelling, "variables": VARIABLES})
        got = await gateway.get("/graphql", params={**spelling, "variables": json.dumps(VARIABLES)})
    assert response.json() == got.json() == ANSWER


async def test_a_query_and_a_document_id_are_one_too_many() -> None:
    async with client() as gateway:
        response = await gateway.post("/graphql", json={"query": QUERY, "documentId": HASH})
    assert error(response)[:2] == (400, "BAD_REQUEST")


APOLLO = {
    "format": "apollo-persisted-query-manifest",
    "version": 1,
    "operations": [{"id": "hello-id", "name": "Hello", "type": "query", "body": QUERY}],
}
RELAY = {"hello-id": QUERY}
CODEGEN = {"sha256:hello-id": QUERY}


@pytest.fixture(params=[APOLLO, RELAY, CODEGEN], ids=["apollo", "relay", "codegen"])
def manifest(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(request.param))
    return path


@pytest.mark.parametrize("trusted_only", [True, False])
@pytest.mark.parametrize(
    "spelling",
    [
        {"documentId": "hello-id"},
        {"documentId": "sha256:hello-id"},
        {"doc_id": "hello-id"},
        {"id": "hello-id"},
        {"extensions": named("hello-id")},
    ],
    ids=["documentId", "sha256:", "doc_id", "id", "persistedQuery"],
)
async def test_a_trusted_document_runs_by_its_id(manifest: Path, trusted_only: bool, spelling: dict[str, Any]) -> None:
    async with client(trusted_documents=manifest, trusted_only=trusted_only) as gateway:
        response = await gateway.post("/graphql", json={**spelling, "variables": VARIABLES})
    assert response.json() == ANSWER


async def test_with_trusted_only_nothing_else_runs(manifest: Path) -> None:
    async with client(trusted_documents=manifest, trusted_only=True) as gateway:
        gateway.headers["accept"] = RESPONSE_JSON
        text = await gateway.post("/graphql", json={"query": "{ hello }"})
        registered = await gateway.post(
            "/graphql",
            json={"query": "{ other }", "extensions": named(OTHER)},
        )
        got = await gateway.get("/graphql", params={"query": "{ hello }"})
        unknown = await gateway.post("/graphql", json={"documentId": "other-id"})
        apq = await gateway.post("/graphql", json={"extensions": named(OTHER)})
        trusted = await gateway.post("/graphql", json={"query": QUERY, "variables": VARIABLES})
        both = await gateway.post(
            "/graphql", json={"query": QUERY, "variables": VARIABLES, "extensions": named("hello-id")}
        )
    for refused in (text, registered, got):
        assert error(refused)[:2] == (403, "QUERY_NOT_IN_SAFELIST")
    for refused in (unknown, apq):
        assert error(refused)[:2] == (400, "PERSISTED_QUERY_NOT_IN_LIST")
    assert trusted.json() == both.json() == ANSWER


async def test_without_trusted_only_other_documents_run_too(manifest: Path) -> None:
    async with client(trusted_documents=manifest) as gateway:
        response = await gateway.post("/graphql", json={"query": "{ hello }"})
    assert response.json() == {"data": {"hello": "Hello, world!"}}


async def test_another_text_under_a_trusted_id_is_refused(manifest: Path) -> None:
    async with client(trusted_documents=manifest) as gateway:
        response = await gateway.post("/graphql", json={"query": "{ hello }", "extensions": named("hello-id")})
    assert error(response)[:2] == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "[" * 5000,
        '{"a":' * 5000,
        '{"a": 1}',
        '{"operations": [{"id": 1, "body": ""}]}',
        '{"operations": {}}',
    ],
)
def test_a_bad_manifest_is_one_clear_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"^trusted_documents: .*manifest.json: [^\n]+$"):
        read_manifest(path)


def test_a_missing_manifest_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"^trusted_documents: .*none.json: No such file or directory$"):
        read_manifest(tmp_path / "none.json")


def test_a_manifest_of_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(ValueError, match=r"^trusted_documents: "):
        read_manifest(path)


def test_a_byte_order_mark_in_a_manifest_is_ignored(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(RELAY), encoding="utf-8-sig")
    assert read_manifest(path) == RELAY
