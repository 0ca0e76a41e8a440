"""Search: the mirror's own, and through the upstream."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalogue import Catalogue, Mirror, SyncSettings
from catalogue.store import MemoryStore
from tests.fake_upstream import ABSENT, FakeUpstream, Reply
from tests.patience import PATIENCE
from tests.queries import data, run
from tests.rows import Rows, package
from upstream import Client

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
    fake.replies["packages/django-loci/"] = ABSENT
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


class TestMirrored:
    """The mirror's own search."""

    PAGE = """query($query: String!, $first: Int, $after: String, $last: Int, $before: String) {
      search(query: $query, first: $first, after: $after, last: $last, before: $before) { totalCount
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } nodes { __typename }
        edges { cursor score node { ... on Package { slug } ... on Grid { slug } } } } }"""

    async def test_hits_are_packages_and_grids_with_all_their_fields(
        self, mirrored: Catalogue, fake: FakeUpstream
    ) -> None:
        fake.requests.clear()
        search = (await data(mirrored, SEARCH, query="geo"))["search"]
        by_slug = {edge["node"]["slug"]: edge for edge in search["edges"]}
        assert search["totalCount"] == len(search["edges"]) == len(search["nodes"])
        assert by_slug["django-loci"]["node"]["category"] == {"title": "App"}
        assert by_slug["django-loci"]["lastCommitted"] == "2026-02-06T12:30:22-05:00"
        assert by_slug["geolocation"]["node"]["__typename"] == "Grid"
        assert by_slug["geolocation"]["node"]["packages"]
        assert by_slug["geolocation"]["lastCommitted"] is None
        assert fake.requests == []

    @pytest.mark.parametrize("backward", [False, True])
    async def test_a_walk_meets_each_hit_once_best_first(self, mirrored: Catalogue, backward: bool) -> None:
        seen: list[tuple[str, float]] = []
        cursor, more, total = None, True, 0
        while more:
            place = {"last": 7, "before": cursor} if backward else {"first": 7, "after": cursor}
            search = (await data(mirrored, self.PAGE, query="django", **place))["search"]
            page = [(edge["node"]["slug"], edge["score"]) for edge in search["edges"]]
            seen = page + seen if backward else seen + page
            info, total = search["pageInfo"], search["totalCount"]
            cursor, more = (
                (info["startCursor"], info["hasPreviousPage"]) if backward else (info["endCursor"], info["hasNextPage"])
            )
        assert len(seen) == len(set(seen)) == total > 100
        scores = [score for _, score in seen]
        assert scores == sorted(scores, reverse=True)

    @pytest.mark.parametrize("slug", ["geolocation", "django-loci", "GEOLOCATION"])
    async def test_an_exact_slug_comes_first(self, mirrored: Catalogue, slug: str) -> None:
        search = (await data(mirrored, self.PAGE, query=slug, first=1))["search"]
        assert search["edges"][0]["node"]["slug"] == slug.lower()

    @given(query=st.text(st.characters(), max_size=200))
    @settings(max_examples=100, suppress_health_check=list(HealthCheck))
    async def test_no_text_breaks_it(self, mirrored: Catalogue, query: str) -> None:
        await data(mirrored, self.PAGE, query=query)

    @pytest.mark.parametrize("query", ["", " ", "\0", "🦄", '"*"', "\ud800"])
    async def test_without_a_word_nothing_is_found(self, mirrored: Catalogue, query: str) -> None:
        search = (await data(mirrored, self.PAGE, query=query))["search"]
        assert (search["totalCount"], search["edges"], search["pageInfo"]["endCursor"]) == (0, [], None)

    async def test_a_text_that_is_too_long_is_the_client_s_mistake(self, mirrored: Catalogue) -> None:
        _, errors = await run(mirrored, SEARCH, query="x" * 201)
        assert errors == {("search",): "BAD_USER_INPUT"}

    @pytest.mark.parametrize(
        "arguments", [{"after": "x"}, {"before": "WyJpZCIsMCwxXQ=="}, {"after": "WyJzY29yZSIsIngiLDFd"}, {"first": 101}]
    )
    async def test_bad_arguments(self, mirrored: Catalogue, arguments: dict[str, object]) -> None:
        _, errors = await run(mirrored, self.PAGE, query="django", **arguments)
        assert errors == {("search",): "BAD_USER_INPUT"}

    async def test_until_the_mirror_is_complete_the_upstream_is_asked_and_then_no_more(
        self, client: Client, fake: FakeUpstream
    ) -> None:
        catalogue = Catalogue(client, freshness=600, mirror_wait=PATIENCE)
        mirror = Mirror(catalogue, MemoryStore(), SyncSettings())
        await mirror.load()
        before = (await data(catalogue, SEARCH, query="geo"))["search"]
        assert fake.targets["search/?q=geo"] == 1
        await mirror.sync()
        after = (await data(catalogue, SEARCH, query="geo"))["search"]
        slugs = [{edge["node"]["slug"] for edge in search["edges"]} for search in (before, after)]
        assert "django-loci" in slugs[0] & slugs[1]
        assert fake.targets["search/?q=geo"] == 1
        await mirror.aclose()

    async def test_a_new_version_is_searched_at_once(self, client: Client, fake: FakeUpstream) -> None:
        rows = fake.rows = Rows(3)
        catalogue = Catalogue(client, freshness=600, mirror_wait=PATIENCE)
        mirror = Mirror(catalogue, MemoryStore(), SyncSettings())
        await mirror.load()
        await mirror.sync()
        rows.packages[2]["title"] = "Zebra"
        rows.packages[9] = package(9, title="Zebra crossing")
        del rows.packages[3]
        await mirror.sync()
        for query, slugs in (("zebra", ["package-2", "package-9"]), ("package-3", [])):
            search = (await data(catalogue, self.PAGE, query=query))["search"]
            assert [edge["node"]["slug"] for edge in search["edges"]] == slugs
        await mirror.aclose()


CHOSEN = """query($types: [SearchType!], $filter: PackageFilter) { search(query: "geo", first: 100, types: $types, filter: $filter) {
  totalCount nodes { __typename ... on Package { slug repoWatchers } ... on Grid { slug } } } }"""


@pytest.mark.parametrize("by_upstream", [False, True])
async def test_only_what_is_wanted_is_found(mirrored: Catalogue, catalogue: Catalogue, by_upstream: bool) -> None:
    held = catalogue if by_upstream else mirrored

    async def found(**variables: object) -> list[dict[str, object]]:
        search = (await data(held, CHOSEN, **variables))["search"]
        assert search["totalCount"] == len(search["nodes"])
        nodes: list[dict[str, object]] = search["nodes"]
        return nodes

    everything = await found()
    grids = [node for node in everything if node["__typename"] == "Grid"]
    packages = [node for node in everything if node["__typename"] == "Package"]
    assert grids
    assert packages
    assert await found(types=["GRID"]) == grids
    assert await found(types=["PACKAGE"]) == packages
    assert await found(types=["GRID", "PACKAGE"]) == everything == await found(types=None)
    assert await found(types=[]) == []
    watched = [node for node in packages if node["repoWatchers"] >= 100]  # type: ignore[operator]
    assert await found(filter={"minWatchers": 100}) == watched != packages
    assert await found(filter={"slugs": ["django-loci"]}) == [
        node for node in packages if node["slug"] == "django-loci"
    ]
    assert await found(types=["GRID"], filter={"minWatchers": 0}) == []
