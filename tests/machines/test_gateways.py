"""Gateways as processes on one server: leaders that are killed or stopped, networks that are cut, servers that go."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fake_upstream import FakeUpstream
from tests.gateways import ROOT, ask, serving
from tests.patience import PATIENCE
from tests.redis_servers import RunningServer, network, redis_server, until
from tests.rows import Rows
from tests.test_workers import children

OPTIONS = ("--upstream-rate", "1000", "--mirror-wait", str(PATIENCE), "--news-interval", "0")
FIRST_PAGE = "packages/?limit=100&offset=0"
STATE = "{ packages(first: 1) { totalCount } catalogue { version } }"

Gateway = tuple[Process, str]


@asynccontextmanager
async def two(
    fake: FakeUpstream, url: str, folder: Path, *options: str, other: str = ""
) -> AsyncIterator[tuple[Gateway, Gateway]]:
    """Run two gateways on a server, with folders of their own; the first of them leads."""
    store = ("--store", url)
    async with serving(fake, folder / "one", *OPTIONS, *options, *store) as one:
        await until(lambda: serves(one, 30))
        async with serving(fake, folder / "two", *OPTIONS, *options, "--store", other or url) as another:
            await until(lambda: serves(another, 30))
            yield one, another


async def state(gateway: Gateway) -> tuple[int, int]:
    """Return how many packages it serves, and of which snapshot."""
    data = await ask(gateway[1], STATE)
    return data["packages"]["totalCount"], int(data["catalogue"]["version"])


async def serves(gateway: Gateway, count: int) -> bool:
    return (await state(gateway))[0] == count


async def metric(gateway: Gateway, name: str) -> float:
    async with httpx.AsyncClient() as client:
        text = (await client.get(gateway[1].replace("/graphql", "/metrics"))).text
    return max(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"catalogue_{name}"))


async def readiness(gateway: Gateway) -> str:
    """Return what it says of itself, ready as it is."""
    async with httpx.AsyncClient() as client:
        said = (await client.get(gateway[1].replace("/graphql", "/readyz"))).json()
    assert said["status"] == "ready"
    detail: str = said["detail"]
    return detail


async def leads(gateway: Gateway) -> bool:
    return await metric(gateway, "store_leader") == 1


async def is_alone(gateway: Gateway) -> bool:
    return await metric(gateway, "store_alone") == 1


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM])
async def test_a_leader_that_goes_is_succeeded_and_writes_nothing_when_it_comes_back(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, tmp_path: Path, sent: signal.Signals
) -> None:
    async with two(fake, redis.url, tmp_path, "--sync-interval", "2") as (first, second):
        assert await leads(first)
        assert not await leads(second)
        first[0].send_signal(sent)
        await until(lambda: leads(second))
        rows.add()
        await until(lambda: serves(second, 31))
        if sent == signal.SIGSTOP:
            before = await state(second)
            first[0].send_signal(signal.SIGCONT)
            await until(lambda: serves(first, 31))
            assert (await state(first))[1] >= before[1]
            assert not await leads(first)
            assert await leads(second)


async def test_a_network_that_is_cut_and_mended(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, tmp_path: Path
) -> None:
    """The leader is cut off; the other leads; both serve what is new, and in the end the same."""
    async with (
        network(redis) as between,
        two(fake, between.url, tmp_path, "--sync-interval", "2", other=redis.url) as (first, second),
    ):
        between.cut()
        await until(lambda: leads(second))
        await until(lambda: is_alone(first))
        rows.add()
        await until(lambda: serves(first, 31))
        await until(lambda: serves(second, 31))
        newest = max(await state(first), await state(second))
        between.mend()
        rows.add()
        await until(lambda: serves(first, 32))
        await until(lambda: serves(second, 32))
        assert await until_equal(first, second) > newest[1]
        assert sorted([await leads(first), await leads(second)]) == [False, True]


async def until_equal(first: Gateway, second: Gateway) -> int:
    """Wait until both serve the same snapshot; return its number."""
    found: list[int] = []

    async def are_equal() -> bool:
        found[:] = [(await state(first))[1], (await state(second))[1]]
        return found[0] == found[1]

    await until(are_equal)
    return found[0]


async def test_a_server_that_is_slow_keeps_nobody_waiting(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, tmp_path: Path
) -> None:
    async with network(redis) as between, two(fake, between.url, tmp_path, "--sync-interval", "2") as gateways:
        between.delay = 0.3
        rows.add()
        for each in gateways:
            await until(lambda each=each: serves(each, 31))  # type: ignore[misc]
        between.flows.clear()
        for each in gateways:
            await until(lambda each=each: is_alone(each))  # type: ignore[misc]
        rows.add()
        for each in gateways:
            await until(lambda each=each: serves(each, 32))  # type: ignore[misc]
            assert "The shared store cannot be used." in await readiness(each)
        between.delay = 0
        between.flows.set()
        rows.add()
        for each in gateways:
            await until(lambda each=each: serves(each, 33))  # type: ignore[misc]
        await until_equal(*gateways)


async def test_a_server_that_is_killed_and_comes_back_empty_is_filled_without_a_crawl(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, tmp_path: Path
) -> None:
    async with two(fake, redis.url, tmp_path) as gateways:
        before = [await state(each) for each in gateways]
        redis.process.kill()
        await redis.process.wait()
        await until(lambda: is_alone(gateways[0]))
        redis.path.unlink()
        async with redis_server(redis.path.parent) as again:
            await until(lambda: are_there(again, "*:segment:*"))
            assert [await state(each) for each in gateways] == before
            async with serving(fake, tmp_path / "three", *OPTIONS, "--store", again.url) as late:
                assert await state(late) == before[0]
        assert fake.targets[FIRST_PAGE] == 1


async def are_there(redis: RunningServer, pattern: str) -> bool:
    return bool(await redis.do("KEYS", pattern))


async def test_processes_of_one_machine_are_one_gateway_to_the_server(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, tmp_path: Path
) -> None:
    options = (*OPTIONS, "--sync-interval", "2", "--store", redis.url)
    async with (
        serving(fake, tmp_path / "one", *options, "--workers", "2") as one,
        serving(fake, tmp_path / "two", *options, "--workers", "2") as another,
    ):
        for each in (one, another):
            await until(lambda each=each: serves(each, 30))  # type: ignore[misc]
        assert await redis.do("ZCARD", await redis.key("gateways")) == 2
        rows.add()
        for each in (one, another):
            await until(lambda each=each: serves(each, 31))  # type: ignore[misc]
        for pid in children(one[0].pid)[:1]:
            os.kill(pid, signal.SIGKILL)
        rows.add()
        for each in (one, another):
            await until(lambda each=each: serves(each, 32))  # type: ignore[misc]


async def test_a_document_that_one_is_told_is_known_to_the_other(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, tmp_path: Path
) -> None:
    hashed = {"version": 1, "sha256Hash": hashlib.sha256(STATE.encode()).hexdigest()}
    body: dict[str, Any] = {"extensions": {"persistedQuery": hashed}}
    async with two(fake, redis.url, tmp_path) as (first, second), httpx.AsyncClient() as client:
        assert "errors" in (await client.post(second[1], json=body)).json()
        assert "errors" not in (await client.post(first[1], json={"query": STATE, **body})).json()
        await until(lambda: are_there(redis, "*:documents"))
        assert (await client.post(second[1], json=body)).json()["data"] == await ask(first[1], STATE)


async def test_a_sync_by_hand_is_for_all_and_for_the_one_that_leads(
    fake: FakeUpstream, rows: Rows, redis: RunningServer, tmp_path: Path
) -> None:
    given = ("sync", "--upstream", fake.base_url, "--store", redis.url)
    status, said = await ran(*given, "--data-dir", str(tmp_path / "by-hand"))
    assert (status, "The mirror holds 30 packages" in said) == (0, True)
    fake.requests.clear()
    often = (*OPTIONS[:-1], "1")  # it looks whether it was told something when it looks for news
    async with serving(fake, tmp_path / "one", *often, "--store", redis.url) as one:
        assert await serves(one, 30)
        assert fake.targets[FIRST_PAGE] == 0, "it has the store's"
        await until(lambda: leads(one))
        status, said = await ran(*given, "--data-dir", str(tmp_path / "by-hand"), "--accept-shrinkage")
        assert (status, "syncs this store." in said) == (1, True)
        await until(lambda: fake.targets[FIRST_PAGE] == 1)
    redis.stop()
    status, said = await ran(*given, "--data-dir", str(tmp_path / "by-hand"))
    assert (status, "does not answer" in said.splitlines()[-1]) == (1, True)


async def ran(*arguments: str) -> tuple[int | None, str]:
    """Run the command line; return its exit status, and what it said."""
    command = (sys.executable, "server.py", *arguments)
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=PIPE, stderr=STDOUT)
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def test_a_password_is_told_to_the_server_alone(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    async with redis_server(tmp_path, "--requirepass", "right") as redis:
        for password in ("right", "s3cr3t-and-wrong"):
            url = f"unix://:{password}@{redis.path}"
            async with serving(fake, tmp_path / password, *OPTIONS, "--store", url) as gateway:
                await until(lambda: serves(gateway, 30))
                assert await metric(gateway, "store_up") == (password == "right")
                said = await readiness(gateway)
                gateway[0].terminate()
                assert gateway[0].stdout is not None
                log = (await gateway[0].stdout.read()).decode()
            assert password not in said + log


def test_without_the_extra_it_says_which_one_is_missing() -> None:
    code = "import sys; sys.modules['redis'] = None; from server import main; main(['--store', 'redis://:hidden@x'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "catalogue-gateway[redis]" in done.stderr
    assert "hidden" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
