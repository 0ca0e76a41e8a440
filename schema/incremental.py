"""The directives of incremental delivery: allowed, as clients and their tools need them, and ignored (docs/http.md).

Strawberry allows graphql-core's, which describe what does not happen here.
"""

from typing import Final

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLDeferDirective,
    GraphQLDirective,
    GraphQLInt,
    GraphQLNonNull,
    GraphQLSchema,
    GraphQLStreamDirective,
    GraphQLString,
)

_ARGUMENTS: Final = {
    "if": GraphQLArgument(GraphQLNonNull(GraphQLBoolean), default_value=True, description="Changes nothing."),
    "label": GraphQLArgument(GraphQLString, description="A name that the client gives, once in an operation."),
}

_DEFER: Final = GraphQLDirective(
    GraphQLDeferDirective.name,
    GraphQLDeferDirective.locations,
    _ARGUMENTS,
    description="The client can wait for this fragment. It need not: every answer comes whole, in one response.",
)

_STREAM: Final = GraphQLDirective(
    GraphQLStreamDirective.name,
    GraphQLStreamDirective.locations,
    {
        **_ARGUMENTS,
        "initialCount": GraphQLArgument(
            GraphQLInt, default_value=0, description="How many items the client needs at once; it gets all of them."
        ),
    },
    description="The client can wait for items of this list. It need not: every answer comes whole, in one response.",
)

INCREMENTAL: Final = {_DEFER.name: _DEFER, _STREAM.name: _STREAM}


def describe_incremental(schema: GraphQLSchema) -> None:
    """Let a schema that has these directives describe them as they are here."""
    schema.directives = tuple(INCREMENTAL.get(each.name, each) for each in schema.directives)
