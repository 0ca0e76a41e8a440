"""What the README shows is what happens."""

import json
import re
import tomllib
from pathlib import Path

from catalogue import Catalogue
from tests.queries import data

README = (Path(__file__).parents[1] / "README.md").read_text()


async def test_the_query_has_the_answer_shown(catalogue: Catalogue) -> None:
    query, answer = (re.search(rf"```{kind}\n(.*?)```", README, re.DOTALL) for kind in ("graphql", "json"))
    assert query is not None
    assert answer is not None
    assert {"data": await data(catalogue, query[1], slug="django-loci")} == json.loads(answer[1])


async def test_every_query_is_answered(mirrored: Catalogue) -> None:
    for query in re.findall(r"```graphql\n(.*?)```", README, re.DOTALL):
        assert await data(mirrored, query, slug="django-loci")


def test_every_dependency_has_its_line() -> None:
    wanted = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]["dependencies"]
    rows = set(re.findall(r"[\w-]+", " ".join(re.findall(r"^\| ([\w, -]+) \|", README, re.MULTILINE))))
    assert {re.match(r"[\w-]+", each)[0] for each in wanted} <= rows  # type: ignore[index]
