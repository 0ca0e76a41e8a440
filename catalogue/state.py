"""What the mirror is up to, for people: how far its crawl is, what went wrong, when it tries again."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from catalogue.crawl import Progress
from upstream import CatalogueError, UpstreamError


class Failure(NamedTuple):
    """Why the catalogue is not read.

    Args:
        code: the error's.
        message: what went wrong.
        since: when it went wrong first, of all the times in a row.
        until: until when the upstream wants to be left alone, where it says so.
    """

    code: str
    message: str
    since: datetime
    until: datetime | None


@dataclass
class MirrorState:
    """What the mirror is up to.

    `unstored` says why the store has not the last snapshot, `next_sync_at` when the next crawl is.
    """

    progress: Progress = field(default_factory=Progress)
    failure: Failure | None = None
    unstored: str | None = None
    next_sync_at: datetime | None = None

    def failed(self, error: Exception) -> None:
        """Note that a crawl failed."""
        now = datetime.now(UTC)
        code, message = "INTERNAL_SERVER_ERROR", "The crawl met an error of the gateway's own; its log has more."
        if isinstance(error, CatalogueError):
            code, message = str(error.extensions["code"]), str(error)
        wait = error.retry_after if isinstance(error, UpstreamError) else None
        self.failure = Failure(
            code,
            message,
            now if self.failure is None else self.failure.since,
            None if wait is None else now + timedelta(seconds=wait),
        )

    def succeeded(self) -> None:
        """Note that a crawl came to its end."""
        self.failure = None
