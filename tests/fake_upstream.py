"""An upstream at a real socket that answers as the bundled sample does, until a test makes it fail."""

import asyncio
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import httpx

from tests.patience import PATIENCE
from tests.rows import Rows
from upstream.sample import create_sample

SAMPLE: Final = httpx.ASGITransport(create_sample())


@dataclass(frozen=True)
class Reply:
    """What goes over the wire instead of the sample's answer.

    `cut` closes the connection after so many body bytes. `raw` is sent as it is, and the connection closed. `hangs` sends
    nothing. `resets` aborts the connection after what is sent. `drips` sends byte after byte, after so many at once.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    cut: int | None = None
    raw: bytes | None = None
    hangs: bool = False
    resets: bool = False
    drips: int | None = None


ABSENT: Final = Reply(404, b'{"detail": "Not found."}')
"""The API's own word that there is no such thing."""


MAINTENANCE: Final = Reply(503, b"<html>", {"Content-Type": "text/html", "Retry-After": "3600"})
"""The whole site is away for an hour."""


@dataclass
class FakeUpstream:
    """Counts what it is asked; `replies` overrides the answer to a target such as `packages/4005/`.

    `rows` serves a catalogue of its own instead of the sample. While `held` is set to an event, every answer to a
    target that begins with `holding` waits for it. `fault` may answer anything before all else does.
    """

    port: int = 0
    replies: dict[str, Reply] = field(default_factory=dict)
    requests: list[httpx.Request] = field(default_factory=list)
    rows: Rows | None = None
    fault: Callable[[str], Reply | None] = field(default=lambda _: None)
    held: asyncio.Event | None = None
    holding: str = ""
    in_flight: int = 0
    most_in_flight: int = 0
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def base_url(self) -> str:
        """Where its API is."""
        return f"http://127.0.0.1:{self.port}/api/v4/"

    @property
    def targets(self) -> Counter[str]:
        """How often each target was asked for."""
        return Counter(request.url.raw_path.decode().removeprefix("/api/v4/") for request in self.requests)

    async def sample(self, target: str) -> bytes:
        """Return what the sample answers to a target."""
        request = httpx.Request("GET", f"{self.base_url}{target}")
        return await (await SAMPLE.handle_async_request(request)).aread()

    async def until(self, condition: Callable[["FakeUpstream"], bool]) -> None:
        """Wait until a condition on what was asked holds."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: condition(self)), PATIENCE)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await self._answer(_parsed(head), writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, request: httpx.Request, writer: asyncio.StreamWriter) -> None:
        await self._count(request, +1)
        try:
            target = request.url.raw_path.decode().removeprefix("/api/v4/")
            if self.held is not None and target.startswith(self.holding):
                await self.held.wait()
            reply = self.fault(target) or self.replies.get(target)
            if reply is None and self.rows is not None:
                reply = Reply(*self.rows.answer(target, self.base_url))
            if reply is None:
                answer = await SAMPLE.handle_async_request(request)
                reply = Reply(answer.status_code, await answer.aread(), dict(answer.headers))
            await _send(reply, writer)
        finally:
            await self._count(request, -1)

    async def _count(self, request: httpx.Request, change: int) -> None:
        async with self._changed:
            self.in_flight += change
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            if change > 0:
                self.requests.append(request)
            self._changed.notify_all()


@asynccontextmanager
async def fake_upstream() -> AsyncIterator[FakeUpstream]:
    """Run one on a free port of the loopback."""
    fake = FakeUpstream()
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(fake.serve(reader, writer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(reply: Reply, writer: asyncio.StreamWriter) -> None:
    if reply.hangs:
        await asyncio.Event().wait()
    data = _encoded(reply) if reply.raw is None else reply.raw
    if reply.drips is not None:
        writer.write(data[: reply.drips])
        for byte in data[reply.drips :]:
            await asyncio.sleep(0.01)
            writer.write(bytes([byte]))
    else:
        writer.write(data)
    await writer.drain()
    if reply.resets:
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    if reply.resets or reply.cut is not None or reply.raw is not None:
        writer.close()


def _parsed(head: bytes) -> httpx.Request:
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    host = httpx.Headers(headers)["host"]
    url = target if target.startswith("http://") else f"http://{host}{target}"  # a proxy is given the whole URL
    return httpx.Request(method, url, headers=headers)


def _encoded(reply: Reply) -> bytes:
    headers = {name: value for name, value in reply.headers.items() if name.lower() != "content-length"}
    lines = [f"HTTP/1.1 {reply.status} X", *(f"{name}: {value}" for name, value in headers.items())]
    head = "\r\n".join([*lines, f"Content-Length: {len(reply.body)}", "", ""]).encode()
    return head + (reply.body if reply.cut is None else reply.body[: reply.cut])
