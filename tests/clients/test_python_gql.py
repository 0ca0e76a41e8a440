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
