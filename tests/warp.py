"""A loop whose time jumps to the next timer instead of passing: an hour's wait costs a test nothing."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.SelectSelector):
    warped = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None:
            return super().select(None)
        ready = super().select(0)
        if not ready:
            self.warped += max(0.0, timeout)
        return ready


class WarpLoop(asyncio.SelectorEventLoop):
    """For what neither opens a socket nor starts a thread."""

    def __init__(self) -> None:
        self._warp = _Selector()
        super().__init__(self._warp)

    def time(self) -> float:
        return 1000.0 + self._warp.warped

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncio's
        """Wait for threads as long as they take: their time is not this loop's."""
        await super().shutdown_default_executor()


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, whatever it waits for."""
    with asyncio.Runner(loop_factory=WarpLoop) as runner:
        return runner.run(main)
