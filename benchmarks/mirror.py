"""The mirror: how it is filled, how soon it serves, what it costs: `python -m benchmarks.mirror`.

The stub answers as dearly as the real upstream where the time of a sync is measured, and at once elsewhere.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import click
import uvloop

import server  # noqa: F401 (what the gateway imports is in memory, as in the gateway)
from benchmarks.catalogue import PACKAGES
from benchmarks.servers import Client as HttpClient
from benchmarks.servers import StubControl, running_gateway, running_stub
from benchmarks.tables import machine, spread, table
from catalogue import (
    Catalogue,
    GridFilter,
    Mirror,
    OrderDirection,
    PackageFilter,
    PackageOrder,
    PackageOrderBy,
    ParticipantFilter,
    ParticipantOrder,
    SyncSettings,
)
from catalogue.sqlite_store import SQLiteStore
from execution.internals import get_object_definition
from loaders import RequestContext
from resolvers.connections import Connection
from resolvers.lists import grids, packages, packages_of_categories, packages_of_participants
from resolvers.participants import collaborators
from resolvers.participants import participants as all_participants
from resolvers.search import search
from resolvers.stats import PackageConnection, stats
from schema.stats import PackageStats
from upstream import Client

RUNS = 15
FIRST = '{ packages(first: 20, filter: {category: "apps", minWatchers: 100}) { totalCount nodes { slug } } }'
FILTER = PackageFilter(category="apps", min_watchers=1)
STATE = "{ catalogue { syncedAt } }"
NEVER = 60_000.0


class Heartbeat:
    """Beats every millisecond; `longest` is by how many milliseconds a beat was late for this process's own work.

    That is the CPU time of the whole process since the last beat, where less time has passed than that, the time: other
    processes on the machine do not count.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self._task = asyncio.ensure_future(self._beat())

    async def stop(self) -> float:
        """Return the longest hold."""
        await asyncio.sleep(0.01)
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
        return self.longest

    async def _beat(self) -> None:
        wall, cpu = time.perf_counter(), time.process_time()
        while True:
            await asyncio.sleep(0.001)
            now, used = time.perf_counter(), time.process_time()
            self.longest = max(self.longest, 1000 * min(now - wall - 0.001, used - cpu))
            wall, cpu = now, used


async def _sync(url: str, folder: Path, times: int) -> list[tuple[float, float]]:
    """Sync some times in this process; return the seconds and the longest hold in milliseconds of each."""
    catalogue = Catalogue(Client(url), freshness=600, mirror_wait=10)
    mirror = Mirror(catalogue, SQLiteStore(folder, url), SyncSettings())
    await mirror.load()
    gc.freeze()  # as the gateway does when it starts
    found = []
    for _ in range(times):
        heartbeat, begin = Heartbeat(), time.perf_counter()
        await mirror.sync()
        found.append((time.perf_counter() - begin, await heartbeat.stop()))
    await mirror.aclose()
    await catalogue.aclose()
    return found


def syncs(stub: StubControl, folder: Path) -> None:
    """Measure full syncs against the real upstream's costs."""
    stub.latency(None)
    stub.reset()
    ((seconds, _),) = uvloop.run(_sync(stub.url, folder / "first", 1))
    stats = stub.stats()
    rows: list[list[object]] = [[stats.requests, stats.max_in_flight, seconds]]
    table("A first sync, 112 ms a page of 100", ["requests", "most in flight", "s"], rows)


def holds(stub: StubControl, folder: Path, size: int) -> list[object]:
    """Measure how long syncs hold the loop: the first one, and the worst of three that follow."""
    stub.latency(0)
    with patch("catalogue.mirror.SERVING_RATE", None):  # as fast as the upstream answers
        first, *later = uvloop.run(_sync(stub.url, folder, 4))
    return [f"{size:,}", first[1], max(hold for _, hold in later), first[0], median(seconds for seconds, _ in later)]


def starts(stub: StubControl, folder: Path, size: int) -> list[object]:
    """Measure a gateway that finds its file: seconds to its first answer, memory then and after it has synced."""
    stub.latency(NEVER)
    found, cpu = [], []
    for _ in range(3):
        begin = time.perf_counter()
        with running_gateway(stub.url, "--data-dir", str(folder)) as gateway:
            HttpClient(gateway.url).ask(FIRST).data  # noqa: B018 (raises when the answer is none)
            found.append(time.perf_counter() - begin)
            cpu.append(gateway.cpu_seconds)
    stub.latency(0)
    # Its file is older than a second, so it crawls at once; two pages a second, hence large ones.
    crawling = ("--sync-interval", "1", "--sync-page-size", "1000")
    with running_gateway(stub.url, "--data-dir", str(folder), *crawling) as gateway:
        client = HttpClient(gateway.url)
        loaded, before = gateway.resident_megabytes, client.ask(STATE).body
        while client.ask(STATE).body == before:
            time.sleep(0.1)
        return [f"{size:,}", spread(found), median(cpu), loaded, gateway.resident_megabytes]


Question = Callable[[RequestContext], Awaitable[Sequence[Connection | Any]]]


def _questions(catalogue: Catalogue) -> dict[str, Question]:
    """Return every filter, every order and some searches, each for its first page of 20."""
    year = datetime(2020, 1, 1, tzinfo=UTC)
    found: dict[str, Question] = {"packages": lambda context: packages([None], context)}

    def ask(name: str, function: Callable[..., Any], *parents: object, **arguments: object) -> None:
        found[name] = lambda context: function(parents or [None], context, **arguments)

    index = catalogue.snapshot.index
    grid = max(index.grids, key=lambda grid: len(grid.packages))
    busiest = index.participants.known[index.participants.by_packages.keys[0]]
    for values in (
        {"category": "apps"},
        {"category": "other"},
        {"grid": grid.slug},
        {"participant": busiest.login},
        {"text": "cache"},
        {"text": "nowhere"},
        {"text": "django cache"},
        {"text": "django"},
        {"text": "a"},
        {"text": "1"},
        {"text": "ango-cache"},
        {"min_watchers": 100},
        {"max_watchers": 5},
        {"min_forks": 10},
        {"max_forks": 10},
        {"updated_after": year},
        {"updated_before": year},
        {"created_after": year},
        {"created_before": year},
        {"has_pypi_release": True},
        {"has_documentation": True},
        {"is_active": True},
        {"repo_host": "github.com"},
        {"fetched_after": year},
        {"min_watchers": 1, "max_watchers": 10**6, "min_forks": 0, "updated_after": year, "created_after": year},
        {"category": "apps", "min_watchers": 100, "has_documentation": True, "updated_after": year},
    ):
        plain = {name: value for name, value in values.items() if name in ("category", "text")}
        described = ", ".join(f"{name} {plain[name]}" if name in plain else name for name in values)
        ask(f"packages, {described}", packages, filter=PackageFilter(**values))
    for order in PackageOrder:
        by = PackageOrderBy(field=order, direction=OrderDirection.DESC)
        ask(f"packages by {order.name}", packages, order_by=by)
    by = PackageOrderBy(field=PackageOrder.WATCHERS, direction=OrderDirection.DESC)
    ask("Category.packages by WATCHERS", packages_of_categories, next(iter(index.categories)), order_by=by)
    ask("Participant.packages by WATCHERS", packages_of_participants, busiest, order_by=by)
    ask("packages, all statistics", _packages_with_stats)
    ask("packages, all statistics, max_watchers", _packages_with_stats, filter=PackageFilter(max_watchers=5))
    ask("grids, text", grids, filter=GridFilter(text="cache"))
    ask("grids, min_packages", grids, filter=GridFilter(min_packages=20))
    for by_what in ParticipantOrder:
        ask(f"participants by {by_what.name}", all_participants, order_by=by_what)
    ask("participants, bots: false", all_participants, filter=ParticipantFilter(bots=False))
    ask("Participant.collaborators of the busiest", collaborators, busiest)
    words = "admin analytics api async audit auth backup badge blog cache calendar captcha"
    prefixes = "feed djan ad temp use s token for"  # the dearest of 1,500 made at random
    for query in ("cache", "django", "d", "s", "1", "c a", "cache lock", "django-cache", prefixes, words, "x" * 200):
        ask(f"search, {query[:33]}", search, query=query)
    for query in ("s", "cache", "c a"):
        ask(f"search, {query}, with category and min_watchers", search, query=query, filter=FILTER)
    ask("search, s, with text django cache", search, query="s", filter=PackageFilter(text="django cache"))
    return found


async def _packages_with_stats(
    roots: Sequence[None], context: RequestContext, **arguments: Any
) -> list[PackageConnection]:
    """Answer `packages`, and read every field of their statistics."""
    pages = await packages(roots, context, **arguments)
    (found,) = await stats(pages, context)
    for field in get_object_definition(PackageStats, strict=True).fields:
        getattr(found, field.python_name)
    return pages


async def _ask(url: str, folder: Path) -> dict[str, tuple[float, int]]:
    """Return the milliseconds of CPU of each question, and how many items it finds; nothing is kept between runs."""
    catalogue = Catalogue(Client(url), freshness=1e9, mirror_wait=10)
    mirror = Mirror(catalogue, SQLiteStore(folder, url), SyncSettings())
    await mirror.load()
    assert catalogue.snapshot.search is not None
    await catalogue.snapshot.search.get()
    gc.freeze()
    found = {}
    for name, question in _questions(catalogue).items():
        times = []
        for _ in range(RUNS):
            catalogue.snapshot.index.selections.clear()
            begin = time.process_time()
            (page,) = await question(RequestContext(catalogue))
            times.append(1000 * (time.process_time() - begin))
        found[name] = median(times), page.total_count
    await mirror.aclose()
    await catalogue.aclose()
    return found


@click.command()
@click.option("--size", "sizes", multiple=True, default=[PACKAGES, 10 * PACKAGES], show_default=True, help="Packages.")
def main(sizes: tuple[int, ...]) -> None:
    """Measure the mirror at some sizes; the time of a sync at the first of them."""
    click.echo(machine())
    held, started, asked = [], [], []
    for number, size in enumerate(sizes):
        with TemporaryDirectory() as place, running_stub(size) as stub:
            folder = Path(place)
            if number == 0:
                syncs(stub, folder)
            held.append(holds(stub, folder / "mirror", size))
            started.append(starts(stub, folder / "mirror", size))
            asked.append(uvloop.run(_ask(stub.url, folder / "mirror")))
    table(
        "How long a sync holds the event loop; the upstream answers at once",
        ["packages", "first sync, ms", "a later one, ms", "first sync, s", "a later one, s"],
        held,
    )
    table(
        "A gateway that finds its file",
        ["packages", "start to first answer, s", "of it CPU, s", "MB then", "MB after a sync"],
        started,
    )
    rows = [
        [name, *(cell for answers in asked for cell in (f"{answers[name][1]:,}", answers[name][0]))]
        for name in asked[0]
    ]
    header = ["", *(cell for size in sizes for cell in (f"of {size:,}", "ms of CPU"))]
    table(f"The first 20 of a list, in process, median of {RUNS} runs", header, rows)


if __name__ == "__main__":
    main()
