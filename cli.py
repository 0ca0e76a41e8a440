"""The command line: options from the settings' fields, commands, one-line errors."""

import asyncio
import errno
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Container, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, Final, Protocol, TypeAlias, get_args, get_type_hints

import click
from starlette.types import ASGIApp

from catalogue.crawl import Progress
from settings import PREFIX, SAMPLE, SettingError, Settings, environment_name
from upstream import CatalogueError
from version import NAME, VERSION

logger = logging.getLogger(__name__)

CONTEXT: Final = {"help_option_names": ["-h", "--help"], "max_content_width": 110}

SYNC: Final = {
    *("log_level", "log_format", "upstream", "upstream_concurrency", "upstream_rate", "upstream_timeout"),
    *("operation_timeout", "contact", "source_url", "data_dir", "store", "sync_page_size"),
}
"""The settings that concern a sync; the others may stand before or after it, and do nothing."""

SWITCH: Final = ("off", "on")


class Server(Protocol):
    """What serves the application of some settings."""

    def run(self, sockets: list[socket.socket] | None = None, *, started: Callable[[], None]) -> None:
        """Serve on sockets that listen, until told to stop; call `started` once requests are answered."""


CreateServer: TypeAlias = Callable[[Settings], Server]
ConfigureLogging: TypeAlias = Callable[[Settings], None]
CreateApp: TypeAlias = Callable[[Settings], ASGIApp]
Sync: TypeAlias = Callable[[Settings, Callable[[Progress], None], bool], Coroutine[Any, Any, str]]
"""Reads the whole catalogue once, and reports each page; believes that much is gone if it is told so; returns what that
changed, for people."""


def command_line(create_server: CreateServer, sync_once: Sync, configure_logging: ConfigureLogging) -> click.Group:
    """Make the command line: it serves, and its command `sync` reads the catalogue once."""

    @click.group(invoke_without_command=True, context_settings=CONTEXT)
    @click.version_option(VERSION, prog_name=NAME)
    @_options()
    @click.pass_context
    def cli(context: click.Context, /, **values: Any) -> None:
        """Serve a GraphQL gateway over the package catalogue of Django Packages."""
        settings = Settings(**values)
        configure_logging(settings)
        _warn_of_unknown_variables()
        context.default_map = {"sync": values}
        if context.invoked_subcommand is None:
            _serve(create_server, settings)

    @cli.command(context_settings=CONTEXT)
    @_options(envvar=None, show_envvar=False, concerns=SYNC)
    @click.option("--accept-shrinkage", is_flag=True, help="Believe that much of what was known is gone.")
    def sync(*, accept_shrinkage: bool, **values: Any) -> None:
        """Fill or refresh the mirror's file, and exit."""
        _sync(sync_once, Settings(**values), accept_shrinkage=accept_shrinkage)

    return cli


def run(command: click.Group, arguments: list[str] | None = None) -> None:
    """Run a command line; a bad setting is one line and exit code 2, an interrupt exit code 130."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    gc.enable()
    with _one_line_errors():
        command.main(arguments, standalone_mode=False)


def app_of_environment(create_app: CreateApp, configure_logging: ConfigureLogging) -> ASGIApp:
    """Build the application as the environment sets it up, for any ASGI server."""
    with _one_line_errors():
        settings = Settings(**click.Command("server", params=_parameters()).make_context("server", []).params)
        configure_logging(settings)
        _warn_of_unknown_variables()
        return create_app(settings)


def _warn_of_unknown_variables() -> None:
    known = [each.name.upper() for each in fields(Settings)]
    for name in sorted(name.removeprefix(PREFIX) for name in os.environ if name.startswith(PREFIX)):
        if name not in known:
            meant = "".join(f": is it {environment_name(each)}?" for each in get_close_matches(name, known, n=1))
            logger.warning("%s is set, and is no setting%s", environment_name(name), meant or ".")


def _options(
    *, concerns: Container[str] | None = None, **shared: Any
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command one option a setting."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        vars(command).setdefault("__click_params__", []).extend(_parameters(concerns, **shared)[::-1])
        return command

    return decorate


def _parameters(concerns: Container[str] | None = None, **shared: Any) -> list[click.Parameter]:
    """Make one option a setting; help shows those that it `concerns`; `shared` goes before what the setting says."""
    hints = get_type_hints(Settings)
    return [
        click.Option(
            [f"--{each.name.replace('_', '-')}"],
            type=_type(hints[each.name], each.metadata),
            default=SWITCH[each.default] if isinstance(each.default, bool) else each.default,
            help=each.metadata["help"],
            hidden=concerns is not None and each.name not in concerns,
            **{"envvar": environment_name(each.name), "show_envvar": True, "show_default": True, **shared},
        )
        for each in fields(Settings)
    ]


def _type(hint: Any, metadata: Any) -> Any:
    if metadata["choices"]:
        return click.Choice(metadata["choices"])
    kind = get_args(hint)[0] if isinstance(hint, UnionType) else hint
    if kind is int:
        return _Integer(metadata["min"], metadata["max"])
    if kind is float:
        return _Number(metadata["min"], metadata["max"])
    if kind is bool:
        return _Switch()
    if kind is str:
        return kind
    return click.Path(path_type=Path) if kind is Path else _List()


class _Integer(click.IntRange):
    name = "integer"


class _Number(click.FloatRange):
    name = "number"


class _Switch(click.types.BoolParamType):
    name = "on|off"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """Read a word; click's own sentence lists thirteen."""
        switch = self.str_to_bool(value)
        if switch is None:
            self.fail(f"{value!r} is neither `on` nor `off`", param, ctx)
        return switch


class _List(click.ParamType[tuple[str, ...]]):
    """Texts between commas."""

    name = "list"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split a text."""
        return value if isinstance(value, tuple) else tuple(filter(None, (item.strip() for item in value.split(","))))


def _sync(sync_once: Sync, settings: Settings, *, accept_shrinkage: bool) -> None:
    is_terminal = sys.stdout.isatty()
    with click.progressbar(length=Progress().pages, label="Pages read", show_pos=True, hidden=not is_terminal) as bar:

        def report(progress: Progress) -> None:
            bar.length = progress.pages
            bar.update(1)
            if not is_terminal and progress.done % 10 == 0:
                click.echo(f"Read {progress.done} of about {progress.pages} pages.")

        try:
            said = asyncio.run(sync_once(settings, report, accept_shrinkage))
        except CatalogueError as error:
            raise click.ClickException(f"{settings.upstream}: {error}") from error
    click.echo(said)


def _serve(create_server: CreateServer, settings: Settings) -> None:
    """Serve until told to stop."""
    server = create_server(settings)
    listener = _listen(settings.host, settings.port)
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    source = "the bundled sample catalogue" if settings.upstream == SAMPLE else f"the catalogue of {settings.upstream}"
    gc.freeze()  # what start-up made stays: the garbage collector need not walk it again and again

    def started() -> None:
        text = f"Catalogue Gateway serves {source}.\nOpen {url}/graphql in a browser, or send queries there."
        if settings.log_format == "text":
            with suppress(OSError):  # nobody reads it, or there is no room for it
                click.echo(text)
        else:  # whoever reads the log's objects may read both streams
            logger.info(text.replace("\n", " "))

    server.run(sockets=[listener], started=started)


def _listen(host: str, port: int) -> socket.socket:
    """Listen at an address. Raises `SettingError`: it cannot be used, or another program does."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        name = "port" if error.errno in (errno.EADDRINUSE, errno.EACCES) else "host"
        reason = str(error.strerror).partition(" (while ")[0]
        if error.errno == errno.EADDRINUSE:
            reason += "; is `make run` open? `--port 0` takes a free one"
        raise SettingError(name, f"{host}:{port}: {reason}") from error


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except SettingError as error:
        option = f"--{error.name.replace('_', '-')}"
        click.echo(f"Error: Invalid value for '{option}' ({environment_name(error.name)}): {error.problem}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        click.echo(f"Error: {error.format_message()}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
