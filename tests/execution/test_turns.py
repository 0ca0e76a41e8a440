"""Operations take turns: whoever asks for something small does not wait for who asks for much."""

import asyncio
import time

import pytest

from execution import OverloadedError, Turns
from execution.turns import MAX_TURN


def spend(seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


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
