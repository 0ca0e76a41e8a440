"""The garbage collector makes its full passes between operations."""

import asyncio
import gc
from collections.abc import Iterator
from functools import partial

import pytest

from execution import Turns
from thresholds import Thresholds
from web import collector
from web.collector import collecting


@pytest.fixture(autouse=True)
def thresholds(monkeypatch: pytest.MonkeyPatch) -> Iterator[Thresholds]:
    """Let no application of another test's have a say, which may not have come to its end: it has other thresholds."""
    before = gc.get_threshold()
    gc.set_threshold(701, 11, 10)
    gc.collect()  # none is overdue
    own = Thresholds()
    monkeypatch.setattr(collector, "thresholds", own)
    yield own
    gc.set_threshold(*before)


@pytest.fixture(autouse=True)
def _unfrozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)


# Given, not set for all: applications of other tests, in other threads, have collectors too.
often = partial(collecting, look_seconds=0.001, due=0)


class Ring:
    """Refers to itself."""

    def __init__(self, gone: asyncio.Event) -> None:
        self.itself = self
        self.gone = gone

    def __del__(self) -> None:
        self.gone.set()


def old_garbage(gone: asyncio.Event) -> None:
    """Make garbage that only a full pass finds."""
    ring = Ring(gone)
    gc.collect(0)
    gc.collect(1)
    del ring
    gc.collect(1)


async def test_garbage_goes_when_no_operation_is_under_way() -> None:
    turns, gone = Turns(), asyncio.Event()
    async with often(turns):
        turn = await turns.begin()
        old_garbage(gone)
        await asyncio.sleep(0.05)
        assert not gone.is_set()
        turn.finish()
        await gone.wait()


async def test_it_does_not_wait_for_ever() -> None:
    turns, gone = Turns(), asyncio.Event()
    async with often(turns, overdue=0):
        await turns.begin()
        old_garbage(gone)
        await gone.wait()


async def test_python_makes_none_meanwhile() -> None:
    before = gc.get_threshold()
    async with often(Turns()):
        assert gc.get_threshold()[2] > 1000 * before[2]
    assert gc.get_threshold() == before


async def test_it_leaves_off_while_a_snapshot_is_made(thresholds: Thresholds) -> None:
    turns, gone = Turns(), asyncio.Event()
    async with often(turns):
        with thresholds.raised(young=10_000):
            old_garbage(gone)
            await asyncio.sleep(0.05)
            assert not gone.is_set()
        await gone.wait()
