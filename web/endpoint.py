"""The GraphQL endpoint as a bare ASGI application: GraphQL over HTTP."""

import logging
from asyncio import gather, get_running_loop
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Final, TypeAlias

from graphql import OperationType
from msgspec.structs import replace
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from execution import Turn
from settings import Settings
from spans import span
from web import body, negotiation
from web.access import CLIENT_LEFT, OPERATION
from web.checks import RequestOptions
from web.compression import MINIMUM_BYTES
from web.disconnect import while_connected
from web.errors import RequestError, bad_request, body_of
from web.explain import is_asked
from web.freshness import Freshness
from web.headers import SECURITY_HEADERS, TRACE_HEADER, Headers, headers_of, matches, request_id_of
from web.heads import acceptable, may_be_cached, was_preflighted
from web.introspection import may_introspect
from web.metrics import RequestCounts
from web.operations import Operations
from web.origin import READY
from web.parameters import MAX_URL_BYTES, Parameters, read_body, read_url
from web.rates import RateLimit
from web.responses import CachedResponse, GraphQLResponse, ResponseCache
from web.streams import EventStream
from web.subscribers import Subscribers
from web.subscriptions import FirstEvent, Subscriptions
from web.traces import annotate_operation

logger = logging.getLogger(__name__)

_ALLOWED = b"GET, HEAD, POST, OPTIONS"
_VARY = (b"vary", b"Accept, Accept-Encoding")
_CONTENT_TYPES: Final = {
    media_type: (b"content-type", f"{media_type}; charset=utf-8".encode())
    for media_type in (negotiation.JSON, negotiation.RESPONSE_JSON)
}
_THREAD_BYTES = 32 * 1024
"""Bytes of a body from which on another thread compresses it: about a millisecond."""

HttpResponse: TypeAlias = tuple[int, Headers, bytes, str]
"""Status, headers and body, and the operation's name for the log."""

Request: TypeAlias = tuple[bytes, bytes, bytes | None, bytes | None]
"""What a response's HTTP form depends on: method, body or query, `Accept`, `Accept-Encoding`."""


class GraphQLEndpoint:
    """Serves GraphQL over HTTP at the path where it is mounted."""

    def __init__(
        self,
        operations: Operations,
        cache: ResponseCache,
        freshness: Freshness,
        settings: Settings,
        counts: RequestCounts,
        rates: RateLimit | None,
        subscriptions: Subscriptions,
        subscribers: Subscribers,
    ) -> None:
        self._counts = counts
        self._operations = operations
        self._cache = cache
        self._settings = settings
        self._rates = rates
        self._subscriptions = subscriptions
        self._subscribers = subscribers
        # One thread: compressing lets the event loop have a core, and several of them would not.
        self._compressor = ThreadPoolExecutor(1, thread_name_prefix="compress")
        self._freshness = freshness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        began = perf_counter()
        headers = headers_of(scope)
        request_id = request_id_of(headers)
        try:
            answer = await self._respond(scope, headers, receive, request_id.decode())
        except ClientDisconnect:
            self._counts.note("", CLIENT_LEFT, perf_counter() - began)
            return
        if isinstance(answer, EventStream):
            self._counts.note(answer.operation, 200, perf_counter() - began)
            scope[OPERATION] = answer.operation
            try:
                await answer.run(scope, receive, send, [(b"x-request-id", request_id)])
                return
            except RequestError as error:
                answer = await self._encode(self._failed(error), headers)
        status, response_headers, content, operation = answer
        self._counts.note(operation, status, perf_counter() - began)
        scope[OPERATION] = operation
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [*response_headers, (b"x-request-id", request_id), *SECURITY_HEADERS],
            }
        )
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

    async def _respond(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive, request_id: str
    ) -> HttpResponse | EventStream:
        try:
            if self._rates is not None:
                self._rates.check(scope.get("client"))
            match scope["method"]:
                case "POST":
                    return await self._post(headers, receive, request_id)
                case "GET" | "HEAD":
                    return await self._get(scope["query_string"], headers, receive, request_id)
                case "OPTIONS":
                    return 204, [(b"allow", _ALLOWED), _VARY], b"", ""
            message = f"{scope['method']} is not allowed here; use GET or POST."
            raise RequestError(405, "METHOD_NOT_ALLOWED", message, headers=[(b"allow", _ALLOWED)])
        except RequestError as error:
            return await self._encode(self._failed(error), headers)
        except ClientDisconnect:
            raise
        except Exception:
            logger.exception("Internal error, request %s", request_id)
            internal = RequestError(500, "INTERNAL_SERVER_ERROR", "Internal server error")
            internal.errors[0]["extensions"]["requestId"] = request_id
            return await self._encode(self._failed(internal), headers)

    async def _post(self, headers: dict[bytes, bytes], receive: Receive, request_id: str) -> HttpResponse | EventStream:
        content = await body.read(headers, receive, self._settings.max_body_bytes)
        request = (b"POST", content, headers.get(b"accept"), headers.get(b"accept-encoding"))
        use_cache = may_be_cached(headers)
        if use_cache and (ready := self._cache.get_exact(request)):
            return self._ready(ready, headers, READY)
        acceptable(headers)
        options = self._options(headers, safe=False, use_cache=use_cache)
        turn = await self._operations.begin_reading(len(content))
        try:
            parameters = read_body(content)
            if isinstance(parameters, list):
                batch = await while_connected(
                    receive, self._batch(parameters, request_id, replace(options, streams=False))
                )
                return await self._encode(batch, headers)
            response = await while_connected(receive, self._execute(parameters, request_id, options, turn))
        finally:
            if turn is not None:
                turn.finish()
        if options.streams and (stream := self._stream(response, headers)):
            return stream
        return await self._encode(response, headers, None if parameters.registers else request)

    async def _get(
        self, query_string: bytes, headers: dict[bytes, bytes], receive: Receive, request_id: str
    ) -> HttpResponse | EventStream:
        if len(query_string) > MAX_URL_BYTES:
            raise RequestError(414, "URI_TOO_LONG", f"The URL is longer than {MAX_URL_BYTES} bytes; use POST.")
        if not (self._settings.allow_plain_get or was_preflighted(headers)):
            raise bad_request(
                "Blocked as a possible cross-site request forgery (CSRF): send the header "
                "`Apollo-Require-Preflight: 1`, or the Content-Type `application/json`."
            )
        request = (b"GET", query_string, headers.get(b"accept"), headers.get(b"accept-encoding"))
        use_cache = may_be_cached(headers)
        if use_cache and (ready := self._cache.get_exact(request)):
            return self._ready(ready, headers, READY)
        acceptable(headers)
        parameters = read_url(query_string)
        options = self._options(headers, safe=True, use_cache=use_cache)
        response = await while_connected(receive, self._execute(parameters, request_id, options))
        if options.streams and (stream := self._stream(response, headers)):
            return stream
        return await self._encode(response, headers, None if parameters.registers else request, tagged=True)

    def _stream(self, response: GraphQLResponse, headers: dict[bytes, bytes]) -> EventStream | None:
        """Return a response as a stream where it is a subscription's, or its client wants that of everything."""
        accept = headers.get(b"accept")
        media_type = negotiation.stream_type(accept)
        is_one = isinstance(response, FirstEvent)
        if media_type is None or not (is_one or (response.well_formed and negotiation.prefers_events(accept))):
            return None
        form = media_type if is_one else negotiation.EVENT_STREAM
        return EventStream(form, response, self._subscriptions, self._subscribers)

    def _options(self, headers: dict[bytes, bytes], *, safe: bool, use_cache: bool) -> RequestOptions:
        is_trusted = may_introspect(headers, self._settings)
        is_traced = headers.get(TRACE_HEADER) == b"ftv1"
        streams = negotiation.stream_type(headers.get(b"accept")) is not None
        explains = is_asked(headers)
        return RequestOptions(safe, use_cache, is_traced, explains, is_trusted=is_trusted, streams=streams)

    async def _batch(self, batch: list[Parameters], request_id: str, options: RequestOptions) -> GraphQLResponse:
        limit = self._settings.batch_limit
        if not limit:
            raise bad_request("Batched requests are not allowed here; send one operation a request.")
        if not 0 < len(batch) <= limit:
            raise bad_request(f"A batch holds 1 to {limit} operations.")
        left = self._settings.max_response_bytes

        async def bounded(parameters: Parameters) -> GraphQLResponse:
            nonlocal left
            if left >= 0:
                response = await self._item(parameters, request_id, options)
                left -= len(response.body)
            return response if left >= 0 else self._failed(_too_large(self._settings.max_response_bytes))

        turn = await self._operations.begin(float)
        try:
            responses = await gather(*map(bounded, batch))
            await turn.resume()
            names = ",".join(each.operation for each in responses)
            return GraphQLResponse(b"[" + b",".join(each.body for each in responses) + b"]", operation=names)
        finally:
            turn.finish()

    async def _item(self, parameters: Parameters, request_id: str, options: RequestOptions) -> GraphQLResponse:
        """Answer an operation of a batch, which has a span of its own."""
        with span("operation"):
            response = await self._execute(parameters, request_id, options)
            if response.origin is READY:
                annotate_operation(OperationType.QUERY, response.operation, is_ready=True)
            return response

    async def _execute(
        self, parameters: Parameters, request_id: str, options: RequestOptions, turn: Turn | None = None
    ) -> GraphQLResponse:
        try:
            return await self._operations.respond(parameters, request_id, options, turn)
        except RequestError as error:
            return self._failed(error, parameters.operation_name or "")

    def _failed(self, error: RequestError, operation: str = "") -> GraphQLResponse:
        for each in error.errors:
            self._operations.note_error(each["extensions"]["code"])
        body = body_of(error.errors, error.extensions)
        return GraphQLResponse(body, error.status, error.well_formed, headers=list(error.headers), operation=operation)

    async def _encode(
        self,
        response: GraphQLResponse,
        headers: dict[bytes, bytes],
        request: Request | None = None,
        *,
        tagged: bool = False,
    ) -> HttpResponse:
        """Give a response its HTTP form, with an entity tag if `tagged`, and keep it for the next such `request`."""
        media_type = negotiation.media_type(headers.get(b"accept")) or negotiation.JSON
        coding = negotiation.content_encoding(headers.get(b"accept-encoding"))
        content, origin = response.body, response.origin
        response_headers = [_CONTENT_TYPES[media_type], _VARY, *response.headers]
        if coding and len(content) >= MINIMUM_BYTES:
            content = (
                response.encode(coding) if len(content) < _THREAD_BYTES else await self._compress(response, coding)
            )
            response_headers.append((b"content-encoding", coding.encode()))
        response_headers.append((b"content-length", b"%d" % len(content)))
        tag = None
        if tagged and response.expires_clock is not None:
            tag = response.tag
            response_headers.append((b"etag", tag))
        status = 200 if response.well_formed and media_type == negotiation.JSON else response.status
        ready = CachedResponse(response, status, response_headers, content, tag)
        if response.key is not None:  # it is kept
            self._cache.weigh(response)
            if request is not None:
                self._cache.put_exact(request, ready)
        return self._ready(ready, headers, origin)

    async def _compress(self, response: GraphQLResponse, coding: str) -> bytes:
        """Compress a long body while the event loop goes on."""
        return await get_running_loop().run_in_executor(self._compressor, response.encode, coding)

    def _ready(self, ready: CachedResponse, headers: dict[bytes, bytes], origin: Headers) -> HttpResponse:
        freshness = self._freshness.headers(ready.response.expires_clock)
        if ready.tag and b"if-none-match" in headers and matches(headers[b"if-none-match"], ready.tag):
            return 304, [(b"etag", ready.tag), _VARY, *freshness, *origin], b"", ready.response.operation
        return ready.status, [*ready.headers, *freshness, *origin], ready.body, ready.response.operation


def _too_large(limit: int) -> RequestError:
    message = f"The responses of the batch have more than {limit} bytes together. Ask for less at once."
    return RequestError(400, "MAX_BYTES_EXCEEDED", message, well_formed=True)
