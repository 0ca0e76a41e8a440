"""The garbage collector while a snapshot is made: it has no cycles, and to go through all of it holds everybody up.

There is one collector in a process, and there may be several mirrors.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

YOUNG: Final = 10_000
NEVER: Final = 1_000_000
"""Thresholds: how many new objects it goes through at once, and when through all."""


class FullCollections:
    """Those that go through all objects, which may be put off; they come again when nobody does any more."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._puts_off = 0
        self._thresholds = gc.get_threshold()

    @contextmanager
    def put_off(self) -> Iterator[None]:
        """Have none until the block ends, and never one that goes through what was made in it."""
        with self._lock:
            self._puts_off += 1
            if self._puts_off == 1:
                self._thresholds = gc.get_threshold()
                gc.set_threshold(YOUNG, self._thresholds[1], NEVER)
        try:
            yield
            gc.collect(1)  # what is young and garbage goes first, as what is frozen with it would stay
            gc.freeze()
        finally:
            with self._lock:
                self._puts_off -= 1
                if not self._puts_off:
                    gc.set_threshold(*self._thresholds)


full_collections: Final = FullCollections()
