"""The garbage collector's full passes: between operations, not in the midst of them.

A full pass takes half a second for each million objects, in which nobody is served, and Python begins it whenever many
objects are made: most of all while a large response is. Those go without it, as they refer to each other one way only.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from threading import Lock
from typing import Final

from execution import Turns

LOOK_SECONDS: Final = 0.2
NEVER: Final = 1_000_000_000

DUE: Final = 10
"""Passes through young objects after which a full one is due, as Python has it."""

OVERDUE: Final = 300
"""Passes after which it comes though there are operations under way: young objects are some 2 million then."""


class OwnPasses:
    """The full passes that Python makes of its own accord: none while an application makes them, however many do."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._applications = 0
        self._thresholds = gc.get_threshold()

    @contextmanager
    def off(self) -> Iterator[tuple[int, int, int]]:
        """Have none until the block ends; yields the thresholds that see to it."""
        with self._lock:
            self._applications += 1
            if self._applications == 1:
                self._thresholds = gc.get_threshold()
                gc.set_threshold(*self._thresholds[:2], NEVER)
        try:
            yield (*self._thresholds[:2], NEVER)
        finally:
            with self._lock:
                self._applications -= 1
                if not self._applications:
                    gc.set_threshold(*self._thresholds)


own_passes: Final = OwnPasses()


@asynccontextmanager
async def collecting(turns: Turns) -> AsyncIterator[None]:
    """Make full passes when no operation is under way, as long as this lasts."""
    with own_passes.off() as thresholds:
        task = asyncio.create_task(_collect(turns, thresholds))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _collect(turns: Turns, thresholds: tuple[int, int, int]) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if gc.get_threshold() != thresholds:
            continue  # a snapshot is made, which is no garbage
        passes = gc.get_count()[2]
        if passes > OVERDUE or (passes > DUE and turns.is_idle):
            gc.collect()
            if turns.is_idle:
                gc.freeze()  # what is kept need not be walked again
