"""The mirror: keeps the whole catalogue at hand, by a crawl of the upstream's lists now and then.

What a crawl finds is verified before it is served: it is complete or it fails, much less than before is doubted, and
what it misses is asked for. Whatever goes wrong changes nothing, and is tried again.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from catalogue.catalogue import Catalogue
from catalogue.crawl import Crawled, CrawlSettings, Progress, crawl
from catalogue.doubt import Doubt, ShrinkageError
from catalogue.errors import CrawlError, LeadershipLostError
from catalogue.news import look_for_news
from catalogue.publisher import Publisher
from catalogue.rows import Seen
from catalogue.safe_store import SafeStore
from catalogue.schedule import Schedule
from catalogue.store import Store, Version
from spans import span
from upstream import UpstreamError

if TYPE_CHECKING:
    from catalogue.redis_server import RedisServer

logger = logging.getLogger(__name__)

SERVING_RATE: Final = 2.0
"""Pages a second, once a snapshot is served; before, it is the transport's rate that holds."""

FOLLOW_SECONDS: Final = 0.5
"""How often a process that does not lead looks for another snapshot in the store."""

RESIGN_AFTER: Final = 3
"""Crawls that fail in a row before another machine may try: this one's way to the upstream may be what is wrong."""

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
        server: a server that keeps the snapshot for many machines; `None` for one machine alone.
    """

    def __init__(
        self, catalogue: Catalogue, store: Store, settings: SyncSettings, server: "RedisServer | None" = None
    ) -> None:
        self._catalogue = catalogue
        catalogue.state.is_kept = True
        self._store = SafeStore(store, catalogue.state)
        if server is not None:
            from catalogue.shared_store import SharedStore  # with all that one machine alone has no need of

            self._store = SharedStore(store, server, catalogue.state, self._held)
        self._settings = settings
        self._schedule = Schedule(settings.interval, settings.news_interval)
        self._publisher = Publisher(catalogue, self._store, self._schedule)
        self._doubt = Doubt(catalogue.client)
        self._leads = False
        self._is_cut_off = True
        self._seen: Seen = {}
        self._accepts_shrinkage = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Keep in step from now on, behind."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop, and let another process lead."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._catalogue.snapshot.search is not None:
            await self._catalogue.snapshot.search.aclose()
        await self._store.close()

    async def load(self) -> None:
        """Serve the snapshot that is stored, if there is one."""
        await self._publisher.load()

    def adopt(self) -> None:
        """Go on from the snapshot that the catalogue holds already."""
        held = self._catalogue.snapshot
        self._schedule.loaded(held.read_clock, is_whole=held.is_whole)

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
            LeadershipLostError: another gateway leads by now.
        """
        if not await self._store.lead():
            if accept_shrinkage:
                await self._store.accept_shrinkage()
            return False
        await self._catalogue.check_root()
        started = time.monotonic()
        crawled = await self._crawl(report)
        kept, gone = await self._doubt.settled(self._catalogue.snapshot.index, crawled, accept=accept_shrinkage)
        self._schedule.crawled(started)
        like = replace(
            self._catalogue.snapshot,
            read_at=datetime.fromtimestamp(crawled.started_at, UTC),
            read_clock=crawled.started,
            is_whole=True,
            unread=crawled.unread,
        )
        await self._publisher.publish([*crawled.records, *kept], gone, like)
        seconds = time.monotonic() - started
        self._catalogue.state.succeeded(seconds)
        logger.info("Synced %d packages in %.1f s.", len(self._catalogue.snapshot.index.packages), seconds)
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
                held=self._catalogue.snapshot.index,
                seen=self._seen,
                progress=state.progress,
                report=report,
                saved=saved,
                save=self._store.save_page,
            )
        except CrawlError:
            self._is_cut_off = False
            raise
        self._is_cut_off = False
        self._seen = crawled.seen
        return crawled

    # The task

    async def _run(self) -> None:
        while True:
            try:
                pause = await self._turn()
            except LeadershipLostError:
                logger.info("Another gateway leads: what this one has read is left to it.")
                pause = 0.0
            except Exception as error:
                # Whatever it is, the mirror must go on and what it holds must be served on.
                pause = self._failed(error)
                if self._schedule.failures >= RESIGN_AFTER:
                    self._store.resign(pause)
            wait = timedelta(seconds=self._schedule.seconds_to_crawl)
            self._catalogue.state.next_sync_at = datetime.now(UTC) + wait if self._leads else None
            await self._store.changed(pause)

    async def _turn(self) -> float:
        """Do what is due, and return the seconds until something is again."""
        self._leads = await self._store.lead()
        await self._follow()
        self._schedule.share(self._store.crowd)
        await self._publisher.store_again()
        if not self._leads:
            if not self._catalogue.snapshot.number:
                await self._catalogue.check_root()
            return FOLLOW_SECONDS
        self._accepts_shrinkage = self._accepts_shrinkage or await self._store.take_shrinkage()
        if self._accepts_shrinkage or self._schedule.is_crawl_due:
            with span("crawl"):
                await self.sync(_log_progress, accept_shrinkage=self._accepts_shrinkage)
            self._accepts_shrinkage = False
        elif self._schedule.is_look_due:
            with span("look for news"):
                await self._look()
        return self._schedule.seconds

    def _failed(self, error: Exception) -> float:
        """Note that a crawl failed; return the seconds until the next one."""
        self._catalogue.state.failed(error)
        if isinstance(error, ShrinkageError):
            pause = self._schedule.doubted()
        else:
            pause = self._schedule.failed((error.retry_after if isinstance(error, UpstreamError) else None) or 0.0)
        is_ours = not isinstance(error, UpstreamError | ShrinkageError)
        message = "The sync failed and changed nothing; the next one is in %.0f s. %s"
        logger.log(logging.ERROR if is_ours else logging.WARNING, message, pause, error, exc_info=is_ours)
        return pause

    async def _look(self) -> None:
        """Take in what was added since the crawl; where that is more than a look shows, crawl now."""
        self._schedule.looked()
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
            self._schedule.hurry()
        elif news.records:
            await self._publisher.publish(news.records, (), snapshot)

    async def _follow(self) -> None:
        """Serve the snapshot that another process has stored, where it is a later one."""
        snapshot = self._catalogue.snapshot
        if (await self._store.version()).is_after(Version(snapshot.number, snapshot.read_at)):
            await self._publisher.load()

    def _held(self) -> int:
        """Return the number of the snapshot that is served, if it is whole."""
        return self._catalogue.snapshot.number if self._catalogue.snapshot.is_whole else 0


def _log_progress(progress: Progress) -> None:
    if progress.done % REPORT_EVERY_PAGES == 0 or progress.done >= progress.pages:
        logger.info("Syncing the catalogue: %d of about %d pages.", progress.done, progress.pages)
