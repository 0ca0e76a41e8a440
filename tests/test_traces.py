"""Traces leave the process: set up by OpenTelemetry's environment variables alone, to a collector at a socket."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from tests.fake_upstream import FakeUpstream
from tests.gateways import ROOT, ask, serving
from tests.patience import PATIENCE
from tests.rows import Rows
from tests.test_access_log import UVICORN, running

NEVER = str(10**9)
"""Milliseconds until spans leave by themselves: those that come were sent at the end."""


class Collector(ThreadingHTTPServer):
    """Takes what exporters of OTLP/HTTP send."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.paths: list[str] = []
        self.resources: list[ResourceSpans] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def names(self) -> list[str]:
        return [span.name for each in self.resources for scope in each.scope_spans for span in scope.spans]

    def described(self, attribute: str) -> set[str]:
        """Return the values of an attribute of who sent something."""
        found = (pair for each in self.resources for pair in each.resource.attributes)
        return {pair.value.string_value for pair in found if pair.key == attribute}


class Handler(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.paths.append(self.path)
        self.server.resources += ExportTraceServiceRequest.FromString(body).resource_spans
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """One that the environment names."""
    with Collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", NEVER)
        thread = Thread(target=collector.serve_forever)
        thread.start()
        yield collector
        collector.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def rows(fake: FakeUpstream) -> Rows:
    fake.rows = Rows(90)
    return fake.rows


async def test_the_environment_suffices_and_the_last_spans_are_sent_at_the_end(
    fake: FakeUpstream, collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "packages")
    async with serving(fake, tmp_path) as (process, url):
        await ask(url, "query Count { packages(first: 1) { totalCount } }")
        process.send_signal(signal.SIGTERM)
        await process.wait()
    assert process.returncode == 0
    assert set(collector.paths) == {"/v1/traces"}
    assert {"query Count", "crawl", "GET packages"} <= set(collector.names)
    assert collector.described("service.name") == {"packages"}


async def test_each_of_several_processes_sends_its_own(
    fake: FakeUpstream, collector: Collector, tmp_path: Path
) -> None:
    async with serving(fake, tmp_path, "--workers", "2") as (_, url):
        clients = [httpx.AsyncClient(timeout=PATIENCE) for _ in range(6)]
        for client in clients:
            answer = await client.post(url, json={"query": "query Count { packages(first: 1) { totalCount } }"})
            assert answer.json() == {"data": {"packages": {"totalCount": 90}}}
        for client in clients:
            await client.aclose()
    assert collector.names.count("query Count") == 6
    assert collector.described("service.name") == {"catalogue-gateway"}
    assert len(collector.described("service.instance.id")) == 2


def test_under_another_server_too(collector: Collector, tmp_path: Path) -> None:
    with running(UVICORN, tmp_path) as (client, _):
        client.post("/graphql", json={"query": "query Count { packages(first: 1) { totalCount } }"})
    assert "query Count" in collector.names


OFF: list[dict[str, str]] = [
    {},
    {"OTEL_SERVICE_NAME": "packages", "OTEL_TRACES_EXPORTER": ""},
    {"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
    {"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"},
]

PROGRAM = """
import asyncio, sys, httpx
from server import create_app
from settings import Settings

async def main():
    transport = httpx.ASGITransport(create_app(Settings(upstream="sample", mirror=False)))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        answer = await client.post("/graphql", json={"query": '{ package(slug: "django-loci") { title } }'})
        assert answer.json() == {"data": {"package": {"title": "django-loci"}}}, answer.text

asyncio.run(main())
print([each for each in sys.modules if each.startswith("opentelemetry")])
"""


@pytest.mark.parametrize("variables", OFF, ids=str)
def test_nothing_is_imported_where_nothing_is_traced(variables: dict[str, str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


async def test_without_a_collector_all_is_served_and_ends(
    fake: FakeUpstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    async with serving(fake, tmp_path) as (process, url):
        await ask(url, "{ packages(first: 1) { totalCount } }")
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        said = (await process.stdout.read()).decode()
        await process.wait()
    assert process.returncode == 0
    assert "Traceback" not in said
