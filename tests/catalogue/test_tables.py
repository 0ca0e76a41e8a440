"""A table of records."""

import pytest

from catalogue.tables import Difference, Table
from tests import rows
from tests.strategies import record
from upstream import Category


def category(key: int, slug: str) -> Category:
    return record(Category, rows.category(key, slug=slug))


@pytest.mark.parametrize("order", [1, -1])
def test_a_slug_may_move_to_another_record(order: int) -> None:
    a, b = category(1, "a"), category(2, "b")
    table = Table[Category]().evolved([Difference(None, a), Difference(None, b)])
    after = table.evolved([Difference(a, category(1, "c")), Difference(b, category(2, "a"))][::order])
    assert (after.by_slug("a"), after.by_slug("b"), after.by_slug("c")) == (after.get(2), None, after.get(1))
    assert (table.by_slug("a"), table.by_slug("b")) == (a, b)


def test_what_is_removed_leaves_its_slug_to_another() -> None:
    a, b = category(1, "a"), category(2, "b")
    table = Table({1: a, 2: b}, {"a": 1, "b": 2})
    after = table.evolved([Difference(b, category(2, "a")), Difference(a, None)])
    assert after.by_slug("a") is after.get(2)
    assert len(after) == 1


def test_who_loses_a_slug_that_two_had_leaves_it_to_the_other() -> None:
    a, b = category(1, "a"), category(2, "a")
    both = Table[Category]().evolved([Difference(None, a), Difference(None, b)])
    assert both.by_slug("a") in (a, b)
    for before, left in ((a, b), (b, a)):
        assert both.evolved([Difference(before, category(before.id, "c"))]).by_slug("a") is left
        assert both.evolved([Difference(before, None)]).by_slug("a") is left
