"""Who may write: the gateway that holds the lease, and nobody who has lost it without knowing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from catalogue.errors import LeadershipLostError
from catalogue.pages import SavedPage
from catalogue.redis_lease import Lease
from catalogue.redis_server import RedisServer
from catalogue.redis_store import RedisStore
from catalogue.shared_state import SharedState
from catalogue.store import StoreError, Version
from tests.catalogue.test_redis_snapshot import RECORDS
from tests.catalogue.test_redis_snapshot import SAVE as WHOLE
from tests.patience import PATIENCE
from tests.redis_servers import PROGRAMS, RunningServer, until

pytestmark = pytest.mark.parametrize("redis", PROGRAMS, indirect=True, ids=lambda path: Path(path).name)
URL = "http://x/api/v4/"
PAGE = SavedPage("packages", 0, 100, 1_700_000_000.25, b"{}")


@dataclass
class Machine:
    server: RedisServer
    state: SharedState
    lease: Lease
    store: RedisStore
    held: int = 0

    async def vanish(self) -> None:
        """End without a word, as a process does that is killed; or say nothing for a while, as one that is stopped.

        Its lease runs out at once.
        """
        for task in self.lease._tasks:
            task.cancel()
        await self.server.command("PEXPIRE", self.server.key("lease"), 1)


@asynccontextmanager
async def machine(redis: RunningServer, held: int = 0) -> AsyncIterator[Machine]:
    server, state = RedisServer(redis.url, URL), SharedState("there")
    lease = Lease(server, state, lambda: running.held)
    running = Machine(server, state, lease, RedisStore(server, lease), held)
    await lease.start()
    try:
        yield running
    finally:
        await lease.stop()
        await server.aclose()


@pytest.fixture(autouse=True)
def patient_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody loses a lease by the slowness of the machine."""
    monkeypatch.setattr("catalogue.redis_lease.HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr("catalogue.redis_lease.LEASE_SECONDS", PATIENCE)


async def everything(redis: RunningServer) -> dict[bytes, bytes]:
    keys = [key for key in await redis.do("KEYS", "*") if not key.endswith((b":lease", b":gateways"))]
    return {key: await redis.do("DUMP", key) for key in keys}


async def test_one_leads_and_tells_the_others_to_when_it_ends(redis: RunningServer) -> None:
    async with machine(redis) as second_to_last, machine(redis) as last:
        await until(lambda: last.state.gateways == 2 == second_to_last.state.gateways)
        assert (second_to_last.state.is_leader, last.state.is_leader) == (True, False)
        await second_to_last.lease.stop()
        await until(lambda: last.state.is_leader)


async def test_one_that_vanishes_is_succeeded_with_a_higher_token(redis: RunningServer) -> None:
    async with machine(redis) as first, machine(redis) as second:
        token = int(first.state.token)
        await first.vanish()
        await until(lambda: second.state.is_leader)
        assert int(second.state.token) > token


WRITES: dict[str, Callable[[RedisStore], Coroutine[Any, Any, None]]] = {
    "a snapshot": lambda store: store.save(WHOLE),
    "what changed": lambda store: store.save(replace(WHOLE, base=7, version=Version(8, WHOLE.version.read_at))),
    "that nothing changed": lambda store: store.save(replace(WHOLE, base=7, version=Version(7, datetime.now(UTC)))),
    "a page": lambda store: store.save_page(PAGE),
    "no pages": lambda store: store.forget_pages(),
}


@pytest.mark.parametrize("what", WRITES)
async def test_one_that_was_stopped_and_goes_on_writes_nothing(redis: RunningServer, what: str) -> None:
    async with machine(redis) as first, machine(redis) as second:
        await first.store.save(WHOLE)
        await first.vanish()
        await until(lambda: second.state.is_leader)
        await second.store.save_page(PAGE)
        before = await everything(redis)
        for believes in (False, True):  # as its clock says, and as if it had stood still too
            first.state.token, first.state.until_clock = (
                ("1", asyncio.get_running_loop().time() + 60) if believes else ("1", 0)
            )
            with pytest.raises(LeadershipLostError):
                await WRITES[what](first.store)
        assert await everything(redis) == before
        assert await second.store.pages() == [PAGE]


async def test_a_token_of_before_all_was_lost_opens_nothing(redis: RunningServer) -> None:
    """The count begins anew then; who holds the lease is compared as well."""
    async with machine(redis) as first, machine(redis) as second:
        await until(lambda: second.state.gateways == 2)
        await first.vanish()
        await redis.do("FLUSHALL")
        await until(lambda: second.state.is_leader)
        assert second.state.token == first.state.token == "1"
        first.state.until_clock = asyncio.get_running_loop().time() + 60
        with pytest.raises(LeadershipLostError):
            await first.store.save(WHOLE)


async def test_a_reader_never_meets_half_a_snapshot(redis: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.redis_store.PART_BYTES", 100)
    async with machine(redis) as leader, machine(redis) as reader:
        await leader.store.save(WHOLE)
        writing = asyncio.create_task(rewrite(leader.store, 20))
        read = 0
        while not writing.done():
            found = await reader.store.load()
            assert len(found.records) == len(RECORDS)
            assert found.version.number >= 7
            read += 1
        await writing
        assert read > 1
        assert (await reader.store.version()).number == 27


async def rewrite(store: RedisStore, times: int) -> None:
    for number in range(8, 8 + times):
        await store.save(replace(WHOLE, version=Version(number, WHOLE.version.read_at)))


async def test_what_changed_is_written_alone_and_all_of_it_now_and_then(redis: RunningServer) -> None:
    async with machine(redis) as leader:
        await leader.store.save(WHOLE)
        alone = 0
        for number in range(8, 80):
            version = Version(number, WHOLE.version.read_at)
            await leader.store.save(replace(WHOLE, version=version, base=number - 1, changed=RECORDS[:1]))
            alone += (await leader.store.load(number - 1)).records == RECORDS[:1]
        assert alone >= 60
        assert len((await leader.store.load()).records) == len(RECORDS)
        lasting = [key for key in await redis.do("KEYS", "*:segment:*") if await redis.do("TTL", key) > 1000]
        assert 1 <= len(lasting) <= 32
        assert min([await redis.do("TTL", key) for key in await redis.do("KEYS", "*")]) >= 0


async def test_a_writer_that_vanishes_leaves_what_was_and_no_rubbish_for_good(
    redis: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalogue.redis_store.PART_BYTES", 100)
    async with machine(redis) as leader:
        await leader.store.save(WHOLE)
        writing = asyncio.create_task(leader.store.save(replace(WHOLE, version=Version(8, WHOLE.version.read_at))))
        await until(lambda: are_there(redis, "*:segment:8:*"))
        writing.cancel()
        assert (await leader.store.load()).version == WHOLE.version
        (left,) = await redis.do("KEYS", "*:segment:8:*")
        assert 0 < await redis.do("TTL", left) <= 300


async def are_there(redis: RunningServer, pattern: str) -> bool:
    return bool(await redis.do("KEYS", pattern))


async def test_who_follows_is_told_of_a_snapshot_at_once(redis: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.redis_lease.HEARTBEAT_SECONDS", 10_000.0)
    monkeypatch.setattr("catalogue.redis_lease.LEASE_SECONDS", 20_000.0)
    async with machine(redis) as leader, machine(redis) as follower:
        channel = leader.server.key("published")
        await until(lambda: are_listening(redis, channel, 2))
        await leader.store.save(WHOLE)
        await follower.lease.changed(PATIENCE)
        assert follower.state.version == WHOLE.version


async def are_listening(redis: RunningServer, channel: str, count: int) -> bool:
    return bool((await redis.do("PUBSUB", "NUMSUB", channel))[1] == count)


async def test_who_is_not_told_looks(redis: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def deaf(_: Lease) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(Lease, "_listen", deaf)
    async with machine(redis) as leader, machine(redis) as follower:
        await leader.store.save(WHOLE)
        await until(lambda: follower.state.version == WHOLE.version)


async def test_who_is_full_keeps_what_it_has(redis: RunningServer) -> None:
    async with machine(redis) as leader:
        await leader.store.save(WHOLE)
        used = int((await redis.do("INFO", "memory"))["used_memory"])
        await redis.do("CONFIG", "SET", "maxmemory", used + 10_000)
        with pytest.raises(StoreError, match="maxmemory"):
            await leader.store.save(replace(WHOLE, version=Version(8, WHOLE.version.read_at)))
        await redis.do("CONFIG", "SET", "maxmemory", 0)
        assert (await leader.store.load()).version == WHOLE.version


async def test_pages_come_back_to_whoever_leads_next(redis: RunningServer) -> None:
    pages = [replace_page(number) for number in range(40)]
    async with machine(redis) as first, machine(redis) as second:
        for page in pages:
            await first.store.save_page(page)
        await first.vanish()
        await until(lambda: second.state.is_leader)
        assert await second.store.pages() == pages
        await second.store.save(WHOLE)
        assert await second.store.pages() == []


def replace_page(number: int) -> SavedPage:
    return SavedPage("packages", 100 * number, 100, 1_700_000_000.25, b"x" * 10_000)


async def test_who_cannot_crawl_lets_others_try_one_after_the_other(redis: RunningServer) -> None:
    async with machine(redis) as first:
        first.lease.resign(60)
        await until(lambda: first.state.is_leader)  # nobody else is there
        async with machine(redis) as second:
            await until(lambda: second.state.is_leader)
            second.lease.resign(60)
            await until(lambda: first.state.gateways == second.state.gateways == 2)
            assert second.state.is_leader, "that others try is new to nobody"
            await second.lease.stop()
            await until(lambda: first.state.is_leader)


async def test_who_holds_a_newer_snapshot_leads(redis: RunningServer) -> None:
    async with machine(redis) as first:
        await first.store.save(WHOLE)
        first.held = 7
        async with machine(redis, held=9) as newer, machine(redis, held=8) as new:
            await until(lambda: newer.state.is_leader)
            assert not first.state.is_leader
            await newer.store.save(replace(WHOLE, version=Version(9, WHOLE.version.read_at)))
            await newer.vanish()
            await until(lambda: first.state.is_leader or new.state.is_leader)
