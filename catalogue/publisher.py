"""Snapshots from what is stored or was found: their indexes are made, they are stored, and then they are served."""

import logging
import time
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial, reduce
from typing import Any

from catalogue.build import build_index, build_search
from catalogue.catalogue import Catalogue
from catalogue.changes import ChangeLog, ChangeSet, changes_of
from catalogue.index import Index
from catalogue.late import Late
from catalogue.safe_store import SafeStore
from catalogue.schedule import Schedule
from catalogue.search import SearchIndex
from catalogue.snapshot import Snapshot, clock_of, empty_snapshot, ready
from catalogue.store import Save, Version
from catalogue.tables import Difference, RecordKey, Table
from catalogue.turns import Turns
from upstream import KINDS, Record

logger = logging.getLogger(__name__)


class Publisher:
    """Gives a catalogue its snapshots.

    Args:
        catalogue: what serves them.
        store: what keeps them.
        schedule: says when the next one is due.
    """

    def __init__(self, catalogue: Catalogue, store: SafeStore, schedule: Schedule) -> None:
        self._catalogue = catalogue
        self._store = store
        self._schedule = schedule

    async def load(self) -> None:
        """Serve the snapshot that is stored, if there is one; what cannot be read is as good as not there."""
        held = self._catalogue.snapshot
        stored = await self._store.load(held.number if held.is_whole else 0)
        number, read_at = stored.version
        if read_at is None or not (stored.records or stored.base) or not stored.version.is_after(_version(held)):
            return
        before = held if held.is_whole and stored.is_whole else empty_snapshot(has_mirror=True)
        gone = stored.gone if stored.base else await _missed(before.index, stored.records)
        if held.search is not None:
            with suppress(Exception):
                await held.search.get()  # not two of them at once
        index, differences = await build_index(before.index, stored.records, gone)
        if before is held:
            search = ready(await self._search_of(before, index, differences))
        else:
            search = Late("The search index", partial(_search_anew, index))
        read_clock = clock_of(read_at) if stored.age is None else time.monotonic() - stored.age
        snapshot = Snapshot(
            number=number,
            index=index,
            search=search,
            read_at=read_at,
            read_clock=time.monotonic() - self._schedule.interval if read_clock is None else read_clock,
            is_whole=stored.is_whole,
            changes=reduce(ChangeLog.with_set, stored.change_sets, before.changes if stored.base else ChangeLog()),
        )
        self._schedule.loaded(snapshot.read_clock, is_whole=snapshot.is_whole)
        self._serve(snapshot)
        await self._store.copied(
            Save(
                version=stored.version,
                base=stored.base or -1,
                changed=stored.records,
                gone=stored.gone,
                everything=index.records,
                change_sets=snapshot.changes.sets,
                age=snapshot.age,
            )
        )
        what = "The mirror holds" if stored.is_whole else "The mirror holds no whole catalogue, but"
        if not stored.base:
            logger.info("%s %d packages and %d grids.", what, len(index.packages), len(index.grids))

    async def publish(self, records: Iterable[Record], gone: Collection[RecordKey], last: Snapshot) -> None:
        """Store and serve the next snapshot: the last one, with these records, without those that are gone."""
        before = self._catalogue.snapshot
        index, differences = await build_index(before.index, records, gone)
        if not differences and last is before:
            return
        search = before.search
        if search is None or index is not before.index:
            search = ready(await self._search_of(before, index, differences))
        number, changes = last.number, last.changes
        if differences or not before.is_whole:
            # Milliseconds, so that numbers grow even when the store is lost.
            number = max(number, (await self._store.version()).number, int(1000 * time.time()) - 1) + 1
            new = ChangeSet(last.number, number, await changes_of(differences))
            changes = changes.with_set(new) if before.is_whole else ChangeLog()
        save = Save(
            version=Version(number, last.read_at),
            base=before.number if before.is_whole else -1,  # what is not whole is written anew
            changed=[after for _, after in differences if after is not None],
            gone=gone,
            everything=index.records,
            change_sets=changes.sets,
            age=last.age,
        )
        await self._store.save(save)  # first, so that no number is served that a restart would give to another one
        self._serve(replace(last, number=number, index=index, search=search, changes=changes))

    async def store_again(self) -> None:
        """Store what is served, where a store lacks it."""
        held = self._catalogue.snapshot
        version = _version(held)
        if held.is_whole and await self._store.lacks(version):
            await self._store.save_again(
                Save(
                    version=version,
                    base=-1,
                    changed=(),
                    gone=(),
                    everything=held.index.records,
                    change_sets=held.changes.sets,
                    age=held.age,
                )
            )

    async def _search_of(self, before: Snapshot, index: Index, differences: list[Difference[Any]]) -> SearchIndex:
        """Return the search index of the next snapshot: from the one before, or anew where that has none."""
        if before.search is not None:
            try:
                return await build_search(await before.search.get(), index, differences)
            except Exception:
                logger.exception("The search index is made anew.")
        return await _search_anew(index)

    def _serve(self, snapshot: Snapshot) -> None:
        self._catalogue.switch(replace(snapshot, due_clock=self._schedule.due_clock(snapshot.read_clock)))


async def _search_anew(index: Index) -> SearchIndex:
    return await build_search(SearchIndex(), index, (Difference(None, record) for record in index.records()))


def _version(snapshot: Snapshot) -> Version:
    return Version(snapshot.number, snapshot.read_at)


async def _missed(held: Index, records: Iterable[Record]) -> list[RecordKey]:
    """Return what is held that is not among these records."""
    found: dict[type[Record], set[int]] = {kind.record: set() for kind in KINDS.values()}
    async for part in Turns().parts(records):
        for record in part:
            found[type(record)].add(record.id)
    missed: list[RecordKey] = []
    for kind, keys in found.items():
        table: Table[Any] = held.table(kind)
        missed += [(kind, key) for key in table.rows.keys() - keys]
    return missed
