"""The store as the mirror uses it: in worker threads, and so that no failure of it ends anything."""

import asyncio
import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from catalogue.pages import SavedPage
from catalogue.state import MirrorState
from catalogue.store import Save, Store, Stored, StoreError, Version

logger = logging.getLogger(__name__)

T = TypeVar("T")

AGAIN_SECONDS: Final = 30.0
"""How soon what could not be stored is stored again."""


class SafeStore:
    """Calls a store; what fails is noted in the mirror's state, and answered as a store would that holds nothing.

    Args:
        store: the store.
        state: where a failure is noted.
    """

    def __init__(self, store: Store, state: MirrorState) -> None:
        self._store = store
        self._state = state
        self._is_writer: bool | None = None
        self._again_clock = 0.0

    @property
    def crowd(self) -> int:
        """How many read the catalogue, each for itself."""
        return 1

    @property
    def _may_write(self) -> bool:
        """Whether this process writes the store, and it is not too soon after a failure."""
        return bool(self._is_writer) and self._store.is_lasting and time.monotonic() >= self._again_clock

    async def load(self, since: int = 0) -> Stored:
        """Return what is stored; what came after snapshot number `since` alone, where that is known."""
        return await self._tried(partial(self._store.load, since), Stored())

    async def version(self) -> Version:
        """Return the version of the stored snapshot."""
        return await self._tried(self._store.version, Version())

    async def lead(self) -> bool:
        """Say whether this process crawls; where nothing can be written, each does for itself."""
        self._is_writer = await self._tried(self._store.lead, True)
        return self._is_writer

    def resign(self, seconds: float) -> None:
        """Let another machine crawl for so many seconds, where there is one."""

    async def changed(self, seconds: float) -> None:
        """Wait for so many seconds, or until another process has done something that is worth a look."""
        await asyncio.sleep(seconds)

    async def lacks(self, version: Version) -> bool:
        """Whether the store has no snapshot as new as this one, and this process may try again to write it."""
        return self._may_write and version.is_after(await self.version())

    async def save(self, save: Save) -> None:
        """Store a snapshot that this process has made."""

        def work() -> bool:
            self._store.save(save)
            return True

        if await self._tried(work, False):
            self._state.unstored = None
        else:
            self._again_clock = time.monotonic() + AGAIN_SECONDS

    async def save_again(self, save: Save) -> None:
        """Store a snapshot that the store lacks."""
        await self.save(save)

    async def copied(self, save: Save) -> None:
        """Note that a snapshot was loaded, and is served."""

    async def pages(self, *, forget: bool) -> list[SavedPage]:
        """Return the pages of the crawl that was cut off; none when they are to be forgotten."""

        def work() -> list[SavedPage]:
            if forget:
                self._store.forget_pages()
            return self._store.pages()

        return await self._tried(work, [])

    async def save_page(self, page: SavedPage) -> None:
        """Keep a page of a crawl that is under way, which does not wait for a store that has just failed."""

        def work() -> bool:
            self._store.save_page(page)
            return True

        if time.monotonic() >= self._again_clock and not await self._tried(work, False):
            self._again_clock = time.monotonic() + AGAIN_SECONDS

    async def accept_shrinkage(self) -> None:
        """Tell the process that leads to believe its next crawl."""
        await self._tried(self._store.accept_shrinkage, None)

    async def take_shrinkage(self) -> bool:
        """Say whether this process was told so."""
        return await self._tried(self._store.take_shrinkage, False)

    async def close(self) -> None:
        """Let another process lead."""
        await asyncio.to_thread(self._store.close)

    async def _tried(self, work: Callable[[], T], otherwise: T) -> T:
        try:
            return await asyncio.to_thread(work)
        except StoreError as error:
            if self._state.unstored is None:
                logger.warning("%s The mirror is served from memory.", error)
            self._state.unstored = str(error)
            return otherwise
