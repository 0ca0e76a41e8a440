"""The circuit breaker: while the upstream fails, it is asked by one probe at a time.

Looked at: purgatory and aiobreaker (the latter without a release since 2021) let every request through while half-open,
and know no pause that the upstream asks for; pybreaker is for threads.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

from upstream.errors import UpstreamError
from upstream.retries import MAX_WAIT_SECONDS

MAX_FAILURES: Final = 10
"""Failures in a row that open it: at 30 % of failures one run in 170,000 is that long."""

GRAVE: Final = 5
"""What a failure counts that will not pass soon: a long `Retry-After`, a certificate that does not fit."""

FIRST_PAUSE_SECONDS: Final = 0.5
MAX_PAUSE_SECONDS: Final = 5.0
PROBE_WAIT_SECONDS: Final = 0.2
"""When to ask again whether the probe that is under way came through."""


class BreakerState(NamedTuple):
    """How the upstream is, for people.

    Args:
        status: `closed` is well; `open` asks nothing until `until`; `half-open` waits for its probe.
        since: when it became so.
        until: when the upstream will be asked again, if it is open.
        error: the failure that opened it.
    """

    status: Literal["closed", "open", "half-open"]
    since: datetime
    until: datetime | None = None
    error: UpstreamError | None = None


class CircuitBreaker:
    """Opens after failures in a row; then one request probes after each pause, and its outcome alone decides.

    Pauses double up to a bound, and are never shorter than the upstream's `Retry-After`. Times are monotonic seconds.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._pause = FIRST_PAUSE_SECONDS
        self._until: float | None = None
        self._probe: object | None = None
        self._error: UpstreamError | None = None
        self._since = datetime.now(UTC)

    def state(self, now: float) -> BreakerState:
        """Return how the upstream is."""
        if self._until is None:
            return BreakerState("closed", self._since)
        until = datetime.now(UTC) + timedelta(seconds=max(0.0, self._until - now))
        return BreakerState("half-open" if self._probe else "open", self._since, until, self._error)

    def check(self, resource: str, now: float) -> None:
        """Refuse a request that would not be let through now.

        Raises:
            UpstreamError: with cause `breaker`, and when it is worth asking again.
        """
        if self._until is None or (self._probe is None and now >= self._until):
            return
        wait = max(self._until - now, PROBE_WAIT_SECONDS if self._probe else 0.0)
        raise self._refusal(resource, wait)

    def admit(self, request: object, resource: str, now: float) -> None:
        """Let a request through; while the breaker is open, it becomes the probe.

        Raises:
            UpstreamError: as `check` does.
        """
        self.check(resource, now)
        if self._until is not None:
            self._probe = request

    def succeeded(self, request: object) -> None:
        """Note an answer."""
        self._failures = 0
        if self._until is not None and request is self._probe:
            self._until = self._probe = self._error = None
            self._pause = FIRST_PAUSE_SECONDS
            self._since = datetime.now(UTC)

    def failed(self, request: object, error: UpstreamError, now: float) -> None:
        """Note a failure."""
        is_grave = error.cause == "tls" or (error.retry_after or 0) > MAX_WAIT_SECONDS
        self._failures += GRAVE if is_grave else 1
        if self._until is None:
            if self._failures >= MAX_FAILURES:
                self._since = datetime.now(UTC)
                self._open(error, now)
        elif request is self._probe:
            self._pause = min(MAX_PAUSE_SECONDS, 2 * self._pause)
            self._open(error, now)

    def abandoned(self, request: object) -> None:
        """Note that a request ended without an outcome: if it was the probe, the next one is."""
        if request is self._probe:
            self._probe = None

    def _refusal(self, resource: str, wait: float) -> UpstreamError:
        """Say when it will be asked again, and with the code of the failure that opened it, what is wrong."""
        problem = f"is not asked for another {wait:.1f} s"
        if self._error is None:
            return UpstreamError("breaker", resource, problem, retry_after=wait)
        error = self._error
        details = {"status": error.extensions["status"]} if "status" in error.extensions else {}
        problem = f"{problem}, since it {error.problem}"
        return UpstreamError("breaker", resource, problem, retry_after=wait, code=error.code, **details)

    def _open(self, error: UpstreamError, now: float) -> None:
        self._probe = None
        self._error = error
        self._until = now + max(self._pause * random.uniform(0.8, 1.2), error.retry_after or 0)
