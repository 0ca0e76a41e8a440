"""The garbage collector's full passes: between operations, not in the midst of them.

A full pass takes half a second for each million objects, in which nobody is served, and Python begins it whenever many
objects are made: most of all while a large response is. Those go without it, as they refer to each other one way only.
"""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Final

from execution import Turns
from thresholds import thresholds

LOOK_SECONDS: Final = 0.2

DUE: Final = 10
"""Passes through young objects after which a full one is due, as Python has it."""

OVERDUE: Final = 300
"""Passes after which it comes though there are operations under way: young objects are some 2 million then."""


@asynccontextmanager
async def collecting(
    turns: Turns, *, look_seconds: float = LOOK_SECONDS, due: int = DUE, overdue: int = OVERDUE
) -> AsyncIterator[None]:
    """Make full passes when no operation is under way, as long as this lasts; it looks every so many seconds."""
    with thresholds.raised():  # none of Python's own accord
        task = asyncio.create_task(_collect(turns, look_seconds, due, overdue))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _collect(turns: Turns, look_seconds: float, due: int, overdue: int) -> None:
    while True:
        await asyncio.sleep(look_seconds)
        if thresholds.are_young_raised:
            continue  # a snapshot is made, which is no garbage
        passes = gc.get_count()[2]
        if passes > overdue or (passes > due and turns.is_idle):
            gc.collect()
            if turns.is_idle:
                gc.freeze()  # what is kept need not be walked again
