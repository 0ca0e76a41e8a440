"""The Package type."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry import UNSET, federation

import upstream
from catalogue import ParticipantOrderBy
from execution import layer
from resolvers.edges import (
    alternatives_of_packages,
    category_of_packages,
    grid_counts_of_packages,
    grids_of_packages,
    participants_of_packages,
)
from resolvers.participants import participant_connections_of_packages
from schema.arguments import After, Before, First, FirstItems, Last
from schema.category import Category
from schema.connections import AlternativeConnection, Connection
from schema.filters import ParticipantsFilter
from schema.grid import Grid
from schema.node import Node
from schema.participant import Participant
from schema.scalars import URL


@federation.type(keys=["id", "slug"], description="A package of the catalogue: an app, a framework, a project …")
class Package(Node):
    """A view of `upstream.Package`."""

    id: strawberry.ID = strawberry.field(description="The catalogue's id, as the REST API has it.")
    slug: str = strawberry.field(description="The name in URLs.")
    title: str = strawberry.field(description="The name that people read; it may hold spaces and emoji.")
    created: datetime = strawberry.field(description="When the package was added to the catalogue.")
    modified: datetime = strawberry.field(description="When the package's entry last changed.")
    last_updated: datetime | None = strawberry.field(
        description="When the last commit was made, as far as the catalogue knows; null when it does not."
    )
    last_fetched: datetime | None = strawberry.field(
        description="When the catalogue last asked the repository's host and PyPI; null when it never did."
    )
    repo_url: URL | None = strawberry.field(description="The repository's page; null when there is none.")
    repo_description: str = strawberry.field(description="What the repository says of itself; may be empty.")
    repo_watchers: int = strawberry.field(description="The stars: how many people starred the repository.")
    repo_forks: int = strawberry.field(description="How many forks the repository has.")
    commits_over_52: list[int] = strawberry.field(
        name="commitsOver52",
        description="Weekly commits of the last 52 weeks, oldest first; empty when the catalogue has no counts.",
    )
    commits_last_year: int = strawberry.field(description="Commits in the last 52 weeks: the sum of `commitsOver52`.")
    pypi_url: URL | None = strawberry.field(description="The project's page on PyPI; null when there is none.")
    pypi_version: str | None = strawberry.field(description="The newest release on PyPI; null when there is none.")
    pypi_name: str | None = strawberry.field(
        description="The project's name on PyPI, taken from `pypiUrl`; null when that names no project."
    )
    documentation_url: URL | None = strawberry.field(description="The documentation; null when there is none.")
    web_url: URL = strawberry.field(description="The package's page on the site.")

    @layer(category_of_packages, pure=True)
    def category(self) -> Category | None:
        """The kind of package; null only when it could not be read."""

    @layer(grids_of_packages, pure=True)
    def grids(self) -> list[Grid | None] | None:
        """The grids that compare this package, in no order. An item is null when that grid alone could not be read."""

    @layer(grid_counts_of_packages, pure=True)
    def grid_count(self) -> int:
        """How many grids compare this package, of those at hand; without a mirror, as many as it links to."""

    participant_count: int = strawberry.field(description="How many participants the catalogue lists.")

    @layer(participants_of_packages, pure=True)
    def participants(self, first: FirstItems = UNSET) -> list[Participant]:
        """Who committed to the repository, as the catalogue lists them."""

    @layer(participant_connections_of_packages, pure=True)
    def participant_connection(
        self,
        first: First = UNSET,
        after: After = UNSET,
        last: Last = UNSET,
        before: Before = UNSET,
        filter: ParticipantsFilter = UNSET,
        order_by: Annotated[
            ParticipantOrderBy | None,
            strawberry.argument(description="What comes first; as the catalogue lists them when left out."),
        ] = UNSET,
    ) -> Connection[Participant] | None:
        """Who committed to the repository, in pages; null where an error says why."""

    @layer(alternatives_of_packages, pure=True)
    def alternatives(
        self, first: First = UNSET, after: After = UNSET, last: Last = UNSET, before: Before = UNSET
    ) -> AlternativeConnection | None:
        """The other packages that the same grids compare; null where an error says why."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        """Tell a package from the other records of an interface or a union."""
        return isinstance(value, upstream.Package)
