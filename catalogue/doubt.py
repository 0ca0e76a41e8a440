"""Whether a crawl that found less than was known is believed."""

import logging
from collections import Counter, defaultdict
from collections.abc import Set
from typing import Any, Final

from catalogue.crawl import Crawled
from catalogue.index import Index
from catalogue.tables import RecordKey
from upstream import KINDS, CatalogueError, Client, Record, UpstreamError

logger = logging.getLogger(__name__)

MAX_SHRINKAGE: Final = 0.05
"""The share of a kind's records that may be missed."""

MIN_SHRINKAGE: Final = 20
"""Fewer records than this may always be missed: each of them is asked for by itself."""


class ShrinkageError(CatalogueError):
    """A crawl found so much less than is held that it is not believed (yet); it changes nothing."""

    def __init__(self, lack: str) -> None:
        message = (
            f"The upstream's lists lack {lack} that are held. What is held is served on until a second crawl, later, "
            "says the same, or until `server.py sync --accept-shrinkage`."
        )
        super().__init__("CATALOGUE_SHRUNK", message)


class Doubt:
    """Remembers what the last crawl missed.

    Args:
        client: asks for what is missed.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._before: Set[RecordKey] = frozenset()

    async def settled(self, held: Index, crawled: Crawled, *, accept: bool) -> tuple[list[Record], Set[RecordKey]]:
        """Return what is there although a crawl missed it, and the keys of what is gone.

        Only the API's own answer says that a single record is gone; in doubt it is kept.

        Args:
            held: what the crawl is compared with.
            crawled: what it found.
            accept: whether the operator says that much is gone.

        Raises:
            ShrinkageError: too much is missed for the first time.
        """
        found: defaultdict[type[Record], set[int]] = defaultdict(set)
        for each in crawled.records:
            found[type(each)].add(each.id)
        refused = {error.resource for error in crawled.refused}
        missed = {
            (kind.record, key)
            for kind in KINDS.values()
            for key in held.table(kind.record).rows.keys() - found[kind.record]
            if f"{kind.resource}/{key}" not in refused
        }
        gone = set(self.gone(held, missed, accept=accept))
        kept: list[Record] = []
        for kind, key in missed - gone:
            try:
                record = await self._client.record(_any(kind), key)
            except UpstreamError as error:
                logger.warning("%s/%d is in no list, and kept: %s", kind.resource, key, error)
                continue
            if record is None:
                gone.add((kind, key))
            else:
                kept.append(record)
        return kept, gone

    def gone(self, held: Index, missed: Set[RecordKey], *, accept: bool = False) -> Set[RecordKey]:
        """Return the records that are believed to be gone; of the others each must be asked for.

        Args:
            held: what the crawl is compared with.
            missed: what is held, and was not found.
            accept: whether the operator says that it is so.

        Raises:
            ShrinkageError: too much is missed for the first time.
        """
        before, self._before = self._before, missed
        lack = _too_many(held, missed)
        if not lack:
            return frozenset()
        if accept:
            return missed
        if _too_many(held, missed - before):
            raise ShrinkageError(lack)
        return missed & before


def _too_many(held: Index, missed: Set[RecordKey]) -> str:
    """Say of which kinds too many are missed; nothing when of none."""
    counts = Counter(kind for kind, _ in missed)
    sizes = {kind: len(held.table(kind)) for kind in counts}
    return ", ".join(
        f"{count} of {sizes[kind]} {kind.resource}"
        for kind, count in counts.items()
        if count >= MIN_SHRINKAGE and count > MAX_SHRINKAGE * sizes[kind]
    )


def _any(kind: type[Record]) -> type[Any]:
    return kind
