"""What people wait while the gateway crawls, beside what they wait while it does not: `python -m benchmarks.crawling`.

Two gateways over one upstream, one that crawls every ten seconds and one that does not, take turns at one core: whose
turn it is not is stopped. The load comes from this process, at a share of what the gateway can do, and the time of each
request counts from when it was due (`benchmarks.traffic`). Half of the requests have an answer that is ready, half must
be executed. Before each crawl the upstream changes a few packages, and once in a while all of them.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count, cycle
from statistics import median, quantiles
from typing import Final

import click
import msgspec
import uvloop

from benchmarks.catalogue import PACKAGES, make_catalogue
from benchmarks.servers import LOAD_CORE, Client, Server, StubControl, on_core, running_gateway, running_stub
from benchmarks.tables import machine, spread, table
from benchmarks.traffic import Asked, Traffic
from benchmarks.truth import FACTS, Question, one

INTERVAL: Final = 10.0
CHANGES: Final = (20, 20, PACKAGES)
"""How many packages change before each crawl, by turns."""

READY: Final = 50
"""Questions that are asked again and again."""

PAIR: Final = f"""query($slug: String!, $other: String!) {{
  package(slug: $slug) {{ {FACTS} grids {{ title packages {{ slug title repoWatchers }} }} }}
  other: package(slug: $other) {{ title }}
}}"""
WHOLE: Final = "{ packages(first: 1) { totalCount } }"
CRAWLING: Final = ("--sync-interval", str(INTERVAL), "--sync-page-size", "400")
"""Two pages a second, so that pages of 100 would take longer than an interval."""

QUIET: Final = ("--sync-interval", "86400")


def questions() -> Iterator[Question]:
    """Return questions without an end: by turns one of some that are asked all the time, and one that never was."""
    slugs = [row["slug"] for row in make_catalogue().packages.values()]
    ready = cycle([one(slug) for slug in slugs[:READY]])
    for shift in count(1):
        for slug, other in zip(slugs, chain(slugs[shift:], slugs[:shift]), strict=False):
            yield next(ready)
            yield Question(_pair(slug, other), lambda data, span: True)


def _pair(slug: str, other: str) -> bytes:
    """Ask for a package with its neighbours, and another one: there are more such pairs than are ever asked for."""
    return msgspec.json.encode({"query": PAIR, "variables": {"slug": slug, "other": other}})


class Times:
    """The times of requests in milliseconds, a list for each run."""

    def __init__(self) -> None:
        self.runs: list[list[float]] = []
        self.late = 0.0
        """By how many milliseconds this process was late itself, at worst."""
        self.refused = 0
        """Requests that got no answer, or an error."""

    @property
    def p99(self) -> list[float]:
        """The 99th percentile of each run."""
        return [quantiles(run, n=100)[98] for run in self.runs]

    def row(self, name: str) -> list[object]:
        """Return how many there are; of the runs' p50, p99 and longest the median and range; lateness, and refusals."""
        longest = [max(run) for run in self.runs]
        figures = [spread(each) for each in ([median(run) for run in self.runs], self.p99, longest)]
        return [name, f"{sum(map(len, self.runs)):,}", *figures, self.late, self.refused]


def ask(server: Server, asked: Iterator[Question], seconds: float, rate: float | None, times: Times) -> float:
    """Ask for some seconds, note the times, and return the requests a second."""
    found: list[float] = []

    def answered(request: Asked, status: int, body: bytes) -> None:
        found.append(1e3 * (time.perf_counter() - request.due))
        times.refused += status != 200 or b'"errors"' in body

    def lost(request: Asked, why: str) -> None:
        times.refused += 1

    async def run() -> float:
        traffic = Traffic(server.url, asked, lambda: 0, answered, lost, tick=0)
        per_second = await traffic.run(seconds, rate)
        await traffic.aclose()
        times.late = max(times.late, 1e3 * traffic.late)
        return per_second

    with on_core(LOAD_CORE):
        per_second = uvloop.run(run())
    times.runs.append(found)
    return per_second


@contextmanager
def alone(server: Server, other: Server) -> Iterator[None]:
    """Let a server run, and not the other."""
    other.process.send_signal(signal.SIGSTOP)
    server.process.send_signal(signal.SIGCONT)
    try:
        yield
    finally:
        other.process.send_signal(signal.SIGCONT)


@contextmanager
def changing(stub: StubControl, counts: Iterator[int]) -> Iterator[None]:
    """Change the catalogue now, and then once in an interval."""
    over = threading.Event()

    def change() -> None:
        stub.change(next(counts))
        while not over.wait(INTERVAL):
            stub.change(next(counts))

    thread = threading.Thread(target=change)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@click.command()
@click.option("--seconds", default=20.0, show_default=True, help="How long to ask each time.")
@click.option("--rounds", default=2, show_default=True, help="Turns of each gateway.")
@click.option("--share", default=0.7, show_default=True, help="The load, as a share of what the gateway can do.")
def main(seconds: float, rounds: int, share: float) -> None:
    """Measure what people wait with and without crawls."""
    click.echo(machine())
    asked, counts = questions(), cycle(CHANGES)
    quiet, crawling = Times(), Times()
    with (
        running_stub() as stub,
        running_gateway(stub.url, *QUIET, name="quiet") as idle,
        running_gateway(stub.url, *CRAWLING, name="crawling") as busy,
    ):
        for server in (idle, busy):
            Client(server.url).ask(WHOLE).data  # noqa: B018 (raises when the answer is none)
        with alone(idle, busy):
            ask(idle, asked, 1, None, Times())
            capacity = ask(idle, asked, 3, None, Times())
        rate = share * capacity
        stub.reset()
        for _ in range(rounds):
            with alone(idle, busy):
                ask(idle, asked, seconds, rate, quiet)
            with alone(busy, idle), changing(stub, counts):
                ask(busy, asked, seconds, rate, crawling)
        pages = stub.stats().by_kind.get("list", 0)
    table(
        f"{rate:,.0f} requests a second, {share:.0%} of {capacity:,.0f}; {pages} pages read meanwhile; ms",
        ["", "requests", "p50", "p99", "longest", "load late", "refused"],
        [quiet.row("without crawls"), crawling.row(f"a crawl every {INTERVAL:.0f} s")],
    )
    click.echo(f"\np99 with crawls is {median(crawling.p99) / median(quiet.p99):.2f} times that without.")


if __name__ == "__main__":
    main()
