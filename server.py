"""The composition root and the command line: settings → catalogue → schema → app → uvicorn.

`python server.py` serves; `server:app` is the same application for any ASGI server, set up by the environment.
"""

import asyncio
import dataclasses
import gc
import logging
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import click
import httpx
import uvicorn
from platformdirs import user_cache_path
from starlette.routing import Route
from starlette.types import ASGIApp

from loaders import Loaders
from schema import build_schema
from upstream import Catalogue, Client, Mirror, SyncSettings, UpstreamError
from upstream.sample import create_sample
from upstream.store import MEMORY
from upstream.walk import Progress
from web import Readiness, Settings, environment_name
from web import create_app as create_web_app
from web.landing import Facts, landing_page

SAMPLE = "sample"
SAMPLE_URL = "http://sample/api/v4/"
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


def create_app(settings: Settings) -> ASGIApp:
    """Build the ASGI application; nothing is shared between two of them."""
    catalogue = _catalogue(settings)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with _mirrored(catalogue, settings) as mirror:
            if mirror is not None:
                mirror.start()
            yield

    return create_web_app(
        settings=settings,
        schema=build_schema(),
        new_context=partial(Loaders, catalogue),
        catalogue_version=lambda: catalogue.version.number,
        readiness=partial(_readiness, catalogue),
        lifespan=lifespan,
        routes=[Route("/", landing_page(partial(_facts, catalogue, settings)))],
    )


def _catalogue(settings: Settings) -> Catalogue:
    mirror_wait = settings.mirror_wait if settings.mirror else None
    return Catalogue(_client(settings), freshness=settings.freshness, mirror_wait=mirror_wait)


@asynccontextmanager
async def _mirrored(catalogue: Catalogue, settings: Settings) -> AsyncIterator[Mirror | None]:
    """Open the catalogue's mirror, if it has one, with what is stored; close both in the end."""
    sync = SyncSettings(
        interval=settings.sync_interval, page_size=settings.sync_page_size, concurrency=settings.sync_concurrency
    )
    folder = settings.data_dir or user_cache_path("catalogue-gateway")
    mirror = Mirror(catalogue, folder, sync) if catalogue.has_mirror else None
    try:
        if mirror is not None:
            await mirror.load()
        yield mirror
    finally:
        if mirror is not None:
            await mirror.aclose()
        await catalogue.aclose()


def _client(settings: Settings) -> Client:
    is_sample = settings.upstream == SAMPLE
    return Client(
        SAMPLE_URL if is_sample else settings.upstream.rstrip("/") + "/",
        concurrency=settings.upstream_concurrency,
        timeout=settings.upstream_timeout,
        transport=httpx.ASGITransport(create_sample()) if is_sample else None,
    )


def _readiness(catalogue: Catalogue) -> Readiness:
    client = catalogue.client
    if catalogue.is_whole:
        return Readiness("mirror", catalogue.whole_since, "The whole catalogue is at hand.")
    since = datetime.fromtimestamp(client.reachable_since, UTC)
    if client.reachable is False:
        return Readiness(None, since, "The upstream could not be reached.")
    return Readiness("upstream", since, "" if client.reachable else "The upstream has not been asked yet.")


async def _facts(catalogue: Catalogue, settings: Settings) -> Facts:
    index, synced_at = catalogue.index, catalogue.version.synced_at
    source = "the bundled sample" if settings.upstream == SAMPLE else settings.upstream
    if synced_at is None:
        note = "Being read for the first time." if catalogue.has_mirror else "Read through, record by record."
        return Facts(source=source, note=note)
    return Facts(
        source=source,
        packages=len(index.packages),
        grids=len(index.grids),
        categories=len(index.categories),
        participants=index.participant_count,
        synced_at=datetime.fromtimestamp(synced_at, UTC),
    )


def _options(**shared: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command one option a setting."""
    hints = get_type_hints(Settings)

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        for each in reversed(fields(Settings)):
            option = click.option(
                f"--{each.name.replace('_', '-')}",
                type=_type(hints[each.name], each.metadata),
                default=each.default,
                help=each.metadata["help"],
                **{"envvar": environment_name(each.name), "show_envvar": True, "show_default": True, **shared},
            )
            command = option(command)
        return command

    return decorate


def _type(hint: Any, metadata: Any) -> Any:
    if metadata["choices"]:
        return click.Choice(metadata["choices"])
    kind = get_args(hint)[0] if isinstance(hint, UnionType) else hint
    if kind is int:
        return click.IntRange(metadata["min"], metadata["max"])
    if kind is float:
        return click.FloatRange(metadata["min"], metadata["max"])
    if kind in (bool, str):
        return kind
    return click.Path(path_type=Path) if kind is Path else _List()


class _List(click.ParamType[tuple[str, ...]]):
    """Texts between commas."""

    name = "list"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split a text."""
        return value if isinstance(value, tuple) else tuple(filter(None, (item.strip() for item in value.split(","))))


def _settings(values: dict[str, Any]) -> Settings:
    try:
        return Settings(**values)
    except ValueError as error:
        name, _, problem = str(error).partition(":")
        raise click.UsageError(f"Invalid value for '--{name.replace('_', '-')}':{problem}") from error


@click.group(invoke_without_command=True, context_settings=CONTEXT)
@_options()
@click.pass_context
def cli(context: click.Context, /, **values: Any) -> None:
    """Serve a GraphQL gateway over the package catalogue of Django Packages."""
    settings = _settings(values)
    logging.basicConfig(level=settings.log_level.upper(), format="%(levelname)s: %(message)s")
    context.default_map = {"sync": values}
    if context.invoked_subcommand is None:
        serve(settings)


@cli.command(context_settings=CONTEXT)
@_options(envvar=None, show_envvar=False)
def sync(**values: Any) -> None:
    """Fill or refresh the mirror's file, and exit."""
    settings = _settings(values)
    try:
        synced = asyncio.run(_sync(settings))
    except UpstreamError as error:
        raise click.ClickException(str(error)) from error
    if synced is None:
        raise click.ClickException("Another process syncs this folder.")
    click.echo(f"The mirror holds {synced} packages.")


async def _sync(settings: Settings) -> int | None:
    """Sync once; return how many packages there are, `None` when another process syncs."""
    catalogue = _catalogue(dataclasses.replace(settings, mirror=True))
    async with _mirrored(catalogue, settings) as mirror:
        is_terminal = sys.stdout.isatty()
        pages = catalogue.progress.pages
        with click.progressbar(length=pages, label="Pages read", show_pos=True, hidden=not is_terminal) as bar:

            def report(progress: Progress) -> None:
                bar.length = progress.pages
                bar.update(1)
                if not is_terminal and progress.done % 10 == 0:
                    click.echo(f"Read {progress.done} of about {progress.pages} pages.")

            if mirror is None or not await mirror.sync(report):
                return None
        if not mirror.is_stored and str(settings.data_dir) != MEMORY:
            raise click.ClickException("The mirror's file could not be written.")
    return len(catalogue.index.packages)


def serve(settings: Settings) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=10,
    )
    socket = config.bind_socket()
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{socket.getsockname()[1]}"
    source = "the bundled sample catalogue" if settings.upstream == SAMPLE else f"the catalogue of {settings.upstream}"
    click.echo(f"Catalogue Gateway serves {source}.\nOpen {url}/graphql in a browser, or send queries there.")
    gc.freeze()  # what start-up made stays: the garbage collector need not walk it again and again
    uvicorn.Server(config).run(sockets=[socket])


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a bad setting is one line and exit code 2."""
    with _one_line_errors():
        cli.main(arguments, standalone_mode=False)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except click.ClickException as error:
        click.echo(f"Error: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)


def __getattr__(name: str) -> ASGIApp:
    """Build `server:app` when it is asked for."""
    if name != "app":
        raise AttributeError(name)
    with _one_line_errors():
        return create_app(_settings(cli.make_context("server", []).params))


if __name__ == "__main__":
    main()
