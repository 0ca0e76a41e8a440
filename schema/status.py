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
    age: float | None = strawberry.field(description="Seconds since `syncedAt`; null where that is.")
    is_complete: bool = strawberry.field(description="Whether the whole catalogue is at hand.")
    upstream: Upstream = strawberry.field(description="Where it comes from.")
