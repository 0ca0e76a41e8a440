"""Clients that are slow, by hundreds and thousands: `python -m benchmarks.slow`.

500 that send a head a byte a second, 500 that send a body so, 5,000 that say nothing, 200 that read a byte a second of
an answer of megabytes. For each crowd: what others wait meanwhile, when the last of it is gone, and the most memory.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import click

from benchmarks.queries import ONE
from benchmarks.servers import Client, Server, payload, running_gateway, running_stub
from benchmarks.tables import machine, table

TIMEOUT: Final = 10.0
"""Seconds that the gateway waits for a request, and for 10 KiB of a response to be taken."""

_MEMBERS: Final = " ".join(f"p{n}: packages {{ title slug repoDescription repoUrl }}" for n in range(4))
PATIENCE: Final = 60.0

LARGE: Final = f"{{ packages(first: 100) {{ nodes {{ grids {{ {_MEMBERS} }} }} }} }}"
HEAD: Final = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"

Crowd = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def slow_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a head a byte a second, until it is no more wanted."""
    await _drip(b"GET /healthz HTTP/1.1\r\n" + b"X-Slow: " + b"x" * 1000, reader, writer)


async def slow_body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a body so."""
    writer.write(HEAD % 1000 + b"\r\n")
    await _drip(b" " * 1000, reader, writer)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say nothing."""
    await reader.read()


async def slow_reader(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Ask for megabytes, and read a byte a second."""
    body = payload(LARGE)
    writer.write(HEAD % len(body) + b"\r\n" + body)
    byte = b"-"
    while byte:
        byte, _ = await asyncio.gather(reader.read(1), asyncio.sleep(1))


async def _drip(data: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    over = asyncio.ensure_future(reader.read())
    for byte in data:
        writer.write(bytes([byte]))
        if (await asyncio.wait([over], timeout=1))[0]:
            return


CROWDS: Final[dict[str, tuple[int, Crowd]]] = {
    "slow heads": (500, slow_head),
    "slow bodies": (500, slow_body),
    "silent": (5000, silent),
    "read a byte a second": (200, slow_reader),
}


async def measure(server: Server, count: int, crowd: Crowd) -> list[object]:
    """Let a crowd come; return what others waited, when it was gone, in seconds, and the most memory, in MB."""
    parts = urlsplit(server.url)
    longest = memory = 0.0
    files = _files(server)

    async def one() -> None:
        try:
            # Little is buffered on this side, or the system would take a slow reader's answer.
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.setblocking(False)
            await asyncio.get_running_loop().sock_connect(connection, (parts.hostname, parts.port))
            reader, writer = await asyncio.open_connection(sock=connection, limit=1024)
            await crowd(reader, writer)
            writer.transport.abort()
        except OSError:
            pass

    async def watch() -> None:
        nonlocal longest, memory
        client = Client(server.url)
        while True:
            reply = await asyncio.to_thread(client.ask, ONE, {"slug": "hub-50"})
            assert reply.status == 200, reply.body
            longest, memory = max(longest, reply.seconds), max(memory, server.resident_megabytes)
            await asyncio.sleep(0.01)

    watching = asyncio.ensure_future(watch())
    await asyncio.sleep(0.1)
    begin = time.perf_counter()
    clients = [asyncio.ensure_future(one()) for _ in range(count)]
    await asyncio.sleep(1)
    most = 0
    while (now := _files(server) - files - 1) > 0 and time.perf_counter() - begin < PATIENCE:
        most = max(most, now)
        await asyncio.sleep(0.1)
    seconds = time.perf_counter() - begin
    for each in (watching, *clients):
        each.cancel()
    await asyncio.gather(watching, *clients, return_exceptions=True)
    return [count, most, 1000 * longest, seconds, memory]


def _files(server: Server) -> int:
    """Return how many files and connections the server has open."""
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


@click.command()
def main() -> None:
    """Measure what crowds of slow clients cost the others."""
    click.echo(machine())
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    options = "--receive-timeout", str(TIMEOUT), "--send-timeout", str(TIMEOUT)
    rows = []
    with running_stub() as stub, running_gateway(stub.url, *options) as server:
        client = Client(server.url)
        while b"false" in client.ask("{ catalogue { isComplete } }").body:
            time.sleep(0.2)
        for name, (count, crowd) in CROWDS.items():
            rows.append([name, *asyncio.run(measure(server, count, crowd))])
    header = ["clients", "many", "open at most", "longest wait of others, ms", "gone after, s", "most memory, MB"]
    table(f"Slow clients, with {TIMEOUT:.0f} s for a request and for 10 KiB of an answer", header, rows)


if __name__ == "__main__":
    main()
