"""What the gateway holds of the catalogue, and how the upstream is."""

from collections.abc import Sequence
from datetime import datetime
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

    version: str
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
    context.not_kept()
    held, client = context.snapshot, context.catalogue.client
    index = held.index
    reached = {True: UpstreamStatus.REACHABLE, False: UpstreamStatus.UNREACHABLE, None: UpstreamStatus.UNKNOWN}
    state = CatalogueState(
        str(held.number),
        len(index.packages),
        len(index.grids),
        len(index.categories),
        len(index.participants),
        held.read_at,
        None if held.read_at is None else round(held.age, 3),
        held.is_whole,
        UpstreamState(str(client.base_url), reached[client.transport.is_reachable]),
    )
    return [state for _ in roots]
