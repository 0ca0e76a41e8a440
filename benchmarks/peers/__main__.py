"""Side by side: the gateway and its peers over the same stub upstream, in one run.

`python -m benchmarks.peers` installs the peers (npm and pip, into folders that git ignores), checks that all servers
give equal answers, and prints a table for each measure. Every server is one process on one core; the stub and the load
generator are on the other. Rounds are interleaved; figures are medians over the rounds.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

import click

from benchmarks.catalogue import TWINS, Catalogue, make_catalogue, mix
from benchmarks.load import Load, load
from benchmarks.queries import BY_CATEGORY, NEIGHBOURS, ONE, TABLE
from benchmarks.servers import (
    KEEP_NO_ANSWERS,
    NO_MIRROR,
    SERVER_CORE,
    Client,
    Server,
    StubControl,
    free_port,
    payload,
    running,
    running_gateway,
    running_stub,
)
from benchmarks.tables import machine, spread, table

HERE = Path(__file__).resolve().parent
PYTHON = HERE / ".venv" / "bin" / "python"
COLD_MILLISECONDS = 50

Question = tuple[str, str]
"""A query's text and the slug that it is asked for."""


@dataclass(frozen=True)
class Peer:
    """A server of this folder: how it is called in the tables, its command, and whether it keeps whole answers."""

    name: str
    command: Sequence[str]
    keeps_answers: bool = False


@dataclass(frozen=True)
class Gateway:
    """The gateway with some options."""

    name: str
    options: Sequence[str]
    keeps_answers: bool = False


Contender = Peer | Gateway

CONTENDERS: list[Contender] = [
    Gateway("Gateway", KEEP_NO_ANSWERS),
    Peer("Mercurius, jit", ["node", str(HERE / "mercurius.mjs")]),
    Peer("Yoga", ["node", str(HERE / "yoga.mjs")]),
    Peer("Apollo Server", ["node", str(HERE / "apollo.mjs")]),
    Peer("Strawberry", [str(PYTHON), str(HERE / "plain_strawberry.py")]),
    Gateway("Gateway, answers kept", (), keeps_answers=True),
    Peer("Mercurius, answers kept", ["node", str(HERE / "mercurius.mjs")], keeps_answers=True),
    Peer("Yoga, answers kept", ["node", str(HERE / "yoga.mjs")], keeps_answers=True),
    Peer("Apollo Server, answers kept", ["node", str(HERE / "apollo.mjs")], keeps_answers=True),
]


def install() -> None:
    """Install the peers at the versions of `package-lock.json` and `requirements.txt`."""
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=HERE, check=True)
    subprocess.run([sys.executable, "-m", "venv", str(HERE / ".venv")], check=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True)


@contextmanager
def started(contender: Contender, upstream: str, *options: str) -> Iterator[Server]:
    """Run a peer, or the gateway with further `options`, in production mode."""
    if isinstance(contender, Gateway):
        with running_gateway(upstream, *contender.options, *options, name=contender.name) as server:
            yield server
        return
    port = free_port()
    environment = {"UPSTREAM": upstream, "PORT": str(port), "NODE_ENV": "production"}
    environment["RESPONSE_CACHE"] = "1" if contender.keeps_answers else ""
    url = f"http://127.0.0.1:{port}/graphql"
    with running(contender.name, contender.command, url, core=SERVER_CORE, environment=environment) as server:
        yield server


def questions(parts: Sequence[str]) -> dict[str, list[Question]]:
    """Return the measured questions by the name of their measure; only those named by one of `parts`, if any."""
    all_questions = {
        "Q1a: a table of 120 neighbours, 12 fields each": [(TABLE, "hub")],
        "Q1b: a table of 15 neighbours, 12 fields each": [(TABLE, "hub-15")],
        "Q2: one package, 3 fields": [(ONE, "hub-50")],
        "Connection: 100 packages of a category": [(BY_CATEGORY, "apps")],
        "Mix: 200 tables of about 28 neighbours": [(TABLE, slug) for slug in mix(make_catalogue())],
    }
    return {name: asked for name, asked in all_questions.items() if _named(name, parts)}


def _named(name: str, parts: Sequence[str]) -> bool:
    return not parts or any(part.lower() in name.lower() for part in parts)


def measure_cold(
    contenders: Sequence[Contender], measures: dict[str, list[Question]], stub: StubControl, processes: int
) -> None:
    """Print how long first answers take, and what they ask of the upstream, over fresh processes.

    All questions go to the same process in this order, so what one question fetched, the next need not. «Four
    layers» is the neighbours query for slugs that the process, by now warm, has not met.
    """
    measures = {name.partition(":")[0]: asked for name, asked in measures.items() if len(asked) == 1}
    measures["Four layers, warm process"] = [(NEIGHBOURS, slug) for slug in TWINS[1:]]
    if "Connection" in measures:  # comes last: a peer then knows all packages
        measures["Connection"] = measures.pop("Connection")
    rows = []
    for contender in contenders:
        found: dict[str, list[tuple[float, int]]] = {name: [] for name in measures}
        for options, names in _cold_processes(contender, measures) * processes:
            stub.latency(COLD_MILLISECONDS)
            with started(contender, stub.url, *options) as server:
                client = Client(server.url)
                for name in names:
                    for query, slug in measures[name]:
                        stub.reset()
                        answer = client.ask(query, {"slug": slug})
                        assert answer.data
                        found[name].append((answer.seconds * 1000, stub.stats().requests))
        rows.append([contender.name, *map(_cold_cell, found.values())])
    title = f"First answers, upstream at {COLD_MILLISECONDS} ms: ms / upstream requests (medians)"
    table(title, ["", *measures], rows)


def _cold_processes(contender: Contender, measures: Iterable[str]) -> list[tuple[tuple[str, ...], list[str]]]:
    """Return the processes to start: options and questions. What needs the gateway's mirror gets one that has it."""
    if not isinstance(contender, Gateway):
        return [((), list(measures))]
    whole = [name for name in measures if name == "Connection"]
    return [(NO_MIRROR, [name for name in measures if name not in whole]), ((), whole)]


def _cold_cell(found: Sequence[tuple[float, int]]) -> str:
    return f"{median(ms for ms, _ in found):,.0f} / {median(gets for _, gets in found):.0f}"


def check_answers(servers: Sequence[Server], asked: Sequence[Question]) -> None:
    """Ask every question of every server (which fills their entity caches) and compare the answers.

    :raises SystemExit: when an answer differs from the first server's.
    """
    expected = [comparable(_answer(servers[0], question)) for question in asked]
    for server in servers[1:]:
        client = Client(server.url)
        for (query, slug), wanted in zip(asked, expected, strict=True):
            if comparable(client.ask(query, {"slug": slug}).data) != wanted:
                raise SystemExit(f"{server.name} answers differently from {servers[0].name} for {slug}: {query}")


def _answer(server: Server, question: Question) -> object:
    query, slug = question
    return Client(server.url).ask(query, {"slug": slug}).data


def comparable(value: object) -> object:
    """Return an answer with times as instants, because there are several ways to write one."""
    if isinstance(value, dict):
        return {key: comparable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT.+", value):
        return datetime.fromisoformat(value)
    return value


def measure_warm(
    contenders: Sequence[Contender],
    measures: dict[str, list[Question]],
    stub: StubControl,
    rounds: int,
    seconds: float,
) -> None:
    """Print throughput, latency, CPU and memory under load, with every record in memory."""
    stub.latency(0)
    with ExitStack() as stack:
        servers = [stack.enter_context(started(contender, stub.url)) for contender in contenders]
        for contender, server in zip(contenders, servers, strict=True):
            if isinstance(contender, Gateway):
                _wait_for_mirror(Client(server.url))
        for name, asked in measures.items():
            check_answers(servers, asked)
            bodies = [payload(query, {"slug": slug}) for query, slug in asked]
            for server in servers:
                load(server, bodies, 1)
            stub.reset()
            found: dict[str, list[Load]] = {server.name: [] for server in servers}
            for _ in range(rounds):
                for server in servers:
                    found[server.name].append(load(server, bodies, seconds))
            table(
                f"{name} ({stub.stats().requests} upstream requests)",
                _HEADER,
                [_row(each, found) for each in contenders],
            )
        memory = [[server.name, server.resident_megabytes] for server in servers]
        table("Resident memory after all of it", ["", "MB"], memory)


def measure_first_sight(contenders: Sequence[Contender], stub: StubControl, processes: int) -> None:
    """Print the CPU of the mix's tables, each asked once of a process, medians over fresh processes.

    Every process has answered other tables before, so that its code is warm. «Grids met» means that it has met each
    grid from another package; without that, the gateway has met none of the records, while the peers, which have no
    mirror, have all of them in their entity caches.
    """
    stub.latency(0)
    catalogue = make_catalogue()
    asked = mix(catalogue)
    bodies = [payload(TABLE, {"slug": slug}) for slug in asked]
    others = [payload(TABLE, {"slug": slug}) for slug in siblings(catalogue, asked)]
    rows = []
    for contender in (each for each in contenders if not each.keeps_answers):
        found: dict[str, list[float]] = {"first": [], "grids met": []}
        for name, costs in found.items():
            for _ in range(processes):
                with started(contender, stub.url) as server:
                    if isinstance(contender, Peer):
                        load(server, bodies, None)
                    else:
                        _wait_for_mirror(Client(server.url))
                    load(server, [payload(TABLE, {"slug": "hub"})], 0.5)
                    if name == "grids met":
                        load(server, others, None)
                    costs.append(load(server, bodies, None).cpu_microseconds)
        rows.append([contender.name, *map(spread, found.values())])
    table("First sight: tables of about 28 neighbours, each once: CPU µs a request", ["", "all", "grids met"], rows)


def _wait_for_mirror(client: Client) -> None:
    while client.ask("{ catalogue { isComplete } }").data != {"catalogue": {"isComplete": True}}:
        time.sleep(0.2)


def siblings(catalogue: Catalogue, slugs: Sequence[str]) -> list[str]:
    """Return other packages that have among them all the grids of some."""
    asked = set(slugs)
    grids = {grid for package in catalogue.packages.values() if package["slug"] in asked for grid in package["grids"]}
    found: dict[object, str] = {}
    for package in catalogue.packages.values():
        if package["slug"] not in asked:
            found.update((grid, package["slug"]) for grid in package["grids"] if grid in grids)
    return list(dict.fromkeys(found.values()))


_HEADER = ["", "CPU µs a request", "ratio", "requests/s", "p50 ms", "p99 ms"]


def _row(contender: Contender, found: dict[str, list[Load]]) -> list[object]:
    """Return a table row; the ratio is the CPU of the gateway's like variant to the peer's."""
    loads = found[contender.name]
    cpu = median(each.cpu_microseconds for each in loads)
    own = next(
        other.name
        for other in CONTENDERS
        if isinstance(other, Gateway) and other.keeps_answers == contender.keeps_answers
    )
    ratio = median(each.cpu_microseconds for each in found[own]) / cpu if own in found else "-"
    return [
        contender.name,
        spread([each.cpu_microseconds for each in loads]),
        ratio,
        *(median(getattr(each, figure) for each in loads) for figure in ("per_second", "p50", "p99")),
    ]


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Interleaved rounds of load.")
@click.option(
    "--seconds", type=float, default=3, show_default=True, help="Seconds of load a round, server and question."
)
@click.option(
    "--processes", default=3, show_default=True, help="Fresh processes for the first answers; 0 leaves them out."
)
@click.option("--server", multiple=True, help="Part of a server's name; several are possible. All by default.")
@click.option("--measure", multiple=True, help="Part of a measure's name; several are possible. All by default.")
@click.option("--skip-install", is_flag=True, help="The peers are installed already.")
def main(
    rounds: int, seconds: float, processes: int, server: Sequence[str], measure: Sequence[str], skip_install: bool
) -> None:
    """Measure the gateway beside its peers."""
    contenders = [each for each in CONTENDERS if _named(each.name, server)]
    measures = questions(measure)
    if not skip_install:
        install()
    click.echo(f"{machine()}; {rounds} rounds of {seconds} s")
    with running_stub() as stub:
        if processes:
            measure_cold(contenders, measures, stub, processes)
            measure_first_sight(contenders, stub, processes)
        measure_warm(contenders, measures, stub, rounds, seconds)


if __name__ == "__main__":
    main()
