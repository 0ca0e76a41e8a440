"""Inputs: what is kindly read, and what an error says of the rest."""

import pytest

from catalogue import Catalogue
from loaders import RequestContext
from tests.queries import SCHEMA, data

AFTER = "query($at: DateTime!) { packages(filter: {createdAfter: $at}) { totalCount } }"


async def test_a_plain_date_is_midnight_in_utc(mirrored: Catalogue) -> None:
    for date in ("2020-01-01", "2015-06-30"):
        assert await data(mirrored, AFTER, at=date) == await data(mirrored, AFTER, at=f"{date}T00:00:00+00:00")
        literal = AFTER.replace("query($at: DateTime!) ", "").replace("$at", f'"{date}"')
        assert await data(mirrored, literal) == await data(mirrored, AFTER, at=date)


@pytest.mark.parametrize("date", ["2020-13-01", "2020-02-30", "0000-01-01", "2020-1-1", "2020-W01-1"])
async def test_what_is_no_date_is_an_error(mirrored: Catalogue, date: str) -> None:
    result = await SCHEMA.execute(AFTER, {"at": date}, context_value=RequestContext(mirrored))
    assert "it must be a date, or a text in ISO 8601 with an offset" in str(result.errors)


ORDERED = "{ packages(orderBy: {field: %s}) { totalCount } }"


async def test_an_error_about_an_enum_lists_its_values(mirrored: Catalogue) -> None:
    query = "query($by: PackageOrderBy) { packages(orderBy: $by) { totalCount } }"
    for value in ("STARS", "titel"):
        literal = await SCHEMA.execute(ORDERED % value, context_value=RequestContext(mirrored))
        variable = await SCHEMA.execute(query, {"by": {"field": value}}, context_value=RequestContext(mirrored))
        for result in (literal, variable):
            assert result.errors
            (error,) = result.errors
            assert "Its values are TITLE, WATCHERS, FORKS, " in error.message


@pytest.mark.parametrize(
    ("query", "argument"),
    [
        ("{ packages(first: 101) { totalCount } }", "first"),
        ("{ packages(last: -1) { totalCount } }", "last"),
        ("{ packages(first: 1, last: 1) { totalCount } }", "last"),
        ('{ grid(slug: "forms") { packages(first: -1) { id } } }', "first"),
        ('{ packages(filter: {text: "%s"}) { totalCount } }' % ("x" * 201), "filter.text"),
        ('{ search(query: "%s") { totalCount } }' % ("x" * 201), "query"),
        ('{ grid(id: 1, slug: "a") { id } }', "slug"),
        ('{ packages(after: "x") { totalCount } }', "after"),
        ('{ packages(before: "WyJvZmZzZXQiLDFd", orderBy: {field: TITLE}) { totalCount } }', "before"),
        ('{ grid(slug: "forms") { packageConnection(before: "é") { totalCount } } }', "before"),
        ('{ search(query: "a", after: "WyJpZCIsMCwxXQ==") { totalCount } }', "after"),
        ('{ changes(since: "soon") { totalCount } }', "since"),
    ],
)
async def test_an_error_names_the_argument(mirrored: Catalogue, query: str, argument: str) -> None:
    result = await SCHEMA.execute(query, context_value=RequestContext(mirrored))
    assert result.errors
    (error,) = result.errors
    assert error.extensions == {"code": "BAD_USER_INPUT", "argument": argument}
