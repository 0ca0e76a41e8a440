"""What is remembered of records from one operation to the next.

Most of what an operation costs is reading, checking and encoding the leaves of its records, and most records are met
again by the next operation with the same plan. So an edge of a plan remembers, for each record behind it, the JSON of
its leaves. That holds since a record is a value: frozen, and compared and hashed by its fields
(`msgspec.Struct, frozen=True`). Structs with `eq=False`, such as a page of a connection, are made anew for each
request and are not remembered.
"""

from collections.abc import Iterable
from typing import NamedTuple
from weakref import WeakSet

from msgspec import Struct

from execution.plan import PlanEdge, Selection

ENTRY_BYTES = 400
"""What remembering a record costs beside its JSON, roughly: the entry, its place in a dict, the objects' headers."""


class Entry(NamedTuple):
    """A record behind an edge, the selection that is asked of it, and the JSON of its leaves, one piece a run.

    `pieces` is empty when they hold something that is wrong.
    """

    record: object
    selection: Selection
    pieces: tuple[bytes, ...]


class RowCache:
    """Bounds what all edges of a schema's plans remember together to `limit` bytes; when it is full, all is forgotten.

    Forgetting all costs a few microseconds a record once in tens of thousands of them, and keeps no books.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._used = 0
        self._edges: WeakSet[PlanEdge] = WeakSet()

    def remember(self, edge: PlanEdge, entries: Iterable[Entry]) -> None:
        """Keep the entries of records that are values."""
        kept = [entry for entry in entries if entry.pieces and is_value(type(entry.record))]
        size = sum(ENTRY_BYTES + sum(map(len, entry.pieces)) for entry in kept)
        if self._used + size > self._limit:
            self.forget()
        if size < self._limit:
            self._used += size
            self._edges.add(edge)
            edge.known.update((entry.record, entry) for entry in kept)

    def forget(self) -> None:
        """Forget all that is remembered."""
        for edge in self._edges:
            edge.known = {}
        self._used = 0


def is_value(kind: type) -> bool:
    """Whether objects of a type are frozen and equal by their fields."""
    return issubclass(kind, Struct) and kind.__struct_config__.frozen and kind.__struct_config__.eq
