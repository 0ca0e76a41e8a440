"""What a client may ask of the catalogue: filters and orders, the same wherever packages are listed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import compress, repeat
from operator import contains, ge, gt, le, lt
from typing import Any, Final, TypeAlias, TypeVar

from catalogue.columns import COLUMNS, UNKNOWN, VALUES, text
from catalogue.words import fold
from upstream.records import Grid, Package

SAMPLED: Final = 100
"""Packages of which some pass a condition, for a guess at how many of all do."""

T = TypeVar("T")

Condition: TypeAlias = tuple[str, Callable[[Any, Any], bool], Any]
"""A column, a comparison, and what the column's values are compared with."""


class PackageOrder(Enum):
    """What packages can be ordered by; the value names it in cursors."""

    TITLE = "title"
    WATCHERS = "watchers"
    FORKS = "forks"
    LAST_UPDATED = "updated"
    CREATED = "created"
    COMMITS = "commits"
    PARTICIPANTS = "participants"
    MODIFIED = "modified"


@dataclass(kw_only=True)
class PackageFilter:
    """Conditions that must all hold; of a list one item must. Slugs name categories and grids."""

    slugs: list[str] | None = None
    pypi_names: list[str] | None = None
    repo_urls: list[str] | None = None
    categories: list[str] | None = None
    grids: list[str] | None = None
    category: str | None = None
    grid: str | None = None
    participant: str | None = None
    text: str | None = None
    min_watchers: int | None = None
    max_watchers: int | None = None
    min_forks: int | None = None
    max_forks: int | None = None
    updated_after: datetime | None = None
    updated_before: datetime | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    modified_after: datetime | None = None
    fetched_after: datetime | None = None
    has_pypi_release: bool | None = None
    has_documentation: bool | None = None
    is_active: bool | None = None
    repo_host: str | None = None


class OrderDirection(Enum):
    """Which way an order goes."""

    ASC = "ascending"
    DESC = "descending"


@dataclass(kw_only=True)
class PackageOrderBy:
    """What to order packages by, and which way."""

    field: PackageOrder
    direction: OrderDirection = OrderDirection.ASC


class GridOrder(Enum):
    """What grids can be ordered by; the value names it in cursors."""

    TITLE = "title"
    PACKAGES = "packages"
    CREATED = "created"
    MODIFIED = "modified"


@dataclass(kw_only=True)
class GridOrderBy:
    """What to order grids by, and which way."""

    field: GridOrder
    direction: OrderDirection = OrderDirection.ASC


class ParticipantOrder(Enum):
    """What participants can be ordered by."""

    PACKAGES = "packages"
    LOGIN = "login"


@dataclass(kw_only=True)
class ParticipantOrderBy:
    """What to order participants by, and which way."""

    field: ParticipantOrder
    direction: OrderDirection = OrderDirection.ASC


@dataclass(kw_only=True)
class ParticipantFilter:
    """Conditions that must all hold."""

    bots: bool | None = None


@dataclass(kw_only=True)
class GridFilter:
    """Conditions that must all hold."""

    text: str | None = None
    min_packages: int | None = None
    max_packages: int | None = None
    header: bool | None = None
    is_locked: bool | None = None
    modified_after: datetime | None = None


def conditions(wanted: PackageFilter) -> Iterator[Condition]:
    """Yield the conditions that are not a facet."""
    for name, column, compare in _COMPARISONS:
        bound = getattr(wanted, name)
        if bound is not None:
            yield column, compare, bound.timestamp() if isinstance(bound, datetime) else bound
    if wanted.updated_before is not None:
        yield "updated", gt, UNKNOWN
    for word in fold(wanted.text or "").split():
        yield "text", contains, word


def values_of(column: str, packages: list[Package]) -> Iterable[Any]:
    """Return a column's value for each package, worked out from it."""
    return map((COLUMNS | VALUES)[column], packages)


def narrowed(
    items: Iterable[T], checks: Iterable[Condition], values: Callable[[str, list[T]], Iterable[Any]]
) -> list[T]:
    """Return those packages, in their order, that pass every condition.

    Args:
        items: what to choose from: packages, or their ids.
        checks: the conditions.
        values: from the name of a column and some items to that column's value for each.
    """
    found = list(items)
    sample = found[:: len(found) // SAMPLED + 1]

    def passing(check: Condition, some: list[T]) -> Iterable[bool]:
        column, compare, bound = check
        return map(compare, values(column, some), repeat(bound))

    # One pass a condition: each leaves less to the next, and the one that few pass goes first.
    for check in sorted(checks, key=lambda check: sum(passing(check, sample))):
        found = list(compress(found, passing(check, found)))
    return found


def narrowed_grids(grids: Iterable[Grid], wanted: GridFilter, text_of: Callable[[Grid], str] = text) -> list[Grid]:
    """Return those grids, in their order, that pass every condition.

    Args:
        grids: what to choose from.
        wanted: the conditions.
        text_of: from a grid to its folded text.
    """
    words = fold(wanted.text or "").split()
    low, high = wanted.min_packages, wanted.max_packages
    return [
        grid
        for grid in grids
        if (wanted.header is None or grid.header is wanted.header)
        and (wanted.is_locked is None or grid.is_locked is wanted.is_locked)
        and (wanted.modified_after is None or grid.modified > wanted.modified_after)
        and (low is None or len(grid.packages) >= low)
        and (high is None or len(grid.packages) <= high)
        and all(word in text_of(grid) for word in words)
    ]


_COMPARISONS: Final = (
    ("min_watchers", "watchers", ge),
    ("max_watchers", "watchers", le),
    ("min_forks", "forks", ge),
    ("max_forks", "forks", le),
    ("updated_after", "updated", gt),
    ("updated_before", "updated", lt),
    ("created_after", "created", gt),
    ("created_before", "created", lt),
    ("modified_after", "modified", gt),
    ("fetched_after", "fetched", gt),
)
"""A condition's name, the column that it is about, and how that compares with the bound."""
