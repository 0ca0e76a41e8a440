"""Variables are coerced as graphql-core coerces them, whatever they are."""

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import OperationDefinitionNode, VariableValues, get_variable_values, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from execution.internals import graphql_schema
from execution.variables import DeclaredVariables, Variables
from tests.execution import toy

SCHEMA = graphql_schema(toy.SCHEMA)
TYPES = [
    *("String", "String!", "ID", "ID!", "Int", "Int!", "Float!", "Boolean", "Boolean!", "Mood", "Filter", "_Any!"),
    *("[ID!]!", "[Int]", "[[String!]]", "[Filter!]", 'String = "x"', "Int! = 3", "[Int!] = [1]", "Int = null"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats() | st.text(max_size=3) | st.just("GOOD"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "limit", "moods", "x"]), inner, max_size=2)
    ),
    max_leaves=5,
)


def declared(*types: str) -> tuple[DeclaredVariables, OperationDefinitionNode]:
    names = " ".join(f"$v{number}: {type_}" for number, type_ in enumerate(types))
    operation = parse(f"query ({names}) {{ __typename }}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return DeclaredVariables(SCHEMA, operation.variable_definitions or (), hide_suggestions=False), operation


def exactly(values: Mapping[str, object]) -> dict[str, str]:
    """What tells 1, 1.0 and True apart, and finds NaN equal to itself."""
    return {name: repr(value) for name, value in values.items()}


@settings(max_examples=600)
@given(
    types=st.lists(st.sampled_from(TYPES), min_size=1, max_size=3),
    inputs=st.dictionaries(st.sampled_from(["v0", "v1", "v2", "else"]), JSON),
)
def test_they_are_coerced_as_graphql_core_does(types: list[str], inputs: dict[str, Any]) -> None:
    variables, operation = declared(*types)
    expected = get_variable_values(SCHEMA, operation.variable_definitions or (), inputs, 50)
    found = variables.coerce(inputs)
    if isinstance(expected, VariableValues):
        assert isinstance(found, Variables)
        assert exactly(found.coerced) == exactly(found.values.coerced) == exactly(expected.coerced)
    else:
        assert isinstance(found, list)
        assert [(each.message, each.locations) for each in found] == [(e.message, e.locations) for e in expected]


@pytest.mark.parametrize("value", ["a", None, 1, True, 1.0, [], ["a", "b"], [1, [True]], {}, {"a": 1, "b": [{}]}])
def test_equal_values_have_equal_keys_and_others_have_not(value: Any) -> None:
    variables, _ = declared("_Any")

    def key(inputs: dict[str, Any]) -> Any:
        coerced = variables.coerce(inputs)
        assert isinstance(coerced, Variables)
        return coerced.key(["v0"])

    others = ["b", "", 0, False, 2.0, [[]], ["b", "a"], [1, [1]], {"a": 1}, {"a": 1.0, "b": [{}]}, [("a")]]
    assert key({"v0": value}) == key({"v0": value})
    assert hash(key({"v0": value})) == hash(key({"v0": value, "else": 1}))
    assert all(key({"v0": value}) != key({"v0": other}) for other in others)
    assert key({}) != key({"v0": None})


def test_the_order_of_names_makes_no_other_key() -> None:
    variables, _ = declared("_Any")
    first, second = (variables.coerce({"v0": each}) for each in ({"a": 1, "b": 2}, {"b": 2, "a": 1}))
    assert isinstance(first, Variables)
    assert isinstance(second, Variables)
    assert first.key(["v0"]) == second.key(["v0"])
