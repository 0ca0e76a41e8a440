"""Single-flight: who asks for what is being fetched already shares the fetch."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, Generic, TypeVar

from upstream.deadline import Deadline
from upstream.errors import UpstreamError

LATE: Final = "did not answer within the operation's time"

T = TypeVar("T")


class _Flight(Generic[T]):
    def __init__(self, task: "asyncio.Future[T]", deadline: Deadline) -> None:
        self.task = task
        self.deadline = deadline
        self.waiters = 0

    def is_worth_another(self, error: UpstreamError, deadline: Deadline) -> bool:
        """Whether who joined has more time than who began it, whose deadline it kept to."""
        return error.cause == "deadline" and self.deadline.at < deadline.at


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
                raise UpstreamError("deadline", resource, LATE) from None
            except UpstreamError as error:
                if not flight.is_worth_another(error, deadline):
                    raise
            finally:
                self._left(key, flight)

    async def join_all(
        self,
        resources: Sequence[str],
        deadline: Deadline,
        fetch: Callable[[str], Awaitable[T]],
        note: Callable[[str, T | BaseException], object],
    ) -> list[T | BaseException]:
        """Wait, once, for the fetches of several resources, by which they go; what one raises stands in its place.

        How each ends that is begun here, `note` is told when it does.
        """
        flights = [
            self._flights.get(each) or self._begin(each, deadline, partial(fetch, each), partial(note, each))
            for each in resources
        ]
        for flight in flights:
            flight.waiters += 1
        has_less_time = any(flight.deadline.at > deadline.at for flight in flights)
        timeout = max(0.0, deadline.remaining()) if has_less_time else None
        try:
            await asyncio.wait([flight.task for flight in flights], timeout=timeout)
            found = dict(zip(resources, map(_outcome, flights, resources), strict=True))
        finally:
            for resource, flight in zip(resources, flights, strict=True):
                self._left(resource, flight)
        late = [
            resource
            for (resource, outcome), flight in zip(found.items(), flights, strict=True)
            if isinstance(outcome, UpstreamError) and flight.is_worth_another(outcome, deadline)
        ]
        if late:
            found |= zip(late, await self.join_all(late, deadline, fetch, note), strict=True)
        return list(found.values())

    async def aclose(self) -> None:
        """End what is under way."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(
        self,
        key: str,
        deadline: Deadline,
        fetch: Callable[[], Awaitable[T]],
        note: Callable[[T | BaseException], object] = lambda _: None,
    ) -> _Flight[T]:
        flight = self._flights[key] = _Flight(asyncio.ensure_future(fetch()), deadline)
        flight.task.add_done_callback(lambda _: self._ended(key, flight, note))
        return flight

    def _left(self, key: str, flight: _Flight[Any]) -> None:
        flight.waiters -= 1
        if not flight.waiters and not flight.task.done():
            flight.task.cancel()
            self._forget(key, flight)

    def _ended(self, key: str, flight: _Flight[Any], note: Callable[[Any], object]) -> None:
        self._forget(key, flight)
        if not flight.task.cancelled():
            note(_outcome(flight, key))  # its exception is seen by that, should nobody be left to wait for it

    def _forget(self, key: str, flight: _Flight[Any]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


def _outcome(flight: _Flight[T], resource: str) -> T | BaseException:
    task = flight.task
    if not task.done():
        return UpstreamError("deadline", resource, LATE)
    return asyncio.CancelledError() if task.cancelled() else task.exception() or task.result()
