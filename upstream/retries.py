"""Whether and when a GET that failed is made again: full jitter, `Retry-After`, a budget.

tenacity was tried: 35 µs a call, also when nothing fails, where a whole GET costs some 200.
"""

import random
from typing import Final

from upstream.deadline import Deadline
from upstream.errors import Cause, UpstreamError

MAX_ATTEMPTS: Final = 6
FIRST_BACKOFF_SECONDS: Final = 0.1
MAX_BACKOFF_SECONDS: Final = 2.0
MAX_WAIT_SECONDS: Final = 5.0
"""The longest `Retry-After` that a query waits out."""

MAX_PROBE_WAIT_SECONDS: Final = 1.0
"""The longest that a query waits for the circuit breaker's next probe."""

RETRIED_CAUSES: Final[frozenset[Cause]] = frozenset(
    {"refused", "dns", "proxy", "connect timeout", "read timeout", "reset", "breaker"}
)
RETRIED_STATUSES: Final = frozenset({429, 502, 503, 504})


class RetryBudget:
    """At most a fifth of the requests may be retries, and ten a second where there are few (Finagle's figures).

    Without it, an upstream that begins to fail is asked six times as often. Times are monotonic seconds.
    """

    SHARE: Final = 0.2
    PER_SECOND: Final = 10.0
    MAX_BALANCE: Final = 100.0

    def __init__(self) -> None:
        self._balance = self.MAX_BALANCE
        self._counted_at = 0.0

    def deposit(self) -> None:
        """Note a request that is no retry."""
        self._balance = min(self.MAX_BALANCE, self._balance + self.SHARE)

    def left(self, now: float) -> float:
        """Return how many retries there are."""
        self._balance = min(self.MAX_BALANCE, self._balance + self.PER_SECOND * max(0.0, now - self._counted_at))
        self._counted_at = now
        return self._balance

    def withdraw(self, now: float) -> bool:
        """Take one retry, if there is one."""
        if self.left(now) < 1:
            return False
        self._balance -= 1
        return True


def is_retried(error: UpstreamError) -> bool:
    """Tell what may pass by itself from what would fail again."""
    if error.cause == "status":
        return error.extensions.get("status") in RETRIED_STATUSES
    return error.cause in RETRIED_CAUSES


def pause(error: UpstreamError, attempt: int, deadline: Deadline, first: float = FIRST_BACKOFF_SECONDS) -> float | None:
    """Return the seconds to wait before a GET is made again; `None` when it is not.

    Args:
        error: how it failed.
        attempt: how often it has been made.
        deadline: until when there is time.
        first: seconds within which the first retry is made.
    """
    wait = error.retry_after or 0.0
    most = MAX_PROBE_WAIT_SECONDS if error.cause == "breaker" else MAX_WAIT_SECONDS
    if attempt >= MAX_ATTEMPTS or wait > most or not is_retried(error):
        return None
    wait += backoff(attempt, first)
    return wait if wait < deadline.remaining() else None


def backoff(attempt: int, first: float = FIRST_BACKOFF_SECONDS, most: float = MAX_BACKOFF_SECONDS) -> float:
    """Return a random pause between nothing and what doubles with each attempt (full jitter), in seconds."""
    return random.uniform(0, min(most, first * 2 ** min(attempt - 1, 30)))
