"""An error about an argument names it, wherever it is found: in the document, in a variable, when the field runs."""

from typing import Any

import httpx
import pytest

from server import create_app
from settings import Settings

CASES: list[tuple[str, dict[str, Any], str]] = [
    # In the document
    ('{ packages(first: "1") { totalCount } }', {}, "first"),
    ("{ packages(frist: 1) { totalCount } }", {}, "frist"),
    ("{ packages(orderBy: {field: STARS}) { totalCount } }", {}, "orderBy.field"),
    ("{ packages(filter: {minWatcher: 1}) { totalCount } }", {}, "filter.minWatcher"),
    ('{ packages(filter: {createdAfter: "soon"}) { totalCount } }', {}, "filter.createdAfter"),
    ("{ nodes(nodeIds: [1, true]) { nodeId } }", {}, "nodeIds[1]"),
    ('{ search(query: "x", types: [GRID, FOO]) { totalCount } }', {}, "types[1]"),
    ('query ($s: String!) { packages(filter: {slugs: ["a", $s]}) { totalCount } }', {}, "filter.slugs[1]"),
    ("{ categories @include(if: 3) { id } }", {}, "if"),
    ("query ($n: String) { packages(first: $n) { totalCount } }", {}, "first"),
    ("{ ...f } fragment f on Query { grid(slug: 1) { id } }", {}, "slug"),
    # Left out
    ("{ participant { id } }", {}, "login"),
    ("{ categories @include { id } }", {}, "if"),
    ("{ packages(orderBy: {}) { totalCount } }", {}, "orderBy.field"),
    ("{ packages(orderBy: {direction: DESC}) { nodes { participantConnection { totalCount } } } }", {}, "orderBy.field"),
    ("query ($by: PackageOrderBy) { packages(orderBy: $by) { totalCount } }", {"by": {}}, "orderBy.field"),
    ("query ($by: PackageOrderBy!) { packages(orderBy: $by) { totalCount } }", {}, "orderBy"),
    # In a variable
    ("query ($f: PackageFilter) { packages(filter: $f) { totalCount } }", {"f": {"minStar": 1}}, "filter.minStar"),
    ("query ($f: PackageFilter) { packages(filter: $f) { totalCount } }", {"f": {"it's": 1}}, "filter"),
    ("query ($n: Int) { packages(first: $n) { totalCount } }", {"n": "1"}, "first"),
    ("query ($slug: String!) { participant(login: $slug) { id } }", {}, "login"),
    ("query ($by: PackageOrderBy) { packages(orderBy: $by) { totalCount } }", {"by": {"field": "STARS"}}, "orderBy.field"),
    ("query ($s: [String!]) { packages(filter: {slugs: $s}) { totalCount } }", {"s": ["a", 1]}, "filter.slugs[1]"),
    ("query ($n: Int) { ...f } fragment f on Query { grids(last: $n) { totalCount } }", {"n": 1.5}, "last"),
    # When it runs
    ('query ($login: String = "x") { participant(login: $login) { id } }', {"login": None}, "login"),
    ('{ packages(after: "?") { totalCount } }', {}, "after"),
    ("{ grid { id } }", {}, "id"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "variables", "argument"), CASES)
async def test_the_argument_is_named(query: str, variables: dict[str, Any], argument: str) -> None:
    app = create_app(Settings(upstream="sample", mirror=False))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        answer = (await client.post("/graphql", json={"query": query, "variables": variables})).json()
    (error,) = answer["errors"]
    assert error["extensions"]["argument"] == argument
    assert error["extensions"]["code"] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")


async def test_an_error_about_something_else_names_none() -> None:
    app = create_app(Settings(upstream="sample", mirror=False))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        for query in ("{ packages(first: 1) { nope } }", "query ($n: Int) { categories { id } }"):
            answer = (await client.post("/graphql", json={"query": query})).json()
            assert all("argument" not in each["extensions"] for each in answer["errors"])
