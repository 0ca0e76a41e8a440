"""The composition root: settings → catalogue → schema → app.

`python server.py` serves; `server:app` is the same application for any ASGI server, set up by the environment.
"""

import asyncio
import atexit
import dataclasses
import gc
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, nullcontext
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

if find_spec("strawberry") is None:
    sys.exit("What this needs is not installed for this Python: `make run` sets it up; then use .venv/bin/python")
if gc.isenabled():
    gc.disable()  # what is imported stays: to go through it a hundred times would be a tenth of the start

import signals

if signals.is_program():  # before all that takes time to import
    signals.prepare()

import click
import httpx
from platformdirs import user_cache_path
from starlette.types import ASGIApp

from catalogue import Catalogue, Mirror, SyncSettings
from catalogue.crawl import Progress
from catalogue.errors import LeadershipLostError
from catalogue.health import health
from catalogue.metrics import measures
from catalogue.sqlite_store import SQLiteStore
from catalogue.store import MEMORY, MemoryStore, Store
from catalogue.subjects import SubjectsOfVersion
from cli import app_of_environment, command_line, run
from loaders import RequestContext
from schema import api_sdl, build_schema, subgraph_sdl
from settings import SAMPLE, SettingError, Settings
from spans import traced_by
from upstream import Client, Record
from web import Readiness
from web import create_app as create_web_app
from web.landing import Facts
from web.logs import configure_logging
from web.metrics import Metrics
from web.server import Server, make_config, make_server
from web.shared_documents import SharedDocuments
from web.traces import telemetry_of

if TYPE_CHECKING:
    from catalogue.redis_server import RedisServer
    from web.telemetry import Telemetry
    from web.workers import Workers

SAMPLE_URL: Final = "http://sample/api/v4/"
SAMPLE_RATE: Final = 100_000.0
"""GETs a second: the sample is in this process and need not be spared."""

MIN_SHARE: Final = 4 * 2**20
"""Bytes of a cache that each of several processes has, however many there are."""


def create_app(
    settings: Settings,
    catalogue: Catalogue | None = None,
    metrics: Metrics | None = None,
    telemetry: "Telemetry | None" = None,
) -> ASGIApp:
    """Build the ASGI application, over a catalogue, with metrics and telemetry of its own if it is given none."""
    catalogue = catalogue or _catalogue(settings)
    metrics = metrics or Metrics()
    metrics.add(partial(measures, catalogue))
    telemetry = telemetry or telemetry_of(os.environ)
    shared = _shared(settings, catalogue.client)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with (
            telemetry.running() if telemetry else nullcontext(),
            aclosing(shared) if shared else nullcontext(),
            _mirrored(catalogue, settings, shared) as mirror,
        ):
            tasks = [asyncio.create_task(metrics.share())]
            if mirror is not None:
                with traced_by(telemetry):
                    mirror.start()
            else:
                tasks.append(asyncio.create_task(catalogue.watch_root()))
            if not catalogue.snapshot.is_whole:
                await catalogue.client.connect()
            yield
            for task in tasks:
                task.cancel()

    schema = build_schema()
    return create_web_app(
        settings=settings,
        schema=schema,
        sdl={"/schema.graphql": partial(api_sdl, schema), "/subgraph.graphql": partial(subgraph_sdl, schema)},
        new_context=partial(RequestContext, catalogue, max_examined=settings.max_examined),
        snapshot=lambda: catalogue.snapshot,
        readiness=lambda: Readiness(*health(catalogue)),
        metrics=metrics,
        facts=partial(_facts, catalogue, SubjectsOfVersion(), settings),
        lifespan=lifespan,
        traced=telemetry.traced if telemetry else None,
        shared_documents=SharedDocuments(shared) if shared else None,
        watch=catalogue.watch,
    )


def create_server(settings: Settings) -> "Server | Workers":
    """Build the application with a server of its own, or several that share what is read before they part."""
    if settings.workers == 1:
        return make_server(create_app(settings), settings)
    if settings.mirror and settings.data_dir == MEMORY:
        raise SettingError("workers", "several share a mirror in a folder, which `--data-dir :memory:` has not")
    from web.workers import Workers

    share = dataclasses.replace(
        settings,
        upstream_rate=settings.upstream_rate / settings.workers,
        upstream_concurrency=max(1, settings.upstream_concurrency // settings.workers),
        response_cache_bytes=share_of_cache(settings.response_cache_bytes, settings.workers),
        row_cache_bytes=share_of_cache(settings.row_cache_bytes, settings.workers),
    )
    catalogue = _catalogue(share)
    asyncio.run(_preload(catalogue, share))
    folder = Path(mkdtemp(prefix="catalogue-gateway-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Workers(make_config(create_app(share, catalogue, Metrics(folder)), share), settings.workers)


def share_of_cache(cache_bytes: int, workers: int) -> int:
    """Return what each of several processes keeps: together a quarter, as each has memory of its own beside that."""
    return min(cache_bytes, max(cache_bytes // (4 * workers), MIN_SHARE))


async def _preload(catalogue: Catalogue, settings: Settings) -> None:
    """Read what is stored and import what is needed later: whoever is forked afterwards shares both."""
    import prometheus_client.exposition  # noqa: F401

    from upstream import network  # noqa: F401
    from web import tracing  # noqa: F401

    if not catalogue.has_mirror:
        return
    shared = _shared(settings, catalogue.client)
    async with aclosing(shared) if shared else nullcontext():
        mirror = _mirror(catalogue, settings, shared)
        await mirror.load()
        if catalogue.snapshot.search is not None:
            await catalogue.snapshot.search.get()
        await mirror.aclose()


def _catalogue(settings: Settings) -> Catalogue:
    mirror_wait = settings.mirror_wait if settings.mirror else None
    return Catalogue(
        _client(settings),
        freshness=settings.freshness,
        mirror_wait=mirror_wait,
        max_reads=settings.max_read_through,
        max_cold_reads=settings.max_cold_read_through,
    )


@asynccontextmanager
async def _mirrored(
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


def _shared(settings: Settings, client: Client) -> "RedisServer | None":
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


async def _facts(catalogue: Catalogue, subjects: SubjectsOfVersion, settings: Settings) -> Facts:
    snapshot, detail = catalogue.snapshot, health(catalogue).detail
    index = snapshot.index
    source = "the bundled sample" if settings.upstream == SAMPLE else settings.upstream
    asked = subjects.get(index, snapshot.number)._asdict()
    if snapshot.read_at is None:
        how = "It is being read for the first time." if catalogue.has_mirror else "Read through, record by record."
        return Facts(source=source, subjects=asked, note=f"{how} {detail}".rstrip())
    return Facts(
        source=source,
        subjects=asked,
        packages=len(index.packages),
        grids=len(index.grids),
        categories=len(index.categories),
        participants=len(index.participants),
        read_at=snapshot.read_at,
        due_at=snapshot.due_at,
        note=detail,
    )


async def sync_once(settings: Settings, report: Callable[[Progress], None], accept_shrinkage: bool) -> str:
    """Read the whole catalogue into the mirror's file; return what that changed, in a sentence or two.

    Raises:
        UpstreamError: the upstream failed.
        click.ClickException: another process syncs this folder or store, or it cannot be written.
    """
    if settings.data_dir == MEMORY:
        raise SettingError("data_dir", "what is kept in memory is gone when a sync ends; name a folder, or none")
    catalogue = _catalogue(dataclasses.replace(settings, mirror=True))
    shared = _shared(settings, catalogue.client)
    async with aclosing(shared) if shared else nullcontext(), _mirrored(catalogue, settings, shared) as mirror:
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


gc.freeze()
gc.enable()

commands = command_line(create_server, sync_once, configure_logging)
main = partial(run, commands)


def __getattr__(name: str) -> ASGIApp:
    """Build `server:app` when it is asked for."""
    if name != "app":
        raise AttributeError(name)
    return app_of_environment(create_app, configure_logging)


if __name__ == "__main__":
    main()
