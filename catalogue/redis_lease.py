"""Which of many gateways leads: by a lease that expires, whose token fences off whoever lost it.

Each gateway sends a heartbeat, which is one script and so one atomic step. It says that the gateway is there and which
snapshot it holds, and takes or renews the lease where that is free. Whoever holds a newer snapshot than the store (it
was emptied, or lost its last writes) is let lead, so that it can store that; who fails to read the upstream lets others
try.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, Final

from catalogue.errors import LeadershipLostError
from catalogue.redis_server import RedisServer, RefusedError
from catalogue.shared_state import SharedState
from catalogue.store import StoreError, Version

logger = logging.getLogger(__name__)

LEASE_SECONDS: Final = 10.0
"""How long a leader may be silent; then another one leads."""

HEARTBEAT_SECONDS: Final = 0.5
"""How often a gateway says that it is there, and looks for another snapshot in case nobody tells it of one."""

KEPT_SECONDS: Final = 7 * 86_400
"""How long anything is kept that no gateway writes anew."""

RESUBSCRIBE_SECONDS: Final = 1.0
LISTEN_SECONDS: Final = 60.0
"""How long it is listened at one connection, which may be dead without a word."""

LEASE, TOKENS, HEAD, GATEWAYS, NEWEST, DAMAGED, RESIGNED, CHANNEL = (
    "lease",
    "tokens",
    "head",
    "gateways",
    "newest",
    "damaged",
    "resigned",
    "published",
)
"""Names of keys, and of the channel."""

FENCED: Final = "fenced"
FENCE: Final = f"""
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'token') ~= ARGV[2] then
  return '{FENCED}'
end
"""
"""The beginning of every script that writes: the lease is KEYS[1], who writes ARGV[1], its token ARGV[2]."""

_HEARTBEAT: Final = """
local id, mine, ttl, unstored = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[4], now, id)
redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now - ttl)
redis.call('PEXPIRE', KEYS[4], ttl)

local head = redis.call('HMGET', KEYS[3], 'number', 'read_at')
local stored = tonumber(head[1] or 0)
if not stored or redis.call('GET', KEYS[6]) == head[1] then stored = 0 end
if stored == 0 then head = {'0', '0'} end
local newest = redis.call('HMGET', KEYS[5], 'id', 'number')
local claimed = tonumber(newest[2] or 0)
if mine > stored and (mine > claimed or newest[1] == id) then
  redis.call('HSET', KEYS[5], 'id', id, 'number', ARGV[2])
  redis.call('PEXPIRE', KEYS[5], ttl)
  newest = {id}
end
local yields = newest[1] and newest[1] ~= id and claimed > stored and claimed > mine

local resigns = tonumber(ARGV[6]) > 0 and redis.call('ZCARD', KEYS[4]) > 1

local lease = redis.call('HMGET', KEYS[1], 'id', 'token', 'unstored')
if lease[1] == id and (yields or resigns and redis.call('SET', KEYS[7], id, 'NX', 'PX', ARGV[6])) then
  redis.call('DEL', KEYS[1])
  lease = {false}
elseif not lease[1] and not yields and not resigns then
  lease = {id, tostring(redis.call('INCR', KEYS[2])), '0'}
  redis.call('EXPIRE', KEYS[2], ARGV[5])
end
if lease[1] == id then
  redis.call('HSET', KEYS[1], 'id', id, 'token', lease[2], 'unstored', unstored)
  redis.call('PEXPIRE', KEYS[1], ttl)
end
return {lease[1] == id and lease[2] or '', lease[3] or '0', redis.call('ZCARD', KEYS[4]), head[1], head[2]}
"""

_RELEASE: Final = """
redis.call('ZREM', KEYS[2], ARGV[1])
if redis.call('HGET', KEYS[1], 'id') == ARGV[1] then redis.call('DEL', KEYS[1]) end
"""


class Lease:
    """Sends the heartbeats of a gateway, and listens for snapshots that are published.

    Args:
        server: where the lease is.
        state: kept up to date.
        held: returns the number of the whole snapshot that is served; 0 for none.
    """

    def __init__(self, server: RedisServer, state: SharedState, held: Callable[[], int]) -> None:
        self.id = token_hex(8)
        self._server = server
        self._state = state
        self._held = held
        self._tasks: list[asyncio.Task[None]] = []
        self._resigned_clock = 0.0
        self._wake = asyncio.Event()
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Send the first heartbeat, and the others behind."""
        if not self._tasks:
            self._state.until_clock = time.monotonic()
            await self._beat()
            self._changed.clear()
            self._tasks = [asyncio.create_task(self._keep()), asyncio.create_task(self._listen())]

    async def stop(self) -> None:
        """Let another gateway lead."""
        if not self._tasks:
            return
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        self._tasks, self._state.token, self._state.trouble = [], "", None
        with suppress(StoreError):
            await self._server.script(_RELEASE, [self._server.key(LEASE), self._server.key(GATEWAYS)], self.id)

    def resign(self, seconds: float) -> None:
        """Let another gateway lead for so many seconds, if there is one; only one of them does that at a time."""
        self._resigned_clock = time.monotonic() + seconds
        self._wake.set()

    async def changed(self, seconds: float) -> None:
        """Wait until something has changed, for so many seconds at the most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        self._changed.clear()

    async def fenced(self, text: str, keys: list[str], *values: str | bytes | int, seconds: float) -> Any:
        """Run a script that writes, if this gateway still leads. `text` finds its own keys from KEYS[2] on, and
        its own values from ARGV[3] on.

        Raises:
            LeadershipLostError: it does not.
            StoreError: the store cannot be used.
        """
        if not self._state.is_leader:
            raise LeadershipLostError
        keys = [self._server.key(LEASE), *keys]
        done = await self._server.script(FENCE + text, keys, self.id, self._state.token, *values, seconds=seconds)
        if done == FENCED.encode():
            self._state.token = ""
            raise LeadershipLostError
        return done

    async def _keep(self) -> None:
        summary = self._state.summary
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await self._wake.wait()
            self._wake.clear()
            before = summary
            await self._beat()
            summary = self._state.summary
            if summary != before:
                self._changed.set()

    async def _beat(self) -> None:
        state, asked, before = self._state, time.monotonic(), self._state.version
        keys = [self._server.key(name) for name in (LEASE, TOKENS, HEAD, GATEWAYS, NEWEST, DAMAGED, RESIGNED)]
        resigned = max(0, int(1000 * (self._resigned_clock - asked)))
        values = (self.id, self._held(), int(1000 * LEASE_SECONDS), int(state.is_unstored), KEPT_SECONDS, resigned)
        try:
            token, unstored, gateways, number, read_at = await self._server.script(_HEARTBEAT, keys, *values)
        except (StoreError, ValueError, TypeError) as error:
            self._failed(error)
            if isinstance(error, RefusedError):
                await self._look()
            return
        if state.trouble is not None:
            logger.info("The store at %s is used again, by %d gateways.", state.place, gateways)
        if bool(token) != bool(state.token):
            logger.info("This gateway %s.", "leads" if token else "follows the one that leads")
        state.trouble, state.token = None, token.decode()
        if state.version is before:  # or this gateway has stored another one meanwhile
            state.version = _believed(number, read_at)
        state.is_leader_unstored = unstored == b"1"
        state.is_unstored = state.is_unstored and bool(token)  # it is for another one to store
        state.gateways, state.until_clock = gateways, asked + LEASE_SECONDS

    def _failed(self, error: Exception) -> None:
        state = self._state
        if state.trouble is None:
            logger.warning("%s What is at hand is served, and this gateway goes on alone.", error)
        state.failures["heartbeat"] += 1
        state.trouble = str(error)

    async def _look(self) -> None:
        """See what is stored where nothing can be written: it may be a replica."""
        with suppress(StoreError):
            found = await self._server.command("HMGET", self._server.key(HEAD), "number", "read_at")
            self._state.version = _believed(*found)

    async def _listen(self) -> None:
        """Have a heartbeat go out at once when a snapshot is published."""
        while True:
            with suppress(Exception):  # a heartbeat looks anyway, and says what is wrong
                async with asyncio.timeout(LISTEN_SECONDS), self._server.client.pubsub() as channel:
                    await channel.subscribe(self._server.key(CHANNEL))
                    while True:
                        await channel.get_message(ignore_subscribe_messages=True, timeout=None)
                        self._wake.set()
            await asyncio.sleep(RESUBSCRIBE_SECONDS)


def version_of(number: bytes | None, read_at: bytes | None) -> Version:
    """Return what a head says.

    Raises:
        ValueError: it says nothing of the kind.
    """
    if not number or not read_at or not int(number):
        return Version()
    try:
        return Version(int(number), datetime.fromtimestamp(float(read_at), UTC))
    except (OverflowError, OSError) as error:
        raise ValueError(f"{read_at!r} is no moment") from error


def _believed(number: bytes | None, read_at: bytes | None) -> Version:
    try:
        return version_of(number, read_at)
    except ValueError:  # it is as good as not there, and stored again
        return Version()
