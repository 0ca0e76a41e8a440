"""Documents: parsed and validated once, and kept."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, NamedTuple

from graphql import ASTValidationRule, DocumentNode, GraphQLError, GraphQLSchema, parse, specified_rules, validate
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

MAX_DOCUMENTS: Final = 1_000
MAX_BYTES: Final = 256 * 1024
"""Text of all documents kept, in bytes as UTF-8. A parsed document takes about a hundred times that."""


class Document(NamedTuple):
    """A document; `node` is None where it could not be parsed. It can be executed when it has no `errors`."""

    node: DocumentNode | None
    errors: Sequence[GraphQLError]


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
        self._rules = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule, *rules)
        self._most_tokens = max_tokens
        self._most_characters = max_characters
        self._hide_suggestions = hide_suggestions
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._bytes = 0

    def load(self, text: str) -> Document:
        """Parse and validate a document, unless that was done before."""
        document = self._kept.get(text)
        if document is None:
            document = self._read(text)
            self._keep(text, document)
        else:
            self._kept.move_to_end(text)
        return document

    def _read(self, text: str) -> Document:
        try:
            node = parse(text, max_lexical_tokens=self._most_tokens, max_source_length=self._most_characters)
        except GraphQLError as error:
            # Its traceback would keep the parser's frames alive.
            return Document(None, (error.with_traceback(None),))
        errors = validate(self._schema, node, self._rules, hide_suggestions=self._hide_suggestions)
        return Document(node, tuple(errors))

    def _keep(self, text: str, document: Document) -> None:
        size = _size(text)
        if size > MAX_BYTES:
            return
        self._kept[text] = document
        self._bytes += size
        while self._bytes > MAX_BYTES or len(self._kept) > MAX_DOCUMENTS:
            dropped, _ = self._kept.popitem(last=False)
            self._bytes -= _size(dropped)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
