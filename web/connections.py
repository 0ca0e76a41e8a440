"""The open connections of a server: how many there may be, and the clock that drops those that are too slow."""

import asyncio
import logging
import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Final

from web.outbox import Outbox

logger = logging.getLogger(__name__)

SWEEP_SECONDS: Final = 0.5

LINGER_SECONDS: Final = 2.0
"""How long a connection is kept at its end, for what is on its way."""

MIN_SEND_BYTES: Final = 10 * 1024
"""What a client must take of a response in each `send_timeout`, if there is as much left."""

MAX_UNSENT_BYTES: Final = 256 * 2**20
"""What all clients together may have yet to take; of more, who is slowest to take it is dropped."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Bounds of connections. Times are in seconds.

    Up to `max_connections` are open at once, and beside them `max_streams` WebSockets and responses that have no end in
    sight; of more, the rest count as connections. A request must have come whole, head and body, within
    `receive_timeout`, a client must take `MIN_SEND_BYTES` of a response in each `send_timeout`, and who asks for
    nothing is let go after `keep_alive`.
    """

    max_connections: int
    max_streams: int
    receive_timeout: float
    send_timeout: float
    keep_alive: float


class Pace:
    """How fast a client sends and takes; `now` is the event loop's clock.

    `began` is when the request that is not whole yet began to come, `idle_since` since when none does and none is
    answered. `has_sent` says whether anything ever came.
    """

    __slots__ = ("_limits", "_unsent", "began", "has_sent", "idle_since")

    def __init__(self, limits: ConnectionLimits, now: float) -> None:
        self._limits = limits
        self.began: float | None = now
        self.idle_since: float | None = None
        self.has_sent = False
        self._unsent: tuple[float, int] | None = None

    @property
    def slow_since(self) -> float:
        """Since when it has not taken what was written."""
        return math.inf if self._unsent is None else self._unsent[0]

    @property
    def waits_since(self) -> float | None:
        """Since when the client is waited for; None while a response is made."""
        return self.idle_since if self.began is None else self.began

    def is_silent(self, now: float) -> bool:
        """Whether nothing ever came."""
        return not self.has_sent and self.is_late(now)

    def is_late(self, now: float) -> bool:
        """Whether a request has been coming for too long."""
        return self.began is not None and now - self.began > self._limits.receive_timeout

    def is_idle(self, now: float) -> bool:
        """Whether it has asked for nothing for too long."""
        return self.idle_since is not None and now - self.idle_since > self._limits.keep_alive

    def is_stalled(self, now: float, unsent: int) -> bool:
        """Whether it has taken too little of what was written, of which it has yet to take `unsent` bytes."""
        if not unsent or self._unsent is None or unsent > self._unsent[1]:
            self._unsent = (now, unsent) if unsent else None
            return False
        since, before = self._unsent
        if now - since < self._limits.send_timeout:
            return False
        self._unsent = (now, unsent)
        return before - unsent < MIN_SEND_BYTES


class OpenConnection(ABC):
    """A connection, as the clock sees it."""

    transport: asyncio.Transport
    pace: Pace

    @property
    def unsent(self) -> int:
        """Bytes that are written and that the client has yet to take."""
        return self.transport.get_write_buffer_size()

    @property
    @abstractmethod
    def is_listening(self) -> bool:
        """Whether it takes in what the client sends."""

    def drop(self) -> None:
        """Close at once, whatever is on its way."""
        self.transport.abort()

    @abstractmethod
    def refuse_late(self) -> None:
        """Answer that what is coming did not come in time, and close."""

    def close(self) -> None:
        """Close once what is written is sent."""
        self.transport.close()

    def linger(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close in a while: to do so while the client sends would reset the connection, and lose the answer."""
        self.transport.write_eof()
        self.transport.resume_reading()  # what comes is dropped
        loop.call_later(LINGER_SECONDS, self.transport.close)


class Connections:
    """The open connections of one server."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self.is_ending = False
        self.outbox = Outbox()
        self._open: dict[OpenConnection, None] = {}
        self._streams: set[OpenConnection] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._refused = self._dropped = 0

    def add(self, connection: OpenConnection, loop: asyncio.AbstractEventLoop) -> bool:
        """Take a connection in. With too many, the one that waits longest for its client goes; False if none does."""
        beside = min(len(self._streams), self.limits.max_streams)
        if len(self._open) - beside >= self.limits.max_connections and not self._make_room():
            self._refused += 1
            return False
        self._open[connection] = None
        if self._timer is None:
            self._timer = loop.call_later(SWEEP_SECONDS, self._sweep, loop)
        return True

    def remove(self, connection: OpenConnection) -> None:
        """Forget a connection that is closed."""
        self._open.pop(connection, None)
        self._streams.discard(connection)

    def replace(self, connection: OpenConnection, websocket: OpenConnection) -> None:
        """Take in the WebSocket that a connection becomes."""
        self.remove(connection)
        self._open[websocket] = None
        self._streams.add(websocket)

    def note_stream(self, connection: OpenConnection, *, is_open: bool) -> None:
        """Note that the response on a connection has no end in sight, or has it now."""
        if is_open and connection in self._open:
            self._streams.add(connection)
        else:
            self._streams.discard(connection)

    def _make_room(self) -> bool:
        waiting = [(since, id(each), each) for each in self._open if (since := each.pace.waits_since) is not None]
        if waiting:
            self._drop(min(waiting)[2])
        return bool(waiting)

    def _drop(self, connection: OpenConnection) -> None:
        self._dropped += 1
        self.remove(connection)
        connection.drop()

    def _relieve(self) -> None:
        unsent = sum(each.unsent for each in self._open)
        if unsent > MAX_UNSENT_BYTES:
            for each in sorted(self._open, key=lambda each: each.pace.slow_since):
                if unsent <= MAX_UNSENT_BYTES:
                    break
                unsent -= each.unsent
                self._drop(each)

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for each in list(self._open):
            if each.pace.is_stalled(now, each.unsent) or each.pace.is_silent(now):
                self._drop(each)
            elif each.is_listening and each.pace.is_late(now):
                each.refuse_late()
            elif each.pace.is_idle(now):
                each.close()
        self._relieve()
        if self._refused or self._dropped:
            logger.warning(
                "Connections: refused %d, dropped %d that were slow or made room; %d are open",
                self._refused,
                self._dropped,
                len(self._open),
            )
            self._refused = self._dropped = 0
        self._timer = loop.call_later(SWEEP_SECONDS, self._sweep, loop) if self._open else None
