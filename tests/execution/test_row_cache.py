"""What is remembered is bounded, keeps what is used, and goes with its owner and its snapshot."""

import gc
from collections.abc import Sequence

import pytest
from graphql import parse
from msgspec import Struct

from execution import execute, prepare
from execution.row_cache import ENTRY_BYTES, Entry, RowCache, SchemaRows, rows_of
from tests.execution import toy
from tests.execution.toy import Context


class Owner:
    """A place of a plan."""


class World:
    """A snapshot."""


class Made(Struct, frozen=True, eq=False):
    """Made anew for each request."""

    key: int


def entry(key: int, length: int = 100) -> Entry:
    return Entry(toy.Person(key), None, row=b"x" * length)


def keys(found: Sequence[Entry | None]) -> list[int | None]:
    return [None if each is None else each.record.key for each in found]  # type: ignore[attr-defined]


def test_equal_records_are_one_and_keys_are_apart() -> None:
    cache, owner = RowCache(10**6), Owner()
    cache.keep(owner, "a", [entry(1), entry(2)])
    assert keys(cache.find(owner, "a", [toy.Person(1), toy.Person(3), toy.Person(2), toy.Dog(1)])) == [1, None, 2, None]
    assert keys(cache.find(owner, "b", [toy.Person(1)])) == [None]
    assert keys(cache.find(Owner(), "a", [toy.Person(1)])) == [None]


def test_what_is_used_stays_and_the_rest_goes() -> None:
    size = ENTRY_BYTES + 100
    cache, owner = RowCache(20 * size), Owner()
    used = toy.Person(0)
    cache.keep(owner, None, [entry(0)])
    for number in range(1, 100):
        cache.keep(owner, None, [entry(number)])
        assert keys(cache.find(owner, None, [used])) == [0]
        assert cache.size <= 20 * size
    assert keys(cache.find(owner, None, [toy.Person(1), toy.Person(99)])) == [None, 99]


def test_what_is_larger_than_half_is_not_kept() -> None:
    cache, owner = RowCache(2000), Owner()
    cache.keep(owner, None, [entry(1, 1000)])
    assert cache.size == 0
    assert keys(cache.find(owner, None, [toy.Person(1)])) == [None]


def test_only_values_are_kept() -> None:
    cache, owner = RowCache(10**6), Owner()
    made = Made(1)
    cache.keep(owner, None, [Entry(made, None, row=b"{}"), Entry(object(), None, row=b"{}"), entry(1)])
    assert cache.find(owner, None, [made]) == [None]
    assert cache.size == ENTRY_BYTES + 100


def test_what_cannot_be_hashed_is_a_type_error() -> None:
    cache, owner = RowCache(10**6), Owner()
    cache.keep(owner, None, [entry(1)])
    with pytest.raises(TypeError):
        cache.find(owner, None, [[]])


def test_rows_go_with_their_snapshot_and_are_never_shared() -> None:
    remembered, owner = SchemaRows(), Owner()
    first, second = World(), World()
    rows = remembered.of(first)
    assert rows is not None
    rows.keep(owner, None, [entry(1)])
    assert remembered.of(first) is rows
    assert remembered.of(second) is not rows
    assert remembered.of(None) is None
    assert remembered.size == rows.size > 0
    del first
    gc.collect()
    assert remembered.size == 0


async def test_whole_rows_are_bounded() -> None:
    schema = toy.build()._schema
    rows_of(schema).bound(16 * ENTRY_BYTES)
    operation = prepare(schema, parse("query ($key: Int!) { person(key: $key) { friends { boss { name } } } }"))
    snapshot = World()
    for key in [*range(7)] * 3:
        result = await execute(operation, variables={"key": key}, context=Context(snapshot=snapshot))
        assert result.errors == []
        assert 0 < rows_of(schema).size <= 16 * ENTRY_BYTES


async def test_look_ups_are_counted_over_all_snapshots() -> None:
    schema = toy.build()._schema
    operation = prepare(schema, parse("{ person { friends { boss { name } } } }"))
    lookups, before = rows_of(schema).lookups, 0
    for snapshot in (World(), World()):
        assert (await execute(operation, context=Context(snapshot=snapshot))).errors == []
        assert lookups.missed > before
        before = lookups.missed
        assert (await execute(operation, context=Context(snapshot=snapshot))).errors == []
        assert lookups.missed == before
        assert lookups.asked > before


async def test_a_context_that_comes_to_another_snapshot_leaves_nothing_behind() -> None:
    schema = toy.build()._schema
    operation = prepare(schema, parse("{ person { friends { boss { name } } } }"))
    first = World()

    class Waiting(Context):
        """Its first layer function finds it with another snapshot."""

        def person(self, key: int) -> toy.Person:
            self.snapshot = World()
            return super().person(key)

    waiting = Waiting(snapshot=first)
    assert (await execute(operation, context=waiting)).errors == []
    context = Context(snapshot=first)
    assert (await execute(operation, context=context)).errors == []
    assert [name for name, _ in context.calls] == ["person", "friends", "boss"]
