"""Where the time of a request goes: the application called as ASGI in this process, with answers kept or not.

`python -m benchmarks.hotpath` prints CPU a request for each question, then what a profiler says of one of them.
"""

import asyncio
import cProfile
import gc
import pstats
import time
from collections.abc import Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import click
import uvloop
from starlette.types import ASGIApp, Message

from benchmarks.catalogue import make_catalogue, mix
from benchmarks.queries import BY_CATEGORY, ONE, TABLE
from benchmarks.servers import payload
from benchmarks.stub import fixed, running
from benchmarks.tables import table
from server import create_app
from settings import Settings

ROUNDS: Final = 5
REQUESTS: Final = 400
PARTS: Final = {
    "the whole request": "endpoint.py:(__call__)",
    "the body": "body.py:(read)",
    "the parameters in it": "parameters.py:(read_body)",
    "document, operation, execution, answer": "operations.py:(respond)",
    "what the request may ask for": "operations.py:(_checked)",
    "what is remembered": "executor.py:(remembered)",
    "the answer's HTTP form": "endpoint.py:(_encode)",
}
"""Functions whose cumulative time is shown, as file and name."""


async def ask(app: ASGIApp, body: bytes) -> bytes:
    """POST a body; return the answer's."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(b"host", b"x"), (b"content-type", b"application/json"), (b"accept", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "query_string": b"", "headers": headers}
    await app(scope, receive, send)
    return bytes(sent[-1]["body"])


@asynccontextmanager
async def started(app: ASGIApp) -> Any:
    """Run the application's lifespan."""
    inbox: asyncio.Queue[Message] = asyncio.Queue()
    is_up = asyncio.Event()

    async def send(message: Message) -> None:
        is_up.set()

    lifespan = asyncio.ensure_future(app({"type": "lifespan", "asgi": {}}, inbox.get, send))
    inbox.put_nowait({"type": "lifespan.startup"})
    await is_up.wait()
    yield
    inbox.put_nowait({"type": "lifespan.shutdown"})
    await lifespan


async def cost(app: ASGIApp, bodies: Sequence[bytes]) -> float:
    """Return the CPU µs of a request, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        begin = time.process_time()
        for number in range(REQUESTS):
            await ask(app, bodies[number % len(bodies)])
        best = min(best, (time.process_time() - begin) / REQUESTS)
    return best * 1e6


async def shares(app: ASGIApp, bodies: Sequence[bytes]) -> list[list[str]]:
    """Return what part of the time each part of the way takes, under the profiler."""
    profile = cProfile.Profile()
    profile.enable()
    for number in range(REQUESTS):
        await ask(app, bodies[number % len(bodies)])
    profile.disable()
    functions: dict[Any, Any] = vars(pstats.Stats(profile))["stats"]
    spent = {f"{Path(file).name}:({name})": row[3] for (file, _, name), row in functions.items()}
    whole = spent[PARTS["the whole request"]]
    return [[part, f"{100 * spent.get(where, 0.0) / whole:.0f} %"] for part, where in PARTS.items()]


async def measure() -> None:
    """Print the tables."""
    catalogue = make_catalogue()
    asked: dict[str, Iterable[tuple[str, str]]] = {
        "Q1a: 120 neighbours": [(TABLE, "hub")],
        "Q1b: 15 neighbours": [(TABLE, "hub-15")],
        "Q2: one package, 3 fields": [(ONE, "hub-50")],
        "Connection of 100 packages": [(BY_CATEGORY, "apps")],
        "Mix: 28 neighbours": [(TABLE, slug) for slug in mix(catalogue)],
    }
    bodies = {name: [payload(query, {"slug": slug}) for query, slug in each] for name, each in asked.items()}
    rows: dict[str, list[str]] = {name: [name] for name in bodies}
    async with running(catalogue, fixed(0)) as stub:
        for size in (0, 2**26):
            options: dict[str, Any] = {"data_dir": Path(":memory:"), "upstream_rate": 100_000.0}
            app = create_app(Settings(upstream=stub.url, response_cache_bytes=size, **options))
            async with started(app):
                while b'"isComplete":true' not in await ask(app, payload("{ catalogue { isComplete } }")):  # noqa: ASYNC110 - nothing tells
                    await asyncio.sleep(0.1)
                for each in bodies.values():
                    for body in each:
                        assert b'"errors"' not in await ask(app, body)
                gc.freeze()
                for name, each in bodies.items():
                    rows[name].append(f"{await cost(app, each):.0f}")
                if size == 0:
                    profiled = await shares(app, bodies["Q1a: 120 neighbours"])
    table("CPU µs a request, without a server around it", ["", "executed", "answers kept"], list(rows.values()))
    table("Q1a executed, under a profiler: share of the time, inner parts included", ["", "share"], profiled)


@click.command()
def main() -> None:
    """Measure where the time of a request goes."""
    uvloop.run(measure())


if __name__ == "__main__":
    main()
