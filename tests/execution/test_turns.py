"""Operations take turns: whoever asks for something small does not wait for who asks for much."""

import asyncio
from itertools import pairwise

import pytest

from execution import OverloadedError, Turns
from execution.turns import MAX_TURN
from tests.patience import PATIENCE


class Clock:
    """Stands for `time`: it goes on as work is done, and nothing else takes any."""

    def __init__(self) -> None:
        self.now = 1000.0

    def perf_counter(self) -> float:
        return self.now


CLOCK = Clock()


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("execution.turns.time", CLOCK)


def spend(seconds: float) -> None:
    """Work for so long."""
    CLOCK.now += seconds


async def long(turns: Turns, parts: int, done: list[str], name: str = "long") -> None:
    turn = await turns.begin()
    try:
        for _ in range(parts):
            spend(MAX_TURN * 1.1)
            assert turn.is_over
            await turn.end()
        done.append(name)
    finally:
        turn.finish()


async def short(turns: Turns, done: list[str]) -> None:
    turn = await turns.begin()
    turn.finish()
    done.append("short")


async def test_short_operations_are_done_while_long_ones_go_on() -> None:
    turns, done = Turns(), list[str]()
    tasks = [asyncio.create_task(long(turns, 8, done)) for _ in range(4)]
    await asyncio.sleep(0)
    tasks += [asyncio.create_task(short(turns, done)) for _ in range(20)]
    await asyncio.gather(*tasks)
    assert sorted(done) == ["long"] * 4 + ["short"] * 20
    assert done[-1] == "long"


async def test_one_long_operation_goes_on_in_each_round_of_the_loop() -> None:
    turns, done = Turns(), list[str]()
    tasks = [asyncio.create_task(long(turns, 3, done)) for _ in range(6)]
    rounds = 0
    while len(done) < 6:
        await asyncio.sleep(0)
        rounds += 1
    await asyncio.gather(*tasks)
    assert rounds >= 6 * 3, "others had their turn between any two turns"


async def test_the_oldest_long_operation_comes_first() -> None:
    turns, done = Turns(), list[str]()
    await asyncio.gather(*(long(turns, 4, done, str(number)) for number in range(5)))
    assert done == ["0", "1", "2", "3", "4"]


async def test_too_many_operations_are_refused() -> None:
    turns = Turns(max_operations=2)
    first, _ = await turns.begin(), await turns.begin()
    with pytest.raises(OverloadedError):
        await turns.begin()
    first.finish()
    await turns.begin()


async def test_too_many_long_operations_are_refused_and_short_ones_go_on() -> None:
    turns, done = Turns(max_long=3), list[str]()
    tasks = [asyncio.create_task(long(turns, 10, done)) for _ in range(8)]
    tasks += [asyncio.create_task(short(turns, done)) for _ in range(8)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(each) for each in results if each is not None] == [OverloadedError] * 5
    assert sorted(done) == ["long"] * 3 + ["short"] * 8


async def test_who_is_cancelled_holds_nobody_up() -> None:
    turns, done = Turns(), list[str]()
    tasks = [asyncio.create_task(long(turns, 50, done)) for _ in range(6)]
    waiting = [asyncio.create_task(short(turns, done)) for _ in range(6)]
    await asyncio.sleep(0)
    for each in [*tasks[:5], *waiting[:3]]:
        each.cancel()
    await asyncio.gather(*tasks, *waiting, return_exceptions=True)
    assert sorted(done) == ["long", "short", "short", "short"]
    await asyncio.gather(*(short(turns, done) for _ in range(3)))


async def test_several_functions_of_one_operation_may_end_its_turn_at_once() -> None:
    turn = await Turns().begin()
    await asyncio.gather(*(turn.end() for _ in range(5)))
    assert not turn.is_over
    turn.finish()


async def begun(turns: Turns, seconds: float, began: list[float], work: float = 0.0) -> None:
    turn = await turns.begin(lambda: seconds)
    began.append(seconds)
    spend(work)
    turn.finish()


async def test_who_is_expected_to_take_least_comes_first() -> None:
    turns, began = Turns(), list[float]()
    tasks = [asyncio.create_task(long(turns, 1, []))]
    tasks += [asyncio.create_task(begun(turns, seconds, began, MAX_TURN * 1.1)) for seconds in (0, 3, 1, 4, 2)]
    await asyncio.gather(*tasks)
    assert began == [0, 1, 2, 3, 4]


async def test_those_that_are_woken_together_have_one_round_of_time() -> None:
    turns, began = Turns(), list[float]()
    tasks = [asyncio.create_task(long(turns, 1, []))]
    tasks += [asyncio.create_task(begun(turns, number, began, MAX_TURN * 1.1)) for number in range(10)]
    counts = []
    while len(began) < 10:
        await asyncio.sleep(0)
        counts.append(len(began))
    assert max(after - before for before, after in pairwise(counts)) == 1
    await asyncio.gather(*tasks)


async def test_a_long_operation_goes_on_while_there_are_always_new_ones() -> None:
    turns, done = Turns(), list[str]()
    waiting = asyncio.create_task(long(turns, 3, done))
    count = 0
    while not done:
        count += 1
        assert count < 10_000
        await asyncio.gather(*(begun(turns, 0.0, [], MAX_TURN / 4) for _ in range(4)))
    await waiting


async def test_who_waited_for_something_else_is_not_long_and_waits_for_time() -> None:
    turns = Turns(max_long=0)
    turn = await turns.begin()
    await asyncio.sleep(0)
    spend(MAX_TURN * 2)
    await turn.resume()
    assert not turn.is_over
    assert turn.held < MAX_TURN
    turn.finish()


async def test_operations_are_refused_while_the_loop_is_late() -> None:
    turns = Turns(max_lag=MAX_TURN)

    async def busy() -> None:
        for _ in range(20):
            (await turns.begin()).finish()
            spend(MAX_TURN * 4)
            await asyncio.sleep(0)

    other = await turns.begin()
    with pytest.raises(OverloadedError):
        await busy()
    other.finish()


async def test_one_late_round_says_nothing() -> None:
    turns = Turns(max_lag=MAX_TURN)
    other = await turns.begin()
    spend(MAX_TURN * 20)
    await asyncio.sleep(0)
    (await turns.begin()).finish()
    other.finish()


async def test_the_loop_is_late_no_longer_than_a_second_ago() -> None:
    turns = Turns(max_lag=0.1)
    for _ in range(11):
        turns._lag.note(CLOCK.now, 1.0)
    with pytest.raises(OverloadedError):
        await turns.begin()
    spend(1.1)
    (await turns.begin()).finish()


def test_another_event_loop_begins_anew() -> None:
    turns = Turns()

    async def ask() -> None:
        first = await turns.begin()
        second = await turns.begin()  # begins a round, of whose end nobody is told
        spend(MAX_TURN * 1.1)
        first.finish()
        second.finish()

    def run() -> None:
        """As `asyncio.run`, but without a further round."""
        loop = asyncio.new_event_loop()
        asyncio._set_running_loop(loop)
        with pytest.raises(StopIteration):
            ask().send(None)
        asyncio._set_running_loop(None)
        loop.close()

    run()
    run()
    asyncio.run(asyncio.wait_for(ask(), PATIENCE))
