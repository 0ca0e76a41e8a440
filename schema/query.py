"""The root of every query."""

from typing import Annotated

import strawberry
from strawberry import UNSET

import upstream
from catalogue import GridFilter, GridOrderBy, PackageFilter, ParticipantOrder, ParticipantOrderBy
from execution import layer
from execution.internals import FederationAny
from resolvers.changes import changes
from resolvers.entities import entities
from resolvers.lists import grids, packages
from resolvers.participants import participant, participants
from resolvers.roots import categories, category, lookup, node, nodes, package
from resolvers.search import SearchType, search
from resolvers.status import catalogue
from schema.arguments import After, Before, ById, BySlug, First, Last
from schema.category import Category
from schema.changes import ChangeConnection
from schema.connections import Connection, PackageConnection, SearchConnection
from schema.filters import Filter, OrderBy, ParticipantsFilter
from schema.grid import Grid
from schema.node import Node
from schema.package import Package
from schema.participant import Participant
from schema.status import Catalogue
from schema.subgraph import Entity, Service, service


@strawberry.type(description="The catalogue of Django Packages.")
class Query:
    """Where every query starts."""

    @layer(package, pure=True)
    def package(
        self,
        id: ById = UNSET,
        slug: BySlug = UNSET,
        pypi_name: Annotated[
            str | None, strawberry.argument(description="The name on PyPI, normalised as PEP 503 has it.")
        ] = UNSET,
        repo_url: Annotated[
            str | None,
            strawberry.argument(
                description="The repository's address; its scheme, `www.`, `.git`, a slash at the end and the case of "
                "the host do not matter."
            ),
        ] = UNSET,
    ) -> Package | None:
        """One package, by exactly one of the arguments; null when there is none. Of several, the one added first."""

    @layer(lookup(upstream.Grid), pure=True)
    def grid(self, id: ById = UNSET, slug: BySlug = UNSET) -> Grid | None:
        """One grid, by exactly one of `id` and `slug`; null when there is none."""

    @layer(search, pure=True)
    def search(
        self,
        query: Annotated[str, strawberry.argument(description="What to look for, in at most 200 characters.")],
        types: Annotated[
            list[SearchType] | None, strawberry.argument(description="Find only these; all when left out.")
        ] = UNSET,
        filter: Annotated[
            PackageFilter | None,
            strawberry.argument(description="Only the packages that pass; grids pass none."),
        ] = UNSET,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
    ) -> SearchConnection | None:
        """Packages and grids that match a text, best first: every word begins a word of the item.

        Words may be joined or parted otherwise than there (`restframework`), case and accents say nothing. Few hits are
        followed by those that a typo in a word of five letters or more would find. Null where an error says why.
        """

    @layer(packages, pure=True)
    def packages(
        self,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: Filter = UNSET,
        order_by: OrderBy = UNSET,
    ) -> PackageConnection | None:
        """All packages, or those that pass a filter; null where an error says why."""

    @layer(grids, pure=True)
    def grids(
        self,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: Annotated[GridFilter | None, strawberry.argument(description="Only the grids that pass.")] = UNSET,
        order_by: Annotated[
            GridOrderBy | None,
            strawberry.argument(description="What comes first; what was added last when left out."),
        ] = UNSET,
    ) -> Connection[Grid] | None:
        """All grids, or those that pass a filter; null where an error says why."""

    @layer(category, pure=True)
    def category(self, id: ById = UNSET, slug: BySlug = UNSET) -> Category | None:
        """One category, by exactly one of `id` and `slug`; null when there is none."""

    @layer(categories, pure=True)
    def categories(self) -> list[Category] | None:
        """All categories, by id; null where an error says why."""

    @layer(participant, pure=True)
    def participant(
        self, login: Annotated[str, strawberry.argument(description="The login, in whatever case.")]
    ) -> Participant | None:
        """One participant; null when no package has one of that login."""

    @layer(participants, pure=True)
    def participants(
        self,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: ParticipantsFilter = UNSET,
        order: Annotated[
            ParticipantOrderBy | None,
            strawberry.argument(description="What comes first; who took part in most packages when left out."),
        ] = UNSET,
        order_by: Annotated[
            ParticipantOrder | None,
            strawberry.argument(
                description="What comes first: `PACKAGES` has who took part in most, `LOGIN` goes from A to Z.",
                deprecation_reason="It has no direction. Use `order`.",
            ),
        ] = UNSET,
    ) -> Connection[Participant] | None:
        """All participants, or those that pass a filter; null where an error says why."""

    @layer(catalogue)
    def catalogue(self) -> Catalogue:
        """What the gateway has of the catalogue at this moment, and how its upstream is."""
        raise NotImplementedError

    @layer(changes)
    def changes(
        self,
        since: Annotated[
            strawberry.ID, strawberry.argument(description="A `version`, of `catalogue` or of `changes`.")
        ],
        first: First = UNSET,
        after: After = UNSET,
    ) -> ChangeConnection | None:
        """What was added, changed or removed since a version; null where an error says why (`CHANGES_UNKNOWN`)."""

    @layer(node, pure=True)
    def node(self, node_id: Annotated[strawberry.ID, strawberry.argument(description="A `nodeId`.")]) -> Node | None:
        """Anything by its global id; null when there is no such thing."""

    @layer(nodes, pure=True)
    def nodes(
        self, node_ids: Annotated[list[strawberry.ID], strawberry.argument(description="Some `nodeId`s.")]
    ) -> list[Node | None]:
        """Several things by their global ids, in that order."""
        raise NotImplementedError

    @layer(entities, pure=True, name="_entities")
    def _entities(
        self,
        representations: Annotated[
            list[FederationAny],
            strawberry.argument(description="For each entity `__typename` and the fields of a key."),
        ],
    ) -> list[Entity | None]:
        """The entities that a router names, in that order; an item is null when there is no such thing."""
        raise NotImplementedError

    @strawberry.field(name="_service", description="This subgraph, for composition.")  # type: ignore[untyped-decorator]
    def _service(self, info: strawberry.Info) -> Service:
        return service(info)
