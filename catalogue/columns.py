"""Columns: one value of each package, and the packages in its order."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import compress
from operator import attrgetter, ge, gt, lt
from typing import Any, Final, Generic, TypeVar

from catalogue.turns import SMALL_SHARE, Turns, in_order, with_changes
from catalogue.words import fold
from upstream.records import Grid, Package

K = TypeVar("K", int, str)
V = TypeVar("V", int, float, str)

UNKNOWN: Final = -1e11
"""The timestamp of an unknown time: before everything known, the year 1 included."""


@dataclass(frozen=True, eq=False, repr=False)
class Column(Generic[K, V]):
    """Values by key, and all keys in ascending order of their values, then of themselves."""

    values: Mapping[K, V] = field(default_factory=dict)
    keys: list[K] = field(default_factory=list)

    def place(self, key: K) -> tuple[V, K]:
        """Return a key's place in the order."""
        return self.values[key], key

    def ordered(self, keys: Sequence[K]) -> Sequence[K]:
        """Return distinct keys in ascending order of their values, then of themselves."""
        if len(keys) == len(self.keys):
            return self.keys
        if len(keys) * SMALL_SHARE < len(self.keys):
            return sorted(keys, key=self.place)
        return list(filter(frozenset(keys).__contains__, self.keys))

    def parted(self, compare: Callable[[Any, Any], bool], bound: V) -> tuple[Sequence[K], Sequence[K]]:
        """Return the keys whose values compare so with a bound (by `ge`, `gt`, `le` or `lt`), and the others."""
        find = bisect_left if compare in (ge, lt) else bisect_right
        place = find(self.keys, bound, key=self.values.__getitem__)
        low, high = self.keys[:place], self.keys[place:]
        return (high, low) if compare in (ge, gt) else (low, high)

    @cached_property
    def all_ascending(self) -> Sequence[V]:
        """All values, in ascending order."""
        return list(map(self.values.__getitem__, self.keys))

    def ascending(self, keys: Collection[K]) -> Sequence[V]:
        """Return the values of distinct keys, in ascending order."""
        if len(keys) == len(self.keys):
            return self.all_ascending
        return list(compress(self.all_ascending, map(frozenset(keys).__contains__, self.keys)))

    async def evolved(self, changes: Mapping[K, V | None], keys: list[K], turns: Turns) -> "Column[K, V]":
        """Return a column in which some values are others, or gone (`None`).

        Args:
            changes: the new values of those keys that have another one now.
            keys: all keys that there are then, in ascending order.
            turns: gives the loop its turns.
        """
        if not changes:
            return self
        values = dict(self.values)
        for key, value in changes.items():
            if value is None:
                del values[key]
            else:
                values[key] = value

        def place(key: K) -> tuple[V, K]:
            return values[key], key

        came = [key for key, value in changes.items() if value is not None]
        ordered = await with_changes(self.keys, changes.keys(), came, turns, place)
        return Column(values, ordered if ordered is not None else await in_order(keys, values.__getitem__, turns))


def text(record: Package | Grid) -> str:
    """Return what a text filter looks through: title, slug and description, folded."""
    description = record.repo_description if isinstance(record, Package) else record.description
    return fold(f"{record.title}\n{record.slug}\n{description}")


def _timestamp(moment: datetime | None) -> float:
    return UNKNOWN if moment is None else moment.timestamp()


COLUMNS: Final[dict[str, Callable[[Package], Any]]] = {
    "title": lambda package: package.title.casefold(),
    "watchers": attrgetter("repo_watchers"),
    "forks": attrgetter("repo_forks"),
    "updated": lambda package: _timestamp(package.last_updated),
    "created": lambda package: package.created.timestamp(),
    "commits": attrgetter("commits_last_year"),
    "participants": lambda package: len(package.participants),
    "modified": lambda package: package.modified.timestamp(),
}
"""What packages can be ordered by; the names are those of `PackageOrder`."""

VALUES: Final[dict[str, Callable[[Package], Any]]] = {
    "text": text,
    "fetched": lambda package: _timestamp(package.last_fetched),
}
"""What packages can be filtered by, and not ordered."""
