"""A gateway that is served in the test's own event loop, whose mirror the test lets crawl."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from catalogue import Mirror
from loaders import RequestContext
from settings import Settings
from tests.fake_upstream import FakeUpstream
from tests.mirrors import WatchedCatalogue, opened
from tests.patience import PATIENCE
from tests.queries import SCHEMA
from web import Readiness, create_app
from web.metrics import Metrics
from web.server import Server, make_server
from web.upgrade import WebSocketConnection

EVENTS = "subscription { catalogueChanged { version since isTruncated changes { kind typeName id fields } } }"


class Gateway:
    """A gateway: its `port`, its server, its catalogue, and the mirror behind."""

    def __init__(
        self, port: int, server: Server, catalogue: WatchedCatalogue, mirror: Mirror, metrics: Metrics
    ) -> None:
        self.port = port
        self._metrics = metrics
        self.server = server
        self.catalogue = catalogue
        self.mirror = mirror

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def version(self) -> str:
        """The version of the catalogue, as clients see it."""
        return str(self.catalogue.snapshot.number)

    def measured(self, name: str, **labels: str) -> float:
        """Return the sum of a metric, of those that have some labels."""
        samples = [each for metric in self._metrics.collect() for each in metric.samples if each.name == name]
        return sum(each.value for each in samples if labels.items() <= each.labels.items())

    @property
    def sockets(self) -> list[WebSocketConnection]:
        """The WebSockets that are open."""
        return [each for each in self.server.server_state.connections if isinstance(each, WebSocketConnection)]

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE):
            while not is_so():  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.01)

    def connect(self, *subprotocols: Any, path: str = "/graphql", **options: Any) -> connect:
        """Open a WebSocket."""
        url = f"ws://127.0.0.1:{self.port}{path}"
        return connect(
            url, subprotocols=subprotocols or [Subprotocol("graphql-transport-ws")], open_timeout=PATIENCE, **options
        )


@asynccontextmanager
async def live(
    fake: FakeUpstream, folder: Path | None = None, *, port: int = 0, **settings: Any
) -> AsyncIterator[Gateway]:
    """Serve a gateway whose mirror has crawled once, and is kept in a folder if there is one."""
    async with opened(fake.base_url, folder) as (catalogue, mirror):
        await mirror.sync()
        metrics = Metrics()
        app = create_app(
            settings=Settings(log_level="warning", **settings),
            schema=SCHEMA,
            sdl={},
            new_context=partial(RequestContext, catalogue),
            snapshot=lambda: catalogue.snapshot,
            readiness=lambda: Readiness("mirror", None),
            watch=catalogue.watch,
            metrics=metrics,
        )
        server = make_server(app, Settings(log_level="warning", **settings))
        with socket.create_server(("127.0.0.1", port)) as listener:
            serving = asyncio.create_task(server.serve([listener]))
            try:
                yield Gateway(listener.getsockname()[1], server, catalogue, mirror, metrics)
            finally:
                server.should_exit = True
                await serving


class Client:
    """Speaks graphql-transport-ws over a WebSocket."""

    def __init__(self, websocket: ClientConnection) -> None:
        self.websocket = websocket

    async def send(self, type_: str, **rest: Any) -> None:
        await self.websocket.send(json.dumps({"type": type_, **rest}))

    async def next(self) -> dict[str, Any]:
        """Return the next message."""
        async with asyncio.timeout(PATIENCE):
            message: dict[str, Any] = json.loads(await self.websocket.recv())
            return message

    async def subscribe(self, id_: str, query: str, **payload: Any) -> None:
        await self.send("subscribe", id=id_, payload={"query": query, **payload})

    async def event(self, id_: str = "1") -> dict[str, Any]:
        """Return what the next message tells of `catalogueChanged`."""
        message = await self.next()
        assert (message["type"], message["id"]) == ("next", id_), message
        event: dict[str, Any] = message["payload"]["data"]["catalogueChanged"]
        return event

    async def closed(self) -> tuple[int | None, str | None]:
        """Wait until the socket is closed; return its code and reason."""
        async with asyncio.timeout(PATIENCE):
            await self.websocket.wait_closed()
        return self.websocket.close_code, self.websocket.close_reason


@asynccontextmanager
async def client(gateway: Gateway, **options: Any) -> AsyncIterator[Client]:
    """Connect and begin."""
    async with gateway.connect(**options) as websocket:
        speaker = Client(websocket)
        await speaker.send("connection_init")
        assert await speaker.next() == {"type": "connection_ack"}
        yield speaker
