"""Where a snapshot outlives its process: what a store promises, and one that forgets.

Methods block; the mirror calls them in a worker thread. Only the process that leads writes.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, Protocol

from catalogue.changes import ChangeSet
from catalogue.pages import SavedPage
from upstream import Record

MEMORY: Final = Path(":memory:")
"""In place of a folder: nothing outlives the process."""


class StoreError(Exception):
    """What is stored could not be read or written; what is in memory is not touched by that."""


class Version(NamedTuple):
    """Which snapshot it is: its number, and when it was read from the upstream, by the wall clock of then."""

    number: int = 0
    read_at: datetime | None = None

    def is_after(self, other: "Version") -> bool:
        """Whether it is a later one."""
        never = datetime.min.replace(tzinfo=UTC)
        return (self.number, self.read_at or never) > (other.number, other.read_at or never)


@dataclass(frozen=True, kw_only=True)
class Stored:
    """What a store holds.

    Args:
        version: the snapshot's.
        records: those of its records that fit.
        is_whole: whether that is all of them.
        change_sets: what the last snapshots changed, in ascending order of their numbers.
        base: the number of the snapshot after which the records and change sets are; 0 for all that there are.
        gone: what that snapshot had besides.
        age: seconds since it was read from the upstream; `None` where only `version` says so, by the clock of whoever
            read it.
    """

    version: Version = field(default_factory=Version)
    base: int = 0
    gone: Collection[tuple[type[Record], int]] = ()
    records: list[Record] = field(default_factory=list)
    is_whole: bool = False
    change_sets: tuple[ChangeSet, ...] = ()
    age: float | None = None


@dataclass(frozen=True, kw_only=True)
class Save:
    """A snapshot to be stored: what changed since number `base`, and everything for a store that does not hold that.

    `age` is how many seconds ago it was read from the upstream.
    """

    version: Version
    base: int
    changed: Collection[Record]
    gone: Collection[tuple[type[Record], int]]
    everything: Callable[[], Iterable[Record]]
    change_sets: tuple[ChangeSet, ...]
    age: float = 0.0


class Store(Protocol):
    """Keeps the last snapshot of one upstream, what the last hundred changed, and the pages of a crawl under way.

    Every method may raise `StoreError`.
    """

    @property
    def is_lasting(self) -> bool:
        """Whether anything outlives the process."""

    def load(self, since: int = 0) -> Stored:
        """Return what is stored; what came after snapshot number `since` alone, where that is known."""

    def version(self) -> Version:
        """Return the version of the stored snapshot, whose number is 0 when there is none."""

    def lead(self) -> bool:
        """Become the one process that crawls and writes, if no other is; say whether this one is."""

    def save(self, save: Save) -> None:
        """Store a snapshot, all or nothing, and forget the pages."""

    def save_page(self, page: SavedPage) -> None:
        """Keep a page of a crawl that is under way."""

    def pages(self) -> list[SavedPage]:
        """Return the pages of the crawl that was cut off."""

    def forget_pages(self) -> None:
        """Forget them."""

    def accept_shrinkage(self) -> None:
        """Tell the process that leads to believe its next crawl, however much that lacks."""

    def take_shrinkage(self) -> bool:
        """Say whether this process was told so since it was last asked."""

    def close(self) -> None:
        """Let another process lead."""


class MemoryStore:
    """Keeps the pages of a crawl for the next attempt, and nothing beyond the process."""

    is_lasting = False

    def __init__(self) -> None:
        self._pages: list[SavedPage] = []

    def load(self, since: int = 0) -> Stored:
        """Return nothing."""
        return Stored()

    def version(self) -> Version:
        """Return that of no snapshot."""
        return Version()

    def lead(self) -> bool:
        """Every process leads itself."""
        return True

    def save(self, save: Save) -> None:
        """Forget the pages."""
        self.forget_pages()

    def save_page(self, page: SavedPage) -> None:
        """Keep a page."""
        self._pages.append(page)

    def pages(self) -> list[SavedPage]:
        """Return the pages."""
        return list(self._pages)

    def forget_pages(self) -> None:
        """Forget the pages."""
        self._pages.clear()

    def accept_shrinkage(self) -> None:
        """There is no other process."""

    def take_shrinkage(self) -> bool:
        """Nobody can have said so."""
        return False

    def close(self) -> None:
        """There is nothing to let go of."""
