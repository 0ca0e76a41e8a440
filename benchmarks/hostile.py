"""What others wait while a hostile client is served.

`python -m benchmarks.hostile` sends each input (`hostile_inputs`) to a gateway with its mirror, from one client and
from twenty at once, and probes on other connections, from another process, for an answer that is ready, one that is
executed and for `/healthz`: no probe may wait 250 ms. What they wait while there is nobody is what the machine adds.
`--only PATTERN` picks inputs.
"""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing import Queue, get_context
from multiprocessing.synchronize import Event
from typing import Final
from urllib.parse import urlsplit

import click

from benchmarks.hostile_inputs import INPUTS, MAX_BATCH, Connections, Request
from benchmarks.queries import ONE
from benchmarks.servers import Client, Reply, Server, running_gateway, running_stub
from benchmarks.tables import table

CONTEXT: Final = get_context("fork")
"""The probes are processes of their own: threads would wait for those that send."""

HEADERS: Final = {"Content-Type": "application/json", "Accept": "application/graphql-response+json"}

MAX_OUTCOMES: Final = 4
"""Outcomes of an input that are listed."""

BOUND: Final = 0.25
"""Seconds that nobody may wait for somebody else's request."""

PROBES: Final[dict[str, Callable[[Client, int], Reply]]] = {
    "ready": lambda client, number: client.ask(ONE, {"slug": "hub-50"}),
    "executed": lambda client, number: client.ask(ONE, {"slug": "hub-50", "unused": number}),
    "health": lambda client, number: client.request("GET", "/healthz"),
}
"""What others ask for meanwhile; `number` is another one each time."""


def _probe(url: str, name: str, over: Event, waits: Queue[tuple[str, float]]) -> None:
    client, longest = Client(url), 0.0
    for number in count():
        reply = PROBES[name](client, number)
        assert reply.status == 200, reply.body
        longest = max(longest, reply.seconds)
        if over.is_set():
            break
    waits.put((name, longest))


@contextmanager
def probing(server: Server) -> Iterator[dict[str, float]]:
    """Ask again and again, until the block ends; then the longest wait of each probe is there, in seconds."""
    longest: dict[str, float] = {}
    over, waits = CONTEXT.Event(), CONTEXT.Queue()
    processes = [CONTEXT.Process(target=_probe, args=(server.url, name, over, waits)) for name in PROBES]
    for each in processes:
        each.start()
    try:
        yield longest
    finally:
        over.set()
        longest.update(waits.get(timeout=60) for _ in processes)
        for each in processes:
            each.join()


def send(server: Server, connections: Connections) -> tuple[float, str]:
    """Send requests; return how long all took, in seconds, and how often each status and code came, until when."""
    parts = urlsplit(server.url)
    outcomes: dict[str, list[float]] = {}

    def one(requests: list[Request]) -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        for body, headers in requests:
            connection.request("POST", parts.path, body, {**HEADERS, **dict(headers)})
            response = connection.getresponse()
            content = response.read()
            coding = response.headers["content-encoding"]
            outcome = f"{len(content):,} bytes of {coding}" if coding else _code(content)
            outcomes.setdefault(f"{response.status} {outcome}", []).append(time.perf_counter() - begin)
        connection.close()

    threads = [threading.Thread(target=one, args=(requests,)) for requests in connections]
    begin = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    counted = [f"{len(took)} × {outcome} in {max(took):.2f} s" for outcome, took in sorted(outcomes.items())]
    kinds = ", ".join(counted[:MAX_OUTCOMES]) + (
        f" and {len(counted) - MAX_OUTCOMES} more" * (len(counted) > MAX_OUTCOMES)
    )
    return time.perf_counter() - begin, kinds


def _code(body: bytes) -> str:
    if not body.startswith((b'{"errors"', b'[{"errors"')):
        return f"{len(body):,} bytes"
    # Not decoded: that would keep the probes, which are threads of this process, from measuring.
    found = re.search(rb'"code":"(\w+)"', body[:10_000])
    return found[1].decode() if found else "?"


@click.command()
@click.option("--only", default="", help="Inputs whose name has this, a regular expression.")
def main(only: str) -> None:
    """Measure what others wait while a hostile client is served."""
    rows: list[list[object]] = []
    late: list[str] = []
    with running_stub() as stub, running_gateway(stub.url, "--batch-limit", str(MAX_BATCH)) as server:
        client = Client(server.url)
        while b"false" in client.ask("{ catalogue { isComplete } }").body:
            time.sleep(0.2)
        assert client.ask(ONE, {"slug": "hub-50"}).data
        for name, connections in INPUTS.items():
            for clients in (1, 20 // len(connections)) if 0 < len(connections) < 20 else (1,):
                if not re.search(only, name):
                    continue
                with probing(server) as waits:
                    time.sleep(0.2 if connections else 2)
                    seconds, outcome = send(server, connections * clients)
                rows.append([name, clients, seconds * 1e3, *(1e3 * waits[each] for each in PROBES), outcome])
                late += [f"{name} × {clients}"] * (max(waits.values()) > BOUND)
        memory = server.resident_megabytes
    table(
        "Hostile inputs: ms until all are answered, longest wait of others in ms",
        ["", "clients", "all", *PROBES, "outcome"],
        rows,
    )
    click.echo(f"\nResident in the end: {memory:.0f} MB")
    click.echo(f"Waits of over 250 ms: {', '.join(late) or 'none'}")


if __name__ == "__main__":
    main()
