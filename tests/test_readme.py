"""What the README shows is what happens."""

import json
import re
from pathlib import Path

from tests.queries import data
from upstream import Catalogue

README = (Path(__file__).parents[1] / "README.md").read_text()


async def test_the_query_has_the_answer_shown(catalogue: Catalogue) -> None:
    query, answer = (re.search(rf"```{kind}\n(.*?)```", README, re.DOTALL) for kind in ("graphql", "json"))
    assert query is not None
    assert answer is not None
    assert {"data": await data(catalogue, query[1], slug="django-loci")} == json.loads(answer[1])
