"""When the mirror crawls, looks for news, and tries again: moments by the monotonic clock."""

import random
import time
from typing import Final

JITTER: Final = 0.1

MIN_ALLOWANCE_SECONDS: Final = 60.0
"""What a crawl may take before its snapshot is overdue, or twice what the last one took, or an interval if that is
shorter."""

FIRST_LOOK_SECONDS: Final = 2.0
"""How long a start from the store leaves the core to those who ask first, as to import the client takes 0.2 s."""

FIRST_RETRY_SECONDS: Final = 5.0
LAST_RETRY_SECONDS: Final = 300.0


class Schedule:
    """What is due when; at first, a crawl is due at once, and so is a look.

    `failures` counts the crawls that failed in a row.

    Args:
        interval: seconds between two crawls.
        news_interval: seconds between two looks for news; 0 looks never.
    """

    def __init__(self, interval: float, news_interval: float) -> None:
        self.interval = interval
        self._news_interval = news_interval or float("inf")
        self._read_clock = self._crawl_clock = self._look_clock = -float("inf")
        self._crowd = 1
        self._crawl_seconds = 0.0
        self.failures = 0

    @property
    def is_crawl_due(self) -> bool:
        """Whether it is time to crawl."""
        return time.monotonic() >= self._crawl_clock

    @property
    def is_look_due(self) -> bool:
        """Whether it is time to look for news."""
        return time.monotonic() >= self._look_clock

    @property
    def seconds_to_crawl(self) -> float:
        """Seconds until the next crawl."""
        return max(0.0, self._crawl_clock - time.monotonic())

    @property
    def seconds(self) -> float:
        """Seconds until something is due."""
        return max(0.0, min(self._crawl_clock, self._look_clock) - time.monotonic())

    def due_clock(self, read_clock: float) -> float:
        """Return when the snapshot after one that was read at some moment should be there."""
        allowance = max(min(MIN_ALLOWANCE_SECONDS, self.interval), 2 * self._crawl_seconds)
        return max(self._crawl_clock, read_clock + self.interval) + allowance

    def loaded(self, read_clock: float, *, is_whole: bool) -> None:
        """Note that what is served was read at some moment; what is not whole wants a crawl at once."""
        self._read_clock = read_clock if is_whole else -float("inf")
        self._crawl_clock = self._first_clock()
        if is_whole and self._look_clock < 0:
            self._look_clock = time.monotonic() + FIRST_LOOK_SECONDS

    def crawled(self, started: float) -> None:
        """Note that a crawl that was started at some moment came to its end."""
        self.failures = 0
        self._crawl_seconds = time.monotonic() - started
        self._read_clock = started
        self._crawl_clock = started + _about(self.interval * self._crowd)
        self.looked()

    def looked(self) -> None:
        """Note a look for news; a crawl is one as well."""
        self._look_clock = time.monotonic() + _about(self._news_interval * self._crowd)

    def share(self, crowd: int) -> None:
        """Note how many read the same catalogue, each for itself: together they crawl as often as one would."""
        if crowd != self._crowd:
            self._crowd = crowd
            self._crawl_clock = self._first_clock()

    def hurry(self) -> None:
        """Crawl now."""
        self._crawl_clock = -float("inf")

    def doubted(self) -> float:
        """Note a crawl that is not believed until another one says the same; return the seconds until then."""
        return self._crawl_in(self.interval)

    def failed(self, retry_after: float = 0.0) -> float:
        """Note that a crawl failed.

        Args:
            retry_after: seconds for which the upstream wants to be left alone.

        Returns:
            The seconds until the next crawl.
        """
        self.failures += 1
        longest = min(FIRST_RETRY_SECONDS * 2 ** min(self.failures, 30), LAST_RETRY_SECONDS, self.interval)
        return self._crawl_in(max(random.uniform(longest / 2, longest), retry_after))

    def _first_clock(self) -> float:
        """Return when what was read is to be read again first: each of a crowd at a moment of its own."""
        return self._read_clock + self.interval * random.uniform(1, self._crowd)

    def _crawl_in(self, seconds: float) -> float:
        self._crawl_clock = time.monotonic() + seconds
        return seconds


def _about(seconds: float) -> float:
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)
