"""Search: the upstream's hits, each with the record that its slug names."""

import asyncio
import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from loaders import Loaders
from resolvers.connections import PageInfo
from upstream import BadInputError, Grid, Package, SearchHit

MAX_QUERY_LENGTH: Final = 200


class SearchEdge(Struct, frozen=True, eq=False):
    """A hit: the record it names, or why that could not be read, and what the search says of it."""

    cursor: str
    node: Package | Grid | BaseException
    score: int
    created: datetime | None
    modified: datetime | None
    last_committed: datetime | None
    last_released: datetime | None


class SearchConnection(Struct, frozen=True, eq=False):
    """The hits of a search, best first."""

    edges: list[SearchEdge]
    page_info: PageInfo
    total_count: int

    @property
    def nodes(self) -> list[Package | Grid | BaseException]:
        """The records without what the search says of them."""
        return [edge.node for edge in self.edges]


async def search(roots: Sequence[None], loaders: Loaders, query: str) -> list[SearchConnection]:
    """Answer `search`; a hit whose record is gone is dropped (the upstream's index can be stale)."""
    if len(query) > MAX_QUERY_LENGTH:
        raise BadInputError(f"'query' must have at most {MAX_QUERY_LENGTH} characters, got {len(query)}.")
    # NUL is a 500 of the upstream, and half a surrogate pair cannot be sent.
    words = query.replace("\0", " ").encode("utf-8", "replace").decode().strip()
    hits = await loaders.catalogue.search(words) if words else ()
    found = await asyncio.gather(*(_named(loaders, hit) for hit in hits), return_exceptions=True)
    edges = [
        _edge(place, hit, node) for place, (hit, node) in enumerate(zip(hits, found, strict=True)) if node is not None
    ]
    ends = (edges[0].cursor, edges[-1].cursor) if edges else (None, None)
    return [SearchConnection(edges, PageInfo(False, False, *ends), len(edges)) for _ in roots]


async def _named(loaders: Loaders, hit: SearchHit) -> Package | Grid | None:
    return await (loaders.one(Grid, hit.slug) if hit.item_type == "grid" else loaders.one(Package, hit.slug))


def _edge(place: int, hit: SearchHit, node: Package | Grid | BaseException) -> SearchEdge:
    cursor = base64.b64encode(f"hit:{place}".encode()).decode()
    return SearchEdge(cursor, node, hit.score, hit.created, hit.modified, hit.last_committed, hit.last_released)
