"""The Category type."""

from datetime import datetime

import strawberry
from strawberry import UNSET, federation

import upstream
from execution import layer
from resolvers.lists import package_counts_of_categories, packages_of_categories
from schema.arguments import After, Before, First, Last
from schema.connections import PackageConnection
from schema.filters import Filter, OrderBy
from schema.node import Node


@federation.type(
    keys=["id", "slug"], description="One of the catalogue's few kinds of package: apps, frameworks, projects …"
)
class Category(Node):
    """A view of `upstream.Category`."""

    id: strawberry.ID = strawberry.field(description="The catalogue's id, as the REST API has it.")
    slug: str = strawberry.field(description="The name in URLs.")
    title: str = strawberry.field(description="The name of one package of this kind, such as `App`.")
    title_plural: str = strawberry.field(description="The name of several, such as `Apps`.")
    description: str = strawberry.field(description="What belongs here; may be empty.")
    show_pypi: bool = strawberry.field(description="Whether the site shows PyPI releases for packages of this kind.")
    created: datetime = strawberry.field(description="When the category was added to the catalogue.")
    modified: datetime = strawberry.field(description="When the category's entry last changed.")

    @layer(packages_of_categories, pure=True)
    def packages(
        self,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: Filter = UNSET,
        order_by: OrderBy = UNSET,
    ) -> PackageConnection | None:
        """The packages of this kind; null where an error says why."""

    @layer(package_counts_of_categories, pure=True)
    def package_count(self) -> int | None:
        """How many packages are of this kind; null where an error says why."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Tell a category from the other records of an interface or a union."""
        return isinstance(value, upstream.Category)
