"""What Apollo Federation asks of a subgraph: its entities, and the SDL that goes into composition."""

from dataclasses import replace
from typing import Annotated, Final

import strawberry
from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    parse,
    print_ast,
)

from schema.category import Category
from schema.grid import Grid
from schema.incremental import INCREMENTAL
from schema.package import Package
from schema.participant import Participant

NOT_IN_GRAPHS: Final = {"Node", "Query.node", "Query.nodes"}
"""Relay's way in: each subgraph has its own, and they do not compose. In a graph, `_entities` finds things again."""

Entity = Annotated[Category | Grid | Package | Participant, strawberry.union("_Entity")]


@strawberry.type(name="_Service", description="This subgraph, for composition.")
class Service:
    """What `_service` answers."""

    sdl: str = strawberry.field(description="The schema that goes into composition, with its federation directives.")


def service(info: strawberry.Info) -> Service:
    """Answer `_service`."""
    return Service(sdl=subgraph_sdl(info.schema))


def subgraph_sdl(schema: strawberry.Schema) -> str:
    """Return the SDL for composition: the schema without Relay's way in and without federation's own fields.

    Scalars and shareable types lose their descriptions, and scalars `@specifiedBy`: other subgraphs define the same in
    other words, and composition warns of every difference.
    """
    definitions = parse(schema.as_str()).definitions
    return print_ast(DocumentNode(definitions=tuple(map(_composable, filter(_is_in_graphs, definitions)))))


def _is_in_graphs(definition: DefinitionNode) -> bool:
    if isinstance(definition, DirectiveDefinitionNode):
        return definition.name.value not in INCREMENTAL  # routers have their own, and ask subgraphs without them
    return not isinstance(definition, TypeDefinitionNode) or _composes(definition.name.value)


def _composes(name: str, parent: str = "") -> bool:
    return not name.startswith("_") and f"{parent}{name}" not in NOT_IN_GRAPHS


def _is_composable(field: FieldDefinitionNode, parent: str) -> bool:
    """Whether a field has a place in graphs, and its type too."""
    type_name = print_ast(field.type).strip("[]!")
    return _composes(field.name.value, parent) and _composes(type_name)


def _composable(definition: DefinitionNode) -> DefinitionNode:
    if isinstance(definition, ScalarTypeDefinitionNode):
        directives = [each for each in definition.directives or () if each.name.value != "specifiedBy"]
        return replace(definition, description=None, directives=tuple(directives))
    if not isinstance(definition, ObjectTypeDefinitionNode):
        return definition
    fields = [field for field in definition.fields or () if _is_composable(field, f"{definition.name.value}.")]
    interfaces = [each for each in definition.interfaces or () if _composes(each.name.value)]
    definition = replace(definition, interfaces=tuple(interfaces), fields=tuple(fields))
    if all(directive.name.value != "shareable" for directive in definition.directives or ()):
        return definition
    return replace(definition, description=None, fields=tuple(replace(field, description=None) for field in fields))
