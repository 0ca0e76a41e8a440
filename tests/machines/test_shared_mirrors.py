"""Mirrors of several machines on one server: one crawls, all serve what it found, and nobody falls behind."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from catalogue import SyncSettings
from catalogue.shared_state import SharedState
from catalogue.store import StoreError
from tests.fake_upstream import FakeUpstream
from tests.mirrors import WatchedCatalogue, ids, opened
from tests.patience import PATIENCE
from tests.redis_servers import RunningServer, until
from tests.rows import Rows
from upstream import UpstreamError

SELDOM = SyncSettings(page_size=10)
OFTEN = SyncSettings(page_size=10, interval=1, news_interval=0)
FIRST_PAGE = "packages/?limit=10&offset=0"


@pytest.fixture(autouse=True)
def patient_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody loses a lease by the slowness of the machine, and news comes soon."""
    monkeypatch.setattr("catalogue.redis_lease.HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr("catalogue.redis_lease.LEASE_SECONDS", PATIENCE)
    monkeypatch.setattr("catalogue.redis_server.COMMAND_SECONDS", 0.5)
    monkeypatch.setattr("catalogue.shared_store.AGAIN_SECONDS", 0.1)
    monkeypatch.setattr("catalogue.mirror.FOLLOW_SECONDS", 0.05)


def shared(catalogue: WatchedCatalogue) -> SharedState:
    assert catalogue.state.shared is not None
    return catalogue.state.shared


@asynccontextmanager
async def machines(
    fake: FakeUpstream, redis: RunningServer, count: int, settings: SyncSettings = SELDOM
) -> AsyncIterator[list[WatchedCatalogue]]:
    """Run mirrors with nothing but the server to share; the first of them leads."""
    async with AsyncExitStack() as stack:
        catalogues = []
        for _ in range(count):
            catalogue, mirror = await stack.enter_async_context(
                opened(fake.base_url, server=redis.url, settings=settings)
            )
            mirror.start()
            await catalogue.until(1)
            catalogues.append(catalogue)
        await until(lambda: {shared(each).gateways for each in catalogues} == {count})
        yield catalogues


async def test_one_crawls_and_all_serve(fake: FakeUpstream, rows: Rows, redis: RunningServer) -> None:
    async with machines(fake, redis, 3) as catalogues:
        assert [len(ids(each)) for each in catalogues] == [30] * 3
        assert len({(each.snapshot.number, each.snapshot.read_at) for each in catalogues}) == 1
        assert [shared(each).is_leader for each in catalogues] == [True, False, False]
        assert fake.targets[FIRST_PAGE] == 1


async def test_all_switch_by_what_changed_alone(fake: FakeUpstream, rows: Rows, redis: RunningServer) -> None:
    async with machines(fake, redis, 2, OFTEN) as (_, follower):
        first = follower.snapshot
        rows.add()
        await until(lambda: len(ids(follower)) == 31)
        assert follower.snapshot.number > first.number
        assert [
            change.id for change in await follower.snapshot.changes.since(first.number, follower.snapshot.number)
        ] == [31]
        kept = [
            package for package in first.index.packages if follower.snapshot.index.packages.get(package.id) is package
        ]
        assert len(kept) == 30, "who was known was not read again"


async def test_where_all_is_read_again_what_is_as_it_was_stays(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.redis_snapshot.MAX_SEGMENTS", 1)
    async with machines(fake, redis, 2, OFTEN) as (_, follower):
        first = follower.snapshot
        rows.add()
        del rows.packages[3]
        await until(lambda: ids(follower) == {*range(1, 32)} - {3})
        held = follower.snapshot.index.packages
        assert all(held.get(package.id) is package for package in first.index.packages if package.id != 3)
        assert await follower.snapshot.changes.since(first.number, follower.snapshot.number)


async def test_who_comes_later_serves_without_a_crawl(fake: FakeUpstream, rows: Rows, redis: RunningServer) -> None:
    async with machines(fake, redis, 1, OFTEN) as (leader,):
        for _ in range(3):
            rows.add()
            await until(lambda: len(ids(leader)) == rows.newest)
        asked = len(fake.requests)
        fake.held = asyncio.Event()
        async with opened(fake.base_url, server=redis.url) as (late, _):
            assert ids(late) == ids(leader)
            assert late.snapshot.changes.sets == leader.snapshot.changes.sets
        fake.held.set()
        assert len(fake.requests) <= asked + 1


async def test_one_whose_way_to_the_upstream_is_gone_lets_another_crawl(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.schedule.FIRST_RETRY_SECONDS", 0.05)
    async with machines(fake, redis, 2, OFTEN) as (leader, follower):

        async def cut_off(*_: object, **__: object) -> None:
            raise UpstreamError("refused", "packages/", "could not be reached")

        monkeypatch.setattr(leader.client, "page_body", cut_off)
        rows.add()
        await until(lambda: len(ids(leader)) == len(ids(follower)) == 31)
        assert shared(follower).is_leader


@pytest.mark.parametrize("days", [-1, 1])
async def test_where_clocks_differ_it_is_as_old_for_all(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    async with machines(fake, redis, 1) as (leader,):
        with monkeypatch.context() as patched:
            patched.setattr("catalogue.snapshot.datetime", ShiftedClock)
            ShiftedClock.shift = timedelta(days=days)
            async with opened(fake.base_url, server=redis.url) as (follower, _):
                assert abs(follower.snapshot.age - leader.snapshot.age) < 1.5
                assert not follower.snapshot.is_stale


class ShiftedClock(datetime):
    """The wall clock of another machine."""

    shift = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.shift


async def is_stored(redis: RunningServer, head: str, number: int) -> bool:
    return bool(await redis.do("HGET", head, "number") == str(number).encode())


async def test_what_is_emptied_is_filled_again_without_a_crawl(
    fake: FakeUpstream, rows: Rows, redis: RunningServer
) -> None:
    async with machines(fake, redis, 2) as catalogues:
        number = catalogues[0].snapshot.number
        head = await redis.key("head")
        for _ in range(3):
            await redis.do("FLUSHALL")
            await until(lambda: sum(shared(each).is_leader for each in catalogues) == 1)
            await until(lambda: is_stored(redis, head, number))
        async with opened(fake.base_url, server=redis.url) as (late, _):
            assert (late.snapshot.number, len(ids(late))) == (number, 30)
        assert fake.targets[FIRST_PAGE] == 1


async def spoiled(redis: RunningServer) -> None:
    (key,) = await redis.do("KEYS", "*:segment:*")
    await redis.do("SETRANGE", key, 100, b"\xa5" * 20)


async def evicted(redis: RunningServer) -> None:
    (key,) = await redis.do("KEYS", "*:segment:*")
    await redis.do("DEL", key)


async def truncated(redis: RunningServer) -> None:
    (key,) = await redis.do("KEYS", "*:segment:*")
    await redis.do("SET", key, (await redis.do("GET", key))[:-10])


async def another_kind_of_value(redis: RunningServer) -> None:
    (key,) = await redis.do("KEYS", "*:segment:*")
    await redis.do("DEL", key)
    await redis.do("LPUSH", key, "1")


async def no_list_of_segments(redis: RunningServer) -> None:
    await redis.do("HSET", await redis.key("head"), "segments", "[]")


async def a_head_that_is_none(redis: RunningServer) -> None:
    await redis.do("HSET", await redis.key("head"), "number", "many")


async def a_moment_that_is_none(redis: RunningServer) -> None:
    await redis.do("HSET", await redis.key("head"), "read_at", "1e300")


SPOILED = [
    a_moment_that_is_none,
    spoiled,
    evicted,
    truncated,
    another_kind_of_value,
    no_list_of_segments,
    a_head_that_is_none,
]


@pytest.mark.parametrize("spoil", SPOILED)
async def test_what_is_damaged_is_not_believed_and_stored_again_without_a_crawl(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, spoil: Callable[[RunningServer], object]
) -> None:
    async with machines(fake, redis, 2) as (leader, _):
        asked = len(fake.requests)
        await spoil(redis)  # type: ignore[misc]
        async with opened(fake.base_url, server=redis.url) as (late, mirror):
            mirror.start()
            await until(lambda: late.snapshot.number == leader.snapshot.number)
            assert ids(late) == ids(leader)
        assert fake.targets[FIRST_PAGE] == 1
        assert len(fake.requests) <= asked + 1, "the root, at most"


async def test_of_another_format_nothing_is_read_and_nothing_is_lost(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with machines(fake, redis, 1):
        before = {key: await redis.do("DUMP", key) for key in await redis.do("KEYS", "*:segment:*")}
        monkeypatch.setattr("catalogue.redis_server.LAYOUT", "2-newer")
        async with machines(fake, redis, 1) as (newer,):
            assert len(ids(newer)) == 30
            assert shared(newer).is_leader
            assert fake.targets[FIRST_PAGE] == 2
        assert {key: await redis.do("DUMP", key) for key in before} == before


class TestWithoutTheServer:
    """It is away, or does not do what it is asked."""

    @pytest.fixture(autouse=True)
    def quick_leases(self, patient_leases: None, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who is away for a second is given up."""
        monkeypatch.setattr("catalogue.redis_lease.LEASE_SECONDS", 1.0)

    @asynccontextmanager
    async def trouble(self, redis: RunningServer, name: str) -> AsyncIterator[None]:
        ways = {
            "stopped": (redis.stop, redis.go_on),
            "full": (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
            "a replica": (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
            "locked": (("CONFIG", "SET", "requirepass", "x"), None),
        }
        begin, end = ways[name]
        await self.do(redis, begin)
        yield
        await self.do(redis, end)

    async def do(self, redis: RunningServer, what: object) -> None:
        if callable(what):
            what()
        elif isinstance(what, tuple):
            await redis.do(*what)

    @pytest.mark.parametrize("name", ["stopped", "full", "a replica"])
    async def test_each_goes_on_alone_and_comes_back(
        self, fake: FakeUpstream, rows: Rows, redis: RunningServer, name: str
    ) -> None:
        async with machines(fake, redis, 2, OFTEN) as catalogues:
            async with self.trouble(redis, name):
                await until(lambda: all(shared(each).is_alone for each in catalogues))
                assert {shared(each).crowd for each in catalogues} == {2}
                rows.add()
                await until(lambda: all(len(ids(each)) == 31 for each in catalogues))
                numbers = [each.snapshot.number for each in catalogues]
            await until(lambda: sum(shared(each).is_leader for each in catalogues) == 1)
            rows.add()
            await until(lambda: all(len(ids(each)) == 32 for each in catalogues))
            assert all(each.snapshot.number > before for each, before in zip(catalogues, numbers, strict=True))
            await until(lambda: catalogues[0].snapshot.number == catalogues[1].snapshot.number)
        for each in catalogues:
            served = [snapshot.number for snapshot in each.served]
            assert served == sorted(served), "nobody goes back"

    async def test_one_that_takes_heartbeats_and_no_snapshot_is_none(
        self, fake: FakeUpstream, rows: Rows, redis: RunningServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def full(*_: object) -> None:
            raise StoreError("The store is full.")

        async with machines(fake, redis, 2, OFTEN) as catalogues:
            states = [shared(each) for each in catalogues]
            with monkeypatch.context() as patched:
                patched.setattr("catalogue.redis_store.RedisStore.save", full)
                rows.add()
                await until(lambda: all(len(ids(each)) == 31 for each in catalogues))
                await until(lambda: [each.crowd for each in states] == [2, 2])
                assert sorted(each.is_alone for each in states) == [False, True]
            await until(lambda: [each.crowd for each in states] == [1, 1])
            rows.add()
            await until(lambda: all(len(ids(each)) == 32 for each in catalogues))
            await until(lambda: catalogues[0].snapshot.number == catalogues[1].snapshot.number)
            assert not any(each.is_unstored for each in states)

    async def test_the_newest_of_them_is_what_all_have_after_that(
        self, fake: FakeUpstream, rows: Rows, redis: RunningServer
    ) -> None:
        async with machines(fake, redis, 2) as catalogues:
            redis.stop()
            await until(lambda: all(shared(each).is_alone for each in catalogues))
            rows.add()
            async with opened(fake.base_url) as (other, mirror):
                await mirror.sync()
                catalogues[1].switch(other.snapshot)  # as if that one had crawled
                redis.go_on()
                await until(lambda: catalogues[0].snapshot.number == other.snapshot.number)
            assert len(ids(catalogues[0])) == 31

    async def test_a_start_without_it_serves_what_the_machine_has(
        self, fake: FakeUpstream, rows: Rows, redis: RunningServer, tmp_path: Path
    ) -> None:
        async with machines(fake, redis, 1), opened(fake.base_url, tmp_path, server=redis.url) as (catalogue, mirror):
            mirror.start()
            await until(lambda: list(tmp_path.glob("*.sqlite3")))
            number = catalogue.snapshot.number
        redis.stop()
        async with opened(fake.base_url, tmp_path, server=redis.url) as (catalogue, mirror):
            assert (catalogue.snapshot.number, len(ids(catalogue))) == (number, 30)
            mirror.start()
            await until(lambda: shared(catalogue).is_alone)
            assert "does not answer" in (shared(catalogue).trouble or "")

    async def test_a_start_without_it_and_without_a_snapshot_crawls(self, fake: FakeUpstream, rows: Rows) -> None:
        async with opened(fake.base_url, server="redis://:secret@127.0.0.1:1/0") as (catalogue, mirror):
            mirror.start()
            await catalogue.until(1)
            assert len(ids(catalogue)) == 30
            assert "127.0.0.1:1" in (shared(catalogue).trouble or "")
            assert "secret" not in (shared(catalogue).trouble or "")
