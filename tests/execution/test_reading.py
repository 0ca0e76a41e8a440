"""Documents are read as graphql-core reads them, and leave less behind."""

import gc

import pytest
from graphql import GraphQLError, Source, parse, print_ast, specified_rules, validate
from hypothesis import given
from hypothesis import strategies as st

from execution.internals import graphql_schema
from execution.reading import parse_document, validation_errors
from tests.execution import toy

SCHEMA = graphql_schema(toy.SCHEMA)
TEXTS = [
    "{ person { name } }",
    "query A($a: Int = 1) {\r\n  person {\r    name @skip(if: true)\n  }\n}\nfragment F on Person { name ...F }",
    '{ nobody person(a: "\\u00e9", b: """x\n y""") { name { x } ...G } }\n# a comment\n{ nobody }',
    "{ a: person { name } a: needed { name } }",
]


@pytest.mark.parametrize("text", TEXTS)
def test_documents_and_their_errors_are_graphql_cores(text: str) -> None:
    found, expected = parse_document(text, None, None), parse(text)
    assert print_ast(found) == print_ast(expected)
    errors = validation_errors(SCHEMA, found, 100, hide_suggestions=False)
    assert [each.formatted for each in errors] == [each.formatted for each in validate(SCHEMA, expected)]


@pytest.mark.parametrize("text", ["", "{", "{ a" * 5000, "{ a(b: " + "[" * 500, "{ \x00 }", "a\n\n  ^"])
def test_what_is_no_document_says_so_alike(text: str) -> None:
    with pytest.raises(GraphQLError) as expected:
        parse(text)
    with pytest.raises(GraphQLError) as found:
        parse_document(text, None, None)
    assert found.value.formatted == expected.value.formatted


@given(st.text(",\n\r "), st.integers(0, 50))
def test_a_place_is_the_one_that_graphql_core_finds(text: str, position: int) -> None:
    source = parse_document(text + "{ a }", None, None).loc.source  # type: ignore[union-attr]
    assert source.get_location(position) == Source(source.body).get_location(position)


def test_no_document_is_left_to_the_collector() -> None:
    text = "{ " + " ".join(f"person {{ a{number}: name @skip(if: false) }}" for number in range(100)) + " }"

    def read() -> int:
        gc.collect()
        document = parse_document(text, None, None)
        assert validation_errors(SCHEMA, document, 100, hide_suggestions=False) == []
        del document
        return gc.collect()

    read()
    gc.disable()
    try:
        assert read() < 60 * len(specified_rules), "of each rule a little, of the 5,000 pairs nothing"
    finally:
        gc.enable()
