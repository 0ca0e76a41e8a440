"""What an operation asks for is known before it runs, told on demand, and refused where it is hopeless."""

from typing import Any

import httpx
import pytest
from graphql import parse

from execution import cost, prepare
from execution.internals import graphql_schema
from resolvers import connections
from server import create_app
from settings import Settings
from tests.queries import SCHEMA

GRAPHQL = {"accept": "application/graphql-response+json"}
PAGES = "query ($n: Int) { packages(first: $n) { nodes { alternatives(first: $n) { nodes { title } } } } }"


def cost_of(query: str, variables: dict[str, Any] | None = None) -> int | None:
    return prepare(graphql_schema(SCHEMA), parse(query)).cost(variables or {})


def gateway(**settings: Any) -> httpx.AsyncClient:
    app = create_app(Settings(upstream="sample", mirror=False, **settings))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test", headers=GRAPHQL)


@pytest.mark.parametrize(
    ("query", "nodes"),
    [
        ("{ __typename }", 1),
        ('{ package(slug: "x") { title category { title } } }', 3),
        ('{ package(slug: "x") { grids { packages { title } } } }', 4),
        ('{ package(slug: "x") { participants(first: 7) { login } } }', 9),
        ("{ packages(first: 7) { totalCount } }", 2),
        ("{ packages(first: 7) { nodes { title } } }", 9),
        ("{ packages(last: 7) { edges { cursor } } }", 9),
        ("{ packages(first: 7) { edges { node { title } } pageInfo { hasNextPage } } }", 17),
        ("{ packages(first: 7) { nodes { title } edges { cursor } } }", 16),
        ("{ packages { nodes { title } } }", 22),
        ("{ packages(first: 0) { nodes { category { title } } } }", 2),
        ("{ packages(first: 7) { nodes { alternatives(first: 5) { nodes { title } } } } }", 2 + 7 * (1 + 1 + 5)),
        ('{ search(query: "x", first: 3) { nodes { ... on Package { category { id } } ... on Grid { id } } } }', 8),
        ('{ nodes(nodeIds: ["a", "b", "c"]) { nodeId } }', 4),
        ("{ packages(first: 2147483647) { nodes { title } } }", 102),
        ("{ packages(first: -5) { nodes { title } } }", 2),
    ],
)
def test_sizes_multiply(query: str, nodes: int) -> None:
    assert cost_of(query) == nodes


def test_variables_count() -> None:
    assert [cost_of(PAGES, {"n": n}) for n in (1, 10, 100)] == [5, 122, 10_202]
    assert cost_of(PAGES) == 2 + 20 * (1 + 1 + 20)
    ids = "query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }"
    assert cost_of(ids, {"ids": ["a"] * 300}) == 301
    assert cost_of("query ($on: Boolean!) { packages @skip(if: $on) { totalCount } }", {"on": True}) == 1


def test_what_does_not_run_layer_by_layer_has_none() -> None:
    assert cost_of("{ __schema { description } }") is None


def test_a_page_is_what_connections_make_it() -> None:
    assert (cost.DEFAULT_PAGE, cost.MAX_PAGE) == (connections.DEFAULT_PAGE, connections.MAX_PAGE)


async def test_the_cost_is_told_on_demand_and_only_then() -> None:
    query = {"query": PAGES, "variables": {"n": 1}}
    async with gateway() as client:
        plain = await client.post("/graphql", json=query)
        told = await client.post("/graphql", json={**query, "extensions": {"cost": True}})
        told_again = await client.post("/graphql", json={**query, "extensions": {"cost": True}})
        plain_again = await client.post("/graphql", json=query)
        by_get = await client.get(
            "/graphql", params={"query": PAGES, "variables": '{"n": 1}', "extensions": '{"cost": true}'}
        )
    assert plain.json() == plain_again.json()
    assert "extensions" not in plain.json()
    for response in (told, told_again, by_get):
        assert response.json()["extensions"] == {"cost": {"requestedQueryCost": 5, "maximumAvailable": 2_000_000}}
        assert response.json()["data"] == plain.json()["data"]
        assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("value", [False, None, 1, "true", {"a": 1}])
async def test_any_other_demand_is_somebody_elses(value: object) -> None:
    async with gateway() as client:
        response = await client.post("/graphql", json={"query": "{ __typename }", "extensions": {"cost": value}})
    assert response.json() == {"data": {"__typename": "Query"}}


async def test_what_is_hopeless_does_not_run() -> None:
    async with gateway(max_cost=121) as client:
        refused = await client.post("/graphql", json={"query": PAGES, "variables": {"n": 10}})
        fine = await client.post("/graphql", json={"query": PAGES, "variables": {"n": 2}})
        on_demand = await client.post(
            "/graphql", json={"query": PAGES, "variables": {"n": 10}, "extensions": {"cost": True}}
        )
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"
    assert "122 nodes" in error["message"]
    assert "data" not in refused.json()
    assert on_demand.json() == refused.json()
    assert fine.json()["data"]["packages"]["nodes"]


async def test_pages_of_a_hundred_may_stand_three_deep_and_no_deeper() -> None:
    def nested(depth: int) -> str:
        return (
            "{ packages(first: 100) { nodes { "
            + "alternatives(first: 100) { nodes { " * (depth - 1)
            + "title"
            + " }" * (2 * depth + 1)
        )

    three, four = cost_of(nested(3)), cost_of(nested(4))
    assert three is not None
    assert four is not None
    assert three < Settings().max_cost < four
