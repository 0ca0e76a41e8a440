"""The mirror: keeps the whole catalogue at hand, by a crawl of the upstream's lists now and then.

What a crawl finds is verified before it is served: it is complete or it fails, much less than before is doubted, and
what it misses is asked for. Whatever goes wrong changes nothing, and is tried again.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Collection, Iterable, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from catalogue.build import Indexes, build, build_index, build_search
from catalogue.catalogue import Catalogue
from catalogue.changes import ChangeLog, change_set
from catalogue.crawl import Crawled, CrawlSettings, Progress, crawl
from catalogue.doubt import Doubt, ShrinkageError
from catalogue.errors import CrawlError
from catalogue.index import Index
from catalogue.news import look_for_news
from catalogue.safe_store import SafeStore
from catalogue.search import SearchIndex
from catalogue.snapshot import Snapshot, clock_of, ready
from catalogue.store import Save, Store, Version
from catalogue.tables import RecordKey
from upstream import Record, UpstreamError

logger = logging.getLogger(__name__)

JITTER: Final = 0.1
SERVING_RATE: Final = 2.0
"""Pages a second, once a snapshot is served; before, it is the transport's rate that holds."""

MIN_ALLOWANCE_SECONDS: Final = 60.0
"""What a crawl may take before its snapshot is overdue, or twice what the last one took, or an interval if that is
shorter."""

FIRST_RETRY_SECONDS: Final = 5.0
LAST_RETRY_SECONDS: Final = 300.0
FOLLOW_SECONDS: Final = 5.0
"""How often a process that does not lead looks for another snapshot in the store."""

REPORT_EVERY_PAGES: Final = 10

Report = Callable[[Progress], None]


@dataclass(frozen=True, kw_only=True)
class SyncSettings:
    """How to crawl.

    Args:
        interval: seconds between two crawls.
        news_interval: seconds between two looks for news; 0 looks never.
        page_size: packages a page.
    """

    interval: float = 3600.0
    news_interval: float = 300.0
    page_size: int = 100


class Mirror:
    """Fills a catalogue from its store, then keeps it in step with the upstream.

    Args:
        catalogue: what to keep whole.
        store: what outlives the process.
        settings: how to crawl.
    """

    def __init__(self, catalogue: Catalogue, store: Store, settings: SyncSettings) -> None:
        self._catalogue = catalogue
        self._store = SafeStore(store, catalogue.state)
        self._settings = settings
        self._doubt = Doubt()
        self._leads = False
        self._is_cut_off = True
        self._accepts_shrinkage = False
        self._failures = 0
        self._crawl_clock = self._look_clock = -float("inf")
        self._crawl_seconds = 0.0
        self._task: asyncio.Task[None] | None = None
        self._search: asyncio.Task[SearchIndex] | None = None

    def start(self) -> None:
        """Keep in step from now on, behind."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop, and let another process lead."""
        tasks = [task for task in (self._task, self._search) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._store.close()

    async def load(self) -> None:
        """Serve the snapshot that is stored, if there is one; what cannot be read is as good as not there."""
        stored = await self._store.load()
        number, read_at = stored.version
        if read_at is None or not stored.records:
            return
        if self._search is not None:
            await asyncio.wait([self._search])  # that of the snapshot before
        index, differences = await build_index(Index(), stored.records)
        self._search = asyncio.create_task(build_search(SearchIndex(), index, differences))
        read_clock = clock_of(read_at)
        snapshot = Snapshot(
            number=number,
            index=index,
            search=self._search,
            read_at=read_at,
            read_clock=time.monotonic() - self._settings.interval if read_clock is None else read_clock,
            is_whole=stored.is_whole,
            changes=ChangeLog(stored.change_sets),
        )
        self._crawl_clock = snapshot.read_clock + self._settings.interval if stored.is_whole else -float("inf")
        self._serve(snapshot)
        what = "The mirror holds" if stored.is_whole else "The mirror holds no whole catalogue, but"
        logger.info("%s %d packages and %d grids.", what, len(snapshot.index.packages), len(snapshot.index.grids))

    async def sync(self, report: Report = lambda _: None, *, accept_shrinkage: bool = False) -> bool:
        """Crawl once and serve what was found; a crawl that fails changes nothing.

        Args:
            report: called with each page that is read.
            accept_shrinkage: whether much less than before is believed.

        Returns:
            Whether this process crawls; `False` when another one does.

        Raises:
            UpstreamError: the upstream failed, or what it gave is not its whole catalogue.
            ShrinkageError: it has much less than before.
        """
        if not await self._store.lead():
            if accept_shrinkage:
                await self._store.accept_shrinkage()
            return False
        started = time.monotonic()
        crawled = await self._crawl(report)
        kept, gone = await self._missed(crawled, accept=accept_shrinkage)
        self._crawl_seconds = time.monotonic() - started
        self._plan(started)
        like = replace(
            self._catalogue.snapshot,
            read_at=datetime.fromtimestamp(crawled.started_at, UTC),
            read_clock=crawled.started,
            is_whole=True,
            unread=crawled.unread,
        )
        await self._publish([*crawled.records, *kept], gone, like)
        self._catalogue.state.succeeded()
        count = len(self._catalogue.snapshot.index.packages)
        logger.info("Synced %d packages in %.1f s.", count, time.monotonic() - started)
        return True

    # A crawl, and what it found

    async def _crawl(self, report: Report) -> Crawled:
        """Crawl; go on from the pages of one that was cut off, but never from those of one that came to its end."""
        state = self._catalogue.state
        state.begun()
        saved = await self._store.pages(forget=not self._is_cut_off)
        settings = CrawlSettings(
            page_size=self._settings.page_size, rate=SERVING_RATE if self._catalogue.snapshot.number else None
        )
        self._is_cut_off = True
        self._accepts_shrinkage = False
        try:
            crawled = await crawl(
                self._catalogue.client,
                settings,
                progress=state.progress,
                report=report,
                saved=saved,
                save=self._store.save_page,
            )
        except CrawlError:
            self._is_cut_off = False
            raise
        self._is_cut_off = False
        return crawled

    async def _missed(self, crawled: Crawled, *, accept: bool) -> tuple[list[Record], Set[RecordKey]]:
        """Return what is there although the crawl missed it, and the keys of what is gone.

        Only the API's own answer says that a single record is gone; in doubt it is kept.
        """
        held = self._catalogue.snapshot.index
        known = {_key(record) for kind in (held.packages, held.grids, held.categories) for record in kind}
        refused = {error.resource for error in crawled.refused}
        missed = {
            (kind, key)
            for kind, key in known.difference(map(_key, crawled.records))
            if f"{kind.resource}/{key}" not in refused
        }
        gone = set(self._doubt.gone(held, missed, accept=accept))
        kept: list[Record] = []
        for kind, key in missed - gone:
            try:
                record: Record | None = await self._catalogue.client.record(_any(kind), key)
            except UpstreamError as error:
                logger.warning("%s/%d is in no list, and kept: %s", kind.resource, key, error)
                continue
            if record is None:
                gone.add((kind, key))
            else:
                kept.append(record)
        return kept, gone

    async def _publish(self, records: Iterable[Record], gone: Collection[RecordKey], last: Snapshot) -> None:
        """Store and serve the next snapshot: the last one, with these records, without those that are gone."""
        before = self._catalogue.snapshot
        previous = None if before.search is None else Indexes(before.index, await asyncio.shield(before.search))
        indexes, pairs = await build(previous, records, gone)
        if not pairs and last is before:
            return
        number, changes = last.number, last.changes
        if pairs or not before.is_whole:
            # Milliseconds, so that numbers grow even when the store is lost.
            number = max(number, (await self._store.version()).number, int(1000 * time.time()) - 1) + 1
            changes = changes.with_set(change_set(last.number, number, pairs)) if before.is_whole else ChangeLog()
        index = indexes.index
        snapshot = replace(last, number=number, index=index, search=ready(indexes.search), changes=changes)
        save = Save(
            version=Version(number, last.read_at),
            base=before.number if before.is_whole else -1,  # what is not whole is written anew
            changed=[after for _, after in pairs if after is not None],
            gone=gone,
            everything=lambda: [*index.packages, *index.grids, *index.categories],
            change_sets=changes.sets,
        )
        await self._store.save(save)  # first, so that no number is served that a restart would give to another one
        self._serve(snapshot)

    def _serve(self, snapshot: Snapshot) -> None:
        interval = self._settings.interval
        allowance = max(min(MIN_ALLOWANCE_SECONDS, interval), 2 * self._crawl_seconds)
        due_clock = max(self._crawl_clock, snapshot.read_clock + interval) + allowance
        self._catalogue.switch(replace(snapshot, due_clock=due_clock))

    # The task

    async def _run(self) -> None:
        while True:
            try:
                pause = await self._turn()
            except Exception as error:
                # Whatever it is, the mirror must go on and what it holds must be served on.
                pause = self._failed(error)
            wait = max(0.0, self._crawl_clock - time.monotonic())
            self._catalogue.state.next_sync_at = datetime.now(UTC) + timedelta(seconds=wait) if self._leads else None
            await asyncio.sleep(pause)

    async def _turn(self) -> float:
        """Do what is due, and return the seconds until something is again."""
        led, self._leads = self._leads, await self._store.lead()
        if not led:
            await self._follow()
        if not self._leads:
            if not self._catalogue.snapshot.number:
                await self._catalogue.check_root()
            return FOLLOW_SECONDS
        self._accepts_shrinkage = self._accepts_shrinkage or await self._store.take_shrinkage()
        if self._accepts_shrinkage or time.monotonic() >= self._crawl_clock:
            await self._catalogue.check_root()
            await self.sync(_log_progress, accept_shrinkage=self._accepts_shrinkage)
            self._accepts_shrinkage = False
        elif time.monotonic() >= self._look_clock:
            await self._look()
        await self._store.save_again()
        return max(0.0, min(self._crawl_clock, self._look_clock) - time.monotonic())

    def _plan(self, started: float) -> None:
        """Say when the next crawl is, and the next look."""
        self._failures = 0
        self._crawl_clock = started + self._settings.interval * random.uniform(1 - JITTER, 1 + JITTER)
        self._plan_look()

    def _plan_look(self) -> None:
        pause = self._settings.news_interval or float("inf")
        self._look_clock = time.monotonic() + pause * random.uniform(1 - JITTER, 1 + JITTER)

    def _failed(self, error: Exception) -> float:
        """Note that a crawl failed; return the seconds until the next one."""
        self._catalogue.state.failed(error)
        interval = self._settings.interval
        if isinstance(error, ShrinkageError):
            pause = interval
        else:
            self._failures += 1
            longest = min(FIRST_RETRY_SECONDS * 2 ** min(self._failures, 30), LAST_RETRY_SECONDS, interval)
            pause = random.uniform(longest / 2, longest)
        if isinstance(error, UpstreamError):
            pause = max(pause, error.retry_after or 0.0)
        self._crawl_clock = time.monotonic() + pause
        if isinstance(error, UpstreamError | ShrinkageError):
            logger.warning("The sync failed and changed nothing; the next one is in %.0f s. %s", pause, error)
        else:
            logger.exception("The sync failed and changed nothing; the next one is in %.0f s.", pause)
        return pause

    async def _look(self) -> None:
        """Take in what was added since the crawl; where that is more than a look shows, crawl now."""
        self._plan_look()
        snapshot = self._catalogue.snapshot
        try:
            await self._catalogue.check_root()
            if not self._settings.news_interval or not snapshot.is_whole:
                return
            news = await look_for_news(self._catalogue.client, snapshot.index)
        except UpstreamError as error:
            logger.info("The look for news failed. %s", error)
            return
        if not news.is_all:
            logger.info("Much is new: the next sync is now.")
            self._crawl_clock = -float("inf")
        elif news.records:
            await self._publish(news.records, (), snapshot)

    async def _follow(self) -> None:
        """Serve the snapshot that another process has stored."""
        version, snapshot = await self._store.version(), self._catalogue.snapshot
        if version.number and version != (snapshot.number, snapshot.read_at):
            await self.load()


def _key(record: Record) -> RecordKey:
    return type(record), record.id


def _any(kind: type[Record]) -> type[Any]:
    return kind


def _log_progress(progress: Progress) -> None:
    if progress.done % REPORT_EVERY_PAGES == 0 or progress.done >= progress.pages:
        logger.info("Syncing the catalogue: %d of about %d pages.", progress.done, progress.pages)
