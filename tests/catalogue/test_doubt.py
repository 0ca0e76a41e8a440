"""What a crawl finds is not believed at once: deploys, proxies, empty lists, clocks."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from catalogue import SyncSettings, mirror, pages, schedule
from catalogue.doubt import ShrinkageError
from catalogue.health import health
from catalogue.sqlite_store import SQLiteStore
from tests.fake_upstream import FakeUpstream, Reply
from tests.mirrors import SETTINGS, ids, opened, read
from tests.rows import Rows, grid
from upstream import Grid, Package, UpstreamError


@pytest.fixture
def rows(fake: FakeUpstream) -> Rows:
    """300 packages and 40 grids at the fake upstream."""
    fake.rows = Rows(300)
    fake.rows.grids = {key: grid(key) for key in range(1, 41)}
    return fake.rows


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the rate of a crawl nor its pauses are what these tests are about."""
    monkeypatch.setattr(mirror, "SERVING_RATE", 1e6)
    monkeypatch.setattr(pages, "MAX_BACKOFF_SECONDS", 1e-3)


BIG = SyncSettings(page_size=100)


async def test_much_less_is_believed_when_a_second_crawl_says_the_same(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url, settings=BIG) as (catalogue, keeper):
        await keeper.sync()
        before = catalogue.snapshot
        rows.grids.clear()
        for key in range(1, 101):
            del rows.packages[key]
        rows.packages[300]["title"] = "New"
        fake.requests.clear()
        with pytest.raises(ShrinkageError, match=r"100 of 300 packages, 40 of 40 grids|40 of 40 grids, 100 of 300"):
            await keeper.sync()
        assert catalogue.snapshot is before
        assert not [target for target in fake.targets if "?" not in target], "nothing is asked for one by one"
        await keeper.sync()
        assert (len(ids(catalogue)), len(catalogue.snapshot.index.grids)) == (200, 0)


async def test_lists_that_are_empty_once_change_nothing(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url, settings=BIG) as (catalogue, keeper):
        await keeper.sync()
        packages, rows.packages = rows.packages, {}
        with pytest.raises(ShrinkageError):
            await keeper.sync()
        rows.packages = packages
        await keeper.sync()
        assert len(ids(catalogue)) == 300
        rows.packages = {}
        with pytest.raises(ShrinkageError):
            await keeper.sync()


async def test_a_second_crawl_that_lacks_others_is_doubted_too(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url, settings=BIG) as (catalogue, keeper):
        await keeper.sync()
        all_rows = rows.packages
        for part in (range(1, 101), range(101, 201)):
            rows.packages = {key: row for key, row in all_rows.items() if key not in part}
            with pytest.raises(ShrinkageError):
                await keeper.sync()
        assert len(ids(catalogue)) == 300


async def test_the_operator_is_believed(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url, settings=BIG) as (catalogue, keeper):
        await keeper.sync()
        rows.packages = {key: row for key, row in rows.packages.items() if key > 100}
        await keeper.sync(accept_shrinkage=True)
        assert len(ids(catalogue)) == 200


async def test_the_operator_tells_a_running_server(
    fake: FakeUpstream, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SyncSettings(page_size=100, news_interval=0.02)
    async with opened(fake.base_url, tmp_path, settings=settings) as (catalogue, keeper):
        await keeper.sync()
        rows.packages = {key: row for key, row in rows.packages.items() if key <= 100}
        keeper.start()
        async with opened(fake.base_url, tmp_path) as (_, other):
            assert not await other.sync(accept_shrinkage=True)
        await catalogue.until(2)
        assert len(ids(catalogue)) == 100


@pytest.mark.parametrize(
    "body", [b"<html>not here</html>", b"not found", b'{"error": "no such route"}', b'{"detail": "gone fishing"}']
)
async def test_a_deploy_that_says_404_to_everything_deletes_nothing(
    fake: FakeUpstream, rows: Rows, body: bytes
) -> None:
    async with opened(fake.base_url, settings=BIG) as (catalogue, keeper):
        await keeper.sync()
        lost = [f"packages/{key}/" for key in range(1, 5)]
        for key in range(1, 5):
            del rows.packages[key]
        fake.replies.update(dict.fromkeys(lost, Reply(404, body)))
        await keeper.sync()
        assert len(ids(catalogue)) == 300
        for target in ("packages/?limit=100&offset=0", "grids/?limit=100&offset=0"):
            fake.replies[target] = Reply(404, body)
        with pytest.raises(UpstreamError):
            await keeper.sync()
        assert (len(ids(catalogue)), len(catalogue.snapshot.index.grids)) == (300, 40)


async def test_a_server_that_clamps_the_limit_is_read_to_the_end(fake: FakeUpstream, rows: Rows) -> None:
    rows.most = 7
    async with opened(fake.base_url, settings=BIG) as (catalogue, keeper):
        await keeper.sync()
        assert (len(ids(catalogue)), len(catalogue.snapshot.index.grids)) == (300, 40)


async def test_a_field_that_is_no_longer_sent_changes_nothing_and_is_named(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url, settings=BIG) as (catalogue, keeper):
        await keeper.sync()
        for row in rows.packages.values():
            del row["slug"]
        with pytest.raises(UpstreamError, match="slug"):
            await keeper.sync()
        assert len(ids(catalogue)) == 300


@pytest.mark.parametrize("days", [-1, 1])
async def test_a_clock_that_is_a_day_off_changes_nothing(
    fake: FakeUpstream, rows: Rows, tmp_path: Path, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    with monkeypatch.context() as wrong:
        wrong.setattr(time, "time", lambda: now + days * 86_400)
        async with opened(fake.base_url, tmp_path, settings=BIG) as (catalogue, keeper):
            await keeper.sync()
            assert 0 <= catalogue.snapshot.age < 3600
            assert not catalogue.snapshot.is_stale
    store = SQLiteStore(tmp_path, fake.base_url)
    assert store.load().version.read_at is not None
    del rows.packages[7]
    async with opened(fake.base_url, tmp_path, settings=BIG) as (catalogue, keeper):
        assert len(ids(catalogue)) == 300
        assert catalogue.snapshot.age >= 3600, "what comes from the future is old"
        assert catalogue.snapshot.expires_clock - time.monotonic() < 300
        keeper.start()
        await catalogue.until(2)
        assert 7 not in ids(catalogue)
        assert 0 <= catalogue.snapshot.age < 3600


async def test_a_base_without_its_path_is_no_api(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url.removesuffix("api/v4/"), wait=0) as (catalogue, keeper):
        fake.replies[""] = fake.replies["/"] = Reply(404, b"<html>", {"Content-Type": "text/html"})
        keeper.start()
        await fake.until(lambda fake: bool(fake.requests))
        while catalogue.state.failure is None:
            await fake.until(lambda fake: True)
            await read_quietly(catalogue)
        found = health(catalogue)
        assert found.source is None
        assert "no root of an API v4" in found.detail
        with pytest.raises(UpstreamError, match="no root of an API v4"):
            await read(catalogue, Package, 1)
        with pytest.raises(Exception, match="no root of an API v4"):
            await catalogue.first()


async def read_quietly(catalogue: object) -> None:
    import asyncio

    await asyncio.sleep(0)


async def test_an_error_of_the_folder_does_not_end_the_task(
    fake: FakeUpstream, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "FIRST_RETRY_SECONDS", 1e-3)
    store = SQLiteStore(tmp_path, fake.base_url)
    lead = store.lead
    failures = [OSError("the lock has gone"), MemoryError(), RuntimeError("a bug")]

    def failing() -> bool:
        if failures:
            raise failures.pop()
        return lead()

    monkeypatch.setattr(store, "lead", failing)
    async with opened(fake.base_url, store=store, settings=BIG) as (catalogue, keeper):
        keeper.start()
        await catalogue.until(1)
        assert not failures
        assert len(ids(catalogue)) == 300


async def test_a_crawl_that_is_overdue_is_said(fake: FakeUpstream, rows: Rows) -> None:
    settings = SyncSettings(page_size=100, interval=0.01)
    async with opened(fake.base_url, settings=settings) as (catalogue, keeper):
        await keeper.sync()
        for target in ("packages/?limit=100&offset=0", ""):
            fake.replies[target] = Reply(503, b"<html>", {"Content-Type": "text/html", "Retry-After": "3600"})
        with pytest.raises(UpstreamError) as caught:
            await keeper.sync()
        catalogue.state.failed(caught.value)
        while not catalogue.snapshot.is_stale:
            await read_quietly(catalogue)
        staleness = catalogue.snapshot.staleness
        assert staleness is not None
        assert (staleness["readAt"], staleness["isComplete"]) == (catalogue.snapshot.read_at, True)
        found = health(catalogue)
        assert found.source == "mirror"
        assert "503" in found.detail
        until = catalogue.state.failure and catalogue.state.failure.until
        assert until is not None
        assert until - datetime.now(UTC) > timedelta(minutes=50)
        assert f"{until:%Y-%m-%dT%H:%M}" in found.detail


class TestNews:
    """The look between two crawls."""

    async def test_what_was_added_is_served_without_a_crawl(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, settings=BIG) as (catalogue, keeper):
            await keeper.sync()
            before = catalogue.snapshot
            rows.add(5)
            rows.packages[299]["title"] = "New"
            fake.requests.clear()
            await keeper._look()
            assert {301, 305} < ids(catalogue)
            assert catalogue.snapshot.number > before.number
            assert catalogue.snapshot.read_clock == before.read_clock
            assert fake.targets == {"packages/?limit=20&offset=0": 1}
            number = catalogue.snapshot.number
            await keeper._look()
            assert catalogue.snapshot.number == number, "nothing new is no new snapshot"

    async def test_more_than_it_shows_begins_a_crawl(self, fake: FakeUpstream, rows: Rows) -> None:
        settings = SyncSettings(page_size=100, news_interval=0.001)
        async with opened(fake.base_url, settings=settings) as (catalogue, keeper):
            await keeper.sync()
            rows.add(100)
            keeper.start()
            await catalogue.until(2)
            assert len(ids(catalogue)) == 400

    async def test_it_may_fail(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, settings=BIG) as (catalogue, keeper):
            await keeper.sync()
            fake.replies["packages/?limit=20&offset=0"] = Reply(500)
            before = catalogue.snapshot
            await keeper._look()
            assert catalogue.snapshot is before
            assert catalogue.state.failure is None


async def test_a_catalogue_that_did_not_change_keeps_its_number(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    async with opened(fake.base_url, tmp_path, settings=SETTINGS) as (catalogue, keeper):
        await keeper.sync()
        first = catalogue.snapshot
        await keeper.sync()
        assert (catalogue.snapshot.number, catalogue.snapshot.edition) == (first.number, first.edition)
        assert catalogue.snapshot.read_clock > first.read_clock
        read_at = catalogue.snapshot.read_at
    assert SQLiteStore(tmp_path, fake.base_url).version() == (first.number, read_at)
    assert await read(catalogue, Grid, 1)
