"""What a client sees. `schema.graphql`, beside this file, is the same in SDL."""

from typing import Final

from strawberry import federation
from strawberry.schema.config import StrawberryConfig

from execution import LayeredExecutor
from schema.query import Query
from schema.scalars import SCALARS
from schema.sdl import api_sdl
from schema.subgraph import subgraph_sdl

FEDERATION_VERSION: Final = "2.9"
"""The newest version that Strawberry prints and that both Apollo's and Hive's composition accept."""


def build_schema() -> federation.Schema:
    """Build the schema, as an Apollo Federation 2 subgraph."""
    return federation.Schema(
        query=Query,
        execution_context_class=LayeredExecutor,
        config=StrawberryConfig(scalar_map=SCALARS),
        federation_version=FEDERATION_VERSION,
    )


__all__ = ["api_sdl", "build_schema", "subgraph_sdl"]
