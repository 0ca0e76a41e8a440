"""What the gateway holds of the catalogue, and how the upstream is."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import Enum

from msgspec import Struct

from loaders import RequestContext


class UpstreamStatus(Enum):
    """Whether the upstream answered when it was last asked."""

    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class UpstreamState(Struct, frozen=True, eq=False):
    """Which upstream is served, and how it is."""

    url: str
    status: UpstreamStatus


class CatalogueState(Struct, frozen=True, eq=False):
    """How much of the catalogue is at hand. `age` is in seconds."""

    package_count: int
    grid_count: int
    category_count: int
    participant_count: int
    synced_at: datetime | None
    age: float | None
    is_complete: bool
    upstream: UpstreamState


async def catalogue(roots: Sequence[None], context: RequestContext) -> list[CatalogueState]:
    """Answer `catalogue`: true at this moment only, so the answer is not kept."""
    context.note_age(0.0)
    held, client = context.catalogue, context.catalogue.client
    index, synced_at = held.index, held.version.synced_at
    reached = {True: UpstreamStatus.REACHABLE, False: UpstreamStatus.UNREACHABLE, None: UpstreamStatus.UNKNOWN}
    state = CatalogueState(
        len(index.packages),
        len(index.grids),
        len(index.categories),
        index.participant_count,
        None if synced_at is None else datetime.fromtimestamp(synced_at, UTC),
        None if synced_at is None else round(time.time() - synced_at, 3),
        held.is_whole,
        UpstreamState(str(client.base_url), reached[client.reachable]),
    )
    return [state for _ in roots]
