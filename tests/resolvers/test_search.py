"""Search through the upstream."""

import pytest

from tests.fake_upstream import FakeUpstream, Reply
from tests.queries import data, run
from upstream import Catalogue

SEARCH = """query($query: String!) { search(query: $query) { totalCount pageInfo { hasNextPage } nodes { __typename }
  edges { cursor score created modified lastCommitted lastReleased node { __typename
    ... on Package { slug repoWatchers category { title } } ... on Grid { slug packages { slug } } } } } }"""


async def test_hits_are_packages_and_grids_with_all_their_fields(catalogue: Catalogue) -> None:
    search = (await data(catalogue, SEARCH, query="geo"))["search"]
    assert search["totalCount"] == len(search["edges"]) == len(search["nodes"])
    by_slug = {edge["node"]["slug"]: edge for edge in search["edges"]}
    assert by_slug["django-loci"]["score"] == 188
    assert by_slug["django-loci"]["node"]["category"] == {"title": "App"}
    assert by_slug["django-loci"]["lastCommitted"] == "2026-02-06T12:30:22-05:00"
    assert by_slug["geolocation"]["node"]["__typename"] == "Grid"
    assert by_slug["geolocation"]["node"]["packages"]


async def test_a_stale_hit_is_dropped_and_a_failing_one_is_null(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.replies["packages/django-loci/"] = Reply(404)
    fake.replies["grids/geolocation/"] = Reply(500)
    answer, errors = await run(catalogue, SEARCH, query="geo")
    nodes = [edge["node"] for edge in answer["search"]["edges"]]
    assert len(nodes) == answer["search"]["totalCount"] == 2
    assert nodes[1] is None
    assert set(errors.values()) == {"UPSTREAM_STATUS"}


@pytest.mark.parametrize("query", ["", "  ", "\0"])
async def test_blank_finds_nothing_and_asks_nothing(catalogue: Catalogue, fake: FakeUpstream, query: str) -> None:
    assert (await data(catalogue, SEARCH, query=query))["search"]["edges"] == []
    assert fake.requests == []


@pytest.mark.parametrize("query", ["a\0b", '"', "a AND", "\ud800x", "🦄", "x" * 200, "%2F&q="])
async def test_no_text_breaks_it(catalogue: Catalogue, query: str) -> None:
    await data(catalogue, SEARCH, query=query)


async def test_a_text_that_is_too_long_is_the_client_s_mistake(catalogue: Catalogue) -> None:
    _, errors = await run(catalogue, SEARCH, query="x" * 201)
    assert errors == {("search",): "BAD_USER_INPUT"}


async def test_an_upstream_failure(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.replies["search/?q=x"] = Reply(500)
    answer, errors = await run(catalogue, SEARCH, query="x")
    assert answer == {"search": None}
    assert errors == {("search",): "UPSTREAM_STATUS"}
