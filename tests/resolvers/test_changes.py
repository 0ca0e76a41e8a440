"""What changed since a snapshot."""

from pathlib import Path
from typing import Any

import pytest

from catalogue import changes
from tests.fake_upstream import FakeUpstream
from tests.mirrors import opened
from tests.queries import data, run
from tests.rows import Rows, grid

CHANGES = """
query ($since: ID!, $first: Int, $after: String) {
  changes(since: $since, first: $first, after: $after) {
    version totalCount pageInfo { hasNextPage endCursor }
    nodes { kind typeName id slug fields record { nodeId ... on Package { title } } }
  }
}
"""
VERSION = "{ catalogue { version } }"


def summary(answer: Any) -> list[tuple[str, ...]]:
    return [(node["kind"], node["typeName"], node["id"], *node["fields"]) for node in answer["changes"]["nodes"]]


async def test_an_importer_gets_what_is_new_and_nothing_else(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        since = (await data(catalogue, VERSION))["catalogue"]["version"]
        nothing = await data(catalogue, CHANGES, since=since)
        assert (nothing["changes"]["nodes"], nothing["changes"]["version"]) == ([], since)

        rows.add()
        rows.packages[3].update(repo_watchers=999, title="New")
        del rows.packages[7]
        rows.grids[1]["packages"] = [3]
        rows.grids[2] = grid(2)
        await keeper.sync()
        first = await data(catalogue, CHANGES, since=since)
        assert summary(first) == [
            ("CHANGED", "Package", "3", "title", "repoWatchers"),
            ("REMOVED", "Package", "7"),
            ("ADDED", "Package", "31"),
            ("CHANGED", "Grid", "1", "packages"),
            ("ADDED", "Grid", "2"),
        ]
        records = [node["record"] for node in first["changes"]["nodes"]]
        assert records[0]["title"] == "New"
        assert records[1] is None

        rows.packages[3]["pypi_version"] = "2.0"
        del rows.packages[31]
        await keeper.sync()
        assert summary(await data(catalogue, CHANGES, since=first["changes"]["version"])) == [
            ("CHANGED", "Package", "3", "pypiVersion"),
            ("REMOVED", "Package", "31"),
        ]
        assert summary(await data(catalogue, CHANGES, since=since))[:3] == [
            ("CHANGED", "Package", "3", "title", "repoWatchers", "pypiVersion"),
            ("REMOVED", "Package", "7"),
            ("CHANGED", "Grid", "1", "packages"),
        ]


async def test_what_came_back_is_another_one(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        since = (await data(catalogue, VERSION))["catalogue"]["version"]
        row = rows.packages.pop(7)
        await keeper.sync()
        rows.packages[7] = row
        await keeper.sync()
        (change,) = (await data(catalogue, CHANGES, since=since))["changes"]["nodes"]
        assert (change["kind"], change["id"]) == ("CHANGED", "7")
        assert {"title", "commitsOver52", "category"} <= set(change["fields"])


async def test_it_is_read_page_by_page(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        since = (await data(catalogue, VERSION))["catalogue"]["version"]
        for key in range(1, 26):
            rows.packages[key]["title"] = "New"
        await keeper.sync()
        seen, after = [], None
        while True:
            page = (await data(catalogue, CHANGES, since=since, first=10, after=after))["changes"]
            assert page["totalCount"] == 25
            seen += [node["id"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert seen == [str(key) for key in range(1, 26)]


@pytest.mark.parametrize("since", ["1", "99999999999999", "0"])
async def test_a_version_that_is_not_known_has_a_code_of_its_own(fake: FakeUpstream, rows: Rows, since: str) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        _, errors = await run(catalogue, CHANGES, since=since)
        assert errors == {("changes",): "CHANGES_UNKNOWN"}


@pytest.mark.parametrize("since", ["", "x", "-1", "1.5", "1" * 30])
async def test_what_is_no_version_is_the_client_s_mistake(fake: FakeUpstream, rows: Rows, since: str) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        _, errors = await run(catalogue, CHANGES, since=since)
        assert errors == {("changes",): "BAD_USER_INPUT"}


async def test_the_last_ones_are_kept_over_a_restart(
    fake: FakeUpstream, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MAX_CHANGE_SETS", 3)
    numbers = []
    async with opened(fake.base_url, tmp_path) as (catalogue, keeper):
        for number in range(6):
            rows.packages[number + 1]["title"] = "New"
            await keeper.sync()
            numbers.append(str(catalogue.snapshot.number))
    async with opened(fake.base_url, tmp_path) as (catalogue, _):
        for since, count in zip(numbers, (None, None, 3, 2, 1, 0), strict=True):
            answer, errors = await run(catalogue, CHANGES, since=since)
            assert errors == ({("changes",): "CHANGES_UNKNOWN"} if count is None else {})
            assert count is None or answer["changes"]["totalCount"] == count


async def test_all_of_them_together_are_bounded(
    fake: FakeUpstream, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MAX_CHANGES", 40)
    async with opened(fake.base_url) as (catalogue, keeper):
        for number in range(4):
            for row in rows.packages.values():
                row["repo_forks"] = number
            await keeper.sync()
        assert [len(each.changes) for each in catalogue.snapshot.changes.sets] == [30]


async def test_a_lost_store_is_noticed(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        rows.add()
        await keeper.sync()
        since = str(catalogue.snapshot.number)
    rows.add()
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        rows.add()
        await keeper.sync()
        _, errors = await run(catalogue, CHANGES, since=str(int(since) - 1))
        assert errors == {("changes",): "CHANGES_UNKNOWN"}


async def test_filters_by_time_see_what_they_say(fake: FakeUpstream, rows: Rows) -> None:
    rows.packages[1]["modified"] = rows.grids[1]["modified"] = "2026-06-01T12:00:00-04:00"
    rows.packages[2]["last_fetched"] = "2026-06-01T12:00:00-04:00"
    rows.grids[2] = grid(2)
    query = """
    query ($at: DateTime!) {
      modified: packages(filter: {modifiedAfter: $at}) { nodes { id } }
      fetched: packages(filter: {fetchedAfter: $at}) { nodes { id } }
      both: packages(filter: {modifiedAfter: $at, fetchedAfter: $at}) { nodes { id } }
      grids(filter: {modifiedAfter: $at}) { nodes { id packages(filter: {modifiedAfter: $at}) { id } } }
    }
    """
    async with opened(fake.base_url) as (catalogue, keeper):
        await keeper.sync()
        before = await data(catalogue, query, at="2026-06-01T15:59:59Z")
        after = await data(catalogue, query, at="2026-06-01T16:00:00Z")
    assert before == {
        "modified": {"nodes": [{"id": "1"}]},
        "fetched": {"nodes": [{"id": "2"}]},
        "both": {"nodes": []},
        "grids": {"nodes": [{"id": "1", "packages": []}]},
    }
    assert [each["nodes"] for each in after.values()] == [[], [], [], []]
