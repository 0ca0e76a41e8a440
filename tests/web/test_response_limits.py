"""A response that would be too large is an error of the request, with a code that stays."""

import httpx

from server import create_app
from settings import Settings
from tests.web.toy import client

GRAPHQL = {"accept": "application/graphql-response+json"}


async def test_too_many_bytes() -> None:
    async with client(max_response_bytes=1024) as gateway:
        refused = await gateway.post("/graphql", json={"query": "{ long(size: 2000) }"}, headers=GRAPHQL)
        assert refused.status_code == 400
        (error,) = refused.json()["errors"]
        assert error["extensions"]["code"] == "MAX_BYTES_EXCEEDED"
        assert "data" not in refused.json()
        assert (
            await gateway.post("/graphql", json={"query": "{ long(size: 10) }"}, headers=GRAPHQL)
        ).status_code == 200


async def test_too_many_nodes() -> None:
    query = '{ package(slug: "django-loci") { grids { packages { grids { packages { id } } } } } }'
    app = create_app(Settings(upstream="sample", mirror=False, max_nodes=20))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as gateway:
        refused = await gateway.post("/graphql", json={"query": query}, headers=GRAPHQL)
        assert refused.status_code == 400
        assert [error["extensions"]["code"] for error in refused.json()["errors"]] == ["MAX_NODES_EXCEEDED"]
        fine = await gateway.post(
            "/graphql", json={"query": '{ package(slug: "django-loci") { title } }'}, headers=GRAPHQL
        )
        assert fine.status_code == 200
