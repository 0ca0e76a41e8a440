"""A look for news between two crawls: the list is ordered by id, descending, so its first page has what was added."""

from typing import Final, NamedTuple

from catalogue.index import Index
from upstream import Client, Package, UpstreamError

NEWS_LIMIT: Final = 20


class News(NamedTuple):
    """What a look found.

    Args:
        records: the packages of the page that are not held, or not like that.
        is_all: whether the page reaches back to what is held; if not, there is more than it shows.
    """

    records: list[Package]
    is_all: bool


async def look_for_news(client: Client, held: Index) -> News:
    """Look at the newest packages.

    Raises:
        UpstreamError: the upstream failed.
    """
    page = await client.page(Package, limit=NEWS_LIMIT, offset=0)
    read = [item for item in page.results if not isinstance(item, UpstreamError)]
    known = [held.packages.get(package.id) for package in read]
    is_all = any(known) or len(page.results) >= page.count
    return News([package for package, before in zip(read, known, strict=True) if package != before], is_all)
