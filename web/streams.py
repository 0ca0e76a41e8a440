"""Responses that go on: GraphQL over SSE (graphql-sse's "distinct connections mode"), and Apollo's multipart.

Strawberry frames events too, with line ends at which urql does not see that an event is over.
"""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from web.headers import SECURITY_HEADERS, Headers
from web.negotiation import EVENT_STREAM, MULTIPART
from web.responses import GraphQLResponse
from web.subscribers import Subscribers
from web.subscriptions import FirstEvent, Subscriptions
from web.tasks import in_task


class Form(NamedTuple):
    """How events are written: what comes before the first, one that holds a response, the last one, a sign of life.

    There is one of these after each `pause`, in seconds, in which nothing was said.
    """

    content_type: bytes
    opening: bytes
    next: Callable[[bytes], bytes]
    complete: bytes
    alive: bytes
    pause: float


def _part(content: bytes) -> bytes:
    return b"\r\nContent-Type: application/json\r\n\r\n%b\r\n--graphql" % content


FORMS: Final = {
    EVENT_STREAM: Form(
        content_type=b"text/event-stream",
        opening=b"",
        next=lambda response: b"event: next\ndata: %b\n\n" % response,
        complete=b"event: complete\ndata: \n\n",  # without data browsers leave it out
        alive=b":\n\n",
        pause=15.0,
    ),
    MULTIPART: Form(
        content_type=b"multipart/mixed; boundary=graphql; subscriptionSpec=1.0",
        opening=b"--graphql",
        next=lambda response: _part(b'{"payload":%b}' % response),
        complete=b"--\r\n",
        alive=_part(b"{}"),
        pause=5.0,
    ),
}
"""By media type; the second as Apollo's router writes it, with as long a pause."""

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
        self._form = FORMS[media_type]
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
            await self._write(self._form.next(self._first.body) + self._form.complete, is_last=True)
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
        all_headers = [(b"content-type", self._form.content_type), *_HEADERS, *headers, *SECURITY_HEADERS]
        await self._send({"type": "http.response.start", "status": 200, "headers": all_headers})
        await self._write(self._form.opening)

    async def _watch(self, receive: Receive) -> None:
        """Wait until the client leaves, and let it and all between know now and then that we are there."""
        while not self._is_over:
            try:
                async with asyncio.timeout(self._form.pause):
                    if (await receive())["type"] == "http.disconnect":
                        return
            except TimeoutError:
                await self._write(self._form.alive)

    async def _tell(self, body: bytes) -> None:
        await self._write(self._form.next(body))

    async def _write(self, piece: bytes, *, is_last: bool = False) -> None:
        if not self._is_over:
            self._is_over = is_last
            await self._send({"type": "http.response.body", "body": piece, "more_body": not is_last})
