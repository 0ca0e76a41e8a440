"""Work ends when nobody waits for it any more."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from web.tasks import in_task, rest

T = TypeVar("T")

PATIENCE: Final = 0.02
"""Seconds after which a client is watched: most work is done by then, and watching costs a task."""


async def while_connected(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """Await some work; cancel it when the client has left, whose request must have been read.

    Work that waits for nothing is done here and now, and nobody is watched.

    Raises:
        ClientDisconnect: the client has left.
    """
    try:
        awaited = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    await in_task()
    watch = _Watch(receive)
    try:
        return await rest(work, awaited)
    except asyncio.CancelledError:
        if watch.has_left:
            watch.task.uncancel()
            raise ClientDisconnect from None
        raise
    finally:
        watch.stop()


class _Watch:
    """Cancels the task that made it when the client leaves."""

    def __init__(self, receive: Receive) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.task = task
        self.has_left = False
        self._receive = receive
        self._watcher: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(PATIENCE, self._start)

    def stop(self) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None  # which refers to this, in the traceback of its end

    def _start(self) -> None:
        self._watcher = asyncio.get_running_loop().create_task(self._wait())

    async def _wait(self) -> None:
        message = await self._receive()
        if message["type"] == "http.request":  # the empty body of a GET
            message = await self._receive()
        if message["type"] == "http.disconnect":
            self.has_left = True
            self.task.cancel()
