"""Documents: parsed and validated once, and kept."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cachetools import LRUCache
from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, parse, specified_rules, validate

from execution.internals import strawberry_errors

MAX_DOCUMENT_BYTES: Final = 256 * 1024
"""Text of all documents kept, in bytes as UTF-8. A parsed document takes about a hundred times that."""

DOCUMENT_BYTES: Final = 256
"""What a document counts for beside its text, so that there are at most a thousand of them."""


class Document(NamedTuple):
    """A document; `node` is None where it could not be parsed. It can be executed when it has no `errors`.

    `size` is what keeping it counts for.
    """

    node: DocumentNode | None
    errors: Sequence[GraphQLError]
    size: int


class Documents:
    """The documents asked of one schema, the least recently used ones dropped when they are too many or too long.

    Args:
        schema: what they are validated against, by the specification's rules and Strawberry's.
        rules: more rules to validate by.
        max_tokens: lexical tokens of a document; more are an error, found before the rest is read.
        max_characters: likewise.
        hide_suggestions: errors do not name what the schema has instead.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        rules: Sequence[type[ASTValidationRule]] = (),
        *,
        max_tokens: int | None = None,
        max_characters: int | None = None,
        hide_suggestions: bool = False,
    ) -> None:
        self._schema = schema
        self._rules = (*specified_rules, *rules)
        self._max_tokens = max_tokens
        self._max_characters = max_characters
        self._hide_suggestions = hide_suggestions
        self._kept: LRUCache[str, Document] = LRUCache(MAX_DOCUMENT_BYTES, getsizeof=lambda document: document.size)

    def load(self, text: str) -> Document:
        """Parse and validate a document, unless that was done before."""
        document = self._kept.get(text)
        if document is None:
            document = self._read(text)
            if document.size <= MAX_DOCUMENT_BYTES:
                self._kept[text] = document
        return document

    def _read(self, text: str) -> Document:
        size = DOCUMENT_BYTES + len(text.encode("utf-8", "surrogatepass"))
        try:
            node = parse(text, max_lexical_tokens=self._max_tokens, max_source_length=self._max_characters)
        except GraphQLError as error:
            # Its traceback would keep the parser's frames alive.
            return Document(None, (error.with_traceback(None),), size)
        errors = validate(self._schema, node, self._rules, hide_suggestions=self._hide_suggestions)
        return Document(node, tuple(errors or strawberry_errors(self._schema, node)), size)
