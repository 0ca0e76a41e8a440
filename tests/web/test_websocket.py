"""graphql-transport-ws, sentence by sentence of its PROTOCOL.md, and what bounds a socket."""

import asyncio
import json
import socket
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.fake_upstream import FakeUpstream
from tests.live import EVENTS, Client, Gateway, client, live
from tests.patience import PATIENCE
from tests.rows import Rows

COUNT = "{ packages(first: 1) { totalCount } }"
HANDSHAKE = (
    b"GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n"
)


def frame(type_: str, **rest: Any) -> bytes:
    """Return a message as a client's frame, masked by zeros."""
    text = json.dumps({"type": type_, **rest}).encode()
    return b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4) + text


async def refused(gateway: Gateway, **options: Any) -> tuple[int, str]:
    """Return the status and the code with which a handshake is refused."""
    with pytest.raises(InvalidStatus) as refusal:
        async with gateway.connect(**options):
            pass
    response = refusal.value.response
    return response.status_code, json.loads(response.body)["errors"][0]["extensions"]["code"]


async def test_a_subscription_tells_what_changes(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, client(gateway) as one:
        first = gateway.version
        await one.subscribe("1", EVENTS)
        assert await one.event() == {"version": first, "since": first, "isTruncated": False, "changes": []}
        rows.add()
        rows.packages[3].update(title="New")
        await gateway.mirror.sync()
        assert await one.event() == {
            "version": gateway.version,
            "since": first,
            "isTruncated": False,
            "changes": [
                {"kind": "CHANGED", "typeName": "Package", "id": "3", "fields": ["title"]},
                {"kind": "ADDED", "typeName": "Package", "id": "31", "fields": []},
            ],
        }


async def test_nothing_comes_after_the_client_completes(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, client(gateway) as one:
        for id_ in ("1", "2"):
            await one.subscribe(id_, EVENTS)
            await one.event(id_)
        await one.send("complete", id="1")
        await one.send("complete", id="never there")
        await one.send("ping")
        assert await one.next() == {"type": "pong"}
        rows.add()
        await gateway.mirror.sync()
        assert (await one.event("2"))["version"] == gateway.version
        await one.subscribe("1", EVENTS)  # the id is free again
        assert (await one.event("1"))["version"] == gateway.version


async def test_a_query_has_one_result(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, client(gateway) as one:
        for _ in range(2):
            await one.subscribe("same", COUNT)
            assert await one.next() == {
                "id": "same",
                "type": "next",
                "payload": {"data": {"packages": {"totalCount": 30}}},
            }
            assert await one.next() == {"id": "same", "type": "complete"}


@pytest.mark.parametrize(
    ("payload", "codes"),
    [
        ({"query": "{ nope }"}, ["GRAPHQL_VALIDATION_FAILED"]),
        ({"query": "{"}, ["GRAPHQL_PARSE_FAILED"]),
        ({"query": "query ($id: ID!) { package(id: $id) { id } }"}, ["BAD_USER_INPUT"]),
        ({"query": "{ __typename }", "operationName": "Other"}, ["OPERATION_RESOLUTION_FAILURE"]),
        ({"query": 'subscription { catalogueChanged(since: "x") { version } }'}, ["BAD_USER_INPUT"]),
        (
            {
                "query": "subscription ($s: [String!]) { catalogueChanged(slugs: $s) { version } }",
                "variables": {"s": ["x"] * 201},
            },
            ["BAD_USER_INPUT"],
        ),
        (
            {"query": "subscription { a: catalogueChanged { version } catalogueChanged { version } }"},
            ["GRAPHQL_VALIDATION_FAILED"],
        ),
        ({"query": "subscription { __typename }"}, ["GRAPHQL_VALIDATION_FAILED"]),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}}, ["PERSISTED_QUERY_NOT_FOUND"]),
        ({}, ["BAD_REQUEST"]),
    ],
)
async def test_what_is_not_executed_is_an_error_message(
    fake: FakeUpstream, rows: Rows, payload: Any, codes: list[str]
) -> None:
    async with live(fake) as gateway, client(gateway) as one:
        await one.send("subscribe", id="1", payload=payload)
        message = await one.next()
        assert (message["type"], message["id"]) == ("error", "1")
        assert [error["extensions"]["code"] for error in message["payload"]] == codes
        await one.subscribe("1", COUNT)  # the id is free, and the socket open
        assert (await one.next())["type"] == "next"


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        "5",
        "[]",
        "null",
        "{}",
        '{"type": 1}',
        '{"type": "start", "id": "1", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "%s", "payload": {"query": "{ __typename }"}}' % ("x" * 201),
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": "{ __typename }"}',
        '{"type": "subscribe", "id": "1", "payload": [{"query": "{ __typename }"}]}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 5}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": []}',
        '{"type": "ping", "payload": {"a": ' + "[" * 100_000,
        '{"type": "ping", "payload": {"a": ' + "[" * 100_000 + "]" * 100_000 + "}}",
        b'{"type": "ping"}',
    ],
)
async def test_what_is_no_message_closes_the_socket(fake: FakeUpstream, rows: Rows, sent: str | bytes) -> None:
    async with live(fake) as gateway, client(gateway) as one:
        await one.websocket.send(sent)
        code, reason = await one.closed()
        assert code == 4400
        assert reason
        assert reason.startswith("Invalid message: ")


async def test_an_operation_before_the_acknowledgement_closes_the_socket(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, gateway.connect() as websocket:
        await Client(websocket).subscribe("1", COUNT)
        assert await Client(websocket).closed() == (4401, "Unauthorized")


async def test_one_initialisation_is_enough(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, client(gateway) as one:
        await one.send("connection_init", payload={})
        assert await one.closed() == (4429, "Too many initialisation requests")


async def test_an_id_that_is_taken_closes_the_socket(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, client(gateway) as one:
        await one.subscribe("one", EVENTS)
        await one.event("one")
        await one.subscribe("one", EVENTS)
        assert await one.closed() == (4409, "Subscriber for one already exists")
        await gateway.until(lambda: not gateway.measured("catalogue_subscriptions"))


async def test_who_does_not_begin_is_closed(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake, receive_timeout=0.2) as gateway, gateway.connect() as websocket:
        await Client(websocket).send("ping", payload={"at": 1})
        assert await Client(websocket).next() == {"type": "pong", "payload": {"at": 1}}
        assert await Client(websocket).closed() == (4408, "Connection initialisation timeout")


@pytest.mark.parametrize("subprotocols", [("graphql-ws",), ("something",)])
async def test_other_subprotocols_are_refused(fake: FakeUpstream, rows: Rows, subprotocols: tuple[str, ...]) -> None:
    async with live(fake) as gateway, gateway.connect(*subprotocols) as websocket:
        assert websocket.subprotocol is None
        assert await Client(websocket).closed() == (4406, "Subprotocol not acceptable")


async def test_the_subprotocol_is_chosen_among_several(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, gateway.connect("graphql-ws", "graphql-transport-ws") as websocket:
        assert websocket.subprotocol == "graphql-transport-ws"


@pytest.mark.parametrize(
    ("origin", "allowed", "status"),
    [
        ("https://evil.example", (), 403),
        ("null", (), 403),
        ("https://app.example", ("https://app.example",), 101),
        ("https://evil.example", ("https://app.example",), 403),
        ("https://evil.example", ("*",), 101),
        (None, (), 101),
    ],
)
async def test_a_page_of_another_origin_connects_where_the_settings_name_it(
    fake: FakeUpstream, rows: Rows, origin: Any, allowed: tuple[str, ...], status: int
) -> None:
    async with live(fake, cors_origins=allowed) as gateway:
        if status == 403:
            assert await refused(gateway, origin=origin) == (403, "CORS_NOT_ALLOWED")
        else:
            async with client(gateway, origin=origin):
                pass


async def test_a_page_of_the_gateway_connects(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, client(gateway, origin=f"http://127.0.0.1:{gateway.port}"):
        pass


async def test_there_is_a_socket_at_the_endpoint_only(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway:
        for path in ("/", "/healthz", "/static/graphiql/index.html", "/graphql/x"):
            assert await refused(gateway, path=path) == (404, "NOT_FOUND")


async def test_subscribers_are_bounded_for_each_client_and_for_all(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake, max_subscribers_per_client=2) as gateway, client(gateway), client(gateway):
        assert await refused(gateway) == (429, "TOO_MANY_SUBSCRIBERS")
    async with live(fake, max_subscribers=1) as gateway:
        async with client(gateway):
            assert await refused(gateway) == (503, "OVERLOADED")
        await gateway.until(lambda: not gateway.measured("catalogue_subscribers"))
        async with client(gateway):
            pass


async def test_sockets_leave_room_for_requests(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake, max_connections=1) as gateway, client(gateway), client(gateway) as one:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        writer.close()
        await one.send("ping")
        assert await one.next() == {"type": "pong"}


async def test_operations_of_a_socket_are_bounded(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake, max_subscriptions=2) as gateway, client(gateway) as one:
        for id_ in ("1", "2"):
            await one.subscribe(id_, EVENTS)
            await one.event(id_)
        await one.subscribe("3", COUNT)
        message = await one.next()
        assert (message["type"], message["id"]) == ("error", "3")
        assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIPTIONS"
        await one.send("complete", id="1")
        await one.subscribe("3", COUNT)
        assert (await one.next())["type"] == "next"


async def test_a_message_that_is_too_large_closes_the_socket(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake, max_body_bytes=2000) as gateway, client(gateway) as one:
        await one.send("ping", payload={"a": "x" * 3000})
        assert (await one.closed())[0] == 1009


async def test_a_message_in_endless_frames_is_dropped(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, client(gateway) as one:

        async def frames() -> Any:
            while True:
                yield ""
                await asyncio.sleep(0)

        with pytest.raises(Exception):  # noqa: B017, PT011 - however it is told
            await one.websocket.send(frames())
        assert (await one.closed())[0] == 1006


async def test_a_message_that_does_not_end_is_dropped(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake, receive_timeout=0.2) as gateway, client(gateway) as one:
        never = asyncio.Event()

        async def frames() -> Any:
            yield "{"
            await never.wait()

        sending = asyncio.ensure_future(one.websocket.send(frames()))
        assert (await one.closed())[0] == 1006
        sending.cancel()


async def test_the_limits_of_the_endpoint_hold(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake, max_nodes=5, rate_limit=2) as gateway, client(gateway) as one:
        await one.subscribe("1", "{ packages { nodes { id } } }")
        assert (await one.next())["payload"][0]["extensions"]["code"] == "MAX_NODES_EXCEEDED"
        await one.subscribe("1", COUNT)
        assert [(await one.next())["type"] for _ in range(2)] == ["next", "complete"]
        await one.subscribe("1", COUNT)
        assert (await one.next())["payload"][0]["extensions"]["code"] == "RATE_LIMITED"


async def test_only_trusted_documents_run_where_that_is_wanted(fake: FakeUpstream, rows: Rows, tmp_path: Any) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"events": EVENTS}))
    async with live(fake, trusted_documents=manifest, trusted_only=True) as gateway, client(gateway) as one:
        await one.subscribe("1", COUNT)
        assert (await one.next())["payload"][0]["extensions"]["code"] == "QUERY_NOT_IN_SAFELIST"
        await one.send("subscribe", id="1", payload={"documentId": "events"})
        assert (await one.event())["version"] == gateway.version


async def test_a_server_that_ends_says_so(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, client(gateway) as one:
        await one.subscribe("1", EVENTS)
        await one.event()
        gateway.server.should_exit = True
        assert await one.closed() == (1001, "The server is ending")


@pytest.mark.parametrize(
    ("handshake", "status"),
    [
        (HANDSHAKE.replace(b"websocket", b"h2c"), b"400"),  # a GET without a query
        (HANDSHAKE.replace(b"Version: 13", b"Version: 12"), b"400"),
        (HANDSHAKE.replace(b"Sec-WebSocket-Key", b"X"), b"400"),
        (HANDSHAKE.replace(b"GET", b"POST", 1), b"415"),
        (HANDSHAKE + b"X: " + b"x" * 9000 + b"\r\n", b"400"),
        (HANDSHAKE, b"101"),
    ],
)
async def test_a_handshake_at_the_socket(fake: FakeUpstream, rows: Rows, handshake: bytes, status: bytes) -> None:
    async with live(fake) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        for piece in (handshake[:40], handshake[40:], b"\r\n"):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        async with asyncio.timeout(PATIENCE):
            assert (await reader.readline()).split()[1] == status
        writer.close()


async def test_a_handshake_comes_after_a_request_on_the_same_connection(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await reader.readuntil(b'{"status":"ok"}')).startswith(b"HTTP/1.1 200")
        # A frame behind the handshake: a masked ping, which is answered.
        writer.write(HANDSHAKE + b"\r\n" + b"\x89\x80\x00\x00\x00\x00")
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101")
        async with asyncio.timeout(PATIENCE):
            assert await reader.readexactly(2) == b"\x8a\x00"
        writer.close()


async def test_a_flood_of_messages_leaves_others_their_turn(fake: FakeUpstream, rows: Rows) -> None:
    """Between two messages of one socket, and between two pieces of what it sends, others are served."""
    message = json.dumps({"type": "ping"}).encode()
    flood = (b"\x81%c" % (0x80 | len(message)) + b"\0\0\0\0" + message) * 5_000 + b"\x89\x80\0\0\0\0" * 5_000
    async with live(fake) as gateway:
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        writer.write(HANDSHAKE + b"\r\n" + flood)
        await reader.readuntil(b"\r\n\r\n")
        pongs = asyncio.ensure_future(reader.readexactly(5_000 * len(b'..{"type":"pong"}') + 5_000 * 2))
        turns = 0
        while not pongs.done():
            await asyncio.sleep(0)
            turns += 1
        assert turns > 5_000
        writer.close()


async def test_answers_that_wait_for_their_socket_count_as_unsent(fake: FakeUpstream, rows: Rows) -> None:
    for row in rows.packages.values():
        row.update(repo_description="y" * 1000)
    fields = " ".join(f"a{number}: repoDescription" for number in range(49))
    query = f"{{ packages(first: 30) {{ nodes {{ {fields} }} }} }}"  # whose answer has 1.5 MB
    async with live(fake) as gateway:
        with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
            raw.sendall(HANDSHAKE + b"\r\n" + b"\x81\x9a" + bytes(4) + b'{"type":"connection_init"}')
            for number in range(50):
                raw.sendall(frame("subscribe", id=str(number), payload={"query": query}))
            await gateway.until(
                lambda: any(each.unsent > each.transport.get_write_buffer_size() + 1000 for each in gateway.sockets)
            )


async def test_who_pings_and_does_not_read_fills_no_memory(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway:
        with socket.create_connection(("127.0.0.1", gateway.port)) as raw:
            raw.sendall(HANDSHAKE + b"\r\n")
            raw.setblocking(False)
            ping = b"\x89\xfd\x00\x00\x00\x00" + b"x" * 125
            sent = quiet = 0
            while quiet < 50 and sent < 200_000_000:
                try:
                    sent += raw.send(ping * 500)
                    quiet = 0
                except BlockingIOError:
                    quiet += 1
                await asyncio.sleep(0.01)
            assert quiet == 50  # it reads no more
            (unsent,) = (each.unsent for each in gateway.sockets)
            assert unsent < 1_000_000
