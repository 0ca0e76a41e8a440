"""`_entities` beside `nodes`: `python -m benchmarks.entities`.

200 representations of four types (packages by id and by slug, grids, categories, participants) and the global ids of
the same records, with the same fields, under the layered executor and every record in memory. Timed is from a parsed
document to the JSON of the response, in one process without HTTP; the ratio is what counts, and 2 is the most allowed.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle, islice
from statistics import median
from typing import Any

from graphql import parse

import execution
from benchmarks.catalogue import make_catalogue
from benchmarks.stub import running
from catalogue import Catalogue, Mirror, SyncSettings
from catalogue.store import MemoryStore
from execution.internals import graphql_schema
from execution.row_cache import rows_of
from loaders import RequestContext
from schema import build_schema
from upstream import Category, Client, Grid, Package, Participant

REPRESENTATIONS = 200
ROUNDS = 60
FIELDS = """
    ... on Package { id slug title repoWatchers pypiVersion lastUpdated }
    ... on Grid { id slug title }
    ... on Category { id slug title }
    ... on Participant { login isBot }
"""
ENTITIES = parse("query ($given: [_Any!]!) { found: _entities(representations: $given) {" + FIELDS + "} }")
NODES = parse("query ($given: [ID!]!) { found: nodes(nodeIds: $given) {" + FIELDS + "} }")


async def main() -> None:
    """Print microseconds a request, and the ratio."""
    async with running(make_catalogue()) as stub, mirrored(stub.url) as catalogue:
        await measure(catalogue)


@asynccontextmanager
async def mirrored(base_url: str) -> AsyncIterator[Catalogue]:
    """Mirror an upstream's whole catalogue in memory."""
    catalogue = Catalogue(Client(base_url), freshness=3600, mirror_wait=0)
    mirror = Mirror(catalogue, MemoryStore(), SyncSettings())
    await mirror.load()
    await mirror.sync()
    yield catalogue
    await mirror.aclose()
    await catalogue.aclose()


async def measure(catalogue: Catalogue) -> None:
    """Print the measure's line."""
    schema = graphql_schema(build_schema())
    records = _records(catalogue)
    works = [
        (execution.prepare(schema, ENTITIES), [_representation(place, record) for place, record in enumerate(records)]),
        (execution.prepare(schema, NODES), [record.node_id for record in records]),
    ]
    answers = [await _answer(catalogue, *work) for work in works]
    assert answers[0] == answers[1]
    times: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for each, work in zip(times, works, strict=True):
            rows_of(schema).forget()
            start = time.perf_counter()
            await _answer(catalogue, *work)
            each.append((time.perf_counter() - start) * 1e6)
    entities, nodes = map(median, times)
    print(f"_entities {entities:.0f}µs   nodes {nodes:.0f}µs   ratio {entities / nodes:.2f}")


def _records(catalogue: Catalogue) -> list[Any]:
    """Return a mixture of records, in turns."""
    packages = list(catalogue.snapshot.index.table(Package))
    logins = [login for package in packages for login in package.participants]
    kinds = (
        packages,
        catalogue.snapshot.index.table(Grid),
        packages[::-1],
        map(Participant, dict.fromkeys(logins)),
        cycle(catalogue.snapshot.index.table(Category)),
    )
    return list(islice((record for turn in zip(*kinds, strict=False) for record in turn), REPRESENTATIONS))


def _representation(place: int, record: Any) -> dict[str, object]:
    if isinstance(record, Participant):
        return {"__typename": "Participant", "login": record.login}
    key: dict[str, object] = {"id": str(record.id)} if place % 2 else {"slug": record.slug}
    return {"__typename": type(record).__name__, **key}


async def _answer(catalogue: Catalogue, operation: execution.Operation, given: list[Any]) -> bytes:
    context = RequestContext(catalogue)
    return execution.encode(await execution.execute(operation, variables={"given": given}, context=context))


if __name__ == "__main__":
    asyncio.run(main())
