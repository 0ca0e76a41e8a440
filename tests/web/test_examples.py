"""The worked examples of GraphiQL and of the landing page, run on the sample."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.queries import data
from upstream import Catalogue, Client
from upstream.sample import create_sample

FOLDER = Path(__file__).parents[2] / "web" / "examples"
EXAMPLES = json.loads((FOLDER / "examples.json").read_text())
# What the schema cannot answer yet; the test fails when it can, and the name goes from here.
AWAITED = {"Filters", "Search", "Participants", "Alternatives", "Catalogue"}


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(each, id=each["title"], marks=[pytest.mark.xfail(strict=True)] if each["title"] in AWAITED else [])
        for each in EXAMPLES
    ],
)
async def test_an_example_is_answered_by_the_sample(example: dict[str, Any]) -> None:
    client = Client("http://sample/api/v4/", transport=httpx.ASGITransport(create_sample()))
    query = (FOLDER / example["file"]).read_text()
    answer = await data(Catalogue(client, freshness=600), query, **example.get("variables", {}))
    await client.aclose()
    assert all(answer.values())


def test_every_document_is_an_example() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.graphql")) == sorted(each["file"] for each in EXAMPLES)
