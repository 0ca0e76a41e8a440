"""A store that machines share: what a snapshot costs who leads and who follows: `python -m benchmarks.machines`.

Two mirrors in one process and a redis-server beside it. What is published was not crawled: the records are at hand.
"""

from __future__ import annotations

import gc
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import click
import msgspec
import uvloop

from benchmarks.catalogue import PACKAGES
from benchmarks.mirror import Heartbeat
from benchmarks.servers import Client as HttpClient
from benchmarks.servers import StubControl, running_gateway, running_stub
from benchmarks.tables import machine, table
from catalogue import Catalogue, Mirror, SyncSettings
from catalogue.redis_server import RedisServer
from catalogue.store import MEMORY, MemoryStore
from upstream import Client, Package

CHANGED = 200
RUNS = 7
FIRST = '{ packages(first: 20, filter: {category: "apps", minWatchers: 100}) { totalCount nodes { slug } } }'
NEVER = 60_000.0


@contextmanager
def running_redis() -> Iterator[str]:
    """Run a redis-server that keeps nothing; yield its URL."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "redis.sock"
        command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--save", "", "--appendonly", "no"]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            while not path.exists():
                time.sleep(0.01)
            yield f"unix://{path}"
        finally:
            process.kill()
            process.wait()


@asynccontextmanager
async def mirrored(url: str, store: str) -> AsyncIterator[tuple[Catalogue, Mirror]]:
    """Open a catalogue and its mirror on a store, and nothing of its own."""
    catalogue, server = Catalogue(Client(url), freshness=600, mirror_wait=10), RedisServer(store, url)
    mirror = Mirror(catalogue, MemoryStore(), SyncSettings(interval=1e9, news_interval=0), server)
    try:
        yield catalogue, mirror
    finally:
        await mirror.aclose()
        await catalogue.aclose()
        await server.aclose()


async def measured(work: Callable[[], Awaitable[object]]) -> tuple[float, float, float]:
    """Return the milliseconds that some work takes, those of CPU, and the longest hold of the loop."""
    heartbeat, begin, cpu = Heartbeat(), time.perf_counter(), time.process_time()
    await work()
    took, used = time.perf_counter() - begin, time.process_time() - cpu
    return 1000 * took, 1000 * used, await heartbeat.stop()


def changed(catalogue: Catalogue, run: int) -> list[Package]:
    """Return some packages as a crawl would find them later."""
    some = list(catalogue.snapshot.index.packages)[:CHANGED]
    return [msgspec.structs.replace(each, repo_watchers=run) for each in some]


async def publications(stub: str, store: str) -> tuple[dict[str, list[tuple[float, float, float]]], int]:
    """Publish the whole, and then changes; return what each part took, and the bytes of the whole."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ("read", "write", "follow")}
    async with mirrored(stub, store) as (leader, leading):
        await leading.sync()
        gc.freeze()
        async with mirrored(stub, store) as (follower, following):
            found["read"].append(await measured(following.load))
            for run in range(RUNS):
                snapshot = replace(leader.snapshot, read_at=datetime.now(UTC), read_clock=time.monotonic())
                records = changed(leader, run)
                found["write"].append(await measured(lambda: leading._publisher.publish(records, (), snapshot)))  # noqa: B023
                found["follow"].append(await measured(following.load))
                assert follower.snapshot.number == leader.snapshot.number
        server = RedisServer(store, stub)
        size = 0
        for key in await server.command("KEYS", "*:segment:*"):
            size = max(size, await server.command("STRLEN", key))
        await server.aclose()
    return found, size


def starts(stub: StubControl, store: str) -> tuple[float, float]:
    """Return the seconds until a gateway that has nothing but the store answers first, and those of CPU."""
    stub.latency(NEVER)
    found = []
    for _ in range(3):
        begin = time.perf_counter()
        with running_gateway(stub.url, "--data-dir", str(MEMORY), "--store", store) as gateway:
            HttpClient(gateway.url).ask(FIRST).data  # noqa: B018 (raises when the answer is none)
            found.append((time.perf_counter() - begin, gateway.cpu_seconds))
    stub.latency(0)
    return median(each for each, _ in found), median(each for _, each in found)


@click.command()
@click.option("--size", "sizes", multiple=True, default=[PACKAGES], show_default=True, help="Packages.")
def main(sizes: tuple[int, ...]) -> None:
    """Measure a shared store at some sizes."""
    click.echo(machine())
    rows: list[list[object]] = []
    began: list[list[object]] = []
    for size in sizes:
        with running_stub(size) as stub, running_redis() as store:
            found, whole = uvloop.run(publications(stub.url, store))
            names = {"read": "all of it, read", "write": "200 changed, written", "follow": "200 changed, read"}
            for key, name in names.items():
                took, used, held = (median(column) for column in zip(*found[key], strict=True))
                rows.append([f"{size:,}", name, took, used, held])
            began.append([f"{size:,}", whole / 1e6, *starts(stub, store)])
    table("A snapshot by a shared store", ["packages", "what", "ms", "ms of CPU", "longest hold, ms"], rows)
    table("A start from it", ["packages", "MB in the store", "s to the first answer", "s of CPU"], began)


if __name__ == "__main__":
    main()
