"""Search: the mirror's own once the catalogue is whole, until then the upstream's."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import Enum
from typing import Any, Final, NamedTuple

from pyroaring import FrozenBitMap

from catalogue import Index, PackageFilter
from catalogue.facets import Wanted, has_all
from catalogue.filters import conditions, narrowed, values_of
from catalogue.search import SearchIndex
from loaders import RequestContext, gathered
from resolvers.connections import Connection, Edge, PageArguments, paginate
from resolvers.lists import EVERYTHING, facets_of, passes
from upstream import BadInputError, Grid, Package, SearchHit

MAX_QUERY_LENGTH: Final = 200


class SearchEdge(Edge, frozen=True, eq=False):
    """A hit: the record it names, or why that could not be read, and what the search says of it."""

    score: float
    created: datetime | None
    modified: datetime | None
    last_committed: datetime | None
    last_released: datetime | None


class SearchType(Enum):
    """What a search finds."""

    PACKAGE = "package"
    GRID = "grid"


class Wish(NamedTuple):
    """Which hits are wanted."""

    types: Collection[SearchType]
    filter: PackageFilter
    facets: Collection[Wanted]

    def is_met(self, record: Package | Grid | Exception) -> bool:
        """Whether a record is wanted; why one could not be read always is."""
        if isinstance(record, Exception):
            return True
        if isinstance(record, Grid):
            return SearchType.GRID in self.types
        return (
            SearchType.PACKAGE in self.types
            and has_all(record, self.facets)
            and bool(narrowed([record], conditions(self.filter), values_of))
        )


async def search(
    roots: Sequence[None],
    context: RequestContext,
    query: str,
    types: Sequence[SearchType] | None = None,
    filter: PackageFilter | None = None,
    **arguments: Any,
) -> list[Connection]:
    """Answer `search`."""
    wanted = PageArguments(**arguments)
    if len(query) > MAX_QUERY_LENGTH:
        message = f"'query' must have at most {MAX_QUERY_LENGTH} characters, got {len(query)}."
        raise BadInputError(message, argument="query")
    # NUL is a 500 of the upstream, and half a surrogate pair cannot be sent.
    words = query.replace("\0", " ").encode("utf-8", "replace").decode().strip()
    # A grid passes no filter of packages.
    known = set(SearchType if types is None else types) - ({SearchType.GRID} if filter else set())
    wish = Wish(known, filter or EVERYTHING, await facets_of(context, filter))
    made = context.snapshot.search
    if made is None:
        page = await _upstream_page(context, words, wanted, wish)
    else:
        index = await made.get()
        held = context.snapshot.index
        await context.examine(len(held.grids) + len(held.packages) * passes(filter.text if filter else None))
        page = _page(context, index, words, wanted, wish)
    return [page for _ in roots]


def _page(context: RequestContext, index: SearchIndex, words: str, wanted: PageArguments, wish: Wish) -> Connection:
    is_all = wish.filter is EVERYTHING and len(wish.types) > 1
    hits = index.search(words, None if is_all else _wished(context.snapshot.index, index, wish))

    def edge(place: tuple[Any, ...], row: int) -> SearchEdge:
        record = index.record(row)
        committed = record.last_updated if isinstance(record, Package) else None
        created, modified = (record.created, record.modified) if record else (None, None)
        return SearchEdge(place, record, hits.score(row), created, modified, committed, None)

    return paginate(hits.rows, wanted, hits.key, index.record, edge=edge, order="score")


def _wished(held: Index, index: SearchIndex, wish: Wish) -> FrozenBitMap:
    """Return the documents that are wanted: packages are filtered all at once."""
    packages = held.select(wish.filter, wish.facets, index) if SearchType.PACKAGE in wish.types else ()
    return index.documents(packages, held.grids.rows if SearchType.GRID in wish.types else ())


async def _upstream_page(context: RequestContext, words: str, wanted: PageArguments, wish: Wish) -> Connection:
    """Return a page of the upstream's hits; one whose record is gone is dropped (its index can be stale)."""
    hits = await context.search(words) if words else []
    types = {each.value for each in wish.types}
    hits = [hit for hit in hits if hit.item_type in types]
    found = await gathered(_named(context, hit) for hit in hits)
    live: list[tuple[SearchHit, Package | Grid | Exception]] = []
    for hit, record in zip(hits, found, strict=True):
        if isinstance(record, Package | Grid | Exception) and wish.is_met(record):
            live.append((hit, record))

    def node(number: int) -> Package | Grid | Exception:
        return live[number][1]

    def edge(place: tuple[Any, ...], number: int) -> SearchEdge:
        hit, record = live[number]
        return SearchEdge(place, record, hit.score, hit.created, hit.modified, hit.last_committed, hit.last_released)

    return paginate(range(len(live)), wanted, lambda number: (number,), node, edge=edge, order="place")


async def _named(context: RequestContext, hit: SearchHit) -> Package | Grid | None:
    return await (context.one(Grid, hit.slug) if hit.item_type == "grid" else context.one(Package, hit.slug))
