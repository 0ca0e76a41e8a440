"""The catalogue as the rest of the gateway reads it: from memory while records are fresh, else from the upstream.

With a mirror, memory holds the whole catalogue and even a record that is no longer fresh is served at once and read
again behind (stale-while-revalidate). Without one it holds what was read last, and is read through when it is stale.
"""

import asyncio
import re
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, Final, NamedTuple

from cachetools import TTLCache

from catalogue.crawl import Progress
from catalogue.index import Index, Table
from catalogue.search import SearchIndex
from catalogue.store import Version
from upstream.client import Client, Page
from upstream.errors import CatalogueError, UpstreamError
from upstream.records import Category, Grid, Package, R, Record, SearchHit

MAX_RECORDS: Final = 10_000
MAX_SLUG_LENGTH: Final = 200
SLUG: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_SLUG_LENGTH}}}")
MAX_LIST: Final = 100
MAX_CONCURRENT_REFRESHES: Final = 4
MAX_REFRESHES: Final = 1000


_FETCHED_AT: Final = attrgetter("fetched_at")


class Change(NamedTuple):
    """Something that was read through: a record, or that there is none (any more) with this id."""

    kind: type[Record]
    id: int
    record: Record | None
    at: float


class Catalogue:
    """Reads records through: memory first, then the upstream.

    Args:
        client: the one way to the upstream.
        freshness: seconds for which an answer of the upstream is used without asking again.
        mirror_wait: seconds to wait for the first sync of a mirror; `None` when there is no mirror.
    """

    def __init__(self, client: Client, *, freshness: float, mirror_wait: float | None = None) -> None:
        self.client = client
        self.freshness = freshness
        self.index = Index(MAX_RECORDS if mirror_wait is None else None)
        self.version = Version()
        self.progress = Progress()
        self.sync_failure: UpstreamError | None = None
        self.changes: dict[tuple[type[Record], int], Change] = {}
        self.whole_since: datetime | None = None
        self._search: SearchIndex | None = None
        self._mirror_wait = mirror_wait
        self._is_whole = asyncio.Event()
        self._refreshes: dict[tuple[type[Record], int], asyncio.Task[None]] = {}
        self._refresh_bound = asyncio.Semaphore(MAX_CONCURRENT_REFRESHES)
        self._missing: TTLCache[tuple[type[Record], int | str], bool] = TTLCache(MAX_RECORDS, freshness)
        self._pages: TTLCache[tuple[type[Record], int, int], Page[Any]] = TTLCache(
            MAX_RECORDS, freshness, getsizeof=lambda page: 1 + len(page.results)
        )
        self._searches: TTLCache[str, tuple[SearchHit, ...]] = TTLCache(MAX_LIST, freshness)

    async def aclose(self) -> None:
        """End what is under way, and close the client."""
        for refresh in list(self._refreshes.values()):
            refresh.cancel()
        await asyncio.gather(*self._refreshes.values(), return_exceptions=True)
        await self.client.aclose()

    # The whole catalogue

    @property
    def has_mirror(self) -> bool:
        """Whether memory holds, or will hold, the whole catalogue."""
        return self._mirror_wait is not None

    @property
    def is_whole(self) -> bool:
        """Whether memory holds the whole catalogue."""
        return self._is_whole.is_set()

    async def whole(self) -> Index:
        """Return the whole catalogue; wait for its first sync, up to a bound.

        Raises:
            CatalogueError: there is no mirror, or its first sync is not complete yet.
        """
        if not self.is_whole:
            await self._wait()
        return self.index

    @property
    def search_index(self) -> SearchIndex | None:
        """The search index of the whole catalogue; `None` before the first sync, and without a mirror."""
        return self._search

    def switch(self, index: Index, search: SearchIndex, version: Version) -> None:
        """Serve another version of the whole catalogue from now on, with what was read through meanwhile."""
        self.index, self._search, self.version = index, search, version
        for change in self.changes.values():
            table: Table[Any] = index.table(change.kind)
            known = table.get(change.id)
            if known is None or known.fetched_at <= change.at:
                self._apply(change)
        if not self.is_whole:
            self.whole_since = datetime.now(UTC)
            self._is_whole.set()

    async def _wait(self) -> None:
        if self._mirror_wait is None:
            raise CatalogueError("MIRROR_OFF", "This needs the mirror of the catalogue, which is switched off here.")
        try:
            await asyncio.wait_for(self._is_whole.wait(), self._mirror_wait)
        except TimeoutError:
            done, pages = self.progress.done, self.progress.pages
            message = f"The catalogue is being read for the first time: {done} of about {pages} pages. Try again soon."
            if self.sync_failure is not None:
                message += f" The last attempt failed. {self.sync_failure}"
            raise CatalogueError("CATALOGUE_SYNCING", message, pagesRead=done, pages=pages) from None

    # Records

    def table(self, kind: type[R]) -> Table[R]:
        """Return the records of one kind that are at hand."""
        return self.index.table(kind)

    def at_hand(self, kind: type[R], ids: Iterable[int]) -> tuple[dict[int, R | None], float | None]:
        """Return, for each distinct id, the record that may be used without asking the upstream.

        With them goes when the oldest was fetched, in Unix seconds; `None` when some may not be used, or none is asked
        for.
        """
        get = self.table(kind).rows.get
        found = {key: get(key) for key in ids}
        horizon = time.time() - self.freshness
        if all(found.values()):
            oldest = min(map(_FETCHED_AT, found.values()), default=None)
            if oldest is None or oldest > horizon:
                return found, oldest
        for key, record in found.items():
            if record is not None and record.fetched_at <= horizon:
                found[key] = self._stale(kind, record)
        times = [record.fetched_at for record in found.values() if record is not None]
        return found, min(times) if len(times) == len(found) else None

    def named(self, kind: type[R], key: int | str) -> R | None:
        """Return the record with this id or slug, if it may be used without asking the upstream."""
        table = self.table(kind)
        record = table.get(key) if isinstance(key, int) else table.by_slug(key)
        if record is not None and record.fetched_at <= time.time() - self.freshness:
            return self._stale(kind, record)
        return record

    async def by_id(self, kind: type[R], record_id: int) -> R | None:
        """Return the record with this id; `None` when there is no such thing.

        Raises:
            UpstreamError: the upstream failed, and no record is at hand.
        """
        return await self._read(kind, record_id, self.table(kind).get(record_id))

    async def by_slug(self, kind: type[R], slug: str) -> R | None:
        """Return the record with this slug; `None` when there is no such thing.

        A slug that cannot be one is not asked for: it would reach another path. Nor is one of digits only, which the
        upstream reads as an id (API.md, "Resources").

        Raises:
            UpstreamError: the upstream failed, and no record is at hand.
        """
        known = self.table(kind).by_slug(slug)
        if known is None and (slug.isdigit() or not SLUG.fullmatch(slug)):
            return None
        return await self._read(kind, slug if known is None else known.id, known)

    async def categories(self) -> list[Category]:
        """Return all categories, by id.

        Raises:
            UpstreamError: the upstream failed, or sent a category that does not fit.
        """
        if self.is_whole:
            found, _ = self.at_hand(Category, sorted(category.id for category in self.index.categories))
            return [category for category in found.values() if category is not None]
        page = await self.window(Category, 0, MAX_LIST)
        categories: list[Category] = []
        for item in page.results:
            if isinstance(item, UpstreamError):
                raise item
            categories.append(item)
        return sorted(categories, key=lambda category: category.id)

    async def window(self, kind: type[R], offset: int, limit: int) -> Page[R]:
        """Return `limit` records of a list from `offset`, in the upstream's order: by id, descending.

        Raises:
            UpstreamError: the upstream failed.
        """
        key = (kind, offset, limit)
        page: Page[R] | None = self._pages.get(key)
        if page is None:
            page = await self.client.page(kind, limit=limit, offset=offset)
            for record in page.results:
                if not isinstance(record, UpstreamError):
                    self._take(Change(kind, record.id, record, page.fetched_at))
            self._pages[key] = page
        return page

    async def search(self, query: str) -> tuple[SearchHit, ...]:
        """Return at most 20 hits of the upstream's search.

        Raises:
            UpstreamError: the upstream failed.
        """
        hits = self._searches.get(query)
        if hits is None:
            hits = self._searches[query] = tuple(await self.client.search(query))
        return hits

    async def _read(self, kind: type[R], key: int | str, known: R | None) -> R | None:
        if known is None:
            return await self._fetch(kind, key)
        if known.fetched_at > time.time() - self.freshness or self._stale(kind, known) is not None:
            return known
        try:
            return await self._fetch(kind, key)
        except UpstreamError:
            return known  # stale-if-error: what we had is better than nothing

    def _stale(self, kind: type[R], record: R) -> R | None:
        """Return a record that is no longer fresh if it may be served while it is read again behind."""
        if not self.has_mirror:
            return None
        key = (kind, record.id)
        if key not in self._refreshes and len(self._refreshes) < MAX_REFRESHES:
            self._refreshes[key] = refresh = asyncio.ensure_future(self._refresh(kind, record.id))
            refresh.add_done_callback(lambda _: self._refreshes.pop(key))
        return record

    async def _refresh(self, kind: type[R], record_id: int) -> None:
        async with self._refresh_bound:
            try:
                await self._fetch(kind, record_id)
            except UpstreamError:
                return  # what we have is served on

    async def _fetch(self, kind: type[R], key: int | str) -> R | None:
        if (kind, key) in self._missing:
            return None
        record = await self.client.record(kind, key)
        if record is None:
            self._missing[kind, key] = True
            if isinstance(key, int):
                self._take(Change(kind, key, None, time.time()))
            return None
        if isinstance(key, int) and record.id != key:
            raise UpstreamError("UPSTREAM_INVALID", f"{kind.resource}/{key}", "answered with another record")
        self._take(Change(kind, record.id, record, record.fetched_at))
        return record

    def _take(self, change: Change) -> None:
        """Merge what was read through, and note it for the mirror."""
        self._apply(change)
        if self.has_mirror:
            self.changes[change.kind, change.id] = change

    def _apply(self, change: Change) -> None:
        table: Table[Any] = self.index.table(change.kind)
        known = table.get(change.id)
        if change.record is None:
            self.index.drop(change.kind, change.id)
            is_news = known is not None
        else:
            is_news = self.index.put(change.record)
        if self._search is None or not is_news:
            return
        if isinstance(known, Package | Grid):
            self._search.remove(known)
        if isinstance(change.record, Package | Grid):
            self._search.add([change.record])
