"""Where an answer came from: ready, or executed, and why."""

import re

import httpx
import pytest

from server import create_app
from settings import Settings
from tests.fake_upstream import FakeUpstream
from tests.web.serving import serve
from tests.web.toy import client
from web.negotiation import RESPONSE_JSON

QUERY = {"query": "{ hello }"}
EXECUTED = re.compile(r"execution;dur=\d+\.\d\d, upstream;desc=0")


def origin(response: httpx.Response) -> tuple[str | None, bool]:
    """Return the `Cache-Status`, and whether the answer says how long its execution took."""
    return response.headers.get("cache-status"), bool(EXECUTED.fullmatch(response.headers.get("server-timing", "")))


async def test_an_answer_says_whether_it_was_ready() -> None:
    async with client() as gateway:
        first = await gateway.post("/graphql", json=QUERY)
        same_bytes = await gateway.post("/graphql", json=QUERY)
        same_meaning = await gateway.post("/graphql", json={**QUERY, "variables": {}})
        by_get = await gateway.get("/graphql", params=QUERY)
        strict = await gateway.post("/graphql", json=QUERY, headers={"accept": RESPONSE_JSON})
    assert origin(first) == ("catalogue; fwd=miss", True)
    for ready in (same_bytes, same_meaning, by_get, strict):
        assert origin(ready) == ("catalogue; hit", False)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_one_that_was_asked_for_anew_says_so(method: str) -> None:
    async with client() as gateway:
        await gateway.get("/graphql", params=QUERY)
        anew = await gateway.request(method, "/graphql", params=QUERY, headers={"cache-control": "no-cache"})
        assert origin(anew) == ("catalogue; fwd=request", True)
        assert origin(await gateway.request(method, "/graphql", params=QUERY)) == ("catalogue; hit", False)


async def test_nothing_that_failed_is_ready_later() -> None:
    async with client() as gateway:
        for _ in range(2):
            partial = await gateway.post("/graphql", json={"query": "{ hello broken }"})
            assert origin(partial) == ("catalogue; fwd=miss", True)


async def test_what_was_not_executed_says_nothing() -> None:
    async with client() as gateway:
        for body in ({"query": "{"}, {"query": "{ nope }"}, {}):
            assert origin(await gateway.post("/graphql", json=body)) == (None, False)


async def test_an_answer_that_has_not_changed_says_it_too() -> None:
    async with client() as gateway:
        tag = (await gateway.get("/graphql", params=QUERY)).headers["etag"]
        unchanged = await gateway.get("/graphql", params=QUERY, headers={"if-none-match": tag})
    assert (unchanged.status_code, *origin(unchanged)) == (304, "catalogue; hit", False)


def asked_for(fake: FakeUpstream) -> int:
    """How many requests there were for records; the look at the root comes at some time of its own."""
    return sum(count for target, count in fake.targets.items() if target)


async def test_an_answer_says_how_many_upstream_requests_it_waited_for(fake: FakeUpstream) -> None:
    app = create_app(Settings(upstream=fake.base_url, mirror=False))
    query = '{ package(slug: "django-loci") { title grids { title } category { title } } }'
    with serve(app) as url:
        gateway = httpx.AsyncClient(base_url=url)
        for is_first in (True, False):
            before = asked_for(fake)
            answer = await gateway.post("/graphql", json={"query": query}, headers={"cache-control": "no-cache"})
            requests = asked_for(fake) - before
            assert answer.headers["server-timing"].endswith(f", upstream;desc={requests}")
            assert bool(requests) is is_first
        await gateway.aclose()
