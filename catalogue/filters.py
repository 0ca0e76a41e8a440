"""What a client may ask of the catalogue: filters and orders, the same wherever packages are listed."""

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from itertools import compress, repeat
from operator import attrgetter, contains, ge, gt, le, lt
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from upstream.records import Grid, Package

Facet: TypeAlias = tuple[str, Hashable]
"""Something that a package has or belongs to, such as `("participant", "nemesifier")`; the index knows who has it."""

SortKey: TypeAlias = tuple[Any, int]
"""Where a record stands in an order: its value and, for a stable order, its id."""

Values: TypeAlias = Callable[[str, list[Package]], Iterable[Any]]
"""From the name of a column and some packages to that column's value for each."""


class PackageOrder(Enum):
    """What packages can be ordered by; the value names it in cursors."""

    TITLE = "title"
    WATCHERS = "watchers"
    FORKS = "forks"
    LAST_UPDATED = "updated"
    CREATED = "created"
    COMMITS = "commits"
    PARTICIPANTS = "participants"


@dataclass(kw_only=True)
class PackageFilter:
    """Conditions that must all hold. Slugs name a category and a grid; the times have an offset."""

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


class ParticipantOrder(Enum):
    """What participants can be ordered by."""

    PACKAGES = "packages"
    LOGIN = "login"


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


def facets(package: Package) -> Iterator[Facet]:
    """Return all facets of a package."""
    yield "category", package.category
    yield "host", repo_host(package)
    yield "active", any(package.commits_over_52)
    yield "released", package.pypi_version is not None
    yield "documented", package.documentation_url is not None
    for grid in package.grids:
        yield "grid", grid
    for login in package.participants:
        yield "participant", login.casefold()


def wanted_facets(wanted: PackageFilter) -> Iterator[Facet]:
    """Return the facets that a filter asks for, except those it names by slug: category and grid."""
    if wanted.participant is not None:
        yield "participant", wanted.participant.casefold()
    if wanted.repo_host is not None:
        yield "host", wanted.repo_host.casefold().removeprefix("www.")
    for name, flag in (
        ("active", wanted.is_active),
        ("released", wanted.has_pypi_release),
        ("documented", wanted.has_documentation),
    ):
        if flag is not None:
            yield name, flag


def values_of(column: str, rows: list[Package]) -> Iterable[Any]:
    """Return a column's values, worked out from the packages."""
    return map(COLUMNS[column], rows)


def narrowed(packages: Iterable[Package], wanted: PackageFilter, values: Values = values_of) -> list[Package]:
    """Return those packages, in their order, that pass every condition which is not a facet.

    Args:
        packages: what to choose from.
        wanted: the conditions.
        values: where the values of a column come from.
    """
    # One pass a condition: each is cheap, and leaves less to the next.
    rows = list(packages)
    for name, column, compare in _COMPARISONS:
        bound = getattr(wanted, name)
        if isinstance(bound, datetime):
            bound = bound.timestamp()
        if bound is not None:
            rows = list(compress(rows, map(compare, values(column, rows), repeat(bound))))
    for word in (wanted.text or "").casefold().split():
        rows = list(compress(rows, map(contains, values("text", rows), repeat(word))))
    return rows


def narrowed_grids(grids: Iterable[Grid], wanted: GridFilter) -> list[Grid]:
    """Return those grids, in their order, that pass every condition."""
    words = (wanted.text or "").casefold().split()
    low, high = wanted.min_packages, wanted.max_packages
    return [
        grid
        for grid in grids
        if (wanted.header is None or grid.header is wanted.header)
        and (wanted.is_locked is None or grid.is_locked is wanted.is_locked)
        and (low is None or len(grid.packages) >= low)
        and (high is None or len(grid.packages) <= high)
        and all(word in text(grid) for word in words)
    ]


def text(record: Package | Grid) -> str:
    """Return what a text filter looks through: title, slug and description."""
    description = record.repo_description if isinstance(record, Package) else record.description
    return f"{record.title}\n{record.slug}\n{description}".casefold()


def repo_host(package: Package) -> str | None:
    """Return the host of the repository, without `www.`; `None` when there is none."""
    try:
        host = urlsplit(package.repo_url or "").hostname
    except ValueError:
        return None
    return host and host.removeprefix("www.")


def _timestamp(moment: datetime | None) -> float:
    """Return a timestamp; an unknown one compares false with everything."""
    return math.nan if moment is None else moment.timestamp()


def _known(moment: datetime | None) -> float:
    """Return a timestamp; unknown comes before everything known, the year 1 included."""
    return -1e11 if moment is None else moment.timestamp()


COLUMNS: Final[dict[str, Callable[[Package], Any]]] = {
    "watchers": attrgetter("repo_watchers"),
    "forks": attrgetter("repo_forks"),
    "updated": lambda package: _timestamp(package.last_updated),
    "created": lambda package: _timestamp(package.created),
    "text": text,
}
"""What conditions compare."""

_COMPARISONS: Final = (
    ("min_watchers", "watchers", ge),
    ("max_watchers", "watchers", le),
    ("min_forks", "forks", ge),
    ("max_forks", "forks", le),
    ("updated_after", "updated", gt),
    ("updated_before", "updated", lt),
    ("created_after", "created", gt),
    ("created_before", "created", lt),
)
"""A condition's name, the column that it is about, and how that compares with the bound."""

ORDER_KEYS: Final[dict[PackageOrder | None, Callable[[Package], SortKey]]] = {
    None: lambda package: (0, package.id),
    PackageOrder.TITLE: lambda package: (package.title.casefold(), package.id),
    PackageOrder.WATCHERS: lambda package: (package.repo_watchers, package.id),
    PackageOrder.FORKS: lambda package: (package.repo_forks, package.id),
    PackageOrder.LAST_UPDATED: lambda package: (_known(package.last_updated), package.id),
    PackageOrder.CREATED: lambda package: (package.created.timestamp(), package.id),
    PackageOrder.COMMITS: lambda package: (package.commits_last_year, package.id),
    PackageOrder.PARTICIPANTS: lambda package: (len(package.participants), package.id),
}
