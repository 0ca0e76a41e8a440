"""What a further neighbour costs, from 15 to 1,000: `python -m benchmarks.growth`."""

from __future__ import annotations

import time
from statistics import median

import click

from benchmarks.catalogue import HUBS
from benchmarks.load import load
from benchmarks.queries import TABLE
from benchmarks.servers import KEEP_NO_ANSWERS, Client, payload, running_gateway, running_stub
from benchmarks.tables import machine, spread, table

SIZES = {size: slug for slug, size in reversed(HUBS.items())}


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Interleaved rounds of load.")
@click.option("--seconds", default=3, show_default=True, help="Seconds of load a round and size.")
def main(rounds: int, seconds: int) -> None:
    """Measure the gateway's CPU for a table of 15, 50, 120, 300 and 1,000 neighbours, without kept answers."""
    found: dict[int, list[float]] = {size: [] for size in sorted(SIZES)}
    with running_stub() as stub, running_gateway(stub.url, *KEEP_NO_ANSWERS) as server:
        client = Client(server.url)
        while b"false" in client.ask("{ catalogue { isComplete } }").body:
            time.sleep(0.1)
        for size in found:
            assert client.ask(TABLE, {"slug": SIZES[size]}).data
        for _ in range(rounds):
            for size, costs in found.items():
                bodies = [payload(TABLE, {"slug": SIZES[size]})]
                costs.append(load(server, bodies, seconds).cpu_microseconds)
    rows: list[list[object]] = []
    smaller, cost = 0, 0.0
    for size, costs in found.items():
        further = (median(costs) - cost) / (size - smaller) if smaller else "-"
        rows.append([size, spread(costs), median(costs) / size, further])
        smaller, cost = size, median(costs)
    click.echo(machine())
    header = ["neighbours", "CPU µs a request", "µs a neighbour", "µs a further neighbour"]
    table("A table of neighbours, 12 fields each, every record in memory, no answers kept", header, rows)


if __name__ == "__main__":
    main()
