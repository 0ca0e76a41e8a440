"""The catalogue as the rest of the gateway meets it: the current snapshot, and beside it what was read through."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from catalogue.overlay import Overlay
from catalogue.snapshot import Snapshot, empty_snapshot
from catalogue.state import MirrorState
from upstream import CatalogueError, Client, UpstreamError

logger = logging.getLogger(__name__)

ROOT_RETRY_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.05
"""How often a query that waits for the first snapshot looks whether something keeps it from coming."""


class Catalogue:
    """What is held at this moment. A request takes `snapshot` and `overlay` once, and reads from them to the end.

    `batches` counts the batches of loaders by resource and size.

    Args:
        client: the one way to the upstream.
        freshness: without a mirror, seconds for which what was read is used without asking again.
        mirror_wait: seconds to wait for the first snapshot of a mirror; `None` when there is no mirror.
        max_reads: how many things that a whole snapshot lacks one operation may read through.
        max_cold_reads: how many, as long as there is no whole snapshot.
    """

    def __init__(
        self,
        client: Client,
        *,
        freshness: float,
        mirror_wait: float | None = None,
        max_reads: int = 10,
        max_cold_reads: int = 500,
    ) -> None:
        self.client = client
        self.snapshot = empty_snapshot(has_mirror=mirror_wait is not None)
        self.overlay = Overlay(client, freshness if mirror_wait is None else None)
        self.state = MirrorState()
        self.batches: Counter[tuple[str, int]] = Counter()
        self.root_error: UpstreamError | None = None
        self.whole_since: datetime | None = None
        self._max_reads = max_reads
        self._max_cold_reads = max_cold_reads
        self._mirror_wait = mirror_wait
        self._has_snapshot = asyncio.Event()
        self._is_root_sound = False
        self._watchers: list[Callable[[], None]] = []

    async def aclose(self) -> None:
        """Close the client."""
        await self.client.aclose()

    @property
    def has_mirror(self) -> bool:
        """Whether there is, or will be, a snapshot."""
        return self._mirror_wait is not None

    @property
    def max_reads(self) -> int:
        """How many things one operation may read through."""
        return self._max_reads if self.snapshot.is_whole else self._max_cold_reads

    def switch(self, snapshot: Snapshot) -> None:
        """Serve another snapshot from now on; what was read through lasts until the next crawl."""
        if snapshot.read_clock != self.snapshot.read_clock:
            self.overlay = Overlay(self.client, None)
        self.snapshot = snapshot
        if snapshot.is_whole and self.whole_since is None:
            self.whole_since = datetime.now(UTC)
        self._has_snapshot.set()
        for tell in self._watchers:
            tell()

    def watch(self, tell: Callable[[], None]) -> None:
        """Have somebody told of each switch, once it is made."""
        self._watchers.append(tell)

    async def check_root(self) -> None:
        """Make sure, once, that the base URL is that of an API v4; until it is, errors say that it is not.

        Raises:
            UpstreamError: it is not, or cannot be asked.
        """
        if self._is_root_sound:
            return
        try:
            await self.client.check_root()
        except UpstreamError as error:
            if error.extensions["code"] == "UPSTREAM_NOT_AN_API":
                self.root_error = error
            raise
        self._is_root_sound, self.root_error = True, None

    async def watch_root(self) -> None:
        """Check the root until it is sound, where no mirror does."""
        while True:
            try:
                return await self.check_root()
            except UpstreamError as error:
                logger.warning("The upstream's root could not be read. %s", error)
                await asyncio.sleep(ROOT_RETRY_SECONDS)

    def check_mirror(self) -> None:
        """Raise `CatalogueError` where there is no mirror, hence no snapshots."""
        if not self.has_mirror:
            raise CatalogueError("MIRROR_OFF", "This needs the mirror of the catalogue, which is switched off here.")

    async def first(self) -> Snapshot:
        """Return the current snapshot; wait for the first one, up to a bound, as long as it is to be expected.

        Raises:
            CatalogueError: there is no mirror, its first crawl is not complete yet, or what keeps it from that.
        """
        self.check_mirror()
        assert self._mirror_wait is not None
        until = monotonic() + self._mirror_wait
        while not self.snapshot.number:
            trouble = self.client.transport.failure or self.state.trouble
            if trouble is not None:
                raise trouble.again()
            left = until - monotonic()
            if left <= 0:
                raise self._syncing()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._has_snapshot.wait(), min(left, LOOK_SECONDS))
        return self.snapshot

    def _syncing(self) -> CatalogueError:
        done, pages = self.state.progress.done, self.state.progress.pages
        message = f"The catalogue is being read for the first time: {done} of about {pages} pages. Try again soon."
        if not self.state.is_kept:
            message = "The mirror was not started: what serves or mounts this application must run its lifespan (ASGI)."
        failure = self.state.failure.message if self.state.failure else self.state.progress.failure
        if failure is not None:
            message += f" The last attempt failed. {failure}"
        return CatalogueError("CATALOGUE_SYNCING", message, pagesRead=done, pages=pages)
