"""A server that speaks Redis' protocol, of a test's own: it keeps nothing, and listens at a socket of the file system."""

import asyncio
import shutil
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import isawaitable
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

from tests.patience import PATIENCE

PROGRAM = shutil.which("redis-server") or shutil.which("valkey-server") or "redis-server"


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


@asynccontextmanager
async def redis_server(folder: Path, *options: str) -> AsyncIterator[RunningServer]:
    """Run one; `options` are redis-server's own."""
    path = folder / "redis.sock"
    command = (PROGRAM, "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no", *options)
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=DEVNULL, stderr=DEVNULL)
    client = Redis(unix_socket_path=str(path))
    try:
        await until(lambda: path.exists() or process.returncode is not None)
        yield RunningServer(process, path, client)
    finally:
        await client.aclose()
        if process.returncode is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
        await process.wait()
