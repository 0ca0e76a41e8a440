"""A walk of the upstream's lists, which drift while they are walked.

Lists are ordered by id, descending, so what is added shifts later pages back (a duplicate) and what is deleted shifts
them forward (a row skipped). Pages therefore overlap by one row: where two neighbours do not meet, the gap is read.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Generic

from upstream.client import Client, Page
from upstream.faults import UpstreamError
from upstream.records import Category, Grid, Package, R, Record

log = logging.getLogger(__name__)

OVERLAP: Final = 1
WHOLE_LIST: Final = 1000
"""Grids and categories fit one page of this size; the upstream has no cap."""


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
        report(progress)

    async def whole(wanted: _List[R]) -> list[R]:
        await read(wanted, 0)
        rest = range(wanted.stride, wanted.pages[0].count - OVERLAP, wanted.stride)
        progress.pages += len(rest)
        async with asyncio.TaskGroup() as group:
            for offset in rest:
                group.create_task(read(wanted, offset))
        await _read_what_came_later(wanted, read)
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


async def _read_what_came_later(wanted: _List[R], read: Callable[[_List[R], int], object]) -> None:
    """Read on while the last page says that the list has grown past it."""
    while (last := max(wanted.pages)) + wanted.page_size < max(page.count for page in wanted.pages.values()):
        await read(wanted, last + wanted.stride)  # type: ignore[misc]


async def _close_gaps(wanted: _List[R], read: Callable[[_List[R], int], object]) -> None:
    """Read between neighbours that do not overlap: rows were deleted while the pages were read."""
    for before, after in pairwise(sorted(wanted.pages)):
        start = after
        while start > before and not _meet(wanted.pages[before], wanted.pages[start]):
            start = max(before + 1, start - max(1, wanted.page_size // 2))
            await read(wanted, start)  # type: ignore[misc]


def _meet(before: Page[R], after: Page[R]) -> bool:
    if not before.results or not after.results:
        return True
    ids = {record.id for record in before.results if not isinstance(record, UpstreamError)}
    return any(isinstance(record, UpstreamError) or record.id in ids for record in after.results)


def _records(wanted: _List[R]) -> list[R]:
    found: dict[int, R] = {}
    for page in wanted.pages.values():
        for record in page.results:
            if isinstance(record, UpstreamError):
                log.warning("A record is left out of the mirror. %s", record)
            else:
                found[record.id] = record
    return list(found.values())


def _first(failures: "ExceptionGroup[Exception]") -> Exception:
    failure: Exception = failures
    while isinstance(failure, ExceptionGroup):
        failure = failure.exceptions[0]
    return failure
