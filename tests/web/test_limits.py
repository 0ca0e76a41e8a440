"""What a document may ask for, and no more: each bound from both sides."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import GraphQLError, parse, validate

from tests.queries import SCHEMA
from tests.web.toy import client
from web import limits
from web.errors import MAX_MESSAGE
from web.limits import DocumentLimits

LIMITS = DocumentLimits(max_aliases=100, max_items=1000)


def errors(text: str) -> list[GraphQLError]:
    return LIMITS.errors(parse(text))


def code(text: str) -> str:
    (error,) = errors(text)
    assert error.locations, "it says where"
    return str((error.extensions or {})["code"])


def repeated(text: str, count: int) -> str:
    return " ".join(text.replace("#", str(number)) for number in range(count))


def chain(length: int, on: str = "Query", inner: str = "__typename", around: str = "#") -> str:
    """Fragments that spread each other; `around` stands around each spread."""
    links = (f"fragment F{n} on {on} {{ {around.replace('#', f'...F{n + 1}')} }}" for n in range(length - 1))
    return " ".join([*links, f"fragment F{length - 1} on {on} {{ {inner} }}"])


BOUNDS: dict[str, Callable[[int], str]] = {
    "MAX_ALIASES_EXCEEDED": lambda more: "{ " + repeated("a#: __typename", 100 + more) + " }",
    "MAX_ROOT_FIELDS_EXCEEDED": lambda more: "{ " + repeated("field#", 100 + more) + " }",
    "MAX_DIRECTIVES_EXCEEDED": lambda more: "{ __typename " + repeated("@skip(if: false)", 10 + more) + " }",
    "MAX_FRAGMENTS_EXCEEDED": lambda more: "{ ...F0 } " + chain(100 + more),
    "MAX_OPERATIONS_EXCEEDED": lambda more: repeated("query Q# { __typename }", 100 + more),
    "MAX_SPREADS_EXCEEDED": lambda more: "{ " + repeated("...F", 500 + more) + " } fragment F on Query { __typename }",
    "MAX_ITEMS_EXCEEDED": lambda more: "{ nodes(nodeIds: [" + repeated("1", 1000 + more) + "]) { nodeId } }",
    "MAX_INPUT_FIELDS_EXCEEDED": lambda more: "{ packages(filter: {" + repeated("a#: 1", 100 + more) + "}) { totalCount } }",
    "MAX_INTROSPECTIONS_EXCEEDED": lambda more: "{ __schema { description } " + repeated('a#: __type(name: "X") { name }', 9 + more) + " }",
    "MAX_DEPTH_EXCEEDED": lambda more: "{ " + "child { " * (49 + more) + "name" + " }" * (50 + more),
    "MAX_PAIRS_EXCEEDED": lambda more: "{ node { " + repeated("name", 200 + more) + " } }",
    "MAX_FIELDS_EXCEEDED": lambda more: (
        "{ ...A } fragment A on Query { a { ...B } b { ...B } c { ...B } d { ...B } e { ...B } f { ...B } g { ...B } h { ...B } i { ...B } j { ...B } }"
        "fragment B on X { a { ...C } b { ...C } c { ...C } d { ...C } e { ...C } f { ...C } g { ...C } h { ...C } i { ...C } j { ...C } }"
        "fragment C on X { " + repeated("field#", 98 + more) + " }"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOUNDS)
def test_a_document_may_go_as_far_as_a_bound_and_no_further(name: str) -> None:
    assert errors(BOUNDS[name](0)) == []
    assert code(BOUNDS[name](1)) == name


HIDDEN = {
    "aliases in a fragment": "{ ...F } fragment F on Query { " + repeated("a#: __typename", 101) + " }",
    "aliases in fragments applied twice": "{ a { ...F } b { ...F } } fragment F on X { " + repeated("a#: name", 51) + " }",
    "directives on a fragment": "{ ...F " + repeated("@include(if: true)", 11) + " } fragment F on Query { __typename }",
    "directives on an operation": "query " + repeated("@a", 11) + " { __typename }",
    "directives on a variable": "query ($a: Int " + repeated("@a", 11) + ") { __typename }",
    "spreads in fragments": "{ ...F0 } " + chain(60, around=" ".join(["#"] * 9)),
    "a list within a list": "{ a(b: [[" + repeated("1", 1001) + "]]) }",
    "a list as a default": "query ($a: [Int] = [" + repeated("1", 1001) + "]) { __typename }",
    "a list in a directive": "{ a @b(c: [" + repeated("1", 1001) + "]) }",
    "depth by fragments": "{ ...F0 } " + chain(60, around="child { # }"),
    "depth by inline fragments": "{ " + "... { " * 150 + "__typename" + " }" * 151,
    "depth by inline fragments in fragments": "{ ...F0 } " + chain(40, around="... { ... { ... { # } } }"),
    "pairs in inline fragments": "{ " + repeated("... { name }", 201) + " }",
    "pairs of objects": "{ " + repeated("node { name }", 150) + " }",
    "pairs below pairs": "{ " + repeated("a { b { c } b { c } b { c } b { c } }", 50) + " }",
    "pairs over fragments": "{ " + repeated("...F# ...F#", 100) + " } " + repeated("fragment F# on Query { a b c d e }", 100),
    "introspection in a fragment": "{ ...F } fragment F on Query { " + repeated("a#: __schema { description }", 11) + " }",
}  # fmt: skip


@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_hides(name: str) -> None:
    assert code(HIDDEN[name]).startswith("MAX_")


def test_fields_are_counted_with_all_fragments_applied_but_never_all_visited() -> None:
    """Each fragment spreads the next twice: 2**90 fields."""
    doubling = " ".join(f"fragment F{n} on X {{ a {{ ...F{n + 1} }} b {{ ...F{n + 1} }} }}" for n in range(90))
    assert code("{ a { ...F0 } } " + doubling + " fragment F90 on X { name }") == "MAX_FIELDS_EXCEEDED"


@pytest.mark.parametrize(
    "text",
    [
        "{ ...F } fragment F on Query { ...F }",
        "{ node { ...F } } fragment F on Node { child { ...F } }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ ...Unknown }",
        "{ nope { nope } }",
        "subscription { a }",
        "fragment F on Query { ...F } { ...F }",
    ],
)
def test_what_is_only_invalid_is_left_to_validation(text: str) -> None:
    document = parse(text)
    assert LIMITS.errors(document) == []
    assert validate(SCHEMA._schema, document)


def test_a_fragment_that_nobody_spreads_is_not_compared_with_others() -> None:
    text = "{ __typename } fragment F on Query { " + repeated("categories { slug }", 300) + " }"
    assert [error.message for error in errors(text)] == ["Fragment 'F' is never used."]


def test_the_largest_queries_that_people_write_pass() -> None:
    fields = "id title slug repoUrl repoWatchers repoForks pypiVersion lastUpdated __typename"
    parts = repeated(f"fragment F# on Package {{ {fields} }}", 20)
    text = (
        "{ packages(first: 100) { nodes { "
        + repeated("...F#", 20)
        + " grids { title packages { "
        + repeated("...F#", 20)
    )
    document = parse(text + " } } } } } " + parts)
    assert LIMITS.errors(document) == []
    assert validate(SCHEMA._schema, document) == []


async def test_objects_in_variables_are_bounded() -> None:
    variables = {"unused": {f"key{number}": 1 for number in range(limits.MAX_INPUT_FIELDS + 1)}}
    async with client() as gateway:
        refused = await gateway.post("/graphql", json={"query": "{ hello }", "variables": variables})
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "MAX_INPUT_FIELDS_EXCEEDED"


def test_pairs_with_long_arguments_count_more() -> None:
    assert errors("{ node { " + repeated('name(a: "b")', 60) + " } }") == []
    assert code("{ node { " + repeated(f'name(a: "{"b" * 100}")', 60) + " } }") == "MAX_PAIRS_EXCEEDED"


async def test_a_message_is_cut_in_which_a_client_said_too_much() -> None:
    async with client() as gateway:
        response = await gateway.post("/graphql", json={"query": "{ " + "a" * 90_000 + " }"})
    (error,) = response.json()["errors"]
    assert error["message"].endswith("a…")
    assert len(error["message"]) == MAX_MESSAGE + 1


@pytest.mark.parametrize("value", [[0] * 11, {"a": {"b": [0] * 11}}, [[0], [[0] * 11]]])
async def test_lists_in_variables_are_bounded(value: Any) -> None:
    query = {"query": "query ($a: String) { hello(name: $a) }", "variables": {"unused": value}}
    async with client(max_items=10) as gateway:
        refused = await gateway.post("/graphql", json=query)
    async with client(max_items=10, router_secret="s3cret") as gateway:
        others = await gateway.post("/graphql", json=query)
        router = await gateway.post("/graphql", json=query, headers={"x-router-secret": "s3cret"})
    for response in (refused, others):
        error = {"message": "A list has more than 10 items.", "extensions": {"code": "MAX_ITEMS_EXCEEDED"}}
        assert response.json() == {"errors": [error]}
    assert "MAX_ITEMS_EXCEEDED" not in router.text
    assert limits.MAX_TRUSTED_ITEMS > 1000
