"""The gateway as a process."""

import asyncio
import re
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.fake_upstream import FakeUpstream
from tests.patience import PATIENCE

ROOT = Path(__file__).parents[1]


@asynccontextmanager
async def serving(
    fake: FakeUpstream, folder: Path, *options: str, prepare: Callable[[], object] | None = None
) -> AsyncIterator[tuple[Process, str]]:
    """Run the gateway; yields it and its URL. `prepare` runs in the process before anything else."""
    # Nobody reads its log to the end, and asyncio waits for that.
    given = ("--upstream", fake.base_url, "--data-dir", str(folder), "--port", "0", "--access-log", "off")
    async with started(sys.executable, "server.py", *given, *options, prepare=prepare) as running:
        yield running


@asynccontextmanager
async def started(
    *command: str, folder: Path = ROOT, prepare: Callable[[], object] | None = None
) -> AsyncIterator[tuple[Process, str]]:
    """Run a command that starts a gateway, in a folder; yields it and the gateway's URL."""
    process = await asyncio.create_subprocess_exec(*command, cwd=folder, stdout=PIPE, stderr=STDOUT, preexec_fn=prepare)
    assert process.stdout is not None
    try:
        said = (await asyncio.wait_for(process.stdout.readuntil(b"send queries there"), PATIENCE)).decode()
        address = re.search(r"Open (http://\S+/graphql)", said)
        assert address is not None
        yield process, address[1]
    finally:
        if process.returncode is None:
            process.terminate()
        await process.stdout.read()
        await process.wait()


async def ask(url: str, query: str) -> dict[str, Any]:
    """Ask it; return the data, of an answer without errors."""
    async with httpx.AsyncClient() as client:
        answer: dict[str, Any] = (await client.post(url, json={"query": query})).json()
    assert "errors" not in answer
    data: dict[str, Any] = answer["data"]
    return data
