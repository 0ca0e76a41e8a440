"""Clients ask with `@defer` and `@stream`, each with its own `Accept`, and get all at once, as JSON."""

import httpx
from gql import Client, gql
from gql.transport.httpx import HTTPXAsyncTransport

from server import create_app
from settings import Settings
from tests.clients.conftest import Node
from tests.web.serving import serve

PLAIN = '{ package(slug: "django-loci") { slug title grids { title } } }'


def test_javascript_clients(node: Node) -> None:
    with serve(create_app(Settings(upstream="sample"))) as url:
        asked = node("incremental.mjs", f"{url}/graphql")
        package = httpx.post(f"{url}/graphql", json={"query": PLAIN}).json()["data"]["package"]
    for each in asked:
        got = each["data"]["package"]
        assert each["off"] == each["data"], each["name"]
        assert (got["slug"], got["title"]) == (package["slug"], package["title"]), each["name"]
        assert [grid["title"] for grid in got["grids"]] == [grid["title"] for grid in package["grids"]], each["name"]
    accepts = {each["name"]: each["accept"] for each in asked}
    assert accepts["Apollo 3"].startswith("multipart/mixed;deferSpec=20220824")
    assert accepts["Apollo 4"].startswith("multipart/mixed;deferSpec=20220824")
    assert accepts["Apollo 4, newer"].startswith("multipart/mixed;incrementalSpec=v0.2")
    assert "multipart/mixed" in accepts["urql"]
    assert [each.get("states", [])[-1:] for each in asked] == [["complete"], ["complete"], [None], []]
    assert asked[-1]["hasNext"] is False
    assert len(asked[-1]["streamed"]["package"]["grids"]) == len(package["grids"])


async def test_python_gql_knows_the_directives_from_the_schema() -> None:
    query = gql("query ($on: Boolean!) { categories @stream(initialCount: 1) { slug ... @defer(if: $on) { title } } }")
    query.variable_values = {"on": True}
    with serve(create_app(Settings(upstream="sample"))) as url:
        transport = HTTPXAsyncTransport(url=f"{url}/graphql")
        async with Client(transport=transport, fetch_schema_from_transport=True) as session:
            data = await session.execute(query)
    assert [set(each) for each in data["categories"]] == [{"slug", "title"}] * 5
