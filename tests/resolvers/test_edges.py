"""Alternatives: packages that the same grids compare; participants, as each package writes them."""

from collections import Counter
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from catalogue import Catalogue
from catalogue.snapshot import ready
from tests.fake_upstream import ABSENT, FakeUpstream, Reply
from tests.indexes import build
from tests.queries import data, run
from tests.strategies import sample
from upstream import Package

PACKAGES, GRIDS, _ = sample()
MEMBERS = {grid.id: grid.packages for grid in GRIDS}
BY_ID = {package.id: package for package in PACKAGES}

QUERY = """query($slug: String!, $first: Int, $after: String, $last: Int, $before: String) {
  package(slug: $slug) { alternatives(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor sharedGrids node { id } } nodes { id } } } }"""


def alternatives(package: Package) -> list[tuple[int, int]]:
    """Return ids and shared grids, worked out plainly."""
    shared = Counter(member for grid in package.grids for member in set(MEMBERS.get(grid, ())) if member in BY_ID)
    del shared[package.id]
    return sorted(shared.items(), key=lambda pair: (-pair[1], -BY_ID[pair[0]].repo_watchers, pair[0]))


async def page(catalogue: Catalogue, slug: str, **arguments: object) -> Any:
    return (await data(catalogue, QUERY, slug=slug, **arguments))["package"]["alternatives"]


async def test_who_shares_most_grids_comes_first_then_who_is_watched_most(mirrored: Catalogue) -> None:
    some = [package for package in PACKAGES if package.grids]
    assert max(count for package in some for _, count in alternatives(package)) > 1
    for package in some:
        found = await page(mirrored, package.slug, first=100)
        assert [(int(edge["node"]["id"]), edge["sharedGrids"]) for edge in found["edges"]] == alternatives(package)
        assert found["totalCount"] == len(alternatives(package))
        assert found["nodes"] == [edge["node"] for edge in found["edges"]]


@pytest.mark.parametrize("backward", [False, True])
async def test_a_walk_meets_each_once(mirrored: Catalogue, backward: bool) -> None:
    package = max(PACKAGES, key=lambda package: len(alternatives(package)))
    seen: list[int] = []
    cursor, more = None, True
    while more:
        place = {"last": 3, "before": cursor} if backward else {"first": 3, "after": cursor}
        found = await page(mirrored, package.slug, **place)
        ids = [int(node["id"]) for node in found["nodes"]]
        seen = ids + seen if backward else seen + ids
        info = found["pageInfo"]
        cursor, more = (
            (info["startCursor"], info["hasPreviousPage"]) if backward else (info["endCursor"], info["hasNextPage"])
        )
    assert seen == [key for key, _ in alternatives(package)]


async def test_a_package_without_grids_has_none(mirrored: Catalogue) -> None:
    alone = next(package for package in PACKAGES if not package.grids)
    assert (await page(mirrored, alone.slug))["totalCount"] == 0


async def test_without_a_mirror_they_are_read_through(catalogue: Catalogue, fake: FakeUpstream) -> None:
    found = await page(catalogue, "django-loci", first=100)
    assert [(int(edge["node"]["id"]), edge["sharedGrids"]) for edge in found["edges"]] == alternatives(BY_ID[4005])
    assert set(fake.targets.values()) == {1}


async def test_one_that_is_gone_is_dropped_and_a_failing_one_fails_the_edge(
    catalogue: Catalogue, fake: FakeUpstream
) -> None:
    first, second = (key for key, _ in alternatives(BY_ID[4005])[:2])
    fake.replies[f"packages/{first}/"] = ABSENT
    found = await page(catalogue, "django-loci", first=100)
    assert [int(node["id"]) for node in found["nodes"]] == [key for key, _ in alternatives(BY_ID[4005])][1:]
    other = Catalogue(catalogue.client, freshness=600)
    fake.replies[f"packages/{second}/"] = Reply(500)
    answer, errors = await run(other, QUERY, slug="django-loci")
    assert answer == {"package": {"alternatives": None}}
    assert errors == {("package", "alternatives"): "UPSTREAM_STATUS"}


async def test_a_grid_that_fails_fails_the_edge(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.replies[f"grids/{BY_ID[4005].grids[0]}/"] = Reply(500)
    _, errors = await run(catalogue, QUERY, slug="django-loci")
    assert errors == {("package", "alternatives"): "UPSTREAM_STATUS"}


@pytest.mark.parametrize("arguments", [{"first": 101}, {"after": "x"}, {"first": 1, "last": 1}])
async def test_bad_arguments(mirrored: Catalogue, arguments: dict[str, object]) -> None:
    _, errors = await run(mirrored, QUERY, slug="django-loci", **arguments)
    assert errors == {("package", "alternatives"): "BAD_USER_INPUT"}


async def test_a_participant_is_written_as_the_package_has_it(mirrored: Catalogue) -> None:
    first, second = PACKAGES[:2]
    records = [
        msgspec.structs.replace(first, participants=("ann", "bob", "ann")),
        msgspec.structs.replace(second, participants=("ANN", "bob")),
    ]
    indexes = await build(records)
    mirrored.switch(replace(mirrored.snapshot, index=indexes.index, search=ready(indexes.search), number=2))
    query = "query($id: ID!) { package(id: $id) { participants { login packages { totalCount } } } }"
    for record in records:
        found = (await data(mirrored, query, id=str(record.id)))["package"]["participants"]
        assert [(each["login"], each["packages"]["totalCount"]) for each in found] == [
            (login, 2) for login in record.participants
        ]
