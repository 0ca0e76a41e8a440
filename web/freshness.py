"""How long answers may be kept, by us and by caches outside: what the snapshot says that they are made from.

Times are the monotonic clock's.
"""

import time
from collections.abc import Callable, Hashable
from functools import lru_cache
from typing import Any, Final, Protocol

from web.headers import Headers

FOREVER: Final = float("inf")


class Snapshot(Protocol):
    """What HTTP needs to know of the state of the catalogue that answers are made from."""

    @property
    def edition(self) -> Hashable:
        """What answers are told apart by: those of another edition are out of date."""

    @property
    def expires_clock(self) -> float:
        """Until when caches outside may keep what rests on it."""

    @property
    def age(self) -> float:
        """Seconds since it was read."""

    @property
    def staleness(self) -> dict[str, Any] | None:
        """What an answer says when it is older than it should be, or not made from everything; else `None`."""


class Freshness:
    """Says in headers how long an answer may be kept.

    Args:
        snapshot: the current one.
        max_age: the most seconds that a cache outside may keep an answer.
    """

    def __init__(self, snapshot: Callable[[], Snapshot], max_age: float) -> None:
        self._snapshot = snapshot
        self._max_age = max_age

    def edition(self) -> Hashable:
        """Return what answers are told apart by at this moment."""
        return self._snapshot().edition

    def headers(self, expires_clock: float | None) -> Headers:
        """Return `Cache-Control`, and `Age` when the answer is stale.

        Args:
            expires_clock: until when the answer holds by itself; `FOREVER` when it rests on the snapshot alone, `None`
                when nobody may keep it.
        """
        if expires_clock is None:
            return [(b"cache-control", b"no-store")]
        snapshot = self._snapshot()
        left = min(expires_clock, snapshot.expires_clock) - time.monotonic()
        # What may turn out otherwise, a cache would keep twice as long.
        stale_seconds = self._max_age if expires_clock == FOREVER else None
        control = _cache_control(int(max(0, min(left, self._max_age))), stale_seconds)
        return [control] if snapshot.staleness is None else [control, (b"age", b"%d" % snapshot.age)]


@lru_cache(maxsize=128)
def _cache_control(seconds: int, stale_seconds: float | None) -> tuple[bytes, bytes]:
    """Return `Cache-Control` for an answer that may be kept, and used for some time longer while it is asked anew."""
    further = b"" if stale_seconds is None else b", stale-while-revalidate=%d" % stale_seconds
    return b"cache-control", b"public, max-age=%d%b" % (seconds, further)
