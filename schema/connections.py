"""Relay connections (Cursor Connections Specification)."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

import strawberry
from strawberry import federation

from schema.grid import Grid
from schema.package import Package

T = TypeVar("T")


@federation.type(shareable=True, description="Where a page stands in its connection.")
class PageInfo:
    """A view of `resolvers.connections.PageInfo`."""

    has_next_page: bool = strawberry.field(description="Whether more items follow.")
    has_previous_page: bool = strawberry.field(description="Whether items come before.")
    start_cursor: str | None = strawberry.field(
        description="The cursor of the page's first item; null when it is empty."
    )
    end_cursor: str | None = strawberry.field(description="The cursor of the page's last item; null when it is empty.")


@strawberry.type(description="An item's place in a connection.")
class Edge(Generic[T]):
    """A view of `resolvers.connections.Edge`."""

    cursor: str = strawberry.field(description="The item's place, for `after` and `before`.")
    node: T | None = strawberry.field(description="The item; null when it alone could not be read.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    """A view of `resolvers.connections.Connection`."""

    edges: list[Edge[T]] = strawberry.field(description="The items with their cursors.")
    nodes: list[T | None] = strawberry.field(description="The items without their cursors.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: int = strawberry.field(description="How many items there are on all pages.")


SearchResult = Annotated[
    Package | Grid, strawberry.union("SearchResult", description="What a search finds: a package or a grid.")
]


@strawberry.type(description="A hit of a search.")
class SearchEdge:
    """A view of `resolvers.search.SearchEdge`."""

    cursor: str = strawberry.field(description="The hit's place, for `after`.")
    node: SearchResult | None = strawberry.field(description="What was found; null when it alone could not be read.")
    score: int = strawberry.field(description="How much the search makes of the hit; more is better.")
    created: datetime | None = strawberry.field(description="When the search first knew the item.")
    modified: datetime | None = strawberry.field(description="When the search last looked at the item.")
    last_committed: datetime | None = strawberry.field(
        description="When the repository's last commit was made; null for a grid or when unknown."
    )
    last_released: datetime | None = strawberry.field(
        description="When the newest release was made; null for a grid or when there is none."
    )


@strawberry.type(description="The hits of a search, best first.")
class SearchConnection:
    """A view of `resolvers.search.SearchConnection`."""

    edges: list[SearchEdge] = strawberry.field(description="The hits with what the search says of them.")
    nodes: list[SearchResult | None] = strawberry.field(description="What was found, and nothing else.")
    page_info: PageInfo = strawberry.field(description="Where this page stands.")
    total_count: int = strawberry.field(description="How many hits there are on all pages.")
