"""A value in a message is written as JSON or GraphQL writes it."""

import json
from typing import Any

import pytest
from graphql import parse
from hypothesis import given
from hypothesis import strategies as st

from execution import Documents, prepare, to_json
from tests.queries import SCHEMA
from web.variables import MAX_ERRORS, MAX_VALUE, variable_errors

FILTER = "query ($x: PackageFilter) { packages(filter: $x) { totalCount } }"
ORDER = "query ($x: PackageOrderBy) { packages(orderBy: $x) { totalCount } }"
NODES = "query ($x: [ID!]!) { nodes(nodeIds: $x) { nodeId } }"
TYPES = ["Int!", "Float!", "Boolean!", "ID!", "DateTime!", "PackageOrder!", "PackageFilter!"]


def messages(query: str, value: Any) -> list[str]:
    operation = prepare(SCHEMA._schema, parse(query))
    errors = variable_errors(SCHEMA._schema, operation, {"x": value}, hide_suggestions=True)
    assert all(error.nodes for error in errors)
    return [error.message for error in errors]


@pytest.mark.parametrize(
    ("query", "value", "message"),
    [
        (FILTER, True, "Expected value of type 'PackageFilter' to be an object, found: true."),
        (FILTER, {"a": None}, "not to include unknown field 'a', found: {\"a\":null}."),
        (FILTER, {"text": {"é": [None, "\n"]}}, 'String cannot represent a non string value: {"é":[null,"\\n"]}'),
        (FILTER, {"minWatchers": "1"}, 'Int cannot represent non-integer value: "1"'),
        (FILTER, {"isActive": "yes"}, 'Boolean cannot represent a non boolean value: "yes"'),
        (ORDER, {}, "Expected value of type 'PackageOrderBy' to include required field 'field', found: {}."),
        (ORDER, {"field": "title"}, "Value \"title\" does not exist in 'PackageOrder' enum."),
        (ORDER, {"field": False}, "Enum 'PackageOrder' cannot represent non-string value: false."),
        (NODES, ["a", [True]], "at [1]: ID cannot represent value: [true]"),
        (NODES, {"a": {"b": {"c": {"d": None}}}}, 'ID cannot represent value: {"a":{"b":{"c":{"d":null}}}}'),
    ],
)
def test_a_wrong_value_is_written_as_json(query: str, value: Any, message: str) -> None:
    (said,) = messages(query, value)
    assert said.startswith("Variable '$x' has invalid value")
    assert said.endswith(message)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(TYPES), json_values)
def test_whatever_is_wrong_is_written_as_json(kind: str, value: Any) -> None:
    for said in messages(f"query ($x: {kind}) {{ __typename }}", value):
        if " has invalid value:" not in said:
            continue  # it is about a part of the value
        assert to_json(value).decode()[:MAX_VALUE] in said or said.endswith("not to be null.")


@pytest.mark.parametrize("value", [5, "soon", "2026-02-06T12:30:22", {"a": None}, True, [1]])
def test_a_time_says_what_it_wants(value: Any) -> None:
    (said,) = messages("query ($x: DateTime) { __typename }", value)
    assert 'ISO 8601 with an offset, such as "2026-02-06T12:30:22-05:00"' in said
    assert said.endswith(f"found: {json.dumps(value, separators=(',', ':'))}.")


@pytest.mark.parametrize("literal", ["5", '"soon"', "{ a: null }", "TRUE", "[true]"])
async def test_a_literal_is_written_as_graphql(literal: str) -> None:
    document = await Documents(SCHEMA._schema).load(
        f"{{ packages(filter: {{createdAfter: {literal}}}) {{ totalCount }} }}"
    )
    (error,) = document.errors
    assert error.message.endswith(f"found: {literal}.")
    assert error.locations


def test_a_long_value_is_cut() -> None:
    (said,) = messages("query ($x: Int) { __typename }", "x" * 100_000)
    assert said.endswith("x…")
    assert len(said) < MAX_VALUE + 100


def test_there_are_not_too_many_errors() -> None:
    assert len(messages(NODES, [None] * 1000)) == MAX_ERRORS
