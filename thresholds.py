"""The garbage collector's thresholds. There is one collector in a process, and several have a say: a leaf for all."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

NEVER: Final = 1_000_000_000


class Thresholds:
    """Raises them as long as somebody wants it; the highest that are wanted hold, and the usual ones in the end."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wanted: list[tuple[int, int, int]] = []
        self._usual = gc.get_threshold()

    @property
    def are_young_raised(self) -> bool:
        """Whether somebody makes many objects, and wants young ones left alone."""
        return any(young for young, _, _ in self._wanted)

    @contextmanager
    def raised(self, *, young: int = 0, full: int = NEVER) -> Iterator[None]:
        """Raise them until the block ends.

        Args:
            young: how many new objects there are when the collector goes through them.
            full: how many passes there are before Python has it go through all objects.
        """
        wanted = (young, 0, full)
        with self._lock:
            if not self._wanted:
                self._usual = gc.get_threshold()
            self._wanted.append(wanted)
            self._set()
        try:
            yield
        finally:
            with self._lock:
                self._wanted.remove(wanted)
                self._set()

    def _set(self) -> None:
        gc.set_threshold(*map(max, zip(self._usual, *self._wanted, strict=True)))


thresholds: Final = Thresholds()
