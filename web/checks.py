"""Which operation a request may run, and what is said of one that may not."""

from collections.abc import Sequence
from typing import Any, Final

from graphql import GraphQLError, GraphQLSchema, OperationDefinitionNode, OperationType, get_operation_ast
from msgspec import Struct

from execution import Document, Operation
from web.errors import RequestError
from web.introspection import CODE, introspection
from web.limits import DocumentLimitError, DocumentLimits
from web.parameters import Parameters
from web.persisted import PersistedDocuments
from web.traces import annotate_operation
from web.variables import variable_errors

MAX_NAMED: Final = 5
"""Operations of a document that an error names."""

NO_STREAM: Final = (
    "A subscription is answered as a stream: ask with `Accept: text/event-stream`, or over a WebSocket "
    "(`graphql-transport-ws`)."
)


class RequestOptions(Struct, frozen=True):
    """How a request is answered.

    One that is `safe` (a GET) runs queries only. `use_cache` allows a ready answer. `is_traced` adds a trace for a
    router, `is_explained` an explanation; either makes the answer this request's own. Who is not `trusted` may not read
    the schema. Only where the answer `streams` may it be a subscription's.
    """

    safe: bool
    use_cache: bool = True
    is_traced: bool = False
    is_explained: bool = False
    is_trusted: bool = True
    streams: bool = False


class Checks:
    """Checks what is asked, before it runs.

    With `hides_schema`, only trusted requests may read the schema; with `hides_suggestions`, errors do not name what
    the schema has instead.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        persisted: PersistedDocuments,
        limits: DocumentLimits,
        *,
        hides_schema: bool,
        hides_suggestions: bool,
    ) -> None:
        self._schema = schema
        self._persisted = persisted
        self._document_limits = limits
        self._hides_schema = hides_schema
        self._hides_suggestions = hides_suggestions

    def operation(self, document: Document, parameters: Parameters, text: str, options: RequestOptions) -> Operation:
        """Return the operation to run. Raises `RequestError`: it is none that this request may run."""
        name = parameters.operation_name or None
        if document.node is None:
            raise RequestError.of("GRAPHQL_PARSE_FAILED", document.errors)
        # Before validation: that a GET may not do this holds for a schema without mutations as well.
        given = get_operation_ast(document.node, name) if options.safe else None
        if given and given.operation is OperationType.MUTATION:
            message = "A GET runs queries only; use POST."
            raise RequestError(405, "METHOD_NOT_ALLOWED", message, headers=[(b"allow", b"POST")])
        if document.errors:
            raise RequestError.of("GRAPHQL_VALIDATION_FAILED", document.errors)
        if not options.is_trusted and (introspections := self.introspections(document, text)):
            raise RequestError.of(CODE, introspections)
        if parameters.registers:
            self._persisted.register(parameters, text)
        operation = _named(document, name)
        if operation.is_subscription and not options.streams:
            raise RequestError(406, "SUBSCRIPTION_NEEDS_STREAM", NO_STREAM)
        is_trusted = options.is_trusted and self._hides_schema
        try:
            self._document_limits.check_variables(parameters.variables or {}, is_trusted=is_trusted)
        except DocumentLimitError as error:
            raise RequestError.of("BAD_USER_INPUT", [error]) from None
        return operation

    def introspections(self, document: Document, text: str) -> list[GraphQLError]:
        """Return an error for each place where a document reads a schema that not everybody may read."""
        return introspection(self._schema, text, document.node) if self._hides_schema and document.node else []

    def refused(
        self,
        operation: Operation,
        variables: dict[str, Any],
        errors: Sequence[GraphQLError],
        extensions: dict[str, Any] | None = None,
    ) -> RequestError:
        """Make the error of a request that graphql-core refused to execute, mostly for its variables."""
        of_variables = variable_errors(self._schema, operation, variables, hide_suggestions=self._hides_suggestions)
        refused = RequestError.of("BAD_USER_INPUT", of_variables or errors)
        refused.extensions = extensions or {}
        return refused


def _operations(document: Document) -> str:
    """Return the names of a document's operations, of the first ones where there are many."""
    nodes = document.node.definitions if document.node else ()
    names = [each.name.value for each in nodes if isinstance(each, OperationDefinitionNode) and each.name]
    return ", ".join(f"'{name}'" for name in names[:MAX_NAMED]) or "one without a name"


def _named(document: Document, name: str | None) -> Operation:
    operation = document.operation(name)
    if operation is None:
        several = "The document has several operations; `operationName` must name one."
        unknown = f"Unknown operation named '{name}'; the document has {_operations(document)}."
        message = unknown if name else several
        raise RequestError(400, "OPERATION_RESOLUTION_FAILURE", message, well_formed=True)
    annotate_operation(operation.node.operation, operation.name)
    return operation
