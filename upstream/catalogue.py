"""The catalogue as the rest of the gateway reads it: from memory while records are fresh, else from the upstream."""

import re
import time
from collections.abc import Iterable
from typing import Any, Final, cast

from cachetools import TTLCache

from upstream.client import Client, Page
from upstream.faults import UpstreamError
from upstream.index import Table
from upstream.records import Category, Grid, Package, R, Record, SearchHit

MEMORY_RECORDS: Final = 10_000
MAX_SLUG_LENGTH: Final = 200
SLUG: Final = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_SLUG_LENGTH}}}")
LIST_LIMIT: Final = 100


class Catalogue:
    """Reads records through: memory first, then the upstream.

    Args:
        client: the one way to the upstream.
        freshness: seconds for which an answer of the upstream is used without asking again.
    """

    def __init__(self, client: Client, *, freshness: float) -> None:
        self.client = client
        self.freshness = freshness
        self._tables: dict[type[Record], Table[Any]] = {
            kind: Table(MEMORY_RECORDS) for kind in (Package, Grid, Category)
        }
        self._missing: TTLCache[tuple[type[Record], int | str], bool] = TTLCache(MEMORY_RECORDS, freshness)
        self._pages: TTLCache[tuple[type[Record], int, int], Page[Any]] = TTLCache(
            MEMORY_RECORDS, freshness, getsizeof=lambda page: 1 + len(page.results)
        )
        self._searches: TTLCache[str, tuple[SearchHit, ...]] = TTLCache(LIST_LIMIT, freshness)

    def table(self, kind: type[R]) -> Table[R]:
        """Return the records of one kind that are at hand."""
        return cast("Table[R]", self._tables[kind])

    def at_hand(self, kind: type[R], ids: Iterable[int]) -> dict[int, R | None]:
        """Return, for each distinct id, the record that may be used without asking the upstream."""
        table, oldest = self.table(kind), time.time() - self.freshness
        found = {key: table.get(key) for key in ids}
        return {key: record if record and record.fetched_at > oldest else None for key, record in found.items()}

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
        page = await self.window(Category, 0, LIST_LIMIT)
        for failure in (item for item in page.results if isinstance(item, UpstreamError)):
            raise failure
        return sorted(cast("tuple[Category, ...]", page.results), key=lambda category: category.id)

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
                    self.table(kind).put(record)
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
        if known is not None and known.fetched_at + self.freshness > time.time():
            return known
        try:
            return await self._fetch(kind, key)
        except UpstreamError:
            if known is None:
                raise
            return known  # stale-if-error: what we had is better than nothing

    async def _fetch(self, kind: type[R], key: int | str) -> R | None:
        if (kind, key) in self._missing:
            return None
        record = await self.client.record(kind, key)
        if record is None:
            self._missing[kind, key] = True
            if isinstance(key, int):
                self.table(kind).drop(key)
            return None
        if isinstance(key, int) and record.id != key:
            raise UpstreamError("UPSTREAM_INVALID", f"{kind.resource}/{key}", "answered with another record")
        self.table(kind).put(record)
        return record
