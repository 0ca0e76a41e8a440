"""Long work in short slices, between which the event loop serves others."""

import asyncio
import time
from bisect import bisect_left, insort
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final, TypeVar

K = TypeVar("K")
T = TypeVar("T")

SLICE_SECONDS: Final = 0.001
BUSY_SECONDS: Final = 0.0002
PAUSE_SECONDS: Final = 0.009
"""Where others work for so long in a turn of the loop, they have so much more: a tenth of the time is enough here.

A core that is asked for 70 % of its time and gives a fifth away has hardly any left, and who asks waits behind others.
"""

STEPS: Final = 32
"""Small steps between two looks at the clock, which each take some millionths of a second."""

RUN: Final = 2048
"""How many items are sorted in one go."""

SAMPLES: Final = 16
"""How many items of a run are looked at to cut all runs in pieces of about one run's size."""

SMALL_SHARE: Final = 8
"""Less than this share of all is put into its place one by one, more is sorted with all others."""


class Turns:
    """Gives the loop a turn when the slice of work has been long enough: `await turns()` after each step."""

    def __init__(self) -> None:
        self._until = time.perf_counter() + SLICE_SECONDS

    async def parts(self, items: Iterable[T]) -> AsyncIterator[list[T]]:
        """Go through items, each of which is a small step, some at once."""
        left = iter(items)
        while part := list(islice(left, STEPS)):
            yield part
            await self()

    async def __call__(self) -> None:
        """Give the loop its turn, where that is due."""
        if time.perf_counter() > self._until:
            before = time.thread_time()
            await asyncio.sleep(0)
            if time.thread_time() - before > BUSY_SECONDS:
                await asyncio.sleep(PAUSE_SECONDS)
            self._until = time.perf_counter() + SLICE_SECONDS


def unhurried(items: Iterable[T]) -> Iterator[T]:
    """Go through items in a worker thread, each a small step, with the pauses of `Turns` where other threads work too.

    They have one interpreter, and maybe one core: who works for 0.1 s in one go takes half of both for twice as long.
    """
    left = iter(items)
    own, all_ = time.thread_time(), time.process_time()
    while part := list(islice(left, STEPS)):
        yield from part
        worked = time.thread_time() - own
        if worked > SLICE_SECONDS:
            if time.process_time() - all_ - worked > BUSY_SECONDS:
                time.sleep(PAUSE_SECONDS)
            own, all_ = time.thread_time(), time.process_time()


def drained(items: dict[K, T]) -> Iterator[tuple[K, T]]:
    """Take all items out of a mapping: what is many things is gone bit by bit then, and not at once in the end."""
    while items:
        yield items.popitem()


async def in_order(items: Iterable[T], key: Callable[[T], Any] | None, turns: Turns) -> list[T]:
    """Return items in ascending order of their keys; those that are equal stay as they are.

    Runs are sorted, cut at the same bounds, and what is between two bounds is merged, which is never much.
    """
    value_of: Callable[[Any], Any] = key or _itself
    left = iter(items)
    runs: list[list[T]] = []
    while run := sorted(islice(left, RUN), key=value_of):
        runs.append(run)
        await turns()
    if len(runs) < 2:
        return runs[0] if runs else []
    sample = sorted(value_of(item) for run in runs for item in run[:: RUN // SAMPLES])
    starts = [0] * len(runs)
    ordered: list[T] = []
    for bound in sample[SAMPLES::SAMPLES]:
        ends = [bisect_left(run, bound, start, key=key) for run, start in zip(runs, starts, strict=True)]
        ordered += sorted(_between(runs, starts, ends), key=value_of)
        starts = ends
        await turns()
    ordered += sorted(_between(runs, starts, map(len, runs)), key=value_of)
    while runs:  # what is long is let go of in steps, too
        runs.pop()
        await turns()
    return ordered


def _itself(item: T) -> T:
    return item


def _between(runs: Iterable[list[T]], starts: Iterable[int], ends: Iterable[int]) -> Iterator[T]:
    return chain.from_iterable(run[start:end] for run, start, end in zip(runs, starts, ends, strict=True))


async def with_changes(
    items: list[T], gone: Collection[T], came: Collection[T], turns: Turns, key: Callable[[T], Any] | None = None
) -> list[T] | None:
    """Return a sorted list without some items and with others; `None` where so many come that all are better sorted."""
    if len(came) * SMALL_SHARE > len(items):
        return None
    kept = [item for item in items if item not in gone] if gone else items.copy()
    for item in came:
        insort(kept, item, key=key)  # type: ignore[arg-type]
        await turns()
    return kept


async def sorted_keys(keys: list[T], gone: Collection[T], came: Collection[T], turns: Turns) -> list[T]:
    """Return sorted keys without some and with others."""
    if not gone and not came:
        return keys
    changed = await with_changes(keys, gone, came, turns)
    if changed is not None:
        return changed
    return await in_order(chain((key for key in keys if key not in gone), came), None, turns)
