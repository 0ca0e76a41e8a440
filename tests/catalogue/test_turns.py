"""Work in a worker thread leaves the interpreter to others."""

import pytest

from catalogue import turns
from catalogue.turns import PAUSE_SECONDS, STEPS, unhurried


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
