"""The records of one kind, by id and by slug."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeAlias

from upstream.records import R, Record

RecordKey: TypeAlias = tuple[type[Record], int]
"""What names a record."""


class Difference(NamedTuple, Generic[R]):
    """A record that was added (`before` is `None`), changed, or removed (`after` is `None`)."""

    before: R | None
    after: R | None

    @property
    def record(self) -> R:
        """The record as it is, or as it was."""
        record = self.after or self.before
        assert record is not None
        return record

    @property
    def id(self) -> int:
        """The record's id."""
        return self.record.id


@dataclass(frozen=True, eq=False, repr=False)
class Table(Generic[R]):
    """The records of one kind, to read only: `rows` has them by id."""

    rows: Mapping[int, R] = field(default_factory=dict)
    ids: Mapping[str, int] = field(default_factory=dict)
    """Ids by slug."""

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows.values())

    def get(self, record_id: int) -> R | None:
        """Return the record with this id, if it is at hand."""
        return self.rows.get(record_id)

    def by_slug(self, slug: str) -> R | None:
        """Return the record with this slug, if it is at hand."""
        record_id = self.ids.get(slug)
        return None if record_id is None else self.rows[record_id]

    def evolved(self, differences: "Sequence[Difference[R]]") -> "Table[R]":
        """Return a table with these differences."""
        rows, ids = dict(self.rows), dict(self.ids)
        for before, after in differences:
            if before is not None and ids.get(before.slug) == before.id:
                del ids[before.slug]
            if before is not None and after is None:
                del rows[before.id]
        for _, after in differences:
            if after is not None:
                rows[after.id] = after
                ids[after.slug] = after.id
        if len(ids) != len(rows):  # who loses a slug that two had leaves it to the other
            ids = {row.slug: row.id for row in rows.values()}
        return Table(rows, ids)
