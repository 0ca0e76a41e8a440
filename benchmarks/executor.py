"""The layered executor beside the stock one: `python -m benchmarks.executor`.

Both run one operation over the real schema with every record in memory: a table of a package's neighbours, twelve
fields each. Timed is what the GraphQL endpoint pays for: from a prepared operation to the JSON of the response, in one
process without HTTP. "Rejoined" has other indexes each time, which forgets whole rows; "first" forgets the leaves of
records too. As in the server, the garbage collector leaves alone what start-up made.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable
from copy import copy
from dataclasses import replace
from inspect import isawaitable
from statistics import median

import msgspec
from graphql import ExecutionResult, GraphQLSchema, experimental_execute_incrementally, parse

import execution
from benchmarks.catalogue import HUBS, make_catalogue
from benchmarks.queries import TABLE
from catalogue import Catalogue
from catalogue.build import build_index, build_search
from catalogue.index import Index
from catalogue.search import SearchIndex
from catalogue.snapshot import Snapshot, ready
from execution.internals import graphql_schema
from execution.row_cache import rows_of
from loaders import RequestContext
from schema import build_schema
from upstream import Category, Client, Grid, Package
from upstream.records import decode_hook

Work = Callable[[], Awaitable[bytes]]


async def main() -> None:
    """Print microseconds a request, and what the layered executor saves."""
    catalogue = await filled_catalogue()
    schema = graphql_schema(build_schema())
    gc.collect()
    gc.freeze()
    print("neighbours   KB      stock    layered   rejoined      first    ratio   first, a further neighbour")
    last = (0, 0.0)
    for slug in ("hub-15", "hub-50", "hub", "hub-300", "hub-1000"):
        works = _works(schema, catalogue, {"slug": slug})
        answers = [msgspec.json.decode(await work()) for work in works]
        assert all(answer == answers[0] for answer in answers)
        stock, layered, rejoined, first = await _timed(works, HUBS[slug])
        size, count = len(await works[1]()) / 1000, HUBS[slug]
        further = f"{(first - last[1]) / (count - last[0]):.2f}µs" if last[0] else ""
        times = "".join(f"{each:>9.0f}µs" for each in (stock, layered, rejoined, first))
        print(f"{count:>10} {size:>4.0f}{times} {stock / layered:>7.0f}×   {further}")
        last = (count, first)
    await catalogue.client.aclose()


async def filled_catalogue() -> Catalogue:
    """Return a catalogue that holds all records of the synthetic one, and never asks an upstream."""
    catalogue = Catalogue(Client("http://127.0.0.1:9/api/v4/"), freshness=3600, mirror_wait=1)
    rows = make_catalogue()
    records = [
        msgspec.convert(row, kind, dec_hook=decode_hook)
        for kind, table in ((Package, rows.packages), (Grid, rows.grids), (Category, rows.categories))
        for row in table.values()
    ]
    index, differences = await build_index(Index(), records)
    search = await build_search(SearchIndex(), index, differences)
    now = time.monotonic()
    catalogue.switch(
        Snapshot(
            number=1,
            index=index,
            search=ready(search),
            read_clock=now,
            due_clock=now + 3600,
            is_whole=True,
        )
    )
    return catalogue


def _works(schema: GraphQLSchema, catalogue: Catalogue, variables: dict[str, object]) -> list[Work]:
    document = parse(TABLE)
    operation = execution.prepare(schema, document)

    async def stock() -> bytes:
        result = experimental_execute_incrementally(
            schema, document, context_value=RequestContext(catalogue), variable_values=variables
        )
        awaited = await result if isawaitable(result) else result
        assert isinstance(awaited, ExecutionResult)
        return msgspec.json.encode({"data": awaited.data})

    async def layered() -> bytes:
        context = RequestContext(catalogue)
        return execution.encode(await execution.execute(operation, variables=variables, context=context))

    async def rejoined() -> bytes:
        catalogue.snapshot = replace(catalogue.snapshot, index=copy(catalogue.snapshot.index))
        return await layered()

    async def first() -> bytes:
        rows_of(schema).forget()
        return await layered()

    return [stock, layered, rejoined, first]


async def _timed(works: list[Work], size: int) -> list[float]:
    """Return the median microseconds of each work; rounds take turns, so that noise meets all alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(15):
        for place, work in enumerate(works):
            repeat = 1 if place == 0 else max(2, 3000 // size)
            start = time.process_time()
            for _ in range(repeat):
                await work()
            times[place].append((time.process_time() - start) / repeat * 1e6)
    return [median(each) for each in times]


if __name__ == "__main__":
    asyncio.run(main())
