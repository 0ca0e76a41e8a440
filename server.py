"""The composition root and the command line: settings → catalogue → schema → app → uvicorn.

`python server.py` serves; `server:app` is the same application for any ASGI server, set up by the environment.
"""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import click
import httpx
import uvicorn
from starlette.types import ASGIApp

from loaders import Loaders
from schema import build_schema
from upstream import Catalogue, Client
from upstream.sample import create_sample
from web import Readiness, Settings, environment_name
from web import create_app as create_web_app

SAMPLE = "sample"
SAMPLE_URL = "http://sample/api/v4/"
COMMAND_OPTIONS = {"auto_envvar_prefix": None, "help_option_names": ["-h", "--help"], "max_content_width": 110}


def create_app(settings: Settings) -> ASGIApp:
    """Build the ASGI application; nothing is shared between two of them."""
    catalogue = Catalogue(_client(settings), freshness=settings.freshness)

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        yield
        await catalogue.client.aclose()

    return create_web_app(
        settings=settings,
        schema=build_schema(),
        new_context=partial(Loaders, catalogue),
        catalogue_version=lambda: 0,
        readiness=partial(_readiness, catalogue),
        lifespan=lifespan,
    )


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
    since = datetime.fromtimestamp(client.reachable_since, UTC)
    if client.reachable is False:
        return Readiness(None, since, "The upstream could not be reached.")
    return Readiness("upstream", since, "" if client.reachable else "The upstream has not been asked yet.")


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


@click.command(context_settings=COMMAND_OPTIONS)
@_options()
def cli(**values: Any) -> None:
    """Serve a GraphQL gateway over the package catalogue of Django Packages."""
    serve(_settings(values))


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
    uvicorn.Server(config).run(sockets=[socket])


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; a bad setting is one line and exit code 2."""
    try:
        cli.main(arguments, standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"Error: {error.format_message()}", err=True)
        sys.exit(2)
    except click.Abort:
        sys.exit(130)


def __getattr__(name: str) -> ASGIApp:
    """Build `server:app` when it is asked for."""
    if name != "app":
        raise AttributeError(name)
    context = cli.make_context("server", [])
    return create_app(_settings(context.params))


if __name__ == "__main__":
    main()
