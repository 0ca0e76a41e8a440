"""Lists of packages and grids: filtered, ordered, in pages."""

from asyncio import gather
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from inspect import isawaitable
from typing import Any, Final

from catalogue import (
    GridFilter,
    GridOrder,
    GridOrderBy,
    PackageFilter,
    PackageOrder,
    PackageOrderBy,
)
from catalogue.columns import COLUMNS
from catalogue.facets import Facet, Wanted, has_all, wanted_facets
from catalogue.filters import conditions, narrowed, narrowed_grids, values_of
from catalogue.participants import facet_of
from catalogue.stats import stats_of
from loaders import RequestContext
from resolvers.connections import Connection, PageArguments, SortKey, is_descending, paginate, paginate_upstream
from resolvers.links import first_of, linked
from resolvers.roots import category_by_slug
from resolvers.stats import PackageConnection, with_stats
from upstream import BadInputError, Category, Grid, Package

MAX_TEXT_LENGTH: Final = 200
EVERYTHING: Final = PackageFilter()
NOTHING: Final[Facet] = ("nothing", None)
"""A facet that no package has."""


async def packages(
    roots: Sequence[None],
    context: RequestContext,
    filter: PackageFilter | None = None,
    order_by: PackageOrderBy | None = None,
    **arguments: Any,
) -> list[PackageConnection]:
    """Answer `packages`."""
    wanted = PageArguments(**arguments)
    if context.catalogue.has_mirror or filter or order_by:
        page = await _page(context, wanted, filter, order_by)
    else:
        page = with_stats(await paginate_upstream(context, Package, wanted), None)
    return [page for _ in roots]


async def grids(
    roots: Sequence[None],
    context: RequestContext,
    filter: GridFilter | None = None,
    order_by: GridOrderBy | None = None,
    **arguments: Any,
) -> list[Connection]:
    """Answer `grids`."""
    wanted = PageArguments(**arguments)
    if context.catalogue.has_mirror or filter or order_by:
        _check(filter.text if filter else None)
        index = await context.whole()
        await context.examine(len(index.grids) * passes(filter.text) if filter else 0)
        found = narrowed_grids(index.grids, filter or GridFilter(), lambda grid: index.grid_texts[grid.id])
        key, order = (_GRID_KEYS[order_by.field], order_by.field.value) if order_by else (_by_id, "id")
        page = paginate(sorted(found, key=key), wanted, key, order=order, descending=is_descending(order_by))
    else:
        page = await paginate_upstream(context, Grid, wanted)
    return [page for _ in roots]


def having(facet: Callable[[Any], Facet]) -> Callable[..., Awaitable[list[PackageConnection]]]:
    """Make the layer function of a connection to the packages that have a facet of the parent."""

    async def connection(
        parents: Sequence[Any],
        context: RequestContext,
        filter: PackageFilter | None = None,
        order_by: PackageOrderBy | None = None,
        **arguments: Any,
    ) -> list[PackageConnection]:
        wanted = PageArguments(**arguments)
        return [await _page(context, wanted, filter, order_by, facet(parent)) for parent in parents]

    return connection


packages_of_categories = having(lambda category: ("category", category.id))
packages_of_participants = having(facet_of)


async def packages_of_grids(
    grids: Sequence[Grid],
    context: RequestContext,
    first: int | None = None,
    filter: PackageFilter | None = None,
    order_by: PackageOrderBy | None = None,
) -> list[list[Package | Exception]]:
    """Answer `Grid.packages` where the list is filtered or ordered; what could not be read goes last."""

    def listed(chosen: list[Package], failed: list[Exception]) -> list[Package | Exception]:
        if order_by is not None:
            chosen = sorted(chosen, key=_package_key(order_by.field), reverse=is_descending(order_by))
        return list(first_of([*chosen, *failed], first))

    return [listed(*members) async for members in _members(grids, context, filter)]


async def package_connections_of_grids(
    grids: Sequence[Grid],
    context: RequestContext,
    filter: PackageFilter | None = None,
    order_by: PackageOrderBy | None = None,
    **arguments: Any,
) -> list[PackageConnection | Exception]:
    """Answer `Grid.packageConnection`, by title unless it is ordered; it fails where a package could not be read."""
    wanted = PageArguments(**arguments)
    order_by = order_by or PackageOrderBy(field=PackageOrder.TITLE)
    key, order, descending = _package_key(order_by.field), order_by.field.value, is_descending(order_by)

    def page(chosen: list[Package], failed: list[Exception]) -> PackageConnection | Exception:
        if failed:
            return failed[0]
        page = paginate(sorted(chosen, key=key), wanted, key, order=order, descending=descending)
        return with_stats(page, partial(stats_of, chosen))

    return [page(*members) async for members in _members(grids, context, filter)]


async def _members(
    grids: Sequence[Grid], context: RequestContext, filter: PackageFilter | None
) -> AsyncIterator[tuple[list[Package], list[Exception]]]:
    """Yield the packages of each grid that pass a filter, and why others could not be read."""
    wanted = await facets_of(context, filter)
    answers = linked(context, Package, [grid.packages for grid in grids])
    members = await answers if isawaitable(answers) else answers
    await context.examine(sum(map(len, members)) * passes(filter.text if filter else None))
    for items in members:
        await context.pause()
        read = (item for item in items if isinstance(item, Package))
        chosen = narrowed((item for item in read if has_all(item, wanted)), conditions(filter or EVERYTHING), values_of)
        yield chosen, [item for item in items if isinstance(item, Exception)]


async def package_counts_of_categories(categories: Sequence[Category], context: RequestContext) -> list[int]:
    """Answer `Category.packageCount`."""
    index = await context.whole()
    return [len(index.facets["category", category.id]) for category in categories]


async def _page(
    context: RequestContext,
    wanted: PageArguments,
    filter: PackageFilter | None,
    order_by: PackageOrderBy | None,
    *having: Facet,
) -> PackageConnection:
    index = await context.whole()
    needed = {*having, *await facets_of(context, filter)}
    order = order_by.field if order_by else None
    fewest = min((len(index.facets.ids(each)) for each in needed), default=len(index.packages))
    await context.examine(fewest * passes(filter.text) if filter else 0)
    found = index.select(filter or EVERYTHING, needed, context.snapshot.words)
    descending = is_descending(order_by)
    name = order.value if order else "id"

    node = index.packages.rows.__getitem__
    chosen = index.ordered(found, order)
    page = paginate(chosen, wanted, partial(index.place, order), node, order=name, descending=descending)
    return with_stats(page, partial(index.stats, found))


async def facets_of(context: RequestContext, filter: PackageFilter | None) -> set[Wanted]:
    """Return the facets that a filter asks for; its slugs become ids.

    Raises:
        BadInputError: the filter's text is too long.
    """
    if filter is None:
        return set()
    _check(filter.text)
    wanted: set[Wanted] = set(wanted_facets(filter))
    if filter.category is not None:
        category = await category_by_slug(context, filter.category)
        wanted.add(("category", category.id) if category else NOTHING)
    if filter.grid is not None:
        grid = await context.one(Grid, filter.grid)
        wanted.add(("grid", grid.id) if grid else NOTHING)
    if filter.categories is not None:
        slugs = set(filter.categories)
        wanted.add(frozenset(("category", each.id) for each in await context.categories() if each.slug in slugs))
    if filter.grids is not None:
        wanted.add(frozenset(("grid", grid.id) for grid in await _grids(context, filter.grids)))
    return wanted


async def _grids(context: RequestContext, slugs: Sequence[str]) -> list[Grid]:
    """Return the grids of these slugs: those at hand where there is a snapshot, as its packages are in no others."""
    slugs = list(dict.fromkeys(slugs))
    if context.snapshot.number:
        found = [context.named(Grid, slug) for slug in slugs]
    else:
        found = await gather(*(context.one(Grid, slug) for slug in slugs))
    return [grid for grid in found if grid is not None]


def _package_key(order: PackageOrder) -> Callable[[Package], tuple[Any, int]]:
    value_of = COLUMNS[order.value]
    return lambda package: (value_of(package), package.id)


def _by_id(grid: Grid) -> SortKey:
    return 0, grid.id


_GRID_KEYS: Final[dict[GridOrder, Callable[[Grid], SortKey]]] = {
    GridOrder.TITLE: lambda grid: (grid.title.casefold(), grid.id),
    GridOrder.PACKAGES: lambda grid: (len(grid.packages), grid.id),
    GridOrder.CREATED: lambda grid: (grid.created.timestamp(), grid.id),
    GridOrder.MODIFIED: lambda grid: (grid.modified.timestamp(), grid.id),
}
"""A grid's place in each order."""


def _check(text: str | None) -> None:
    if len(text or "") > MAX_TEXT_LENGTH:
        message = f"'text' must have at most {MAX_TEXT_LENGTH} characters, got {len(text or '')}."
        raise BadInputError(message, argument="filter.text")


def passes(text: str | None) -> int:
    """Return how often a filter looks at each record: once, and once for each word of its text."""
    return 1 + len((text or "").split())
