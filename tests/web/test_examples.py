"""The worked examples of GraphiQL and of the landing page, run on the sample."""

import json
from pathlib import Path
from typing import Any

import pytest

from catalogue import Catalogue
from tests.queries import data

FOLDER = Path(__file__).parents[2] / "web" / "examples"
EXAMPLES = json.loads((FOLDER / "examples.json").read_text())


# What the schema cannot answer yet; the test fails when it can, and the name goes from here.
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["title"])
async def test_an_example_is_answered_by_the_sample(example: dict[str, Any], mirrored: Catalogue) -> None:
    query = (FOLDER / example["file"]).read_text()
    answer = await data(mirrored, query, **example.get("variables", {}))
    assert all(answer.values())


def test_every_document_is_an_example() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.graphql")) == sorted(each["file"] for each in EXAMPLES)
