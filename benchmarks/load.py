"""A load generator on the core that the server is not on, and what the server spends under it.

Sixteen connections, each with one request under way. After the deadline every request is still waited for, so that
requests and CPU time belong together exactly: tools that hang up at the deadline (wrk) charge a slow server up to
sixteen requests too many. A request costs the generator some 15 µs.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from statistics import quantiles
from urllib.parse import urlsplit

from benchmarks.servers import LOAD_CORE, Server, on_core

CONNECTIONS = 16
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Load:
    """What one run of load found; latencies in milliseconds, CPU of the server in microseconds a request."""

    per_second: float
    p50: float
    p99: float
    cpu_microseconds: float


class _Connection:
    """One request at a time over a kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0
        self.head = b""
        self.missing = -1

    def send(self, request: bytes) -> None:
        self.head, self.missing = b"", -1
        self.begun = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Read what is there; return whether the response is complete."""
        data = self.socket.recv(1 << 20)
        if not data:
            raise RuntimeError("the server closed a connection")
        if self.missing >= 0:
            self.missing -= len(data)
            return self.missing == 0
        self.head += data
        end = self.head.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = _LENGTH.search(self.head, 0, end)
        if not self.head.startswith(b"HTTP/1.1 200") or length is None:
            raise RuntimeError(f"not a 200 with a length: {self.head[:300].decode(errors='replace')}")
        self.missing = end + 4 + int(length[1]) - len(self.head)
        return self.missing == 0


def load(server: Server, bodies: Sequence[bytes], seconds: float | None) -> Load:
    """Send `bodies` in turn for some seconds, or each of them once.

    :raises RuntimeError: when an answer is not a 200, or a connection is closed.
    """
    parts = urlsplit(server.url)
    head = f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
    head += "Accept: application/json\r\nContent-Length: "
    written = [f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies]
    requests = iter(written) if seconds is None else cycle(written)
    connections = [_Connection(parts.hostname or "", parts.port or 80) for _ in range(CONNECTIONS)]
    try:
        with on_core(LOAD_CORE):
            before, begin = server.cpu_seconds, time.perf_counter()
            latencies = _drive(connections, requests, float("inf") if seconds is None else begin + seconds)
            duration, spent = time.perf_counter() - begin, server.cpu_seconds - before
    finally:
        for connection in connections:
            connection.socket.close()
    cuts = quantiles(latencies, n=100)
    return Load(len(latencies) / duration, cuts[49] * 1e3, cuts[98] * 1e3, spent / len(latencies) * 1e6)


def _drive(connections: Sequence[_Connection], requests: Iterator[bytes], deadline: float) -> list[float]:
    """Keep every connection busy until the deadline or the last request; return latencies in seconds."""
    latencies = []
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(requests))
        while selector.get_map():
            for key, _ in selector.select(60):
                connection = key.data
                if not connection.receive():
                    continue
                now = time.perf_counter()
                latencies.append(now - connection.begun)
                request = next(requests, None) if now < deadline else None
                if request is None:
                    selector.unregister(connection.socket)
                else:
                    connection.send(request)
    return latencies
