"""The Category type."""

from datetime import datetime

import strawberry
from strawberry import federation

import upstream
from execution import layer
from resolvers.lists import packages_of_categories
from schema.arguments import After, Before, First, Last
from schema.connections import Connection, LazyPackage
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
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Filter = None,
        order_by: OrderBy = None,
    ) -> Connection[LazyPackage] | None:
        """The packages of this kind."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Tell a category from the other records of an interface or a union."""
        return isinstance(value, upstream.Category)
