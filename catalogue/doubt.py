"""Whether a crawl that found less than was known is believed."""

from collections import Counter
from collections.abc import Set
from typing import Final

from catalogue.index import Index
from catalogue.tables import RecordKey
from upstream import CatalogueError

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
    """Remembers what the last crawl missed."""

    def __init__(self) -> None:
        self._before: Set[RecordKey] = frozenset()

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
