"""The garbage collector is the process's: whoever changes when it works must not change it for good."""

import gc
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from thresholds import NEVER, Thresholds


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*before)


def test_the_highest_that_are_wanted_hold_and_the_usual_ones_come_back_with_the_last() -> None:
    thresholds, first, second = Thresholds(), ExitStack(), ExitStack()
    first.enter_context(thresholds.raised(young=5000, full=20))
    assert gc.get_threshold() == (5000, 10, 20)
    second.enter_context(thresholds.raised())
    assert gc.get_threshold() == (5000, 10, NEVER)
    first.close()
    assert gc.get_threshold() == (700, 10, NEVER)
    second.close()
    assert gc.get_threshold() == (700, 10, 10)


def test_two_that_want_the_same_are_two() -> None:
    thresholds = Thresholds()
    with thresholds.raised(young=5000):
        with thresholds.raised(young=5000):
            pass
        assert thresholds.are_young_raised
        assert gc.get_threshold()[0] == 5000
    assert not thresholds.are_young_raised


def test_what_others_set_them_to_before_is_what_comes_back() -> None:
    thresholds = Thresholds()
    gc.set_threshold(800, 20, 30)
    with thresholds.raised():
        assert gc.get_threshold() == (800, 20, NEVER)
    assert gc.get_threshold() == (800, 20, 30)
