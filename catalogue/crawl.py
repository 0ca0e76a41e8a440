"""A crawl of the upstream's lists, which drift while they are read: all of them, whole, or nothing.

Lists are ordered by id, descending, so what is added shifts later rows back (one comes twice) and what is deleted
shifts them forward (one is skipped). Windows therefore overlap by a row: where the next one has no row in common with
the last, rows were deleted, and it is read again from further ahead. In the end distinct ids are held against each
list's `count`. One page is asked for at a time: three at once trebled what other visitors of the site waited.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from catalogue.errors import CrawlError
from catalogue.index import Index
from catalogue.pages import PageReader, Row, Save, SavedPage, UnreadRow, Window, row_id
from catalogue.rows import Rows, Seen
from upstream import KINDS, Client, Kind, Record, UpstreamError

logger = logging.getLogger(__name__)

OVERLAP: Final = 1
MAX_REPAIRS: Final = 60
"""Windows that may be read again because rows were deleted from one list."""

MAX_DRIFT: Final = 20
MAX_DRIFT_SHARE: Final = 0.01
"""How far the count of a list may move during a crawl: by so many, or by this share of it."""

MAX_ROWS: Final = 1_000_000
"""Of one list: an endless one must not be read for ever."""

MAX_REFUSED_SHARE: Final = 0.01
MAX_REFUSED: Final = 5
"""Beyond this share the format has changed; a list too short for shares may have so many, but no quarter of it."""

MAX_NAMED: Final = 5
NOTHING: Final = Index()
NONE: Final[Seen] = {}


@dataclass(frozen=True, kw_only=True)
class CrawlSettings:
    """How to crawl.

    `page_size` is how many records to ask for at once: a hundred packages cost the site 0.11 s, a hundred grids 0.2.
    `rate` is in pages a second; `None` leaves it to the
    transport. `resumed_within` is the seconds for which a page of a crawl that was cut off may be used.
    """

    page_size: int = 100
    rate: float | None = None
    resumed_within: float = 900.0


@dataclass
class Progress:
    """How far a crawl is, in pages; `pages` is an estimate.

    `failure` is what it waits out at the moment, `failures` how often in a row.
    """

    done: int = 0
    pages: int = len(KINDS)
    failure: UpstreamError | None = None
    failures: int = 0


@dataclass(frozen=True)
class Crawled:
    """The whole catalogue, as it was between `started` and now.

    Args:
        records: all of them, each once.
        unread: rows that the upstream cannot give; what was known of them is still the best there is.
        refused: why other rows are not among the records; `resource` names them, `extensions["field"]` the field.
        counts: what each list said last of its length.
        started: when the oldest page was read, by the monotonic clock.
        started_at: the same in Unix seconds.
        seen: the records by the bytes that they came as, for the next crawl.
    """

    records: list[Record]
    unread: tuple[UnreadRow, ...]
    refused: tuple[UpstreamError, ...]
    counts: dict[str, int]
    started: float
    started_at: float
    seen: Seen


async def crawl(
    client: Client,
    settings: CrawlSettings,
    *,
    progress: Progress,
    held: Index = NOTHING,
    seen: Seen = NONE,
    report: Callable[[Progress], None] = lambda _: None,
    saved: Iterable[SavedPage] = (),
    save: Save | None = None,
) -> Crawled:
    """Read every list to its end.

    Args:
        client: the one way to the upstream.
        settings: how to crawl.
        progress: kept up to date.
        held: what is known: a record that has not changed is the very one that is held.
        seen: what the last crawl saw.
        report: called when a page is there.
        saved: what `save` was given by a crawl that was cut off.
        save: called with each page that was read.

    Raises:
        CrawlError: a list is not complete, changes too fast, or has another format.
        UpstreamError: a page could not be had; `retry_after` says when to come back, where the upstream does.
    """
    now, clock = time.time(), time.monotonic()

    def failed(failure: UpstreamError | None) -> None:
        progress.failure = failure
        progress.failures = 0 if failure is None else progress.failures + 1

    def arrived(left: int) -> None:
        progress.done += 1
        progress.pages = progress.done + left
        report(progress)

    young = [page for page in saved if now - settings.resumed_within < page.read_at <= now]
    rows = Rows(held, seen)
    reader = PageReader(client, rows, rate=settings.rate, saved=young, save=save, failed=failed)
    lists = [
        _List(kind, settings.page_size, reader, to_come)
        for kind, to_come in zip(KINDS.values(), reversed(range(len(KINDS))), strict=True)
    ]
    for one in lists:
        await one.read(arrived)
        one.check()
    _check_format(reader, lists)
    started_at = min([now, *reader.resumed])
    crawled = Crawled(
        records=[record for one in lists for record in one.records.values()],
        unread=tuple(row for one in lists for row in one.unread.values()),
        refused=tuple(error for one in lists for error in one.refused.values()),
        counts={one.kind.resource: one.counts[-1] for one in lists},
        started=clock - (now - started_at),
        started_at=started_at,
        seen=rows.seen,
    )
    _log(crawled)
    return crawled


@dataclass
class _List:
    """One list while it is read; `to_come` is how many lists follow."""

    kind: Kind
    page_size: int
    reader: PageReader
    to_come: int
    records: dict[int, Record] = field(default_factory=dict)
    read_at: dict[int, float] = field(default_factory=dict)
    refused: dict[int | str, UpstreamError] = field(default_factory=dict)
    unread: dict[int, UnreadRow] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    repairs: int = 0

    @property
    def found(self) -> int:
        """How many distinct rows were found, whether they can be read or not."""
        return len(self.records) + len(self.refused) + len(self.unread)

    @property
    def tolerated(self) -> float:
        """How many records may be refused, or lack a field."""
        return max(MAX_REFUSED_SHARE * self.found, min(MAX_REFUSED, self.found / 4))

    async def read(self, arrived: Callable[[int], None]) -> None:
        """Read windows from the first row to the last, each of which meets the one before.

        Args:
            arrived: called with an estimate of how many pages are to come, when one is there.
        """
        last, found = await self._window(0, arrived), -1
        # A count may be too low: what comes full, and with something new, is not the end.
        while last.end < last.count or (len(last.rows) >= self.page_size and self.found > found):
            found = self.found
            last = await self._next(last, arrived)
        if self.found != last.count:  # what came meanwhile stands at the head of the list
            await self._window(0, arrived)

    def check(self) -> None:
        """Hold all that was found against what the list says of its length.

        Raises:
            CrawlError: they do not fit.
        """
        self._check_counts()
        if self.found < min(self.counts):
            raise self._incomplete(f"says that it has {self.counts[-1]} records, and gave {self.found}")
        if len(self.refused) > self.tolerated:
            fields = Counter(str(error.extensions.get("field", "")) for error in self.refused.values())
            raise self.other_format(fields.most_common(1)[0][0], len(self.refused))

    def other_format(self, name: str, count: int) -> CrawlError:
        """Return the error that so many records say that the format has changed, in this field."""
        problem = f"has changed its format: {name} does not fit in {count} of {self.found} records"
        return CrawlError("format", self.kind.resource, problem, field=name)

    def _check_counts(self) -> None:
        least, most = min(self.counts), max(self.counts)
        drift = max(MAX_DRIFT, int(MAX_DRIFT_SHARE * most))
        if most > MAX_ROWS:
            raise self._incomplete(f"says that it has {most} records, and none of more than {MAX_ROWS} is read")
        if most - least > drift:
            raise self._incomplete(f"went from {most} to {least} records or back while it was read")
        if self.found > most + drift:
            raise self._incomplete(f"says that it has {self.counts[-1]} records, and gave {self.found} and more")

    def _incomplete(self, problem: str) -> CrawlError:
        return CrawlError("format", self.kind.resource, problem, code="UPSTREAM_INCOMPLETE")

    async def _next(self, last: Window, arrived: Callable[[int], None]) -> Window:
        """Read the window that meets the last one; step back over what was deleted meanwhile."""
        offset = max(last.end - OVERLAP, last.offset + 1)
        step = OVERLAP
        while True:
            window = await self._window(offset, arrived)
            if _meet(last, window) or offset == 0:
                return window
            self.repairs += 1
            if self.repairs > MAX_REPAIRS:
                raise self._incomplete("changes faster than it can be read")
            step *= 2
            offset = max(0, offset - step)

    async def _window(self, offset: int, arrived: Callable[[int], None]) -> Window:
        window = await self.reader.read(self.kind.record, offset, self.page_size)
        self.counts.append(window.count)
        for at, row in enumerate(window.rows, offset):
            self._take(at, row, window)
        self._check_counts()
        left = max(0, window.count - window.end)
        arrived(-(-left // max(1, len(window.rows) - OVERLAP)) + self.to_come)
        await asyncio.sleep(0)  # pages that were saved come without a wait
        return window

    def _take(self, at: int, row: Row, window: Window) -> None:
        if isinstance(row, Record):
            if self.read_at.get(row.id, 0.0) <= window.read_at:  # one of a crawl that was cut off may be older
                self.records[row.id], self.read_at[row.id] = row, window.read_at
        elif row is None:
            self.unread[at] = _unread(self.kind.resource, at, window)
        else:
            self.refused[row_id(row) or f"at {at}"] = row


def _meet(last: Window, window: Window) -> bool:
    """Tell whether nothing can be missing between two windows."""
    before, after = last.ids, window.ids
    if not after:
        return window.count == 0  # past the end; what is left may have moved ahead of it
    if len(before) <= OVERLAP:
        return True  # nothing can overlap, and the count alone can tell
    if before[-1] is None and after[0] is None:
        return True  # the row that both should have cannot be read
    return not {key for key in before if key is not None}.isdisjoint(after)


def _unread(resource: str, at: int, window: Window) -> UnreadRow:
    place = at - window.offset
    above = next((key for key in reversed(window.ids[:place]) if key is not None), None)
    below = next((key for key in window.ids[place + 1 :] if key is not None), None)
    return UnreadRow(resource, at, above, below)


def _check_format(reader: PageReader, lists: Iterable[_List]) -> None:
    """Refuse a catalogue whose records lack what they used to have; one that is odd here and there is the site's."""
    for one in lists:
        for (resource, name, is_missing), count in reader.misfits.items():
            if is_missing and resource == one.kind.resource and count > one.tolerated:
                raise one.other_format(name, count)


def _log(crawled: Crawled) -> None:
    """Name what was left out, and why."""
    for error in crawled.refused[:MAX_NAMED]:
        logger.warning("A record is left out of the mirror. %s", error)
    if len(crawled.refused) > MAX_NAMED:
        logger.warning("%d more records are left out of the mirror.", len(crawled.refused) - MAX_NAMED)
    for row in crawled.unread[:MAX_NAMED]:
        logger.warning(
            "The upstream cannot give the row at offset %d of %s, between the ids %s and %s; it is left as it was.",
            *(row.offset, row.resource, row.above, row.below),
        )
