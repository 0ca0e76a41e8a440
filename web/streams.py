"""Responses that go on: GraphQL over SSE (graphql-sse's "distinct connections mode"), and Apollo's multipart.

How events are framed is Strawberry's.
"""

import asyncio
import logging
from typing import Final, cast

from msgspec import Raw
from starlette.types import Receive, Scope, Send

from execution import to_json
from execution.internals import GraphQLHTTPResponse, HTTPStreamTransport, MultipartSubscriptionTransport, SSETransport
from web.headers import SECURITY_HEADERS, Headers
from web.negotiation import EVENT_STREAM, MULTIPART
from web.responses import GraphQLResponse
from web.subscribers import Subscribers
from web.subscriptions import FirstEvent, Subscriptions
from web.tasks import in_task

logger = logging.getLogger(__name__)

_FORMS: Final[dict[str, HTTPStreamTransport]] = {
    EVENT_STREAM: SSETransport(),
    MULTIPART: MultipartSubscriptionTransport(),
}

_HEADERS: Final[Headers] = [
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),  # nginx would keep events back
    (b"vary", b"Accept"),
]


class EventStream:
    """A response to one operation as a stream of events, in the form of a media type.

    A subscription's goes on until its client leaves. When the server ends it breaks off without its last event, from
    which clients know that they may ask again.
    """

    def __init__(
        self, media_type: str, first: GraphQLResponse, subscriptions: Subscriptions, subscribers: Subscribers
    ) -> None:
        self.operation = first.operation
        self._form = _FORMS[media_type]
        self._way = media_type.partition("/")[2]
        self._first = first
        self._subscriptions = subscriptions
        self._subscribers = subscribers
        self._is_over = False

    async def run(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        """Send it. Raises `RequestError` before anything is sent: there is no place for another subscriber."""
        await in_task()
        self._send = send
        if scope["method"] == "HEAD":
            await self._begin(headers)
            await self._write(b"", is_last=True)
            return
        if not isinstance(self._first, FirstEvent):
            await self._begin(headers)
            await self._write(self._next(self._first.body) + self._form.encode_complete().encode(), is_last=True)
            return
        with self._subscribers.place(scope.get("client"), self._way, self.end):
            subscription = self._subscriptions.open(self._first, self._tell)
            try:
                await self._begin(headers)
                await self._tell(self._first.body)
                await self._watch(receive)
            except OSError:
                pass  # the client has left
            finally:
                subscription.cancel()

    async def end(self) -> None:
        """Break it off since the server ends."""
        await self._write(b"", is_last=True)

    async def _begin(self, headers: Headers) -> None:
        media_type = (b"content-type", self._form.headers["Content-Type"].encode())
        all_headers = [media_type, *_HEADERS, *headers, *SECURITY_HEADERS]
        await self._send({"type": "http.response.start", "status": 200, "headers": all_headers})
        if isinstance(self._form, MultipartSubscriptionTransport):
            await self._write(f"--{self._form.separator}".encode())

    async def _watch(self, receive: Receive) -> None:
        """Wait until the client leaves, and let it and all between know now and then that we are there."""
        while not self._is_over:
            try:
                async with asyncio.timeout(self._form.heartbeat_interval):
                    if (await receive())["type"] == "http.disconnect":
                        return
            except TimeoutError:
                await self._write(self._form.heartbeat_message(_json).encode())

    async def _tell(self, body: bytes) -> None:
        await self._write(self._next(body))

    def _next(self, body: bytes) -> bytes:
        """Frame a response, which is JSON already."""
        return self._form.encode_next(cast("GraphQLHTTPResponse", Raw(body)), _json).encode()

    async def _write(self, piece: bytes, *, is_last: bool = False) -> None:
        if not self._is_over:
            self._is_over = is_last
            await self._send({"type": "http.response.body", "body": piece, "more_body": not is_last})


def _json(value: object) -> str:
    return to_json(value).decode()
