"""Work that begins at once, as in a callback of the event loop, where there is no task."""

import asyncio
from asyncio import AbstractEventLoop, Task
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any

from web.tasks import begin, in_task

word: ContextVar[str] = ContextVar("word", default="none")


async def begun(work: Coroutine[Any, Any, None]) -> Task[None] | None:
    """Begin some work in a callback; return its task."""
    loop: AbstractEventLoop = asyncio.get_running_loop()
    found = loop.create_future()
    loop.call_soon(lambda: found.set_result(begin(work, loop)))
    task: Task[None] | None = await found
    return task


async def test_work_that_waits_for_nothing_needs_no_task() -> None:
    tasks: list[object] = []

    async def work() -> None:
        tasks.append(asyncio.current_task())

    assert await begun(work()) is None
    assert tasks == [None]


async def test_work_that_waits_goes_on_in_a_task_and_in_its_own_context() -> None:
    words: list[str] = []

    async def work() -> None:
        token = word.set("mine")
        await in_task()
        async with asyncio.timeout(60):
            await asyncio.sleep(0)
        words.append(word.get())
        word.reset(token)

    task = await begun(work())
    assert task is not None
    await task
    assert words == ["mine"]
    assert word.get() == "none"


async def test_who_has_a_task_waits_for_none() -> None:
    turns: list[str] = []
    asyncio.get_running_loop().call_soon(turns.append, "somebody else's")
    await in_task()
    assert not turns
