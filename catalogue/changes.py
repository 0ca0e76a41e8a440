"""What changed from one snapshot to the next, for those who want only what is new."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final

import msgspec
from cachetools import LRUCache
from msgspec import Struct

from catalogue.turns import Turns
from upstream import CatalogueError, Record
from upstream.kinds import KINDS

MAX_CHANGE_SETS: Final = 100
"""Snapshots back to which one can ask what changed since."""

MAX_CHANGES: Final = 50_000
"""Changes that they have in all; the last snapshot's are kept however many there are."""

MAX_ASKED: Final = 8
"""Numbers whose changes are kept for their next page."""

PLACES: Final = {resource: place for place, resource in enumerate(KINDS)}


class ChangeKind(Enum):
    """What happened to a record."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


class Change(Struct, frozen=True, array_like=True, gc=False):
    """What happened to one record.

    Args:
        resource: its kind, as the REST API names it.
        id: its id.
        slug: its slug, the last one where it is gone.
        kind: what happened.
        fields: which of its fields are not what they were; empty unless it changed.
    """

    resource: str
    id: int
    slug: str
    kind: ChangeKind
    fields: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among changes: by kind, then by id."""
        return PLACES[self.resource], self.id

    def then(self, later: "Change") -> "Change | None":
        """Return what happened in all; `None` when nothing did."""
        if self.kind is ChangeKind.ADDED:
            is_gone = later.kind is ChangeKind.REMOVED
            return None if is_gone else msgspec.structs.replace(later, kind=ChangeKind.ADDED, fields=())
        if self.kind is ChangeKind.REMOVED:  # and there again, as another one
            fields = KINDS[later.resource].record.__struct_fields__
            return msgspec.structs.replace(later, kind=ChangeKind.CHANGED, fields=fields)
        if later.kind is ChangeKind.REMOVED:
            return later
        return msgspec.structs.replace(later, fields=tuple(dict.fromkeys((*self.fields, *later.fields))))


class ChangeSet(Struct, frozen=True, gc=False):
    """What the snapshot of a `number` changed against that of the number `before`."""

    before: int
    number: int
    changes: tuple[Change, ...]


async def changes_of(pairs: Iterable[tuple[Record | None, Record | None]]) -> tuple[Change, ...]:
    """Return what happened to each record, from what it was to what it is; `None` is not there, or no longer."""
    return tuple([_change(before, after) async for part in Turns().parts(pairs) for before, after in part])


class ChangeLog:
    """What the last snapshots changed, each against the one before; never changed itself.

    Args:
        sets: the change sets, in ascending order of their numbers.
    """

    def __init__(self, sets: tuple[ChangeSet, ...] = ()) -> None:
        self.sets = sets
        self._since: LRUCache[int, list[Change]] = LRUCache(MAX_ASKED)

    def with_set(self, new: ChangeSet) -> "ChangeLog":
        """Return the log with one more set, without those that are too old, or behind a gap."""
        kept: list[ChangeSet] = []
        left, before = MAX_CHANGES, new.number
        for each in reversed((*self.sets[1 - MAX_CHANGE_SETS :], new)):
            left -= len(each.changes)
            if each.number != before or (left < 0 and kept):
                break
            kept.append(each)
            before = each.before
        return ChangeLog(tuple(reversed(kept)))

    async def since(self, number: int, current: int) -> list[Change]:
        """Return what happened to each record since a snapshot, by kind and id; the list is to be read only.

        Args:
            number: the snapshot's.
            current: the number of the one that the log belongs to.

        Raises:
            CatalogueError: too much has happened since, or there never was such a snapshot here.
        """
        later = [each for each in self.sets if each.before >= number]
        if number != current and (not later or later[0].before != number):
            message = f"What changed since {number} is not known (any more): read everything, then ask from {current}."
            raise CatalogueError("CHANGES_UNKNOWN", message, version=str(current))
        if number not in self._since:
            self._since[number] = await _merged(later)
        return self._since[number]


async def _merged(sets: Sequence[ChangeSet]) -> list[Change]:
    found: dict[tuple[int, int], Change] = {}
    async for part in Turns().parts(change for each in sets for change in each.changes):
        for change in part:
            known = found.pop(change.place, None)
            merged = change if known is None else known.then(change)
            if merged is not None:
                found[change.place] = merged
    return [found[place] for place in sorted(found)]


def _change(before: Record | None, after: Record | None) -> Change:
    record = after or before
    assert record is not None
    resource = record.resource
    if before is None:
        return Change(resource, record.id, record.slug, ChangeKind.ADDED)
    if after is None:
        return Change(resource, record.id, record.slug, ChangeKind.REMOVED)
    changed = tuple(name for name in record.__struct_fields__ if getattr(before, name) != getattr(after, name))
    return Change(resource, record.id, record.slug, ChangeKind.CHANGED, changed)
