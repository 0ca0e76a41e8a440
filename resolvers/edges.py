"""The edges between records."""

from collections import Counter
from collections.abc import Awaitable, Sequence
from functools import partial
from inspect import isawaitable
from typing import Any

from catalogue import PackageFilter, PackageOrderBy
from catalogue.stats import stats_of
from loaders import Loaded, RequestContext
from resolvers.connections import Edge, PageArguments, paginate
from resolvers.links import answered, counted, first_of, linked, participants_named
from resolvers.lists import packages_of_grids as chosen_packages_of_grids
from resolvers.stats import PackageConnection, with_stats
from upstream import Category, Grid, Package, Participant


def grids_of_packages(
    packages: Sequence[Package], context: RequestContext
) -> list[list[Grid | Exception]] | Awaitable[list[list[Grid | Exception]]]:
    """Answer `Package.grids`."""
    return linked(context, Grid, [package.grids for package in packages])


def packages_of_grids(
    grids: Sequence[Grid],
    context: RequestContext,
    first: int | None = None,
    filter: PackageFilter | None = None,
    order_by: PackageOrderBy | None = None,
) -> list[list[Package | Exception]] | Awaitable[list[list[Package | Exception]]]:
    """Answer `Grid.packages`; without a filter only those that are wanted are read."""
    if filter or order_by:
        return chosen_packages_of_grids(grids, context, first, filter, order_by)
    return linked(context, Package, [first_of(grid.packages, first) for grid in grids])


def grid_counts_of_packages(packages: Sequence[Package], context: RequestContext) -> list[int]:
    """Answer `Package.gridCount`."""
    return counted(context, Grid, [package.grids for package in packages])


def package_counts_of_grids(grids: Sequence[Grid], context: RequestContext) -> list[int]:
    """Answer `Grid.packageCount`."""
    return counted(context, Package, [grid.packages for grid in grids])


def category_of_packages(
    packages: Sequence[Package], context: RequestContext
) -> list[Category | Exception | None] | Awaitable[list[Category | Exception | None]]:
    """Answer `Package.category`."""
    rows = context.snapshot.index.categories.rows
    at_hand: list[Category | Exception | None] = [rows.get(package.category) for package in packages]
    if all(at_hand):
        return at_hand

    def each(answers: Loaded[Category]) -> list[Category | Exception | None]:
        return [answers[package.category] for package in packages]

    return answered(context, Category, [package.category for package in packages], each)


def participants_of_packages(
    packages: Sequence[Package], context: RequestContext, first: int | None = None
) -> list[list[Participant]]:
    """Answer `Package.participants`."""
    return [participants_named(context, first_of(package.participants, first)) for package in packages]


class AlternativeEdge(Edge, frozen=True, eq=False):
    """A package that is compared with another."""

    shared_grids: int


async def alternatives_of_packages(
    packages: Sequence[Package], context: RequestContext, **arguments: Any
) -> list[PackageConnection | Exception]:
    """Answer `Package.alternatives`: who shares most grids first, then by watchers."""
    wanted = PageArguments(**arguments)
    links = linked(context, Grid, [package.grids for package in packages])
    grids = await links if isawaitable(links) else links
    await context.examine(sum(len(grid.packages) for each in grids for grid in each if isinstance(grid, Grid)))
    shared = [_shared(package, each) for package, each in zip(packages, grids, strict=True)]
    answers = context.many(Package, (key for counts in shared if isinstance(counts, Counter) for key in counts))
    members = await answers if isawaitable(answers) else answers
    pages: list[PackageConnection | Exception] = []
    for counts in shared:
        await context.pause()
        pages.append(counts if isinstance(counts, Exception) else _alternatives(counts, members, wanted))
    return pages


def _shared(package: Package, grids: Sequence[Grid | Exception]) -> "Counter[int] | Exception":
    counts: Counter[int] = Counter()
    for grid in grids:
        if isinstance(grid, Exception):
            return grid
        counts.update(set(grid.packages))
    del counts[package.id]
    return counts


def _alternatives(
    counts: "Counter[int]", members: Loaded[Package], wanted: PageArguments
) -> PackageConnection | Exception:
    found: list[Package] = []
    for key in counts:
        member = members[key]
        if isinstance(member, Exception):
            return member
        if member is not None:
            found.append(member)

    def key_of(package: Package) -> tuple[int, int, int]:
        return -counts[package.id], -package.repo_watchers, package.id

    def edge(place: tuple[Any, ...], package: Package) -> AlternativeEdge:
        return AlternativeEdge(place, package, counts[package.id])

    page = paginate(sorted(found, key=key_of), wanted, key_of, edge=edge, order="shared")
    return with_stats(page, partial(stats_of, found))
