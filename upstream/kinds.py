"""The kinds of record in one table: how each is named, listed and keyed, in the order of a crawl.

Nobody else lists them. A new resource costs a record in `upstream/records.py`, a row here, a schema type and its
resolvers.
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
    """

    record: type[Record]
    by_slug: bool

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
        Kind(Package, by_slug=True),
        Kind(Grid, by_slug=True),
        Kind(Category, by_slug=False),
    )
}
"""Every kind by its resource, in the order of a crawl."""
