"""A load generator on the other core (wrk), and what a server spends under it."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.servers import LOAD_CORE, Server

CONNECTIONS = 16


class _Figures(msgspec.Struct):
    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int


@dataclass(frozen=True)
class Load:
    """What one run of load found; latencies in milliseconds, CPU of the server in microseconds a request."""

    per_second: float
    p50: float
    p99: float
    cpu_microseconds: float


def load(server: Server, bodies: Sequence[bytes], seconds: float) -> Load:
    """Send `bodies` in turn over 16 connections for some seconds.

    :raises RuntimeError: when a request failed, or wrk (a package of that name in Debian) is missing.
    """
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"\n".join(bodies) + b"\n")
        file.flush()
        command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        command += ["-s", str(Path(__file__).with_name("wrk.lua")), server.url]
        before = server.cpu_seconds
        try:
            run = subprocess.run(command, env={**os.environ, "BODIES": file.name}, capture_output=True, text=True)
        except FileNotFoundError as error:
            raise RuntimeError(f"{error.filename} is missing: install wrk and util-linux") from error
        spent = server.cpu_seconds - before
    line = next((line for line in run.stdout.splitlines() if line.startswith("FIGURES ")), None)
    if line is None:
        raise RuntimeError(f"wrk failed: {run.stdout}{run.stderr}")
    figures = msgspec.json.decode(line.removeprefix("FIGURES "), type=_Figures)
    if figures.errors or not figures.requests:
        raise RuntimeError(f"{server.name}: {figures.errors} of {figures.requests} requests failed")
    return Load(figures.requests / figures.seconds, figures.p50, figures.p99, spent / figures.requests * 1e6)
