"""The state of the gateway's copy of the catalogue."""

from datetime import datetime

import strawberry

from resolvers.status import UpstreamStatus
from schema.scalars import URL


@strawberry.type(description="The REST API that the gateway reads.")
class Upstream:
    """A view of `resolvers.status.UpstreamState`."""

    url: URL = strawberry.field(description="The base of the API.")
    status: UpstreamStatus = strawberry.field(description="Whether it answered when it was last asked.")
    paused_until: datetime | None = strawberry.field(
        description="Until when it is not asked, as it fails or said so itself (`Retry-After`, maintenance); else null."
    )


@strawberry.type(description="Why the catalogue could not be read.")
class SyncFailure:
    """A view of `catalogue.Failure`."""

    code: str = strawberry.field(description="The error's stable code, as in `extensions.code`.")
    message: str = strawberry.field(description="What went wrong the last time.")
    since: datetime = strawberry.field(description="When it went wrong the first time in a row.")


@strawberry.type(description="A row of a list that the REST API cannot give. What was known of it is served on.")
class UnreadRow:
    """A view of `catalogue.UnreadRow`."""

    resource: str = strawberry.field(description="Which list: `packages`, `grids` or `categories`.")
    offset: int = strawberry.field(description="Where the row stood in the list, by id, descending, from 0.")
    above: int | None = strawberry.field(description="The id of the row before it; null when it is the first.")
    below: int | None = strawberry.field(description="The id of the row behind it; null when it is the last.")


@strawberry.type(description="What the gateway has of the catalogue at this moment.")
class Catalogue:
    """A view of `resolvers.status.CatalogueState`."""

    version: strawberry.ID = strawberry.field(
        description="The number of the snapshot that answers are made from; it grows with every change. 0 is none yet."
    )
    package_count: int = strawberry.field(description="How many packages are at hand.")
    grid_count: int = strawberry.field(description="How many grids are at hand.")
    category_count: int = strawberry.field(description="How many categories are at hand.")
    participant_count: int = strawberry.field(description="How many participants the packages at hand have.")
    synced_at: datetime | None = strawberry.field(
        description="When the whole catalogue was last read; null before that, and without a mirror."
    )
    age: float | None = strawberry.field(
        description="Seconds since `syncedAt`; null where that is.", deprecation_reason="Use `ageSeconds`, the same."
    )
    age_seconds: float | None = strawberry.field(description="Seconds since `syncedAt`; null where that is.")
    is_complete: bool = strawberry.field(description="Whether the whole catalogue is at hand.")
    is_stale: bool = strawberry.field(
        description="Whether the next snapshot is overdue, or something is missing; see `extensions.staleness`."
    )
    next_sync_at: datetime | None = strawberry.field(
        description="When the whole catalogue is read the next time; null where this process does not read it."
    )
    sync_failure: SyncFailure | None = strawberry.field(
        description="Why it could not be read the last time; null when it could."
    )
    unread_rows: list[UnreadRow] = strawberry.field(description="What the REST API could not give at the last sync.")
    upstream: Upstream = strawberry.field(description="Where it comes from.")
