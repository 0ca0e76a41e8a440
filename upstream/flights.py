"""Single-flight: who asks for what is being fetched already shares the fetch."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from upstream.deadline import Deadline
from upstream.errors import UpstreamError

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self, task: "asyncio.Future[T]", deadline: Deadline) -> None:
        self.task = task
        self.deadline = deadline
        self.waiters = 0


class Flights:
    """What is being fetched, by key. A fetch that nobody waits for any more is cancelled."""

    def __init__(self) -> None:
        self._flights: dict[str, _Flight[Any]] = {}

    async def join(self, key: str, resource: str, deadline: Deadline, fetch: Callable[[], Awaitable[T]]) -> T:
        """Wait for the fetch of `key`; begin it with `fetch`, which keeps to `deadline`, if there is none.

        Raises:
            UpstreamError: the fetch failed, or is not done at the deadline.
        """
        while True:
            flight = self._flights.get(key) or self._begin(key, deadline, fetch)
            flight.waiters += 1
            try:
                if deadline.at >= flight.deadline.at:
                    return await asyncio.shield(flight.task)
                async with asyncio.timeout_at(deadline.at):
                    return await asyncio.shield(flight.task)
            except TimeoutError:
                raise UpstreamError("deadline", resource, "did not answer within the operation's time") from None
            except UpstreamError as error:
                # Its deadline was that of who began it; who joined may have more time.
                if error.cause != "deadline" or flight.deadline.at >= deadline.at:
                    raise
            finally:
                self._left(key, flight)

    async def aclose(self) -> None:
        """End what is under way."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, key: str, deadline: Deadline, fetch: Callable[[], Awaitable[T]]) -> _Flight[T]:
        flight = self._flights[key] = _Flight(asyncio.ensure_future(fetch()), deadline)
        flight.task.add_done_callback(lambda _: self._ended(key, flight))
        return flight

    def _left(self, key: str, flight: _Flight[Any]) -> None:
        flight.waiters -= 1
        if not flight.waiters and not flight.task.done():
            flight.task.cancel()
            self._forget(key, flight)

    def _ended(self, key: str, flight: _Flight[Any]) -> None:
        self._forget(key, flight)
        if not flight.task.cancelled():
            flight.task.exception()  # marks it as seen, should nobody be left to wait for it

    def _forget(self, key: str, flight: _Flight[Any]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
