"""The events of `catalogueChanged`: from where they go, what fits, and when there is too much."""

import json
from typing import Any

import pytest
from graphql import parse

from catalogue import Catalogue, changes
from execution import execute, prepare
from execution.internals import graphql_schema
from loaders import RequestContext
from resolvers import live
from tests.fake_upstream import FakeUpstream
from tests.mirrors import opened
from tests.queries import SCHEMA
from tests.rows import Rows, grid

SUBSCRIPTION = """
subscription ($types: [RecordType!], $slugs: [String!], $since: ID) {
  catalogueChanged(types: $types, slugs: $slugs, since: $since) {
    version since isTruncated
    changes { kind typeName id slug record { ... on Package { title grids { slug } } } }
  }
}
"""


class Reader:
    """Reads one subscription; `event` is None where there is nothing to say."""

    def __init__(self, catalogue: Catalogue, **variables: Any) -> None:
        self._catalogue = catalogue
        self._variables = variables
        self._operation = prepare(graphql_schema(SCHEMA), parse(SUBSCRIPTION))
        self._told: int | None = None

    async def event(self) -> Any:
        context = RequestContext(self._catalogue)
        context.since = self._told
        result = await execute(self._operation, variables=self._variables, context=context)
        if result.errors:
            return [(error.extensions or {}).get("code") for error in result.errors]
        assert result.data
        self._told = context.snapshot.number
        return json.loads(result.data)["catalogueChanged"] if context.is_news else None

    async def changed(self) -> list[tuple[str, str]]:
        event = await self.event()
        assert not event["isTruncated"]
        return [(each["kind"], each["id"]) for each in event["changes"]]


async def test_the_first_event_says_where_it_begins(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        reader = Reader(catalogue)
        await keeper.sync()
        version = str(catalogue.snapshot.number)
        assert await reader.event() == {"version": version, "since": version, "isTruncated": False, "changes": []}
        assert await reader.event() is None
        rows.add()
        await keeper.sync()
        event = await reader.event()
        assert (event["since"], event["version"]) == (version, str(catalogue.snapshot.number))
        assert event["changes"] == [
            {
                "kind": "ADDED",
                "typeName": "Package",
                "id": "31",
                "slug": "package-31",
                "record": {"title": "Package 31", "grids": []},
            }
        ]


async def test_nothing_is_missed_since_a_version(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        seen = str(catalogue.snapshot.number)
        rows.packages[3].update(title="New")
        await keeper.sync()
        reader = Reader(catalogue, since=seen)
        event = await reader.event()
        assert (event["since"], [each["id"] for each in event["changes"]]) == (seen, ["3"])
        rows.packages[4].update(title="New")
        await keeper.sync()
        assert await reader.changed() == [("CHANGED", "4")]


async def test_one_event_stands_for_all_that_was_missed(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        reader = Reader(catalogue)
        await reader.event()
        for title in ("A", "B"):
            rows.packages[3].update(title=title)
            rows.add()
            await keeper.sync()
        del rows.packages[31]
        await keeper.sync()
        assert await reader.changed() == [("CHANGED", "3"), ("ADDED", "32")]


async def test_what_does_not_fit_is_not_told(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        readers = {
            "grids": Reader(catalogue, types=["GRID"]),
            "some": Reader(catalogue, slugs=["package-3", "package-5"]),
            "both": Reader(catalogue, types=["GRID", "CATEGORY"], slugs=["package-3"]),
            "none": Reader(catalogue, types=[]),
        }
        for each in readers.values():
            await each.event()
        rows.packages[3].update(title="New")
        rows.packages[4].update(title="New")
        rows.grids[2] = grid(2)
        await keeper.sync()
        assert await readers["grids"].changed() == [("ADDED", "2")]
        assert await readers["some"].changed() == [("CHANGED", "3")]
        assert await readers["both"].event() is None
        assert await readers["none"].event() is None
        rows.packages[5].update(slug="another")  # what it was called is not known
        await keeper.sync()
        assert await readers["some"].changed() == [("CHANGED", "5")]


@pytest.mark.parametrize("since", ["1", "99999999999999"])
async def test_a_version_that_is_not_known_is_told_as_too_much(fake: FakeUpstream, rows: Rows, since: str) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        version = str(catalogue.snapshot.number)
        event = await Reader(catalogue, since=since).event()
        assert event == {"version": version, "since": since, "isTruncated": True, "changes": []}


async def test_too_much_for_an_event_is_left_to_be_asked_for(
    fake: FakeUpstream, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MAX_CHANGES", 10)
    monkeypatch.setattr(changes, "MAX_CHANGE_SETS", 2)
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        readers = [Reader(catalogue), Reader(catalogue, slugs=["package-3"])]
        for reader in readers:
            await reader.event()
        began = str(catalogue.snapshot.number)
        for key in range(1, 12):
            rows.packages[key].update(title="New")
        await keeper.sync()
        event = await readers[0].event()
        assert (event["since"], event["isTruncated"], event["changes"]) == (began, True, [])
        assert await readers[1].changed() == [("CHANGED", "3")]
        rows.add()
        await keeper.sync()
        assert await readers[0].changed() == [("ADDED", "31")]
        for _ in range(3):  # so many that the first is forgotten
            rows.add()
            await keeper.sync()
        assert [(await reader.event())["isTruncated"] for reader in readers] == [True, True]


async def test_before_the_first_snapshot_it_begins_at_none(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        reader = Reader(catalogue)
        assert (await reader.event())["version"] == "0"
        await keeper.sync()
        event = await reader.event()
        assert (event["since"], event["isTruncated"]) == ("0", True)


async def test_without_a_mirror_there_is_nothing_to_tell(fake: FakeUpstream) -> None:
    async with opened(fake.base_url, wait=None) as (catalogue, _):  # type: ignore[arg-type]
        assert await Reader(catalogue).event() == ["MIRROR_OFF"]


@pytest.mark.parametrize("variables", [{"since": "x"}, {"since": ""}, {"slugs": ["x"] * 201}])
async def test_what_cannot_be_asked_is_the_client_s_mistake(fake: FakeUpstream, rows: Rows, variables: Any) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        assert await Reader(catalogue, **variables).event() == ["BAD_USER_INPUT"]
