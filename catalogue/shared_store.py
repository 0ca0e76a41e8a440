"""The store of many machines as the mirror uses it: one server for all of them, and behind it this machine's own store.

Of the processes of a machine the one that may write its own store is its link to the server; the others follow that
store. Where the server cannot be used, the machine goes on alone from what it has.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Final, TypeVar

from catalogue.errors import LeadershipLostError
from catalogue.pages import SavedPage
from catalogue.redis_lease import Lease
from catalogue.redis_server import RedisServer
from catalogue.redis_store import RedisStore
from catalogue.safe_store import AGAIN_SECONDS, SafeStore
from catalogue.shared_state import SharedState
from catalogue.state import MirrorState
from catalogue.store import Save, Store, Stored, StoreError, Version

logger = logging.getLogger(__name__)

T = TypeVar("T")

START_SECONDS: Final = 3.0
"""How long a start waits for the server, where this machine has a snapshot of its own."""

LOAD_SECONDS: Final = 20.0
SAVE_SECONDS: Final = 60.0


class SharedStore(SafeStore):
    """A server, and this machine's own store behind it.

    Args:
        own: this machine's store.
        server: the server.
        state: where failures are noted.
        held: returns the number of the whole snapshot that is served; 0 for none.
    """

    def __init__(self, own: Store, server: RedisServer, state: MirrorState, held: Callable[[], int]) -> None:
        super().__init__(own, state)
        self._server = server
        self._shared = state.shared = state.shared or SharedState(server.place)
        self._lease = Lease(server, self._shared, held)
        self._redis = RedisStore(server, self._lease)
        self._own_version: Version | None = None
        self._share_clock = 0.0
        self._failing: set[str] = set()

    @property
    def crowd(self) -> int:
        """How many read the catalogue, each for itself."""
        return self._shared.crowd

    async def lead(self) -> bool:
        """Say whether this process crawls: for all, or for itself alone."""
        was_link = self._is_writer
        if not await super().lead():
            await self._lease.stop()
            return False
        if not was_link:
            self._own_version = None
        await self._lease.start()
        return self._shared.is_leader or self._shared.is_alone

    def resign(self, seconds: float) -> None:
        """Let another machine crawl for so many seconds, where there is one."""
        self._lease.resign(seconds)

    async def changed(self, seconds: float) -> None:
        """Wait for so many seconds, or until something has changed at the server."""
        if self._shared.is_unstored:
            seconds = min(seconds, AGAIN_SECONDS)
        await self._lease.changed(seconds)

    async def version(self) -> Version:
        """Return the version of the newest snapshot that is stored."""
        own, shared = await self._version_here(), await self._version_there()
        return shared if shared.is_after(own) else own

    async def load(self, since: int = 0) -> Stored:
        """Return the newest snapshot that is stored; what came after number `since` alone, where that is known."""
        own = await self._version_here()
        if (await self._version_there()).is_after(own):
            seconds = START_SECONDS if own.number and not since else LOAD_SECONDS
            found = await self._asked("load", self._redis.load(since), None, seconds)
            if found is not None:
                return found
        return await super().load(since)

    async def copied(self, save: Save) -> None:
        """Keep what was loaded from the server, for a start without it."""
        if self._may_write and save.version.is_after(await self._version_here()):
            await self._keep(save)

    async def lacks(self, version: Version) -> bool:
        """Whether a store that this process may write has no snapshot as new as this one."""
        return self._may_share(version) or (self._may_write and version.is_after(await self._version_here()))

    async def save(self, save: Save) -> None:
        """Store a snapshot that this process has made.

        Raises:
            LeadershipLostError: another one leads by now.
        """
        if self._shared.is_leader:
            await self._share(save)
        elif not self._shared.is_alone:
            raise LeadershipLostError
        await self._keep(save)

    async def save_again(self, save: Save) -> None:
        """Store a snapshot where it lacks."""
        if self._may_share(save.version):
            await self._share(save)
        await self.copied(save)

    async def pages(self, *, forget: bool) -> list[SavedPage]:
        """Return the pages of the crawl that was cut off, here or elsewhere; none when they are to be forgotten."""
        own = await super().pages(forget=forget)
        if not self._shared.is_leader:
            return own
        if forget:
            await self._asked("pages", self._redis.forget_pages(), None)
        return [*own, *await self._asked("pages", self._redis.pages(), [])]

    async def save_page(self, page: SavedPage) -> None:
        """Keep a page of a crawl that is under way.

        Raises:
            LeadershipLostError: another one leads by now, and crawls.
        """
        if self._shared.is_leader:
            await self._asked("pages", self._redis.save_page(page), None)
        elif not self._shared.is_alone:
            raise LeadershipLostError
        await super().save_page(page)

    async def accept_shrinkage(self) -> None:
        """Tell the process that leads, here or elsewhere, to believe its next crawl."""
        await super().accept_shrinkage()
        await self._asked("accept-shrinkage", self._redis.accept_shrinkage(), None)

    async def take_shrinkage(self) -> bool:
        """Say whether this process was told so."""
        is_told = await super().take_shrinkage()
        if not self._shared.is_leader:
            return is_told
        return await self._asked("accept-shrinkage", self._redis.take_shrinkage(), False) or is_told

    async def close(self) -> None:
        """Let another process lead, and another machine."""
        await self._lease.stop()
        await super().close()

    async def _version_here(self) -> Version:
        """Return the version of this machine's own snapshot; who alone writes it need not read it each time."""
        if self._own_version is None or not self._is_writer:
            self._own_version = await super().version()
        return self._own_version

    async def _version_there(self) -> Version:
        """Return the version at the server as the last heartbeat had it; who is not the link knows of none."""
        if self._is_writer is None:  # before the first one
            self._shared.version = await self._asked("load", self._redis.version(), Version())
        return Version() if self._is_writer is False else self._shared.version

    def _may_share(self, version: Version) -> bool:
        is_due = self._shared.is_leader and time.monotonic() >= self._share_clock
        return is_due and version.is_after(self._shared.version)

    async def _keep(self, save: Save) -> None:
        """Store a snapshot here."""
        await super().save(save)
        self._own_version = None

    async def _share(self, save: Save) -> None:
        """Store a snapshot at the server."""
        if self._shared.version.number != save.base:
            save = replace(save, base=-1)  # it does not hold that one, or not as it was written

        async def work() -> bool:
            await self._redis.save(save)
            return True

        self._shared.is_unstored = not await self._asked("save", work(), False, SAVE_SECONDS)
        if self._shared.is_unstored:
            self._share_clock = time.monotonic() + AGAIN_SECONDS
        else:
            self._shared.version = save.version

    async def _asked(self, what: str, call: Awaitable[T], otherwise: T, seconds: float = LOAD_SECONDS) -> T:
        """Ask the server; what fails, or takes too long, is noted and answered with something else."""
        try:
            async with asyncio.timeout(seconds):
                found = await call
        except (StoreError, TimeoutError) as error:
            self._shared.failures[what] += 1
            said = str(error) or f"The store at {self._server.place} is not done within {seconds:g} s."
            if what not in self._failing:  # once, until it goes well again
                logger.warning("%s What is at hand is served.", said)
            self._failing.add(what)
            return otherwise
        self._failing.discard(what)
        return found
