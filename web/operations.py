"""From the parameters of a request to its response: document, operation, execution, response."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec
from graphql import GraphQLError, GraphQLFormattedError
from strawberry import Schema

from execution import (
    Documents,
    Explanation,
    Limits,
    Operation,
    OverloadedError,
    Result,
    RowCache,
    Turn,
    Turns,
    encode,
    execute,
    remembered,
    rows_of,
    to_json,
)
from execution.internals import executor_class_of, graphql_schema
from spans import span
from web.checks import Checks, RequestOptions
from web.context import Context
from web.errors import RequestError, are_of_request, field_error
from web.explain import Explainer
from web.freshness import FOREVER, Freshness
from web.limits import MAX_CHARACTERS, MAX_TOKENS, DocumentLimits
from web.origin import executed
from web.parameters import LONG_BYTES, SECONDS_A_BYTE, Parameters
from web.persisted import PersistedDocuments, UnknownDocumentError
from web.responses import GraphQLResponse, ResponseCache
from web.subscriptions import Event, FirstEvent, Topic
from web.tasks import in_task
from web.traces import annotate_error


class Operations:
    """Answers GraphQL requests with one schema.

    `new_context` makes the context of one request; `limits` are those of one response, `document_limits` those of what
    asks for it. Operations take `turns` at the event loop. With `hides_schema`, only trusted requests may read the
    schema; with `hides_suggestions`, errors do not name what the schema has instead. `shed` counts operations that were
    refused for lack of time, `errors` what was told to clients, by code; `loaded` are the documents that are kept.
    """

    def __init__(
        self,
        schema: Schema,
        new_context: Callable[[], Context],
        documents: PersistedDocuments,
        cache: ResponseCache,
        freshness: Freshness,
        limits: Limits,
        document_limits: DocumentLimits,
        turns: Turns,
        *,
        hides_schema: bool,
        hides_suggestions: bool,
    ) -> None:
        self._schema = graphql_schema(schema)
        self._executor_class = executor_class_of(schema)
        self._new_context = new_context
        self._persisted = documents
        self._cache = cache
        self._freshness = freshness
        self._limits = limits
        self._explainer = Explainer(limits, document_limits)
        self.turns = turns
        self.shed = 0
        self.errors: Counter[str] = Counter()
        self._checks = Checks(
            self._schema, documents, document_limits, hides_schema=hides_schema, hides_suggestions=hides_suggestions
        )
        self.loaded = Documents(
            self._schema,
            bounds=document_limits.errors,
            max_tokens=MAX_TOKENS,
            max_characters=MAX_CHARACTERS,
            hide_suggestions=hides_suggestions,
        )

    @property
    def shared_lookups(self) -> Mapping[str, int]:
        """What came of asking other gateways for documents."""
        return self._persisted.shared.lookups if self._persisted.shared is not None else {}

    @property
    def rows(self) -> RowCache:
        """What is remembered from one operation to the next."""
        return rows_of(self._schema)

    async def begin(self, expected: Callable[[], float]) -> Turn:
        """Wait for the first turn of an operation that is expected to take so long. Raises `RequestError` (503)."""
        try:
            return await self.turns.begin(expected)
        except OverloadedError:
            raise self._overloaded() from None

    async def begin_reading(self, size: int) -> Turn | None:
        """Wait for a turn where what is asked has so many bytes that reading it takes long. Raises `RequestError`."""
        return await self.begin(lambda: size * SECONDS_A_BYTE) if size > LONG_BYTES else None

    async def respond(
        self, parameters: Parameters, request_id: str, options: RequestOptions, turn: Turn | None = None
    ) -> GraphQLResponse:
        """Answer one request, whose turn it may be already. Raises `RequestError`."""
        try:
            text = self._persisted.text(parameters)
        except UnknownDocumentError as unknown:
            await in_task()
            text = await self._persisted.look_up(unknown)
        variables = parameters.variables or {}
        canonical = msgspec.json.encode(variables, order="sorted") if variables else b""
        key = (text, parameters.operation_name or None, canonical)
        is_own = options.is_traced or options.is_explained or parameters.asks_cost
        if options.use_cache and not is_own and (known := self._cache.get(key)):
            if parameters.registers:
                self._persisted.register(parameters, text)
            return known
        document = self.loaded.known(text)
        if document is not None and not is_own:
            whole = self._remembered(self._checks.operation(document, parameters, text, options), variables, options)
            if whole is not None:
                self._cache.put(key, whole, len(text) + len(canonical))
                return whole
        await in_task()
        own = turn or await self.begin(partial(self.loaded.expected, text))
        try:
            return await self._execute(parameters, text, key, request_id, options, own)
        except OverloadedError:
            raise self._overloaded() from None
        finally:
            if turn is None:
                own.finish()

    def _remembered(
        self, operation: Operation, variables: dict[str, Any], options: RequestOptions
    ) -> GraphQLResponse | None:
        """Answer from what the executor remembers, where that is all; like a ready answer it takes no turn."""
        started = time.perf_counter()
        snapshot = self._freshness.snapshot
        data = remembered(operation, variables=variables, snapshot=snapshot, limits=self._limits)
        if data is None:
            return None
        moment = self._freshness.of(snapshot)
        body = encode(Result(data, []), extensions=_extensions(moment.staleness))
        origin = executed(time.perf_counter() - started, 0, was_asked=not options.use_cache)
        return GraphQLResponse(
            body, expires_clock=FOREVER, edition=moment.edition, origin=origin, operation=operation.name
        )

    def _field_error(self, error: GraphQLError, operation: Operation, request_id: str) -> GraphQLFormattedError:
        formatted = field_error(error, operation, request_id)
        self.note_error(formatted["extensions"]["code"])
        return formatted

    def note_error(self, code: str) -> None:
        """Note what a client is told."""
        self.errors[code] += 1
        annotate_error(code)

    def _overloaded(self) -> RequestError:
        self.shed += 1
        message = "Too many operations are under way; try again."
        return RequestError(503, "OVERLOADED", message, headers=[(b"retry-after", b"1")])

    async def _execute(
        self,
        parameters: Parameters,
        text: str,
        key: tuple[str, str | None, bytes],
        request_id: str,
        options: RequestOptions,
        turn: Turn,
    ) -> GraphQLResponse:
        variables, asks_cost = parameters.variables or {}, parameters.asks_cost
        started = time.perf_counter()
        document = await self.loaded.load(text, turn)
        operation = self._checks.operation(document, parameters, text, options)
        if options.is_traced and not operation.is_subscription:
            return await self._traced(operation, variables, request_id)
        context = self._new_context()
        held = turn.held
        explanation = Explanation() if options.is_explained else None
        result = await execute(
            operation, variables=variables, context=context, limits=self._limits, turn=turn, explanation=explanation
        )
        document.took(turn.held - held)
        if operation.is_subscription:
            return self._first(Topic(text, key[1], variables, key[2]), operation, result, context, request_id)
        explained = self._explainer.extensions(explanation, operation, result, context) if explanation else {}
        if result.data in (None, b"null") and are_of_request(result.errors):
            raise self._checks.refused(operation, variables, result.errors, explained)
        moment, expires_clock = self._freshness.of(context.snapshot), context.expires_clock
        extensions = {**_extensions(moment.staleness), **explained}
        if asks_cost and (cost := operation.cost(variables)) is not None:
            extensions["cost"] = {"requestedQueryCost": cost, "maximumAvailable": self._limits.max_cost}
        body = encode(result, partial(self._field_error, operation=operation, request_id=request_id), extensions)
        is_own = asks_cost or options.is_explained
        origin = executed(time.perf_counter() - started, context.reads, was_asked=is_own or not options.use_cache)
        is_kept = not (result.errors or is_own or self._checks.introspections(document, text)) and operation.is_query
        if not is_kept or expires_clock <= time.monotonic():
            return GraphQLResponse(body, origin=origin, operation=operation.name)
        response = GraphQLResponse(
            body, expires_clock=expires_clock, edition=moment.edition, origin=origin, operation=operation.name
        )
        self._cache.put(key, response, len(text) + len(key[-1]))
        return response

    def _first(
        self, topic: Topic, operation: Operation, result: Result, context: Context, request_id: str
    ) -> FirstEvent:
        """Return the first event of a subscription. Raises `RequestError`: there will be none."""
        if result.data in (None, b"null"):
            if are_of_request(result.errors):
                raise self._checks.refused(operation, topic.variables, result.errors)
            refused = RequestError(400, "BAD_USER_INPUT", result.errors[0].message, well_formed=True)
            refused.errors = [field_error(each, operation, request_id) for each in result.errors]
            raise refused
        event = self._event(operation, result, context, request_id)
        return FirstEvent(event.body, operation=operation.name, topic=topic, number=event.number)

    async def event(self, topic: Topic, since: int) -> Event:
        """Make the event of a topic for who was told of a snapshot last. Raises `RequestError` (503)."""
        turn = await self.begin(partial(self.loaded.expected, topic.text))
        try:
            document = await self.loaded.load(topic.text, turn)
            operation = document.operation(topic.name)
            assert operation is not None
            context = self._new_context()
            context.since = since
            with span("event"):
                result = await execute(
                    operation, variables=topic.variables, context=context, limits=self._limits, turn=turn
                )
        except OverloadedError:
            raise self._overloaded() from None
        finally:
            turn.finish()
        return self._event(operation, result, context, "")

    def _event(self, operation: Operation, result: Result, context: Context, request_id: str) -> Event:
        number, staleness = context.snapshot.number, self._freshness.of(context.snapshot).staleness
        if not (context.is_news or result.errors):
            return Event(number, b"")
        as_told = partial(self._field_error, operation=operation, request_id=request_id)
        return Event(number, encode(result, as_told, _extensions(staleness)))

    async def _traced(self, operation: Operation, variables: dict[str, Any], request_id: str) -> GraphQLResponse:
        from web.tracing import traced  # with a library that nothing else needs

        context = self._new_context()
        result, tracer = await traced(operation, variables, context, self._executor_class)
        errors = result.errors or []
        if result.data is None and are_of_request(errors):
            raise self._checks.refused(operation, variables, errors)
        formatted = [self._field_error(error, operation, request_id) for error in errors]
        response = {"errors": formatted} if errors else {}
        extensions = {**tracer.extensions(formatted), **_extensions(context.snapshot.staleness)}
        body = to_json({**response, "data": result.data, "extensions": extensions})
        return GraphQLResponse(body, operation=operation.name)


def _extensions(staleness: dict[str, Any] | None) -> dict[str, Any]:
    return {} if staleness is None else {"staleness": staleness}
