"""Makes the indexes of a snapshot from those of the one before, with what a crawl found."""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from catalogue.index import Index
from catalogue.search import SearchIndex
from upstream.records import Category, Grid, Package, Record

RecordKey: TypeAlias = tuple[type[Record], int]
"""What names a record."""

KINDS: Final[tuple[type[Any], ...]] = (Package, Grid, Category)
SLICE_RECORDS: Final = 50


class Difference(NamedTuple):
    """A record that was added (`before` is `None`), changed, or removed (`after` is `None`)."""

    before: Record | None
    after: Record | None


@dataclass(frozen=True)
class Indexes:
    """The indexes of one snapshot, frozen."""

    index: Index
    search: SearchIndex


async def build(
    previous: Indexes | None, records: Iterable[Record], gone: Collection[RecordKey] = ()
) -> tuple[Indexes, list[Difference]]:
    """Return indexes of the previous ones' records, with others in their place, without those that are gone.

    With them goes what differs. A record that differs from the known one in nothing but when it was fetched is no
    difference, and the known one stays. Between slices of work the loop turns. The previous indexes stay as they are.
    """
    known: dict[RecordKey, Record] = {}
    if previous is not None:
        known = {(kind, each.id): each for kind in KINDS for each in previous.index.table(kind)}
    differences: list[Difference] = []
    for number, record in enumerate(records):
        before = known.get((type(record), record.id))
        if before is None or msgspec.structs.replace(record, fetched_at=before.fetched_at) != before:
            differences.append(Difference(before, record))
            known[type(record), record.id] = record
        if number % SLICE_RECORDS == 0:
            await asyncio.sleep(0)
    differences.extend(Difference(known.pop(key), None) for key in gone if key in known)
    index = Index()
    for number, record in enumerate(known.values()):
        index.put(record)
        if number % SLICE_RECORDS == 0:
            await asyncio.sleep(0)
    index.prepare()
    return Indexes(index, SearchIndex(index.packages, index.grids)), differences
