"""GraphQL over WebSocket (`graphql-transport-ws`), as an ASGI application.

Strawberry's handler for this protocol runs operations by itself, past the limits, turns and documents of the endpoint,
with a task for each subscription, and fails at a message that is no object.
"""

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from time import perf_counter
from typing import Final
from urllib.parse import urlsplit

from starlette.types import Receive, Scope, Send

from settings import Settings
from spans import span
from web import messages
from web.access import CLIENT_LEFT
from web.checks import RequestOptions
from web.errors import RequestError, body_of
from web.headers import SECURITY_HEADERS, headers_of, request_id_of
from web.introspection import may_introspect
from web.messages import SUBPROTOCOL, InvalidMessageError, read_message
from web.metrics import RequestCounts
from web.operations import Operations
from web.parameters import Parameters, read_body
from web.rates import RateLimit
from web.responses import GraphQLResponse
from web.subscribers import Subscribers
from web.subscriptions import FirstEvent, Subscription, Subscriptions

logger = logging.getLogger(__name__)

MAX_REASON: Final = 123
"""Bytes of the reason for which a socket is closed (RFC 6455, section 5.5)."""

MAX_ANSWERED: Final = 4
"""Operations of one socket that are executed at once, or wait until it takes their answers."""


class WebSocketEndpoint:
    """Serves GraphQL over WebSocket at the path where it is mounted."""

    def __init__(
        self,
        operations: Operations,
        subscriptions: Subscriptions,
        subscribers: Subscribers,
        settings: Settings,
        counts: RequestCounts,
        rates: RateLimit | None,
    ) -> None:
        self.operations = operations
        self.subscriptions = subscriptions
        self.settings = settings
        self.counts = counts
        self.rates = rates
        self._subscribers = subscribers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one socket, from its handshake to its end."""
        socket = Socket(self, scope, receive, send)
        await receive()  # `websocket.connect`
        try:
            if not is_allowed_origin(scope, self.settings.cors_origins):
                raise RequestError(403, "CORS_NOT_ALLOWED", "Pages of this origin may not connect.")
            with self._subscribers.place(scope.get("client"), "websocket", socket.end):
                await socket.serve()
        except RequestError as error:
            await refuse(scope, send, error)
        except OSError:
            pass  # the client has left


class Socket:
    """One socket, and the operations that are under way on it."""

    def __init__(self, endpoint: WebSocketEndpoint, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        self._endpoint = endpoint
        self._client = scope.get("client")
        self._subprotocols = scope.get("subprotocols", ())
        self._receive = receive
        self._send = send
        self._request_id = request_id_of(headers).decode()
        is_trusted = may_introspect(headers, endpoint.settings)
        self._options = RequestOptions(safe=False, is_trusted=is_trusted, streams=True)
        self._is_begun = self._is_closed = False
        self._operations: dict[str, asyncio.Task[None] | Subscription] = {}
        self._bytes = 0  # of what is asked by operations that wait for their answer
        self._answered = asyncio.Semaphore(MAX_ANSWERED)

    async def serve(self) -> None:
        """Accept the socket, and serve it to its end."""
        is_known = SUBPROTOCOL in self._subprotocols
        accept = {"type": "websocket.accept", "subprotocol": SUBPROTOCOL if is_known else None}
        await self._send({**accept, "headers": [(b"x-request-id", self._request_id.encode())]})
        if not is_known:
            await self._close(messages.SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable")
            return
        timer = asyncio.get_running_loop().call_later(self._endpoint.settings.receive_timeout, self._time_out)
        try:
            while not self._is_closed and (message := await self._receive())["type"] == "websocket.receive":
                await self._take(message.get("text"))
                await asyncio.sleep(0)  # others have a turn: many messages may have come at once
        finally:
            self._is_closed = True
            timer.cancel()
            for operation in list(self._operations.values()):
                operation.cancel()

    async def end(self) -> None:
        """Close it since the server ends."""
        await self._close(messages.GOING_AWAY, "The server is ending")

    def _time_out(self) -> None:
        if not self._is_begun:
            self._timing_out = asyncio.ensure_future(
                self._close(messages.INIT_TIMEOUT, "Connection initialisation timeout")
            )

    async def _take(self, text: str | None) -> None:
        """Do what a message asks for."""
        try:
            match read_message(text):
                case messages.ConnectionInit():
                    await self._begin()
                case messages.Ping() as ping:
                    await self._tell(messages.pong(ping))
                case messages.Subscribe() as message:
                    await self._subscribe(message)
                case messages.Complete(id=id_):
                    operation = self._operations.pop(id_, None)
                    if operation is not None:
                        operation.cancel()
        except InvalidMessageError as error:
            await self._close(messages.INVALID, f"Invalid message: {error}")

    async def _begin(self) -> None:
        if self._is_begun:
            await self._close(messages.TOO_MANY_INITS, "Too many initialisation requests")
            return
        self._is_begun = True
        await self._tell(messages.ACKNOWLEDGED)

    async def _subscribe(self, message: messages.Subscribe) -> None:
        """Begin an operation."""
        settings, size = self._endpoint.settings, len(memoryview(message.payload))
        if not self._is_begun:
            await self._close(messages.UNAUTHORIZED, "Unauthorized")
        elif message.id in self._operations:
            await self._close(messages.DUPLICATE, f"Subscriber for {message.id} already exists")
        elif len(self._operations) >= settings.max_subscriptions or self._bytes + size > settings.max_body_bytes:
            problem = f"A socket may have {settings.max_subscriptions} operations under way, which ask in "
            problem += f"{settings.max_body_bytes} bytes; wait, or complete some."
            await self._fail(message.id, RequestError(429, "TOO_MANY_SUBSCRIPTIONS", problem))
        else:
            self._bytes += size
            task = asyncio.get_running_loop().create_task(self._operate(message.id, bytes(message.payload)))
            task.add_done_callback(partial(self._answered_one, message.id, size))
            self._operations[message.id] = task

    def _answered_one(self, id_: str, size: int, task: "asyncio.Task[None]") -> None:
        self._bytes -= size
        if self._operations.get(id_) is task:
            del self._operations[id_]

    async def _operate(self, id_: str, payload: bytes) -> None:
        """Answer an operation; of a subscription, tell the first event and those that come."""
        began, status = perf_counter(), 200
        response = None
        try:
            async with self._answered:
                with span("operation"):
                    response = await self._response(payload)
                await self._tell(messages.next_message(id_, response.body))
            if isinstance(response, FirstEvent):
                self._operations[id_] = self._endpoint.subscriptions.open(response, partial(self._next, id_))
            else:
                await self._finish(id_, messages.complete_message(id_))
        except InvalidMessageError as error:
            await self._close(messages.INVALID, f"Invalid message: {error}")
        except RequestError as error:
            status = error.status
            await self._fail(id_, error)
        except OSError:
            status = CLIENT_LEFT
        except Exception:
            status = 500
            logger.exception("Internal error, request %s", self._request_id)
            await self._fail(id_, RequestError(500, "INTERNAL_SERVER_ERROR", "Internal server error"))
        self._endpoint.counts.note(response.operation if response else "", status, perf_counter() - began)

    async def _response(self, payload: bytes) -> GraphQLResponse:
        """Execute an operation within the limits of the endpoint. Raises `RequestError`, `InvalidMessageError`."""
        if self._endpoint.rates is not None:
            self._endpoint.rates.check(self._client)
        operations = self._endpoint.operations
        turn = await operations.begin_reading(len(payload))
        try:
            return await operations.respond(_parameters(payload), self._request_id, self._options, turn)
        finally:
            if turn is not None:
                turn.finish()

    async def _next(self, id_: str, body: bytes) -> None:
        await self._tell(messages.next_message(id_, body))

    async def _fail(self, id_: str, error: RequestError) -> None:
        for each in error.errors:
            self._endpoint.operations.note_error(each["extensions"]["code"])
        with suppress(OSError):  # the client has left
            await self._finish(id_, messages.error_message(id_, error.errors))

    async def _finish(self, id_: str, message: str) -> None:
        """Tell the last message of an operation, whose id is free from then on."""
        self._operations.pop(id_, None)
        await self._tell(message)

    async def _tell(self, message: str) -> None:
        if not self._is_closed:
            await self._send({"type": "websocket.send", "text": message})

    async def _close(self, code: int, reason: str) -> None:
        if not self._is_closed:
            self._is_closed = True
            reason = reason.encode()[:MAX_REASON].decode(errors="ignore")
            with suppress(OSError):  # the client has left
                await self._send({"type": "websocket.close", "code": code, "reason": reason})


def _parameters(payload: bytes) -> Parameters:
    """Read the payload of a `subscribe`. Raises `InvalidMessageError`."""
    try:
        parameters = read_body(payload)
    except RequestError as error:
        raise InvalidMessageError(str(error)) from None
    if isinstance(parameters, list):
        raise InvalidMessageError("the payload must be an object")
    return parameters


def is_allowed_origin(scope: Scope, allowed: Collection[str]) -> bool:
    """Whether a page of the request's origin may read answers: the gateway's own, or one that the settings name.

    Browsers ask nobody before they open a socket to another site, and leave it to that to look at the origin.
    """
    headers = headers_of(scope)
    origin = headers.get(b"origin", b"").decode("latin-1")
    own = headers.get(b"host", b"").decode("latin-1")
    return not origin or "*" in allowed or origin in allowed or urlsplit(origin).netloc == own


async def no_websocket(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a handshake where no socket is served."""
    await receive()
    await refuse(scope, send, RequestError(404, "NOT_FOUND", "Not Found."))


async def refuse(scope: Scope, send: Send, error: RequestError) -> None:
    """Answer a handshake with an error; the server makes it a 403 where it lets nobody say more."""
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    content = body_of(error.errors)
    headers = [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        *error.headers,
        *SECURITY_HEADERS,
    ]
    await send({"type": "websocket.http.response.start", "status": error.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": content})
