"""The Grid type."""

from datetime import datetime

import strawberry
from strawberry import UNSET, federation

import upstream
from execution import layer
from resolvers.edges import package_counts_of_grids, packages_of_grids
from resolvers.lists import package_connections_of_grids
from schema.arguments import After, Before, First, FirstItems, Last
from schema.connections import LazyPackage, PackageConnection
from schema.filters import Filter, ListOrderBy
from schema.node import Node
from schema.scalars import URL


@federation.type(keys=["id", "slug"], description="A comparison of packages that serve the same purpose, side by side.")
class Grid(Node):
    """A view of `upstream.Grid`."""

    id: strawberry.ID = strawberry.field(description="The catalogue's id, as the REST API has it.")
    slug: str = strawberry.field(description="The name in URLs.")
    title: str = strawberry.field(description="The name that people read.")
    description: str = strawberry.field(description="What the compared packages are for; may be empty.")
    is_locked: bool = strawberry.field(description="Whether only the site's staff may change the grid.")
    header: bool = strawberry.field(description="Whether the site lists the grid in its header.")
    created: datetime = strawberry.field(description="When the grid was added to the catalogue.")
    modified: datetime = strawberry.field(description="When the grid's entry last changed.")
    web_url: URL = strawberry.field(description="The grid's page on the site.")

    @layer(packages_of_grids, pure=True)
    def packages(
        self, first: FirstItems = UNSET, filter: Filter = UNSET, order_by: ListOrderBy = UNSET
    ) -> list[LazyPackage | None] | None:
        """The packages that are compared. An item is null when that package alone could not be read."""

    @layer(package_connections_of_grids, pure=True)
    def package_connection(
        self,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: Filter = UNSET,
        order_by: ListOrderBy = UNSET,
    ) -> PackageConnection | None:
        """The packages that are compared, in pages; null where an error says why."""

    @layer(package_counts_of_grids, pure=True)
    def package_count(self) -> int:
        """How many packages are compared, of those at hand; without a mirror, as many as the grid links to."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Tell a grid from the other records of an interface or a union."""
        return isinstance(value, upstream.Grid)
