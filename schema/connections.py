"""Relay connections (Cursor Connections Specification)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Generic, TypeVar

import strawberry
from strawberry import federation

from execution import layer
from resolvers.stats import stats
from schema.stats import PackageStats

if TYPE_CHECKING:
    from schema.grid import Grid
    from schema.package import Package
    from schema.participant import Participant

T = TypeVar("T")

LazyGrid = Annotated["Grid", strawberry.lazy(".grid")]
LazyPackage = Annotated["Package", strawberry.lazy(".package")]
LazyParticipant = Annotated["Participant", strawberry.lazy(".participant")]


@federation.type(shareable=True, description="Where a page stands in its connection.")
class PageInfo:
    """A view of `resolvers.connections.PageInfo`."""

    has_next_page: bool = strawberry.field(description="Whether more items follow.")
    has_previous_page: bool = strawberry.field(description="Whether items come before.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first item; null when there is none.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last item; null when there is none.")


@strawberry.type(description="An item's place in a connection.")
class Edge(Generic[T]):
    """A view of `resolvers.connections.Edge`."""

    cursor: str = strawberry.field(description="The item's place, for `after` and `before`.")
    node: T | None = strawberry.field(description="The item; null when it alone could not be read.")


@strawberry.type(description="A page of a list.")
class Page:
    """What all connections have in common; a view of `resolvers.connections.Connection`."""

    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: int = strawberry.field(description="How many items there are on all pages.")


@strawberry.type(description="A page of a list.")
class Connection(Page, Generic[T]):
    """A connection to something."""

    edges: list[Edge[T]] = strawberry.field(description="The items with their cursors.")
    nodes: list[T | None] = strawberry.field(description="The items without their cursors.")


@strawberry.type(description="A page of a list of packages.")
class PackagePage(Page):
    """What connections to packages have in common; a view of `resolvers.stats.PackageConnection`."""

    @layer(stats, pure=True)
    def stats(self) -> PackageStats | None:
        """Statistics of the packages on all pages; null without a mirror where that would read the whole catalogue."""


@strawberry.type(description="A page of a list.")
class PackageConnection(PackagePage, Connection[LazyPackage]):
    """A connection to packages."""


@strawberry.type(description="A package that the same grids compare.")
class AlternativeEdge:
    """A view of `resolvers.edges.AlternativeEdge`."""

    cursor: str = strawberry.field(description="The alternative's place, for `after` and `before`.")
    node: LazyPackage | None = strawberry.field(description="The alternative; null when it could not be read.")
    shared_grids: int = strawberry.field(description="How many grids compare both packages.")


@strawberry.type(description="A page of the packages that the same grids compare.")
class AlternativeConnection(PackagePage):
    """A connection to alternatives."""

    edges: list[AlternativeEdge] = strawberry.field(description="The alternatives, who shares most grids first.")
    nodes: list[LazyPackage | None] = strawberry.field(description="The alternatives, and nothing else.")


@strawberry.type(description="Someone who committed to the same packages.")
class CollaboratorEdge:
    """A view of `resolvers.participants.CollaboratorEdge`."""

    cursor: str = strawberry.field(description="The collaborator's place, for `after` and `before`.")
    node: LazyParticipant | None = strawberry.field(description="The collaborator; null when it could not be read.")
    shared_packages: int = strawberry.field(description="How many packages both committed to.")


@strawberry.type(description="A page of those who committed to the same packages.")
class CollaboratorConnection(Page):
    """A connection to collaborators."""

    edges: list[CollaboratorEdge] = strawberry.field(description="The collaborators, who shares most packages first.")
    nodes: list[LazyParticipant | None] = strawberry.field(description="The collaborators, and nothing else.")


SearchResult = Annotated[
    LazyPackage | LazyGrid, strawberry.union("SearchResult", description="What a search finds: a package or a grid.")
]


@strawberry.type(description="A hit of a search.")
class SearchEdge:
    """A view of `resolvers.search.SearchEdge`."""

    cursor: str = strawberry.field(description="The hit's place, for `after` and `before`.")
    node: SearchResult | None = strawberry.field(description="What was found; null when it alone could not be read.")
    score: float = strawberry.field(description="How well it matches: more is better, among the hits of one search.")
    created: datetime | None = strawberry.field(description="When the search first knew the item; null when unknown.")
    modified: datetime | None = strawberry.field(
        description="When the search last saw the item change; null when unknown."
    )
    last_committed: datetime | None = strawberry.field(
        description="When the repository's last commit was made; null for a grid or when unknown."
    )
    last_released: datetime | None = strawberry.field(
        description="When the newest release was made; null for a grid, when there is none, or when unknown.",
        deprecation_reason="Always null with a mirror: the REST API gives it in its own search only. See "
        "`Package.pypiVersion` for whether there is a release.",
    )


@strawberry.type(description="A page of the hits of a search.")
class SearchConnection(Page):
    """A connection to hits."""

    edges: list[SearchEdge] = strawberry.field(description="The hits with what the search says of them, best first.")
    nodes: list[SearchResult | None] = strawberry.field(description="What was found, and nothing else.")
