"""The neighbours query, cold and warm: `python -m benchmarks.neighbours`.

Cold, on an upstream of 50 ms a request with the bound on requests lifted, the query needs four round trips, whatever
the number of neighbours: package, grids, members, the members' other grids. The ratio is to those four latencies. "At
once" are clients that ask the same in the same moment, until the last one has its answer.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from statistics import median
from threading import Barrier

import click

from benchmarks.catalogue import TWINS
from benchmarks.queries import NEIGHBOURS
from benchmarks.servers import (
    KEEP_NO_ANSWERS,
    LOAD_CORE,
    NO_MIRROR,
    Client,
    Reply,
    StubControl,
    on_core,
    running_gateway,
    running_stub,
)
from benchmarks.tables import machine, spread, table

LAYERS = 4
MILLISECONDS = 50
AT_ONCE = 16


def measure(stub: StubControl, client: Client, slug: str) -> tuple[float, int, int]:
    """Ask once; return milliseconds, GETs, and the most GETs in flight."""
    stub.reset()
    answer = client.ask(NEIGHBOURS, {"slug": slug})
    _check(answer)
    stats = stub.stats()
    return answer.seconds * 1000, stats.requests, stats.max_in_flight


def measure_at_once(stub: StubControl, url: str, slug: str) -> tuple[float, int, int]:
    """Ask the same over several connections, and measure until all have their answers."""
    stub.reset()
    barrier = Barrier(AT_ONCE + 1)

    def ask(client: Client) -> Reply:
        client.ask("{ __typename }")  # connects
        barrier.wait()
        return client.ask(NEIGHBOURS, {"slug": slug})

    with on_core(LOAD_CORE), ThreadPoolExecutor(AT_ONCE) as pool:
        asking = [pool.submit(ask, Client(url)) for _ in range(AT_ONCE)]
        barrier.wait()
        begin = time.perf_counter()
        answers = [each.result() for each in asking]
        seconds = time.perf_counter() - begin
    for answer in answers:
        _check(answer)
    stats = stub.stats()
    return seconds * 1000, stats.requests, stats.max_in_flight


def _check(answer: Reply) -> None:
    data = answer.data
    assert isinstance(data, dict)
    members = {member["id"] for grid in data["package"]["grids"] for member in grid["packages"]}
    if len(members) != 121:
        raise RuntimeError(f"the answer has {len(members)} members instead of the package and 120 neighbours")


def _row(name: str, found: Sequence[tuple[float, int, int]], *, cold: bool = True) -> list[object]:
    times = [milliseconds for milliseconds, _, _ in found]
    ratio = median(times) / (LAYERS * MILLISECONDS)
    gets, in_flight = (f"{median(figures):.0f}" for figures in list(zip(*found, strict=True))[1:])
    return [name, len(found), spread(times), ratio if cold else "-", gets, in_flight]


@click.command()
@click.option("--processes", default=5, show_default=True, help="Fresh processes.")
def main(processes: int) -> None:
    """Measure the neighbours query through the gateway."""
    first, fresh, warm, at_once = [], [], [], []
    with running_stub(latency=str(MILLISECONDS)) as stub:
        for _ in range(processes):
            with running_gateway(stub.url, *NO_MIRROR, *KEEP_NO_ANSWERS) as server:
                client = Client(server.url)
                first.append(measure(stub, client, TWINS[0]))
                fresh += [measure(stub, client, slug) for slug in TWINS[1:-2]]
                at_once += [measure_at_once(stub, server.url, slug) for slug in TWINS[-2:]]
                warm += [measure(stub, client, slug) for slug in TWINS]
    header = ["", "runs", "ms, median (range)", f"to {LAYERS} × {MILLISECONDS} ms", "GETs", "most in flight"]
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
