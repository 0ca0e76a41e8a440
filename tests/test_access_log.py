"""The log of a running gateway: one line a request, under its own server and under uvicorn's command."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from settings import Settings
from tests.patience import PATIENCE
from web.access import logged
from web.logs import MAX_WAITING, LineHandler

ROOT = Path(__file__).parents[1]
OWN = ("server.py", "--port", "0")
UVICORN = ("-m", "uvicorn", "server:app", "--port", "0")
SECRET = "hush"
NAMED = "query Named($slug: String!) { package(slug: $slug) { slug } }"

TEXT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO web\.access: (?P<method>[A-Z]+) (?P<path>\S+) (?P<operation>\S+) "
    r"(?P<status>\d{3}) (?P<milliseconds>\d+\.\d\d) ms (?P<bytes>\d+) bytes (?P<requestId>\S+)"
)


@contextmanager
def running(command: tuple[str, ...], folder: Path, **environment: str) -> Iterator[tuple[httpx.Client, list[str]]]:
    """Run a gateway on the sample until the block ends; then the list has the lines of its log."""
    given = {"CATALOGUE_UPSTREAM": "sample", "CATALOGUE_DATA_DIR": str(folder), **environment}
    lines: list[str] = []
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = None
        while address is None:
            line = process.stdout.readline()
            assert line, lines
            lines.append(line.rstrip())
            address = re.search(r"http://127\.0\.0\.1:\d+", line)
        try:
            with httpx.Client(base_url=address[0], timeout=PATIENCE) as client:
                yield client, lines
        finally:
            process.terminate()
            lines += process.stdout.read().splitlines()


def ask(client: httpx.Client) -> list[tuple[str, str, str, httpx.Response]]:
    """Send requests of every kind; return method, path and operation of each, and its response."""
    named = {"query": NAMED, "variables": {"slug": SECRET}}
    refused = {"query": "{ nope }", "operationName": f"two words\n{'x' * 300}"}
    return [
        ("POST", "/graphql", "Named", client.post("/graphql", json=named)),
        ("POST", "/graphql", "Named", client.post("/graphql", json=named)),  # ready now
        (
            "GET",
            "/graphql",
            "Named",
            client.get("/graphql", params={"query": NAMED, "variables": f'{{"slug":"{SECRET}"}}'}),
        ),
        ("GET", "/graphql", "-", client.get("/graphql", params={"query": f'{{ package(slug: "{SECRET}") {{ id }} }}'})),
        ("POST", "/graphql", f"two%20words%0A{'x' * 190}", client.post("/graphql", json=refused)),
        ("POST", "/graphql", "-", client.post("/graphql", content=b"{")),
        ("OPTIONS", "/graphql", "-", client.options("/graphql")),
        ("GET", "/healthz", "-", client.get("/healthz", params={"token": SECRET}, headers={"X-Request-Id": "mine-1"})),
        ("GET", "/no/such%0Apath", "-", client.get("/no/such%0apath")),
        ("HEAD", "/", "-", client.head("/")),
    ]


def _read(line: str) -> dict[str, str]:
    found = TEXT.fullmatch(line)
    told: dict[str, str] = json.loads(line) if found is None else found.groupdict()
    return told


def test_the_line_is_as_the_guide_has_it() -> None:
    assert TEXT.search((ROOT / "docs" / "http.md").read_text())


@pytest.mark.e2e
@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("command", [OWN, UVICORN], ids=["server.py", "uvicorn"])
def test_each_request_is_one_line_without_what_it_asked(
    command: tuple[str, ...], log_format: str, tmp_path: Path
) -> None:
    with running(command, tmp_path, CATALOGUE_LOG_FORMAT=log_format) as (client, lines):
        asked = ask(client)
    assert SECRET not in "".join(lines)
    told = [_read(line) for line in lines if "web.access" in line]
    assert [(each["method"], each["path"], each["operation"]) for each in told] == [each[:3] for each in asked]
    for each, (*_, response) in zip(told, asked, strict=True):
        assert int(each["status"]) == response.status_code
        assert each["requestId"] == response.headers["x-request-id"]
        assert float(each["milliseconds"]) >= 0
        if response.request.method != "HEAD" and "content-encoding" not in response.headers:
            assert int(each["bytes"]) == len(response.content)
    assert not any("HTTP/1.1" in line for line in lines), "uvicorn has a line of its own"
    if log_format == "json":
        others = [json.loads(line) for line in lines if "web.access" not in line]
        assert all({"time", "level", "logger", "message"} == set(each) for each in others)


@pytest.mark.e2e
@pytest.mark.parametrize("command", [OWN, UVICORN], ids=["server.py", "uvicorn"])
def test_a_websocket_and_a_stream_have_one_line_at_their_end(command: tuple[str, ...], tmp_path: Path) -> None:
    subscription = "subscription Named { catalogueChanged { version } }"
    with running(command, tmp_path) as (client, lines):
        address = str(client.base_url).replace("http", "ws")
        protocols = [Subprotocol("graphql-transport-ws")]
        with connect(f"{address}/graphql?token={SECRET}", subprotocols=protocols) as websocket:
            websocket.send('{"type": "connection_init"}')
            size = len(websocket.recv(PATIENCE))
        with pytest.raises(InvalidStatus):
            connect(f"{address}/healthz?token={SECRET}", subprotocols=protocols).close()
        ask = client.stream("POST", "/graphql", json={"query": subscription}, headers={"accept": "text/event-stream"})
        with ask as response:
            next(response.iter_lines())
    assert SECRET not in "".join(lines)
    assert not any("WebSocket" in line or "Traceback" in line for line in lines)
    told = [_read(line) for line in lines if "web.access" in line]
    keys = ("method", "path", "operation", "status")
    assert sorted(tuple(each[key] for key in keys) for each in told) == [
        ("GET", "/graphql", "-", "101"),
        ("GET", "/healthz", "-", "404"),
        ("POST", "/graphql", "Named", "200"),
    ]
    assert [each["bytes"] for each in told if each["status"] == "101"] == [str(size)]


@pytest.mark.e2e
def test_what_clients_do_wrong_over_a_websocket_is_no_error_of_ours(tmp_path: Path) -> None:
    with running(OWN, tmp_path) as (client, lines):
        address = str(client.base_url).replace("http", "ws")
        protocols = [Subprotocol("graphql-transport-ws")]
        with connect(f"{address}/graphql", subprotocols=protocols) as websocket:
            websocket.send(b"\xff\xfe", text=True)
            with pytest.raises(ConnectionClosed):
                websocket.recv(PATIENCE)
        with pytest.raises(InvalidStatus):
            connect(f"{address}/graphql", subprotocols=protocols, origin=Origin("http://elsewhere.example")).close()
    assert sorted(_read(line)["status"] for line in lines if "web.access" in line) == ["101", "403"]
    assert not any(" ERROR " in line or "Traceback" in line for line in lines)


@pytest.mark.e2e
@pytest.mark.parametrize(
    "environment", [{"CATALOGUE_ACCESS_LOG": "off"}, {"CATALOGUE_LOG_LEVEL": "warning"}], ids=["off", "warning"]
)
def test_the_line_can_be_left_out(environment: dict[str, str], tmp_path: Path) -> None:
    with running(OWN, tmp_path, **environment) as (client, lines):
        assert client.post("/graphql", json={"query": "{ __typename }"}).status_code == 200
    assert not [line for line in lines if "/graphql 200" in line or "web.access" in line]


def test_a_pipe_that_nobody_reads_stops_nothing() -> None:
    receiving, sending = os.pipe()
    with open(receiving, "rb", buffering=0) as unread, open(sending, "w", encoding="utf-8") as pipe:
        handler = LineHandler()
        handler.stream = pipe
        for number in range(5_000):
            handler.emit(logging.makeLogRecord({"msg": f"{number} {'x' * 100}"}))
        first = unread.read(1_000_000) or b""
        handler.flush()
        later = unread.read(1_000_000) or b""
    assert (first[:2], first[-2:]) == (b"0 ", b"x\n")
    assert int(later.split()[0]) == 5_000 - MAX_WAITING, "the oldest of those that waited are gone"


async def test_who_leaves_before_the_answer_is_a_499(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = LineHandler()
    handler.stream = StringIO()
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    monkeypatch.setattr(logging.getLogger("web.access"), "level", logging.INFO)

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer nothing."""

    async def never(*_: object) -> Any:
        raise AssertionError

    await logged(silent, Settings())({"type": "http", "method": "GET", "path": "/x"}, never, never)
    handler.flush()
    assert re.search(r" GET /x - 499 \d+\.\d\d ms 0 bytes -\n$", handler.stream.getvalue())
