"""What a further process of `--workers` takes of the memory: `python -m benchmarks.workers`.

The processes begin with a mirror's file, as after a restart, or find none and crawl (`--first`). A process's own memory
is what it shares with no other: the private pages of `/proc/PID/smaps_rollup`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from benchmarks.catalogue import make_catalogue
from benchmarks.queries import NEIGHBOURS, ONE, TABLE
from benchmarks.servers import Client, Server, running_gateway, running_stub
from benchmarks.tables import machine, table

WHOLE = "{ packages(first: 1) { totalCount } }"


def own_megabytes(pid: int) -> float:
    """Return what a process shares with no other, in MB of 10^6 bytes."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) * 1024 / 1e6


def processes(gateway: Server) -> list[int]:
    """Return those that serve."""
    pid = gateway.process.pid
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def connected(gateway: Server, count: int) -> Iterator[list[Client]]:
    """Open so many connections, which the processes share evenly: each takes one when it has the fewest."""
    clients = [Client(gateway.url) for _ in range(count)]
    for client in clients:
        client.ask(WHOLE).data  # noqa: B018 (which says that it is one)
    yield clients
    for client in clients:
        with closing(client.connection):
            pass


def measure(gateway: Server, workers: int, asked: int) -> Iterator[list[object]]:
    """Yield the rows of a table: what each process has of its own after one thing and another."""
    slugs = [row["slug"] for row in make_catalogue().packages.values()][:asked]

    def row(name: str) -> list[object]:
        return [name, *sorted(map(own_megabytes, processes(gateway)))]

    with connected(gateway, workers) as clients:
        yield row("at rest")
        for name, query in (("one package", ONE), ("neighbours", NEIGHBOURS), ("tables", TABLE)):
            for client in clients:
                for slug in slugs:
                    client.ask(query, {"slug": slug})
            yield row(f"after {asked:,} answers each: {name}")


@click.command(help=__doc__)
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--asked", default=4000, show_default=True, help="Answers of each kind that each process gives.")
@click.option("--first", is_flag=True, help="Begin without a file.")
@click.argument("options", nargs=-1)
def main(workers: int, asked: int, first: bool, options: tuple[str, ...]) -> None:
    """Measure it at 5,800 packages; OPTIONS are the gateway's."""
    click.echo(machine())
    with running_stub() as stub, TemporaryDirectory() as folder:
        given = ("--mirror-wait", "60", "--data-dir", folder, *options)
        if not first:
            with running_gateway(stub.url, *given) as gateway:
                Client(gateway.url).ask(WHOLE).data  # noqa: B018 (which waits for the first snapshot)
        with running_gateway(stub.url, *given, "--workers", str(workers)) as gateway:
            rows = list(measure(gateway, workers, asked))
    names = [f"process {number}" for number in range(1, workers + 1)]
    table("MB of its own", ["5,800 packages", *names], rows)


if __name__ == "__main__":
    main()
