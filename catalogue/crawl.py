"""A walk of the upstream's lists, which drift while they are walked.

Lists are ordered by id, descending, so what is added shifts later pages back (a duplicate) and what is deleted shifts
them forward (a row skipped). Pages therefore overlap by one row: where two neighbours have no row in common, a page
between them is read. A chain of pages that meet, from the first row to the last, has every row that was always there.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Generic

from upstream.client import Client
from upstream.decoding import Page
from upstream.errors import UpstreamError
from upstream.records import Category, Grid, Package, R, Record

logger = logging.getLogger(__name__)

OVERLAP: Final = 1
WHOLE_LIST: Final = 1000
"""Grids and categories fit one page of this size; the upstream has no cap."""

MAX_REPAIRS: Final = 60
"""Pages that may be read to close the gaps of one list."""


@dataclass
class Progress:
    """How far a walk is, in pages; `pages` is an estimate until the first page is there."""

    done: int = 0
    pages: int = 3


@dataclass(frozen=True)
class _List(Generic[R]):
    kind: type[R]
    page_size: int
    pages: dict[int, Page[R]] = field(default_factory=dict)

    @property
    def stride(self) -> int:
        return max(1, self.page_size - OVERLAP)

    def gap(self) -> tuple[int, int] | None:
        """Return the offsets of two neighbours that do not meet, if there are any."""
        return next((pair for pair in pairwise(sorted(self.pages)) if not self._meet(*pair)), None)

    def _meet(self, start: int, end: int) -> bool:
        before, after = self.pages[start], self.pages[end]
        if not after.results:
            return start + len(before.results) >= before.count
        if not before.results:
            return False
        if isinstance(before.results[-1], UpstreamError) and isinstance(after.results[0], UpstreamError):
            return True  # the row that both should have cannot be read
        return not _ids(before).isdisjoint(_ids(after))


async def walk(
    client: Client, *, page_size: int, concurrency: int, progress: Progress, report: Callable[[Progress], None]
) -> list[Record]:
    """Return every record of the lists.

    Args:
        client: the one way to the upstream.
        page_size: how many packages to ask for in one page.
        concurrency: how many pages may be under way at once.
        progress: kept up to date.
        report: called when a page is there.

    Raises:
        UpstreamError: a page could not be had.
    """
    bound = asyncio.Semaphore(concurrency)

    async def read(wanted: _List[R], offset: int) -> None:
        async with bound:
            wanted.pages[offset] = await client.page(wanted.kind, limit=wanted.page_size, offset=offset)
        progress.done += 1
        progress.pages = max(progress.pages, progress.done)
        report(progress)

    async def whole(wanted: _List[R]) -> list[R]:
        await read(wanted, 0)
        rest = range(wanted.stride, wanted.pages[0].count - OVERLAP, wanted.stride)
        progress.pages += len(rest)
        async with asyncio.TaskGroup() as group:
            for offset in rest:
                group.create_task(read(wanted, offset))
        await _close_gaps(wanted, read)
        return _records(wanted)

    try:
        async with asyncio.TaskGroup() as group:
            packages = group.create_task(whole(_List(Package, page_size)))
            grids = group.create_task(whole(_List(Grid, WHOLE_LIST)))
            categories = group.create_task(whole(_List(Category, WHOLE_LIST)))
    except ExceptionGroup as failures:
        raise _first(failures) from None
    return [*packages.result(), *grids.result(), *categories.result()]


async def _read_on(wanted: _List[R], read: Callable[[_List[R], int], Awaitable[None]]) -> None:
    """Read on while the last page says that the list has grown past it."""
    while (last := max(wanted.pages)) + wanted.page_size < wanted.pages[last].count:
        await read(wanted, last + wanted.stride)


async def _close_gaps(wanted: _List[R], read: Callable[[_List[R], int], Awaitable[None]]) -> None:
    """Read what came later, and between neighbours that do not meet: rows were deleted while the pages were read."""
    for _ in range(MAX_REPAIRS):
        await _read_on(wanted, read)
        gap = wanted.gap()
        if gap is None:
            return
        middle = sum(gap) // 2
        await read(wanted, middle)
        if middle == gap[0]:  # nothing fits between them: both are read anew
            await read(wanted, gap[1])
    logger.warning("The list of %s changes faster than it can be read; some may be missing.", wanted.kind.resource)


def _ids(page: Page[R]) -> set[int]:
    return {record.id for record in page.results if not isinstance(record, UpstreamError)}


def _records(wanted: _List[R]) -> list[R]:
    """Return the newest of each record."""
    found: dict[int, R] = {}
    for page in sorted(wanted.pages.values(), key=lambda page: page.fetched_at):
        for record in page.results:
            if isinstance(record, UpstreamError):
                logger.warning("A record is left out of the mirror. %s", record)
            else:
                found[record.id] = record
    return list(found.values())


def _first(failures: "ExceptionGroup[Exception]") -> Exception:
    failure: Exception = failures
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    return failure
