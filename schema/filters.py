"""Filters and orders."""

from enum import Enum
from typing import Annotated, TypeVar

import strawberry

from catalogue import (
    ChangeKind,
    GridFilter,
    GridOrder,
    GridOrderBy,
    OrderDirection,
    PackageFilter,
    PackageOrder,
    PackageOrderBy,
    ParticipantFilter,
    ParticipantOrder,
    ParticipantOrderBy,
)
from execution.internals import enum_values, get_object_definition, leave_out_null
from resolvers.live import RecordType
from resolvers.search import SearchType
from resolvers.status import UpstreamStatus

E = TypeVar("E", bound=type[Enum])


def _enum(cls: E, description: str, **values: str) -> E:
    enum = strawberry.enum(cls, description=description)
    for value in enum_values(enum):
        value.description = values[value.name]
    return enum


_enum(
    PackageOrder,
    "What packages can be ordered by. Those that are equal are ordered by id.",
    TITLE="The title, whatever its case.",
    WATCHERS="How many people starred the repository.",
    FORKS="How many forks the repository has.",
    LAST_UPDATED="When the repository's last commit was made; unknown comes before everything known.",
    CREATED="When the package was added to the catalogue.",
    COMMITS="Commits in the last 52 weeks.",
    PARTICIPANTS="How many participants the catalogue lists.",
    MODIFIED="When the package's entry last changed.",
)
_enum(
    GridOrder,
    "What grids can be ordered by. Those that are equal are ordered by id.",
    TITLE="The title, whatever its case.",
    PACKAGES="How many packages the grid compares.",
    CREATED="When the grid was added to the catalogue.",
    MODIFIED="When the grid's entry last changed.",
)
_enum(
    ChangeKind,
    "What happened to a record.",
    ADDED="It was not there before.",
    CHANGED="Some of its fields are not what they were.",
    REMOVED="It is not there any more.",
)
_enum(
    OrderDirection,
    "Which way an order goes.",
    ASC="From the least to the most, from A to Z, from the oldest to the newest.",
    DESC="The other way round.",
)
_enum(
    ParticipantOrder,
    "What participants can be ordered by.",
    PACKAGES="How many packages they took part in; those that are equal are ordered by login.",
    LOGIN="The login, whatever its case.",
)
_enum(SearchType, "What a search finds.", PACKAGE="Packages.", GRID="Grids.")
_enum(RecordType, "The types of records that change.", PACKAGE="Packages.", GRID="Grids.", CATEGORY="Categories.")
_enum(
    UpstreamStatus,
    "Whether the upstream answered when it was last asked.",
    REACHABLE="It did.",
    UNREACHABLE="It did not; what is at hand is served on.",
    UNKNOWN="It has not been asked yet.",
)


def _input(cls: type, description: str, **fields: str) -> None:
    strawberry.input(cls, description=description)
    for field in get_object_definition(cls, strict=True).fields:
        field.description = fields[field.python_name]
        leave_out_null(field)


_input(
    PackageFilter,
    "Conditions on packages; all that are given must hold, so two that contradict each other let none pass. Of a list "
    "one item must, so an empty one lets none pass.",
    slugs="The package has one of these slugs.",
    pypi_names="The package has one of these names on PyPI, normalised as PEP 503 has it: `Django_Filter` is "
    "`django-filter`.",
    repo_urls="The package has one of these repositories; scheme, `www.`, `.git`, a slash at the end and the case of "
    "the host do not matter.",
    categories="The slugs of categories, of which the package has one.",
    grids="The slugs of grids, of which one lists the package.",
    category="The slug of the category.",
    grid="The slug of a grid that lists the package.",
    participant="The login of someone who committed, in whatever case.",
    text="Words that must occur in title, slug or description, whatever case and accents; 200 characters at most.",
    min_watchers="At least so many people starred the repository.",
    max_watchers="At most so many people starred the repository.",
    min_forks="The repository has at least so many forks.",
    max_forks="The repository has at most so many forks.",
    updated_after="The last commit was made after this moment.",
    updated_before="The last commit was made before this moment.",
    created_after="The package was added to the catalogue after this moment.",
    created_before="The package was added to the catalogue before this moment.",
    modified_after="The package's entry was edited after this moment. It does not see new stars, forks, commits and "
    "releases, which move `lastFetched` alone; `changes` sees everything.",
    fetched_after="The catalogue asked the repository's host and PyPI after this moment, whether or not anything was "
    "new. It does not see edits of the entry.",
    has_pypi_release="Whether there is a release on PyPI.",
    has_documentation="Whether there is a link to documentation.",
    is_active="Whether there were commits in the last 52 weeks.",
    repo_host="The host of the repository, such as `github.com`.",
)
_input(PackageOrderBy, "What to order packages by.", field="What to compare.", direction="Which way.")
_input(GridOrderBy, "What to order grids by.", field="What to compare.", direction="Which way.")
_input(ParticipantOrderBy, "What to order participants by.", field="What to compare.", direction="Which way.")
_input(
    GridFilter,
    "Conditions on grids; all that are given must hold.",
    text="Words that must occur in title, slug or description, whatever case and accents; 200 characters at most.",
    min_packages="The grid compares at least so many packages.",
    max_packages="The grid compares at most so many packages.",
    header="Whether the site lists the grid in its header.",
    is_locked="Whether only the site's staff may change the grid.",
    modified_after="The grid's entry was edited after this moment. It does not see which packages were put into the "
    "grid or taken out of it; `changes` sees everything.",
)
_input(ParticipantFilter, "Conditions on participants; all that are given must hold.", bots="Only bots, or none.")

ParticipantsFilter = Annotated[
    ParticipantFilter | None, strawberry.argument(description="Only the participants that pass.")
]
Filter = Annotated[PackageFilter | None, strawberry.argument(description="Only the packages that pass.")]
ListOrderBy = Annotated[
    PackageOrderBy | None, strawberry.argument(description="What comes first; by title when left out.")
]
OrderBy = Annotated[
    PackageOrderBy | None, strawberry.argument(description="What comes first; what was added last when left out.")
]
