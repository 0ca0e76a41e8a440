"""Who accepts a connection, of several that could."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from web.doors import Door


class Taken(asyncio.Protocol):
    """Notes its connection."""

    def __init__(self, taken: list[asyncio.Transport]) -> None:
        self._taken = taken

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._taken.append(transport)
        transport.write(b".")


class Process:
    """What stands for a process: its door and its connections."""

    def __init__(self, listener: socket.socket, all_: "list[Process]") -> None:
        self.taken: list[asyncio.Transport] = []
        self.arriving = 0
        self._all = all_
        self.door = Door(listener, lambda: Taken(self.taken), self._others_have_fewer)

    def _others_have_fewer(self, arriving: int) -> bool:
        self.arriving = arriving
        return len(self.taken) + arriving > min(len(each.taken) + each.arriving for each in self._all)


@pytest.fixture
async def listener() -> AsyncIterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


async def test_each_gets_its_share(listener: socket.socket) -> None:
    processes: list[Process] = []
    processes += [Process(listener, processes) for _ in range(3)]
    async with AsyncExitStack() as stack:
        for _ in range(9):
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            stack.callback(writer.close)
            assert await reader.read(1) == b"."
        assert [len(each.taken) for each in processes] == [3, 3, 3]
        for each in processes:
            each.door.close()
            await each.door.wait_closed()
            for transport in each.taken:
                transport.close()


async def test_who_has_fewer_and_does_not_come_keeps_nobody_waiting(listener: socket.socket) -> None:
    taken: list[asyncio.Transport] = []
    door = Door(listener, lambda: Taken(taken), lambda _: True)
    for _ in range(3):
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        assert await reader.read(1) == b"."
        writer.close()
    door.close()
    door.close()
    for transport in taken:
        transport.close()
