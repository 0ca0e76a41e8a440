"""From the settings to the catalogue: its client, its store, its mirror; and a sync for its own sake."""

import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import httpx
from platformdirs import user_cache_path

from catalogue import Catalogue, Mirror, SyncSettings
from catalogue.crawl import Progress
from catalogue.errors import LeadershipLostError
from catalogue.sqlite_store import SQLiteStore
from catalogue.store import MEMORY, MemoryStore, Store
from settings import SAMPLE, SettingError, Settings
from upstream import Client, Record

if TYPE_CHECKING:
    from catalogue.redis_server import RedisServer

SAMPLE_URL: Final = "http://sample/api/v4/"
SAMPLE_RATE: Final = 100_000.0
"""GETs a second: the sample is in this process and need not be spared."""


def catalogue_of(settings: Settings) -> Catalogue:
    """Make a catalogue that holds nothing yet."""
    mirror_wait = settings.mirror_wait if settings.mirror else None
    return Catalogue(
        _client(settings),
        freshness=settings.freshness,
        mirror_wait=mirror_wait,
        max_reads=settings.max_read_through,
        max_cold_reads=settings.max_cold_read_through,
    )


@asynccontextmanager
async def mirrored(
    catalogue: Catalogue, settings: Settings, shared: "RedisServer | None"
) -> AsyncIterator[Mirror | None]:
    """Open the catalogue's mirror, if it has one, with what is stored; close both in the end."""
    mirror = _mirror(catalogue, settings, shared) if catalogue.has_mirror else None
    try:
        if mirror is not None:
            if catalogue.snapshot.number:
                mirror.adopt()
            else:
                await mirror.load()
        yield mirror
    finally:
        if mirror is not None:
            await mirror.aclose()
        await catalogue.aclose()


def _mirror(catalogue: Catalogue, settings: Settings, shared: "RedisServer | None") -> Mirror:
    sync = SyncSettings(
        interval=settings.sync_interval,
        news_interval=settings.news_interval,
        page_size=settings.sync_page_size,
    )
    return Mirror(catalogue, _store(settings, catalogue.client), sync, shared)


def shared_server(settings: Settings, client: Client) -> "RedisServer | None":
    """Return the server that machines share; raises `SettingError` where it cannot be used."""
    if settings.store is None:
        return None
    from catalogue.redis_server import RedisServer

    try:
        return RedisServer(settings.store, str(client.base_url))
    except ValueError as error:
        raise SettingError("store", str(error)) from None
    except ImportError:
        raise SettingError("store", "needs the extra `redis`: pip install 'catalogue-gateway[redis]'") from None


def _store(settings: Settings, client: Client) -> Store:
    return MemoryStore() if settings.data_dir == MEMORY else SQLiteStore(_folder(settings), str(client.base_url))


def _folder(settings: Settings) -> Path:
    return settings.data_dir or user_cache_path("catalogue-gateway")


def _client(settings: Settings) -> Client:
    is_sample = settings.upstream == SAMPLE
    return Client(
        SAMPLE_URL if is_sample else settings.upstream.rstrip("/") + "/",
        rate=SAMPLE_RATE if is_sample else settings.upstream_rate,
        concurrency=settings.upstream_concurrency,
        timeout=settings.upstream_timeout,
        operation_timeout=settings.operation_timeout,
        comments=filter(None, (settings.source_url, settings.contact)),
        transport=_sample() if is_sample else None,
    )


def _sample() -> httpx.AsyncBaseTransport:
    from upstream.sample import create_sample

    return httpx.ASGITransport(create_sample())


async def preload(catalogue: Catalogue, settings: Settings) -> None:
    """Read what is stored and import what is needed later: whoever is forked afterwards shares both."""
    from upstream import network  # noqa: F401

    if not catalogue.has_mirror:
        return
    shared = shared_server(settings, catalogue.client)
    async with aclosing(shared) if shared else nullcontext():
        mirror = _mirror(catalogue, settings, shared)
        await mirror.load()
        if catalogue.snapshot.search is not None:
            await catalogue.snapshot.search.get()
        await mirror.aclose()


async def sync_once(settings: Settings, report: Callable[[Progress], None], accept_shrinkage: bool) -> str:
    """Read the whole catalogue into the mirror's file; return what that changed, in a sentence or two.

    Raises:
        UpstreamError: the upstream failed.
        click.ClickException: another process syncs this folder or store, or it cannot be written.
    """
    if settings.data_dir == MEMORY:
        raise SettingError("data_dir", "what is kept in memory is gone when a sync ends; name a folder, or none")
    catalogue = catalogue_of(dataclasses.replace(settings, mirror=True))
    shared = shared_server(settings, catalogue.client)
    async with aclosing(shared) if shared else nullcontext(), mirrored(catalogue, settings, shared) as mirror:
        before = _records(catalogue)
        try:
            is_synced = mirror is not None and await mirror.sync(report, accept_shrinkage=accept_shrinkage)
        except LeadershipLostError:
            is_synced = False
        if not is_synced:
            place = "store" if shared else f"folder, {_folder(settings)}"
            note = " It is told to believe what its next sync finds." if accept_shrinkage else ""
            raise click.ClickException(f"Another process, maybe a gateway that runs, syncs this {place}.{note}")
        for problem in (catalogue.state.unstored, catalogue.state.shared.trouble if catalogue.state.shared else None):
            if problem is not None:
                raise click.ClickException(problem)
    after, packages = _records(catalogue), len(catalogue.snapshot.index.packages)
    file = SQLiteStore(_folder(settings), str(catalogue.client.base_url)).path
    new, gone = len(after.keys() - before.keys()), len(before.keys() - after.keys())
    same = sum(before.get(key) is record for key, record in after.items())
    changed = len(after) - new - same
    return (
        f"The mirror holds {packages} packages, in {file}.\n"
        f"Of {len(after)} records, {new} are new, {changed} have changed, {same} are as they were; {gone} are gone."
    )


def _records(catalogue: Catalogue) -> dict[tuple[type[Record], int], Record]:
    return {(type(each), each.id): each for each in catalogue.snapshot.index.records()}
