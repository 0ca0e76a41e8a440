"""Makes the indexes of a snapshot from those of the one before, with what a crawl found."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from catalogue.index import Index
from catalogue.search import SearchIndex
from catalogue.tables import Difference, RecordKey, Table
from catalogue.turns import Turns, no_full_collections
from upstream.records import Category, Grid, Package, Record


@dataclass(frozen=True, eq=False, repr=False)
class Indexes:
    """The indexes of one snapshot, frozen."""

    index: Index
    search: SearchIndex


async def build(
    previous: Indexes | None, records: Iterable[Any], gone: Collection[RecordKey] = ()
) -> tuple[Indexes, list[Difference[Any]]]:
    """Return indexes of the previous ones' records, with others in their place, without those that are gone.

    With them goes what differs. A record that differs from the known one in nothing but when it was fetched is no
    difference, and the known one stays. Between slices of work the loop turns. The previous indexes stay as they are.
    """
    with no_full_collections():
        return await _build(previous or Indexes(Index(), SearchIndex()), records, gone, Turns())


async def _build(
    before: Indexes, records: Iterable[Any], gone: Collection[RecordKey], turns: Turns
) -> tuple[Indexes, list[Difference[Any]]]:
    found: dict[type[Record], dict[int, Difference[Any]]] = {Package: {}, Grid: {}, Category: {}}
    for record in records:
        known = before.index.table(type(record)).get(record.id)
        if known is None or msgspec.structs.replace(record, fetched_at=known.fetched_at) != known:
            found[type(record)][record.id] = Difference(known, record)
        else:
            found[type(record)].pop(record.id, None)
        await turns()
    for kind, record_id in gone:
        table: Table[Any] = before.index.table(kind)
        found[kind].pop(record_id, None)
        if (known := table.get(record_id)) is not None:
            found[kind][record_id] = Difference(known, None)
    packages, grids, categories = (list(found[kind].values()) for kind in (Package, Grid, Category))
    index = await before.index.evolved(packages, grids, categories, turns)
    search = await before.search.evolved([*packages, *grids], index.packages, index.grids, turns)
    return Indexes(index, search), [*packages, *grids, *categories]
