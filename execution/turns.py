"""The operations' turns at the event loop.

In each round of the loop one operation that takes long goes on, for 20 ms, so whoever asks for something else waits for
one such turn at most. New operations and those that have had a turn go by turns; of the latter the oldest comes first.
"""

import time
from asyncio import Future, get_running_loop
from collections import deque
from heapq import heappop, heappush
from itertools import count
from typing import Final

MAX_TURN: Final = 0.02
"""Seconds for which operations may hold the event loop before others run."""

MAX_WAIT: Final = 1.0
"""Seconds for which an operation may wait for its first turn."""

_MAX_BATCH: Final = 64
"""New operations that are woken at once while they are done in no time."""


class OverloadedError(Exception):
    """There are too many operations; the client should try again."""


class Turns:
    """The turns of all operations of an application.

    Args:
        max_operations: operations that are under way at once, those that wait for something included.
        max_long: of these, those that have had a whole turn and are not done.
    """

    def __init__(self, max_operations: int = 1000, max_long: int = 1000) -> None:
        self._max_operations = max_operations
        self._max_long = max_long
        self._operations = self._long = 0
        self._round: float | None = None
        self._is_for_long = False
        self._batch = 1
        self._numbers = count()
        self._first: deque[tuple[float, Future[None]]] = deque()
        self._later: list[tuple[int, int, Future[None]]] = []

    async def begin(self) -> "Turn":
        """Wait for an operation's first turn.

        Raises:
            OverloadedError: there are too many operations, or they have waited for too long.
        """
        now = time.perf_counter()
        if self._operations >= self._max_operations or (self._first and now - self._first[0][0] > MAX_WAIT):
            raise OverloadedError
        self._operations += 1
        turn = Turn(self, next(self._numbers))
        if self._first or not self._has_room(now):
            future = get_running_loop().create_future()
            self._first.append((now, future))
            try:
                await future
            except BaseException:
                turn.finish()
                raise
            turn.renew()
        return turn

    async def go_on(self, turn: "Turn") -> None:
        """Wait for another turn. Raises `OverloadedError`: too many operations take long."""
        if not turn.is_long:
            if self._long >= self._max_long:
                raise OverloadedError
            turn.is_long = True
            self._long += 1
        future = get_running_loop().create_future()
        # Several functions of one operation may wait at the same time.
        heappush(self._later, (turn.number, next(self._numbers), future))
        if self._round is None:
            self._begin_round(time.perf_counter())
        await future

    def finish(self, turn: "Turn") -> None:
        """Note that an operation is done."""
        self._operations -= 1
        self._long -= turn.is_long

    def _has_room(self, now: float) -> bool:
        """Whether the round of the event loop has time left for one more."""
        if self._round is None:
            self._begin_round(now)
            return True
        return now - self._round < MAX_TURN

    def _begin_round(self, now: float) -> None:
        self._round = now
        get_running_loop().call_soon(self._end_round)

    def _end_round(self) -> None:
        """Let who waits go on in the next round: some new ones, fewer when they take long, or a long one."""
        now = time.perf_counter()
        assert self._round is not None
        if not self._is_for_long:
            self._batch = min(2 * self._batch, _MAX_BATCH) if now - self._round < MAX_TURN / 2 else 1
        self._round = None
        self._is_for_long = bool(self._later) and not (self._is_for_long and self._first)
        woken = 0
        while self._first and woken < self._batch and not self._is_for_long:
            woken += _wake(self._first.popleft()[1])
        while self._later and not woken:
            woken += _wake(heappop(self._later)[2])
        if woken or self._first:
            self._begin_round(now)


class Turn:
    """An operation's turn at the event loop; `number` orders operations by when they came."""

    __slots__ = ("_began", "_turns", "is_long", "number")

    def __init__(self, turns: Turns, number: int = 0) -> None:
        self._turns = turns
        self._began = time.perf_counter()
        self.number = number
        self.is_long = False

    @property
    def is_over(self) -> bool:
        """Whether it is time to let others run."""
        return time.perf_counter() - self._began > MAX_TURN

    async def end(self) -> None:
        """Let others run, then begin anew. Raises `OverloadedError`."""
        await self._turns.go_on(self)
        self.renew()

    def renew(self) -> None:
        """Begin anew."""
        self._began = time.perf_counter()

    def finish(self) -> None:
        """Note that the operation is done."""
        self._turns.finish(self)


def _wake(future: "Future[None]") -> bool:
    """Wake who waits, unless it was cancelled."""
    if future.done():
        return False
    future.set_result(None)
    return True
