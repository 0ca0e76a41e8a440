"""Lists of packages, grids and participants: filtered, ordered, in pages."""

from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Any, Final

from loaders import Loaders
from resolvers.connections import Connection, Edge, Slice, page_of, window_of
from resolvers.links import first_of, linked
from resolvers.roots import category_by_slug
from upstream import (
    BadInputError,
    Grid,
    GridFilter,
    OrderDirection,
    Package,
    PackageFilter,
    PackageOrderBy,
    Participant,
    ParticipantFilter,
    ParticipantOrder,
)
from upstream.filters import ORDER_KEYS, Facet, facets, narrowed, narrowed_grids, wanted_facets
from upstream.records import BOT

MAX_TEXT_LENGTH: Final = 200
EVERYTHING: Final = PackageFilter()
NOTHING: Final[Facet] = ("nothing", None)
"""A facet that no package has."""


async def packages(
    roots: Sequence[None],
    loaders: Loaders,
    filter: PackageFilter | None = None,
    order_by: PackageOrderBy | None = None,
    **arguments: Any,
) -> list[Connection]:
    """Answer `packages`."""
    wanted = Slice(**arguments)
    if loaders.catalogue.has_mirror or filter or order_by:
        page = await _page(loaders, wanted, filter, order_by)
    else:
        page = await window_of(loaders, Package, wanted)
    return [page for _ in roots]


async def grids(
    roots: Sequence[None], loaders: Loaders, filter: GridFilter | None = None, **arguments: Any
) -> list[Connection]:
    """Answer `grids`."""
    wanted = Slice(**arguments)
    if loaders.catalogue.has_mirror or filter:
        _check(filter.text if filter else None)
        found = narrowed_grids((await loaders.catalogue.whole()).grids, filter or GridFilter())
        found.sort(key=lambda grid: grid.id)
        page = page_of(found, wanted, lambda grid: (0, grid.id), descending=True)
        loaders.use(Grid, page.nodes)
    else:
        page = await window_of(loaders, Grid, wanted)
    return [page for _ in roots]


def having(facet: Callable[[Any], Facet]) -> Callable[..., Awaitable[list[Connection]]]:
    """Make the layer function of a connection to the packages that have a facet of the parent."""

    async def connection(
        parents: Sequence[Any],
        loaders: Loaders,
        filter: PackageFilter | None = None,
        order_by: PackageOrderBy | None = None,
        **arguments: Any,
    ) -> list[Connection]:
        wanted = Slice(**arguments)
        return [await _page(loaders, wanted, filter, order_by, facet(parent)) for parent in parents]

    return connection


packages_of_categories = having(lambda category: ("category", category.id))
packages_of_participants = having(lambda participant: ("participant", participant.login.casefold()))


async def packages_of_grids(
    grids: Sequence[Grid],
    loaders: Loaders,
    first: int | None = None,
    filter: PackageFilter | None = None,
    order_by: PackageOrderBy | None = None,
) -> list[list[Package | Exception]]:
    """Answer `Grid.packages` where the list is filtered or ordered; what could not be read goes last."""
    wanted = await _facets(loaders, filter)
    answers = linked(loaders, Package, [grid.packages for grid in grids])
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


async def participant(roots: Sequence[None], loaders: Loaders, login: str) -> list[Participant | None]:
    """Answer `participant`."""
    found = (await loaders.catalogue.whole()).participant(login)
    return [found for _ in roots]


async def participants(
    roots: Sequence[None],
    loaders: Loaders,
    filter: ParticipantFilter | None = None,
    order_by: ParticipantOrder = ParticipantOrder.PACKAGES,
    **arguments: Any,
) -> list[Connection]:
    """Answer `participants`."""
    wanted = Slice(**arguments)
    index = await loaders.catalogue.whole()
    by_login = order_by is ParticipantOrder.LOGIN
    found: Sequence[Participant] = index.by_login() if by_login else index.participants()
    if filter is not None and filter.bots is not None:
        found = [each for each in found if each.login.endswith(BOT) is filter.bots]
    key = _login_key if by_login else index.participant_key
    page = page_of(found, wanted, key, order=order_by.value)
    loaders.note_age(loaders.catalogue.version.synced_at)
    return [page for _ in roots]


async def package_counts(participants: Sequence[Participant], loaders: Loaders) -> list[int]:
    """Answer `Participant.packageCount`."""
    index = await loaders.catalogue.whole()
    loaders.note_age(loaders.catalogue.version.synced_at)
    return [index.package_count(each) for each in participants]


class CollaboratorEdge(Edge, frozen=True, eq=False):
    """A participant who shares packages with another."""

    shared_packages: int


async def collaborators(participants: Sequence[Participant], loaders: Loaders, **arguments: Any) -> list[Connection]:
    """Answer `Participant.collaborators`: who shares most packages first, then by login."""
    wanted = Slice(**arguments)
    index = await loaders.catalogue.whole()
    loaders.note_age(loaders.catalogue.version.synced_at)

    def page(participant: Participant) -> Connection:
        shared = index.collaborators(participant)

        def edge(place: tuple[Any, ...], login: str) -> CollaboratorEdge:
            return CollaboratorEdge(place, index.participant(login), shared[login])

        keys = sorted((-count, login) for login, count in shared.items())
        return page_of(
            [login for _, login in keys], wanted, lambda login: (-shared[login], login), edge, order="shared"
        )

    return [page(each) for each in participants]


async def _page(
    loaders: Loaders,
    wanted: Slice,
    filter: PackageFilter | None,
    order_by: PackageOrderBy | None,
    *having: Facet,
) -> Connection:
    index = await loaders.catalogue.whole()
    needed = {*having, *await _facets(loaders, filter)}
    order = order_by.field if order_by else None
    found = index.select(filter or EVERYTHING, needed, order)
    # By id, what came last goes first, as the upstream lists it.
    descending = order_by is None or order_by.direction is OrderDirection.DESC
    name = order.value if order else "id"
    page = page_of(found, wanted, ORDER_KEYS[order], order=name, descending=descending)
    loaders.use(Package, page.nodes)
    return page


async def _facets(loaders: Loaders, filter: PackageFilter | None) -> set[Facet]:
    """Return the facets that a filter asks for; its slugs become ids.

    Raises:
        BadInputError: the filter's text is too long.
    """
    if filter is None:
        return set()
    _check(filter.text)
    wanted = set(wanted_facets(filter))
    if filter.category is not None:
        category = await category_by_slug(loaders, filter.category)
        wanted.add(("category", category.id) if category else NOTHING)
    if filter.grid is not None:
        grid = await loaders.one(Grid, filter.grid)
        wanted.add(("grid", grid.id) if grid else NOTHING)
    return wanted


def _check(text: str | None) -> None:
    if len(text or "") > MAX_TEXT_LENGTH:
        raise BadInputError(f"'text' must have at most {MAX_TEXT_LENGTH} characters, got {len(text or '')}.")


def _login_key(participant: Participant) -> tuple[str]:
    return (participant.login.casefold(),)
