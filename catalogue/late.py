"""What is made behind, and waited for by whoever needs it, as the search index is after a start."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from typing import Any, Final, Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

RETRY_SECONDS: Final = 10.0
"""How long a failure stands before whoever asks next has it tried again."""


class Late(Generic[T]):
    """Something that is in the making, or made.

    Args:
        name: what it is, for the log.
        make: makes it.
    """

    def __init__(self, name: str, make: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._name = name
        self._make = make
        self._again_clock = 0.0
        self._task = self._begin()

    @property
    def made(self) -> T | None:
        """It, where it is made already."""
        is_made = self._task.done() and not self._task.cancelled() and self._task.exception() is None
        return self._task.result() if is_made else None

    async def get(self) -> T:
        """Return it; wait for it where it is still in the making.

        Raises:
            Exception: it could not be made.
        """
        if _failure(self._task) is not None and time.monotonic() >= self._again_clock:
            self._task = self._begin()
        return await asyncio.shield(self._task)  # whoever leaves must not end what others wait for

    async def aclose(self) -> None:
        """Stop making it."""
        if not self._task.done():  # what is done may be another loop's, of before this process was forked
            self._task.cancel()
            await asyncio.wait([self._task])

    def _begin(self) -> asyncio.Task[T]:
        task = asyncio.create_task(self._make())
        task.add_done_callback(self._note)
        return task

    def _note(self, task: asyncio.Task[T]) -> None:
        error = _failure(task)
        if error is not None:
            self._again_clock = time.monotonic() + RETRY_SECONDS
            logger.error("%s could not be made; who asks next has it tried again.", self._name, exc_info=error)


def _failure(task: asyncio.Task[Any]) -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None
