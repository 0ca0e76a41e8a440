"""What a client sees. `schema.graphql`, beside this file, is the same in SDL."""

from typing import Final

from graphql import GraphQLEnumType
from strawberry import federation
from strawberry.schema.config import StrawberryConfig

from execution import LayeredExecutor
from execution.internals import graphql_schema, in_this_order, list_values_in_errors
from schema.incremental import describe_incremental
from schema.query import Query
from schema.scalars import SCALARS
from schema.sdl import api_sdl, is_of_federation
from schema.subgraph import subgraph_sdl
from schema.subscription import Subscription

FEDERATION_VERSION: Final = "2.9"
"""The newest version that Strawberry prints and that both Apollo's and Hive's composition accept."""


def build_schema() -> federation.Schema:
    """Build the schema, as an Apollo Federation 2 subgraph; what is federation's own stands last."""
    schema = federation.Schema(
        query=Query,
        subscription=Subscription,
        execution_context_class=LayeredExecutor,
        config=StrawberryConfig(scalar_map=SCALARS, enable_experimental_incremental_execution=True),
        federation_version=FEDERATION_VERSION,
    )
    describe_incremental(graphql_schema(schema))
    in_this_order(graphql_schema(schema), is_of_federation)
    for each in graphql_schema(schema).type_map.values():
        if isinstance(each, GraphQLEnumType):
            list_values_in_errors(each)
    return schema


__all__ = ["api_sdl", "build_schema", "subgraph_sdl"]
