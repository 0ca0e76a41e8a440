"""The server: uvicorn's, with connections that are bounded, and an end that loses no request."""

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from settings import Settings
from web.connections import ConnectionLimits, Connections
from web.handshake import PING_SECONDS, make_websocket
from web.protocol import Connection
from web.subscribers import END_STREAMS

if sys.platform != "win32":
    import resource

logger = logging.getLogger(__name__)

GRACE_SECONDS: Final = 10
"""Within what the server ends once it is told to."""

LAST_ANSWER_SECONDS: Final = 7.0
"""After what requests that are still under way are answered for the application, which leaves time to send that."""

SPARE_FILES: Final = 64
"""File descriptors beside those of connections: files, and connections to the upstream."""


def make_server(app: ASGIApp, settings: Settings) -> "Server":
    """Make the server of an application, which is yet to run."""
    return Server(make_config(app, settings))


def make_config(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Say how an application is served."""
    max_connections, max_streams = _max_open(settings)
    limits = ConnectionLimits(
        max_connections=max_connections,
        max_streams=max_streams,
        receive_timeout=settings.receive_timeout,
        send_timeout=settings.send_timeout,
        keep_alive=settings.keep_alive,
    )
    connections = Connections(limits)
    protocol: Any = partial(Connection, connections=connections)
    websocket: Any = partial(make_websocket, connections=connections)
    return uvicorn.Config(
        app,
        http=protocol,
        log_config=None,
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        ws=websocket,
        ws_max_size=settings.max_body_bytes,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,  # it would hold more memory for each socket than all else
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_keep_alive=settings.keep_alive,  # type: ignore[arg-type]
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


class Server(uvicorn.Server):
    """Ends with exit status 0, and answers who is connected or about to be."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._tell_started: Callable[[], None] = lambda: None

    def run(self, sockets: list[socket.socket] | None = None, *, started: Callable[[], None] = lambda: None) -> None:
        """Serve; `started` is called once requests are answered."""
        self._tell_started = started
        super().run(sockets)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as uvicorn does."""
        await super().startup(sockets)
        self._tell_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, take in who waits at the door, then end as uvicorn does."""
        doors = [each.dup() for each in sockets or ()]
        for listener in self.servers:
            listener.close()
        waiting = [connection for door in doors for connection in _accepted(door)]
        for door in (*doors, *(sockets or ())):
            door.close()
        loop = asyncio.get_running_loop()
        for connection in waiting:
            await loop.connect_accepted_socket(self._protocol, connection)
        end_streams: Callable[[], Awaitable[None]] | None = self.lifespan.state.get(END_STREAMS)
        if end_streams is not None:
            await end_streams()
        timer = loop.call_later(LAST_ANSWER_SECONDS, self._answer_all)
        await super().shutdown(sockets)
        timer.cancel()
        if self.force_exit:  # where uvicorn leaves the application running, whose end by force is a traceback
            await self.lifespan.shutdown()

    def _answer_all(self) -> None:
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.end()

    def _protocol(self) -> asyncio.Protocol:
        make: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = make(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end. uvicorn would raise the signal again in the end, and the exit status would be that."""
        super().handle_exit(sig, frame)
        self._captured_signals.clear()


def _accepted(door: socket.socket) -> Iterator[socket.socket]:
    """Accept the connections that the system has made and nobody has taken; closing the socket would reset them."""
    door.setblocking(False)
    with suppress(OSError):
        while True:
            yield door.accept()[0]


def _max_open(settings: Settings) -> tuple[int, int]:
    """Return how many connections and subscribers fit into the file descriptors that the system allows, if asked."""
    wanted = settings.max_connections, settings.max_subscribers
    if sys.platform == "win32":
        return wanted
    needed = sum(wanted) + settings.upstream_concurrency + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted
    room = soft - settings.upstream_concurrency - SPARE_FILES
    subscribers = max(0, min(settings.max_subscribers, room // 2))
    connections = max(1, min(settings.max_connections, room - subscribers))
    logger.warning(
        "The system allows %d open files: at most %d connections and %d subscribers are kept.",
        soft,
        connections,
        subscribers,
    )
    return connections, subscribers
