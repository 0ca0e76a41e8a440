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
)

from execution.internals import strawberry_errors
from execution.operation import Operation
from execution.places import name_arguments
from execution.reading import parse_document, validation_errors
from execution.turns import Turn, Turns

MAX_BYTES: Final = 16 * 2**20
"""What all documents that are kept take, in bytes, roughly. A walk of the garbage collector through them is 0.1 s."""

MAX_LINES: Final = 5_000
"""Lines of a document: to find the place of an error may take as many steps, and each comment has one of its own."""

MAX_ERRORS: Final = 30
"""Errors of a document that are reported; to say what might have been meant takes a millisecond for each."""

SECONDS: Final = 12e-6
"""What to read a document takes for each byte of its text, roughly."""

TEXT_BYTES: Final = 100
"""What a parsed document takes for each byte of its text, roughly."""

FIELD_BYTES: Final = 512
"""What a field of a plan takes, roughly."""

DOCUMENT_BYTES: Final = 8 * 1024
"""What a document takes beside its text, roughly: its prepared operations, its errors."""


Prepare = Callable[[DocumentNode, OperationDefinitionNode], Operation]


class Document:
    """A document; `node` is None where it could not be parsed. It can be executed when it has no `errors`.

    `seconds` is what its operations took lately.
    """

    __slots__ = ("_operations", "_prepare", "_text_bytes", "errors", "node", "seconds")

    def __init__(
        self, node: DocumentNode | None, errors: Sequence[GraphQLError], text_bytes: int, prepare: Prepare
    ) -> None:
        self.node = node
        self.errors = errors
        self._text_bytes = text_bytes
        self._prepare = prepare
        self._operations: dict[str | None, Operation] = {}
        self.seconds = 0.0

    def took(self, seconds: float) -> None:
        """Note what an operation of it took; the longest counts most."""
        self.seconds = max(seconds, 0.9 * self.seconds)

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

    `hits` and `misses` count what it was asked for.
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
        self.hits = self.misses = 0
        self._kept: LRUCache[str, Document] = LRUCache(MAX_BYTES, getsizeof=lambda document: document.size)

    @property
    def size(self) -> int:
        """Bytes of all that are kept, roughly."""
        return int(self._kept.currsize)

    def expected(self, text: str) -> float:
        """Return how long an operation of this document will take, in seconds."""
        document = self._kept.get(text)
        return SECONDS * len(text) if document is None else document.seconds

    def known(self, text: str) -> Document | None:
        """Return a document that was loaded before."""
        try:
            document = self._kept[text]
        except KeyError:
            return None
        self.hits += 1
        return document

    async def load(self, text: str, turn: Turn | None = None) -> Document:
        """Parse and validate a document, unless that was done before; others run between one step and the next.

        Raises:
            OverloadedError: see `Turn.end`.
        """
        document = self._kept.get(text)
        if document is None:
            self.misses += 1
            document = await self._read(text, turn or Turn(Turns()))
            self._keep(text, document)
        return document

    async def _read(self, text: str, turn: Turn) -> Document:
        text_bytes = len(text.encode("utf-8", "surrogatepass"))
        prepare = partial(self._prepare, text)
        try:
            node = self._parsed(text)
        except GraphQLError as error:
            # Its traceback would keep the parser's frames alive.
            return Document(None, (error.with_traceback(None),), text_bytes, prepare)
        for check in (self._bounds, self._valid, partial(strawberry_errors, self._schema)):
            if turn.is_over:
                await turn.end()
            errors = check(node)
            if errors:
                name_arguments(node, errors)
                break
        return Document(node, tuple(errors), text_bytes, prepare)

    def _parsed(self, text: str) -> DocumentNode:
        if text.count("\n") + text.count("\r") > MAX_LINES:
            raise GraphQLError(f"Syntax Error: Document contains more than {MAX_LINES} lines. Parsing aborted.")
        return parse_document(text, self._max_tokens, self._max_characters)

    def _valid(self, node: DocumentNode) -> list[GraphQLError]:
        return validation_errors(self._schema, node, MAX_ERRORS, hide_suggestions=self._hide_suggestions)

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
