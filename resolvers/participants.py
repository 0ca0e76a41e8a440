"""Participants: one by login, all, and those of a package or who share packages, in pages."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from catalogue import ParticipantFilter, ParticipantOrder, ParticipantOrderBy
from catalogue.lazily import Chosen, Lazily
from catalogue.participants import facet_of, most_first
from loaders import RequestContext
from resolvers.connections import Connection, Edge, PageArguments, SortKey, is_descending, paginate
from resolvers.links import participants_named
from upstream import BadInputError, Package, Participant


async def participant(roots: Sequence[None], context: RequestContext, login: str) -> list[Participant | None]:
    """Answer `participant`."""
    found = (await context.whole()).participants.get(login)
    return [found for _ in roots]


async def participants(
    roots: Sequence[None],
    context: RequestContext,
    filter: ParticipantFilter | None = None,
    order: ParticipantOrderBy | None = None,
    order_by: ParticipantOrder | None = None,
    **arguments: Any,
) -> list[Connection]:
    """Answer `participants`: `order_by` is the one of old, which has one direction for each field.

    Raises:
        BadInputError: both orders are given.
    """
    wanted = PageArguments(**arguments)
    if order is not None and order_by is not None:
        raise BadInputError("Give 'order' or 'orderBy', not both.", argument="orderBy")
    index = await context.whole()
    known, by_packages, bots = index.participants.known, index.participants.by_packages, index.participants.bots
    field = order.field if order else order_by or ParticipantOrder.PACKAGES
    by_login = field is ParticipantOrder.LOGIN
    key = _login_key if by_login else by_packages.place
    logins = index.participants.logins if by_login else by_packages.keys
    chosen = Chosen(logins, len(logins))
    if filter is not None and filter.bots is not None:
        await context.examine(len(logins))
        if filter.bots:
            chosen = Chosen(sorted(bots, key=key), len(bots))
        else:
            chosen = Chosen(logins, len(logins) - len(bots), lambda login: login not in bots)

    # Numbers of packages are negative there: who has most comes first.
    descending = order is not None and is_descending(order) is by_login
    page = paginate(chosen, wanted, key, known.__getitem__, order=field.value, descending=descending)
    return [page for _ in roots]


async def package_counts(participants: Sequence[Participant], context: RequestContext) -> list[int]:
    """Answer `Participant.packageCount`."""
    index = await context.whole()
    return [index.participants.package_count(each) for each in participants]


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
        counts = index.columns["participants"].values
        await context.examine(sum(map(counts.__getitem__, index.facets[facet_of(participant)])))
        shared = index.participants.collaborators(participant)

        def edge(place: tuple[Any, ...], login: str) -> CollaboratorEdge:
            return CollaboratorEdge(place, index.participants.get(login), shared[login])

        logins = Lazily(most_first(shared), len(shared))
        node = index.participants.get
        return paginate(logins, wanted, lambda login: (-shared[login], login), node, edge=edge, order="shared")

    return [await page(each) for each in participants]


async def participant_connections_of_packages(
    packages: Sequence[Package],
    context: RequestContext,
    filter: ParticipantFilter | None = None,
    order_by: ParticipantOrderBy | None = None,
    **arguments: Any,
) -> list[Connection]:
    """Answer `Package.participantConnection`, as the catalogue lists them unless it is ordered."""
    wanted = PageArguments(**arguments)
    counts = (await context.whole()).participants if order_by and order_by.field is ParticipantOrder.PACKAGES else None
    await context.examine(sum(len(package.participants) for package in packages))

    def page(package: Package) -> Connection:
        found = list(enumerate(participants_named(context, package.participants)))
        if filter is not None and filter.bots is not None:
            found = [each for each in found if each[1].is_bot is filter.bots]

        def key(each: tuple[int, Participant]) -> SortKey:
            number, participant = each
            if order_by is None:
                return (number,)
            count = counts.package_count(participant) if counts else 0
            return count, participant.login.casefold(), number

        order = order_by.field.value if order_by else "listed"
        descending = order_by is not None and is_descending(order_by)
        return paginate(sorted(found, key=key), wanted, key, itemgetter(1), order=order, descending=descending)

    pages: list[Connection] = []
    for package in packages:
        await context.pause()
        pages.append(page(package))
    return pages


def _login_key(login: str) -> tuple[str]:
    return (login,)
