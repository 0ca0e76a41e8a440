"""Indexes as the publisher has them made, without what it adds."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from catalogue.build import build_index, build_search
from catalogue.index import Index
from catalogue.search import SearchIndex
from catalogue.tables import Difference, RecordKey


@dataclass(frozen=True, eq=False, repr=False)
class Indexes:
    """The indexes of one snapshot, and what differs from those before."""

    index: Index
    search: SearchIndex
    differences: list[Difference[Any]]


EMPTY = Indexes(Index(), SearchIndex(), [])


async def build(records: Iterable[Any], gone: Collection[RecordKey] = (), previous: Indexes = EMPTY) -> Indexes:
    """Build indexes, from previous ones where there are any."""
    index, differences = await build_index(previous.index, records, gone)
    return Indexes(index, await build_search(previous.search, index, differences), differences)


def built(records: Iterable[Any], gone: Collection[RecordKey] = (), previous: Indexes = EMPTY) -> Indexes:
    """Build them in one go, where no loop runs."""
    return asyncio.run(build(records, gone, previous))
