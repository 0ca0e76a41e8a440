"""The records of one snapshot, by id, by slug, in every order, and with every edge in both directions.

An index is never changed: the next one is made from it, and shares with it all that stays the same.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Final, cast

from cachetools import LRUCache
from pyroaring import FrozenBitMap

from catalogue.collector import settled
from catalogue.columns import COLUMNS, VALUES, Column, V, text
from catalogue.facets import Facet, Facets, Wanted
from catalogue.filters import Condition, PackageFilter, PackageOrder, conditions, narrowed
from catalogue.lazily import Chosen
from catalogue.participants import Participants
from catalogue.search import SearchIndex
from catalogue.stats import Counts, PackageStats, stats_of
from catalogue.tables import Difference, Table
from catalogue.turns import SMALL_SHARE, Turns, sorted_keys
from upstream.kinds import KINDS
from upstream.records import Category, Grid, Package, R, Record

MAX_SELECTIONS: Final = 64
"""Selections that are kept for their next page."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Index:
    """All records of a snapshot, to read only.

    Args:
        packages, grids, categories: the records.
        facets: which packages have what.
        participants: who took part in the packages.
        ids: the packages' ids, in ascending order.
        columns: what packages can be ordered by, by the value of `PackageOrder`.
        values: what they can be filtered by besides, by name and id.
        grid_texts: the folded texts of grids, by id.
        selections: what was selected last.
    """

    packages: Table[Package] = field(default_factory=Table)
    grids: Table[Grid] = field(default_factory=Table)
    categories: Table[Category] = field(default_factory=Table)
    facets: Facets = field(default_factory=Facets)
    participants: Participants = field(default_factory=Participants)
    ids: list[int] = field(default_factory=list)
    columns: Mapping[str, Column[int, Any]] = field(default_factory=lambda: dict.fromkeys(COLUMNS, Column()))
    values: Mapping[str, Mapping[int, Any]] = field(default_factory=lambda: {name: {} for name in VALUES})
    grid_texts: Mapping[int, str] = field(default_factory=dict)
    selections: LRUCache[Hashable, FrozenBitMap] = field(default_factory=lambda: LRUCache(MAX_SELECTIONS), init=False)

    def table(self, kind: type[R]) -> Table[R]:
        """Return the records of one kind."""
        return cast("Table[R]", getattr(self, kind.resource))

    def records(self) -> Iterator[Record]:
        """Return all records, a kind after the other."""
        return chain.from_iterable(self.table(kind.record) for kind in KINDS.values())

    def select(
        self, wanted: PackageFilter, having: Collection[Wanted], search: SearchIndex | None = None
    ) -> FrozenBitMap:
        """Return the ids of the packages that have all facets and pass the filter's other conditions.

        What was selected last is kept: who asks for one page asks for the next.

        Args:
            wanted: the filter; its facets do not count.
            having: the facets.
            search: knows who has which words, where it is made already: their texts need not be looked through.
        """
        checks = tuple(conditions(wanted))
        key = frozenset(having), checks
        found = self.selections.get(key)
        if found is None:
            found = self._ranged(self._having(having), [check for check in checks if check[0] in self.columns])
            rest = [check for check in checks if check[0] not in self.columns]
            if search is not None:
                found, rest = self._searched(found, rest, search)
            if rest:
                ids = self.ids if len(found) == len(self.ids) else found.to_array()
                found = FrozenBitMap(narrowed(ids, rest, self._values))
            self.selections[key] = found
        return found

    def ordered(self, ids: FrozenBitMap, order: PackageOrder | None) -> Chosen[int]:
        """Return packages in an order."""
        if order is not None:
            return self.columns[order.value].ordered(ids, len(ids), ids.__contains__)
        return Chosen(ids.to_array(), len(ids))

    def stats(self, ids: FrozenBitMap) -> PackageStats:
        """Return the statistics of packages."""
        if len(ids) * SMALL_SHARE < len(self.ids):
            return stats_of(list(map(self.packages.rows.__getitem__, ids)))

        def counts(column: str) -> Counts:
            return self.columns[column].counts(ids)

        def count(facet: Facet) -> int:
            return ids.intersection_cardinality(self.facets.ids(facet))

        return PackageStats(counts, count, self.categories.rows)

    def place(self, order: PackageOrder | None, package_id: int) -> tuple[Any, int]:
        """Return a package's place in an order."""
        return (0, package_id) if order is None else self.columns[order.value].place(package_id)

    @cached_property
    def all(self) -> FrozenBitMap:
        """The ids of all packages."""
        return FrozenBitMap(self.ids)

    def _having(self, having: Collection[Wanted]) -> FrozenBitMap:
        """Return the ids of the packages that have all facets."""
        found = [self.facets.ids(each) for each in having]
        return FrozenBitMap.intersection(*found) if found else self.all

    def _ranged(self, ids: FrozenBitMap, checks: Iterable[Condition]) -> FrozenBitMap:
        """Return those ids that pass conditions on columns, which each are a part of the column's order."""
        for column, compare, bound in checks:
            inside, outside = self.columns[column].parted(compare, bound)
            ids = ids & FrozenBitMap(inside) if len(inside) < len(outside) else ids - FrozenBitMap(outside)
        return ids

    def _searched(
        self, ids: FrozenBitMap, checks: list[Condition], search: SearchIndex
    ) -> tuple[FrozenBitMap, list[Condition]]:
        """Return those ids that pass conditions on texts, as far as words tell, and what conditions are left."""
        left = [check for check in checks if check[0] != "text"]
        for check in sorted(set(checks).difference(left), key=lambda check: len(check[2]), reverse=True):
            found = search.containing(check[2]) if len(ids) * SMALL_SHARE > len(self.ids) else None
            if found is None:
                left.append(check)
            else:
                doubtful = narrowed((ids & found.doubtful).to_array(), [check], self._values)
                ids = (ids & found.certain) | FrozenBitMap(doubtful)
        return ids, left

    def _values(self, column: str, ids: list[int]) -> Iterable[Any]:
        values: Mapping[int, Any] = self.values[column] if column in VALUES else self.columns[column].values
        return map(values.__getitem__, ids)

    async def evolved(self, differences: Mapping[type[Record], Sequence[Difference[Any]]], turns: Turns) -> "Index":
        """Return an index with these differences of each kind, at most one a record."""
        differing, grids, categories = (differences[kind] for kind in (Package, Grid, Category))
        packages = settled(self.packages.evolved(differing))
        await turns()
        facets = await self.facets.evolved(differing, turns)
        changed = {difference.id: difference.after async for part in turns.parts(differing) for difference in part}
        came = [key for key in changed if key not in self.packages.rows]
        ids = await sorted_keys(self.ids, {key for key, package in changed.items() if package is None}, came, turns)
        return Index(
            packages=packages,
            grids=self.grids.evolved(grids),
            categories=self.categories.evolved(categories),
            facets=facets,
            participants=await self.participants.evolved(differing, packages, facets, turns),
            ids=ids,
            columns={name: await _column(name, column, changed, ids, turns) for name, column in self.columns.items()},
            values={name: await _values(self.values[name], VALUES[name], changed, turns) for name in VALUES},
            grid_texts=await _values(self.grid_texts, text, {each.id: each.after for each in grids}, turns),
        )


async def _column(
    name: str, column: Column[int, Any], changed: Mapping[int, Package | None], ids: list[int], turns: Turns
) -> Column[int, Any]:
    value_of, known = COLUMNS[name], column.values
    changes = {
        key: value
        async for part in turns.parts(changed.items())
        for key, package in part
        if (value := None if package is None else value_of(package)) != known.get(key)
    }
    return settled(await column.evolved(changes, ids, turns))


async def _values(
    values: Mapping[int, V], value_of: Callable[[Any], V], changed: Mapping[int, Record | None], turns: Turns
) -> Mapping[int, V]:
    found = dict(values)
    async for part in turns.parts(changed.items()):
        for key, record in part:
            if record is None:
                del found[key]
            else:
                found[key] = value_of(record)
    return found
