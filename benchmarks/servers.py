"""Processes under measure: started on a free port, pinned to a core, asked over a kept connection, and ended."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import msgspec

from benchmarks.catalogue import PACKAGES
from benchmarks.changes import CHANGED
from benchmarks.stub import Stats

ROOT = Path(__file__).resolve().parent.parent
SERVER_CORE, LOAD_CORE = 0, 1
KEEP_NO_ANSWERS = ("--response-cache-bytes", "0")
NO_MIRROR = ("--mirror", "off")
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running process that serves GraphQL (or the stub) at `url`."""

    name: str
    process: subprocess.Popen[bytes]
    url: str

    @property
    def cpu_seconds(self) -> float:
        """CPU time used so far by all its threads, user and system; the kernel counts in steps of 10 ms."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def resident_megabytes(self) -> float:
        """Resident memory now, in MB of 10^6 bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024 / 1e6


@dataclass(frozen=True)
class Reply:
    """An answer: how long it took in seconds, from before the request is sent until the body is read, and the body."""

    seconds: float
    status: int
    body: bytes

    @property
    def data(self) -> object:
        """The `data` of a GraphQL response.

        :raises ValueError: when the response has errors, or is none.
        """
        response = msgspec.json.decode(self.body) if self.status == 200 else {}
        if "data" not in response or "errors" in response:
            raise ValueError(f"status {self.status}: {self.body[:500].decode(errors='replace')}")
        return response["data"]


class Client:
    """A kept connection to one server; `http.client` because it costs little."""

    def __init__(self, url: str) -> None:
        """Connect to the origin of `url` when first asked."""
        parts = urlsplit(url)
        self.path = parts.path
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def request(self, method: str, target: str, body: bytes | None = None) -> Reply:
        """Send one request and read its answer."""
        headers = {"Content-Type": "application/json", "Accept": "application/json"} if body is not None else {}
        begin = time.perf_counter()
        self.connection.request(method, target, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        return Reply(time.perf_counter() - begin, response.status, content)

    def ask(self, query: str, variables: Mapping[str, object] | None = None) -> Reply:
        """POST one operation."""
        return self.request("POST", self.path, payload(query, variables))


class StubControl:
    """The stub's control endpoints."""

    def __init__(self, url: str) -> None:
        """Control the stub that serves the API at `url`."""
        self.url = url
        self.client = Client(url)

    def latency(self, milliseconds: float | None) -> None:
        """Set a fixed latency, or with None the real upstream's costs; forget what was counted."""
        query = "model=real" if milliseconds is None else f"ms={milliseconds}"
        self.client.request("POST", f"/stub/latency?{query}")
        self.reset()

    def fault(self, name: str, share: float = 1.0) -> None:
        """Let a share of the replies fail from now on; `none` ends it."""
        self.client.request("POST", f"/stub/fault?name={name}&share={share}")

    def change(self, packages: int = CHANGED) -> None:
        """Go on to the catalogue's next state, in which so many packages are others."""
        self.client.request("POST", f"/stub/change?packages={packages}")

    def reset(self) -> None:
        """Forget what was counted."""
        self.client.request("POST", "/stub/reset")

    def stats(self) -> Stats:
        """Return what was counted since the last reset."""
        return msgspec.json.decode(self.client.request("GET", "/stub/stats").body, type=Stats, strict=False)


def payload(query: str, variables: Mapping[str, object] | None = None) -> bytes:
    """Return the body of a GraphQL request."""
    return msgspec.json.encode({"query": query, "variables": variables or {}})


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep this process to one core, and what it starts meanwhile for good; with a single core, do nothing."""
    before = os.sched_getaffinity(0)
    if core in before:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(
    name: str, command: Sequence[str], url: str, *, core: int, environment: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """Run `command` on one core until the block ends; it is ready when `url` answers `{ __typename }` or a GET.

    :raises RuntimeError: when it ends or stays silent for 30 seconds; with what it wrote.
    """
    with tempfile.TemporaryFile() as log:
        with on_core(core):
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **(environment or {})}
            )
        server = Server(name, process, url)
        try:
            _wait(server, log)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(server: Server, log: BinaryIO) -> None:
    deadline = time.monotonic() + 30
    while server.process.poll() is None and time.monotonic() < deadline:
        try:
            client = Client(server.url)
            if server.url.endswith("/graphql"):
                client.ask("{ __typename }")
            else:
                client.request("GET", client.path)
            return
        except OSError:
            time.sleep(0.02)
    log.seek(0)
    raise RuntimeError(f"{server.name} did not start:\n{log.read().decode(errors='replace')[-2000:]}")


@contextmanager
def running_stub(packages: int = PACKAGES, latency: str = "0") -> Iterator[StubControl]:
    """Run the stub upstream on the load generator's core; `latency` in milliseconds, or `real`."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.stub", "--port", str(port)]
    command += ["--packages", str(packages), "--latency", latency]
    with running("stub", command, f"http://127.0.0.1:{port}/api/v4/", core=LOAD_CORE) as server:
        control = StubControl(server.url)
        control.reset()
        yield control


@contextmanager
def running_gateway(upstream: str, *options: str, name: str = "gateway") -> Iterator[Server]:
    """Run the gateway over `upstream` with the bounds on its requests lifted, in a data folder of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "server.py", "--upstream", upstream, "--upstream-concurrency", "128"]
        command += ["--upstream-rate", "100000"]
        command += ["--port", str(port), "--log-level", "warning", "--data-dir", folder, *options]
        with running(name, command, f"http://127.0.0.1:{port}/graphql", core=SERVER_CORE) as server:
            yield server
