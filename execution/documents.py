"""Documents: parsed, validated and prepared once, and kept."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    validate,
)

from execution.internals import strawberry_errors
from execution.operation import Operation

MAX_BYTES: Final = 32 * 2**20
"""What all documents that are kept take, in bytes, roughly."""

TEXT_BYTES: Final = 100
"""What a parsed document takes for each byte of its text, roughly."""

FIELD_BYTES: Final = 512
"""What a field of a plan takes, roughly."""

DOCUMENT_BYTES: Final = 8 * 1024
"""What a document takes beside its text, roughly: its prepared operations, its errors."""


Prepare = Callable[[DocumentNode, OperationDefinitionNode], Operation]


class Document:
    """A document; `node` is None where it could not be parsed. It can be executed when it has no `errors`."""

    __slots__ = ("_operations", "_prepare", "_text_bytes", "errors", "node")

    def __init__(
        self, node: DocumentNode | None, errors: Sequence[GraphQLError], text_bytes: int, prepare: Prepare
    ) -> None:
        self.node = node
        self.errors = errors
        self._text_bytes = text_bytes
        self._prepare = prepare
        self._operations: dict[str | None, Operation] = {}

    @property
    def size(self) -> int:
        """What it takes, in bytes, roughly."""
        fields = sum(operation.size for operation in self._operations.values())
        return DOCUMENT_BYTES + TEXT_BYTES * self._text_bytes + FIELD_BYTES * fields

    def operation(self, name: str | None = None) -> Operation | None:
        """Return the operation of this name, prepared; None when there is none, or there are several and no name."""
        operation = self._operations.get(name)
        if operation is None and self.node is not None:
            node = get_operation_ast(self.node, name)
            if node is not None:
                operation = self._operations[name] = self._prepare(self.node, node)
        return operation


class Documents:
    """The documents asked of one schema, the least recently used ones dropped when they take more than `MAX_BYTES`.

    Args:
        schema: what they are validated against, by the specification's rules and Strawberry's.
        bounds: says why a document must not be validated; by default every one may.
        max_tokens: lexical tokens of a document; more are an error, found before the rest is read.
        max_characters: likewise.
        hide_suggestions: errors do not name what the schema has instead.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        bounds: Callable[[DocumentNode], Sequence[GraphQLError]] = lambda _: (),
        max_tokens: int | None = None,
        max_characters: int | None = None,
        hide_suggestions: bool = False,
    ) -> None:
        self._schema = schema
        self._bounds = bounds
        self._max_tokens = max_tokens
        self._max_characters = max_characters
        self._hide_suggestions = hide_suggestions
        self._kept: LRUCache[str, Document] = LRUCache(MAX_BYTES, getsizeof=lambda document: document.size)

    def load(self, text: str) -> Document:
        """Parse and validate a document, unless that was done before."""
        document = self._kept.get(text)
        if document is None:
            document = self._read(text)
            self._keep(text, document)
        return document

    def _read(self, text: str) -> Document:
        text_bytes = len(text.encode("utf-8", "surrogatepass"))
        prepare = partial(self._prepare, text)
        try:
            node = parse(text, max_lexical_tokens=self._max_tokens, max_source_length=self._max_characters)
        except GraphQLError as error:
            # Its traceback would keep the parser's frames alive.
            return Document(None, (error.with_traceback(None),), text_bytes, prepare)
        errors = self._bounds(node) or validate(self._schema, node, hide_suggestions=self._hide_suggestions)
        return Document(node, tuple(errors or strawberry_errors(self._schema, node)), text_bytes, prepare)

    def _prepare(self, text: str, document: DocumentNode, node: OperationDefinitionNode) -> Operation:
        fragments = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
        grew = partial(self._weigh, text)
        return Operation(self._schema, node, fragments, hide_suggestions=self._hide_suggestions, grew=grew)

    def _weigh(self, text: str) -> None:
        """Weigh a kept document again: it has another plan."""
        document = self._kept.pop(text, None)
        if document is not None:
            self._keep(text, document)

    def _keep(self, text: str, document: Document) -> None:
        if document.size <= MAX_BYTES:
            self._kept[text] = document
