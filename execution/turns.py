"""The operations' turns at the event loop.

In each round of the loop operations work for 20 ms, and whoever asks for something else waits for that. Who waits for a
turn goes by what it is expected to take, the shortest first. Operations that have had 20 ms and are not done have a
round of their own when nobody else waits, and one in a while when somebody does; the oldest comes first.
"""

import time
from asyncio import AbstractEventLoop, Future, get_running_loop
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import Final

MAX_TURN: Final = 0.02
"""Seconds for which operations may hold the event loop before others run."""

FIRST_SHARE: Final = 0.25
"""An operation's first turn is this part of one: most are done by then, and the others wait behind those."""

LONG_EVERY: Final = 0.06
"""Seconds after which a long operation has a turn though others wait."""

MAX_WAIT: Final = 1.0
"""Seconds for which an operation may wait for its first turn."""

MAX_LAG: Final = 0.5
"""Seconds that rounds of the event loop may take."""

_MAX_WOKEN: Final = 64
"""Operations that are woken at once; those for which the round has no time left wait for the next."""

_Queue = list[tuple[float, int, "Future[None]"]]


class OverloadedError(Exception):
    """There are too many operations; the client should try again."""


class Turns:
    """The turns of all operations of an application.

    Args:
        max_operations: operations that are under way at once, those that wait for something included.
        max_long: of these, those that have had a whole turn and are not done.
        max_lag: seconds that rounds of the event loop may take, whoever works in them; the last few count.
    """

    def __init__(self, max_operations: int = 1000, max_long: int = 1000, max_lag: float = MAX_LAG) -> None:
        self._max_operations = max_operations
        self._max_long = max_long
        self._operations = self._long = 0
        self._lag = _Lag(max_lag)
        self._round: float | None = None
        self._loop: AbstractEventLoop
        self._is_used = False
        self._worked = 0.0  # what operations that are done took since the last round ended
        self._numbers = count()
        self._new: dict[Turn, float] = {}
        self._waiting: _Queue = []
        self._waiting_long: _Queue = []
        self._long_round = 0.0

    @property
    def count(self) -> int:
        """How many operations are under way."""
        return self._operations

    @property
    def lag(self) -> float:
        """Seconds that rounds of the event loop take."""
        return self._lag.seconds(time.perf_counter())

    @property
    def is_idle(self) -> bool:
        """Whether no operation is under way."""
        return not self._operations

    async def begin(self, expected: Callable[[], float] = float) -> "Turn":
        """Wait for an operation's first turn; `expected` says how long it will take, in seconds, if it has to wait.

        Raises:
            OverloadedError: there are too many operations, or they have waited for too long, or the loop is late.
        """
        now = time.perf_counter()
        if self._operations >= self._max_operations or self._lag.is_high(now) or self._are_late(now):
            raise OverloadedError
        self._operations += 1
        turn = Turn(self, next(self._numbers), now)
        if self._waiting or not self._has_room(now):
            self._new[turn] = now
            try:
                await self._queue(expected())
            except BaseException:
                turn.finish()
                raise
            finally:
                del self._new[turn]
            turn.renew()
        return turn

    async def go_on(self, turn: "Turn") -> None:
        """Wait for another turn. Raises `OverloadedError`: too many operations take long."""
        if not turn.is_long and turn.held > MAX_TURN:
            if self._long >= self._max_long:
                raise OverloadedError
            turn.is_long = True
            self._long += 1
        # Several functions of one operation may wait at the same time.
        if turn.is_long:
            await self._wait(self._waiting_long, turn.number)
        else:
            await self._queue(turn.held)

    async def resume(self, turn: "Turn") -> None:
        """Wait for a turn, unless there is time now."""
        if not self._has_room(time.perf_counter()):
            await self._queue(turn.held)

    def finish(self, turn: "Turn") -> None:
        """Note that an operation is done."""
        self._operations -= 1
        self._long -= turn.is_long
        self._worked += turn.age

    def _are_late(self, now: float) -> bool:
        return bool(self._new) and now - next(iter(self._new.values())) > MAX_WAIT

    def _has_room(self, now: float) -> bool:
        """Whether the round of the event loop has time left for one more; the first one always has."""
        if self._round is not None and self._loop.is_closed():
            self._round = None  # a test client runs each request in a loop of its own
            self._waiting, self._waiting_long = [], []
        if self._round is not None:
            has_room = not self._is_used or now - self._round < MAX_TURN
            self._is_used = self._is_used or has_room
            return has_room
        # To be told of the loop's next round costs one. Not for one alone, after others that were done at once.
        if self._operations > 1 or self._worked > MAX_TURN:
            self._begin_round(now)
            self._is_used = True
        return True

    async def _queue(self, expected: float) -> None:
        """Wait until there is time for one who is expected to take so long."""
        await self._wait(self._waiting, expected)
        while not self._has_room(time.perf_counter()):
            await self._wait(self._waiting, expected)

    async def _wait(self, queue: _Queue, place: float) -> None:
        future = get_running_loop().create_future()
        heappush(queue, (place, next(self._numbers), future))
        if self._round is None:
            self._begin_round(time.perf_counter())
        await future

    def _begin_round(self, now: float) -> None:
        self._round = now
        self._is_used = False
        self._loop = get_running_loop()
        self._loop.call_soon(self._end_round)

    def _end_round(self) -> None:
        """Let who waits go on in the next round: several that may be short, or a long one."""
        now = time.perf_counter()
        assert self._round is not None
        self._lag.note(now, now - self._round)
        self._round = None
        self._worked = 0.0
        is_for_long = now - self._long_round > LONG_EVERY and _wake(self._waiting_long, 1)
        if not is_for_long and _wake(self._waiting, _MAX_WOKEN):
            self._begin_round(now)
        elif is_for_long or _wake(self._waiting_long, 1):
            self._long_round = now
            self._begin_round(now)
            self._is_used = True


class Turn:
    """An operation's turn at the event loop; `number` orders operations by when they came."""

    __slots__ = ("_before", "_began", "_turns", "is_long", "number")

    def __init__(self, turns: Turns, number: int = 0, now: float | None = None) -> None:
        self._turns = turns
        self._began = time.perf_counter() if now is None else now
        self._before = 0.0
        self.number = number
        self.is_long = False

    @property
    def is_over(self) -> bool:
        """Whether it is time to let others run."""
        return self.age > (MAX_TURN if self._before else MAX_TURN * FIRST_SHARE)

    @property
    def age(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self._began

    @property
    def held(self) -> float:
        """Seconds for which the operation has worked, in all its turns."""
        return self._before + time.perf_counter() - self._began

    async def end(self) -> None:
        """Let others run, then begin anew. Raises `OverloadedError`."""
        self._pause()
        await self._turns.go_on(self)
        self.renew()

    async def resume(self) -> None:
        """Go on after something that was waited for, when there is time; that it took long does not count."""
        self.renew()
        await self._turns.resume(self)
        self.renew()

    def _pause(self) -> None:
        self._before = self.held
        self.renew()

    def renew(self) -> None:
        """Begin anew."""
        self._began = time.perf_counter()

    def finish(self) -> None:
        """Note that the operation is done."""
        self._turns.finish(self)


class _Lag:
    """How late the event loop comes to what is due: what its rounds take, smoothed."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._seconds = self._noted = 0.0

    def note(self, now: float, seconds: float) -> None:
        """Take a round into account; one alone, as after the machine slept, says nothing."""
        self._seconds += (min(seconds, 2 * self._limit) - self._seconds) / 4
        self._noted = now

    def is_high(self, now: float) -> bool:
        """Whether it is too high."""
        return self._seconds > self._limit and self.seconds(now) > self._limit

    def seconds(self, now: float) -> float:
        """Return what a round takes; after a second without one nobody knows."""
        return self._seconds if now - self._noted < 1 else 0.0


def _wake(queue: _Queue, most: int) -> int:
    """Wake who waits, unless it was cancelled; return how many that are."""
    woken = 0
    while queue and woken < most:
        future = heappop(queue)[2]
        if not future.done():
            future.set_result(None)
            woken += 1
    return woken
