"""The snapshot: one frozen, numbered state of the whole catalogue, which every answer of its time is made from.

Ages are measured by the monotonic clock; the wall clock is for people.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from catalogue.changes import ChangeLog
from catalogue.index import Index
from catalogue.late import Late
from catalogue.pages import UnreadRow
from catalogue.search import SearchIndex

MIN_LIFETIME: Final = 5.0
"""Seconds for which an answer from a snapshot holds at least, however overdue the next one is."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Snapshot:
    """A state of the catalogue. Number 0 is the empty one, before the first.

    Args:
        number: grows from each snapshot to the next, over restarts too.
        index: the records, with their edges and orders.
        search: their texts; `None` before the first snapshot. After a start from a store it is made behind.
        read_at: when it was read from the upstream, by the wall clock; `None` before the first.
        read_clock: the same, by the monotonic clock.
        due_clock: when the next one should be there, by the monotonic clock.
        unread: the rows that the upstream could not give; records that were known stay as they were.
        changes: what it and the snapshots before it changed.
        is_whole: whether it holds the whole catalogue, as a verified crawl found it.
    """

    number: int = 0
    index: Index
    search: Late[SearchIndex] | None = None
    read_at: datetime | None = None
    read_clock: float = 0.0
    due_clock: float = 0.0
    is_whole: bool = False
    unread: tuple[UnreadRow, ...] = ()
    changes: ChangeLog = field(default_factory=ChangeLog)

    @property
    def world(self) -> Index:
        """What answers are made from, but for those about time: a crawl that finds nothing new leaves it as it is."""
        return self.index

    @property
    def words(self) -> SearchIndex | None:
        """The texts, where they are made already."""
        return None if self.search is None else self.search.made

    @property
    def age(self) -> float:
        """Seconds since it was read."""
        return time.monotonic() - self.read_clock

    @property
    def due_at(self) -> datetime | None:
        """When the next one should be there, by the wall clock."""
        return self.read_at and self.read_at + timedelta(seconds=round(self.due_clock - self.read_clock))

    @property
    def is_overdue(self) -> bool:
        """Whether the next one should be there by now."""
        return time.monotonic() > self.due_clock

    @property
    def is_stale(self) -> bool:
        """Whether it is not what it should be: the next one is overdue, or something is missing."""
        return self.number > 0 and (not self.is_whole or self.is_overdue)

    @property
    def expires_clock(self) -> float:
        """Until when answers may be kept outside, by the monotonic clock."""
        return max(self.due_clock, time.monotonic() + MIN_LIFETIME)

    @property
    def stale_clock(self) -> float:
        """When it becomes stale by itself, by the monotonic clock; infinity when it is so already, or never will be."""
        return float("inf") if self.is_stale or not self.number else self.due_clock

    @property
    def edition(self) -> tuple[int, bool]:
        """What answers are told apart by: the number, and whether they must say that they are stale."""
        return self.number, self.is_stale

    @property
    def staleness(self) -> dict[str, Any] | None:
        """What a stale answer says of itself; nothing in it changes from moment to moment."""
        if not self.is_stale or self.read_at is None:
            return None
        return {"readAt": self.read_at, "dueAt": self.due_at, "isComplete": self.is_whole}


def empty_snapshot(*, has_mirror: bool) -> Snapshot:
    """Make number 0: with a mirror the first one is due at once, without one it never is."""
    return Snapshot(index=Index(), due_clock=0.0 if has_mirror else float("inf"))


def ready(search: SearchIndex) -> Late[SearchIndex]:
    """Return a search index that is made as one that may still be in the making."""

    async def made() -> SearchIndex:
        return search

    return Late("The search index", made)


def clock_of(moment: datetime) -> float | None:
    """Return the monotonic clock at a moment of the wall clock; `None` for one in the future, which proves nothing."""
    age = (datetime.now(UTC) - moment).total_seconds()
    return None if age < 0 else time.monotonic() - age
