"""Walking lists that change under the walk."""

import asyncio
import random
from collections.abc import Callable

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.catalogue import make_catalogue
from benchmarks.stub import running
from catalogue.crawl import Progress, walk
from tests.fake_upstream import FakeUpstream, Reply
from tests.rows import Rows, grid
from upstream import Category, Client, Grid, Package, Record, UpstreamError


@pytest.fixture
async def rows(fake: FakeUpstream) -> Rows:
    """30 packages at the fake upstream."""
    fake.rows = Rows(30)
    return fake.rows


async def walked(client: Client, page_size: int = 10, concurrency: int = 3) -> list[Record]:
    progress = Progress()
    return await walk(client, page_size=page_size, concurrency=concurrency, progress=progress, report=lambda _: None)


def deleting(rows: Rows, key: int, at: int) -> Callable[[int], None]:
    """Return what deletes a package before a page is made."""

    def change(number: int) -> None:
        if number == at:
            del rows.packages[key]

    return change


def ids(records: list[Record], kind: type[Record] = Package) -> list[int]:
    return sorted(record.id for record in records if isinstance(record, kind))


async def test_a_full_size_catalogue_costs_at_most_65_requests_and_three_at_once() -> None:
    catalogue = make_catalogue()
    async with running(catalogue) as stub:
        client = Client(stub.url)
        try:
            found = await walked(client, 100)
        finally:
            await client.aclose()
    assert ids(found) == list(catalogue.packages)
    assert ids(found, Grid) == list(catalogue.grids)
    assert ids(found, Category) == list(catalogue.categories)
    assert stub.stats.requests <= 65
    assert stub.stats.max_in_flight <= 3


async def test_page_size_and_concurrency_are_bounds(client: Client, fake: FakeUpstream, rows: Rows) -> None:
    fake.held = asyncio.Event()
    walk = asyncio.ensure_future(walked(client, page_size=7, concurrency=2))
    await fake.until(lambda fake: fake.in_flight == 2)
    fake.held.set()
    await walk
    assert fake.most_in_flight == 2
    packages = [target for target in fake.targets if target.startswith("packages")]
    assert len(packages) == 5
    assert all("limit=7&" in target for target in packages)


async def test_grids_and_categories_take_one_page_each(client: Client, fake: FakeUpstream, rows: Rows) -> None:
    rows.grids = {key: grid(key) for key in range(1, 500)}
    assert len(ids(await walked(client), Grid)) == 499
    assert sum(count for target, count in fake.targets.items() if not target.startswith("packages")) == 2


async def test_grids_beyond_one_page_are_read_as_well(client: Client, rows: Rows) -> None:
    rows.grids = {key: grid(key) for key in range(1, 1500)}
    assert len(ids(await walked(client), Grid)) == 1499


async def test_an_empty_catalogue(client: Client, rows: Rows) -> None:
    rows.packages.clear()
    rows.grids.clear()
    rows.categories.clear()
    assert await walked(client) == []


@pytest.mark.parametrize("at", [1, 2, 3, 4])
@pytest.mark.parametrize("concurrency", [1, 3])
async def test_what_is_added_during_a_walk_costs_no_other(
    client: Client, rows: Rows, at: int, concurrency: int
) -> None:
    rows.before_page = lambda number: rows.add(4) if number == at else None
    found = ids(await walked(client, concurrency=concurrency))
    assert len(found) == len(set(found))
    assert set(found) >= set(range(1, 31))


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("deleted", [[30], [21, 22], [1], [11, 20, 30], list(range(22, 31))])
async def test_what_is_deleted_during_a_walk_costs_no_other(
    client: Client, rows: Rows, at: int, deleted: list[int]
) -> None:
    def change(number: int) -> None:
        for key in deleted if number == at else ():
            del rows.packages[key]

    rows.before_page = change
    found = ids(await walked(client))
    assert len(found) == len(set(found))
    assert set(found) >= set(rows.packages)
    assert set(found) <= set(range(1, 31))


async def test_one_deleted_costs_one_more_page(client: Client, fake: FakeUpstream, rows: Rows) -> None:
    rows.before_page = deleting(rows, 30, at=2)
    await walked(client, concurrency=1)
    assert sum(count for target, count in fake.targets.items() if target.startswith("packages")) == 5


async def test_the_newest_of_two_versions_wins(client: Client, rows: Rows) -> None:
    def change(number: int) -> None:
        rows.packages[21]["title"] = f"Version {number}"  # the row that the first two pages share

    rows.before_page = change
    found = await walked(client, concurrency=1)
    assert [record.title for record in found if isinstance(record, Package) and record.id == 21] == ["Version 1"]


async def test_a_list_that_shrinks_to_nothing(client: Client, rows: Rows) -> None:
    rows.before_page = lambda number: rows.packages.clear() if number == 1 else None
    assert set(ids(await walked(client))) <= set(range(1, 31))


async def test_a_list_that_never_stands_still_is_given_up_on(
    client: Client, rows: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    def change(_: int) -> None:
        rows.add(20)
        for key in sorted(rows.packages)[-40:-20]:
            del rows.packages[key]

    rows.before_page = change
    found = ids(await walked(client))
    assert len(found) == len(set(found))
    assert rows.pages < 200
    assert "may be missing" in caplog.text


@given(
    page_size=st.integers(2, 12),
    concurrency=st.integers(1, 3),
    size=st.integers(0, 40),
    seed=st.integers(0, 2**32),
    restless=st.floats(0, 0.4),
)
@settings(max_examples=60, deadline=None)
def test_whatever_changes_what_was_there_all_along_is_found(
    page_size: int, concurrency: int, size: int, seed: int, restless: float
) -> None:
    rows, chance = Rows(size), random.Random(seed)
    ever = set(rows.packages)
    always = set(rows.packages)

    def change(number: int) -> None:
        while number < 20 and chance.random() < restless:
            if chance.random() < 0.5 and rows.packages:
                key = chance.choice(list(rows.packages))
                del rows.packages[key]
                always.discard(key)
            else:
                rows.add()
                ever.add(rows.newest)

    rows.before_page = change

    async def main() -> list[int]:
        client = Client("http://x/", transport=ShuffledTransport(rows, chance))
        return ids(await walked(client, page_size, concurrency))

    found = asyncio.run(main())
    assert len(found) == len(set(found))
    assert always <= set(found) <= ever


class ShuffledTransport(httpx.AsyncBaseTransport):
    """Loaded requests that are under way together in any order."""

    def __init__(self, rows: Rows, chance: random.Random) -> None:
        self._rows = rows
        self._chance = chance

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)
        status, body = self._rows.answer(request.url.raw_path.decode().lstrip("/"), "http://x/")
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)
        return httpx.Response(status, content=body)


@pytest.mark.parametrize(
    "spoilt", [{"title": None}, {"id": 10**12}, {"id": -1}, {"category": "x"}, {"created": "now", "modified": ""}]
)
async def test_a_malformed_record_is_left_out_alone(
    client: Client, rows: Rows, spoilt: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    rows.packages[12].update(spoilt)
    rows.before_page = deleting(rows, 25, at=2)
    found = set(ids(await walked(client, concurrency=1)))
    assert found | {25} == set(range(1, 31)) - {12}
    assert "left out" in caplog.text


async def test_the_row_that_two_pages_share_may_be_malformed(client: Client, rows: Rows) -> None:
    del rows.packages[21]["title"]
    assert ids(await walked(client)) == sorted(set(range(1, 31)) - {21})
    assert rows.pages == 4


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500),
        Reply(503, b"<html>"),
        Reply(body=b'{"count": 30'),
        Reply(body=b"[]"),
        Reply(body=b'{"count": 30, "results": []}', cut=5),
    ],
)
@pytest.mark.parametrize("target", ["packages/?limit=10&offset=18", "grids/?limit=1000&offset=0"])
async def test_a_page_that_fails_fails_the_walk(
    client: Client, fake: FakeUpstream, rows: Rows, target: str, reply: Reply
) -> None:
    fake.replies[target] = reply
    with pytest.raises(UpstreamError):
        await walked(client)


async def test_progress_counts_pages(client: Client, rows: Rows) -> None:
    progress = Progress()
    seen: list[tuple[int, int]] = []

    def report(progress: Progress) -> None:
        seen.append((progress.done, progress.pages))

    rows.before_page = deleting(rows, 30, at=2)
    await walk(client, page_size=10, concurrency=1, progress=progress, report=report)
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert all(done <= pages for done, pages in seen)
    assert seen[-1][0] == seen[-1][1]
