"""Lists that are long, and of which mostly a first page is read."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar, overload

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


@dataclass(frozen=True, eq=False, repr=False)
class Chosen(Generic[T]):
    """Those of a long list that pass, in its order: found by a walk from where a page begins, and counted beforehand.

    Args:
        items: the whole list.
        count: how many of them are chosen.
        passes: which of them; all unless it is given.
    """

    items: Sequence[T]
    count: int
    passes: Callable[[T], object] | None = None

    def first(self, start: int, end: int, size: int) -> list[T]:
        """Return the first chosen ones between two places of the list."""
        return self._some(range(start, end), size)

    def last(self, start: int, end: int, size: int) -> list[T]:
        """Return the last chosen ones between two places of the list, in its order."""
        return self._some(range(start, end)[::-1], size)[::-1]

    def _some(self, places: range, size: int) -> list[T]:
        found = map(self.items.__getitem__, places)
        return list(islice(found if self.passes is None else filter(self.passes, found), size))
