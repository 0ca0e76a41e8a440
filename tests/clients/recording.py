"""Notes what goes through an ASGI application."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass
class Exchange:
    """One request and what it got."""

    method: str
    parameters: dict[str, Any]
    accept: str
    status: int = 0
    cache_control: str = ""


class Recorder:
    """Passes everything on, and notes the requests to `/graphql`."""

    def __init__(self, app: ASGIApp) -> None:
        self.exchanges: list[Exchange] = []
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/graphql":
            await self._app(scope, receive, send)
            return
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        exchange = Exchange(scope["method"], dict(parse_qsl(scope["query_string"].decode())), headers.get("accept", ""))
        self.exchanges.append(exchange)

        async def receive_noting() -> Message:
            message = await receive()
            if message.get("body"):
                exchange.parameters = msgspec.json.decode(message["body"])
            return message

        async def send_noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.status = message["status"]
                exchange.cache_control = dict(message["headers"]).get(b"cache-control", b"").decode()
            await send(message)

        await self._app(scope, receive_noting, send_noting)
