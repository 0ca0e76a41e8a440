"""Search: the mirror's own once the catalogue is whole, until then the upstream's."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from catalogue.search import SearchIndex
from loaders import RequestContext
from resolvers.connections import Connection, Edge, PageArguments, paginate
from upstream import BadInputError, Grid, Package, SearchHit

MAX_QUERY_LENGTH: Final = 200


class SearchEdge(Edge, frozen=True, eq=False):
    """A hit: the record it names, or why that could not be read, and what the search says of it."""

    score: float
    created: datetime | None
    modified: datetime | None
    last_committed: datetime | None
    last_released: datetime | None


async def search(roots: Sequence[None], context: RequestContext, query: str, **arguments: Any) -> list[Connection]:
    """Answer `search`."""
    wanted = PageArguments(**arguments)
    if len(query) > MAX_QUERY_LENGTH:
        raise BadInputError(
            f"'query' must have at most {MAX_QUERY_LENGTH} characters, got {len(query)}.", argument="query"
        )
    # NUL is a 500 of the upstream, and half a surrogate pair cannot be sent.
    words = query.replace("\0", " ").encode("utf-8", "replace").decode().strip()
    index = context.snapshot.search
    if index is None:
        page = await _upstream_page(context, words, wanted)
    else:
        await context.examine(len(context.snapshot.index.packages) + len(context.snapshot.index.grids))
        page = _page(context, index, words, wanted)
    return [page for _ in roots]


def _page(context: RequestContext, index: SearchIndex, words: str, wanted: PageArguments) -> Connection:
    hits = index.search(words)

    def edge(place: tuple[Any, ...], row: int) -> SearchEdge:
        record = index.record(row)
        committed = record.last_updated if isinstance(record, Package) else None
        created, modified = (record.created, record.modified) if record else (None, None)
        return SearchEdge(place, record, hits.score(row), created, modified, committed, None)

    return paginate(hits.rows, wanted, hits.key, edge, order="score")


async def _upstream_page(context: RequestContext, words: str, wanted: PageArguments) -> Connection:
    """Return a page of the upstream's hits; one whose record is gone is dropped (its index can be stale)."""
    hits = await context.search(words) if words else []
    found = await asyncio.gather(*(_named(context, hit) for hit in hits), return_exceptions=True)
    live = [(hit, node) for hit, node in zip(hits, found, strict=True) if node is not None]

    def edge(place: tuple[Any, ...], number: int) -> SearchEdge:
        hit, node = live[number]
        return SearchEdge(place, node, hit.score, hit.created, hit.modified, hit.last_committed, hit.last_released)

    return paginate(range(len(live)), wanted, lambda number: (number,), edge, order="place")


async def _named(context: RequestContext, hit: SearchHit) -> Package | Grid | None:
    return await (context.one(Grid, hit.slug) if hit.item_type == "grid" else context.one(Package, hit.slug))
