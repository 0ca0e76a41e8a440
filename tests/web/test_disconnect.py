"""Work ends when the client has left."""

import asyncio
import gc
from typing import Any
from weakref import ref

import pytest
from starlette.requests import ClientDisconnect

from web.disconnect import while_connected


async def forever(ended: asyncio.Event) -> None:
    try:
        await asyncio.Future()
    finally:
        ended.set()


@pytest.mark.parametrize("messages", [["http.disconnect"], ["http.request", "http.disconnect"]])
async def test_work_is_cancelled_when_the_client_leaves(messages: list[str]) -> None:
    left = iter(messages)

    async def receive() -> dict[str, Any]:
        return {"type": next(left)}

    ended = asyncio.Event()
    with pytest.raises(ClientDisconnect):
        await while_connected(receive, forever(ended))
    assert ended.is_set()
    await asyncio.sleep(0)  # the task itself was not cancelled


def test_work_that_waits_for_nothing_needs_no_turn_of_the_loop() -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("nobody is to be watched")

    async def work() -> int:
        return 1

    with pytest.raises(StopIteration) as done:
        while_connected(receive, work()).send(None)
    assert done.value.value == 1


async def test_work_may_handle_the_failure_of_what_it_waits_for() -> None:
    async def receive() -> dict[str, Any]:
        return await asyncio.Future()

    async def work() -> int:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Future(), 0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await asyncio.Future()
        await asyncio.sleep(0)
        return 2

    assert await while_connected(receive, work()) == 2


async def test_work_goes_on_while_the_client_stays() -> None:
    async def receive() -> dict[str, Any]:
        return await asyncio.Future()

    async def work() -> int:
        await asyncio.sleep(0.1)  # longer than it takes to begin to watch
        return 1

    assert await while_connected(receive, work()) == 1


async def test_another_cancellation_is_passed_on() -> None:
    async def receive() -> dict[str, Any]:
        return await asyncio.Future()

    ended = asyncio.Event()
    task = asyncio.create_task(while_connected(receive, forever(ended)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_who_watched_is_not_left_to_the_collector() -> None:
    async def receive() -> dict[str, Any]:
        return await asyncio.Future()

    class Kept:
        """Something that the work holds."""

    async def work(kept: Kept) -> None:
        await asyncio.sleep(0.1)

    gc.collect()
    gc.disable()
    try:
        kept = Kept()
        gone = ref(kept)
        task = asyncio.create_task(while_connected(receive, work(kept)))
        await task
        del task, kept
        await asyncio.sleep(0)
        assert gone() is None
        assert not [each for each in gc.get_objects() if type(each).__name__ == "_Watch"]
    finally:
        gc.enable()
