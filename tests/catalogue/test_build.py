"""Indexes that are made from others equal those that are made from all records."""

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.build import Indexes, build
from tests import rows
from tests.strategies import packages, record
from upstream import Grid, Package


async def built(*steps: list[Package | Grid]) -> Indexes:
    indexes = None
    for step in steps:
        indexes, _ = await build(indexes, step)
    assert indexes is not None
    return indexes


async def test_the_difference_says_what_was_added_changed_and_removed() -> None:
    first, second, third = (record(Package, rows.package(key)) for key in (1, 2, 3))
    before = await built([first, second])
    changed = record(Package, rows.package(2, repo_watchers=77, fetched_at=5.0))
    same = record(Package, rows.package(1, fetched_at=5.0))
    after, differences = await build(before, [same, changed, third], [(Grid, 1)])
    assert [(each.before, each.after) for each in differences] == [(second, changed), (None, third)]
    assert after.index.packages.get(1) is first
    assert list(before.index.packages) == [first, second]
    _, differences = await build(after, [], [(Package, 1), (Package, 9)])
    assert [(each.before, each.after) for each in differences] == [(first, None)]


@given(st.lists(packages, max_size=12), st.lists(packages, max_size=12), st.sets(st.integers(1, 9), max_size=3))
@settings(max_examples=50, deadline=None)
async def test_what_was_built_from_another_has_the_same_records(
    first: list[Package], second: list[Package], gone: set[int]
) -> None:
    before = await built(list(first))
    after, _ = await build(before, second, {(Package, key) for key in gone})
    expected = {each.id: each for each in [*first, *second] if each.id not in gone}
    assert {each.id: each for each in after.index.packages} == expected
