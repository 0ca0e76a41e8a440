"""Requests at a steady rate over kept connections: each has a moment at which it is due, and its time counts from then.

So a server that stands still for a second makes all requests of that second slow, as it would for as many people.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, cast
from urllib.parse import urlsplit

from benchmarks.truth import Question

CONNECTIONS: Final = 64
PATIENCE: Final = 30.0
"""Seconds after which a request is lost."""

TICK: Final = 0.002
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)

Answered = Callable[["Asked", int, bytes], None]
Lost = Callable[["Asked", str], None]


class Asked:
    """A request under way: the question, when it was due, and what the sender noted of that moment."""

    __slots__ = ("due", "note", "question")

    def __init__(self, question: Question, due: float, note: int) -> None:
        self.question = question
        self.due = due
        self.note = note


class Traffic:
    """Asks questions of one server.

    :param url: its GraphQL endpoint.
    :param questions: what to ask, without an end.
    :param note: what to note of a request as it is sent.
    :param answered: called with each whole response.
    :param lost: called with each request that gets none, and why.
    :param tick: seconds between two looks at what is due; 0 looks all the time, which takes a core.
    """

    def __init__(
        self,
        url: str,
        questions: Iterator[Question],
        note: Callable[[], int],
        answered: Answered,
        lost: Lost,
        *,
        tick: float = TICK,
    ) -> None:
        parts = urlsplit(url)
        self.address = (parts.hostname or "", parts.port or 80)
        head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        self.head = f"{head}Accept: application/json\r\n".encode()
        self.answered = answered
        self.lost = lost
        self.late = 0.0
        """By how many seconds the last run was late itself, at worst: on a busy machine that is in every time."""
        self._questions = questions
        self._note = note
        self._tick = tick
        self._idle: deque[_Connection] = deque()
        self._waiting: deque[float] = deque()
        self._under_way = 0

    async def run(self, seconds: float, rate: float | None) -> float:
        """Ask for some seconds, and wait for the last answers; return the requests a second.

        :param rate: requests a second; None: each connection asks again as soon as it has its answer.
        """
        for _ in range(CONNECTIONS - len(self._idle)):
            await self._connect()
        begin = now = time.perf_counter()
        count, self.late = 0, 0.0
        while now < begin + seconds:
            due = len(self._idle) if rate is None else int((now - begin) * rate) - count
            self._waiting.extend([now] * due if rate is None else [begin + (count + n) / rate for n in range(due)])
            count += due
            self._send()
            await asyncio.sleep(0 if rate is None else self._tick)
            before, now = now, time.perf_counter()
            self.late = max(self.late, now - before - self._tick)
        while self._waiting or self._under_way:
            await asyncio.sleep(TICK)
            self._expire()
        return count / (time.perf_counter() - begin)

    def free(self, connection: _Connection) -> None:
        """Take a connection back whose request has its answer, and give it the next one that is due."""
        self._under_way -= 1
        self._idle.append(connection)
        self._send()

    def gone(self, connection: _Connection, asked: Asked | None) -> None:
        """Open another connection in place of one that is closed."""
        if asked is None:
            self._idle.remove(connection)
        else:
            self._under_way -= 1
            self.lost(asked, "the connection was closed")
        self._reconnecting = asyncio.ensure_future(self._connect())

    async def aclose(self) -> None:
        """Close every connection."""
        for connection in list(self._idle):
            connection.is_wanted = False
            connection.transport.close()
        self._idle.clear()

    def _send(self) -> None:
        while self._waiting and self._idle:
            asked = Asked(next(self._questions), self._waiting.popleft(), self._note())
            self._under_way += 1
            self._idle.popleft().ask(asked)

    def _expire(self) -> None:
        oldest = time.perf_counter() - PATIENCE
        while self._waiting and self._waiting[0] < oldest:
            self.lost(Asked(next(self._questions), self._waiting.popleft(), self._note()), "no connection was free")

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(lambda: _Connection(self), *self.address)
        self._idle.append(connection)


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self, traffic: Traffic) -> None:
        self.is_wanted = True
        self._traffic = traffic
        self._asked: Asked | None = None
        self._received = b""
        self._end = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def ask(self, asked: Asked) -> None:
        self._asked, self._received, self._end = asked, b"", -1
        body = asked.question.body
        self.transport.write(b"%bContent-Length: %d\r\n\r\n%b" % (self._traffic.head, len(body), body))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._end < 0:
            head = self._received.find(b"\r\n\r\n")
            length = _LENGTH.search(self._received, 0, head) if head >= 0 else None
            if length is None:
                return
            self._body = head + 4
            self._end = self._body + int(length[1])
        if len(self._received) >= self._end and self._asked is not None:
            asked, self._asked = self._asked, None
            self._traffic.answered(asked, int(self._received[9:12]), self._received[self._body :])
            self._traffic.free(self)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.is_wanted:
            self._traffic.gone(self, self._asked)
