"""From the parameters of a request to its response: document, operation, execution, response."""

import inspect
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import graphql
import msgspec
from graphql import (
    GraphQLError,
    GraphQLFormattedError,
    MiddlewareManager,
    OperationType,
    get_operation_ast,
)
from strawberry import Schema

from execution import (
    Document,
    Documents,
    Limits,
    Operation,
    OverloadedError,
    Result,
    Turn,
    Turns,
    encode,
    execute,
    remembered,
    rows_of,
    to_json,
)
from execution.internals import executor_class_of, graphql_schema
from web.errors import RequestError, are_of_request, field_error
from web.freshness import FOREVER, Freshness, Snapshot
from web.introspection import CODE, introspection
from web.limits import MAX_CHARACTERS, MAX_TOKENS, DocumentLimitError, DocumentLimits
from web.origin import executed
from web.parameters import Parameters
from web.persisted import PersistedDocuments
from web.responses import GraphQLResponse, ResponseCache
from web.tracing import Tracer
from web.variables import variable_errors


class Context(Protocol):
    """What the endpoint needs of the context that resolvers get."""

    layer_loaders: dict[Any, Any]

    reads: int
    """How many requests to the upstream the answer waited for."""

    @property
    def snapshot(self) -> Snapshot:
        """The state of the catalogue that it reads from."""

    @property
    def expires_clock(self) -> float:
        """Until when the answer holds, whatever the snapshot; infinity when it rests on the snapshot alone."""


class RequestOptions(NamedTuple):
    """How a request is answered.

    One that is `safe` (a GET) runs queries only. `use_cache` allows a ready answer. `is_traced` adds a trace for a
    router, which makes the answer this request's own. Who is not `trusted` may not read the schema.
    """

    safe: bool
    use_cache: bool = True
    is_traced: bool = False
    is_trusted: bool = True


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
        self._document_limits = document_limits
        self.turns = turns
        self.shed = 0
        self.errors: Counter[str] = Counter()
        self._hides_schema = hides_schema
        self._hides_suggestions = hides_suggestions
        self.loaded = Documents(
            self._schema,
            bounds=document_limits.errors,
            max_tokens=MAX_TOKENS,
            max_characters=MAX_CHARACTERS,
            hide_suggestions=hides_suggestions,
        )

    @property
    def rows_size(self) -> int:
        """Bytes of the rows that are remembered, roughly."""
        return rows_of(self._schema).size

    async def begin(self, expected: Callable[[], float]) -> Turn:
        """Wait for the first turn of an operation that is expected to take so long. Raises `RequestError` (503)."""
        try:
            return await self.turns.begin(expected)
        except OverloadedError:
            raise self._overloaded() from None

    async def respond(
        self, parameters: Parameters, request_id: str, options: RequestOptions, turn: Turn | None = None
    ) -> GraphQLResponse:
        """Answer one request, whose turn it may be already. Raises `RequestError`."""
        text = self._persisted.text(parameters)
        variables = parameters.variables or {}
        canonical = msgspec.json.encode(variables, order="sorted") if variables else b""
        key = (text, parameters.operation_name or None, canonical)
        if options.use_cache and not parameters.asks_cost and (known := self._cache.get(key)):
            self._persisted.register(parameters, text)
            return known
        document = self.loaded.known(text)
        if document is not None and not (options.is_traced or parameters.asks_cost):
            whole = self._remembered(self._checked(document, parameters, text, options), variables, options)
            if whole is not None:
                self._cache.put(key, whole, len(text) + len(canonical))
                return whole
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
        self.errors[formatted["extensions"]["code"]] += 1
        return formatted

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
        operation = self._checked(document, parameters, text, options)
        if options.is_traced:
            return await self._traced(operation, variables, request_id)
        context = self._new_context()
        held = turn.held
        result = await execute(operation, variables=variables, context=context, limits=self._limits, turn=turn)
        document.took(turn.held - held)
        if result.data in (None, b"null") and are_of_request(result.errors):
            raise self._refused(operation, variables, result.errors)
        moment, expires_clock = self._freshness.of(context.snapshot), context.expires_clock
        extensions = _extensions(moment.staleness)
        if asks_cost and (cost := operation.cost(variables)) is not None:
            extensions["cost"] = {"requestedQueryCost": cost, "maximumAvailable": self._limits.max_cost}
        body = encode(result, partial(self._field_error, operation=operation, request_id=request_id), extensions)
        is_own = asks_cost or not options.use_cache
        origin = executed(time.perf_counter() - started, context.reads, was_asked=is_own)
        is_kept = not (result.errors or asks_cost or self._introspections(document, text)) and operation.is_query
        if not is_kept or expires_clock <= time.monotonic():
            return GraphQLResponse(body, origin=origin, operation=operation.name)
        response = GraphQLResponse(
            body, expires_clock=expires_clock, edition=moment.edition, origin=origin, operation=operation.name
        )
        self._cache.put(key, response, len(text) + len(key[-1]))
        return response

    def _checked(self, document: Document, parameters: Parameters, text: str, options: RequestOptions) -> Operation:
        """Return the operation to run. Raises `RequestError`: it is none that this request may run."""
        name = parameters.operation_name or None
        if document.node is None:
            raise RequestError.of("GRAPHQL_PARSE_FAILED", document.errors)
        # Before validation: that a GET may not do this holds for a schema without mutations as well.
        given = get_operation_ast(document.node, name) if options.safe else None
        if given and given.operation is not OperationType.QUERY:
            message = "A GET runs queries only; use POST."
            raise RequestError(405, "METHOD_NOT_ALLOWED", message, headers=[(b"allow", b"POST")])
        if document.errors:
            raise RequestError.of("GRAPHQL_VALIDATION_FAILED", document.errors)
        if not options.is_trusted and (introspections := self._introspections(document, text)):
            raise RequestError.of(CODE, introspections)
        self._persisted.register(parameters, text)
        operation = self._operation(document, name)
        is_trusted = options.is_trusted and self._hides_schema
        try:
            self._document_limits.check_variables(parameters.variables or {}, is_trusted=is_trusted)
        except DocumentLimitError as error:
            raise RequestError.of("BAD_USER_INPUT", [error]) from None
        return operation

    def _introspections(self, document: Document, text: str) -> list[GraphQLError]:
        """Return an error for each place where a document reads a schema that not everybody may read."""
        return introspection(self._schema, text, document.node) if self._hides_schema and document.node else []

    def _operation(self, document: Document, name: str | None) -> Operation:
        operation = document.operation(name)
        if operation is None:
            several = "The document has several operations; `operationName` must name one."
            message = f"Unknown operation named '{name}'." if name else several
            raise RequestError(400, "OPERATION_RESOLUTION_FAILURE", message, well_formed=True)
        return operation

    def _refused(self, operation: Operation, variables: dict[str, Any], errors: Sequence[GraphQLError]) -> RequestError:
        """Make the error of a request that graphql-core refused to execute, mostly for its variables."""
        of_variables = variable_errors(self._schema, operation, variables, hide_suggestions=self._hides_suggestions)
        return RequestError.of("BAD_USER_INPUT", of_variables or errors)

    async def _traced(self, operation: Operation, variables: dict[str, Any], request_id: str) -> GraphQLResponse:
        tracer = Tracer()
        context = self._new_context()
        result = graphql.execute(
            self._schema,
            operation.document,
            context_value=context,
            variable_values=variables,
            executor_class=self._executor_class,
            middleware=MiddlewareManager(tracer),
            hide_suggestions=self._hides_suggestions,
        )
        result = await result if inspect.isawaitable(result) else result
        errors = result.errors or []
        if result.data is None and are_of_request(errors):
            raise self._refused(operation, variables, errors)
        formatted = [self._field_error(error, operation, request_id) for error in errors]
        response = {"errors": formatted} if errors else {}
        extensions = {**tracer.extensions(formatted), **_extensions(context.snapshot.staleness)}
        body = to_json({**response, "data": result.data, "extensions": extensions})
        return GraphQLResponse(body, operation=operation.name)


def _extensions(staleness: dict[str, Any] | None) -> dict[str, Any]:
    return {} if staleness is None else {"staleness": staleness}
