"""Lists of packages, grids and participants: filtered, ordered, in pages."""

from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Any, Final

from catalogue import GridFilter, OrderDirection, PackageFilter, PackageOrderBy, ParticipantFilter, ParticipantOrder
from catalogue.filters import ORDER_KEYS, Facet, facets, narrowed, narrowed_grids, wanted_facets
from loaders import RequestContext
from resolvers.connections import Connection, Edge, PageArguments, paginate, paginate_upstream
from resolvers.links import first_of, linked
from resolvers.roots import category_by_slug
from upstream import BadInputError, Grid, Package, Participant
from upstream.records import BOT

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
        found = narrowed_grids((await context.whole()).grids, filter or GridFilter())
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
packages_of_participants = having(lambda participant: ("participant", participant.login.casefold()))


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
    return [list(first_of(_chosen(items, filter, wanted, order_by), first)) for items in members]


def _chosen(
    items: Sequence[Package | Exception],
    filter: PackageFilter | None,
    wanted: set[Facet],
    order_by: PackageOrderBy | None,
) -> list[Package | Exception]:
    read = [item for item in items if isinstance(item, Package)]
    chosen = narrowed((item for item in read if wanted.issubset(facets(item))), filter or EVERYTHING)
    if order_by is not None:
        chosen.sort(key=ORDER_KEYS[order_by.field], reverse=order_by.direction is OrderDirection.DESC)
    return [*chosen, *(item for item in items if isinstance(item, Exception))]


async def participant(roots: Sequence[None], context: RequestContext, login: str) -> list[Participant | None]:
    """Answer `participant`."""
    found = (await context.whole()).participant(login)
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
    by_login = order_by is ParticipantOrder.LOGIN
    found: Sequence[Participant] = index.by_login() if by_login else index.participants()
    if filter is not None and filter.bots is not None:
        found = [each for each in found if each.login.endswith(BOT) is filter.bots]
    key = _login_key if by_login else index.participant_key
    page = paginate(found, wanted, key, order=order_by.value)
    return [page for _ in roots]


async def package_counts(participants: Sequence[Participant], context: RequestContext) -> list[int]:
    """Answer `Participant.packageCount`."""
    index = await context.whole()
    return [index.package_count(each) for each in participants]


class CollaboratorEdge(Edge, frozen=True, eq=False):
    """A participant who shares packages with another."""

    shared_packages: int


async def collaborators(
    participants: Sequence[Participant], context: RequestContext, **arguments: Any
) -> list[Connection]:
    """Answer `Participant.collaborators`: who shares most packages first, then by login."""
    wanted = PageArguments(**arguments)
    index = await context.whole()

    def page(participant: Participant) -> Connection:
        shared = index.collaborators(participant)

        def edge(place: tuple[Any, ...], login: str) -> CollaboratorEdge:
            return CollaboratorEdge(place, index.participant(login), shared[login])

        keys = sorted((-count, login) for login, count in shared.items())
        return paginate(
            [login for _, login in keys], wanted, lambda login: (-shared[login], login), edge, order="shared"
        )

    return [page(each) for each in participants]


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
    found = index.select(filter or EVERYTHING, needed, order)
    # By id, what came last goes first, as the upstream lists it.
    descending = order_by is None or order_by.direction is OrderDirection.DESC
    name = order.value if order else "id"
    return paginate(found, wanted, ORDER_KEYS[order], order=name, descending=descending)


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


def _login_key(participant: Participant) -> tuple[str]:
    return (participant.login.casefold(),)
