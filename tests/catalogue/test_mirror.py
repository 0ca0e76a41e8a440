"""Keeping the whole catalogue: syncs, what is read through meanwhile, and serving on when things fail."""

import asyncio
import logging
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from catalogue import Catalogue, SyncSettings, mirror, pages, publisher, schedule
from catalogue.pages import SavedPage
from catalogue.snapshot import Snapshot
from catalogue.sqlite_store import SQLiteStore
from catalogue.store import StoreError
from loaders import RequestContext
from resolvers.search import search as search_of
from tests.fake_upstream import MAINTENANCE, FakeUpstream, Reply
from tests.mirrors import ids, opened, read
from tests.rows import Rows, package
from upstream import Category, Grid, Package, UpstreamError


def file_in(folder: Path) -> Path:
    """Return the mirror's file."""
    (file,) = folder.glob("*.sqlite3")
    return file


class TestSync:
    """What a walk changes."""

    async def test_it_switches_to_a_new_version_at_once(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            assert (catalogue.snapshot.number, catalogue.snapshot.is_whole) == (0, False)
            await mirror.sync()
            before = catalogue.snapshot
            assert (before.is_whole, len(ids(catalogue))) == (True, 30)
            rows.packages[1]["title"] = "New"
            rows.add()
            rows.before_page = lambda _: self.unchanged(catalogue, before)
            begun = datetime.now(UTC)
            await mirror.sync()
            assert catalogue.snapshot.number > before.number
            assert catalogue.snapshot.read_at is not None
            assert begun <= catalogue.snapshot.read_at <= datetime.now(UTC)
            assert before.index.packages.get(31) is None
            assert ids(catalogue) == set(range(1, 32))

    async def test_one_that_finds_nothing_new_leaves_all_but_the_time(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            await mirror.sync()
            before = catalogue.snapshot
            await mirror.sync()
            after = catalogue.snapshot
            assert (after.number, after.index, after.search) == (before.number, before.index, before.search)
            assert after.world is before.world
            assert after.read_clock > before.read_clock

    def unchanged(self, catalogue: Catalogue, before: Snapshot) -> None:
        assert catalogue.snapshot is before

    @pytest.mark.parametrize("target", ["packages/?limit=10&offset=9", "categories/?limit=10&offset=0"])
    async def test_one_that_fails_changes_nothing(
        self, fake: FakeUpstream, rows: Rows, target: str, tmp_path: Path
    ) -> None:
        async with opened(fake.base_url, tmp_path) as (catalogue, mirror):
            await mirror.sync()
            version, before = catalogue.snapshot.number, list(catalogue.snapshot.index.packages)
            rows.packages[30]["title"] = "New"
            del rows.packages[1]
            fake.replies[target] = MAINTENANCE
            with pytest.raises(UpstreamError):
                await mirror.sync()
            assert (catalogue.snapshot.number, list(catalogue.snapshot.index.packages)) == (version, before)
        async with opened("http://127.0.0.1:1/", tmp_path):
            pass
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            assert catalogue.snapshot.number == version
            assert set(catalogue.snapshot.index.packages) == set(before)

    async def test_what_is_gone_is_dropped_once_a_get_confirms_it(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            await mirror.sync()
            del rows.packages[7]
            rows.grids.clear()
            fake.requests.clear()
            await mirror.sync()
            assert ids(catalogue) == set(range(1, 31)) - {7}
            assert len(catalogue.snapshot.index.grids) == 0
            assert catalogue.snapshot.search is not None
            assert not (await catalogue.snapshot.search.get()).search("package-7").rows
            assert fake.targets["packages/7/"] == fake.targets["grids/1/"] == 1

    @pytest.mark.parametrize("reply", [Reply(500), Reply(403, b"<html>"), Reply(body=b"{}"), Reply(body=b"x", cut=0)])
    async def test_in_doubt_a_record_is_kept(self, fake: FakeUpstream, rows: Rows, reply: Reply) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            await mirror.sync()
            fake.replies["packages/7/"] = reply
            del rows.packages[7]
            await mirror.sync()
            assert 7 in ids(catalogue)
            del fake.replies["packages/7/"]
            await mirror.sync()
            assert 7 not in ids(catalogue)

    async def test_what_the_lists_leave_out_is_kept_as_the_get_has_it(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            await mirror.sync()
            rows.packages[30]["title"] = "New"
            fake.replies["packages/?limit=10&offset=0"] = Reply(
                body=(await fake.sample("packages/?limit=1&offset=0")).replace(b'"count":135', b'"count":30')
            )
            await mirror.sync()
            kept = catalogue.snapshot.index.packages.get(30)
            assert kept is not None
            assert kept.title == "New"
            assert set(range(1, 31)) <= ids(catalogue)

    async def test_what_was_read_before_a_walk_may_be_gone_after_it(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            await mirror.sync()
            rows.packages[31] = package(31)
            assert await read(catalogue, Package, "package-31")
            del rows.packages[31]
            await mirror.sync()
            assert 31 not in ids(catalogue)

    async def test_nothing_is_waited_for_once_there_is_a_version(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, wait=0) as (catalogue, mirror):
            await mirror.sync()
            fake.held = asyncio.Event()
            walk = asyncio.ensure_future(mirror.sync())
            await fake.until(lambda fake: fake.in_flight == 1)
            assert len((await catalogue.first()).index.packages) == 30
            fake.held.set()
            await walk

    async def test_a_malformed_record_keeps_its_older_version(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            await mirror.sync()
            rows.packages[3]["title"] = None
            rows.packages[4]["id"] = 2**40
            await mirror.sync()
            assert {3, 4} < ids(catalogue)
            assert len(ids(catalogue)) == 30


class TestReadThrough:
    """What is read beside the walks."""

    async def test_nothing_waits_for_the_mirror(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, wait=300) as (catalogue, _):
            assert await read(catalogue, Package, 5)
            assert await read(catalogue, Grid, "grid-1")
            assert await read(catalogue, Category, 1)


class TestRestart:
    """What a process finds in its folder."""

    async def test_it_serves_what_was_stored_and_asks_nothing(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path
    ) -> None:
        rows.grids[1]["packages"] = [1, 2]
        async with opened(fake.base_url, tmp_path) as (catalogue, mirror):
            await mirror.sync()
            before = [
                *catalogue.snapshot.index.packages,
                *catalogue.snapshot.index.grids,
                *catalogue.snapshot.index.categories,
            ]
        fake.requests.clear()
        async with opened(fake.base_url, tmp_path, wait=0) as (catalogue, _):
            after = [
                *catalogue.snapshot.index.packages,
                *catalogue.snapshot.index.grids,
                *catalogue.snapshot.index.categories,
            ]
            assert catalogue.snapshot.is_whole
            assert sorted(before, key=repr) == sorted(after, key=repr)
            assert catalogue.snapshot.search is not None
            assert len((await catalogue.snapshot.search.get()).search("package").rows) == 30
        assert fake.requests == []

    async def test_the_first_search_waits_for_its_index_and_one_that_leaves_ends_nothing(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path
    ) -> None:
        async with opened(fake.base_url, tmp_path) as (_, mirror):
            await mirror.sync()
        async with opened(fake.base_url, tmp_path, wait=0) as (catalogue, _):
            search = catalogue.snapshot.search
            assert search is not None
            leaver = asyncio.create_task(search_of([None], RequestContext(catalogue), query="package"))
            asyncio.get_running_loop().call_soon(leaver.cancel)
            (page,) = await search_of([None], RequestContext(catalogue), query="package")
            await asyncio.wait([leaver])
            assert page.total_count == 30
            assert catalogue.snapshot.search is search
            assert await search.get()

    async def test_it_syncs_behind_when_that_is_due(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        async with opened(fake.base_url, tmp_path) as (_, mirror):
            await mirror.sync()
        rows.packages[1]["title"] = "New"
        fake.requests.clear()
        settings = SyncSettings(page_size=10, news_interval=0)
        async with opened(fake.base_url, tmp_path, settings=settings) as (catalogue, mirror):
            mirror.start()
            await fake.until(lambda fake: fake.targets[""] == 1)
        assert set(fake.targets) == {""}
        settings = SyncSettings(page_size=10, interval=0.001)
        async with opened(fake.base_url, tmp_path, settings=settings) as (catalogue, mirror):
            mirror.start()
            await catalogue.until(2)
            assert catalogue.snapshot.index.packages.get(1).title == "New"  # type: ignore[union-attr]

    async def test_with_the_upstream_down_it_serves_on(
        self,
        fake: FakeUpstream,
        rows: Rows,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        async with opened(fake.base_url, tmp_path) as (_, keeper):
            await keeper.sync()
        target = "categories/?limit=10&offset=0"
        fake.replies[target] = Reply(body=b"[]")
        fake.requests.clear()
        monkeypatch.setattr(schedule, "FIRST_RETRY_SECONDS", 1e-3)
        monkeypatch.setattr(pages, "MAX_BACKOFF_SECONDS", 1e-3)
        settings = SyncSettings(page_size=10, interval=0.01)
        async with opened(fake.base_url, tmp_path, settings=settings) as (catalogue, keeper):
            keeper.start()
            await fake.until(lambda fake: fake.targets[target] > pages.MAX_ATTEMPTS)
            assert "changed nothing" in caplog.text
            assert catalogue.state.failure is not None
            assert catalogue.state.failure.code == "UPSTREAM_INVALID"
            assert len((await catalogue.first()).index.packages) == 30

    async def test_before_the_first_sync_is_complete_nothing_passes_for_the_whole(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path
    ) -> None:
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            await read(catalogue, Package, 5)
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            assert not catalogue.snapshot.is_whole

    async def test_each_upstream_has_a_file_of_its_own(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        async with opened(fake.base_url, tmp_path) as (_, mirror):
            await mirror.sync()
        async with opened("http://127.0.0.1:1/api/v4/", tmp_path) as (catalogue, _):
            assert not catalogue.snapshot.is_whole
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            assert catalogue.snapshot.is_whole

    async def test_memory_leaves_nothing_behind(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        for _ in range(2):
            async with opened(fake.base_url) as (catalogue, mirror):
                assert not catalogue.snapshot.is_whole
                assert await mirror.sync()
                assert await mirror.sync()
        assert ":memory:" not in os.listdir()

    async def test_it_cannot_use_the_folder_and_goes_on_in_memory(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "file").touch()
        for folder in (tmp_path / "file", tmp_path / "file" / "below", Path("/sys"), Path("/sys/none")):
            caplog.clear()
            async with opened(fake.base_url, folder) as (catalogue, mirror):
                assert await mirror.sync()
                assert len(ids(catalogue)) == 30
            assert "served from memory" in caplog.text


class TestKeepingOn:
    """The task that syncs now and then."""

    async def test_a_file_that_cannot_be_written_costs_nothing_but_the_file(
        self,
        fake: FakeUpstream,
        rows: Rows,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr("catalogue.sqlite_file.BUSY_SECONDS", {"rw": 0.01, "rwc": 0.01})
        async with opened(fake.base_url, tmp_path) as (catalogue, keeper):
            await keeper.sync()
            assert catalogue.state.unstored is None
            other = sqlite3.connect(file_in(tmp_path), isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            rows.add()
            await keeper.sync()
            assert len(ids(catalogue)) == 31
            assert "locked" in (catalogue.state.unstored or "")
            assert "cannot be written" in caplog.text
            other.close()
            rows.add()
            await keeper.sync()
            assert catalogue.state.unstored is None
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            assert len(ids(catalogue)) == 32

    async def test_a_crawl_waits_for_a_file_that_cannot_be_written_once(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tried: list[int] = []

        def save_page(_: SQLiteStore, page: SavedPage) -> None:
            tried.append(page.offset)
            raise StoreError("It is locked.")

        monkeypatch.setattr(SQLiteStore, "save_page", save_page)
        async with opened(fake.base_url, tmp_path) as (catalogue, keeper):
            await keeper.sync()
            assert len(ids(catalogue)) == 30
        assert tried == [0]

    async def test_it_syncs_again_after_the_interval(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, settings=SyncSettings(interval=0.01)) as (catalogue, keeper):
            keeper.start()
            await catalogue.until(3)

    async def test_it_tries_again_however_often_it_failed(
        self, fake: FakeUpstream, rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(schedule, "FIRST_RETRY_SECONDS", 1e-4)
        monkeypatch.setattr(pages, "MAX_BACKOFF_SECONDS", 1e-3)
        monkeypatch.setattr(schedule, "LAST_RETRY_SECONDS", 1e-3)
        target = "grids/?limit=10&offset=0"
        fake.replies[target] = Reply(body=b"[]")
        async with opened(fake.base_url) as (catalogue, keeper):
            keeper.start()
            await fake.until(lambda fake: fake.targets[target] > 3 * pages.MAX_ATTEMPTS)
            del fake.replies[target]
            assert len((await catalogue.first()).index.packages) == 30

    async def test_it_survives_our_own_bugs(
        self, fake: FakeUpstream, rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: object) -> None:
            monkeypatch.undo()
            raise ZeroDivisionError

        monkeypatch.setattr(publisher, "changes_of", broken)
        async with opened(fake.base_url, settings=SyncSettings(interval=0.01)) as (catalogue, keeper):
            keeper.start()
            await fake.until(lambda fake: any(target and times == 2 for target, times in fake.targets.items()))
            assert len((await catalogue.first()).index.packages) == 30
        assert "ZeroDivisionError" in caplog.text

    async def test_its_progress_is_in_the_log(
        self, fake: FakeUpstream, rows: Rows, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        async with opened(fake.base_url) as (catalogue, keeper):
            keeper.start()
            await catalogue.first()
        assert "6 of about 6 pages" in caplog.text
        assert "Synced 30 packages" in caplog.text


class TestTwoOnOneFolder:
    """Two mirrors, as in two processes."""

    @pytest.fixture(autouse=True)
    def quick(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(mirror, "FOLLOW_SECONDS", 0.01)

    async def test_one_syncs_and_the_other_follows_then_takes_over(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path
    ) -> None:
        async with opened(fake.base_url, tmp_path) as (follower, second):
            async with opened(fake.base_url, tmp_path) as (leader, first):
                assert await first.sync()
                assert not await second.sync()
                fake.requests.clear()
                second.start()
                await follower.first()
                assert follower.snapshot.number == leader.snapshot.number
                assert ids(follower) == set(range(1, 31))
                assert fake.requests == []
                rows.add()
                await first.sync()
                await follower.until(2)
                assert 31 in ids(follower)
            fake.requests.clear()
            rows.add()
            await fake.until(lambda fake: bool(fake.requests))
            await follower.until(3)
            assert 32 in ids(follower)

    async def test_a_follower_that_finds_a_broken_file_leaves_it_to_the_leader(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        rows.add(300)
        async with opened(fake.base_url, tmp_path) as (_, first):
            await first.sync()
        leader = SQLiteStore(tmp_path, fake.base_url)
        assert leader.lead()
        file = file_in(tmp_path)
        broken = bytearray(file.read_bytes())
        broken[-20_000:] = b"\xa5" * 20_000
        file.write_bytes(broken)
        async with opened(fake.base_url, tmp_path) as (follower, _):
            assert "cannot be read" in caplog.text
            assert not follower.snapshot.is_whole
            assert await read(follower, Package, 5)
        leader.close()
        assert file.read_bytes() == broken

    async def test_numbers_only_grow(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        async with opened(fake.base_url, tmp_path) as (catalogue, second):
            async with opened(fake.base_url, tmp_path) as (before, first):
                await first.sync()
                rows.add()
                await first.sync()
            await second.sync()
            assert catalogue.snapshot.number > before.snapshot.number

    async def test_many_begin_a_folder_at_once(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        stores = [SQLiteStore(tmp_path, "http://x/") for _ in range(16)]
        assert sum(await asyncio.gather(*(asyncio.to_thread(store.lead) for store in stores))) == 1
        for store in stores:
            store.close()
        assert caplog.text == ""
