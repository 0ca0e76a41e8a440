"""Columns: one value of each package, and the packages in its order."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby
from operator import attrgetter, ge, gt, lt
from typing import Any, Final, Generic, TypeVar

from pyroaring import FrozenBitMap

from catalogue.lazily import Chosen
from catalogue.turns import Turns, in_order, with_changes
from catalogue.words import fold
from upstream.records import Grid, Package

K = TypeVar("K", int, str)
V = TypeVar("V", int, float, str)

UNKNOWN: Final = -1e11
"""The timestamp of an unknown time: before everything known, the year 1 included."""

FEW: Final = 32
"""A smaller part of all keys is sorted, a larger one is picked from all in their order."""


@dataclass(frozen=True, eq=False, repr=False)
class Column(Generic[K, V]):
    """Values by key, and all keys in ascending order of their values, then of themselves."""

    values: Mapping[K, V] = field(default_factory=dict)
    keys: list[K] = field(default_factory=list)

    def place(self, key: K) -> tuple[V, K]:
        """Return a key's place in the order."""
        return self.values[key], key

    def ordered(self, keys: Iterable[K], count: int, passes: Callable[[K], object]) -> Chosen[K]:
        """Return some keys in ascending order of their values, then of themselves.

        Args:
            keys: the keys; they are gone through only where they are few.
            count: how many they are.
            passes: whether a key is one of them.
        """
        if count == len(self.keys):
            return Chosen(self.keys, count)
        if count * FEW < len(self.keys):
            return Chosen(sorted(keys, key=self.place), count)
        return Chosen(self.keys, count, passes)

    def parted(self, compare: Callable[[Any, Any], bool], bound: V) -> tuple[Sequence[K], Sequence[K]]:
        """Return the keys whose values compare so with a bound (by `ge`, `gt`, `le` or `lt`), and the others."""
        find = bisect_left if compare in (ge, lt) else bisect_right
        place = find(self.keys, bound, key=self.values.__getitem__)
        low, high = self.keys[:place], self.keys[place:]
        return (high, low) if compare in (ge, gt) else (low, high)

    def counts(self, keys: FrozenBitMap) -> Sequence[tuple[V, int]]:
        """Return how many of some keys, which are numbers, have which value, in ascending order."""
        if len(keys) == len(self.keys):
            return [(value, len(having)) for value, having in self._groups]
        counted = [(value, keys.intersection_cardinality(having)) for value, having in self._groups]
        return [each for each in counted if each[1]]

    @cached_property
    def _groups(self) -> Sequence[tuple[V, FrozenBitMap]]:
        """The keys of each value, which are numbers."""
        groups: Iterable[tuple[V, Iterable[Any]]] = groupby(self.keys, self.values.__getitem__)
        return [(value, FrozenBitMap(keys)) for value, keys in groups]

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
