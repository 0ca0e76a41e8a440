"""Indexes that are made from others equal those that are made from all records, and leave the others as they were."""

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.facets import facets
from catalogue.filters import PackageOrder
from tests import rows
from tests.indexes import EMPTY, Indexes, build, built
from tests.strategies import grids, packages, record
from upstream import Category, Grid, Package

QUERIES = (
    "a",
    "django",
    "forms",
    "django-forms",
    "djangoforms",
    "cafe",
    "stra",
    "package",
    "b",
    "djnago forms",
    "🚀",
    "日",
)


def said(indexes: Indexes) -> dict[str, object]:
    """Return all that indexes say."""
    index, search = indexes.index, indexes.search
    known = {facet for package in index.packages for facet in facets(package)}
    participants = index.participants
    found = {query: search.search(query) for query in QUERIES}
    return {
        "records": [dict(table.rows) for table in (index.packages, index.grids, index.categories)],
        "slugs": [dict(table.ids) for table in (index.packages, index.grids, index.categories)],
        "ids": index.ids,
        "orders": {order: index.columns[order.value].keys for order in PackageOrder},
        "renamed": search.renamed,
        "doubled": participants.doubled,
        "facets": {facet: having for facet, having in index.facets.having.items() if having},
        "known": known,
        "participants": dict(participants.known),
        "by packages": participants.by_packages.keys,
        "logins": participants.logins,
        "bots": participants.bots,
        "collaborators": {login: participants.collaborators(each) for login, each in participants.known.items()},
        "values": index.values,
        "grid texts": dict(index.grid_texts),
        "hits": {query: [(row, hits.score(row)) for row in hits.rows] for query, hits in found.items()},
        "records found": [search.record(row) for row in search.search("package").rows],
    }


changes = st.tuples(
    st.lists(st.one_of(packages, grids), max_size=8),
    st.sets(st.tuples(st.sampled_from([Package, Grid]), st.integers(1, 9)), max_size=4),
)


@given(st.lists(changes, min_size=1, max_size=5))
@settings(max_examples=150)
def test_whatever_comes_and_goes_they_equal_those_built_anew(
    steps: list[tuple[list[Package | Grid], set[tuple[type, int]]]],
) -> None:
    indexes = EMPTY
    truth: dict[tuple[type, int], Package | Grid] = {}
    for came, gone in steps:
        indexes = built(came, gone, indexes)
        truth |= {(type(each), each.id): each for each in came}
        for key in gone:
            truth.pop(key, None)
    assert said(indexes) == said(built(truth.values()))


@given(changes, changes)
@settings(max_examples=50)
def test_those_before_stay_as_they_were(
    first: tuple[list[Package | Grid], set[tuple[type, int]]],
    second: tuple[list[Package | Grid], set[tuple[type, int]]],
) -> None:
    before = built(first[0])
    told = said(before)
    built(*second, before)
    assert said(before) == told


def test_many_changes_at_once_and_few_in_many() -> None:
    first = [record(Package, rows.package(key, title=f"Title {key % 7}")) for key in range(1, 400)]
    few = [record(Package, rows.package(key, title="Other", repo_watchers=5)) for key in (3, 77, 398, 500)]
    many = [record(Package, rows.package(key, title=f"New {key % 5}", participants=["y"])) for key in range(100, 450)]
    indexes = built(many, previous=built(few, {(Package, 9)}, built(first)))
    truth = {each.id: each for each in (*first, *few, *many) if each.id != 9}
    assert said(indexes) == said(built(truth.values()))


def test_what_does_not_change_is_shared() -> None:
    found = [record(Package, rows.package(key)) for key in range(1, 30)]
    before = built(found)
    after = built([record(Package, rows.package(7, last_fetched="2026-01-28T16:49:04-05:00"))], previous=before)
    for name, column in before.index.columns.items():
        assert after.index.columns[name] is column
    assert after.index.participants.by_packages is before.index.participants.by_packages
    assert after.search.popularity is before.search.popularity
    assert after.index.packages.get(8) is found[7]


async def test_the_differences_say_what_was_added_changed_and_removed() -> None:
    first, second, third = (record(Package, rows.package(key)) for key in (1, 2, 3))
    before = await build([first, second, record(Category, rows.category(1))])
    changed = record(Package, rows.package(2, repo_watchers=77))
    same = record(Package, rows.package(1))
    after = await build([same, changed, third], [(Grid, 1)], before)
    assert [(each.before, each.after) for each in after.differences] == [(second, changed), (None, third)]
    assert after.index.packages.get(1) is first
    assert list(before.index.packages) == [first, second]
    last = await build([], [(Package, 1), (Package, 9)], after)
    assert [(each.before, each.after) for each in last.differences] == [(first, None)]
