"""The garbage collector while a snapshot is made: it has no cycles, and to go through all of it holds everybody up."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from thresholds import thresholds

YOUNG: Final = 10_000
"""How many new objects it goes through at once."""


@contextmanager
def no_full_collections() -> Iterator[None]:
    """Have none until the block ends, and never one that goes through what was made in it."""
    with thresholds.raised(young=YOUNG):
        yield
        gc.collect(1)  # what is young and garbage goes first, as what is frozen with it would stay
        gc.freeze()
