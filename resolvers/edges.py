"""The edges between records."""

from collections.abc import Awaitable, Sequence

from loaders import Answers, Loaders
from resolvers.links import answered, first_of, linked
from upstream import Category, Grid, Package, Participant


def grids_of_packages(
    packages: Sequence[Package], loaders: Loaders
) -> list[list[Grid | Exception]] | Awaitable[list[list[Grid | Exception]]]:
    """Answer `Package.grids`."""
    return linked(loaders, Grid, [package.grids for package in packages])


def packages_of_grids(
    grids: Sequence[Grid], loaders: Loaders, first: int | None = None
) -> list[list[Package | Exception]] | Awaitable[list[list[Package | Exception]]]:
    """Answer `Grid.packages`."""
    return linked(loaders, Package, [first_of(grid.packages, first) for grid in grids])


def category_of_packages(
    packages: Sequence[Package], loaders: Loaders
) -> list[Category | Exception | None] | Awaitable[list[Category | Exception | None]]:
    """Answer `Package.category`."""

    def each(answers: Answers[Category]) -> list[Category | Exception | None]:
        return [answers[package.category] for package in packages]

    return answered(loaders, Category, (package.category for package in packages), each)


def participants_of_packages(
    packages: Sequence[Package], loaders: Loaders, first: int | None = None
) -> list[list[Participant]]:
    """Answer `Package.participants`."""
    return [[Participant(login) for login in first_of(package.participants, first)] for package in packages]
