"""Several processes on one socket: `--workers`."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

import server
from tests.fake_upstream import FakeUpstream
from tests.gateways import ask, serving
from tests.live import EVENTS, Client
from tests.rows import Rows
from tests.test_server import run

WORKERS = 3
OPTIONS = ("--workers", str(WORKERS), "--upstream-rate", "1000")
COUNT = "{ packages(first: 1) { totalCount } }"


@pytest.fixture
def rows(fake: FakeUpstream) -> Rows:
    fake.rows = Rows(90)
    return fake.rows


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def are_gone(pids: list[int]) -> bool:
    """Whether all have ended, if perhaps nobody has taken note of it yet."""
    for pid in pids:
        with suppress(FileNotFoundError):
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                return False
    return True


@asynccontextmanager
async def connected(url: str, count: int) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Open connections one after the other, each with a client of its own."""
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(httpx.AsyncClient()) for _ in range(count)]
        for client in clients:
            assert await counted(client, url) == 90
        yield clients


async def counted(client: httpx.AsyncClient, url: str) -> int:
    answer = (await client.post(url, json={"query": COUNT})).json()
    count: int = answer["data"]["packages"]["totalCount"]
    return count


async def test_one_that_is_killed_takes_its_own_connections_along_and_is_replaced(
    fake: FakeUpstream, rows: Rows, tmp_path: Path
) -> None:
    async with serving(fake, tmp_path, *OPTIONS) as (process, url), connected(url, 2 * WORKERS) as clients:
        victim, *others = children(process.pid)
        os.kill(victim, signal.SIGKILL)
        lost = 0
        for client in clients:
            try:
                assert await counted(client, url) == 90
            except httpx.TransportError:
                lost += 1
        assert lost < len(clients), "the others have theirs"
        for _ in range(10):
            assert await ask(url, COUNT) == {"packages": {"totalCount": 90}}
        while len(children(process.pid)) < WORKERS:
            await ask(url, COUNT)
        assert set(others) < set(children(process.pid))


async def test_one_crawls_and_all_switch(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    async with (
        serving(fake, tmp_path, *OPTIONS, "--sync-interval", "2", "--news-interval", "0") as (process, url),
        connected(url, WORKERS) as clients,
    ):
        assert fake.targets["packages/?limit=100&offset=0"] == 1
        rows.add()
        for client in clients:
            while await counted(client, url) == 90:
                pass
        for client in clients:
            assert await counted(client, url) == 91
        process.terminate()
        assert await process.wait() == 0
    assert max(fake.targets.values()) < 2 * WORKERS


async def test_each_process_tells_its_own_subscribers(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    async with (
        serving(fake, tmp_path, *OPTIONS, "--sync-interval", "2", "--news-interval", "0") as (process, url),
        connected(url, WORKERS),
        AsyncExitStack() as stack,
    ):
        options: dict[str, Any] = {"subprotocols": ["graphql-transport-ws"]}
        address = url.replace("http", "ws")
        clients = [Client(await stack.enter_async_context(connect(address, **options))) for _ in range(2 * WORKERS)]
        for client in clients:
            await client.send("connection_init")
            assert (await client.next())["type"] == "connection_ack"
            await client.subscribe("1", EVENTS)
            assert (await client.event())["changes"] == []
        rows.add()
        events = [await client.event() for client in clients]
        assert [[change["id"] for change in event["changes"]] for event in events] == [["91"]] * len(clients)
        assert len({event["version"] for event in events}) == 1
        process.terminate()
        assert [await client.closed() for client in clients] == [(1001, "The server is ending")] * len(clients)
        assert await process.wait() == 0


async def test_who_crawls_is_succeeded(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    async with serving(fake, tmp_path, *OPTIONS, "--sync-interval", "1") as (process, url):
        assert await ask(url, COUNT) == {"packages": {"totalCount": 90}}
        for pid in children(process.pid)[1:]:
            os.kill(pid, signal.SIGKILL)
        rows.add()
        while await ask(url, COUNT) != {"packages": {"totalCount": 91}}:
            pass


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_told_to_end_they_answer_who_is_connected(
    fake: FakeUpstream, rows: Rows, tmp_path: Path, sent: signal.Signals
) -> None:
    # Whoever runs this may ignore a signal, and so would the gateway.
    heeding = partial(signal.signal, sent, signal.SIG_DFL)
    async with (
        serving(fake, tmp_path, *OPTIONS, prepare=heeding) as (process, url),
        connected(url, WORKERS) as clients,
    ):
        pids = children(process.pid)
        process.send_signal(sent)
        answers = await asyncio.gather(*(client.post(url, json={"query": COUNT}) for client in clients))
        assert [answer.status_code for answer in answers] == [200] * WORKERS
        assert await process.wait() == 0
        assert are_gone(pids)


async def test_without_the_first_process_the_others_end(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    async with serving(fake, tmp_path, *OPTIONS) as (process, url):
        assert await ask(url, COUNT) == {"packages": {"totalCount": 90}}
        pids = children(process.pid)
        process.kill()
        await process.wait()
        while not are_gone(pids):
            pass


def test_without_a_folder_there_can_be_only_one() -> None:
    done = run("--upstream", "sample", "--workers", "2", "--data-dir", ":memory:")
    assert done.returncode == 2
    assert "--workers" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("cache_bytes", "workers", "kept"),
    [(96 * 2**20, 2, 12 * 2**20), (96 * 2**20, 64, server.MIN_SHARE), (2**20, 2, 2**20), (0, 2, 0)],
)
def test_caches_are_shared_out(cache_bytes: int, workers: int, kept: int) -> None:
    assert server.share_of_cache(cache_bytes, workers) == kept
