"""The snapshot at a server that gateways share: read by all of them, written by the one that leads.

A snapshot is whole or not there: its segments are written first, under names that nobody reads yet, and then its head
moves to them in one step. Those that it no longer needs are kept for whoever is reading them. Nothing is there for
ever: what no gateway has written for a week is gone, and so is what another release has left behind. Ages are by the
server's clock, as those of machines may differ.
"""

import asyncio
import logging
import time
from dataclasses import replace
from functools import partial
from typing import Final

import msgspec
import zstandard

from catalogue.pages import SavedPage
from catalogue.redis_lease import CHANNEL, DAMAGED, HEAD, KEPT_SECONDS, Lease, version_of
from catalogue.redis_server import TRANSFER_SECONDS, RedisServer
from catalogue.redis_snapshot import (
    MAX_HEAD_BYTES,
    MAX_WINDOW_BYTES,
    CorruptError,
    Head,
    Segment,
    pack,
    read_segments,
    unpack,
)
from catalogue.store import Save, Stored, StoreError, Version

logger = logging.getLogger(__name__)

PART_BYTES: Final = 512 * 1024
RETIRED_SECONDS: Final = 300
"""How long what is no longer needed is kept for who is reading it."""

PAGES_SECONDS: Final = 900
MAX_PAGES: Final = 20_000
MAX_PAGE_BYTES: Final = 17 * 1024 * 1024
PAGES_AT_ONCE: Final = 16
DAMAGED_SECONDS: Final = 30
"""How long a complaint about what is stored stands."""

ACCEPTED_SECONDS: Final = 3600

_READ_HEAD: Final = f"""
if redis.call('HSTRLEN', KEYS[1], 'segments') > {MAX_HEAD_BYTES} then
  return redis.error_reply('its head is too large')
end
local head = redis.call('HMGET', KEYS[1], 'number', 'read_at', 'segments', 'read')
local time = redis.call('TIME')
head[4] = tostring(time[1] * 1000 + math.floor(time[2] / 1000) - (tonumber(head[4] or 0) or 0))
return head
"""
_WRITE_PART: Final = """
redis.call('SETRANGE', KEYS[2], ARGV[3], ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[5])
"""
_MOVE_HEAD: Final = """
local before = redis.call('HGET', KEYS[2], 'segments') or ''
if ARGV[3] ~= '*' and before ~= ARGV[3] then return 'moved' end
local time = redis.call('TIME')
local read = string.format('%.0f', time[1] * 1000 - ARGV[11])
redis.call('HSET', KEYS[2], 'number', ARGV[4], 'read_at', ARGV[5], 'segments', ARGV[6], 'read', read)
redis.call('DEL', KEYS[3], KEYS[4])
local needed = tonumber(ARGV[7])
for place = 2, #KEYS do
  if place ~= 3 and place ~= 4 then
    redis.call('PEXPIRE', KEYS[place], place <= needed and ARGV[8] or ARGV[9])
  end
end
redis.call('PUBLISH', ARGV[10], ARGV[4])
"""
_WRITE_PAGE: Final = """
redis.call('RPUSH', KEYS[2], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
"""
_READ_PAGES: Final = f"""
local pages = redis.call('LRANGE', KEYS[1], ARGV[1], ARGV[2])
for _, page in ipairs(pages) do
  if #page > {MAX_PAGE_BYTES} then return redis.error_reply('a page of a crawl is too large') end
end
return pages
"""
_FORGET_PAGES: Final = "redis.call('DEL', KEYS[2])"


class RedisStore:
    """The snapshot at a server.

    Args:
        server: where it is.
        lease: says whether this gateway may write.
    """

    def __init__(self, server: RedisServer, lease: Lease) -> None:
        self._server = server
        self._lease = lease
        self._head = server.key(HEAD)
        self._pages = server.key("pages")
        self._accepted = server.key("accept-shrinkage")

    async def version(self) -> Version:
        """Return the version of the stored snapshot, whose number is 0 when there is none.

        Raises:
            StoreError: the server cannot be used.
        """
        found = await self._server.command("HMGET", self._head, "number", "read_at")
        return _version(*found)

    async def load(self, since: int = 0) -> Stored:
        """Return what is stored; what came after snapshot number `since` alone, where that is known.

        Raises:
            StoreError: the server cannot be used.
            CorruptError: what it holds is not what was written; whoever leads is told so.
        """
        version = await self.version()
        try:
            return await self._load(since)
        except CorruptError:
            if version != await self.version():  # what was read has had its time
                return await self._load(since)
            await self._server.command("SET", self._server.key(DAMAGED), version.number, "EX", DAMAGED_SECONDS)
            raise

    async def save(self, save: Save) -> None:
        """Store a snapshot, all or nothing, and forget the pages.

        Raises:
            LeadershipLostError: this gateway does not lead.
            StoreError: the server cannot be used; what it holds stays as it was.
        """
        try:
            head = await self._read_head()
        except CorruptError:
            head = Head()
        is_base = head.version.number == save.base and not head.is_full
        if is_base and save.version.number == save.base:
            await self._move(head, Head(save.version, head.segments, save.age))
            return
        key = self._server.key(f"segment:{save.version.number}:{self._lease.id}:{time.monotonic_ns()}")
        segment, packed = await asyncio.to_thread(pack, save, key, is_whole=not is_base)
        for start in range(0, len(packed), PART_BYTES):
            await self._lease.fenced(
                _WRITE_PART,
                [key],
                start,
                packed[start : start + PART_BYTES],
                1000 * RETIRED_SECONDS,
                seconds=TRANSFER_SECONDS,
            )
        segments = (*head.segments, segment) if is_base else (segment,)
        await self._move(head, Head(save.version, segments, save.age))

    async def save_page(self, page: SavedPage) -> None:
        """Keep a page of a crawl that is under way, for whoever leads next.

        Raises:
            LeadershipLostError: this gateway does not lead.
            StoreError: the server cannot be used.
        """
        packed = await asyncio.to_thread(lambda: zstandard.compress(msgspec.msgpack.encode(page)))
        milliseconds = 1000 * PAGES_SECONDS
        await self._lease.fenced(_WRITE_PAGE, [self._pages], packed, milliseconds, seconds=TRANSFER_SECONDS)

    async def pages(self) -> list[SavedPage]:
        """Return the pages of the crawl that was cut off.

        Raises:
            StoreError: the server cannot be used.
            CorruptError: they are not what was written.
        """
        count = min(await self._server.command("LLEN", self._pages), MAX_PAGES)
        packed: list[bytes] = []
        for start in range(0, count, PAGES_AT_ONCE):
            end = start + PAGES_AT_ONCE - 1
            packed += await self._server.script(_READ_PAGES, [self._pages], start, end, seconds=TRANSFER_SECONDS)
        return await asyncio.to_thread(lambda: [_page(each) for each in packed])

    async def forget_pages(self) -> None:
        """Forget them.

        Raises:
            LeadershipLostError: this gateway does not lead.
            StoreError: the server cannot be used.
        """
        await self._lease.fenced(_FORGET_PAGES, [self._pages], seconds=TRANSFER_SECONDS)

    async def accept_shrinkage(self) -> None:
        """Tell whoever leads to believe the next crawl, however much that lacks.

        Raises:
            StoreError: the server cannot be used.
        """
        await self._server.command("SET", self._accepted, 1, "EX", ACCEPTED_SECONDS)

    async def take_shrinkage(self) -> bool:
        """Say whether the one that leads was told so since it was last asked.

        Raises:
            StoreError: the server cannot be used.
        """
        return bool(await self._server.command("DEL", self._accepted))

    async def _read_head(self) -> Head:
        number, read_at, segments, age = await self._server.script(_READ_HEAD, [self._head])
        version = _version(number, read_at)
        if not version.number:
            return Head()
        head = Head(version, read_segments(segments or b""), max(0.0, float(age) / 1000))
        if head.segments[-1].number != version.number:
            raise CorruptError("The segments in the store are another snapshot's.")
        return head

    async def _load(self, since: int) -> Stored:
        head = await self._read_head()
        if head.version.read_at is None:
            return Stored()
        segments = head.segments
        if since in {each.number for each in segments}:
            segments = tuple(each for each in segments if each.number > since)
        found = [(each, await self._fetch(each)) for each in segments]
        return replace(await asyncio.to_thread(unpack, head.version, found), age=head.age)

    async def _fetch(self, segment: Segment) -> bytes:
        """Read a segment's bytes, if they are as many as they should be."""
        size = await self._server.command("STRLEN", segment.key)
        if size != segment.size:
            raise CorruptError(f"A segment of snapshot {segment.number} in the store has {size} bytes.")
        get = partial(self._server.command, "GETRANGE", segment.key, seconds=TRANSFER_SECONDS)
        return b"".join([await get(at, at + PART_BYTES - 1) for at in range(0, size, PART_BYTES)])

    async def _move(self, before: Head, head: Head) -> None:
        number, read_at = head.version
        assert read_at is not None
        needed = [each.key for each in head.segments]
        retired = [each.key for each in before.segments if each.key not in needed]
        is_new = head.segments[0] not in before.segments
        done = await self._lease.fenced(
            _MOVE_HEAD,
            [self._head, self._pages, self._server.key(DAMAGED), *needed, *retired],
            "*" if is_new else msgspec.json.encode(before.segments),
            number,
            repr(read_at.timestamp()),
            msgspec.json.encode(head.segments),
            4 + len(needed),
            1000 * KEPT_SECONDS,
            1000 * RETIRED_SECONDS,
            self._server.key(CHANNEL),
            int(1000 * head.age),
            seconds=TRANSFER_SECONDS,
        )
        if done == b"moved":
            raise StoreError("The store has lost what this snapshot would have followed.")


def _version(number: bytes | None, read_at: bytes | None) -> Version:
    try:
        return version_of(number, read_at)
    except ValueError as error:
        raise CorruptError(f"The store holds no snapshot's number ({error}).") from error


def _page(packed: bytes) -> SavedPage:
    try:
        decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
        if zstandard.frame_content_size(packed) > MAX_PAGE_BYTES:
            raise CorruptError("A page in the store is larger than any that is written.")
        return msgspec.msgpack.decode(decompressor.decompress(packed, max_output_size=MAX_PAGE_BYTES), type=SavedPage)
    except (zstandard.ZstdError, msgspec.DecodeError, ValueError) as error:
        raise CorruptError(f"A page in the store is not as it was written ({error}).") from error
