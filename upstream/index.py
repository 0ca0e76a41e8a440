"""The records at hand, by id and by slug."""

from collections.abc import Iterator
from typing import Generic

from upstream.records import R


class Table(Generic[R]):
    """The records of one kind, in the order in which they came.

    Args:
        capacity: how many records to hold; the one that came first goes first. `None` holds all.
    """

    def __init__(self, capacity: int | None = None) -> None:
        self._capacity = capacity
        self._rows: dict[int, R] = {}
        self._ids: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self._rows.values())

    def get(self, record_id: int) -> R | None:
        """Return the record with this id, if it is at hand."""
        return self._rows.get(record_id)

    def by_slug(self, slug: str) -> R | None:
        """Return the record with this slug, if it is at hand."""
        record_id = self._ids.get(slug)
        return None if record_id is None else self._rows[record_id]

    def put(self, record: R) -> None:
        """Take a record in, in place of the one with its id."""
        self.drop(record.id)
        self._rows[record.id] = record
        self._ids[record.slug] = record.id
        if self._capacity is not None and len(self._rows) > self._capacity:
            self.drop(next(iter(self._rows)))

    def drop(self, record_id: int) -> None:
        """Forget the record with this id, if it is at hand."""
        record = self._rows.pop(record_id, None)
        if record is not None and self._ids.get(record.slug) == record_id:
            del self._ids[record.slug]
