"""What others wait while a hostile client is served.

`python -m benchmarks.hostile` sends each input to a gateway with its mirror, from one client and from twenty at once, and
probes on other connections, from another process, for an answer that is ready, one that is executed and for `/healthz`:
no probe may wait 250 ms. What they wait while there is nobody is what the machine adds. `--only TEXT` picks inputs.
"""

from __future__ import annotations

import gzip
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

from benchmarks.queries import ONE
from benchmarks.servers import Client, Reply, Server, payload, running_gateway, running_stub
from benchmarks.tables import table

GZIP: Final = {"Accept-Encoding": "gzip"}

CONTEXT: Final = get_context("fork")
"""The probes are processes of their own: threads would wait for those that send."""

BOUND: Final = 0.25
"""Seconds that nobody may wait for somebody else's request."""

_NESTED = 'package(slug: "hub") { grids { packages { grids { packages { grids { packages { title } } } } } } }'
_COLLABORATORS = "participants(first: 100) { nodes { collaborators(first: 100) { nodes { collaborators(first: 100) { nodes { login } } } } } }"
_LARGE = "{ packages(first: 100) { nodes { a#: id title commitsOver52 grids { title packages { title slug repoWatchers } } } } }"
_WORDS = " ".join(["cache", "auth", "api", "admin", "forms"] * 8)


def _query(text: str, **variables: object) -> list[bytes]:
    return [payload(text, variables)]


def _repeated(text: str, count: int) -> str:
    return "{ " + " ".join(text.replace("#", str(number)) for number in range(count)) + " }"


# ruff: noqa: E501 - each input in a line.
INPUTS: Final[dict[str, list[bytes]]] = {
    "nobody": [],
    "three rounds of neighbours": _query("{ " + _NESTED + " }"),
    "collaborators of collaborators": _query("{ " + _COLLABORATORS + " }"),
    "100 collaborators under aliases": _query(_repeated('a#: participant(login: "user#") { collaborators(first: 100) { nodes { login } } }', 100)),
    "4,000 tokens of collaborators": _query(_repeated('a#: participant(login: "u") { collaborators { totalCount } }', 260)),
    "100 searches of 40 words": _query(_repeated('a#: search(query: "' + _WORDS + ' #") { totalCount }', 100)),
    "100 filters with text": _query(_repeated('a#: packages(filter: {text: "dja #"}) { totalCount }', 100)),
    "100 pages of 100": _query(_repeated("a#: packages(first: 100) { nodes { title grids { title packages { title } } } }", 100)),
    "110 __schema": _query(_repeated("a#: __schema { types { fields { name } } }", 110)),
    "introspection": _query("{ " + " ".join("__schema { types { fields { type { fields { type { name } } } } } }" for _ in range(9)) + " }"),
    "360 equal fields": _query(_repeated("categories { packages { nodes { slug } } }", 360)),
    "100 fragments": _query("{ " + " ".join(f"...F{n}" for n in range(100)) + " }" + " ".join(f"fragment F{n} on Query {{ categories {{ slug title }} }}" for n in range(100))),
    "1,300 fields of an input": _query("{ packages(filter: {" + " ".join(f"a{n}: 1" for n in range(1300)) + "}) { totalCount } }"),
    "40,000 ids": _query("query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }", ids=["x"] * 40_000),
    "1,000 bad ids": _query("query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }", ids=[{"a": 1}] * 1000),
    "a megabyte of JSON": [b'{"query": "{ __typename }", "x": [' + b"[]," * 349_000 + b"[]]}"],
    "20 large answers in gzip": [body for number in range(20) for body in _query(_LARGE.replace("#", str(number)))],
    "four pages of 100 within each other": _query("{ packages(first: 100) { nodes { " + "alternatives(first: 100) { nodes { " * 3 + "title" + " }" * 9),
    "900 errors after 4,900 lines": _query("\n" * 4_900 + "{ catalogue { " + " ".join(f"v{n}" for n in range(900)) + " } }"),
    "99,000 lines": _query("\n" * 99_000 + "{ catalogue { v } }"),
    "100 operations": _query(" ".join(f"query Q{n} {{ categories {{ id slug }} }}" for n in range(100))),
    "1,300 unknown fields": _query("{ packages { nodes { " + " ".join(f"repoWatchersss{n}" for n in range(1300)) + " } } }"),
    "equal fields with arguments": _query("{ " + 'packages(filter: {text: "a", slugs: ["a", "b"]}) { totalCount } ' * 60 + "}"),
    "inline fragments 140 deep": _query("{ " + ("... { " * 140 + "__typename" + " }" * 140) * 9 + " }"),
    "220 directives": _query("{ " + "... @skip(if: false) @include(if: true) { categories @skip(if: false) { id } } " * 75 + "}"),
    "90 fragments": _query("{ " + " ".join(f"...F{n}" for n in range(90)) + " } " + " ".join(f"fragment F{n} on Query {{ f{n}: catalogue {{ version }} }}" for n in range(90))),
    "fragments that spread all later ones": _query("{ " + " ".join(f"...F{n}" for n in range(22)) + " } " + " ".join(f"fragment F{n} on Query {{ categories {{ id }} " + " ".join(f"...F{m}" for m in range(n + 1, 22)) + " }" for n in range(22))),
    "60,000 fields of a variable": _query("query ($f: PackageFilter) { packages(filter: $f) { totalCount } }", f={f"k{n}": 1 for n in range(60_000)}),
    "lists of lists of a variable": _query("query ($i: [ID!]!) { nodes(nodeIds: $i) { nodeId } }", i=[[1] * 300] * 1000),
    "1,000 addresses in 100 filters": _query("query ($s: [String!]) { " + " ".join(f"a{n}: packages(filter: {{repoUrls: $s, minForks: {n}}}) {{ totalCount }}" for n in range(100)) + " }", s=[f"https://github.com/a/b{n}" for n in range(1000)]),
    "1,000 bad ids 99 times": _query("query ($i: [ID!]!) { " + " ".join(f"a{n}: nodes(nodeIds: $i) {{ nodeId }}" for n in range(99)) + " }", i=[f"x{n}" for n in range(1000)]),
    "1,000 wrong representations 50 times": _query("query ($r: [_Any!]!) { " + " ".join(f"a{n}: _entities(representations: $r) {{ __typename }}" for n in range(50)) + " }", r=[{"__typename": "Package", "id": []}] * 1000),
    "9,900 errors": _query("{ packages(first: 100) { nodes { " + " ".join(f"a{n}: alternatives(first: 1000) {{ totalCount }}" for n in range(99)) + " } } }"),
    "pages of 100 with cursors": _query("{ " + " ".join(f"a{n}: packages(last: 100) {{ edges {{ cursor node {{ id title commitsOver52 }} }} }}" for n in range(100)) + " }"),
    "alternatives of alternatives": _query("{ packages(first: 100) { nodes { alternatives(first: 100) { nodes { alternatives(first: 100) { nodes { title } } } } } } }"),
    "changes": _query("{ " + " ".join(f'a{n}: changes(since: "0", first: 100) {{ nodes {{ id slug fields record {{ nodeId }} }} }}' for n in range(100)) + " }"),
    "60 dear clients": _query("{ " + _NESTED + " }") * 60,
    "60 clients of collaborators": _query("{ " + _COLLABORATORS + " }") * 60,
}  # fmt: skip
"""Bodies that are sent at once, each on a connection of its own."""


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


def send(server: Server, bodies: list[bytes], headers: dict[str, str] | None = None) -> tuple[float, str]:
    """Send bodies at once; return how long all took, in seconds, and how often each status and code came, until when."""
    parts = urlsplit(server.url)
    outcomes: dict[str, list[float]] = {}

    def one(body: bytes) -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        connection.request(
            "POST",
            parts.path,
            body,
            {"Content-Type": "application/json", "Accept": "application/graphql-response+json", **(headers or {})},
        )
        response = connection.getresponse()
        content = response.read()
        took = time.perf_counter() - begin
        code = _code(gzip.decompress(content) if headers else content)
        outcomes.setdefault(f"{response.status} {code}", []).append(took)
        connection.close()

    threads = [threading.Thread(target=one, args=(body,)) for body in bodies]
    begin = time.perf_counter()
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    counted = (f"{len(took)} × {outcome} in {max(took):.2f} s" for outcome, took in sorted(outcomes.items()))
    return time.perf_counter() - begin, ", ".join(counted)


def _code(body: bytes) -> str:
    if not body.startswith(b'{"errors"'):
        return f"{len(body):,} bytes"
    # Not decoded: that would keep the probes, which are threads of this process, from measuring.
    found = re.search(rb'"code":"(\w+)"', body[:10_000])
    return found[1].decode() if found else "?"


@click.command()
@click.option("--only", default="", help="Inputs whose name holds this.")
def main(only: str) -> None:
    """Measure what others wait while a hostile client is served."""
    rows: list[list[object]] = []
    late: list[str] = []
    with running_stub() as stub, running_gateway(stub.url) as server:
        client = Client(server.url)
        while b"false" in client.ask("{ catalogue { isComplete } }").body:
            time.sleep(0.2)
        assert client.ask(ONE, {"slug": "hub-50"}).data
        for name, bodies in INPUTS.items():
            for clients in (1, 20 // len(bodies)) if 0 < len(bodies) < 20 else (1,):
                if only not in name:
                    continue
                with probing(server) as waits:
                    time.sleep(0.2 if bodies else 2)
                    seconds, outcome = send(server, bodies * clients, GZIP if "gzip" in name else None)
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
