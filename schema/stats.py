"""Statistics of packages."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from execution import layer
from resolvers.edges import category_of_packages

if TYPE_CHECKING:
    from schema.category import Category

LazyCategory = Annotated["Category", strawberry.lazy(".category")]


@strawberry.type(description="Statistics of a number that each of some packages has; an unknown one counts as 0.")
class PackageNumberStats:
    """A view of `catalogue.stats.NumberStats`."""

    sum: int = strawberry.field(description="All together; 0 without packages.")
    max: int | None = strawberry.field(description="The largest; null without packages.")
    median: float | None = strawberry.field(
        description="The middle one, or the mean of the two in the middle; null without packages."
    )


@strawberry.type(description="How many of some packages are of one category.")
class PackageCategoryCount:
    """A view of `catalogue.stats.CategoryCount`."""

    package_count: int = strawberry.field(description="How many; at least one.")

    @layer(category_of_packages, pure=True)
    def category(self) -> LazyCategory | None:
        """The kind of package; null only when it could not be read."""


@strawberry.type(description="Statistics of all packages of a connection, on whatever page they are.")
class PackageStats:
    """A view of `catalogue.stats.PackageStats`."""

    repo_watchers: PackageNumberStats = strawberry.field(description="Of the stars; 0 where no host tells them.")
    repo_forks: PackageNumberStats = strawberry.field(description="Of the forks; 0 where no host tells them.")
    commits_last_year: PackageNumberStats = strawberry.field(
        description="Of the commits in the last 52 weeks; 0 where the catalogue has no counts."
    )
    participant_count: PackageNumberStats = strawberry.field(
        description="Of how many participants a package has; someone who took part in two counts twice in the sum."
    )
    active_count: int = strawberry.field(description="How many had commits in the last 52 weeks (`isActive`).")
    released_count: int = strawberry.field(description="How many have a release on PyPI (`hasPypiRelease`).")
    documented_count: int = strawberry.field(description="How many have a link to documentation (`hasDocumentation`).")
    by_category: list[PackageCategoryCount] = strawberry.field(
        description="How many are of each category that there are any of, most first."
    )
