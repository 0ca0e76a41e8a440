"""The neighbours query, cold and warm: `python -m benchmarks.neighbours`.

Cold, on an upstream of 50 ms a request with the bound on requests lifted, the query needs four round trips, whatever
the number of neighbours: package, grids, members, the members' other grids. The ratio is to those four latencies. "At
once" are clients that ask the same in the same moment, until the last one has its answer. The server's CPU is the mean
over the runs, since the kernel counts it in steps of 10 ms.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import mean, median
from threading import Barrier
from typing import NamedTuple

import click

from benchmarks.catalogue import TWINS
from benchmarks.queries import NEIGHBOURS
from benchmarks.servers import (
    KEEP_NO_ANSWERS,
    LOAD_CORE,
    NO_MIRROR,
    Client,
    Reply,
    Server,
    StubControl,
    on_core,
    running_gateway,
    running_stub,
)
from benchmarks.tables import machine, spread, table

LAYERS = 4
MILLISECONDS = 50
AT_ONCE = 16


class Run(NamedTuple):
    """A query, or some at once: until the last answer is there, CPU of the server, GETs, the most GETs in flight."""

    milliseconds: float
    cpu: float
    gets: int
    in_flight: int


def measure(stub: StubControl, server: Server, client: Client, slug: str) -> Run:
    """Ask once."""
    stub.reset()
    cpu = server.cpu_seconds
    answer = client.ask(NEIGHBOURS, {"slug": slug})
    _check(answer)
    stats = stub.stats()
    return Run(answer.seconds * 1000, (server.cpu_seconds - cpu) * 1000, stats.requests, stats.max_in_flight)


def measure_at_once(stub: StubControl, server: Server, slug: str) -> Run:
    """Ask the same over several connections, and measure until all have their answers."""
    stub.reset()
    cpu = server.cpu_seconds
    barrier = Barrier(AT_ONCE + 1)

    def ask(client: Client) -> Reply:
        client.ask("{ __typename }")  # connects
        barrier.wait()
        return client.ask(NEIGHBOURS, {"slug": slug})

    with on_core(LOAD_CORE), ThreadPoolExecutor(AT_ONCE) as pool:
        asking = [pool.submit(ask, Client(server.url)) for _ in range(AT_ONCE)]
        barrier.wait()
        begin = time.perf_counter()
        answers = [each.result() for each in asking]
        seconds = time.perf_counter() - begin
    for answer in answers:
        _check(answer)
    stats = stub.stats()
    return Run(seconds * 1000, (server.cpu_seconds - cpu) * 1000, stats.requests, stats.max_in_flight)


def _check(answer: Reply) -> None:
    data = answer.data
    assert isinstance(data, dict)
    members = {member["id"] for grid in data["package"]["grids"] for member in grid["packages"]}
    if len(members) != 121:
        raise RuntimeError(f"the answer has {len(members)} members instead of the package and 120 neighbours")


def _row(name: str, runs: Sequence[Run], *, cold: bool = True) -> list[object]:
    times = [run.milliseconds for run in runs]
    ratio = median(times) / (LAYERS * MILLISECONDS)
    gets, in_flight = f"{median(run.gets for run in runs):.0f}", f"{median(run.in_flight for run in runs):.0f}"
    return [name, len(runs), spread(times), ratio if cold else "-", mean(run.cpu for run in runs), gets, in_flight]


@click.command()
@click.option("--processes", default=5, show_default=True, help="Fresh processes.")
def main(processes: int) -> None:
    """Measure the neighbours query through the gateway."""
    first, fresh, warm, at_once = [], [], [], []
    with running_stub(latency=str(MILLISECONDS)) as stub:
        for _ in range(processes):
            with running_gateway(stub.url, *NO_MIRROR, *KEEP_NO_ANSWERS) as server:
                client = Client(server.url)
                first.append(measure(stub, server, client, TWINS[0]))
                fresh += [measure(stub, server, client, slug) for slug in TWINS[1:-2]]
                at_once += [measure_at_once(stub, server, slug) for slug in TWINS[-2:]]
                warm += [measure(stub, server, client, slug) for slug in TWINS]
    ratio = f"to {LAYERS} × {MILLISECONDS} ms"
    header = ["", "runs", "ms, median (range)", ratio, "CPU ms, mean", "GETs", "most in flight"]
    rows = [
        _row("cold, first query of a process", first),
        _row("cold, a slug not yet met", fresh),
        _row(f"cold, {AT_ONCE} at once for a slug not yet met", at_once),
        _row("warm", warm, cold=False),
    ]
    click.echo(machine())
    table(f"One package and its 120 neighbours, four layers, upstream at {MILLISECONDS} ms a request", header, rows)


if __name__ == "__main__":
    main()
