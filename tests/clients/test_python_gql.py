import httpx
import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from graphql import GraphQLError

from server import create_app
from settings import Settings
from tests.web.serving import serve

QUERY = gql("query ($slug: String!) { package(slug: $slug) { title lastUpdated grids { title } } }")


async def test_python_gql_with_the_schema_from_the_gateway() -> None:
    with serve(create_app(Settings(upstream="sample"))) as url:
        transport = HTTPXAsyncTransport(url=f"{url}/graphql")
        async with Client(transport=transport, fetch_schema_from_transport=True) as session:
            QUERY.variable_values = {"slug": "django-loci"}
            data = await session.execute(QUERY)
            with pytest.raises(GraphQLError, match="Cannot query field 'nope'"):
                await session.execute(gql("{ nope }"))
            with pytest.raises(TransportQueryError, match="exactly one of") as caught:
                await session.execute(gql('{ package(id: "1", slug: "a") { title } }'))
    assert data["package"]["title"] == "django-loci"
    assert data["package"]["grids"]
    assert caught.value.errors
    assert caught.value.errors[0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_python_gql_with_the_schema_from_its_sdl() -> None:
    with serve(create_app(Settings(upstream="sample"))) as url:
        async with httpx.AsyncClient() as plain:
            sdl = (await plain.get(f"{url}/schema.graphql")).text
        async with Client(transport=HTTPXAsyncTransport(url=f"{url}/graphql"), schema=sdl) as session:
            QUERY.variable_values = {"slug": "django-loci"}
            data = await session.execute(QUERY)
            with pytest.raises(GraphQLError, match="Cannot query field '_service'"):
                await session.execute(gql("{ _service { sdl } }"))
    assert data["package"]["title"] == "django-loci"


async def test_the_subgraphs_sdl_has_a_url_of_its_own() -> None:
    transport = httpx.ASGITransport(create_app(Settings(upstream="sample")))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as gateway:
        text = (await gateway.get("/subgraph.graphql")).text
        answer = (await gateway.post("/graphql", json={"query": "{ _service { sdl } }"})).json()
    assert answer["data"]["_service"]["sdl"] == text
    assert "@link(" in text
    assert "@key(" in text
