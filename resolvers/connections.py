"""Relay connections (Cursor Connections Specification): pages of the lists that have no end in sight."""

import base64
import re
from collections.abc import Sequence
from typing import Any, Final, Generic

from msgspec import Struct

from loaders import Loaders
from upstream import BadInputError, R, UpstreamError

DEFAULT_PAGE: Final = 20
MAX_PAGE: Final = 100
OFFSET: Final = re.compile(r"offset:([0-9]{1,9})")


class PageInfo(Struct, frozen=True, eq=False):
    """Where a page stands in its connection."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


class Edge(Struct, Generic[R], frozen=True, eq=False):
    """A record's place in a connection; a record that could not be read is the error."""

    cursor: str
    node: R | UpstreamError


class Connection(Struct, Generic[R], frozen=True, eq=False):
    """A page of a connection. `total_count` is the whole connection's."""

    edges: list[Edge[R]]
    page_info: PageInfo
    total_count: int

    @property
    def nodes(self) -> list[R | UpstreamError]:
        """The records without their cursors."""
        return [edge.node for edge in self.edges]


class Slice(Struct, frozen=True):
    """The pagination arguments of a field.

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
                raise BadInputError(f"'{name}' must be between 0 and {MAX_PAGE}, got {size}.")
        if self.first is not None and self.last is not None:
            raise BadInputError("Give 'first' or 'last', not both.")


def windows_of(kind: type[R]) -> Any:
    """Make the layer function of a root connection that reads the upstream's list of `kind` by limit and offset."""

    async def connection(roots: Sequence[None], loaders: Loaders, **arguments: Any) -> list[Connection[R]]:
        page = await _window(loaders, kind, Slice(**arguments))
        return [page for _ in roots]

    return connection


async def _window(loaders: Loaders, kind: type[R], wanted: Slice) -> Connection[R]:
    start = 0 if wanted.after is None else _offset(wanted.after) + 1
    end = None if wanted.before is None else _offset(wanted.before)
    if wanted.last is not None:
        if end is None:
            end = (await loaders.catalogue.window(kind, 0, 1)).count
        start = max(start, end - wanted.last)
    size = DEFAULT_PAGE if wanted.first is None and wanted.last is None else wanted.first
    limit = min(value for value in (size, None if end is None else max(0, end - start), MAX_PAGE) if value is not None)
    # A limit of 0 would mean the default to the upstream; the count is known from any window.
    page = await loaders.catalogue.window(kind, start, max(limit, 1))
    loaders.note(page.results)
    edges = [Edge(_cursor(start + place), record) for place, record in enumerate(page.results[:limit])]
    info = PageInfo(
        has_next_page=start + len(edges) < page.count,
        has_previous_page=start > 0 and page.count > 0,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges, info, page.count)


def _cursor(offset: int) -> str:
    return base64.b64encode(f"offset:{offset}".encode()).decode()


def _offset(cursor: str) -> int:
    try:
        match = OFFSET.fullmatch(base64.b64decode(cursor, validate=True).decode())
    except ValueError:
        match = None
    if match is None:
        raise BadInputError("The cursor is none of this connection.")
    return int(match[1])
