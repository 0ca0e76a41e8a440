"""Clients that are slow, silent, many, or send what is no request; and a server that ends."""

import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from settings import Settings
from tests.patience import PATIENCE
from tests.web.toy import toy_app
from web.parameters import MAX_URL_BYTES
from web.refusals import MAX_CHUNKS, MAX_HEADER_BYTES, MAX_HEADERS
from web.server import make_server

ROOT = Path(__file__).parents[2]
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
QUERY = b"GET /graphql?query={__typename} HTTP/1.1\r\nHost: x\r\n\r\n"


@contextmanager
def serve(app: Any = None, **settings: Any) -> Iterator[int]:
    """Serve as `server.py` does, in a thread; yields the port."""
    server = make_server(app or toy_app(), Settings(log_level="warning", **settings))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield port
        finally:
            server.should_exit = True
            thread.join()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def read(connection: socket.socket) -> tuple[int, str, bytes]:
    """Read one response that ends with the connection: its status, its code if it is an error, all of it."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    code = json.loads(body)["errors"][0]["extensions"]["code"] if b"errors" in body else ""
    return int(head.split(b" ")[1]) if head else 0, code, received


def is_closed(connection: socket.socket) -> bool:
    """Wait for the end of a connection on which nothing comes."""
    try:
        return connection.recv(65536) == b""
    except ConnectionResetError:
        return True


def headers(count: int, size: int = 1) -> bytes:
    return b"GET /healthz HTTP/1.1\r\n" + b"".join(b"A%d: %b\r\n" % (n, b"x" * size) for n in range(count)) + b"\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "BAD_REQUEST"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "BAD_REQUEST"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "BAD_REQUEST"),
        (b"GET /\xff HTTP/1.1\r\n\r\n", 400, "BAD_REQUEST"),
        (b"POST /graphql HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400, "BAD_REQUEST"),
        (b"POST /graphql HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "BAD_REQUEST"),
        (b"GET /graphql?" + b"x" * MAX_URL_BYTES + b" HTTP/1.1\r\n\r\n", 414, "URI_TOO_LONG"),
        (headers(MAX_HEADERS + 1), 431, "REQUEST_HEADER_FIELDS_TOO_LARGE"),
        (headers(2, MAX_HEADER_BYTES // 2), 431, "REQUEST_HEADER_FIELDS_TOO_LARGE"),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 1_000_000, 431, "REQUEST_HEADER_FIELDS_TOO_LARGE"),
    ],
)
def test_what_is_no_request_is_answered_in_our_shape(sent: bytes, status: int, code: str) -> None:
    with serve() as port, connect(port) as connection:
        connection.sendall(sent)
        answer = read(connection)
    assert answer[:2] == (status, code)
    assert b"\r\nconnection: close\r\n" in answer[2]
    assert b"\r\ncontent-type: application/json; charset=utf-8\r\n" in answer[2]


def test_what_is_large_but_not_too_large_is_answered() -> None:
    url = b"/healthz?" + b"x" * (MAX_URL_BYTES - len(b"/healthz?"))
    with serve() as port:
        for request in (b"GET %b HTTP/1.1\r\n\r\n" % url, headers(MAX_HEADERS), headers(1, MAX_HEADER_BYTES - 2)):
            with connect(port) as connection:
                connection.sendall(request)
                assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /healthz HTTP/1.1\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: ",
        b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
        b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{",
    ],
)
def test_a_request_that_does_not_end_is_a_408(sent: bytes) -> None:
    with serve(receive_timeout=0.2) as port, connect(port) as connection:
        connection.sendall(sent)
        assert read(connection)[:2] == (408, "REQUEST_TIMEOUT")


def test_a_body_may_come_in_many_chunks_and_no_more() -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
    head += b"Connection: close\r\n\r\n"
    query = b'{"query": "{ __typename }"}'
    blanks = b"1\r\n \r\n" * (MAX_CHUNKS - len(query) - 1)
    pieces = b"".join(b"1\r\n%c\r\n" % each for each in query)
    with serve() as port:
        with connect(port) as connection:
            connection.sendall(head + blanks + pieces + b"0\r\n\r\n")
            assert read(connection)[0] == 200
        with connect(port) as connection:
            connection.sendall(head + blanks + b"1\r\n \r\n" * 100)
            assert read(connection)[:2] == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize("length", [b"Content-Length: 40000000", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("kept", [b"close", b"keep-alive"])
def test_who_sends_too_much_reads_why_and_is_not_reset(length: bytes, kept: bytes) -> None:
    head = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%b\r\nConnection: %b\r\n\r\n"
    body = b"".join(b"186a0\r\n" + b" " * 100_000 + b"\r\n" for _ in range(80))
    with serve() as port, connect(port) as connection:
        connection.sendall(head % (length, kept))
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_request_after_another_must_end_too() -> None:
    with serve(receive_timeout=0.2) as port, connect(port) as connection:
        connection.sendall(HEALTH)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
        connection.sendall(HEALTH[:-4])
        assert read(connection)[:2] == (408, "REQUEST_TIMEOUT")


def test_a_silent_connection_is_closed_without_a_word() -> None:
    with serve(receive_timeout=0.2) as port, connect(port) as connection:
        assert is_closed(connection)


def test_a_response_that_takes_long_to_make_is_waited_for() -> None:
    release = asyncio.Event()
    loop: list[asyncio.AbstractEventLoop] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            loop.append(asyncio.get_running_loop())
            await release.wait()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"ok"})

    with serve(slow, receive_timeout=0.2) as port, connect(port) as connection, connect(port) as late:
        connection.sendall(HEALTH)
        assert is_closed(late)
        loop[0].call_soon_threadsafe(release.set)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")


def test_who_does_not_read_is_dropped(caplog: pytest.LogCaptureFixture) -> None:
    query = b'{"query": "{ long(size: 3000000) }"}'
    head = b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(query)
    dropped = threading.Event()

    class Log(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "dropped 1" in record.getMessage():
                dropped.set()

    logger, log = logging.getLogger("web.connections"), Log()
    logger.addHandler(log)
    with serve(send_timeout=0.2) as port, connect(port) as connection:
        connection.sendall((head + query) * 3)
        assert dropped.wait(PATIENCE)
    logger.removeHandler(log)
    assert [record for record in caplog.records if record.exc_info] == []


def test_of_what_nobody_reads_no_more_is_kept_than_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.connections.MAX_UNSENT_BYTES", 10_000_000)
    query = b'{"query": "{ long(size: 1600000) }"}'
    head = (
        b"POST /graphql HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    dropped = threading.Event()
    monkeypatch.setattr("web.connections.logger.warning", lambda *_: dropped.set())
    with serve() as port:
        slow = [connect(port) for _ in range(6)]
        for each in slow:
            each.sendall(head % len(query) + query)
        assert dropped.wait(PATIENCE)
        for each in slow:
            each.close()


def test_silent_connections_do_not_shut_others_out() -> None:
    with serve(max_connections=10) as port:
        silent = [connect(port) for _ in range(50)]
        with connect(port) as connection:
            connection.sendall(HEALTH)
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
        for each in silent:
            each.close()


def test_when_all_connections_are_at_work_another_is_a_503() -> None:
    release = asyncio.Event()
    loop: list[asyncio.AbstractEventLoop] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            loop.append(asyncio.get_running_loop())
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"begun", "more_body": True})
            await release.wait()
            await send({"type": "http.response.body", "body": b""})

    with serve(slow, max_connections=2) as port:
        busy = [connect(port) for _ in range(2)]
        for each in busy:
            each.sendall(HEALTH)
            assert each.recv(65536).startswith(b"HTTP/1.1 200 OK")
        with connect(port) as connection:
            status, code, received = read(connection)
        loop[0].call_soon_threadsafe(release.set)
        for each in busy:
            each.close()
    assert (status, code) == (503, "OVERLOADED")
    assert b"\r\nretry-after: 1\r\n" in received


def receive_until(connection: socket.socket, end: bytes) -> None:
    received = b""
    while not received.endswith(end):
        piece = connection.recv(65536)
        assert piece, received
        received += piece


def test_an_upgrade_is_answered_and_writes_nothing_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with serve() as port, connect(port) as connection:
        for protocol in (b"websocket", b"h2c"):
            connection.sendall(QUERY[:-2] + b"Connection: Upgrade\r\nUpgrade: %b\r\n\r\n" % protocol)
            receive_until(connection, b'{"data":{"__typename":"Query"}}')
        connection.sendall(QUERY)
        receive_until(connection, b'{"data":{"__typename":"Query"}}')
    assert caplog.records == []


def test_an_idle_connection_is_kept_for_longer_than_proxies_keep_theirs() -> None:
    assert Settings().keep_alive > 75
    assert make_server(toy_app(), Settings(keep_alive=99.5)).config.timeout_keep_alive == 99.5


@contextmanager
def running(*options: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    command = [sys.executable, "server.py", "--upstream", "sample", "--port", "0", "--data-dir", ":memory:", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        said = ""
        while "send queries there" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        address = re.search(r"Open http://127\.0\.0\.1:(\d+)/", said)
        assert address
        yield int(address[1]), process
        process.kill()


@pytest.mark.e2e
@pytest.mark.parametrize("_round", range(3))
async def test_a_server_that_ends_under_load_resets_nobody(_round: int) -> None:
    """Kept connections, and new ones all the time; each request that is sent gets its whole response."""
    answered = 0

    async def client(port: int, *, keeps: bool) -> None:
        nonlocal answered
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except (ConnectionRefusedError, ConnectionResetError):
                return  # the end; nothing was sent yet
            goes_on = True
            while goes_on:
                writer.write(QUERY)
                head = await reader.readuntil(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head)
                assert length
                assert await reader.readexactly(int(length[1])) == b'{"data":{"__typename":"Query"}}'
                answered += 1
                goes_on = keeps and b"connection: close" not in head
                if answered == 200:
                    process.send_signal(signal.SIGTERM)
            writer.close()

    with running() as (port, process):
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*(client(port, keeps=number % 4 > 0) for number in range(16)))
            assert await asyncio.to_thread(process.wait, PATIENCE) == 0
    assert answered >= 200


def test_what_is_not_done_in_time_at_the_end_is_a_503(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("web.server.LAST_ANSWER_SECONDS", 0.1)
    begun = threading.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            begun.set()
            while (await receive())["type"] != "http.disconnect":
                pass

    with serve(endless) as port:
        connection = connect(port)
        connection.sendall(HEALTH)
        assert begun.wait(PATIENCE)
    status, code, received = read(connection)
    connection.close()
    assert (status, code) == (503, "SHUTTING_DOWN")
    assert b"\r\nretry-after: 1\r\n" in received
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.e2e
async def test_an_idle_connection_has_its_last_request_answered() -> None:
    with running() as (port, process):
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(QUERY)
            await reader.readuntil(b"}}")
            process.send_signal(signal.SIGTERM)
            assert process.stdout
            while "Shutting down" not in process.stdout.readline():
                pass
            writer.write(QUERY)
            assert b"connection: close" in await reader.readuntil(b"\r\n\r\n")
            assert (await reader.read()) == b'{"data":{"__typename":"Query"}}'
            writer.close()
            assert await asyncio.to_thread(process.wait, PATIENCE) == 0


@pytest.mark.e2e
def test_a_second_interrupt_is_quiet() -> None:
    with running() as (_, process):
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        assert process.stdout
        said = process.stdout.read()
        assert process.wait() == 0
    assert "Traceback" not in said


def test_what_is_used_of_uvicorns_server_is_there() -> None:
    """`web/protocol.py` and `web/server.py` rely on these; not all of them are a public interface."""
    state = ServerState()
    assert (state.total_requests, state.connections, state.tasks, state.default_headers) == (0, set(), set(), [])
    server = make_server(toy_app(), Settings())
    server.config.load()
    assert callable(server.config.loaded_app)
    assert server.config.root_path == ""
    assert os.name == "nt" or hasattr(server, "_captured_signals")


def answering(*messages: dict[str, Any]) -> Any:
    """Make an application that answers everything with some messages."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages if scope["type"] == "http" else ():
            await send(message)

    return app


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def piece(body: bytes, *, more_body: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more_body}


LENGTH_2 = (b"content-length", b"2")


@pytest.mark.parametrize(
    ("messages", "request_", "head", "body"),
    [
        ((start(LENGTH_2), piece(b"ok")), HEALTH, b"content-length: 2", b"ok"),
        ((start(), piece(b"ok")), HEALTH, b"transfer-encoding: chunked", b"2\r\nok\r\n0\r\n\r\n"),
        ((start(), piece(b"o", more_body=True), piece(b"k")), HEALTH, b"chunked", b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n"),
        ((start(), piece(b"")), HEALTH, b"transfer-encoding: chunked", b"0\r\n\r\n"),
        ((start(LENGTH_2), piece(b"ok")), HEALTH.replace(b"GET", b"HEAD"), b"content-length: 2", b""),
        ((start(status=204), piece(b"")), HEALTH, b"HTTP/1.1 204 No Content", b""),
        ((start(status=304), piece(b"")), HEALTH, b"HTTP/1.1 304 Not Modified", b""),
        ((start(status=299), piece(b"")), HEALTH, b"HTTP/1.1 299 ", b"0\r\n\r\n"),
        ((start(), piece(b"ok")), HEALTH.replace(b"1.1", b"1.0"), b"connection: close", b"ok"),
        ((start((b"content-length", b"200000")), piece(b"x" * 200_000)), HEALTH, b"content-length", b"x" * 200_000),
        ((start(LENGTH_2), piece(b"ok")), HEALTH, b"connection: close", b"ok"),
    ],
)
def test_a_response_is_framed_as_its_head_says(
    messages: tuple[dict[str, Any], ...], request_: bytes, head: bytes, body: bytes
) -> None:
    with serve(answering(*messages)) as port, connect(port) as connection:
        connection.sendall(request_.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        _, _, received = read(connection)
    found_head, _, found_body = received.partition(b"\r\n\r\n")
    assert head in found_head
    assert found_body == body


@pytest.mark.parametrize(
    "messages",
    [
        (),
        (start(),),
        (piece(b"ok"),),
        (start(), start()),
        (start(LENGTH_2), piece(b"too long")),
        (start(LENGTH_2), piece(b"1")),
        (start((b"x-evil", b"a\r\nset-cookie: b")), piece(b"")),
        (start((b"x-evil\n", b"a")), piece(b"")),
        (start((b"x-evil", b"\0")), piece(b"")),
    ],
)
def test_an_application_that_answers_wrongly_is_a_500(
    messages: tuple[dict[str, Any], ...], caplog: pytest.LogCaptureFixture
) -> None:
    with serve(answering(*messages)) as port, connect(port) as connection:
        connection.sendall(HEALTH)
        status, code, received = read(connection)
    assert (status, code) == (500, "INTERNAL_SERVER_ERROR")
    assert b"set-cookie" not in received
    assert [record.name for record in caplog.records] == ["web.exchange"]


def test_a_response_that_breaks_off_ends_the_connection() -> None:
    with serve(answering(start(), piece(b"begun", more_body=True), start())) as port, connect(port) as connection:
        connection.sendall(HEALTH)
        assert read(connection)[2].endswith(b"\r\n\r\n5\r\nbegun\r\n")


def test_requests_that_come_at_once_are_answered_in_their_order() -> None:
    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            message = await receive()
            await send(start((b"content-length", b"%d" % len(message["body"]))))
            await send(piece(message["body"]))

    requests = [b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n%03d" % number for number in range(500)]
    with serve(echo) as port, connect(port) as connection:
        connection.sendall(b"".join(requests[:-1]) + requests[-1].replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        received = read(connection)[2]
    assert re.findall(rb"\r\n\r\n(\d\d\d)", received) == [b"%03d" % number for number in range(500)]


def test_a_body_is_asked_for_by_100_continue_and_headers_after_it_are_left_out() -> None:
    heads: list[list[tuple[bytes, bytes]]] = []

    async def echo(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            message, body = await receive(), b""
            while message["type"] == "http.request":
                body += message["body"]
                if not message["more_body"]:
                    break
                message = await receive()
            heads.append(scope["headers"])
            await send(start((b"content-length", b"%d" % len(body)), (b"connection", b"close")))
            await send(piece(body))

    head = b"POST / HTTP/1.1\r\nExpect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n"
    with serve(echo) as port, connect(port) as connection:
        connection.sendall(head)
        receive_until(connection, b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.sendall(b"40000\r\n%b\r\n0\r\nX-Trailer: 1\r\n\r\n" % (b"y" * 0x40000))
        assert read(connection)[2].endswith(b"y" * 0x40000)
    assert heads == [[(b"expect", b"100-Continue"), (b"transfer-encoding", b"chunked")]]


def test_who_is_told_to_close_is_closed() -> None:
    with (
        serve(answering(start(LENGTH_2, (b"connection", b"close")), piece(b"ok"))) as port,
        connect(port) as connection,
    ):
        connection.sendall(HEALTH)
        assert read(connection)[2].endswith(b"ok")


def test_an_idle_connection_is_closed_in_time() -> None:
    with serve(keep_alive=1.0) as port, connect(port) as connection:
        connection.sendall(HEALTH)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
        assert is_closed(connection)


def test_a_client_that_leaves_is_told_to_the_application() -> None:
    left = threading.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            while (await receive())["type"] != "http.disconnect":
                pass
            await send(start())
            left.set()

    with serve(waiting) as port:
        with connect(port) as connection:
            connection.sendall(HEALTH)
        assert left.wait(PATIENCE)
