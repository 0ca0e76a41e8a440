"""The garbage collector while a snapshot is made: it has no cycles, and to go through all of it holds everybody up."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from thresholds import NEVER, thresholds

T = TypeVar("T")


@contextmanager
def no_collections() -> Iterator[None]:
    """Have none until the block ends but those of `settled`."""
    with thresholds.raised(young=NEVER):
        yield
        _settle()


def settled(part: T) -> T:
    """Return a part of a snapshot that was just made; the collector goes through it now, and never again.

    To go through all parts at once would hold the loop for as long as all of them take.
    """
    _settle()
    return part


def _settle() -> None:
    gc.collect(1)  # what is young and garbage goes first, as what is frozen with it would stay
    gc.freeze()
