"""What the mirror is up to, for people: how far its crawl is, what went wrong, when it tries again."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from catalogue.crawl import Progress
from catalogue.shared_state import SharedState
from upstream import CatalogueError, UpstreamError

STUCK_AFTER: Final = 3
"""Failures of one page in a row that are no passing trouble."""


class Failure(NamedTuple):
    """Why the catalogue is not read.

    Args:
        code: the error's.
        message: what went wrong.
        since: when it went wrong first, of all the times in a row.
        until: until when the upstream is not asked, as it said so or has failed too often.
        error: the same, as a query meets it.
    """

    code: str
    message: str
    since: datetime
    until: datetime | None
    error: CatalogueError


@dataclass
class MirrorState:
    """What the mirror is up to.

    `unstored` says why the store has not the last snapshot, `next_sync_at` when the next crawl is. `crawls`
    counts them by outcome, `complete` or the code of what failed; the last complete one took `crawl_seconds`.
    `shared` is how it gets on with a store that machines share, if there is one. `is_kept` tells whether there is a
    mirror that keeps it whole.
    """

    progress: Progress = field(default_factory=Progress)
    failure: Failure | None = None
    unstored: str | None = None
    next_sync_at: datetime | None = None
    crawls: Counter[str] = field(default_factory=Counter)
    crawl_seconds: float = 0.0
    shared: SharedState | None = None
    is_kept: bool = False
    _is_between: bool = False

    @property
    def trouble(self) -> CatalogueError | None:
        """Why no snapshot is to be expected soon; `None` while a crawl gets on, or before the first one."""
        error = self.progress.failure
        if error is not None and self.progress.failures >= STUCK_AFTER:
            return error
        return self.failure.error if self.failure is not None and self._is_between else None

    def begun(self) -> None:
        """Note that a crawl begins."""
        self.progress, self._is_between = Progress(), False

    def failed(self, error: Exception) -> None:
        """Note that a crawl failed."""
        now = datetime.now(UTC)
        if not isinstance(error, CatalogueError):
            message = "The crawl met an error of the gateway's own; its log has more."
            error = CatalogueError("INTERNAL_SERVER_ERROR", message)
        wait = error.retry_after if isinstance(error, UpstreamError) else None
        self._is_between = True
        self.crawls[str(error.extensions["code"])] += 1
        self.failure = Failure(
            code=str(error.extensions["code"]),
            message=str(error),
            since=now if self.failure is None else self.failure.since,
            until=None if wait is None else now + timedelta(seconds=wait),
            error=error,
        )

    def succeeded(self, seconds: float) -> None:
        """Note that a crawl was complete after so long."""
        self.failure = None
        self.crawls["complete"] += 1
        self.crawl_seconds = seconds
