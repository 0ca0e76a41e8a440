"""What is remembered from one operation to the next: the JSON of records, as it was asked for at one place of a plan.

Most of what an operation costs is reading, checking, encoding and joining what the last one read, checked, encoded and
joined. Two kinds of rows are remembered, both of records that are values: frozen, and compared and hashed by their
fields (`msgspec.Struct, frozen=True`). Structs with `eq=False`, such as a page of a connection, are made anew for each
request.

- The **leaves** of a record hold for ever, since a value does not change (`leaves`).
- A **whole row**, with everything behind its edges, holds as long as the snapshot that it was made from, if all layer
  functions behind it are pure (see `layers`); there is a cache for each snapshot, which goes with it.
"""

from collections.abc import Collection, Hashable, Mapping, Sequence
from itertools import chain
from typing import Any, Final
from weakref import WeakKeyDictionary, ref

from graphql import GraphQLSchema
from msgspec import Struct

from execution.plan import Selection

MAX_BYTES: Final = 32 * 2**20
"""Rows that are remembered for a schema and one snapshot, in bytes, roughly, unless another bound is set."""

LEAVES_SHARE: Final = 0.25
"""The part of them that is leaves."""

_ROWS: Final = "execution.rows"

ENTRY_BYTES: Final = 400
"""What remembering a record costs beside its JSON, roughly: the entry, its place in a dict, the objects' headers."""

_EMPTY: Final[Mapping[Any, Any]] = {}


class Entry(Struct, eq=False, gc=False):
    """A record behind an edge and what is known of its JSON.

    `row` is all of it, once that is known; `nodes` are the objects in it, its own included. Until then there is the
    `selection` that is asked of the record, and `pieces`, the JSON of its leaves, one more than there are edges; none
    when they hold something that is wrong. Thousands are kept, none of them in a cycle: the garbage collector is spared
    them.
    """

    record: object
    selection: Selection | None
    pieces: tuple[bytes, ...] = ()
    row: bytes | None = None
    nodes: int = 1


class Lookups:
    """How many records were asked for, and how many of them nothing was remembered of."""

    __slots__ = ("asked", "missed")

    def __init__(self) -> None:
        self.asked = self.missed = 0


_Tables = WeakKeyDictionary[object, dict[Hashable, dict[object, Entry]]]


class RowCache:
    """Entries by owner (an edge of a plan, or the plan), key and record; an owner's go with it.

    It holds `limit` bytes in two halves. A new entry goes into the young half, an old one that is asked for goes back
    there; when the young half is full, the old one is dropped and the young one is old. So what is used stays, and a
    look-up costs no bookkeeping: a least-recently-used cache takes a microsecond for each, this one a twentieth. What
    is looked up is counted in `lookups`.
    """

    def __init__(self, limit: int, lookups: Lookups | None = None) -> None:
        self._half = limit // 2
        self._lookups = lookups or Lookups()
        self._young: _Tables = WeakKeyDictionary()
        self._old: _Tables = WeakKeyDictionary()
        self._young_bytes = self._old_bytes = 0

    @property
    def size(self) -> int:
        """Bytes in use; those of owners that are gone count until their half is dropped."""
        return self._young_bytes + self._old_bytes

    def find(self, owner: object, key: Hashable, records: Sequence[object]) -> list[Entry | None]:
        """Return what is remembered of some records.

        Raises:
            TypeError: a record cannot be hashed.
        """
        self._lookups.asked += len(records)
        young = self._young.get(owner, _EMPTY).get(key)
        found: list[Entry | None] = list(map(young.get, records)) if young else [None] * len(records)
        if None not in found:
            return found
        old = self._old.get(owner, _EMPTY).get(key)
        if old:
            again = {record: old.pop(record) for record in records if record in old}
            self._old_bytes -= _size(again.values())
            self.keep(owner, key, again.values())
            found = [entry or again.get(record) for entry, record in zip(found, records, strict=True)]
        self._lookups.missed += found.count(None)
        return found

    def keep(self, owner: object, key: Hashable, entries: Collection[Entry]) -> None:
        """Remember the entries of values."""
        records = [entry.record for entry in entries]
        kinds = set(map(type, records))
        if not all(map(is_value, kinds)):
            entries = [entry for entry in entries if is_value(type(entry.record))]
            records = [entry.record for entry in entries]
        size = _size(entries)
        if size > self._half:
            return
        if self._young_bytes + size > self._half:
            self._old, self._old_bytes = self._young, self._young_bytes
            self._young, self._young_bytes = WeakKeyDictionary(), 0
        self._young_bytes += size
        self._young.setdefault(owner, {}).setdefault(key, {}).update(zip(records, entries, strict=True))


class SchemaRows:
    """What is remembered of one schema's operations; `lookups` are those of whole rows."""

    def __init__(self) -> None:
        self.lookups = Lookups()
        self._rows: dict[int, tuple[ref[object], RowCache]] = {}
        self.bound(MAX_BYTES)

    @property
    def size(self) -> int:
        """Bytes of all that is remembered, roughly."""
        return self.leaves.size + sum(rows.size for _, rows in self._rows.values())

    def bound(self, limit: int) -> None:
        """Forget all, and remember at most so many bytes from now on, roughly, and as many rows a further snapshot."""
        self._limit = limit
        self.forget()

    def forget(self) -> None:
        """Forget all that is remembered."""
        self.leaves = RowCache(int(self._limit * LEAVES_SHARE))
        self._rows.clear()

    def of(self, snapshot: object | None) -> RowCache | None:
        """Return the whole rows that are remembered of a snapshot; they are gone when nobody holds it any more.

        Snapshots that differ in their times alone say so by one `world`.
        """
        if snapshot is None:
            return None
        world = getattr(snapshot, "world", snapshot)
        key = id(world)
        if key not in self._rows:
            rows = RowCache(int(self._limit * (1 - LEAVES_SHARE)), self.lookups)
            self._rows[key] = (ref(world, lambda _: self._rows.pop(key, None)), rows)
        return self._rows[key][1]


def rows_of(schema: GraphQLSchema) -> SchemaRows:
    """Return what is remembered of a schema's operations."""
    if _ROWS not in schema.extensions:
        schema.extensions[_ROWS] = SchemaRows()
    rows: SchemaRows = schema.extensions[_ROWS]
    return rows


def is_value(kind: type) -> bool:
    """Whether objects of a type are frozen and equal by their fields; None, the parent of root fields, is."""
    if not issubclass(kind, Struct):
        return kind is type(None)
    return kind.__struct_config__.frozen and kind.__struct_config__.eq


def _size(entries: Collection[Entry]) -> int:
    rows = [entry.row for entry in entries]
    pieces = chain.from_iterable([entry.pieces for entry in entries])
    return ENTRY_BYTES * len(entries) + sum(map(len, filter(None, rows))) + sum(map(len, pieces))
