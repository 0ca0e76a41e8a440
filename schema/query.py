"""The root of every query."""

from typing import Annotated

import strawberry
from strawberry.federation.schema import FederationAny

import upstream
from execution import layer
from resolvers.connections import windows_of
from resolvers.entities import entities
from resolvers.roots import categories, category, lookup, node, nodes
from resolvers.search import search
from schema.arguments import After, Before, ById, BySlug, First, Last
from schema.category import Category
from schema.connections import Connection, SearchConnection
from schema.grid import Grid
from schema.node import Node
from schema.package import Package
from schema.subgraph import Entity, Service, service


@strawberry.type(description="The catalogue of Django Packages.")
class Query:
    """Where every query starts."""

    @layer(lookup(upstream.Package))
    def package(self, id: ById = None, slug: BySlug = None) -> Package | None:
        """One package, by exactly one of `id` and `slug`; null when there is none."""

    @layer(lookup(upstream.Grid))
    def grid(self, id: ById = None, slug: BySlug = None) -> Grid | None:
        """One grid, by exactly one of `id` and `slug`; null when there is none."""

    @layer(category)
    def category(self, id: ById = None, slug: BySlug = None) -> Category | None:
        """One category, by exactly one of `id` and `slug`; null when there is none."""

    @layer(categories)
    def categories(self) -> list[Category] | None:
        """All categories, by id."""

    @layer(windows_of(upstream.Package))
    def packages(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Package] | None:
        """All packages, newest in the catalogue first."""

    @layer(windows_of(upstream.Grid))
    def grids(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Grid] | None:
        """All grids, newest in the catalogue first."""

    @layer(search)
    def search(
        self,
        query: Annotated[str, strawberry.argument(description="What to look for, in at most 200 characters.")],
    ) -> SearchConnection | None:
        """Packages and grids that match a text, best first."""

    @layer(node)
    def node(self, node_id: Annotated[strawberry.ID, strawberry.argument(description="A `nodeId`.")]) -> Node | None:
        """Anything by its global id; null when there is no such thing."""

    @layer(nodes)
    def nodes(
        self, node_ids: Annotated[list[strawberry.ID], strawberry.argument(description="Some `nodeId`s.")]
    ) -> list[Node | None]:
        """Several things by their global ids, in that order."""
        raise NotImplementedError

    @layer(entities, name="_entities")
    def _entities(
        self,
        representations: Annotated[
            list[FederationAny],
            strawberry.argument(description="For each entity `__typename` and the fields of a key."),
        ],
    ) -> list[Entity | None]:
        """The entities that a router names, in that order; an item is null when there is no such thing."""
        raise NotImplementedError

    _service: Service = strawberry.field(
        name="_service", resolver=service, description="This subgraph, for composition."
    )
