"""Keeping the whole catalogue: syncs, what is read through meanwhile, and serving on when things fail."""

import asyncio
import logging
import os
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from catalogue import Catalogue, Mirror, SyncSettings, mirror
from catalogue.index import Index
from catalogue.search import SearchIndex
from catalogue.store import Store, Version
from tests.fake_upstream import FakeUpstream, Reply
from tests.patience import PATIENCE
from tests.rows import Rows, grid, package
from upstream import Category, Client, Grid, Package, Record, UpstreamError

MEMORY = Path(":memory:")
SETTINGS = SyncSettings(page_size=10)


@pytest.fixture
def rows(fake: FakeUpstream) -> Rows:
    """30 packages at the fake upstream."""
    fake.rows = Rows(30)
    return fake.rows


class WatchedCatalogue(Catalogue):
    """A catalogue that tells when it switches."""

    switched: asyncio.Event

    async def until(self, number: int) -> None:
        """Wait for a version, as long as the tests are patient."""
        async with asyncio.timeout(PATIENCE):
            while self.version.number < number:
                self.switched = asyncio.Event()
                await self.switched.wait()

    def switch(self, index: Index, search: SearchIndex, version: Version) -> None:
        super().switch(index, search, version)
        if hasattr(self, "switched"):
            self.switched.set()


@asynccontextmanager
async def opened(
    url: str,
    folder: Path = MEMORY,
    *,
    freshness: float = 600,
    wait: float = PATIENCE,
    settings: SyncSettings = SETTINGS,
) -> AsyncIterator[tuple[WatchedCatalogue, Mirror]]:
    """A catalogue and its mirror, as the server opens and closes them."""
    catalogue = WatchedCatalogue(Client(url, timeout=PATIENCE), freshness=freshness, mirror_wait=wait)
    mirror = Mirror(catalogue, folder, settings)
    await mirror.load()
    try:
        yield catalogue, mirror
    finally:
        await mirror.aclose()
        await catalogue.aclose()


def file_in(folder: Path) -> Path:
    """Return the mirror's file."""
    (file,) = folder.glob("*.sqlite3")
    return file


def ids(catalogue: Catalogue) -> set[int]:
    return {package.id for package in catalogue.index.packages}


async def refreshed(catalogue: Catalogue) -> None:
    """Wait for what is read again behind."""
    await asyncio.gather(*catalogue._refreshes.values())


class TestSync:
    """What a walk changes."""

    async def test_it_switches_to_a_new_version_at_once(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            assert (catalogue.version.number, catalogue.is_whole) == (0, False)
            await mirror.sync()
            assert (catalogue.version.number, catalogue.is_whole, len(ids(catalogue))) == (1, True, 30)
            before = catalogue.index
            rows.packages[1]["title"] = "New"
            rows.add()
            rows.before_page = lambda _: self.unchanged(catalogue)
            begun = time.time()
            await mirror.sync()
            assert catalogue.version.number == 2
            assert catalogue.version.synced_at is not None
            assert begun <= catalogue.version.synced_at <= time.time()
            assert catalogue.index is not before
            assert ids(catalogue) == set(range(1, 32))

    def unchanged(self, catalogue: Catalogue) -> None:
        assert (catalogue.version.number, ids(catalogue)) == (1, set(range(1, 31)))

    @pytest.mark.parametrize("target", ["packages/?limit=10&offset=9", "categories/?limit=1000&offset=0"])
    async def test_one_that_fails_changes_nothing(
        self, fake: FakeUpstream, rows: Rows, target: str, tmp_path: Path
    ) -> None:
        async with opened(fake.base_url, tmp_path) as (catalogue, mirror):
            await mirror.sync()
            version, before = catalogue.version, list(catalogue.index.packages)
            rows.packages[30]["title"] = "New"
            del rows.packages[1]
            fake.replies[target] = Reply(500)
            with pytest.raises(UpstreamError):
                await mirror.sync()
            assert (catalogue.version, list(catalogue.index.packages)) == (version, before)
        async with opened("http://127.0.0.1:1/", tmp_path):
            pass
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            assert catalogue.version == version
            assert set(catalogue.index.packages) == set(before)

    async def test_what_is_gone_is_dropped_once_a_get_confirms_it(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            await mirror.sync()
            del rows.packages[7]
            rows.grids.clear()
            fake.requests.clear()
            await mirror.sync()
            assert ids(catalogue) == set(range(1, 31)) - {7}
            assert len(catalogue.index.grids) == 0
            assert catalogue.search_index is not None
            assert catalogue.search_index.search("package-7").rows == []
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
            kept = catalogue.index.packages.get(30)
            assert kept is not None
            assert kept.title == "New"
            assert set(range(1, 31)) <= ids(catalogue)

    async def test_what_is_read_through_meanwhile_is_not_overwritten_by_an_older_page(
        self, fake: FakeUpstream, rows: Rows
    ) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            fake.held, fake.holding = asyncio.Event(), "packages/?limit=10&offset=9"
            walk = asyncio.ensure_future(mirror.sync())
            await fake.until(lambda fake: fake.in_flight == 1 and len(fake.requests) == 6)
            rows.packages[30]["title"] = "New"
            rows.packages[31] = package(31)
            del rows.packages[29]
            for key in (30, 31, 29):
                await catalogue.by_id(Package, key)
            fake.held.set()
            await walk
            new = catalogue.index.packages.get(30)
            assert new is not None
            assert new.title == "New"
            assert 31 in ids(catalogue)
            assert 29 not in ids(catalogue)

    async def test_what_was_read_before_a_walk_may_be_gone_after_it(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            await mirror.sync()
            rows.packages[31] = package(31)
            assert await catalogue.by_slug(Package, "package-31")
            del rows.packages[31]
            await mirror.sync()
            assert 31 not in ids(catalogue)

    async def test_nothing_is_waited_for_once_there_is_a_version(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, wait=0) as (catalogue, mirror):
            await mirror.sync()
            fake.held = asyncio.Event()
            walk = asyncio.ensure_future(mirror.sync())
            await fake.until(lambda fake: fake.in_flight == 3)
            assert len((await catalogue.whole()).packages) == 30
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

    async def test_it_is_found_by_lists_and_search(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url) as (catalogue, mirror):
            await mirror.sync()
            rows.packages[31] = package(31, title="Zebra", participants=["someone"])
            rows.grids[2] = grid(2, title="Stripes")
            assert await catalogue.by_slug(Package, "package-31")
            assert await catalogue.by_slug(Grid, "grid-2")
            assert catalogue.search_index is not None
            assert (
                len(catalogue.search_index.search("zeb").rows)
                == len(catalogue.search_index.search("stripes").rows)
                == 1
            )
            assert catalogue.index.participant("SOMEONE")

    async def test_what_is_stale_is_served_at_once_and_read_again_behind(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, freshness=0) as (catalogue, mirror):
            await mirror.sync()
            rows.packages[5]["title"] = "New zebra"
            fake.requests.clear()
            fake.held = asyncio.Event()
            for _ in range(3):
                served = await catalogue.by_id(Package, 5)
                assert served is not None
                assert served.title == "Package 5"
                catalogue.at_hand(Package, [5, 5])
                await catalogue.by_slug(Package, "package-5")
            await fake.until(lambda fake: fake.in_flight == 1)
            fake.held.set()
            await refreshed(catalogue)
            assert fake.targets == {"packages/5/": 1}
            new = catalogue.index.packages.get(5)
            assert new is not None
            assert new.title == "New zebra"
            assert catalogue.search_index is not None
            assert len(catalogue.search_index.search("zebra").rows) == 1

    async def test_many_stale_records_are_read_again_a_few_at_a_time(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, freshness=0) as (catalogue, mirror):
            await mirror.sync()
            fake.requests.clear()
            fake.most_in_flight = 0
            catalogue.at_hand(Package, range(1, 31))
            await refreshed(catalogue)
            assert fake.targets == {f"packages/{key}/": 1 for key in range(1, 31)}
            assert fake.most_in_flight <= 4

    async def test_categories_are_read_again_behind_as_well(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, freshness=0) as (catalogue, mirror):
            await mirror.sync()
            rows.categories[1]["title"] = "New"
            assert [category.title for category in await catalogue.categories()] == ["Category 1"]
            await refreshed(catalogue)
            assert [category.title for category in catalogue.index.categories] == ["New"]

    async def test_a_refresh_that_finds_nothing_drops_the_record(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, freshness=0) as (catalogue, mirror):
            await mirror.sync()
            del rows.packages[5]
            assert await catalogue.by_id(Package, 5)
            await refreshed(catalogue)
            assert 5 not in ids(catalogue)
            assert catalogue.search_index is not None
            assert catalogue.search_index.search("package-5").rows == []

    async def test_with_the_upstream_down_what_is_stale_is_served_on(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, freshness=0) as (catalogue, mirror):
            await mirror.sync()
            fake.replies["packages/5/"] = Reply(503)
            for _ in range(2):
                assert await catalogue.by_id(Package, 5)
                await refreshed(catalogue)
            assert fake.targets["packages/5/"] == 2

    async def test_nothing_waits_for_the_mirror(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, wait=300) as (catalogue, _):
            assert await catalogue.by_id(Package, 5)
            assert await catalogue.by_slug(Grid, "grid-1")
            assert await catalogue.by_id(Category, 1)


class TestRestart:
    """What a process finds in its folder."""

    async def test_it_serves_what_was_stored_and_asks_nothing(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path
    ) -> None:
        rows.grids[1]["packages"] = [1, 2]
        async with opened(fake.base_url, tmp_path) as (catalogue, mirror):
            await mirror.sync()
            before = [*catalogue.index.packages, *catalogue.index.grids, *catalogue.index.categories]
        fake.requests.clear()
        async with opened(fake.base_url, tmp_path, wait=0) as (catalogue, _):
            after = [*catalogue.index.packages, *catalogue.index.grids, *catalogue.index.categories]
            assert catalogue.is_whole
            assert catalogue.version.number == 1
            assert sorted(before, key=repr) == sorted(after, key=repr)
            assert catalogue.search_index is not None
            assert len(catalogue.search_index.search("package").rows) == 30
        assert fake.requests == []

    async def test_it_then_syncs_behind(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        async with opened(fake.base_url, tmp_path) as (_, mirror):
            await mirror.sync()
        rows.add()
        async with opened(fake.base_url, tmp_path) as (catalogue, mirror):
            assert len(ids(catalogue)) == 30
            mirror.start()
            await catalogue.until(2)
            assert len(ids(catalogue)) == 31

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
        target = "categories/?limit=1000&offset=0"
        fake.replies[target] = Reply(503)
        fake.requests.clear()
        monkeypatch.setattr(mirror, "FIRST_RETRY_SECONDS", 1e-3)
        async with opened(fake.base_url, tmp_path) as (catalogue, keeper):
            keeper.start()
            await fake.until(lambda fake: fake.targets[target] == 2)
            assert "changed nothing" in caplog.text
            assert len((await catalogue.whole()).packages) == 30
            assert catalogue.version.number == 1

    async def test_what_was_read_through_is_stored_too(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        async with opened(fake.base_url, tmp_path, freshness=0) as (catalogue, mirror):
            await mirror.sync()
            rows.packages[31] = package(31)
            del rows.packages[2]
            rows.packages[3]["title"] = "New"
            await catalogue.by_slug(Package, "package-31")
            catalogue.at_hand(Package, [2, 3])
            await refreshed(catalogue)
            rows.packages[2] = package(2, title="Back")
            catalogue._missing.clear()
            await catalogue.by_id(Package, 2)
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            assert ids(catalogue) == set(range(1, 32))
            assert [catalogue.index.packages.get(key).title for key in (2, 3)] == ["Back", "New"]  # type: ignore[union-attr]

    async def test_before_the_first_sync_is_complete_nothing_passes_for_the_whole(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path
    ) -> None:
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            await catalogue.by_id(Package, 5)
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            assert not catalogue.is_whole

    async def test_each_upstream_has_a_file_of_its_own(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        async with opened(fake.base_url, tmp_path) as (_, mirror):
            await mirror.sync()
        async with opened("http://127.0.0.1:1/api/v4/", tmp_path) as (catalogue, _):
            assert not catalogue.is_whole
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            assert catalogue.is_whole

    async def test_memory_leaves_nothing_behind(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        for _ in range(2):
            async with opened(fake.base_url) as (catalogue, mirror):
                assert not catalogue.is_whole
                assert await mirror.sync()
                assert await mirror.sync()
                assert catalogue.version.number == 2
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
            assert "memory only" in caplog.text


class TestKeepingOn:
    """The task that syncs now and then."""

    async def test_meanwhile_it_stores_what_is_read_through(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(mirror, "FOLLOW_SECONDS", 0.01)
        saved = asyncio.Event()
        loop, save = asyncio.get_running_loop(), Store.save

        def watched(store: Store, records: list[Record], *rest: Any) -> bool:
            is_stored = save(store, records, *rest)
            if any(record.id == 31 for record in records):
                loop.call_soon_threadsafe(saved.set)
            return is_stored

        monkeypatch.setattr(Store, "save", watched)
        async with opened(fake.base_url, tmp_path) as (catalogue, keeper):
            keeper.start()
            await catalogue.whole()
            rows.packages[31] = package(31)
            await catalogue.by_id(Package, 31)
            await asyncio.wait_for(saved.wait(), PATIENCE)
            async with opened(fake.base_url, tmp_path) as (other, _):
                assert 31 in ids(other)

    async def test_a_file_that_cannot_be_written_costs_nothing_but_the_file(
        self,
        fake: FakeUpstream,
        rows: Rows,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        monkeypatch.setattr("catalogue.store.BUSY_SECONDS", 0.01)
        async with opened(fake.base_url, tmp_path) as (catalogue, keeper):
            await keeper.sync()
            assert keeper.is_stored
            other = sqlite3.connect(file_in(tmp_path), isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            rows.add()
            await keeper.sync()
            assert (catalogue.version.number, len(ids(catalogue)), keeper.is_stored) == (2, 31, False)
            assert "could not be written" in caplog.text
            other.close()
            await keeper.sync()
            assert keeper.is_stored
        async with opened(fake.base_url, tmp_path) as (catalogue, _):
            assert (catalogue.version.number, len(ids(catalogue))) == (3, 31)

    async def test_it_syncs_again_after_the_interval(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, settings=SyncSettings(interval=0.01)) as (catalogue, keeper):
            keeper.start()
            await catalogue.until(3)

    async def test_it_tries_again_however_often_it_failed(
        self, fake: FakeUpstream, rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        monkeypatch.setattr(mirror, "FIRST_RETRY_SECONDS", 1e-4)
        monkeypatch.setattr(mirror, "LAST_RETRY_SECONDS", 1e-3)
        target = "grids/?limit=1000&offset=0"
        fake.replies[target] = Reply(500)
        async with opened(fake.base_url) as (catalogue, keeper):
            keeper.start()
            await fake.until(lambda fake: fake.targets[target] > 10)
            del fake.replies[target]
            assert len((await catalogue.whole()).packages) == 30

    async def test_it_survives_our_own_bugs(
        self, fake: FakeUpstream, rows: Rows, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_: object) -> None:
            monkeypatch.undo()
            raise ZeroDivisionError

        monkeypatch.setattr(mirror, "_merged", broken)
        async with opened(fake.base_url, settings=SyncSettings(interval=0.01)) as (catalogue, keeper):
            keeper.start()
            assert len((await catalogue.whole()).packages) == 30
        assert "ZeroDivisionError" in caplog.text

    async def test_its_progress_is_in_the_log(
        self, fake: FakeUpstream, rows: Rows, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        async with opened(fake.base_url) as (catalogue, keeper):
            keeper.start()
            await catalogue.whole()
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
                await follower.whole()
                assert follower.version == leader.version
                assert ids(follower) == set(range(1, 31))
                assert fake.requests == []
                rows.add()
                await first.sync()
                await follower.until(2)
                assert 31 in ids(follower)
            fake.requests.clear()
            await follower.until(3)
            assert fake.requests

    async def test_a_follower_keeps_what_it_read_through(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        async with (
            opened(fake.base_url, tmp_path) as (leader, first),
            opened(fake.base_url, tmp_path) as (follower, second),
        ):
            await first.sync()
            fake.held = asyncio.Event()
            walk = asyncio.ensure_future(first.sync())
            await fake.until(lambda fake: fake.in_flight == 3)
            stale = Reply(*rows.answer("packages/?limit=10&offset=0", fake.base_url))
            fake.replies["packages/?limit=10&offset=0"] = stale
            fake.held.set()
            await walk
            rows.packages[30]["title"] = "New"
            rows.packages[31] = package(31)
            await follower.by_id(Package, 30)
            await follower.by_id(Package, 31)
            second.start()
            await follower.whole()
            await follower.until(2)
            assert 31 in ids(follower)
            assert follower.index.packages.get(30).title == "New"  # type: ignore[union-attr]
            assert leader.index.packages.get(30).title == "Package 30"  # type: ignore[union-attr]

    async def test_a_follower_that_finds_a_broken_file_leaves_it_to_the_leader(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        rows.add(300)
        async with opened(fake.base_url, tmp_path) as (_, first):
            await first.sync()
        leader = Store(tmp_path, fake.base_url)
        assert leader.take_lock()
        file = file_in(tmp_path)
        broken = bytearray(file.read_bytes())
        broken[-20_000:] = b"\xa5" * 20_000
        file.write_bytes(broken)
        async with opened(fake.base_url, tmp_path) as (follower, _):
            assert "could not be read" in caplog.text
            assert not follower.is_whole
            assert await follower.by_id(Package, 5)
        leader.close()
        assert file.read_bytes() == broken

    async def test_version_numbers_only_grow(self, fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
        async with opened(fake.base_url, tmp_path) as (catalogue, second):
            async with opened(fake.base_url, tmp_path) as (_, first):
                await first.sync()
                await first.sync()
            await second.sync()
            assert catalogue.version.number == 3

    async def test_many_begin_a_folder_at_once(
        self, fake: FakeUpstream, rows: Rows, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        stores = await asyncio.gather(*(asyncio.to_thread(Store, tmp_path, "http://x/") for _ in range(16)))
        assert sum(store.take_lock() for store in stores) == 1
        for store in stores:
            store.close()
        assert caplog.text == ""
