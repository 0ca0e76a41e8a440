"""Subscribers by the thousand: `python -m benchmarks.subscribers`.

1,000 over WebSockets and 1,000 over event streams wait for another snapshot. What each holds of the gateway's memory;
how long it is from the first that is told to the last; and what others wait meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import resource
import time
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

import click

from benchmarks.queries import ONE
from benchmarks.servers import Client, Server, StubControl, payload, running_gateway, running_stub
from benchmarks.tables import machine, table

COUNT: Final = 1000
CHANGED: Final = 50
"""Packages that change: fewer than an event may have."""

OPTIONS: Final = ("--sync-interval", "12", "--sync-page-size", "1000", "--news-interval", "0")
OPENED_AT_ONCE: Final = 50

EVENTS: Final = "subscription { catalogueChanged(types: [PACKAGE]) { version changes { slug fields } isTruncated } }"
END: Final = b'"isTruncated":false'
"""With what an event ends, but for brackets."""

HANDSHAKE: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)


def frame(message: object) -> bytes:
    """Return a message as a client's frame of more than 125 bytes, masked with zeros (RFC 6455, section 5.2)."""
    content = json.dumps(message).encode().ljust(200)
    return b"\x81\xfe%b\0\0\0\0%b" % (len(content).to_bytes(2, "big"), content)


def over_websocket() -> bytes:
    """Return what a client sends that subscribes over a WebSocket."""
    subscribe = {"type": "subscribe", "id": "1", "payload": {"query": EVENTS}}
    return HANDSHAKE + frame({"type": "connection_init"}) + frame(subscribe)


def over_events() -> bytes:
    """Return what a client sends that subscribes by Server-Sent Events."""
    body = payload(EVENTS)
    head = "POST /graphql HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


WAYS: Final[dict[str, Callable[[], bytes]]] = {"WebSocket": over_websocket, "event stream": over_events}


async def measure(server: Server, stub: StubControl, asks: bytes) -> list[object]:
    """Let clients subscribe and be told; return bytes each, and the spread and the longest wait in milliseconds."""
    parts = urlsplit(server.url)
    gate = asyncio.Semaphore(OPENED_AT_ONCE)
    first = asyncio.Barrier(COUNT + 1)
    told: list[float] = []

    async def subscriber() -> None:
        async with gate:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=2**20)
            writer.write(asks)
            await reader.readuntil(END)
        await first.wait()
        await reader.readuntil(END)
        told.append(time.perf_counter())
        writer.close()

    before = server.resident_megabytes
    subscribers = [asyncio.ensure_future(subscriber()) for _ in range(COUNT)]
    await first.wait()
    held = (server.resident_megabytes - before) * 1e6 / COUNT
    stub.change(CHANGED)
    waits: list[tuple[float, float]] = []
    client = Client(server.url)
    while not all(each.done() for each in subscribers):
        reply = await asyncio.to_thread(client.ask, ONE, {"slug": "hub-50"})
        waits.append((time.perf_counter(), reply.seconds))
        await asyncio.sleep(0.005)
    longest = max(seconds for at, seconds in waits if min(told) - 0.1 < at < max(told) + 0.1)
    return [COUNT, held, 1000 * (max(told) - min(told)), 1000 * longest]


@click.command()
def main() -> None:
    """Measure what subscribers hold, and how they are told."""
    click.echo(machine())
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    rows = []
    with running_stub() as stub, running_gateway(stub.url, *OPTIONS) as server:
        client = Client(server.url)
        while b"false" in client.ask("{ catalogue { isComplete } }").body:
            time.sleep(0.2)
        for name, asks in WAYS.items():
            rows.append([name, *asyncio.run(measure(server, stub, asks()))])
    header = ["subscribers over", "many", "bytes each", "first told to last, ms", "longest wait of others, ms"]
    table("Subscribers", header, rows)


if __name__ == "__main__":
    main()
