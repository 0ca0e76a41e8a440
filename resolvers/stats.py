"""Statistics of the packages of a connection."""

from collections.abc import Callable, Sequence

from catalogue.stats import PackageStats
from loaders import RequestContext
from resolvers.connections import Connection


class PackageConnection(Connection, frozen=True, eq=False):
    """A page of packages. `sum_up` makes the statistics of all pages; there is none where they are not at hand."""

    sum_up: Callable[[], PackageStats] | None = None


def with_stats(page: Connection, sum_up: Callable[[], PackageStats] | None) -> PackageConnection:
    """Return a page of packages that can be asked for the statistics of all pages."""
    return PackageConnection(page.items, page.edge, page.node, page.more, page.total_count, sum_up)


async def stats(pages: Sequence[PackageConnection], context: RequestContext) -> list[PackageStats]:
    """Answer `stats` of connections to packages; those of the whole catalogue need a mirror."""
    found: list[PackageStats] = []
    for page in pages:
        await context.examine(page.total_count)
        if page.sum_up is None:
            index = await context.whole()
            found.append(index.stats(index.all))
        else:
            found.append(page.sum_up())
    return found
