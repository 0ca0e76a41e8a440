"""What is remembered is bounded, keeps what is used, and goes with its owner and its snapshot."""

import asyncio
import gc
from collections.abc import Coroutine, Mapping
from typing import Any

import pytest
from graphql import parse
from msgspec import Struct

from execution import Result, execute, prepare
from execution.row_cache import ENTRY_BYTES, EVER, Entry, RowCache, are_values, rows_of, world_of
from tests.execution import toy
from tests.execution.toy import Context


class Owner:
    """A place of a plan."""


class World:
    """A snapshot."""


class SameWorld:
    """A snapshot that differs from another in its times alone."""

    def __init__(self, world: World) -> None:
        self.world = world


class Made(Struct, frozen=True, eq=False):
    """Made anew for each request."""

    key: int


PEOPLE = [toy.Person(key) for key in range(100)]


def keep(cache: RowCache, owner: Owner, key: str, *numbers: int, length: int = 100, world: object = EVER) -> None:
    """Remember some people, with rows of so many bytes."""
    entries = {id(PEOPLE[each]): Entry(PEOPLE[each], (), b"x" * length, 1, world) for each in numbers}
    cache.keep(owner, key, entries, len(entries) * (ENTRY_BYTES + length))


def found(cache: RowCache, owner: Owner, key: str, *numbers: int, world: object = EVER) -> list[int]:
    """Return whose rows are remembered."""
    whole, _ = cache.find(owner, key, [id(PEOPLE[each]) for each in numbers], world)
    return _keys(whole)


def _keys(entries: Mapping[int, Entry]) -> list[int]:
    return [entry.record.key for entry in entries.values()]  # type: ignore[attr-defined]


def test_keys_and_owners_are_apart() -> None:
    cache, owner = RowCache(10**6), Owner()
    keep(cache, owner, "a", 1, 2)
    assert found(cache, owner, "a", 1, 3, 2) == [1, 2]
    assert found(cache, owner, "b", 1) == []
    assert found(cache, Owner(), "a", 1) == []


def test_what_is_used_stays_and_the_rest_goes() -> None:
    size = ENTRY_BYTES + 100
    cache, owner = RowCache(20 * size), Owner()
    keep(cache, owner, "", 0)
    for number in range(1, 100):
        keep(cache, owner, "", number)
        assert found(cache, owner, "", 0) == [0]
        assert cache.size <= 20 * size
    assert found(cache, owner, "", 1, 99) == [99]


def test_who_takes_anothers_place_counts_alone() -> None:
    cache, owner = RowCache(10**6), Owner()
    keep(cache, owner, "", 1, length=500)
    keep(cache, owner, "", 1, 2)
    assert cache.size == 2 * (ENTRY_BYTES + 100)


def test_what_is_larger_than_half_is_not_kept() -> None:
    cache, owner = RowCache(2000), Owner()
    keep(cache, owner, "", 1, length=1000)
    assert cache.size == 0
    assert found(cache, owner, "", 1) == []


def test_only_what_is_frozen_and_lasts_is_a_value() -> None:
    assert are_values([None, toy.Person(1), toy.Dog(1)])
    assert not are_values([toy.Person(1), Made(1)])
    assert not are_values([object()])


@pytest.mark.parametrize("other", [World(), None])
def test_a_row_holds_in_its_world_and_the_pieces_in_all(other: World | None) -> None:
    cache, owner, world = RowCache(10**6), Owner(), World()
    keep(cache, owner, "", 1, world=world_of(world))
    ids = [id(PEOPLE[1])]
    whole, others = cache.find(owner, "", ids, world_of(other))
    assert (_keys(whole), _keys(others)) == ([], [1])
    cache.keep_pieces(owner, "", others, 100)  # leaves the row where it is
    whole, others = cache.find(owner, "", ids, world_of(SameWorld(world)))
    assert (_keys(whole), _keys(others)) == ([1], [])


def test_a_world_is_not_kept_and_never_taken_for_another() -> None:
    cache, owner = RowCache(10**6), Owner()
    keep(cache, owner, "", 1, world=world_of(World()))
    gc.collect()
    worlds = [World() for _ in range(1000)]  # one of them lies where the first one lay
    assert not any(found(cache, owner, "", 1, world=world_of(world)) for world in worlds)


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


async def test_who_reads_another_snapshot_meanwhile_changes_no_answer() -> None:
    document = parse("query ($key: Int!) { person(key: $key) { friends { friend { name } boss { name } } } }")
    operation = prepare(toy.build()._schema, document)
    faults, old, new = {("friend", 3): "null"}, World(), World()

    def asked(key: int, context: Context) -> Coroutine[Any, Any, Result]:
        return execute(operation, variables={"key": key}, context=context)

    assert (await asked(1, Context(faults=faults, snapshot=old))).errors == []
    waiting = asyncio.ensure_future(asked(2, Context(faults={**faults, ("boss", 4): "slow"}, snapshot=old)))
    await asyncio.sleep(0)
    await asked(1, Context(snapshot=new))  # 3 is a friend of both
    assert not waiting.done()
    expected = await execute(
        prepare(toy.build()._schema, document), variables={"key": 2}, context=Context(faults=faults)
    )
    assert await waiting == expected
    assert b'"friend":null' in (expected.data or b"")
