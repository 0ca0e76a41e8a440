"""The kinds of record in one table: how each is named, listed, keyed and crawled. Nobody else lists them.

A new resource costs a record in `upstream/records.py`, a row here, a schema type and its resolvers.
"""

from dataclasses import dataclass
from typing import Final

from upstream.records import Category, Grid, Package, Record


@dataclass(frozen=True)
class Kind:
    """One resource of the REST API.

    Args:
        record: what its payloads become; `record.resource` is its path below the API's base.
        by_slug: whether the API finds one by its slug too, not by its id alone.
        page_size: how many records a crawl asks for at once: what costs the site some 0.1 to 0.2 s.
    """

    record: type[Record]
    by_slug: bool
    page_size: int

    @property
    def resource(self) -> str:
        """The path below the API's base, which names the kind where JSON or a file does."""
        return self.record.resource

    @property
    def name(self) -> str:
        """The name of one, as the API's messages and GraphQL's `__typename` have it."""
        return self.record.__name__


KINDS: Final[dict[str, Kind]] = {
    kind.resource: kind
    for kind in (
        Kind(Package, by_slug=True, page_size=100),
        Kind(Grid, by_slug=True, page_size=100),
        Kind(Category, by_slug=False, page_size=100),
    )
}
"""Every kind by its resource, in the order of a crawl."""
