"""Connections that become WebSockets: uvicorn's implementation over `websockets`, watched and bounded as all are."""

import asyncio
from typing import Any, Final

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame

from web.connections import Connections, OpenConnection, Pace

MAX_FRAMES: Final = 1_000
"""Frames of one message."""

SLICE_BYTES: Final = 1024
"""Bytes that are parsed at once: what they hold is taken, and others have a turn, before there is more."""


class WebSocketConnection(WebSocketsSansIOProtocol, OpenConnection):
    """A WebSocket. It reads nothing while its client does not, nor more messages than the application has taken."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        *,
        connections: Connections,
    ) -> None:
        super().__init__(config, server_state, app_state)
        self.pace = Pace(connections.limits, self.loop.time())
        self.pace.began = None
        self._watchers = connections
        self._unparsed = b""
        self._held = 0
        self._is_due = False

    def begin(self, transport: asyncio.Transport, handshake: bytes, more: bytes) -> None:
        """Take over a connection, with a handshake that came over it and what came behind."""
        self.connection_made(transport)
        transport.set_protocol(self)
        self.data_received(handshake)
        self.data_received(more)

    # What the clock asks

    @property
    def is_listening(self) -> bool:
        """Whether it takes in what the client sends."""
        return not self.read_paused

    @property
    def unsent(self) -> int:
        """What is written and what waits to be, in bytes, roughly."""
        return super().unsent + self._held

    def refuse_late(self) -> None:
        """Close since a message did not come whole in time."""
        self.drop()

    # asyncio's callbacks

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._watchers.remove(self)
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Let the application wait, and the client, whose pings are answered at once."""
        super().pause_writing()
        self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Let both go on."""
        super().resume_writing()
        self._go_on()

    def data_received(self, data: bytes) -> None:
        """Parse what came, piece by piece."""
        self._unparsed += data
        self._go_on()

    def _go_on(self) -> None:
        """Parse a piece of what came, if there is room for it; what is left waits for others to have a turn."""
        if self._unparsed and self._has_room():
            piece, self._unparsed = self._unparsed[:SLICE_BYTES], self._unparsed[SLICE_BYTES:]
            super().data_received(piece)
            self._answer_pings()
        has_room = self._has_room()
        if has_room and not self._unparsed:
            self.transport.resume_reading()
        else:
            self.transport.pause_reading()
            if has_room and not self._is_due:
                self._is_due = True
                self.loop.call_soon(self._take_turn)

    def _take_turn(self) -> None:
        self._is_due = False
        self._go_on()

    def _answer_pings(self) -> None:
        """Write all pongs at once: a write costs more than anything else of them."""
        if (pongs := b"".join(self.conn.data_to_send())) and not self.transport.is_closing():
            self.transport.write(pongs)

    def _has_room(self) -> bool:
        is_answered = self.handshake_complete or not self.handshake_initiated
        return is_answered and self.writable.is_set() and not (self.read_paused or self.transport.is_closing())

    # What uvicorn's part calls

    def start_keepalive(self) -> None:
        """Begin, now that the handshake is answered."""
        super().start_keepalive()
        self.loop.call_soon(self._go_on)

    def handle_ping(self) -> None:
        """Leave the pong to be written with others."""

    def handle_cont(self, event: Frame) -> None:
        """Take a further frame of a message."""
        if len(self.frames) >= MAX_FRAMES:
            self.drop()
            return
        super().handle_cont(event)

    def handle_text(self, event: Frame) -> None:
        """Take a message, or its first frame."""
        if not event.fin:
            self.pace.began = self.loop.time()
        super().handle_text(event)

    def send_receive_event_to_app(self) -> None:
        """Hand a whole message over."""
        self.pace.began = None
        super().send_receive_event_to_app()

    async def send(self, message: Any) -> None:
        """Send a message, once there is room for it."""
        size = 2 * len(message.get("text") or b"")  # what it was made of is held too
        self._held += size
        try:
            await super().send(message)
        finally:
            self._held -= size

    async def receive(self) -> Any:
        """Return the next message."""
        message = await super().receive()
        self._go_on()
        return message
