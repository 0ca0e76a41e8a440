"""The worked examples of GraphiQL and of the landing page, run on the sample."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import NoDeprecatedCustomRule, parse, specified_rules, validate

from catalogue import Catalogue
from catalogue.subjects import Subjects, choose
from tests.queries import SCHEMA, data
from tests.web.pages import known_facts, landing_client
from web.examples import Example, Examples

EXAMPLES = Examples()
TITLES = [each.title for each in EXAMPLES.about(Subjects()._asdict())]


@pytest.mark.parametrize("title", TITLES)
async def test_an_example_is_answered_by_what_is_served(title: str, mirrored: Catalogue) -> None:
    subjects = choose(mirrored.snapshot.index)._asdict()
    example = next(each for each in EXAMPLES.about(subjects) if each.title == title)
    answer = await data(mirrored, example.query, **example.variables)
    assert all(answer.values())
    assert [] not in list(lists(answer)), "nothing to look at"


def lists(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, list):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from lists(inner)


@pytest.mark.parametrize("example", EXAMPLES.about(Subjects()._asdict()), ids=TITLES)
def test_an_example_is_valid_and_asks_for_nothing_deprecated(example: Example) -> None:
    assert validate(SCHEMA._schema, parse(example.query), [*specified_rules, NoDeprecatedCustomRule]) == []


async def test_the_first_answer_begins_with_grids(mirrored: Catalogue) -> None:
    first = EXAMPLES.about(choose(mirrored.snapshot.index)._asdict())[0]
    package = (await data(mirrored, first.query, **first.variables))["package"]
    assert list(package)[:2] == ["title", "grids"]
    assert [type(value) for value in package["grids"][0]["packages"][0].values()].count(list) == 0


async def test_graphiql_is_told_them() -> None:
    async with landing_client(known_facts(package="some-package")) as client:
        response = await client.get("/examples.json")
    assert response.headers["content-type"] == "application/json"
    assert [each["title"] for each in response.json()] == TITLES
    assert response.json()[0]["variables"] == {"slug": "some-package"}


def test_every_document_is_an_example() -> None:
    folder = Path(__file__).parents[2] / "web" / "examples"
    assert {path.read_text().rstrip() for path in folder.glob("*.graphql")} == {
        each.query for each in EXAMPLES.about(Subjects()._asdict())
    }
