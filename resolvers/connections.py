"""Relay connections (Cursor Connections Specification): pages of the lists that have no end in sight.

Pages of the mirror are found by key: a cursor holds the item's place in the order, not its number, so it stays valid
when the catalogue changes. Without a mirror a page is a window of the upstream's list, and a cursor is an offset.
"""

import base64
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, Final, Protocol, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from catalogue import OrderDirection
from catalogue.lazily import Chosen
from loaders import RequestContext
from upstream import BadInputError, R

DEFAULT_PAGE: Final = 20
MAX_PAGE: Final = 100
OFFSET: Final = "offset"

T = TypeVar("T")
SortKey = tuple[Any, ...]
"""An item's place in an order: texts and numbers that compare with those of every other item."""


class Edge(Struct, frozen=True, eq=False):
    """An item's place, the name of its order and its key; an item that could not be read is the error."""

    place: tuple[Any, ...]
    node: Any

    @property
    def cursor(self) -> str:
        """The place as an opaque text."""
        return base64.urlsafe_b64encode(msgspec.json.encode(self.place)).decode()


class PageInfo(Struct, frozen=True, eq=False):
    """Where a page stands in its connection; an empty one has neither a first edge nor a last."""

    has_next_page: bool
    has_previous_page: bool
    first: Edge | None
    last: Edge | None

    @property
    def start_cursor(self) -> str | None:
        """The first edge's."""
        return self.first.cursor if self.first else None

    @property
    def end_cursor(self) -> str | None:
        """The last edge's."""
        return self.last.cursor if self.last else None


class Connection(Struct, frozen=True, eq=False):
    """A page of a connection. `total_count` is the whole connection's.

    Of its `items` are made, when they are asked for, edges by `edge` and nodes by `node`. Whether there is `more` is
    said of what comes next and of what was before.
    """

    items: Sequence[Any]
    edge: Callable[[Any], Edge]
    node: Callable[[Any], Any]
    more: tuple[bool, bool]
    total_count: int

    @property
    def edges(self) -> list[Edge]:
        """The items with their cursors."""
        return list(map(self.edge, self.items))

    @property
    def nodes(self) -> list[Any]:
        """The items without their cursors."""
        return list(map(self.node, self.items))

    @property
    def page_info(self) -> PageInfo:
        """Where the page stands."""
        ends = (self.edge(self.items[0]), self.edge(self.items[-1])) if self.items else (None, None)
        return PageInfo(*self.more, *ends)


class PageArguments(Struct, frozen=True):
    """The pagination arguments of a field; an empty cursor, as Apollo's `relayStylePagination` sends it, is none.

    Raises:
        BadInputError: a size is out of bounds, or both sizes are given.
    """

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None

    def __post_init__(self) -> None:
        for name, size in (("first", self.first), ("last", self.last)):
            if size is not None and not 0 <= size <= MAX_PAGE:
                raise BadInputError(f"'{name}' must be between 0 and {MAX_PAGE}, got {size}.", argument=name)
        if self.first is not None and self.last is not None:
            raise BadInputError("Give 'first' or 'last', not both.", argument="last")
        for cursor in ("after", "before"):
            force_setattr(self, cursor, getattr(self, cursor) or None)

    @property
    def size(self) -> int:
        """How many items to return at the most."""
        return next((size for size in (self.first, self.last) if size is not None), DEFAULT_PAGE)


class OrderBy(Protocol):
    """What a list is ordered by."""

    @property
    def direction(self) -> OrderDirection:
        """Which way."""


def is_descending(order_by: OrderBy | None) -> bool:
    """Whether the last comes first; without an order that is by id, as the upstream lists things."""
    return order_by is None or order_by.direction is OrderDirection.DESC


def _itself(item: T) -> T:
    return item


def paginate(
    items: Sequence[T] | Chosen[T],
    wanted: PageArguments,
    key: Callable[[T], SortKey],
    node: Callable[[T], Any] = _itself,
    *,
    edge: Callable[[tuple[Any, ...], T], Edge] | None = None,
    order: str = "id",
    descending: bool = False,
) -> Connection:
    """Return a page of items.

    Args:
        items: all items, in ascending order of their keys, or those chosen of a longer list.
        wanted: which of them.
        key: an item's key; keys are unique.
        node: makes an item's node.
        edge: makes an edge of a place and an item, where that has more than the place and the node.
        order: names the order, so that a cursor of another one is refused.
        descending: whether the connection runs from the last item to the first.

    Raises:
        BadInputError: a cursor is none of this connection.
    """
    chosen = items if isinstance(items, Chosen) else Chosen(items, len(items))
    ordered, size = chosen.items, wanted.size
    like = key(ordered[0]) if ordered else None
    after, before = (_place(wanted, name, order, like) for name in ("after", "before"))
    low, high = (before, after) if descending else (after, before)
    start, end = 0, len(ordered)
    if low is not None:
        start = bisect_right(ordered, low, *_around(ordered, low, key), key=key)
    if high is not None:
        end = max(start, bisect_left(ordered, high, *_around(ordered, high, key), key=key))
    # Past the size there may be more between the cursors; on the other side, more beyond them.
    if (wanted.last is None) is not descending:
        found = chosen.first(start, end, size + 1)
        page, more = found[:size], (len(found) > size, bool(chosen.last(0, start, 1)))
    else:
        found = chosen.last(start, end, size + 1)
        page, more = found[max(0, len(found) - size) :], (bool(chosen.first(end, len(ordered), 1)), len(found) > size)
    if descending:
        page, more = page[::-1], (more[1], more[0])

    def edge_of(item: T) -> Edge:
        place = (order, *key(item))
        return edge(place, item) if edge else Edge(place, node(item))

    return Connection(page, edge_of, node, more, chosen.count)


def _around(ordered: Sequence[T], place: SortKey, key: Callable[[T], SortKey]) -> tuple[int, int]:
    """Return two numbers between which a place is: near the first items, where it is there, as of a lazy list."""
    end = 1
    while end < len(ordered) and key(ordered[end]) <= place:
        end *= 2
    return end // 2, min(end, len(ordered))


async def paginate_upstream(context: RequestContext, kind: type[R], wanted: PageArguments) -> Connection:
    """Return a page of the upstream's list of `kind`.

    Raises:
        BadInputError: a cursor is none of this connection.
        UpstreamError: the upstream failed.
    """
    after, end = _offset(wanted, "after"), _offset(wanted, "before")
    start = low = 0 if after is None else after + 1
    if wanted.last is not None:
        if end is None:
            end = (await context.window(kind, 0, 1)).count
        start = max(start, end - wanted.last)
    limit = wanted.size if end is None else min(wanted.size, max(0, end - start))
    # A limit of 0 would mean the default to the upstream; the count is known from any window.
    page = await context.window(kind, start, max(limit, 1))
    items = list(enumerate(page.results[:limit], start))
    last = start + len(items)
    if wanted.last is None:
        bound = page.count if end is None else min(end, page.count)
        more = (last < bound, start > 0)
    else:
        more = (last < page.count, start > low)
    return Connection(items, _edge_of_offset, itemgetter(1), more, page.count)


def _edge_of_offset(item: tuple[int, object]) -> Edge:
    return Edge((OFFSET, item[0]), item[1])


def _decoded(wanted: PageArguments, name: str, order: str) -> list[Any] | None:
    """Read the cursor in an argument. Raises `BadInputError`: it is of another order, or none at all."""
    cursor: str | None = getattr(wanted, name)
    if cursor is None:
        return None
    try:
        found, *place = msgspec.json.decode(base64.urlsafe_b64decode(cursor.encode("ascii")), type=list[str | float])
    except (ValueError, msgspec.MsgspecError):
        raise _no_cursor(name) from None
    if found != order or not place:
        raise _no_cursor(name)
    return place


def _place(wanted: PageArguments, name: str, order: str, like: SortKey | None) -> SortKey | None:
    place = _decoded(wanted, name, order)
    if place is None:
        return None
    if like is not None and [isinstance(part, str) for part in place] != [isinstance(part, str) for part in like]:
        raise _no_cursor(name)
    return tuple(place)


def _offset(wanted: PageArguments, name: str) -> int | None:
    place = _decoded(wanted, name, OFFSET)
    if place is None:
        return None
    if isinstance(place[0], str) or not 0 <= place[0] < 10**9:
        raise _no_cursor(name)
    return int(place[0])


def _no_cursor(name: str) -> BadInputError:
    message = f"'{name}' must be a cursor that this connection gave, in the same order; take it from `pageInfo`."
    return BadInputError(message, argument=name)
