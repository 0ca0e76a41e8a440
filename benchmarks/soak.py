"""The gateway under load for minutes, while its upstream changes and fails: `python -m benchmarks.soak --minutes 10`.

Requests come at 70 % of what was measured beforehand. Crawls follow each other, the catalogue changes once between two
of them, faults come and go. Each answer is compared with what is true (`truth.py`): with the states of the upstream
that the crawl may have read from which it was made. With a wrong or a lost answer the exit status is 1.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any, Final

import click
import msgspec
import uvloop

from benchmarks.catalogue import Catalogue, make_catalogue, mix
from benchmarks.changes import added_slug
from benchmarks.servers import LOAD_CORE, Client, Server, StubControl, on_core, running_gateway, running_stub
from benchmarks.tables import machine, table
from benchmarks.traffic import Asked, Traffic
from benchmarks.truth import Question, Truth, neighbours, nothing, of_category, one, popular, search

LOAD: Final = 0.7
"""The share of the capacity that is asked of the gateway."""

READ_THROUGH: Final = 5.0
"""Questions a second about what the snapshot lacks, on connections of their own: they wait for the upstream."""

WARM_SECONDS: Final = 4.0
INTERVAL: Final = 5
"""Seconds between two crawls, whose pages of 500 take some seven: they follow each other."""

CACHE_BYTES: Final = 16 * 1024 * 1024
"""For ready answers: a quarter of the default, which is full within a minute, so that memory shows its level."""

OPTIONS: Final = (
    *("--sync-interval", str(INTERVAL), "--sync-page-size", "500", "--news-interval", "0", "--mirror-wait", "60"),
    *("--response-cache-bytes", str(CACHE_BYTES)),
)
FAULTS: Final = (
    ("503", 0.3),
    ("429", 0.3),
    ("cut", 0.3),
    ("hang", 0.1),
    ("proxy", 1.0),
    ("slow", 1.0),
    ("reset", 1.0),
    ("503", 1.0),
    ("hang", 1.0),
    ("challenge", 1.0),
)
"""What comes over the upstream in turn, each for a third of its part of the time; the rest of it is quiet."""

WHOLE: Final = "{ packages(first: 1) { totalCount } }"
STATE: Final = "{ catalogue { syncedAt } }"
TOLD: Final = "UPSTREAM_"
"""How codes begin of errors that are no loss where something must be read through."""


@dataclass
class Phase:
    """A part of the time, and what happened to the requests that were answered in it; times in milliseconds.

    `shed` counts answers that say to try again later, `told` those that say what the upstream did not give.
    """

    name: str
    times: list[float] = field(default_factory=list)
    read_through: list[float] = field(default_factory=list)
    wrong: int = 0
    lost: int = 0
    shed: int = 0
    told: int = 0
    megabytes: float = 0.0
    crawls: int = 0

    def row(self) -> list[object]:
        """Return its row of the table."""
        cuts = quantiles(self.times, n=100) if len(self.times) > 1 else [0.0] * 99
        figures: list[object] = [len(self.times), self.wrong, self.lost, self.shed, self.told, self.crawls]
        slowest = max(self.times, default=0.0), max(self.read_through, default=0.0)
        return [self.name, *figures, cuts[49], cuts[98], *slowest, self.megabytes]


class Judge:
    """Holds each answer against the truth.

    `oldest` is the oldest state that an answer may be made from, to a request that is sent now: the crawl that is
    served began after the last look at which the snapshot before it was not served yet.
    """

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.oldest = 0
        self.phases = [Phase("before")]
        self.complaints: Counter[str] = Counter()
        self._seen = 0
        self._verdicts: dict[tuple[int, int], frozenset[int]] = {}

    @property
    def newest(self) -> int:
        """The upstream's state."""
        return len(self.truth.states) - 1

    def note(self) -> int:
        """Return what is noted of a request that is sent now."""
        return self.oldest

    def saw_snapshot(self, state: int) -> None:
        """Note that another snapshot is served, and was not when the upstream was in this state."""
        self.oldest, self._seen = self._seen, state
        self.phases[-1].crawls += 1
        self._verdicts.clear()

    def answered(self, asked: Asked, status: int, body: bytes) -> None:
        """Judge an answer."""
        phase = self.phases[-1]
        times = phase.times if asked.question.is_known else phase.read_through
        times.append(1000 * (time.perf_counter() - asked.due))
        if status == 503 and b'"OVERLOADED"' in body:
            phase.shed += 1
            return
        if status != 200:
            self.lost(asked, f"status {status}: {body[:200]!r}")
            return
        key = id(asked.question), hash(body)
        verdict = self._verdicts.get(key)
        if verdict is None or not any(asked.note <= number <= self.newest for number in verdict):
            verdict = self._verdicts[key] = self._judged(asked, body)
        if not verdict:
            phase.wrong += 1
            self.complaints[f"wrong: {asked.question.body[:90]!r} {body[:300]!r}"] += 1

    def lost(self, asked: Asked, why: str) -> None:
        """Note that a request has no answer."""
        self.phases[-1].lost += 1
        self.complaints[f"lost: {why}"] += 1

    def _judged(self, asked: Asked, body: bytes) -> frozenset[int]:
        """Return the states from which the answer may be made, each with the one after it."""
        response: dict[str, Any] = msgspec.json.decode(body)
        question, spans = asked.question, self.truth.spans(asked.note, self.newest)
        codes = {error["extensions"]["code"] for error in response.get("errors", ())}
        if any(not code.startswith(TOLD) for code in codes):
            return frozenset()
        if codes and not question.is_known:
            self.phases[-1].told += 1
            return frozenset({asked.note})
        return frozenset(number for number, span in spans if question.is_right(response["data"], span))


class Upstream:
    """Lets the stub change and fail, and watches the gateway's snapshots."""

    def __init__(self, stub: StubControl, gateway: Server, judge: Judge) -> None:
        self._stub = stub
        self._client = Client(gateway.url)
        self._judge = judge
        self._random = random.Random(4)
        self._synced: object = None
        self._state = 0
        self._snapshots: asyncio.Queue[object] = asyncio.Queue()

    async def watch(self) -> None:
        """Look again and again which snapshot is served."""
        before = 0
        while True:
            state = self._state
            reply = await asyncio.to_thread(self._client.ask, STATE)
            if reply.status == 200:  # it may be too busy
                synced = msgspec.json.decode(reply.body)["data"]["catalogue"]["syncedAt"]
                if synced != self._synced:
                    self._synced = synced
                    self._judge.saw_snapshot(before)
                    self._snapshots.put_nowait(synced)
                before = state
            await asyncio.sleep(0.2)

    async def change(self) -> None:
        """Change the catalogue after each second snapshot, so that no crawl meets more than two states of it."""
        while True:
            for _ in range(2):
                await self._snapshots.get()
            await asyncio.sleep(self._random.uniform(0, INTERVAL))
            while not self._snapshots.empty():
                self._snapshots.get_nowait()
            self._judge.truth.change()  # before the stub does, which may be asked at once
            await asyncio.to_thread(self._stub.change)
            self._state = self._judge.newest

    async def fail(self, seconds: float, gateway: Server) -> None:
        """Go through the faults."""
        part = seconds / len(FAULTS)
        for name, share in FAULTS:
            for phase, length in ((f"{share:.0%} {name}", part / 3), ("quiet", part * 2 / 3)):
                is_fault = phase != "quiet"
                await asyncio.to_thread(self._stub.fault, name if is_fault else "none", share)
                self._judge.phases.append(Phase(phase))
                await asyncio.sleep(length)
                self._judge.phases[-1].megabytes = gateway.resident_megabytes


def questions(catalogue: Catalogue) -> Iterator[Question]:
    """Return questions without an end: most about few packages, some about any."""
    rng = random.Random(4)
    slugs = mix(catalogue)
    each = [one(row["slug"]) for row in catalogue.packages.values()]
    lists = [of_category(row["id"], row["slug"]) for row in catalogue.categories.values()]
    lists += [popular(), *map(search, ("cache", "auth", "api admin", "django"))]
    kinds = (each, [one(slug) for slug in slugs], [neighbours(slug) for slug in slugs], lists)
    while True:
        yield rng.choice(*rng.choices(kinds, (20, 35, 25, 20)))


def unheld(judge: Judge) -> Iterator[Question]:
    """Return questions without an end about what the snapshot lacks: what was just added, and what never was."""
    rng = random.Random(4)
    never = [nothing(f"never-{number}") for number in range(50)]
    added: dict[int, Question] = {}
    while True:
        number = judge.newest
        is_added = number > 0 and rng.random() < 0.5
        yield added.setdefault(number, one(added_slug(number), is_known=False)) if is_added else rng.choice(never)


async def soak(seconds: float, stub: StubControl, gateway: Server) -> bool:
    """Run it; return whether nothing was wrong and nothing lost."""
    catalogue = make_catalogue()
    judge = Judge(Truth(catalogue))
    Client(gateway.url).ask(WHOLE).data  # noqa: B018 (which waits for the first snapshot, and raises if there is none)
    traffic = Traffic(gateway.url, questions(catalogue), judge.note, judge.answered, judge.lost)
    beside = Traffic(gateway.url, unheld(judge), judge.note, judge.answered, judge.lost)
    await traffic.run(WARM_SECONDS, None)
    capacity = await traffic.run(WARM_SECONDS, None)
    start = gateway.resident_megabytes
    upstream = Upstream(stub, gateway, judge)
    work = (upstream.watch(), upstream.change(), upstream.fail(seconds, gateway))
    helpers = [asyncio.ensure_future(each) for each in work]
    cpu, begin = gateway.cpu_seconds, time.perf_counter()
    rate, _ = await asyncio.gather(traffic.run(seconds, LOAD * capacity), beside.run(seconds, READ_THROUGH))
    busy = (gateway.cpu_seconds - cpu) / (time.perf_counter() - begin)
    for helper in helpers:
        helper.cancel()
    await asyncio.gather(*helpers, return_exceptions=True)
    await asyncio.gather(traffic.aclose(), beside.aclose())
    judge.phases[-1].megabytes = gateway.resident_megabytes
    phases = judge.phases[1:]
    header = [
        "upstream",
        "requests",
        "wrong",
        "lost",
        "shed",
        "told",
        "crawls",
        "p50, ms",
        "p99, ms",
        "max, ms",
        "of reads, ms",
        "MB",
    ]
    every = Phase("all", [time for phase in phases for time in phase.times], megabytes=gateway.resident_megabytes)
    for phase in phases:
        every.read_through += phase.read_through
        every.wrong += phase.wrong
        every.lost += phase.lost
        every.shed += phase.shed
        every.told += phase.told
        every.crawls += phase.crawls
    title = (
        f"{rate:,.0f} requests a second, {LOAD:.0%} of {capacity:,.0f}; the gateway's CPU {busy:.0%}; "
        f"{start:.0f} MB at the start, {every.megabytes:.0f} at the end; the catalogue changed {judge.newest} times; "
        f"{stub.stats().faults} replies of the upstream failed; "
        f"what asks was itself up to {1000 * traffic.late:.0f} ms late"
    )
    table(title, header, [phase.row() for phase in [*phases, every]])
    for complaint, count in judge.complaints.most_common(10):
        click.echo(f"{count} × {complaint}")
    return not every.wrong and not every.lost


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long the load lasts.")
def main(minutes: float) -> None:
    """Put the gateway under load while its upstream changes and fails, and judge every answer."""
    click.echo(machine())
    with running_stub(latency="real") as stub, running_gateway(stub.url, *OPTIONS) as gateway, on_core(LOAD_CORE):
        is_well = uvloop.run(soak(60 * minutes, stub, gateway))
    raise SystemExit(0 if is_well else 1)


if __name__ == "__main__":
    main()
