"""A layer function under the stock executor: one call a layer, errors where they belong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

import strawberry
from aiodataloader import DataLoader
from graphql import parse

from execution import layer
from tests.execution import toy
from tests.execution.compare import stock


@dataclass
class Context:
    calls: list[tuple[str, list[str]]] = field(default_factory=list)
    layer_loaders: dict[object, DataLoader[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Letter:
    name: str


async def roots(parents: Sequence[None], context: Context) -> list[list[Letter]]:
    return [[Letter("a"), Letter("b"), Letter("bad"), Letter("a")] for _ in parents]


def followers(parents: Sequence[Letter], context: Context, count: int = 1) -> list[list[Letter] | Exception]:
    context.calls.append((f"followers {count}", [parent.name for parent in parents]))
    return [
        ValueError("no followers") if parent.name == "bad" else [Letter(parent.name * 2)] * count for parent in parents
    ]


@strawberry.type(name="Letter")
class LetterType:
    name: str

    @layer(followers)
    def followers(
        self, count: Annotated[int, strawberry.argument(description="How many.")] = 1
    ) -> list["LetterType"] | None:
        """The letters after this one."""

    @classmethod
    def is_type_of(cls, value: object, info: object) -> bool:
        return isinstance(value, Letter)


@strawberry.type
class Query:
    @layer(roots)
    def letters(self) -> list[LetterType]:
        """Some letters."""
        raise NotImplementedError


schema = strawberry.Schema(query=Query)


async def test_a_layer_is_resolved_in_one_call_per_arguments() -> None:
    context = Context()
    result = await schema.execute(
        "{ letters { followers { name } two: followers(count: 2) { name } } }", context_value=context
    )
    assert sorted(context.calls) == [("followers 1", ["a", "b", "bad"]), ("followers 2", ["a", "b", "bad"])]
    assert result.data is not None
    assert result.data["letters"][0] == {"followers": [{"name": "aa"}], "two": [{"name": "aa"}, {"name": "aa"}]}


async def test_one_failing_parent_fails_alone() -> None:
    result = await schema.execute("{ letters { followers { name } } }", context_value=Context())
    assert [error.path for error in result.errors or []] == [["letters", 2, "followers"]]
    assert result.data is not None
    assert result.data["letters"][1] == {"followers": [{"name": "bb"}]}


async def test_a_field_that_the_stock_executor_gives_up_leaves_others_their_answers() -> None:
    """`boss` may not be null: with it `a` goes, and graphql-core cancels its other fields, for which `b` waits too."""
    slow = {("friends", key): "slow" for key in range(7)}
    context = toy.Context(faults={("boss", 1): "raise", **slow})
    query = """{
        a: person(key: 1) { boss { name } friends { name } }
        b: person(key: 1) { friends { name } }
        people(count: 6) { friends { name } }
    }"""
    result = await stock(toy.SCHEMA._schema, parse(query), context, {})
    assert result.data is not None
    assert result.data["a"] is None
    assert result.data["b"] == {"friends": [{"name": "n2"}, {"name": "n3"}]}
    assert [error.path for error in result.errors or []] == [["a", "boss"]]


def test_the_docstring_is_the_description() -> None:
    assert '"""The letters after this one."""' in schema.as_str()
