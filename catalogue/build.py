"""Makes the indexes of a snapshot from those of the one before, with what a crawl found."""

from collections.abc import Collection, Iterable
from typing import Any

from catalogue.collector import no_collections
from catalogue.index import Index
from catalogue.search import SearchIndex
from catalogue.tables import Difference, RecordKey, Table
from catalogue.turns import Turns
from upstream import KINDS, Record
from upstream.records import Category


async def build_index(
    before: Index, records: Iterable[Any], gone: Collection[RecordKey] = ()
) -> tuple[Index, list[Difference[Any]]]:
    """Return an index of the previous one's records, with others in their place, without those that are gone.

    With it goes what differs; a record that is equal to the known one is no difference, and the known one stays.
    Between slices of work the loop turns. The previous index stays as it is.
    """
    with no_collections():
        return await _build_index(before, records, gone, Turns())


async def build_search(before: SearchIndex, index: Index, differences: Iterable[Difference[Any]]) -> SearchIndex:
    """Return the search index of an index with these differences; the previous one may be empty."""
    searched = (each for each in differences if not isinstance(each.record, Category))
    with no_collections():
        return await before.evolved(searched, index.packages, index.grids, Turns())


async def _build_index(
    before: Index, records: Iterable[Any], gone: Collection[RecordKey], turns: Turns
) -> tuple[Index, list[Difference[Any]]]:
    found: dict[type[Record], dict[int, Difference[Any]]] = {kind.record: {} for kind in KINDS.values()}
    async for part in turns.parts(records):
        for record in part:
            known = before.table(type(record)).get(record.id)
            if known is not record and known != record:
                found[type(record)][record.id] = Difference(known, record)
            else:
                found[type(record)].pop(record.id, None)
    for kind, record_id in gone:
        table: Table[Any] = before.table(kind)
        found[kind].pop(record_id, None)
        if (known := table.get(record_id)) is not None:
            found[kind][record_id] = Difference(known, None)
    differences = {kind: list(each.values()) for kind, each in found.items()}
    index = await before.evolved(differences, turns) if any(differences.values()) else before
    return index, [difference for each in differences.values() for difference in each]
