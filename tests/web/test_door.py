from tests.web.toy import client


async def test_a_query_is_answered() -> None:
    async with client() as gateway:
        response = await gateway.post("/graphql", json={"query": "{ hello }"})
    assert response.json() == {"data": {"hello": "Hello, world!"}}
