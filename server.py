"""The composition root: settings → catalogue → schema → app.

`python server.py` serves; `server:app` is the same application for any ASGI server, set up by the environment.
"""

import asyncio
import atexit
import dataclasses
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, nullcontext
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

import starting

if starting.is_program():  # before all that takes time to import
    starting.prepare()

from starlette.types import ASGIApp

from catalogue import Catalogue
from catalogue.health import health
from catalogue.metrics import measures
from catalogue.store import MEMORY
from catalogue.subjects import SubjectsOfVersion
from cli import app_of_environment, command_line, run
from composition import catalogue_of, mirrored, preload, shared_server, sync_once
from loaders import RequestContext
from schema import api_sdl, build_schema, subgraph_sdl
from settings import SAMPLE, SettingError, Settings
from spans import traced_by
from web import Readiness
from web import create_app as create_web_app
from web.landing import Facts
from web.logs import configure_logging
from web.metrics import Metrics
from web.server import Server, make_config, make_server
from web.shared_documents import SharedDocuments
from web.traces import telemetry_of

if TYPE_CHECKING:
    from web.telemetry import Telemetry
    from web.workers import Workers

MIN_SHARE: Final = 4 * 2**20
"""Bytes of a cache that each of several processes has, however many there are."""


def create_app(
    settings: Settings,
    catalogue: Catalogue | None = None,
    metrics: Metrics | None = None,
    telemetry: "Telemetry | None" = None,
) -> ASGIApp:
    """Build the ASGI application, over a catalogue, with metrics and telemetry of its own if it is given none."""
    catalogue = catalogue or catalogue_of(settings)
    metrics = metrics or Metrics()
    metrics.add(partial(measures, catalogue))
    telemetry = telemetry or telemetry_of(os.environ)
    shared = shared_server(settings, catalogue.client)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with (
            telemetry.running() if telemetry else nullcontext(),
            aclosing(shared) if shared else nullcontext(),
            mirrored(catalogue, settings, shared) as mirror,
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
    # What is imported before they part is shared.
    import prometheus_client.exposition  # noqa: F401

    from web import tracing  # noqa: F401
    from web.workers import Workers

    share = dataclasses.replace(
        settings,
        upstream_rate=settings.upstream_rate / settings.workers,
        upstream_concurrency=max(1, settings.upstream_concurrency // settings.workers),
        response_cache_bytes=share_of_cache(settings.response_cache_bytes, settings.workers),
        row_cache_bytes=share_of_cache(settings.row_cache_bytes, settings.workers),
    )
    catalogue = catalogue_of(share)
    asyncio.run(preload(catalogue, share))
    folder = Path(mkdtemp(prefix="catalogue-gateway-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Workers(make_config(create_app(share, catalogue, Metrics(folder)), share), settings.workers)


def share_of_cache(cache_bytes: int, workers: int) -> int:
    """Return what each of several processes keeps: together a quarter, as each has memory of its own beside that."""
    return min(cache_bytes, max(cache_bytes // (4 * workers), MIN_SHARE))


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


commands = command_line(create_server, sync_once, configure_logging)
main = partial(run, commands)


def __getattr__(name: str) -> ASGIApp:
    """Build `server:app` when it is asked for."""
    if name != "app":
        raise AttributeError(name)
    return app_of_environment(create_app, configure_logging)


if __name__ == "__main__":
    main()
