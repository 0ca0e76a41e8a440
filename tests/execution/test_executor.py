"""What the layered executor does beyond the specification: layers, plans, what is remembered, and what it leaves to the other."""

import asyncio
import gc
import json
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
import strawberry
from graphql import GraphQLError, GraphQLSchema, build_schema, parse
from strawberry.extensions import SchemaExtension
from strawberry.permission import BasePermission

from execution import LayeredExecutor, Operation, Result, encode, execute, executor, layer, plan, prepare
from execution.plan import Selection
from execution.row_cache import ENTRY_BYTES, rows_of
from execution.variables import Variables
from tests.execution import toy
from tests.execution.toy import Context
from tests.patience import PATIENCE

SCHEMA = toy.SCHEMA._schema


async def run(query: str, context: Context | None = None, **variables: Any) -> Result:
    return await execute(prepare(SCHEMA, parse(query)), variables=variables, context=context or Context())


class World:
    """A snapshot."""


def plan_of(schema: GraphQLSchema, query: str, operation: Operation | None = None) -> Selection | None:
    operation = operation or prepare(schema, parse(query))
    variables = operation.coerce({})
    assert isinstance(variables, Variables)
    return operation.plan(variables)


def data(result: Result) -> Any:
    assert result.data is not None
    return msgspec.json.decode(result.data)


async def test_a_layer_is_asked_once() -> None:
    context = Context()
    await run("{ people(count: 4) { friends { boss { name } } } }", context)
    assert context.calls == [("people", [0]), ("friends", [1, 2, 3, 4]), ("boss", [2, 3, 4, 5, 6])]


async def test_equal_records_are_asked_once() -> None:
    context = Context()
    await run("{ people(count: 2) { colleagues { friend { name } } } }", context)
    assert ("friend", [2, 3, 4]) in context.calls


async def test_long_lists() -> None:
    result = await run("{ people(count: 700) { key tags } }")
    assert [each["key"] for each in data(result)["people"]] == [str(number % 7) for number in range(1, 701)]


async def test_lists_of_leaves_that_are_coerced() -> None:
    moods = [[toy.Mood.GOOD, toy.Mood.BAD], None, []]

    @strawberry.type
    class Query:
        @layer(lambda parents, _: [moods for _ in parents])
        def moods(self) -> list[list[toy.Mood] | None]:
            """Enums in lists of lists."""
            raise NotImplementedError

    schema = strawberry.Schema(query=Query)._schema
    assert (await execute(prepare(schema, parse("{ moods }")))).data == b'{"moods":[["GOOD","BAD"],null,[]]}'


async def test_an_iterable_that_breaks_fails_its_parent_alone() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    @strawberry.type
    class Query:
        @layer(lambda parents, _: [broken() for _ in parents])
        def numbers(self) -> list[int] | None:
            """Numbers, until it breaks."""

        @layer(lambda parents, _: [{3} for _ in parents])
        def others(self) -> list[int]:
            """Numbers."""
            raise NotImplementedError

    schema = strawberry.Schema(query=Query)._schema
    result = await execute(prepare(schema, parse("{ numbers others }")))
    assert result.data == b'{"numbers":null,"others":[3]}'
    assert [error.message for error in result.errors] == ["broken"]


async def test_what_is_asked_at_one_depth_goes_out_together() -> None:
    context = Context(faults={("boss", 2): "slow"})
    query = "{ a: person(key: 1) { friend { boss { name } } } b: person(key: 4) { homes { guest { boss { name } } } } }"
    await run(query, context)
    assert [name for name, _ in context.calls] == ["person", "person", "friend", "guest", "boss", "boss"]


async def test_answers_at_hand_take_no_turn_of_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.turns.MAX_TURN", float("inf"))  # on a slow machine even this may be long work
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    counting = asyncio.ensure_future(count())
    await asyncio.sleep(0)
    await run("{ person { friends { boss { name } } } }")
    counting.cancel()
    assert turns == 0


async def test_siblings_run_at_the_same_time() -> None:
    started: list[str] = []
    both = asyncio.Event()

    def waiting(name: str) -> Any:
        async def function(parents: Sequence[None], _context: object) -> list[str]:
            started.append(name)
            if len(started) == 2:
                both.set()
            await asyncio.wait_for(both.wait(), PATIENCE)
            return [name for _ in parents]

        return function

    @strawberry.type
    class Query:
        @layer(waiting("left"))
        def left(self) -> str:
            """Wait for the right one."""
            raise NotImplementedError

        @layer(waiting("right"))
        def right(self) -> str:
            """Wait for the left one."""
            raise NotImplementedError

    schema = strawberry.Schema(query=Query)._schema
    assert (await execute(prepare(schema, parse("{ left right }")))).data == b'{"left":"left","right":"right"}'


@pytest.mark.parametrize("answers", [[1, 2], [], None, 7])
async def test_a_wrong_number_of_answers_is_an_internal_error(answers: Any) -> None:
    @strawberry.type
    class Query:
        @layer(lambda parents, context: answers)
        def number(self) -> int | None:
            """One too many, or too few."""

    schema = strawberry.Schema(query=Query)._schema
    result = await execute(prepare(schema, parse("{ number }")))
    assert result.data == b'{"number":null}'
    (error,) = result.errors
    assert error.path == ["number"]
    assert isinstance(error.original_error, RuntimeError | TypeError)


async def test_cancelling_reaches_the_layer_functions() -> None:
    under_way: asyncio.Queue[bool] = asyncio.Queue()
    cancelled = []

    async def wait_on(parents: Sequence[None], _context: object) -> list[str]:
        under_way.put_nowait(True)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return []

    @strawberry.type
    class Query:
        @layer(wait_on)
        def endless(self) -> str | None:
            """Never answer."""

    schema = strawberry.Schema(query=Query)._schema
    task = asyncio.ensure_future(execute(prepare(schema, parse("{ a: endless b: endless }"))))
    for _ in range(2):
        await under_way.get()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert cancelled == [True, True]


async def test_a_schema_executes_with_it() -> None:
    result = await toy.SCHEMA.execute("{ person { name home { address } } }", context_value=Context())
    assert result.data == {"person": {"name": "n1", "home": {"address": "1 Main St"}}}
    context = Context(faults={("person", 0): "code"})
    result = await toy.SCHEMA.execute("{ person { name } }", context_value=context)
    assert result.data == {"person": None}
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "CLOSED"}


async def test_completion_is_for_errors_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("there was no error")

    monkeypatch.setattr(executor, "Completion", refuse)
    everything = (
        "key name title count size ratio mood tags matrix born numbers told home { address owner { __typename } }"
    )
    result = await run(f"{{ people(count: 5) {{ {everything} pets {{ __typename }} nested {{ __typename }} }} }}")
    assert result.errors == []


async def test_records_that_cannot_be_hashed_are_answered() -> None:
    @dataclass
    class Row:
        name: str

    rows = [Row("a"), Row("b")]

    @strawberry.type(name="Row")
    class RowType:
        name: str

        @layer(lambda parents, _: [parent.name * 2 for parent in parents])
        def twice(self) -> str:
            """The name, twice."""
            raise NotImplementedError

    @strawberry.type
    class Query:
        @layer(lambda parents, _: [[rows[0], rows[1], rows[0]] for _ in parents])
        def rows(self) -> list[RowType]:
            """Some rows."""
            raise NotImplementedError

    schema = strawberry.Schema(query=Query)._schema
    for name in ("a", "changed"):
        rows[0].name = name
        found = data(await execute(prepare(schema, parse("{ rows { name twice } }"))))
        assert [row["name"] for row in found["rows"]] == [name, "b", name]
        assert found["rows"][0]["twice"] == name * 2


STOCK = {
    "introspection": "{ __schema { queryType { name } } }",
    "introspection beside fields": '{ person { name } __type(name: "Dog") { name } }',
    "Federation's _service": "{ _service { sdl } }",
    "a resolver that is no layer function": "{ plain }",
    "a mutation": 'mutation { rename(name: "x") }',
}


@pytest.mark.parametrize("query", STOCK.values(), ids=STOCK)
async def test_what_is_left_to_the_stock_executor(query: str) -> None:
    assert plan_of(SCHEMA, query) is None
    assert (await run(query)).errors == []


async def test_a_schema_not_made_by_strawberry_is_left_to_the_stock_executor() -> None:
    schema = build_schema("type Query { greeting: String }")
    assert (await execute(prepare(schema, parse("{ greeting }")))).data == b'{"greeting":null}'


async def test_type_checks_that_are_coroutines_are_left_to_the_stock_executor() -> None:
    @strawberry.type
    class Thing:
        name: str

        @classmethod
        async def is_type_of(cls, value: object, _info: object) -> bool:
            return isinstance(value, toy.Being)

    @strawberry.type
    class Query:
        @layer(lambda parents, _: [toy.Being(1) for _ in parents])
        def thing(self) -> Thing | None:
            """Something."""

    schema = strawberry.Schema(query=Query)._schema
    context = Context()
    assert (
        await execute(prepare(schema, parse("{ thing { name } }")), context=context)
    ).data == b'{"thing":{"name":"n1"}}'


async def test_permissions_are_left_to_the_stock_executor() -> None:
    class Nobody(BasePermission):
        message = "not you"

        def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
            return False

    @strawberry.type
    class Query:
        name: str | None = strawberry.field(default="x", permission_classes=[Nobody])

    schema = strawberry.Schema(query=Query)._schema
    (error,) = (await execute(prepare(schema, parse("{ name }")))).errors
    assert error.message == "not you"


async def test_extensions_that_resolve_are_left_to_the_stock_executor() -> None:
    class Shout(SchemaExtension):
        async def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
            value = _next(root, info, *args, **kwargs)
            value = await value if asyncio.iscoroutine(value) else value
            return value.upper() if isinstance(value, str) else value

    schema = toy.build(execution_context_class=LayeredExecutor, extensions=[Shout])
    result = await schema.execute("{ person { name } }", context_value=Context())
    assert result.data == {"person": {"name": "N1"}}


def test_there_is_a_plan_for_each_combination_of_conditions() -> None:
    operation = prepare(SCHEMA, parse("query ($a: Boolean!) { person { name @skip(if: $a) title } }"))

    def found(a: bool) -> Any:
        variables = operation.coerce({"a": a})
        assert isinstance(variables, Variables)
        return operation.plan(variables)

    assert found(True) is found(True)
    assert found(True) is not found(False)
    assert operation.size == 1 + 1 + 1 + 2


async def test_an_operation_keeps_a_few_plans() -> None:
    names = [f"v{number}" for number in range(5)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    document = parse(f"query ({declared}) {{ person {{ title {fields} }} }}")
    for number in range(32):
        variables = {name: bool(number >> place & 1) for place, name in enumerate(names)}
        result = await execute(prepare(SCHEMA, document), variables=variables, context=Context())
        assert list(data(result)["person"]) == ["title", *(name for name in names if variables[name])]


async def test_leaves_are_encoded_once_for_equal_records(monkeypatch: pytest.MonkeyPatch) -> None:
    schema = toy.build()._schema
    document = parse("{ people(count: 3) { name home { address } } }")
    operation = prepare(schema, document)
    first = await execute(operation, context=Context())
    encoded: list[list[Any]] = []
    encode_leaves = plan.Selection.encode_leaves

    def spy(self: plan.Selection, records: list[Any]) -> Any:
        encoded.append(records)
        return encode_leaves(self, records)

    monkeypatch.setattr(plan.Selection, "encode_leaves", spy)
    assert await execute(operation, context=Context()) == first
    assert [type(record) for records in encoded for record in records] == [type(None), toy.Home, toy.Home, toy.Home]


async def test_another_record_with_the_same_key_is_another_record() -> None:
    document = parse("{ person { name } }")
    assert (await execute(prepare(SCHEMA, document), context=Context())).errors == []
    (error,) = (await execute(prepare(SCHEMA, document), context=Context({1: frozenset({"name"})}))).errors
    assert error.path == ["person", "name"]


async def test_leaves_that_are_remembered_are_bounded() -> None:
    schema = toy.build()._schema
    bound = 4 * (ENTRY_BYTES + 40)
    rows_of(schema).bound(bound)
    operation = prepare(schema, parse("query ($key: Int!) { person(key: $key) { name } }"))
    for key in [*range(7)] * 3:
        result = await execute(operation, variables={"key": key}, context=Context())
        assert data(result) == {"person": {"name": f"n{key}"}}
        assert 0 < rows_of(schema).size <= bound


async def test_what_is_remembered_does_not_keep_plans_alive() -> None:
    schema = toy.build()._schema
    operation = prepare(schema, parse("{ person { name } }"))
    context = Context(snapshot=World())
    assert (await execute(operation, context=context)).errors == []
    plan = plan_of(schema, "", operation)
    assert plan is not None
    edge = weakref.ref(plan.edges[0])
    del operation, plan
    gc.collect()
    assert edge() is None


def test_a_response_without_errors() -> None:
    assert encode(Result(b'{"a":1}', [])) == b'{"data":{"a":1}}'


def test_a_response_with_errors() -> None:
    error = GraphQLError("no", path=["a"], extensions={"code": "NO"})
    formatted = {"message": "no", "path": ["a"], "extensions": {"code": "NO"}}
    assert json.loads(encode(Result(b'{"a":null}', [error]))) == {"errors": [formatted], "data": {"a": None}}
    assert json.loads(encode(Result(b"null", [error]), lambda _: {"message": "masked"})) == {
        "errors": [{"message": "masked"}],
        "data": None,
    }


async def test_a_request_error_has_no_data() -> None:
    result = await run("query ($key: Int!) { person(key: $key) { name } }")
    assert result.data is None
    assert "data" not in json.loads(encode(result))


async def test_half_a_surrogate_pair_is_escaped() -> None:
    result = await run("query ($text: String!) { person { told(text: $text) } }", text="\ud800")
    assert "\\ud800" in data(result)["person"]["told"]
    broken = Result(b"null", [GraphQLError("\ud800")])
    assert json.loads(encode(broken))["errors"] == [{"message": "\ud800"}]


async def test_our_own_exceptions_are_the_original_errors() -> None:
    result = await run("{ person { friend { name } } }", Context(faults={("friend", 1): "raise"}))
    assert isinstance(result.errors[0].original_error, ValueError)
