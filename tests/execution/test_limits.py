"""A response is bounded before it is made, and nobody waits for somebody else's."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
import strawberry
from graphql import parse

from execution import Limits, Result, execute, layer, prepare
from execution import completion as completion_module
from execution.internals import graphql_schema
from tests.execution import toy
from tests.execution.toy import Context

SCHEMA = graphql_schema(toy.SCHEMA)


class World:
    """A snapshot."""


@dataclass
class Things:
    """A context that notes what is called."""

    calls: list[str] = field(default_factory=list)
    started: asyncio.Event = field(default_factory=asyncio.Event)


class Thing(msgspec.Struct, frozen=True):
    text: str


def a_hundred(parents: Sequence[Thing], context: Things) -> list[list[Thing]]:
    context.calls.append("more")
    return [[parent] * 100 for parent in parents]


async def slowly(parents: Sequence[None], context: Things) -> list[Thing]:
    context.started.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    context.calls.append("later")
    return [Thing("x") for _ in parents]


@strawberry.type(name="Thing")
class ThingType:
    text: str

    @layer(a_hundred)
    def more(self) -> list["ThingType"]:
        """The same, a hundred times."""
        raise NotImplementedError


@strawberry.type
class Query:
    @layer(lambda parents, _: [Thing("x" * 1000) for _ in parents])
    def thing(self) -> ThingType:
        """Something."""
        raise NotImplementedError

    @layer(slowly)
    def later(self) -> ThingType:
        """Something, some turns of the event loop later."""
        raise NotImplementedError


THINGS = graphql_schema(strawberry.Schema(query=Query))


async def run(query: str, context: Context | None = None, **bounds: int) -> Result:
    return await execute(prepare(SCHEMA, parse(query)), context=context or Context(), limits=Limits(**bounds))


def code(result: Result) -> Any:
    assert result.data is None
    (error,) = result.errors
    return (error.extensions or {})["code"]


async def test_each_object_counts_as_often_as_it_occurs() -> None:
    # The root, two people, and for each of the two a boss's two friends: every record is met once.
    query = "{ people(count: 2) { boss { friends { name } } } }"
    assert (await run(query, max_nodes=1 + 2 * (1 + 1 + 2))).errors == []
    assert code(await run(query, max_nodes=2 * (1 + 1 + 2))) == "MAX_NODES_EXCEEDED"


async def test_lists_multiply_though_records_are_few() -> None:
    query = "{ people(count: 3) " + "{ friends " * 20 + "{ name }" + " }" * 20 + " }"
    context = Context()
    assert code(await run(query, context, max_nodes=100_000, max_cost=10**9)) == "MAX_NODES_EXCEEDED"


async def test_too_many_nodes_are_found_before_the_next_layer_is_asked() -> None:
    context = Context()
    assert code(await run("{ people(count: 20) { friend { name } } }", context, max_nodes=10)) == "MAX_NODES_EXCEEDED"
    assert [name for name, _ in context.calls] == ["people"]


async def test_nodes_count_where_something_is_wrong_too() -> None:
    context = Context(faults={("friends", 1): "item"})
    query = "{ people(count: 3) " + "{ friends " * 20 + "{ name }" + " }" * 20 + " }"
    assert code(await run(query, context, max_nodes=100_000, max_cost=10**9)) == "MAX_NODES_EXCEEDED"


async def test_what_is_remembered_counts_with_its_nodes() -> None:
    snapshot = World()
    query = "{ people(count: 2) { boss { friends { name } } } }"
    operation = prepare(SCHEMA, parse(query))
    first = await execute(operation, context=Context(snapshot=snapshot))
    assert first.errors == []
    again = await execute(operation, context=Context(snapshot=snapshot), limits=Limits(max_nodes=9))
    assert again == first
    assert code(await execute(operation, context=Context(snapshot=snapshot), limits=Limits(max_nodes=8))) == (
        "MAX_NODES_EXCEEDED"
    )


async def test_rows_that_are_remembered_count_where_another_query_meets_them() -> None:
    snapshot = World()
    operation = prepare(SCHEMA, parse("query ($count: Int!) { people(count: $count) { friends { name } } }"))

    async def ask(count: int, max_nodes: int) -> Result:
        context = Context(snapshot=snapshot)
        return await execute(operation, variables={"count": count}, context=context, limits=Limits(max_nodes))

    assert (await ask(4, 100)).errors == []
    assert (await ask(3, 1 + 3 * 3)).errors == []
    assert code(await ask(2, 2 * 3)) == "MAX_NODES_EXCEEDED"


async def test_bytes_are_counted() -> None:
    query = "{ people(count: 7) { name title } }"
    whole = await run(query)
    assert whole.data is not None
    assert (await run(query, max_bytes=len(whole.data))).data == whole.data
    assert code(await run(query, max_bytes=len(whole.data) // 2)) == "MAX_BYTES_EXCEEDED"


async def test_bytes_are_counted_before_they_are_joined() -> None:
    # A terabyte, of which no more than a megabyte may ever be there.
    query = "{ thing " + "{ more " * 5 + "{ text }" + " }" * 5 + " }"
    bounds = Limits(max_nodes=10**12, max_bytes=10**6)
    assert code(await execute(prepare(THINGS, parse(query)), context=Things(), limits=bounds)) == "MAX_BYTES_EXCEEDED"


async def test_the_stock_executor_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.stock.MAX_FIELDS", 50)
    assert code(await run("{ __schema { types { name fields { name type { name } } } } }")) == "MAX_FIELDS_EXCEEDED"
    assert (await run("{ __schema { queryType { name } } plain }")).errors == []
    # With something to wait for.
    slow = "{ plain person { " + " ".join(f"a{number}: friend {{ name }}" for number in range(40)) + " } }"
    assert code(await run(slow)) == "MAX_FIELDS_EXCEEDED"
    result = await toy.SCHEMA.execute("{ __schema { types { name fields { name } } } }", context_value=Context())
    assert [error.extensions for error in result.errors or []] == [{"code": "MAX_FIELDS_EXCEEDED"}]


async def test_fragments_that_multiply_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.planner.MAX_FIELDS", 10)
    fields = " ".join(f"a{number}: name" for number in range(6))
    operation = prepare(SCHEMA, parse(f"{{ allNamed {{ {fields} }} }}"))
    for _ in range(2):
        assert code(await execute(operation, context=Context())) == "MAX_FIELDS_EXCEEDED"


async def test_errors_are_bounded_and_the_rest_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion_module, "MAX_ERRORS", 3)
    context = Context(faults={("friend", key): "raise" for key in range(7)})
    result = await run("{ people(count: 7) { name friend { name } } }", context)
    assert [error.message for error in result.errors] == [*["no answer"] * 3, "4 more errors are left out."]
    assert result.errors[-1].extensions == {"code": "TOO_MANY_ERRORS"}
    assert msgspec.json.decode(result.data or b"")["people"][6] == {"name": "n0", "friend": None}


@pytest.mark.parametrize("faults", [{}, {("boss", 3): "raise"}])
async def test_others_run_between_layers(faults: dict[tuple[str, int], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.turns.MAX_TURN", -1.0)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.ensure_future(count())
    await asyncio.sleep(0)
    depth = 10
    result = await run("{ person " + "{ boss " * depth + "{ name }" + " }" * depth + " }", Context(faults=faults))
    counting.cancel()
    assert result.data is not None
    assert turns >= depth


async def test_many_parents_come_in_parts_between_which_others_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.calls.MAX_PARENTS", 2)
    context = Context()
    result = await run("{ people(count: 7) { friend { name } friends { name } } }", context)
    expected = await run("{ people(count: 7) { friend { name } friends { name } } }")
    assert result == expected
    assert [keys for name, keys in context.calls if name == "friend"] == [[1, 2], [3, 4], [5, 6], [0]]


@pytest.mark.parametrize("fault", ["raise", "slow", "all", "short"])
async def test_parts_fail_as_a_whole_does(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    context = Context(faults={("friend", 3): fault})
    query = "{ people(count: 7) { friend { name } } }"
    whole = await run(query, Context(faults=context.faults))
    monkeypatch.setattr("execution.calls.MAX_PARENTS", 3)
    parts = await run(query, context)
    if fault == "short":  # only its part is short
        assert len(parts.errors) == 3
    else:
        assert parts.data == whole.data
        assert [error.path for error in parts.errors] == [error.path for error in whole.errors]


async def test_nothing_goes_on_once_a_run_is_cancelled() -> None:
    context = Things()
    operation = prepare(THINGS, parse("{ a: later { more { text } } b: later { more { text } } }"))
    task = asyncio.ensure_future(execute(operation, context=context))
    await context.started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(5):
        await asyncio.sleep(0)
    assert context.calls == []
