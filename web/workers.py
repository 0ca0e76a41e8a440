"""Several processes on one listening socket, forked from one that has read the catalogue, and so sharing its memory.

uvicorn's own supervisor starts each process from nothing, so that none shares a byte with another.
"""

import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, MutableSequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from socket import socket
from time import monotonic
from typing import Any, Final

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from web.doors import Door
from web.server import GRACE_SECONDS, Server

logger = logging.getLogger(__name__)

MIN_LIFE_SECONDS: Final = 1.0
"""What dies sooner is not replaced before that, so that a fault at start does not become a loop."""

KILL_SECONDS: Final = GRACE_SECONDS + 5
"""After what a process that was told to end is ended."""

NOBODY: Final = 2**31 - 1
"""The connections of a process that is no more: nobody leaves any to it."""


class Workers:
    """Serves by several processes; one that dies is replaced.

    Args:
        config: how each serves.
        count: how many there are.
    """

    def __init__(self, config: uvicorn.Config, count: int) -> None:
        self._config = config
        self._context = multiprocessing.get_context("fork")
        self._connections: MutableSequence[int] = self._context.RawArray("i", count)
        self._processes: list[ForkProcess] = []
        self._born: list[float] = [0.0] * count

    def run(self, sockets: list[socket] | None = None, *, started: Callable[[], None] = lambda: None) -> None:
        """Serve until told to end; `started` is called once a process answers requests."""
        told, tell = os.pipe()
        os.set_blocking(tell, False)
        signal.set_wakeup_fd(tell)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)  # the pipe has it
        said, self._say = self._context.Pipe(duplex=False)
        self._watched, self._life = self._context.Pipe(duplex=False)
        self._sockets = sockets or []
        self._processes = [self._forked(place) for place in range(len(self._born))]
        happened = self._next([told, said])
        if said in happened:
            started()
        while told not in happened and self._replace_dead():
            happened = self._next([told])
        self._end()

    def _forked(self, place: int) -> ForkProcess:
        process = self._context.Process(target=self._work, args=(place,))
        process.start()
        self._born[place] = monotonic()
        return process

    def _work(self, place: int) -> None:
        """Serve, in a process of its own, until told to end or the first process is gone."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: os._exit(0))  # until it serves
        self._life.close()
        threading.Thread(target=_end_with, args=(self._watched,), daemon=True).start()
        server = SharingServer(self._config, self._connections, place)
        server.run(self._sockets, started=lambda: self._say.send(None))
        if not server.started:
            sys.exit(STARTUP_FAILURE)

    def _next(self, awaited: list[Any]) -> list[Any]:
        """Wait until something happens, a process dies, or one that died too soon may be replaced."""
        dead = [born for born, process in zip(self._born, self._processes, strict=True) if not process.is_alive()]
        seconds = max(0.0, min(dead) + MIN_LIFE_SECONDS - monotonic()) if dead else None
        return wait([*awaited, *(process.sentinel for process in self._processes if process.is_alive())], seconds)

    def _replace_dead(self) -> bool:
        """Replace what has died; tell whether that makes sense."""
        for place, process in enumerate(self._processes):
            if process.is_alive():
                continue
            self._connections[place] = NOBODY
            if process.exitcode == STARTUP_FAILURE:
                return False
            if monotonic() >= self._born[place] + MIN_LIFE_SECONDS:
                logger.warning("Process %d has ended (exit code %s) and is replaced.", process.pid, process.exitcode)
                self._processes[place] = self._forked(place)
        return True

    def _end(self) -> None:
        """Tell all to end, and wait until they have."""
        for each in self._sockets:
            each.close()  # who waits at the door is taken in by the processes, and nobody else comes
        for process in self._processes:
            process.terminate()
        until = monotonic() + KILL_SECONDS
        for process in self._processes:
            process.join(max(0.0, until - monotonic()))
            process.kill()
        if any(process.exitcode for process in self._processes):
            sys.exit(1)


class SharingServer(Server):
    """Serves on sockets that other processes serve on too.

    Args:
        config: how it serves.
        connections: how many connections each process has.
        place: which of them is this one's.
    """

    def __init__(self, config: uvicorn.Config, connections: MutableSequence[int], place: int) -> None:
        super().__init__(config)
        self._connections = connections
        self._place = place

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start as uvicorn does, with doors in place of its servers."""
        await super().startup([])
        self.servers: list[Any] = [Door(each, self._protocol, self._others_have_fewer) for each in sockets or ()]

    def _others_have_fewer(self, arriving: int) -> bool:
        own = self._connections[self._place] = len(self.server_state.connections) + arriving
        return own > min(self._connections)


def _end_with(watched: Connection) -> None:
    """End this process as if it was told to, when nobody holds the other end any more."""
    wait([watched])
    os.kill(os.getpid(), signal.SIGTERM)
