"""What is remembered from one operation to the next: the JSON of records, as it was asked for at one place of a plan.

Most of what an operation costs is reading, checking, encoding and joining what the last one read, checked, encoded and
joined. Records are told apart by identity, so that nothing has to be compared or hashed; what is read through once is
one object as long as it is held, and a record that a crawl found unchanged is the same in the next snapshot.

- The **leaves** of a record hold for ever, since a record does not change.
- A **whole row**, with everything behind its edges, holds as long as the snapshot that it was made from (its world), if
  all layer functions behind it are pure (see `layers`). In the next one it is joined anew, of the same leaves.
"""

from collections.abc import Collection, Hashable, Iterable
from typing import Final
from weakref import WeakKeyDictionary, ref

from graphql import GraphQLSchema
from msgspec import Struct

MAX_BYTES: Final = 32 * 2**20
"""Rows that are remembered for a schema, in bytes, roughly, unless another bound is set."""

ENTRY_BYTES: Final = 400
"""What remembering a record costs beside its JSON, roughly: the entry, its place in a dict, the objects' headers."""

EVER: Final = object()
"""The world of what holds in all of them: rows without edges."""

_ROWS: Final = "execution.rows"


class Entry(Struct, eq=False, gc=False):
    """A record behind an edge and what is known of its JSON.

    `pieces` are its leaves (see `Selection.encode_leaves`). `row` is all of it, if that is known, and `nodes` are the
    objects in it, its own included; it holds in a `world`, None where it does not hold for others. An entry is never
    changed, since others have it. Thousands are kept, none of them in a cycle: the garbage collector is spared them.
    """

    record: object
    pieces: tuple[bytes, ...]
    row: bytes | None = None
    nodes: int = 1
    world: object | None = None


class Lookups:
    """How many rows were asked for, and how many of them were not remembered."""

    __slots__ = ("asked", "missed")

    def __init__(self) -> None:
        self.asked = self.missed = 0


class _Table:
    """The entries of one owner and key; `size` is their bytes, of which each is counted for as much as the others."""

    __slots__ = ("entries", "size")

    def __init__(self) -> None:
        self.entries: dict[int, Entry] = {}
        self.size = 0

    def add(self, entries: dict[int, Entry], size: int) -> int:
        """Take entries of so many bytes in, and return how many bytes it has grown by."""
        if self.entries:
            replaced = sum(map(self.entries.__contains__, entries))
            size -= self.size * replaced // len(self.entries)
        self.entries.update(entries)
        self.size += size
        return size

    def take(self, ids: Iterable[int]) -> tuple[dict[int, Entry], int]:
        """Give entries away, and with them their bytes."""
        count = len(self.entries)
        taken = {each: self.entries.pop(each) for each in ids if each in self.entries}
        size = self.size * len(taken) // (count or 1)
        self.size -= size
        return taken, size


_Tables = WeakKeyDictionary[object, dict[Hashable, _Table]]
_NONE: Final = _Table()


class RowCache:
    """Entries by owner (an edge of a plan, or the plan), key and the record's id; an owner's go with it.

    It holds so many bytes in two halves. A new entry goes into the young half, an old one that is asked for goes back
    there; when the young half is full, the old one is dropped and the young one is old. So what is used stays, and a
    look-up costs no bookkeeping: a least-recently-used cache takes a microsecond for each, this one a twentieth. What
    is looked up is counted in `lookups`.
    """

    def __init__(self, limit: int = MAX_BYTES) -> None:
        self.lookups = Lookups()
        self.bound(limit)

    @property
    def size(self) -> int:
        """Bytes in use; those of owners that are gone count until their half is dropped."""
        return self._young_bytes + self._old_bytes

    def bound(self, limit: int) -> None:
        """Forget all, and remember at most so many bytes from now on, roughly."""
        self._half = limit // 2
        self.forget()

    def forget(self) -> None:
        """Forget all that is remembered."""
        self._young: _Tables = WeakKeyDictionary()
        self._old: _Tables = WeakKeyDictionary()
        self._young_bytes = self._old_bytes = 0

    def find(
        self, owner: object, key: Hashable, ids: Collection[int], world: object | None
    ) -> tuple[dict[int, Entry], dict[int, Entry]]:
        """Return what is remembered of some records: the entries whose rows hold in a world, and the others."""
        young = _table(self._young, owner, key).entries
        found = list(map(young.get, ids))
        if not all(found) and (old := _table(self._old, owner, key)).entries:
            again, size = old.take(each for each in ids if each not in young)
            self._old_bytes -= size
            self.keep(owner, key, again, size)
            found = [entry or again.get(each) for each, entry in zip(ids, found, strict=True)]
        if world is None:
            return {}, {each: entry for each, entry in zip(ids, found, strict=True) if entry is not None}
        whole, others = dict[int, Entry](), dict[int, Entry]()
        for each, entry in zip(ids, found, strict=True) if any(found) else ():
            if entry is not None:
                (whole if entry.world is world else others)[each] = entry
        self.lookups.asked += len(ids)
        self.lookups.missed += len(ids) - len(whole)
        return whole, others

    def row(self, owner: object, key: Hashable, record_id: int, world: object | None) -> Entry | None:
        """Return the entry of one record if its row holds in a world: the short way to what was asked for lately."""
        entry = _table(self._young, owner, key).entries.get(record_id)
        if entry is None or entry.world is not world:
            return self.find(owner, key, (record_id,), world)[0].get(record_id)
        self.lookups.asked += 1
        return entry

    def keep(self, owner: object, key: Hashable, entries: dict[int, Entry], size: int) -> None:
        """Remember entries of values, of so many bytes."""
        if size > self._half:
            return
        if self._young_bytes + size > self._half:
            self._old, self._old_bytes = self._young, self._young_bytes
            self._young, self._young_bytes = WeakKeyDictionary(), 0
        table = self._young.setdefault(owner, {}).setdefault(key, _Table())
        self._young_bytes += table.add(entries, size)

    def keep_pieces(self, owner: object, key: Hashable, entries: dict[int, Entry], size: int) -> None:
        """Remember the pieces of values of which nothing is remembered; `size` is that of all entries' pieces."""
        young = _table(self._young, owner, key).entries
        new = {each: Entry(entry.record, entry.pieces) for each, entry in entries.items() if each not in young}
        self.keep(owner, key, new, size * len(new) // len(entries))


def _table(tables: _Tables, owner: object, key: Hashable) -> _Table:
    found = tables.get(owner)
    return _NONE if found is None else found.get(key, _NONE)


def rows_of(schema: GraphQLSchema) -> RowCache:
    """Return what is remembered of a schema's operations."""
    if _ROWS not in schema.extensions:
        schema.extensions[_ROWS] = RowCache()
    rows: RowCache = schema.extensions[_ROWS]
    return rows


def world_of(snapshot: object | None) -> object | None:
    """Return what stands for a snapshot in entries, and does not keep it.

    Snapshots that differ in their times alone say so by one `world`.
    """
    # As long as an entry holds the reference, there is no other to the same object.
    return None if snapshot is None else ref(getattr(snapshot, "world", snapshot))


def are_values(records: Iterable[object]) -> bool:
    """Whether all records are frozen, and not made anew for each request; None, the parent of root fields, is."""
    return all(map(_is_value, set(map(type, records))))


def _is_value(kind: type) -> bool:
    if not issubclass(kind, Struct):
        return kind is type(None)
    return kind.__struct_config__.frozen and kind.__struct_config__.eq
