"""What an operation looks through is bounded; plain lists are not looked through."""

from typing import Any

import pytest
from graphql import parse

import execution
from catalogue import Catalogue
from execution.internals import graphql_schema
from loaders import RequestContext
from tests.queries import NEIGHBOURS, SCHEMA

ASKED = {
    "collaborators": "participants(first: 3) { nodes { collaborators(first: 1) { totalCount } } }",
    "search": 'search(query: "django") { totalCount }',
    "a filter with text": 'packages(filter: {text: "a b"}) { totalCount }',
    "a filter of grids": "grids(filter: {minPackages: 1}) { totalCount }",
    "a filter of participants": "participants(filter: {bots: false}) { totalCount }",
    "alternatives": 'package(slug: "django-loci") { alternatives(first: 1) { totalCount } }',
    "statistics": "packages { stats { activeCount } }",
    "statistics of a category": 'category(slug: "apps") { packages { stats { activeCount } } }',
    "statistics of a grid": 'grid(slug: "forms") { packageConnection { stats { activeCount } } }',
    "the packages of a grid that pass": 'grid(slug: "geolocation") { packages(filter: {text: "a"}) { slug } }',
}


async def ask(catalogue: Catalogue, query: str, max_examined: int, **variables: Any) -> execution.Result:
    operation = execution.prepare(graphql_schema(SCHEMA), parse(query))
    context = RequestContext(catalogue, max_examined=max_examined)
    return await execution.execute(operation, variables=variables, context=context)


@pytest.mark.parametrize("query", ASKED.values(), ids=ASKED)
async def test_what_is_looked_through_is_bounded(mirrored: Catalogue, query: str) -> None:
    result = await ask(mirrored, f"{{ {query} catalogue {{ gridCount }} }}", 0)
    assert {(error.extensions or {})["code"] for error in result.errors} == {"MAX_EXAMINED_EXCEEDED"}
    assert result.data is not None
    assert b'"gridCount":' in result.data
    assert (await ask(mirrored, f"{{ {query} }}", 100_000)).errors == []


async def test_plain_lists_are_not_looked_through(mirrored: Catalogue) -> None:
    assert (await ask(mirrored, NEIGHBOURS, 0, slug="django-loci")).errors == []
    lists = "{ packages { totalCount } grids { totalCount } participants { totalCount } categories { packages { totalCount } } }"
    assert (await ask(mirrored, lists, 0)).errors == []


async def test_it_is_bounded_over_the_whole_operation(mirrored: Catalogue) -> None:
    once = f"{{ {ASKED['search']} }}"
    enough = len(mirrored.snapshot.index.packages) + len(mirrored.snapshot.index.grids)
    assert (await ask(mirrored, once, enough)).errors == []
    twice = '{ a: search(query: "django") { totalCount } b: search(query: "cms") { totalCount } }'
    assert len((await ask(mirrored, twice, 2 * enough - 1)).errors) == 1
    assert (await ask(mirrored, twice, 2 * enough)).errors == []


async def test_the_context_says_what_was_looked_through_and_of_how_much(mirrored: Catalogue) -> None:
    operation = execution.prepare(graphql_schema(SCHEMA), parse("{ packages { stats { activeCount } } }"))
    context = RequestContext(mirrored, max_examined=100_000)
    assert context.used == {"max-examined": (0, 100_000), "max-read-through": (0, mirrored.max_reads)}
    await execution.execute(operation, context=context)
    examined, limit = context.used["max-examined"]
    assert 0 < examined < limit == 100_000
