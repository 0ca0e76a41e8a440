"""What a gateway under traffic costs its upstream, by cause: `python -m benchmarks.kindness --seconds 300`.

The traffic is mixed over all packages, with some slugs that nothing has; crawls and looks for news come far more often
than by default, so that there are some. What a day costs is a sum of them, since nothing else asks: the last line works
it out.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

import click
import uvloop

from benchmarks.catalogue import Catalogue, make_catalogue
from benchmarks.servers import LOAD_CORE, Client, on_core, running_gateway, running_stub
from benchmarks.stub import Stats
from benchmarks.tables import machine, table
from benchmarks.traffic import Asked, Traffic
from benchmarks.truth import Question, neighbours, nothing, one, popular, search
from catalogue.news import NEWS_LIMIT

RATE: Final = 200.0
UNKNOWN: Final = 50
"""Slugs that are asked for, and that nothing has."""

DAY: Final = 86_400
INTERVAL: Final = 3600
NEWS_INTERVAL: Final = 300
"""The defaults of `--sync-interval` and `--news-interval`."""

WHOLE: Final = "{ packages(first: 1) { totalCount } }"


def questions(catalogue: Catalogue) -> Iterator[Question]:
    """Return questions without an end, over all packages."""
    rng = random.Random(5)
    slugs = [row["slug"] for row in catalogue.packages.values()]
    never = [nothing(f"never-{number}") for number in range(UNKNOWN)]
    lists = [popular(), *map(search, ("cache", "auth", "django"))]
    while True:
        kind = rng.random()
        if kind < 0.02:
            yield rng.choice(never)
        elif kind < 0.1:
            yield rng.choice(lists)
        else:
            slug = rng.choice(slugs)
            yield one(slug) if kind < 0.6 else neighbours(slug)


def ask(url: str, catalogue: Catalogue, seconds: float) -> int:
    """Ask for some seconds; return how many answers there were."""
    answers = 0

    def answered(asked: Asked, status: int, body: bytes) -> None:
        nonlocal answers
        answers += status == 200

    def lost(asked: Asked, why: str) -> None:
        raise click.ClickException(f"A request was lost: {why}")

    async def run() -> None:
        await Traffic(url, questions(catalogue), lambda: 0, answered, lost).run(seconds, RATE)

    with on_core(LOAD_CORE):
        uvloop.run(run())
    return answers


def causes(stats: Stats) -> dict[str, int]:
    """Return requests by cause: a look for news asks for 20 packages, a crawl for pages of 100 or what is left."""
    news = stats.by_rows.get(NEWS_LIMIT, 0)
    found = {
        "crawls": stats.by_kind.get("list", 0) - news,
        "looks for news": news,
        "what no snapshot has, read through": stats.by_kind.get("detail", 0),
    }
    return {**found, "anything else": stats.requests - sum(found.values())}


@click.command()
@click.option("--seconds", default=300.0, show_default=True, help="How long to ask.")
@click.option("--interval", default=30.0, show_default=True, help="Seconds between two crawls.")
def main(seconds: float, interval: float) -> None:
    """Measure what a gateway under traffic costs its upstream."""
    click.echo(machine())
    catalogue = make_catalogue()
    with running_stub() as stub:
        options = ("--sync-interval", str(interval), "--news-interval", str(interval / 6), "--mirror-wait", "60")
        with running_gateway(stub.url, *options) as gateway:
            Client(gateway.url).ask(WHOLE)
            first = stub.stats().requests
            stub.reset()
            answers = ask(gateway.url, catalogue, seconds)
            stats = stub.stats()
    found = causes(stats)
    rows = [[name, count, count / answers] for name, count in found.items()]
    table(f"{answers:,} answers in {seconds:.0f} s, a crawl every {interval:.0f} s", ["", "GETs", "an answer"], rows)
    crawl = first - 1  # and one for the root, at the start
    crawls, looks = DAY // INTERVAL, INTERVAL // NEWS_INTERVAL - 1  # a crawl is a look as well
    click.echo(f"A crawl: {crawl} GETs. A day: {crawls} × ({crawl} + {looks}) = {crawls * (crawl + looks)} GETs.")


if __name__ == "__main__":
    main()
