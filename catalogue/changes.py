"""What changed from one snapshot to the next, for those who want only what is new."""

from collections.abc import Iterable
from enum import Enum
from typing import Final

import msgspec
from msgspec import Struct

from upstream import CatalogueError, Record
from upstream.kinds import KINDS

MAX_CHANGE_SETS: Final = 100
"""Snapshots back to which one can ask what changed since."""

PLACES: Final = {resource: place for place, resource in enumerate(KINDS)}
IGNORED: Final = frozenset({"fetched_at"})


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
            return msgspec.structs.replace(later, kind=ChangeKind.CHANGED, fields=_fields(later.resource))
        if later.kind is ChangeKind.REMOVED:
            return later
        return msgspec.structs.replace(later, fields=tuple(dict.fromkeys((*self.fields, *later.fields))))


class ChangeSet(Struct, frozen=True, gc=False):
    """What the snapshot of a `number` changed against that of the number `before`."""

    before: int
    number: int
    changes: tuple[Change, ...]


def change_set(before: int, number: int, pairs: Iterable[tuple[Record | None, Record | None]]) -> ChangeSet:
    """Return what a snapshot changed.

    Args:
        before: the number of the one before.
        number: the snapshot's.
        pairs: each record before and after; `None` where it was not there, or is no longer.
    """
    return ChangeSet(before, number, tuple(_change(*pair) for pair in pairs))


def with_change_set(known: tuple[ChangeSet, ...], new: ChangeSet) -> tuple[ChangeSet, ...]:
    """Return the last change_sets that follow each other without a gap."""
    if known and known[-1].number != new.before:
        known = ()
    return (*known, new)[-MAX_CHANGE_SETS:]


def changes_since(number: int, current: int, change_sets: tuple[ChangeSet, ...]) -> list[Change]:
    """Return what happened to each record since a snapshot, by kind and id.

    Raises:
        CatalogueError: too much has happened since, or there never was such a snapshot here.
    """
    later = [each for each in change_sets if each.before >= number]
    if number != current and (not later or later[0].before != number):
        message = f"What changed since {number} is not known (any more); read everything, then ask from {current}."
        raise CatalogueError("CHANGES_UNKNOWN", message, version=str(current))
    found: dict[tuple[int, int], Change] = {}
    for change in (change for each in later for change in each.changes):
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
    changed = tuple(name for name in _fields(resource) if getattr(before, name) != getattr(after, name))
    return Change(resource, record.id, record.slug, ChangeKind.CHANGED, changed)


def _fields(resource: str) -> tuple[str, ...]:
    return tuple(name for name in KINDS[resource].record.__struct_fields__ if name not in IGNORED)
