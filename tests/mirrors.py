"""A catalogue and its mirror, opened and closed as the server does it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from catalogue import Catalogue, Mirror, SyncSettings
from catalogue.redis_server import RedisServer
from catalogue.snapshot import Snapshot
from catalogue.sqlite_store import SQLiteStore
from catalogue.store import MemoryStore, Store
from loaders import RequestContext
from tests.patience import PATIENCE
from upstream import Client, R

SETTINGS = SyncSettings(page_size=10)


class WatchedCatalogue(Catalogue):
    """A catalogue that tells when it switches; `served` are the snapshots that it has served."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.served: list[Snapshot] = []
        self._switched = asyncio.Condition()

    async def until(self, count: int) -> None:
        """Wait for so many switches, as long as the tests are patient."""
        async with asyncio.timeout(PATIENCE), self._switched:
            await self._switched.wait_for(lambda: len(self.served) >= count)

    def switch(self, snapshot: Snapshot) -> None:
        super().switch(snapshot)
        self.served.append(snapshot)
        self._telling = asyncio.ensure_future(self._tell())

    async def _tell(self) -> None:
        async with self._switched:
            self._switched.notify_all()


@asynccontextmanager
async def opened(
    url: str,
    folder: Path | None = None,
    *,
    store: Store | None = None,
    server: str | None = None,
    freshness: float = 600,
    wait: float = PATIENCE,
    settings: SyncSettings = SETTINGS,
    **options: Any,
) -> AsyncIterator[tuple[WatchedCatalogue, Mirror]]:
    """Open them with what is stored in `folder`, or at a server; without one nothing is stored."""
    client = Client(url, timeout=PATIENCE, operation_timeout=PATIENCE, backoff=1e-3)
    catalogue = WatchedCatalogue(client, freshness=freshness, mirror_wait=wait, **options)
    shared = RedisServer(server, url) if server else None
    own = store or (SQLiteStore(folder, url) if folder else MemoryStore())
    mirror = Mirror(catalogue, own, settings, shared)
    await mirror.load()
    try:
        yield catalogue, mirror
    finally:
        await mirror.aclose()
        await catalogue.aclose()
        if shared is not None:
            await shared.aclose()


async def read(catalogue: Catalogue, kind: type[R], key: int | str) -> R | None:
    """Read a record as a request of its own does."""
    return await RequestContext(catalogue).one(kind, key)


def ids(catalogue: Catalogue) -> set[int]:
    """Return the ids of the packages of the snapshot."""
    return {package.id for package in catalogue.snapshot.index.packages}
