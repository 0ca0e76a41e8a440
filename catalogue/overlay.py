"""What was read through: what the snapshot lacks, each thing asked for once.

It remembers records, that there is none, and failures. Beside a snapshot it lasts until the next one. Without a mirror
it is all that is held, and what it holds is read again when it is no longer fresh.
"""

import re
from collections.abc import Awaitable, Hashable, Sequence
from time import monotonic
from typing import Any, Final, Generic, NamedTuple, TypeVar

from cachetools import LRUCache

from upstream import KINDS, Client, Deadline, R, Record, SearchHit, UpstreamError
from upstream.decoding import Page

MAX_HELD: Final = 20_000
MAX_SLUG_LENGTH: Final = 200
SLUG: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_SLUG_LENGTH}}}")

ABSENCE_SECONDS: Final = 60.0
"""How long it is believed at first that there is no such thing; twice as long each time that proves right."""

FIRST_RETRY_SECONDS: Final = 1.0
LAST_RETRY_SECONDS: Final = 15.0

FOREVER: Final = float("inf")

T = TypeVar("T")


class Held(NamedTuple, Generic[T]):
    """What is remembered under one key.

    Args:
        value: what was read; `None` when there is no such thing, or when there was only an error so far.
        error: why it could not be read the last time.
        wait: seconds from the last time to the next.
        again_clock: when to ask the next time, by the monotonic clock.
    """

    value: T | None
    error: UpstreamError | None
    wait: float
    again_clock: float

    @property
    def expires_clock(self) -> float:
        """Until when an answer that rests on it may be kept."""
        return self.again_clock if self.value is not None else min(self.again_clock, monotonic() + ABSENCE_SECONDS)


def is_askable(kind: type[Record], key: int | str) -> bool:
    """Whether the upstream can have a record under this id or slug.

    A slug that cannot be one would reach another path; one of digits only the upstream reads as an id; and not every
    kind has its slugs in the API (docs/upstream.md, "Resources").
    """
    if isinstance(key, int):
        return True
    return KINDS[kind.resource].by_slug and not key.isdigit() and SLUG.fullmatch(key) is not None


class Overlay:
    """Reads through, and remembers.

    Args:
        client: the one way to the upstream.
        freshness: seconds for which what was read is used without asking again; `None` beside a snapshot: for as long
            as that is.
    """

    def __init__(self, client: Client, freshness: float | None) -> None:
        self._client = client
        self._freshness = FOREVER if freshness is None else freshness
        self._held: LRUCache[Hashable, Held[Any]] = LRUCache(MAX_HELD, getsizeof=_size)

    def known(self, key: Hashable) -> Held[Any] | None:
        """Return what is held under a key, if it need not be asked for again yet."""
        held = self._held.get(key)
        return held if held is not None and monotonic() < held.again_clock else None

    async def records(
        self, kind: type[R], keys: Sequence[int | str], deadline: Deadline | None = None
    ) -> list[Held[R] | BaseException]:
        """Read records by ids and slugs, which are distinct, `is_askable` and not `known`, until a deadline."""
        before: dict[int | str, Held[R] | None] = {key: self._held.get((kind, key)) for key in keys}

        def note(key: int | str, found: "R | BaseException | None") -> "Held[R] | BaseException":
            return self._read_as(kind, key, before[key], found)

        return list(map(note, keys, await self._client.records(kind, keys, deadline, note)))

    async def window(self, kind: type[R], offset: int, limit: int, deadline: Deadline | None = None) -> Held[Page[R]]:
        """Read `limit` records of a list from `offset`, in the upstream's order: by id, descending."""
        held = await self._read(
            (kind, offset, limit), self._client.page(kind, limit=limit, offset=offset, deadline=deadline)
        )
        for record in held.value.results if held.value is not None and held.error is None else ():
            if not isinstance(record, UpstreamError):
                one = Held(record, None, held.wait, held.again_clock)
                self._held[kind, record.id] = self._held[kind, record.slug] = one
        return held

    async def search(self, query: str, deadline: Deadline | None = None) -> Held[list[SearchHit]]:
        """Read at most 20 hits of the upstream's search."""
        return await self._read(("search", query), self._client.search(query, deadline))

    async def _read(self, key: Hashable, asked: Awaitable[T]) -> Held[T]:
        """Note what was asked for under a key."""
        before: Held[T] | None = self._held.get(key)
        try:
            return self._answered(before, await asked, key)
        except UpstreamError as error:
            return self._answered(before, error, key)

    def _read_as(
        self, kind: type[R], key: int | str, before: Held[R] | None, found: R | BaseException | None
    ) -> Held[R] | BaseException:
        """Note what was found for a record's id or slug, under both."""
        if isinstance(found, BaseException) and not isinstance(found, UpstreamError):
            return found
        if isinstance(found, Record) and key not in (found.id, found.slug):
            found = UpstreamError("format", f"{kind.resource}/{key}", "answered with another record")
        record = found if isinstance(found, Record) else before and before.value
        if record is None:
            return self._answered(before, found, (kind, key))
        return self._answered(before, found, (kind, key), (kind, record.slug if isinstance(key, int) else record.id))

    def _answered(self, before: Held[T] | None, found: T | UpstreamError | None, *keys: Hashable) -> Held[T]:
        """Hold what was found, or why nothing was. What was had before outlives an error."""
        if isinstance(found, UpstreamError) and found.is_own_bound:
            # It says nothing of what was asked for, and the next operation may have more time.
            return self._failed(before, found)
        held = self.known(keys[0])
        if held is None:  # of those who waited for the same answer, the first one
            held = self._failed(before, found) if isinstance(found, UpstreamError) else self._found(before, found)
            for key in keys:
                self._held[key] = held
        return held

    def _found(self, before: Held[T] | None, value: T | None) -> Held[T]:
        wait = self._freshness
        if value is None:
            was_missing = before is not None and before.value is None and before.error is None
            wait = min(wait, 2 * before.wait if before is not None and was_missing else ABSENCE_SECONDS)
        return Held(value, None, wait, monotonic() + wait)

    def _failed(self, before: Held[T] | None, error: UpstreamError) -> Held[T]:
        has_failed = before is not None and before.error is not None
        wait = min(2 * before.wait, LAST_RETRY_SECONDS) if before is not None and has_failed else FIRST_RETRY_SECONDS
        if "field" in error.extensions:
            wait = self._freshness  # a record that does not fit will not fit the next time either
        return Held(before.value if before is not None else None, error, wait, monotonic() + wait)


def _size(held: Held[Any]) -> int:
    return 1 + len(held.value.results) if isinstance(held.value, Page) else 1
