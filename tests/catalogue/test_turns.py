"""Work in a worker thread leaves the interpreter to others, and sorting is done in small steps."""

from itertools import pairwise
from operator import itemgetter
from random import Random

import pytest

from catalogue import turns
from catalogue.turns import PAUSE_SECONDS, RUN, STEPS, Turns, in_order, unhurried


class Clock:
    """Times by hand: what this thread has worked, what all have, and the pauses that were made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.own = self.others = 0.0
        self.pauses: list[float] = []
        monkeypatch.setattr(turns, "time", self)

    def thread_time(self) -> float:
        return self.own

    def process_time(self) -> float:
        return self.own + self.others

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def work(clock: Clock, *, others: float) -> None:
    """Go through some items, for each of which this thread works for a millisecond and others for so long."""
    for _ in unhurried(range(4 * STEPS)):
        clock.own += 0.001
        clock.others += others


def test_everything_comes_in_its_order() -> None:
    assert list(unhurried(iter(range(1000)))) == list(range(1000))


def test_who_works_alone_makes_no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    work(clock, others=0)
    assert clock.pauses == []


def test_beside_others_there_are_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    work(clock, others=0.0005)
    assert clock.pauses == [PAUSE_SECONDS] * 4


@pytest.mark.parametrize("size", [0, 1, 2047, 2048, 2049, 30_000])
@pytest.mark.parametrize("values", [1, 50, 10**9])
async def test_much_is_sorted_as_in_one_go(size: int, values: int) -> None:
    random = Random(size)
    items = [(random.randrange(values), number) for number in range(size)]
    assert await in_order(items, None, Turns()) == sorted(items)
    assert await in_order(items, itemgetter(0), Turns()) == sorted(items, key=itemgetter(0))


async def test_no_step_of_sorting_grows_with_what_is_sorted() -> None:
    """Whatever the order: those that are equal alone are taken in one go."""
    random = Random(7)
    items = [random.random() for _ in range(50_000)]
    looks: list[int] = []
    seen = 0

    def key(item: float) -> float:
        nonlocal seen
        seen += 1
        return item

    class Counted(Turns):
        async def __call__(self) -> None:
            looks.append(seen)

    await in_order(items, key, Counted())
    assert max(later - before for before, later in pairwise(looks)) < 5 * RUN
