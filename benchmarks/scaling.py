"""How far it goes: `python -m benchmarks.scaling` measures what the model of `docs/scaling.md` is fed with.

What a core serves, what a cache in front of it keeps away, and what a store sends to those that follow.
The cache is nginx (`proxy_cache`) asked by wrk, the store a redis-server; what is not installed is left out.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote, urlsplit

import click
import msgspec
from redis import Redis

from benchmarks.catalogue import PACKAGES, make_catalogue, mix
from benchmarks.load import load
from benchmarks.machines import running_redis
from benchmarks.queries import TABLE
from benchmarks.scaling_model import SHARE, fetches, one_core, weights
from benchmarks.servers import (
    KEEP_NO_ANSWERS,
    LOAD_CORE,
    ROOT,
    Client,
    Server,
    StubControl,
    free_port,
    payload,
    running,
    running_gateway,
    running_stub,
)
from benchmarks.tables import machine, table

COMPLETE: Final = "{ catalogue { isComplete } }"
VERSION: Final = "{ catalogue { version } }"
PAGES: Final = 2_000
"""Different answers that are asked through the cache, by Zipf's law."""

TTL: Final = 5
"""Seconds that the cache may keep an answer, so that many expire within a run."""

HEAD: Final = """-- Asks for the paths of a file in the order of another.
local paths, order, at = {}, {}, 0
for line in io.lines("FOLDER/paths") do paths[#paths + 1] = line end
for line in io.lines("FOLDER/order") do order[#order + 1] = tonumber(line) end
request = function()
  at = at % #order + 1
  return wrk.format("GET", paths[order[at]])
end
"""


@dataclass(frozen=True)
class Served:
    """What a core of the gateway serves: CPU in microseconds a request, ready and executed; resident MB after it."""

    ready: float
    executed: float
    megabytes: float


def serves(stub: StubControl, slugs: list[str], seconds: float) -> Served:
    """Measure answers that are ready, and the same executed again each time."""
    bodies = [payload(TABLE, {"slug": slug}) for slug in slugs]
    spent = []
    for options in ((), KEEP_NO_ANSWERS):
        with running_gateway(stub.url, *options) as gateway:
            complete(gateway)
            load(gateway, bodies, None)
            load(gateway, bodies, None)
            spent.append(load(gateway, bodies, seconds).cpu_microseconds)
            megabytes = gateway.resident_megabytes
    ready, executed = spent
    return Served(ready, executed, megabytes)


@contextmanager
def running_cache(gateway: str, folder: Path) -> Iterator[Server]:
    """Run nginx with the configuration of the guide in front of a gateway, at a port."""
    port = free_port()
    text = (ROOT / "tests" / "clients" / "nginx.conf").read_text()
    text = text.replace("unix:FOLDER/nginx.sock", f"127.0.0.1:{port}").replace(
        "worker_processes 1", "master_process off"
    )
    text = text.replace("FOLDER", str(folder)).replace("GATEWAY", gateway)
    (folder / "nginx.conf").write_text(text)
    command = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    with running("nginx", command, f"http://127.0.0.1:{port}/healthz", core=LOAD_CORE) as server:
        yield server


def caches(stub: StubControl, slugs: list[str], seconds: int) -> dict[str, float]:
    """Ask for answers by GET through a cache, some more often than others; return what it costs whom."""
    named = sha256(TABLE.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": named}}
    written = quote(msgspec.json.encode(extensions))
    paths = [f"/graphql?extensions={written}&variables={quote(msgspec.json.encode({'slug': slug}))}" for slug in slugs]
    likely = weights(len(paths))
    cumulated = list(accumulate(likely))
    order = random.Random(1).choices(range(1, len(paths) + 1), cum_weights=cumulated, k=300_000)
    with (
        TemporaryDirectory() as place,
        running_gateway(stub.url, "--max-age", str(TTL)) as gateway,
        running_cache(gateway.url.removesuffix("/graphql"), Path(place)) as nginx,
    ):
        folder = Path(place)
        complete(gateway)
        client = Client(gateway.url)
        first = {"query": TABLE, "variables": {"slug": slugs[0]}, "extensions": extensions}
        client.request("POST", client.path, msgspec.json.encode(first))
        (folder / "paths").write_text("\n".join(paths) + "\n")
        (folder / "order").write_text("\n".join(map(str, order)) + "\n")
        (folder / "wrk.lua").write_text(HEAD.replace("FOLDER", place))
        ask(nginx, folder, 1)
        before = spent(gateway, nginx)
        asked, took, failed = ask(nginx, folder, seconds)
        requests, gateway_cpu, nginx_cpu = (now - then for now, then in zip(spent(gateway, nginx), before, strict=True))
    return {
        "requests a second": asked / took,
        "failed": failed,
        "of 100 answered by the cache": 100 * (1 - requests / asked),
        "as the model says": 100 * (1 - fetches(asked / took, len(paths), TTL) / (asked / took)),
        "CPU of nginx, µs a request": 1e6 * nginx_cpu / asked,
        "CPU of the gateway, µs a request of a client": 1e6 * gateway_cpu / asked,
    }


def ask(nginx: Server, folder: Path, seconds: int) -> tuple[int, float, int]:
    """Let wrk ask for some seconds; return the requests, the seconds that they took, and how many failed."""
    parts = urlsplit(nginx.url)
    command = ["wrk", "-t1", "-c32", f"-d{seconds}s", "-s", str(folder / "wrk.lua"), f"http://{parts.netloc}"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\d+) requests in ([\d.]+)(m?)s", said)
    assert found, said
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    return int(found[1]), float(found[2]), int(failed[1]) if failed else 0


def spent(gateway: Server, nginx: Server) -> tuple[float, float, float]:
    """Return how many requests a gateway has answered, and the CPU seconds of both."""
    text = Client(gateway.url).request("GET", "/metrics").body.decode()
    counts = re.findall(r"^catalogue_requests_total\{.*\} ([\d.e+]+)$", text, re.MULTILINE)
    return sum(map(float, counts)), gateway.cpu_seconds, nginx.cpu_seconds


def stores(stub: StubControl, *, with_switches: bool) -> list[list[object]]:
    """Share a mirror by a store; return what is stored, and what is read at a start and at a new snapshot."""
    with running_redis() as url:
        store = Redis.from_url(url)
        options = ("--store", url, "--sync-interval", "10", "--news-interval", "0")
        empty = _used(store)
        with running_gateway(stub.url, *options) as leader:
            complete(leader)
            settled(store)
            rows: list[list[object]] = [["stored", (_used(store) - empty) / 1e6, ""]]
            sent, begin = _sent(store), time.perf_counter()
            with running_gateway(stub.url, *options, name="follower") as follower:
                complete(follower)
                rows.append(["read by one that starts", (_sent(store) - sent) / 1e6, time.perf_counter() - begin])
                for changed in (20, 1_000) if with_switches else ():
                    stub.change(changed)
                    rows.append([f"read where {changed} have changed", *followed(leader, follower, store)])
    return rows


def followed(leader: Server, follower: Server, store: Redis) -> tuple[float, float]:
    """Wait for a new snapshot; return the MB that were read of it, and by how many seconds the follower was later."""
    version, sent = _version(leader), _sent(store)
    switched(leader, version)
    begin = time.perf_counter()
    switched(follower, version)
    seconds = time.perf_counter() - begin
    time.sleep(1)
    return (_sent(store) - sent) / 1e6, seconds


def complete(gateway: Server) -> None:
    """Wait until a gateway has the whole catalogue."""
    while b"true" not in Client(gateway.url).ask(COMPLETE).body:
        time.sleep(0.05)


def settled(store: Redis) -> None:
    """Wait until what is stored has not grown for two seconds."""
    before = -1
    while (now := _used(store)) > before + 100_000 or not store.dbsize():
        before = now
        time.sleep(2)


def switched(gateway: Server, version: int) -> None:
    """Wait until a gateway serves a later snapshot."""
    while _version(gateway) <= version:
        time.sleep(0.01)


def _version(gateway: Server) -> int:
    found = re.search(rb'"version":"(\d+)"', Client(gateway.url).ask(VERSION).body)
    assert found
    return int(found[1])


def _used(store: Redis) -> int:
    return int(store.info("memory")["used_memory"])


def _sent(store: Redis) -> int:
    return int(store.info("stats")["total_net_output_bytes"])


@click.command()
@click.option("--packages", default=PACKAGES, show_default=True, help="Packages of the catalogue.")
@click.option("--seconds", default=8, show_default=True, help="Seconds of load at each measure.")
@click.option("--part", "parts", multiple=True, default=["core", "cache", "store", "switch"], show_default=True)
def main(packages: int, seconds: int, parts: tuple[str, ...]) -> None:
    """Measure a core, a cache in front and a store."""
    click.echo(machine())
    catalogue = make_catalogue(packages)
    with running_stub(packages) as stub:
        if "core" in parts:
            core = serves(stub, mix(catalogue), seconds)
            table(
                "A core: tables of some 28 packages, 12 fields each",
                ["packages", "ready, µs", "executed, µs", f"ready a second at {SHARE:.0%}", "executed a second", "MB"],
                [
                    [
                        f"{packages:,}",
                        core.ready,
                        core.executed,
                        one_core(core.ready),
                        one_core(core.executed),
                        core.megabytes,
                    ]
                ],
            )
        if "cache" in parts and shutil.which("nginx") and shutil.which("wrk"):
            slugs = [each["slug"] for each in catalogue.packages.values()][:PAGES]
            table(f"A cache in front, {TTL} s", ["", ""], [[*each] for each in caches(stub, slugs, seconds).items()])
        if "store" in parts and shutil.which("redis-server"):
            table("A store", ["", "MB", "s"], stores(stub, with_switches="switch" in parts))


if __name__ == "__main__":
    main()
