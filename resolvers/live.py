"""What changes in the catalogue, as it happens: the events of a subscription.

An event is made from what its subscriber was told last (`RequestContext.since`) and the log of changes: who is slow, or
was away, is told in one event of all that happened meanwhile.
"""

from collections.abc import Collection, Sequence
from enum import Enum
from typing import Final

from msgspec import Struct

from catalogue.changes import Change
from loaders import RequestContext
from resolvers.changes import ChangedRecord, changed_record, version_number
from upstream import BadInputError, CatalogueError

MAX_CHANGES: Final = 100
"""Changes of an event; of more it says only that they are there."""

MAX_SLUGS: Final = 200
"""Slugs that one subscription may name."""


class RecordType(Enum):
    """The types of records that change, by the names of their resources."""

    PACKAGE = "packages"
    GRID = "grids"
    CATEGORY = "categories"


class CatalogueChanged(Struct, frozen=True, eq=False):
    """An event: what changed from one version to another, or that it was too much to say."""

    version: str
    since: str
    changes: Sequence[ChangedRecord]
    is_truncated: bool


async def catalogue_changed(
    roots: Sequence[None],
    context: RequestContext,
    types: Collection[RecordType] | None = None,
    slugs: Collection[str] | None = None,
    since: str | None = None,
) -> list[CatalogueChanged]:
    """Answer `catalogueChanged`: the next event of a subscriber, which `is_news` unless nothing fits."""
    context.catalogue.check_mirror()
    if slugs is not None and len(slugs) > MAX_SLUGS:
        raise BadInputError(f"'slugs' may name {MAX_SLUGS} at the most.", argument="slugs")
    asked = None if since is None else version_number(since)
    context.not_kept()
    is_first, number = context.since is None, context.snapshot.number
    start = context.since if context.since is not None else number if asked is None else asked
    found = await _changes(context, start)
    fitting = [] if found is None else _fitting(found, types, slugs)
    context.is_news = is_first or found is None or bool(fitting)
    is_truncated = found is None or len(fitting) > MAX_CHANGES
    changes = [] if is_truncated else [changed_record(context.snapshot.index, each) for each in fitting]
    return [CatalogueChanged(str(number), str(start), changes, is_truncated) for _ in roots]


async def _changes(context: RequestContext, start: int) -> Sequence[Change] | None:
    """Return what changed since a version; `None` where that is not known (any more)."""
    snapshot = context.snapshot
    try:
        return await snapshot.changes.since(start, snapshot.number)
    except CatalogueError:
        return None


def _fitting(
    changes: Sequence[Change], types: Collection[RecordType] | None, slugs: Collection[str] | None
) -> list[Change]:
    """Return the changes of these types and slugs; what a renamed record was called is not known, so it always fits."""
    resources = None if types is None else {each.value for each in types}
    named = None if slugs is None else frozenset(slugs)
    return [
        each
        for each in changes
        if (resources is None or each.resource in resources)
        and (named is None or each.slug in named or "slug" in each.fields)
    ]
