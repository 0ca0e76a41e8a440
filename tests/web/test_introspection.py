"""Reading the schema, when only a router may."""

import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.web.toy import client

SECRET = "correct-horse"
ROUTER = {"x-router-secret": SECRET}
READING = [
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Query") { name } }',
    "{ hello alias: __schema { queryType { name } } }",
    "{ _service { sdl } }",
    "{ ...Hidden } fragment Hidden on Query { ... @include(if: true) { __schema { description } } }",
    "query Other { hello } query Named { _service { sdl } }",
]


def code(response: httpx.Response) -> str | None:
    errors: list[dict[str, Any]] = response.json().get("errors", [])
    return errors[0]["extensions"]["code"] if errors else None


@pytest.mark.parametrize("query", READING)
async def test_without_the_secret_the_schema_is_refused(query: str) -> None:
    async with client(router_secret=SECRET) as gateway:
        asked = {"query": query, "operationName": "Other" if "Other" in query else None}
        for headers in ({}, {"x-router-secret": ""}, {"x-router-secret": "wrong"}, {"x-router-secret": SECRET + "x"}):
            refused = await gateway.post("/graphql", json=asked, headers=headers)
            assert code(refused) == "INTROSPECTION_DISABLED"
            assert "data" not in refused.json()
        assert code(await gateway.post("/graphql", json=asked, headers=ROUTER)) is None


async def test_the_header_may_not_come_twice() -> None:
    async with client(router_secret=SECRET) as gateway:
        headers = [("x-router-secret", "wrong"), ("x-router-secret", SECRET)]
        response = await gateway.post("/graphql", json={"query": READING[0]}, headers=headers)
    assert code(response) == "INTROSPECTION_DISABLED"


async def test_it_is_refused_as_validation_refuses() -> None:
    async with client(router_secret=SECRET) as gateway:
        accept = {"accept": "application/graphql-response+json"}
        response = await gateway.post("/graphql", json={"query": READING[0]}, headers=accept)
    assert response.status_code == 400
    assert response.headers["cache-control"] == "no-store"
    (error,) = response.json()["errors"]
    assert error["locations"] == [{"line": 1, "column": 3}]
    assert "__schema" in error["message"]


async def test_no_cache_gives_the_schema_away() -> None:
    async with client(router_secret=SECRET) as gateway:
        for query in READING[:4]:
            for _ in range(2):
                given = await gateway.get("/graphql", params={"query": query}, headers=ROUTER)
                assert given.json()["data"]
                assert given.headers["cache-control"] == "no-store"
                assert "etag" not in given.headers
                for method in ("GET", "POST"):
                    asked: Any = {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
                    refused = await gateway.request(method, "/graphql", **asked)
                    assert code(refused) == "INTROSPECTION_DISABLED"


async def test_other_queries_need_no_secret() -> None:
    async with client(router_secret=SECRET) as gateway:
        for query in ("{ hello }", "{ __typename }", "{ node { __typename name } }"):
            response = await gateway.post("/graphql", json={"query": query})
            assert response.json().keys() == {"data"}
            assert response.headers["cache-control"].startswith("public")


async def test_a_persisted_document_is_no_way_round() -> None:
    query = READING[0]
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(query.encode()).hexdigest()}}
    async with client(router_secret=SECRET) as gateway:
        known = await gateway.post("/graphql", json={"query": query, "extensions": extensions}, headers=ROUTER)
        refused = await gateway.post("/graphql", json={"extensions": extensions})
        by_url = await gateway.get("/graphql", params={"extensions": json.dumps(extensions)})
    assert known.json()["data"]
    assert code(refused) == code(by_url) == "INTROSPECTION_DISABLED"


async def test_errors_name_nothing_of_the_schema() -> None:
    query = "query ($unknown: Strin) { hell }"
    async with client(router_secret=SECRET) as gateway:
        hidden = await gateway.post("/graphql", json={"query": query})
    async with client() as gateway:
        shown = await gateway.post("/graphql", json={"query": query})
    assert "Did you mean" not in hidden.text
    assert "Did you mean 'hello'?" in shown.text


async def test_the_sdl_is_the_routers_too() -> None:
    async with client(router_secret=SECRET) as gateway:
        refused = await gateway.get("/schema.graphql")
        given = await gateway.get("/schema.graphql", headers=ROUTER)
        unchanged = await gateway.get("/schema.graphql", headers={"if-none-match": given.headers["etag"]})
    assert (refused.status_code, given.status_code, unchanged.status_code) == (403, 200, 403)
    assert code(refused) == "INTROSPECTION_DISABLED"
    assert given.headers["cache-control"] == "no-store"


async def test_without_a_secret_everyone_may_read_the_schema() -> None:
    async with client() as gateway:
        for query in READING[:4]:
            assert (await gateway.post("/graphql", json={"query": query})).json()["data"]


async def test_the_schema_may_be_closed_to_everyone() -> None:
    async with client(introspection=False) as gateway:
        document = await gateway.post("/graphql", json={"query": "{ __schema { description } }"}, headers=ROUTER)
        sdl = await gateway.get("/schema.graphql")
        answered = await gateway.post("/graphql", json={"query": "{ hello }"})
        unknown = await gateway.post("/graphql", json={"query": "{ hell }"})
    assert code(document) == code(sdl) == "INTROSPECTION_DISABLED"
    assert answered.json() == {"data": {"hello": "Hello, world!"}}
    assert "Did you mean" not in unknown.text


async def test_suggestions_have_a_switch_of_their_own() -> None:
    for suggestions in (True, False):
        async with client(suggestions=suggestions) as gateway:
            unknown = await gateway.post("/graphql", json={"query": "{ hell }"})
            schema = await gateway.post("/graphql", json={"query": "{ __schema { description } }"})
        assert ("Did you mean" in unknown.text) is suggestions
        assert "errors" not in schema.json()


async def test_the_explorer_has_a_switch_of_its_own() -> None:
    browser = {"accept": "text/html,*/*;q=0.8"}
    async with client(explorer=False) as gateway:
        page = await gateway.get("/graphql", params={"query": "{ hello }"}, headers=browser)
    assert page.json() == {"data": {"hello": "Hello, world!"}}
