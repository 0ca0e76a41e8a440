"""Statistics of some packages; each is worked out when it is asked for."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import accumulate
from operator import attrgetter, itemgetter
from typing import TypeAlias

from msgspec import Struct

from catalogue.columns import COLUMNS
from catalogue.facets import ONE_EACH, Facet
from upstream.records import MAX_INT, Package

Counts: TypeAlias = Sequence[tuple[int, int]]
"""How often each value is there, in ascending order of the values."""


class NumberStats(Struct, frozen=True, eq=False):
    """Statistics of a number; without any there is no largest and no median."""

    sum: int
    max: int | None
    median: float | None


class CategoryCount(Struct, frozen=True, eq=False):
    """How many packages are of a category, by its id."""

    package_count: int
    category: int


class PackageStats(Struct, frozen=True, eq=False):
    """Statistics of packages.

    Args:
        counts: from the name of a column to its values.
        count: from a facet to how many packages have it.
        categories: the ids of the categories that they may be of.
    """

    counts: Callable[[str], Counts]
    count: Callable[[Facet], int]
    categories: Collection[int]

    @property
    def repo_watchers(self) -> NumberStats:
        """Of the stars."""
        return _number_stats(self.counts("watchers"))

    @property
    def repo_forks(self) -> NumberStats:
        """Of the forks."""
        return _number_stats(self.counts("forks"))

    @property
    def commits_last_year(self) -> NumberStats:
        """Of the commits in the last 52 weeks."""
        return _number_stats(self.counts("commits"))

    @property
    def participant_count(self) -> NumberStats:
        """Of the numbers of participants."""
        return _number_stats(self.counts("participants"))

    @property
    def active_count(self) -> int:
        """How many had commits in the last 52 weeks."""
        return self.count(("active", True))

    @property
    def released_count(self) -> int:
        """How many have a release on PyPI."""
        return self.count(("released", True))

    @property
    def documented_count(self) -> int:
        """How many link to documentation."""
        return self.count(("documented", True))

    @property
    def by_category(self) -> list[CategoryCount]:
        """How many are of each category, most first."""
        counts = [CategoryCount(self.count(("category", category)), category) for category in sorted(self.categories)]
        return sorted(filter(attrgetter("package_count"), counts), key=attrgetter("package_count"), reverse=True)


def stats_of(packages: Sequence[Package]) -> PackageStats:
    """Return the statistics of packages, wherever they are from."""

    def counts(column: str) -> Counts:
        return sorted(Counter(map(COLUMNS[column], packages)).items())

    def count(facet: Facet) -> int:
        name, value = facet
        return list(map(ONE_EACH[name], packages)).count(value)

    return PackageStats(counts, count, {package.category for package in packages})


def _number_stats(counts: Counts) -> NumberStats:
    if not counts:
        return NumberStats(0, None, None)
    ends = list(accumulate(map(itemgetter(1), counts)))
    middle = [counts[bisect_right(ends, place)][0] for place in ((ends[-1] - 1) // 2, ends[-1] // 2)]
    total = sum(value * count for value, count in counts)
    return NumberStats(min(total, MAX_INT), counts[-1][0], sum(middle) / 2)
