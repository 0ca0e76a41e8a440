"""The model of `docs/scaling.md`: what reaches whom, and what serves it: `python -m benchmarks.scaling_model`."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import click

from benchmarks.tables import table

SHARE: Final = 0.7
"""Of a core's time that may be spent: beyond, waits grow fast."""


def one_core(microseconds: float) -> float:
    """Return the requests a second of one core, at so much CPU a request."""
    return SHARE * 1e6 / microseconds


@lru_cache
def weights(keys: int) -> tuple[float, ...]:
    """Return the shares of so many different answers in what is asked, by Zipf's law."""
    total = sum(1 / rank for rank in range(1, keys + 1))
    return tuple(1 / rank / total for rank in range(1, keys + 1))


def fetches(rate: float, keys: int, seconds: float) -> float:
    """Return how many requests a second a cache hands on that keeps each answer for some seconds.

    An answer that is asked `r` times a second is fetched once in the time that it is kept and the time until it is
    asked again: `r / (1 + r × seconds)`.
    """
    rates = (rate * weight for weight in weights(keys))
    return sum(each / (1 + each * seconds) for each in rates)


def served(core: float, ready: float, executed: float, keys: int, interval: float) -> float:
    """Return the requests a second of so many cores whose own ready answers last until the next snapshot.

    Args:
        core: how many cores, each of a process with its own ready answers.
        ready: CPU of a ready answer, in microseconds.
        executed: that of one that is executed.
        keys: different answers that are asked.
        interval: seconds between two snapshots.
    """
    rate = one_core(ready)
    for _ in range(20):
        missed = fetches(rate, keys, interval) / rate
        rate = one_core(ready + missed * (executed - ready))
    return core * rate


@click.command()
@click.option("--ready", default=37.0, show_default=True, help="CPU of an answer that is ready, µs.")
@click.option("--executed", default=73.0, show_default=True, help="CPU of one that is executed, µs.")
@click.option("--keys", default=20_000, show_default=True, help="Different answers that are asked.")
@click.option("--interval", default=3_600.0, show_default=True, help="Seconds between two snapshots.")
@click.option("--max-age", default=300.0, show_default=True, help="Seconds that caches in front keep an answer.")
@click.option("--caches", default=50, show_default=True, help="Places of a CDN, each with a cache of its own.")
def main(ready: float, executed: float, keys: int, interval: float, max_age: float, caches: int) -> None:
    """Print what cores serve, and what a CDN leaves for them."""
    rows = [
        [name, served(cores, ready, executed, keys, interval)]
        for name, cores in (("one core", 1), ("a machine of 8", 8), ("ten machines of 8", 80))
    ]
    table("What cores serve, requests a second", ["", "a second"], rows)
    rows = []
    for rate in (100, 1_000, 10_000, 100_000, 1_000_000):
        origin = caches * fetches(rate / caches, keys, max_age)
        rows.append([f"{rate:,}", origin, f"{1 - origin / rate:.1%}", origin * executed / 1e6])
    table(
        f"What a CDN of {caches} places leaves: {caches * keys / max_age:,.0f} a second at the most",
        ["asked a second", "reach the gateway", "answered by the CDN", "cores at full time"],
        rows,
    )


if __name__ == "__main__":
    main()
