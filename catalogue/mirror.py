"""The mirror: keeps the whole catalogue in memory and in a file, by walking the upstream's lists now and then."""

import asyncio
import logging
import random
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from catalogue.build import Indexes, build
from catalogue.catalogue import Catalogue
from catalogue.crawl import CrawlSettings, Progress, crawl
from catalogue.snapshot import Snapshot, clock_of
from catalogue.store import MEMORY, Store, Version
from catalogue.tables import RecordKey
from upstream.errors import UpstreamError
from upstream.records import Record

logger = logging.getLogger(__name__)

JITTER: Final = 0.1
GRACE_SECONDS: Final = 60.0
"""What a crawl may take before its snapshot is overdue."""

FIRST_RETRY_SECONDS: Final = 5.0
LAST_RETRY_SECONDS: Final = 300.0
FOLLOW_SECONDS: Final = 5.0
"""How often a process that does not sync looks for a new version."""

REPORT_EVERY_PAGES: Final = 10


@dataclass(frozen=True, kw_only=True)
class SyncSettings:
    """How to walk: seconds between two walks, packages a page, pages at once."""

    interval: float = 3600.0
    page_size: int = 100
    concurrency: int = 3


class Mirror:
    """Fills a catalogue from its file, then keeps it in step with the upstream.

    `is_stored` says whether the last sync is in the file.

    Args:
        catalogue: what to keep whole.
        folder: where the file is; `:memory:` keeps none.
        settings: how to walk.
    """

    def __init__(self, catalogue: Catalogue, folder: Path, settings: SyncSettings) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._folder = folder
        self.is_stored = False
        self._indexes: Indexes | None = None
        self._store: Store | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Sync behind, now and then."""
        self._task = asyncio.create_task(self._run())

    async def aclose(self) -> None:
        """Stop syncing, close the file."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._store is not None:
            await asyncio.to_thread(self._store.close)

    async def load(self) -> None:
        """Open the file, and switch to the version that it holds, if any."""
        if self._store is None:
            self._store = await asyncio.to_thread(_opened, self._folder, str(self._catalogue.client.base_url))
        try:
            version, records = await asyncio.to_thread(self._store.load)
        except sqlite3.Error as error:
            logger.warning("The mirror's file could not be read (%s).", error)
            return
        if version.synced_at is not None:
            indexes, _ = await build(None, records)
            read_at = datetime.fromtimestamp(version.synced_at, UTC)
            clock = clock_of(read_at)
            self._switch(
                indexes, version.number, read_at, time.monotonic() - self._settings.interval if clock is None else clock
            )
            logger.info(
                "The mirror holds %d packages and %d grids.", len(indexes.index.packages), len(indexes.index.grids)
            )

    def _switch(self, indexes: Indexes, number: int, read_at: datetime, read_clock: float) -> None:
        self._indexes = indexes
        due_clock = read_clock + self._settings.interval * (1 + JITTER) + GRACE_SECONDS
        snapshot = Snapshot(
            number=number,
            index=indexes.index,
            search=indexes.search,
            read_at=read_at,
            read_clock=read_clock,
            due_clock=due_clock,
            is_whole=True,
        )
        self._catalogue.switch(snapshot)

    async def sync(self, report: Callable[[Progress], None] = lambda _: None) -> bool:
        """Walk the lists once and switch to what they say; a walk that fails changes nothing.

        Returns:
            Whether this process syncs; `False` when another one does.

        Raises:
            UpstreamError: a page could not be had.
        """
        store = self._store
        assert store is not None
        if not await asyncio.to_thread(store.take_lock):
            return False
        started, clock = datetime.now(UTC), time.monotonic()
        catalogue = self._catalogue
        catalogue.progress = Progress()
        settings = CrawlSettings(page_size=self._settings.page_size)
        crawled = await crawl(catalogue.client, settings, progress=catalogue.progress, report=report)
        found = crawled.records
        index = catalogue.snapshot.index
        known = [*index.packages, *index.grids, *index.categories]
        kept, gone = await self._confirmed(await asyncio.to_thread(_missed, known, found))
        indexes, _ = await build(self._indexes, [*found, *kept], gone)
        stored = await _version(store)
        version = Version(max(stored.number, catalogue.snapshot.number) + 1, started.timestamp())
        new = indexes.index
        await self._write(store, [*new.packages, *new.grids, *new.categories], gone, version)
        self._switch(indexes, version.number, started, clock)
        logger.info("Synced %d packages in %.1f s.", len(indexes.index.packages), time.monotonic() - clock)
        return True

    async def _confirmed(self, missed: list[Record]) -> tuple[list[Record], set[RecordKey]]:
        """Ask for what the walk missed: return what there is, and the keys of what is gone; doubt keeps a record."""
        bound = asyncio.Semaphore(self._settings.concurrency)
        kept: list[Record] = []
        gone: set[RecordKey] = set()

        async def confirm(record: Record) -> None:
            kind: type[Any] = type(record)
            async with bound:
                try:
                    found = await self._catalogue.client.record(kind, record.id)
                except UpstreamError:
                    return
            if found is None:
                gone.add(_key(record))
            else:
                kept.append(found)

        await asyncio.gather(*map(confirm, missed))
        return kept, gone

    async def _run(self) -> None:
        retry = FIRST_RETRY_SECONDS
        while True:
            try:
                if not await self.sync(_log_progress):
                    await self._follow()
                    continue
                retry, self._catalogue.sync_failure = FIRST_RETRY_SECONDS, None
                pause = self._settings.interval * random.uniform(1 - JITTER, 1 + JITTER)
            except UpstreamError as error:
                self._catalogue.sync_failure = error
                pause = min(retry, self._settings.interval)
                retry = min(2 * retry, LAST_RETRY_SECONDS)
                logger.warning("The sync failed and changed nothing; the next one is in %.0f s. %s", pause, error)
            except Exception:
                # Whatever it is, the mirror must go on and what it holds must be served on.
                pause = self._settings.interval
                logger.exception("The sync failed and changed nothing; the next one is in %.0f s.", pause)
            await asyncio.sleep(pause)

    async def _follow(self) -> None:
        """Wait, then serve the version that another process has stored."""
        await asyncio.sleep(FOLLOW_SECONDS)
        assert self._store is not None
        version = await _version(self._store)
        if version.synced_at is not None and version.number != self._catalogue.snapshot.number:
            await self.load()

    async def _write(self, store: Store, records: list[Record], gone: set[RecordKey], version: Version | None) -> None:
        try:
            self.is_stored = await asyncio.to_thread(store.save, records, gone, version)
        except sqlite3.Error as error:
            self.is_stored = False
            logger.warning("The mirror's file could not be written (%s); it is served from memory.", error)


def _opened(folder: Path, upstream: str) -> Store:
    try:
        return Store(folder, upstream)
    except (OSError, sqlite3.Error) as error:
        logger.warning("The folder %s cannot be used (%s); the mirror is kept in memory only.", folder, error)
        return Store(Path(MEMORY), upstream)


def _missed(known: list[Record], found: list[Record]) -> list[Record]:
    """Return the known records that a crawl should have found."""
    seen = set(map(_key, found))
    return [record for record in known if _key(record) not in seen]


def _key(record: Record) -> RecordKey:
    return type(record), record.id


async def _version(store: Store) -> Version:
    try:
        return await asyncio.to_thread(store.version)
    except sqlite3.Error as error:
        logger.warning("The mirror's file could not be read (%s).", error)
        return Version()


def _log_progress(progress: Progress) -> None:
    if progress.done % REPORT_EVERY_PAGES == 0 or progress.done >= progress.pages:
        logger.info("Syncing the catalogue: %d of about %d pages.", progress.done, progress.pages)
