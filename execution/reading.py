"""Reading a document: parsed and validated as graphql-core does it, into what takes less, and leaves less behind."""

import re
from bisect import bisect_left
from collections.abc import Callable
from functools import cached_property
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    Location,
    Source,
    SourceLocation,
    Token,
    ValidationContext,
    ValidationRule,
    specified_rules,
    validate,
)

from execution.internals import Parser, first_token, nested_too_deeply_error


class _Text(Source):
    """A source that finds a line without going through those before it, as often as there is an error."""

    @cached_property
    def _breaks(self) -> list[tuple[int, ...]]:
        return [match.span() for match in re.finditer(r"\r\n|[\n\r]", self.body)]

    def get_location(self, position: int) -> SourceLocation:
        """Get the line and column of a position."""
        breaks = bisect_left(self._breaks, (position,))
        start = self._breaks[breaks - 1][1] if breaks else 0
        return SourceLocation(1 + breaks, 1 + position - start)


class _Parser(Parser):
    """Keeps no tokens: they are half of what a document takes, and refer to each other back and forth."""

    def loc(self, start_token: Token) -> Location | None:
        """Return a location by characters alone."""
        location = super().loc(start_token)
        if location is not None:
            location.start_token = location.end_token = None  # type: ignore[assignment]
        return location


def parse_document(text: str, max_tokens: int | None, max_characters: int | None) -> DocumentNode:
    """Parse a document, as graphql-core's `parse` does, into what takes less.

    Raises:
        GraphQLError: it is none, or has too much of something.
    """
    parser = _Parser(_Text(text), max_lexical_tokens=max_tokens, max_source_length=max_characters)
    token: Token | None = first_token(parser)
    try:
        return parser.parse_document()
    except RecursionError:
        pass
    finally:
        while token is not None:
            token.prev, token.next, token = None, None, token.next
    raise nested_too_deeply_error(parser)


def validation_errors(
    schema: GraphQLSchema, document: DocumentNode, max_errors: int, *, hide_suggestions: bool
) -> list[GraphQLError]:
    """Validate a document as graphql-core's `validate` does, and leave little behind for the garbage collector.

    Each rule refers to itself, hence would keep all that it compared.
    """
    made: list[ValidationRule] = []

    def keeping(rule: type[Any]) -> Callable[[ValidationContext], ValidationRule]:
        def make(context: ValidationContext) -> ValidationRule:
            made.append(rule(context))
            return made[-1]

        return make

    rules: Any = list(map(keeping, specified_rules))
    errors = validate(schema, document, rules, max_errors, hide_suggestions=hide_suggestions)
    for each in made:
        vars(each).clear()
    return errors
