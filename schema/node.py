"""Relay's Node interface (GraphQL Global Object Identification Specification)."""

import strawberry


@strawberry.interface(
    description="Anything that can be found again by its global id: `nodeId` is unique among all types and is what "
    "`node` takes, while `id` is the catalogue's own (a participant's login) and unique within its type."
)
class Node:
    """The interface."""

    node_id: strawberry.ID = strawberry.field(
        description="The opaque id that is unique among all types; `node` and `nodes` take it."
    )
