"""What the gateway holds of the catalogue, and how the upstream is."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from msgspec import Struct

from catalogue import Failure, UnreadRow
from loaders import RequestContext


class UpstreamStatus(Enum):
    """Whether the upstream answered when it was last asked."""

    REACHABLE = "reachable"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class UpstreamState(Struct, frozen=True, eq=False):
    """Which upstream is served, how it is, and until when it is not asked."""

    url: str
    status: UpstreamStatus
    paused_until: datetime | None


class CatalogueState(Struct, frozen=True, eq=False):
    """How much of the catalogue is at hand. `age` is in seconds."""

    version: str
    package_count: int
    grid_count: int
    category_count: int
    participant_count: int
    synced_at: datetime | None
    age: float | None
    is_complete: bool
    is_stale: bool
    next_sync_at: datetime | None
    sync_failure: Failure | None
    unread_rows: Sequence[UnreadRow]
    upstream: UpstreamState

    @property
    def age_seconds(self) -> float | None:
        """The age by its better name."""
        return self.age


async def catalogue(roots: Sequence[None], context: RequestContext) -> list[CatalogueState]:
    """Answer `catalogue`: true at this moment only, so the answer is not kept."""
    context.not_kept()
    held, state, client = context.snapshot, context.catalogue.state, context.catalogue.client
    index = held.index
    reached = {True: UpstreamStatus.REACHABLE, False: UpstreamStatus.UNREACHABLE, None: UpstreamStatus.UNKNOWN}
    pause = client.transport.state.until or (state.failure and state.failure.until)
    found = CatalogueState(
        version=str(held.number),
        package_count=len(index.packages),
        grid_count=len(index.grids),
        category_count=len(index.categories),
        participant_count=len(index.participants),
        synced_at=held.read_at,
        age=None if held.read_at is None else round(held.age, 3),
        is_complete=held.is_whole,
        is_stale=held.is_stale,
        next_sync_at=state.next_sync_at,
        sync_failure=state.failure,
        unread_rows=held.unread,
        upstream=UpstreamState(str(client.base_url), reached[client.transport.is_reachable], pause),
    )
    return [found for _ in roots]
