"""Lists of packages, grids and participants: filtered, ordered, in pages."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from inspect import isawaitable
from typing import Any, Final

from catalogue import GridFilter, OrderDirection, PackageFilter, PackageOrderBy, ParticipantFilter, ParticipantOrder
from catalogue.columns import COLUMNS
from catalogue.facets import Facet, facets, wanted_facets
from catalogue.filters import narrowed, narrowed_grids, values_of
from catalogue.participants import facet_of
from loaders import RequestContext
from resolvers.connections import Connection, Edge, PageArguments, paginate, paginate_upstream
from resolvers.links import first_of, linked
from resolvers.roots import category_by_slug
from upstream import BadInputError, Category, Grid, Package, Participant

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
) -> list[Connection]:
    """Answer `packages`."""
    wanted = PageArguments(**arguments)
    if context.catalogue.has_mirror or filter or order_by:
        page = await _page(context, wanted, filter, order_by)
    else:
        page = await paginate_upstream(context, Package, wanted)
    return [page for _ in roots]


async def grids(
    roots: Sequence[None], context: RequestContext, filter: GridFilter | None = None, **arguments: Any
) -> list[Connection]:
    """Answer `grids`."""
    wanted = PageArguments(**arguments)
    if context.catalogue.has_mirror or filter:
        _check(filter.text if filter else None)
        index = await context.whole()
        await context.examine(len(index.grids) * _passes(filter.text) if filter else 0)
        found = narrowed_grids(index.grids, filter or GridFilter(), lambda grid: index.grid_texts[grid.id])
        found.sort(key=lambda grid: grid.id)
        page = paginate(found, wanted, lambda grid: (0, grid.id), descending=True)
    else:
        page = await paginate_upstream(context, Grid, wanted)
    return [page for _ in roots]


def having(facet: Callable[[Any], Facet]) -> Callable[..., Awaitable[list[Connection]]]:
    """Make the layer function of a connection to the packages that have a facet of the parent."""

    async def connection(
        parents: Sequence[Any],
        context: RequestContext,
        filter: PackageFilter | None = None,
        order_by: PackageOrderBy | None = None,
        **arguments: Any,
    ) -> list[Connection]:
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
    wanted = await _facets(context, filter)
    answers = linked(context, Package, [grid.packages for grid in grids])
    members = await answers if isawaitable(answers) else answers
    await context.examine(sum(map(len, members)) * _passes(filter.text if filter else None))
    return [list(first_of(_chosen(items, filter, wanted, order_by), first)) for items in members]


def _chosen(
    items: Sequence[Package | Exception],
    filter: PackageFilter | None,
    wanted: set[Facet],
    order_by: PackageOrderBy | None,
) -> list[Package | Exception]:
    read = [item for item in items if isinstance(item, Package)]
    chosen = narrowed((item for item in read if wanted.issubset(facets(item))), filter or EVERYTHING, values_of)
    if order_by is not None:
        value_of = COLUMNS[order_by.field.value]
        is_descending = order_by.direction is OrderDirection.DESC
        chosen.sort(key=lambda package: (value_of(package), package.id), reverse=is_descending)
    return [*chosen, *(item for item in items if isinstance(item, Exception))]


async def participant(roots: Sequence[None], context: RequestContext, login: str) -> list[Participant | None]:
    """Answer `participant`."""
    found = (await context.whole()).participants.get(login)
    return [found for _ in roots]


async def participants(
    roots: Sequence[None],
    context: RequestContext,
    filter: ParticipantFilter | None = None,
    order_by: ParticipantOrder = ParticipantOrder.PACKAGES,
    **arguments: Any,
) -> list[Connection]:
    """Answer `participants`."""
    wanted = PageArguments(**arguments)
    index = await context.whole()
    known, by_packages = index.participants.known, index.participants.by_packages
    by_login = order_by is ParticipantOrder.LOGIN
    logins = index.participants.logins if by_login else by_packages.keys
    if filter is not None and filter.bots is not None:
        await context.examine(len(logins))
        bots = index.participants.bots
        logins = [login for login in logins if (login in bots) is filter.bots]

    def edge(place: tuple[Any, ...], login: str) -> Edge:
        return Edge(place, known[login])

    key = _login_key if by_login else by_packages.place
    page = paginate(logins, wanted, key, edge, order=order_by.value)
    return [page for _ in roots]


async def package_counts(participants: Sequence[Participant], context: RequestContext) -> list[int]:
    """Answer `Participant.packageCount`."""
    index = await context.whole()
    return [index.participants.package_count(each) for each in participants]


async def package_counts_of_categories(categories: Sequence[Category], context: RequestContext) -> list[int]:
    """Answer `Category.packageCount`."""
    index = await context.whole()
    return [len(index.facets["category", category.id]) for category in categories]


class CollaboratorEdge(Edge, frozen=True, eq=False):
    """A participant who shares packages with another."""

    shared_packages: int


async def collaborators(
    participants: Sequence[Participant], context: RequestContext, **arguments: Any
) -> list[Connection]:
    """Answer `Participant.collaborators`: who shares most packages first, then by login."""
    wanted = PageArguments(**arguments)
    index = await context.whole()

    async def page(participant: Participant) -> Connection:
        packages = map(index.packages.get, index.facets[facet_of(participant)])
        await context.examine(sum(len(package.participants) for package in packages if package is not None))
        shared = index.participants.collaborators(participant)

        def edge(place: tuple[Any, ...], login: str) -> CollaboratorEdge:
            return CollaboratorEdge(place, index.participants.get(login), shared[login])

        keys = sorted((-count, login) for login, count in shared.items())
        return paginate(
            [login for _, login in keys], wanted, lambda login: (-shared[login], login), edge, order="shared"
        )

    return [await page(each) for each in participants]


async def _page(
    context: RequestContext,
    wanted: PageArguments,
    filter: PackageFilter | None,
    order_by: PackageOrderBy | None,
    *having: Facet,
) -> Connection:
    index = await context.whole()
    needed = {*having, *await _facets(context, filter)}
    order = order_by.field if order_by else None
    fewest = min((len(index.facets[each]) for each in needed), default=len(index.packages))
    await context.examine(fewest * _passes(filter.text) if filter else 0)
    found = index.select(filter or EVERYTHING, needed, order)
    # By id, what came last goes first, as the upstream lists it.
    descending = order_by is None or order_by.direction is OrderDirection.DESC
    name = order.value if order else "id"

    def edge(place: tuple[Any, ...], package_id: int) -> Edge:
        return Edge(place, index.packages.rows[package_id])

    return paginate(found, wanted, partial(index.place, order), edge, order=name, descending=descending)


async def _facets(context: RequestContext, filter: PackageFilter | None) -> set[Facet]:
    """Return the facets that a filter asks for; its slugs become ids.

    Raises:
        BadInputError: the filter's text is too long.
    """
    if filter is None:
        return set()
    _check(filter.text)
    wanted = set(wanted_facets(filter))
    if filter.category is not None:
        category = await category_by_slug(context, filter.category)
        wanted.add(("category", category.id) if category else NOTHING)
    if filter.grid is not None:
        grid = await context.one(Grid, filter.grid)
        wanted.add(("grid", grid.id) if grid else NOTHING)
    return wanted


def _check(text: str | None) -> None:
    if len(text or "") > MAX_TEXT_LENGTH:
        raise BadInputError(f"'text' must have at most {MAX_TEXT_LENGTH} characters, got {len(text or '')}.")


def _passes(text: str | None) -> int:
    """Return how often a filter looks at each record: once, and once for each word of its text."""
    return 1 + len((text or "").split())


def _login_key(login: str) -> tuple[str]:
    return (login,)
