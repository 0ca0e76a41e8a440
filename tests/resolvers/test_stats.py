"""Statistics of connections to packages, against what a client would work out from all their packages."""

from collections import Counter
from random import Random
from statistics import median
from typing import Any

import pytest
from pyroaring import FrozenBitMap

from catalogue import Catalogue
from catalogue.stats import PackageStats, stats_of
from tests.indexes import built
from tests.queries import data, run
from tests.rows import package
from tests.strategies import record, sample
from upstream import Package

NUMBERS = "{ sum max median }"
FIELDS = f"""{{
  totalCount pageInfo {{ endCursor hasNextPage }}
  stats {{
    repoWatchers {NUMBERS} repoForks {NUMBERS} commitsLastYear {NUMBERS} participantCount {NUMBERS}
    activeCount releasedCount documentedCount byCategory {{ packageCount category {{ slug title }} }}
  }}
  nodes {{
    repoWatchers repoForks commitsOver52 participants {{ login }} pypiVersion documentationUrl category {{ slug title }}
  }}
}}"""
PAGE = "first: 20, after: $after"
CONNECTIONS = {
    "all": f"found: packages({PAGE}) {FIELDS}",
    "those that pass": f"found: packages({PAGE}, filter: {{minWatchers: 10, hasPypiRelease: true}}) {FIELDS}",
    "in an order": f'found: packages({PAGE}, filter: {{text: "a"}}, orderBy: {{field: TITLE}}) {FIELDS}',
    "few": f'found: packages({PAGE}, filter: {{slugs: ["django-loci", "django-crispy-forms"]}}) {FIELDS}',
    "none": f"found: packages({PAGE}, filter: {{slugs: []}}) {FIELDS}",
    "of a category": f'in: category(slug: "apps") {{ found: packages({PAGE}) {FIELDS} }}',
    "of a category, none": f'in: category(slug: "apps") {{ found: packages({PAGE}, filter: {{slugs: []}}) {FIELDS} }}',
    "of a participant": f'in: participant(login: "jezdez") {{ found: packages({PAGE}) {FIELDS} }}',
    "of a grid": f'in: grid(slug: "forms") {{ found: packageConnection({PAGE}) {FIELDS} }}',
    "of a grid, those that pass": (
        f'in: grid(slug: "forms") {{ found: packageConnection({PAGE}, filter: {{isActive: true}}) {FIELDS} }}'
    ),
    "alternatives": f'in: package(slug: "django-loci") {{ found: alternatives({PAGE}) {FIELDS} }}',
}


def numbers(values: list[int]) -> dict[str, Any]:
    if not values:
        return {"sum": 0, "max": None, "median": None}
    return {"sum": sum(values), "max": max(values), "median": median(values)}


def by_hand(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    """Work the statistics out from the packages, as a client does."""
    categories = Counter((node["category"]["slug"], node["category"]["title"]) for node in nodes)
    return {
        "repoWatchers": numbers([node["repoWatchers"] for node in nodes]),
        "repoForks": numbers([node["repoForks"] for node in nodes]),
        "commitsLastYear": numbers([sum(node["commitsOver52"]) for node in nodes]),
        "participantCount": numbers([len(node["participants"]) for node in nodes]),
        "activeCount": sum(sum(node["commitsOver52"]) > 0 for node in nodes),
        "releasedCount": sum(node["pypiVersion"] is not None for node in nodes),
        "documentedCount": sum(node["documentationUrl"] is not None for node in nodes),
        "byCategory": categories,
    }


@pytest.mark.parametrize("connection", CONNECTIONS.values(), ids=CONNECTIONS)
async def test_they_are_those_of_all_pages(mirrored: Catalogue, connection: str) -> None:
    nodes: list[dict[str, Any]] = []
    told, after, more = [], None, True
    while more:
        answer = await data(mirrored, f"query ($after: String) {{ {connection} }}", after=after)
        page = answer.get("in", answer)["found"]
        nodes += page["nodes"]
        told.append(page["stats"])
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len(nodes) == page["totalCount"]
    assert all(each == told[0] for each in told)
    groups = told[0]["byCategory"]
    assert [each["packageCount"] for each in groups] == sorted((each["packageCount"] for each in groups), reverse=True)
    told[0]["byCategory"] = {tuple(each["category"].values()): each["packageCount"] for each in groups}
    assert told[0] == by_hand(nodes)


def plain(stats: PackageStats) -> list[object]:
    figures = (stats.repo_watchers, stats.repo_forks, stats.commits_last_year, stats.participant_count)
    counts = [stats.active_count, stats.released_count, stats.documented_count]
    groups = [(each.category, each.package_count) for each in stats.by_category]
    return [*((each.sum, each.max, each.median) for each in figures), *counts, *groups]


def test_they_are_the_same_from_columns_and_from_packages() -> None:
    found, _, categories = sample()
    index = built([*found, *categories]).index
    random = Random(13)
    for size in [*range(20), *range(20, len(found), 7), len(found)]:
        ids = FrozenBitMap(random.sample(index.ids, size))
        assert plain(index.stats(ids)) == plain(stats_of([index.packages.rows[key] for key in ids])), size


def test_a_sum_has_room_in_an_int() -> None:
    most = 2**31 - 1
    found = [record(Package, package(key, repo_watchers=most)) for key in (1, 2)]
    stats = stats_of(found).repo_watchers
    assert (stats.sum, stats.max, stats.median) == (most, most, most)


async def test_what_is_asked_twice_is_answered_twice(mirrored: Catalogue) -> None:
    twice = "{ packages { stats { a: byCategory { packageCount } b: byCategory { packageCount } } } }"
    stats = (await data(mirrored, twice))["packages"]["stats"]
    assert stats["a"] == stats["b"] != []


async def test_without_a_mirror_a_grid_has_them_and_all_packages_do_not(catalogue: Catalogue) -> None:
    query = '{ grid(slug: "forms") { packageCount packageConnection(first: 1) { totalCount stats { activeCount byCategory { packageCount } } } } }'
    grid = (await data(catalogue, query))["grid"]
    groups = grid["packageConnection"]["stats"]["byCategory"]
    assert (
        sum(each["packageCount"] for each in groups) == grid["packageConnection"]["totalCount"] == grid["packageCount"]
    )
    answer, errors = await run(catalogue, "{ packages(first: 1) { totalCount stats { activeCount } } }")
    assert errors == {("packages", "stats"): "MIRROR_OFF"}
    assert answer["packages"]["totalCount"] > 0
    assert answer["packages"]["stats"] is None
