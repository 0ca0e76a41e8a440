"""Who is connected by a WebSocket or an event stream: how many there may be, and how they are told of the end."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

from web.errors import RequestError
from web.rates import client_key

End: TypeAlias = Callable[[], Awaitable[None]]

END_STREAMS: Final = "end_streams"
"""Where in the state of its lifespan the application leaves for the server what tells all of the end."""

END_SECONDS: Final = 1.0
"""For how long the end waits until all are told."""


class Subscribers:
    """The subscribers of one process: `maximum` in all, `per_client` of one client's address.

    `counts` are by their way to be told, `refused` those for whom there was no place.
    """

    def __init__(self, maximum: int, per_client: int) -> None:
        self._maximum = maximum
        self._per_client = per_client
        self._ends: dict[End, None] = {}
        self._clients: Counter[str] = Counter()
        self._is_ending = False
        self.counts: Counter[str] = Counter()
        self.refused = 0

    @contextmanager
    def place(self, client: tuple[str, int] | None, way: str, end: End) -> Iterator[None]:
        """Have a place while the block lasts; `end` is called when the server ends.

        Raises:
            RequestError: there is none (503), or the client has as many as it may have (429).
        """
        key = "" if client is None else client_key(client[0])
        if self._is_ending:
            raise _refused(503, "SHUTTING_DOWN", "The server is ending; try again.")
        if len(self._ends) >= self._maximum:
            self.refused += 1
            raise _refused(503, "OVERLOADED", "There are too many subscribers; try again.")
        if key and self._clients[key] >= self._per_client:
            self.refused += 1
            raise _refused(429, "TOO_MANY_SUBSCRIBERS", f"One address may have {self._per_client} subscribers here.")
        self._ends[end] = None
        self._clients[key] += 1
        self.counts[way] += 1
        try:
            yield
        finally:
            del self._ends[end]
            self.counts[way] -= 1
            self._clients[key] -= 1
            if not self._clients[key]:
                del self._clients[key]

    async def end(self) -> None:
        """Tell all that the server ends, as far as they listen, and take in nobody else."""
        self._is_ending = True
        told = [asyncio.ensure_future(end()) for end in list(self._ends)]
        if told:
            _, late = await asyncio.wait(told, timeout=END_SECONDS)
            for each in late:
                each.cancel()


def _refused(status: int, code: str, message: str) -> RequestError:
    return RequestError(status, code, message, headers=[(b"retry-after", b"1")])
