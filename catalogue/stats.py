"""Statistics of some packages; each is worked out when it is asked for."""

from collections.abc import Callable, Collection, Sequence
from operator import attrgetter
from statistics import median

from msgspec import Struct

from catalogue.columns import COLUMNS
from catalogue.facets import ONE_EACH, Facet
from upstream.records import MAX_INT, Package


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
        ascending: from the name of a column to its values, in ascending order.
        count: from a facet to how many packages have it.
        categories: the ids of the categories that they may be of.
    """

    ascending: Callable[[str], Sequence[int]]
    count: Callable[[Facet], int]
    categories: Collection[int]

    @property
    def repo_watchers(self) -> NumberStats:
        """Of the stars."""
        return _number_stats(self.ascending("watchers"))

    @property
    def repo_forks(self) -> NumberStats:
        """Of the forks."""
        return _number_stats(self.ascending("forks"))

    @property
    def commits_last_year(self) -> NumberStats:
        """Of the commits in the last 52 weeks."""
        return _number_stats(self.ascending("commits"))

    @property
    def participant_count(self) -> NumberStats:
        """Of the numbers of participants."""
        return _number_stats(self.ascending("participants"))

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

    def ascending(column: str) -> Sequence[int]:
        return sorted(map(COLUMNS[column], packages))

    def count(facet: Facet) -> int:
        name, value = facet
        return list(map(ONE_EACH[name], packages)).count(value)

    return PackageStats(ascending, count, {package.category for package in packages})


def _number_stats(ascending: Sequence[int]) -> NumberStats:
    if not ascending:
        return NumberStats(0, None, None)
    return NumberStats(min(sum(ascending), MAX_INT), ascending[-1], float(median(ascending)))
