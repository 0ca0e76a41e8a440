"""`@defer` and `@stream` are ignored: the answer is what it would be without them, in one body, whoever asks."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import parse

from execution import Operation, Result, execute, prepare
from execution.internals import graphql_schema
from server import create_app
from settings import Settings
from tests.execution import toy
from tests.queries import SCHEMA
from tests.web.serving import serve

DEFERRED = (
    'query ($on: Boolean = true) { package(slug: "django-loci") { title ... @defer(if: $on, label: "a") { slug } } }'
)
STREAMED = '{ package(slug: "django-loci") { grids @stream(initialCount: 1, label: "b") { title } } }'
ALLOWED = [
    DEFERRED,
    STREAMED,
    "{ ... @defer { categories { slug } } __typename }",
    "{ __typename ... on Query @defer(label: null) { categories { slug } } }",
    "{ ...A @defer ...A ...A @defer(if: false) } fragment A on Query { categories { slug } }",
    "{ ...A @defer } fragment A on Query { ...B @defer } fragment B on Query { categories { slug ... @defer { title } } }",
    "{ categories { slug ... @defer @include(if: true) { title } ... @skip(if: true) @defer { description } } }",
    "{ categories @include(if: true) @stream { slug } }",
    "{ categories { slug } ... @defer { categories { slug title } } categories { title } }",
    "{ packages(first: 2) { nodes @stream(initialCount: 1) { slug } ... @defer { pageInfo { hasNextPage } } } }",
    '{ search(query: "django", first: 2) { nodes { __typename ... on Package @defer { slug } } } }',
    "{ __schema { queryType { name } ... @defer { directives @stream { name } } } }",
    '{ _entities(representations: [{__typename: "Package", slug: "django-loci"}]) { ... on Package @defer { title } } }',
    "{ ... @defer { _service { ... @defer { __typename } } } }",
]
REFUSED = [
    "{ categories @defer { slug } }",
    "{ ... @stream { __typename } }",
    "{ ... @defer(unless: true) { __typename } }",
    '{ ... @defer(if: "yes") { __typename } }',
    '{ ... @defer(label: "a") { __typename } ... @defer(label: "a") { __typename } }',
    "{ ... @defer(if: $unknown) { __typename } }",
    "{ __typename @stream }",
]
APOLLO = "multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9"
ACCEPTS = [
    (APOLLO, "application/graphql-response+json"),
    ("multipart/mixed;deferSpec=20220824, application/json", "application/json"),
    ("multipart/mixed;incrementalSpec=v0.2, application/json", "application/json"),
    ("text/event-stream, multipart/mixed, application/json", "application/json"),
]
_DIRECTIVE = re.compile(r"@(defer|stream)(\([^)]*\))?")


@contextmanager
def served(**settings: Any) -> Iterator[httpx.Client]:
    app = create_app(Settings(upstream="sample", mirror=False, **settings))
    with serve(app) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.fixture(scope="module")
def gateway() -> Iterator[httpx.Client]:
    with served() as client:
        yield client


def ask(client: httpx.Client, body: dict[str, Any], accept: str = APOLLO) -> httpx.Response:
    return client.post("/graphql", json=body, headers={"accept": accept})


def plain(query: str) -> str:
    """Return a query without the directives, and without the variable that only they use."""
    return _DIRECTIVE.sub("", query).replace("($on: Boolean = true)", "")


@pytest.mark.parametrize("query", ALLOWED)
def test_the_answer_is_as_without(gateway: httpx.Client, query: str) -> None:
    answer, expected = ask(gateway, {"query": query}), ask(gateway, {"query": plain(query)})
    again = ask(gateway, {"query": query})
    assert (answer.status_code, "errors" in answer.json()) == (200, False)
    assert answer.content == again.content == expected.content


@pytest.mark.parametrize("query", REFUSED)
def test_what_the_draft_does_not_allow_is_invalid(gateway: httpx.Client, query: str) -> None:
    answer = ask(gateway, {"query": query})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(("accept", "given"), ACCEPTS)
def test_one_body_in_json_whatever_else_is_accepted(gateway: httpx.Client, accept: str, given: str) -> None:
    answer = ask(gateway, {"query": DEFERRED}, accept)
    got = gateway.get("/graphql", params={"query": STREAMED}, headers={"accept": accept})
    for response in (answer, got):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(given)
        assert set(response.json()) == {"data"}
    assert got.headers["cache-control"].startswith("public, max-age=")


def test_a_stream_of_events_has_one_answer(gateway: httpx.Client) -> None:
    events = ask(gateway, {"query": DEFERRED}, "text/event-stream").text
    assert events.count("event: next") == 1
    assert ask(gateway, {"query": DEFERRED}).text in events


@pytest.mark.parametrize("on", [True, False, None])
def test_a_variable_of_it_alone_is_used_and_changes_nothing(gateway: httpx.Client, on: bool | None) -> None:
    answer = ask(gateway, {"query": DEFERRED, "variables": {"on": on}})
    wrong = ask(gateway, {"query": DEFERRED, "variables": {"on": "yes"}})
    assert answer.json() == {"data": {"package": {"title": "django-loci", "slug": "django-loci"}}}
    assert wrong.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


@pytest.mark.parametrize("query", ALLOWED)
def test_a_router_gets_its_trace_of_it(gateway: httpx.Client, query: str) -> None:
    answer = gateway.post("/graphql", json={"query": query}, headers={"apollo-federation-include-trace": "ftv1"})
    assert answer.json()["data"] == ask(gateway, {"query": plain(query)}).json()["data"]
    assert answer.json()["extensions"]["ftv1"]


def test_persisted_and_trusted_documents_may_defer(gateway: httpx.Client, tmp_path: Path) -> None:
    named = hashlib.sha256(DEFERRED.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": named}}
    (tmp_path / "trusted.json").write_text(json.dumps({named: DEFERRED}))
    registered = ask(gateway, {"query": DEFERRED, "extensions": extensions})
    known = ask(gateway, {"extensions": extensions})
    with served(trusted_documents=tmp_path / "trusted.json", trusted_only=True) as client:
        trusted = ask(client, {"documentId": named})
    assert registered.content == known.content == trusted.content
    assert known.json()["data"]["package"]["slug"] == "django-loci"


def test_what_is_deferred_counts_within_limits() -> None:
    with served(max_nodes=5) as client:
        answer = ask(client, {"query": "{ ... @defer { packages(first: 10) { nodes @stream { slug } } } }"})
    assert answer.json()["errors"][0]["extensions"]["code"] == "MAX_NODES_EXCEEDED"
    pages = "{ packages(first: 100) { nodes { ... @defer { alternatives(first: 50) { nodes @stream { slug } } } } } }"
    costs = [prepare(graphql_schema(SCHEMA), parse(query)).cost({}) for query in (pages, plain(pages))]
    assert costs[0] == costs[1]


def test_a_fragment_that_is_deferred_everywhere_is_planned_once() -> None:
    fields = " ".join(["slug"] * 200)
    query = f"{{ categories {{ {'...A @defer ' * 200} }} }} fragment A on Category {{ {fields} }}"
    operation = prepare(graphql_schema(SCHEMA), parse(query))
    variables = operation.coerce({})
    assert not isinstance(variables, list)
    selection = operation.plan(variables)
    assert selection is not None
    (slug,) = selection.edges[0].selections["Category"].fields
    assert len(slug.nodes) == 200


@pytest.mark.parametrize(
    "query",
    [
        "{ person { name ... @defer { friends @stream { name } } } }",
        "{ plain ... @defer { person { pets @stream { ... on Dog @defer { barks } } } } }",
        'mutation { rename(name: "x") @stream }',
    ],
    ids=["layered", "stock", "mutation"],
)
async def test_both_executors_ignore_them_behind_every_door(query: str) -> None:
    async def run(text: str) -> Result:
        return await execute(_prepared(text), context=toy.Context())

    ours, expected = await run(query), await run(plain(query))
    theirs = await toy.SCHEMA.execute(plain(query), context_value=toy.Context())
    assert (ours.data, ours.errors) == (expected.data, expected.errors)
    assert json.loads(ours.data or b"null") == theirs.data


def _prepared(text: str) -> Operation:
    return prepare(graphql_schema(toy.SCHEMA), parse(text))


async def test_strawberrys_own_doors_ignore_them_too() -> None:
    deferred = await SCHEMA.execute("{ __typename ... @defer { __schema { queryType { name } } } }")
    assert deferred.data == {"__typename": "Query", "__schema": {"queryType": {"name": "Query"}}}
