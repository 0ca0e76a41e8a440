"""A listening socket that several processes accept from: each takes connections when it has the fewest."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any, Final

BACKLOG: Final = 2048
YIELD_SECONDS: Final = 0.001
"""For how long a connection is left to a process that has fewer."""

FAULT_SECONDS: Final = 0.1
"""For how long nothing is accepted where the system has no more file descriptors."""


class Door:
    """Accepts connections one by one, where a server of asyncio's takes all that wait, though others are idle.

    Args:
        listener: the socket.
        protocol: what makes a connection's protocol.
        others_have_fewer: tells whether another process has fewer connections than this one, with so many that are
            only just arriving.
    """

    def __init__(
        self,
        listener: socket.socket,
        protocol: Callable[[], asyncio.Protocol],
        others_have_fewer: Callable[[int], bool],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener.dup()
        self._protocol = protocol
        self._others_have_fewer = others_have_fewer
        self._arriving: set[asyncio.Task[Any]] = set()
        self._has_yielded = False
        self._pause: asyncio.TimerHandle | None = None
        self._listener.setblocking(False)
        self._listener.listen(BACKLOG)
        self._open()

    def close(self) -> None:
        """Accept no more; as with a server of asyncio's, more than once does no harm."""
        if self._listener.fileno() < 0:
            return
        self._loop.remove_reader(self._listener)
        if self._pause is not None:
            self._pause.cancel()
        self._listener.close()

    async def wait_closed(self) -> None:
        """Wait for who is arriving."""
        await asyncio.gather(*self._arriving, return_exceptions=True)

    def _open(self) -> None:
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        if not self._has_yielded and self._others_have_fewer(len(self._arriving)):
            self._has_yielded = True
            self._rest(YIELD_SECONDS)
            return
        self._has_yielded = False
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return  # another process was quicker, or the client is gone
        except OSError:
            self._rest(FAULT_SECONDS)
            return
        arrival = self._loop.create_task(self._loop.connect_accepted_socket(self._protocol, connection))
        self._arriving.add(arrival)
        arrival.add_done_callback(self._arriving.discard)

    def _rest(self, seconds: float) -> None:
        self._loop.remove_reader(self._listener)
        self._pause = self._loop.call_later(seconds, self._open)
