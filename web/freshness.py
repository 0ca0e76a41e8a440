"""How long answers may be kept, by us and by caches outside: what the snapshot says that they are made from.

Times are the monotonic clock's.
"""

import time
from collections.abc import Callable, Hashable
from typing import Any, Final, NamedTuple, Protocol
from weakref import ref

from web.headers import Headers

FOREVER: Final = float("inf")


class Snapshot(Protocol):
    """What HTTP needs to know of the state of the catalogue that answers are made from."""

    @property
    def number(self) -> int:
        """What events are told by; it grows with each change."""

    @property
    def edition(self) -> Hashable:
        """What answers are told apart by: those of another edition are out of date."""

    @property
    def expires_clock(self) -> float:
        """Until when caches outside may keep what rests on it."""

    @property
    def stale_clock(self) -> float:
        """When it becomes stale by itself; infinity when it is so already, or never will be."""

    @property
    def age(self) -> float:
        """Seconds since it was read."""

    @property
    def staleness(self) -> dict[str, Any] | None:
        """What an answer says when it is older than it should be, or not made from everything; else `None`."""


class Moment(NamedTuple):
    """What holds of a `snapshot` until some time: what it says of itself, and headers of what rests on it alone."""

    snapshot: "ref[Snapshot]"
    until_clock: float
    edition: Hashable
    staleness: dict[str, Any] | None
    headers: Headers


class Freshness:
    """Says in headers how long an answer may be kept.

    Args:
        snapshot: the current one.
        max_age: the most seconds that a cache outside may keep an answer.
    """

    def __init__(self, snapshot: Callable[[], Snapshot], max_age: float) -> None:
        self._snapshot = snapshot
        self._max_age = max_age
        self._moment: Moment | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The current snapshot."""
        return self._snapshot()

    def edition(self) -> Hashable:
        """Return what answers are told apart by at this moment."""
        return self.of(self._snapshot()).edition

    def headers(self, expires_clock: float | None) -> Headers:
        """Return `Cache-Control`, and `Age` when the answer is stale.

        Args:
            expires_clock: until when the answer holds by itself; `FOREVER` when it rests on the snapshot alone, `None`
                when nobody may keep it.
        """
        if expires_clock is None:
            return _NO_STORE
        if expires_clock == FOREVER:
            return self.of(self._snapshot()).headers
        # What may turn out otherwise, a cache would keep twice as long: it says nothing of using it for longer.
        snapshot = self._snapshot()
        left = min(expires_clock, snapshot.expires_clock) - time.monotonic()
        return [(b"cache-control", b"public, max-age=%d" % self._seconds(left)), *_age(snapshot)]

    def of(self, snapshot: Snapshot) -> Moment:
        """Return what holds of a snapshot at this moment: worked out once a second, for the current one."""
        moment, now = self._moment, time.monotonic()
        if moment is None or moment.snapshot() is not snapshot or now >= moment.until_clock:
            seconds = self._seconds(snapshot.expires_clock - now)
            control = b"public, max-age=%d, stale-while-revalidate=%d" % (seconds, self._max_age)
            headers = [(b"cache-control", control), *_age(snapshot)]
            until = min(now + (seconds % 1.0 or 1.0), now + 1.0 - snapshot.age % 1.0, snapshot.stale_clock)
            moment = self._moment = Moment(ref(snapshot), until, snapshot.edition, snapshot.staleness, headers)
        return moment

    def _seconds(self, left: float) -> float:
        return max(0.0, min(left, self._max_age))


_NO_STORE: Final[Headers] = [(b"cache-control", b"no-store")]


def _age(snapshot: Snapshot) -> Headers:
    return [] if snapshot.staleness is None else [(b"age", b"%d" % snapshot.age)]
