"""Lists that are long, and of which mostly a first page is read."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar, overload

T = TypeVar("T")


class Lazily(Sequence[T]):
    """A sequence that is made as far as it is read.

    Args:
        items: all of its items.
        length: how many there are.
    """

    def __init__(self, items: Iterable[T], length: int) -> None:
        self._made: list[T] = []
        self._left = iter(items)
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[T]:
        return iter(self[:])

    @overload
    def __getitem__(self, at: int) -> T: ...
    @overload
    def __getitem__(self, at: slice) -> list[T]: ...
    def __getitem__(self, at: int | slice) -> T | list[T]:
        if isinstance(at, slice):
            wanted = range(self._length)[at]
            end = max(wanted[0], wanted[-1]) + 1 if wanted else 0
        else:
            end = range(self._length)[at] + 1
        self._made += islice(self._left, max(0, end - len(self._made)))
        return [self._made[place] for place in wanted] if isinstance(at, slice) else self._made[end - 1]
