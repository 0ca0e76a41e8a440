"""The store as the mirror uses it: in worker threads, and so that no failure of it ends anything."""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from catalogue.pages import SavedPage
from catalogue.state import MirrorState
from catalogue.store import Save, Store, Stored, StoreError, Version

logger = logging.getLogger(__name__)

T = TypeVar("T")


class SafeStore:
    """Calls a store; what fails is noted in the mirror's state, and answered as a store would that holds nothing.

    Args:
        store: the store.
        state: where a failure is noted.
    """

    def __init__(self, store: Store, state: MirrorState) -> None:
        self._store = store
        self._state = state
        self._unsaved: Save | None = None

    async def load(self, since: int = 0) -> Stored:
        """Return what is stored; what came after snapshot number `since` alone, where that is known."""
        return await self._tried(partial(self._store.load, since), Stored())

    async def version(self) -> Version:
        """Return the version of the stored snapshot."""
        return await self._tried(self._store.version, Version())

    async def lead(self) -> bool:
        """Say whether this process crawls; where nothing can be written, each does for itself."""
        return await self._tried(self._store.lead, True)

    async def save(self, save: Save) -> None:
        """Store a snapshot; one that fails is tried again by `save_again`."""

        def work() -> bool:
            self._store.save(save)
            return True

        self._unsaved = save
        if await self._tried(work, False):
            self._unsaved = None
            self._state.unstored = None

    async def save_again(self) -> None:
        """Store what could not be stored."""
        if self._unsaved is not None:
            await self.save(self._unsaved)

    async def pages(self, *, forget: bool) -> list[SavedPage]:
        """Return the pages of the crawl that was cut off; none when they are to be forgotten."""

        def work() -> list[SavedPage]:
            if forget:
                self._store.forget_pages()
            return self._store.pages()

        return await self._tried(work, [])

    async def save_page(self, page: SavedPage) -> None:
        """Keep a page of a crawl that is under way."""
        await self._tried(lambda: self._store.save_page(page), None)

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
