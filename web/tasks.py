"""Work that begins at once, and has a task of its own only where it waits for something.

To make a task and to come round to it takes as long as finding a ready answer does.
"""

import asyncio
from collections.abc import Coroutine, Generator
from contextvars import copy_context
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def begin(work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> asyncio.Task[None] | None:
    """Do some work up to where it waits; return the task of the rest, if there is one.

    Until then the work has no current task: what needs one awaits `in_task` first.
    """
    context = copy_context()
    try:
        awaited = context.run(work.send, None)
    except StopIteration:
        return None
    return loop.create_task(_rest(work, awaited), context=context)


async def in_task() -> None:
    """Go on in a task: whoever wants to have a deadline or to be cancelled has to."""
    if asyncio.current_task() is None:
        await asyncio.sleep(0)


async def _rest(work: Coroutine[Any, Any, None], awaited: Any) -> None:
    """Await the rest, as a coroutine of its own kind: tasks take no others since Python 3.12."""
    await rest(work, awaited)


@coroutine
def rest(work: Coroutine[Any, Any, T], awaited: Any) -> Generator[Any, Any, T]:
    """Await the rest of some work that has begun, and waits for `awaited`."""
    try:
        while True:
            try:
                sent = yield awaited
            except GeneratorExit:
                work.close()
                raise
            except BaseException as error:
                awaited = work.throw(error)
            else:
                awaited = work.send(sent)
    except StopIteration as done:
        result: T = done.value
        return result
