"""What changed, for those who want only what is new."""

import strawberry

from catalogue import ChangeKind
from schema.connections import Page
from schema.node import Node


@strawberry.type(description="A record that was added, changed or removed.")
class Change:
    """A view of `resolvers.changes.ChangedRecord`."""

    kind: ChangeKind = strawberry.field(description="What happened to it, in all.")
    type_name: str = strawberry.field(description="Its type in this schema: `Package`, `Grid` or `Category`.")
    id: strawberry.ID = strawberry.field(description="The catalogue's id, unique within the type.")
    node_id: strawberry.ID = strawberry.field(description="The id that is unique among all types.")
    slug: str = strawberry.field(description="The name in URLs; the last one where the record is gone.")
    fields: list[str] = strawberry.field(
        description="Which of its fields are not what they were, as this schema names them; empty unless it changed."
    )
    record: Node | None = strawberry.field(description="The record as it is now; null when it is gone.")


@strawberry.type(description="A change's place in the connection.")
class ChangeEdge:
    """A view of `resolvers.connections.Edge`."""

    cursor: str = strawberry.field(description="The change's place, for `after`.")
    node: Change = strawberry.field(description="The change.")


@strawberry.type(description="A page of what changed, by type, then by id.")
class ChangeConnection(Page):
    """A view of `resolvers.changes.ChangeConnection`."""

    edges: list[ChangeEdge] = strawberry.field(description="The changes with their cursors.")
    nodes: list[Change] = strawberry.field(description="The changes without their cursors.")
    version: strawberry.ID = strawberry.field(
        description="Up to which `version` this page goes. The next time, ask from that of the first page."
    )
