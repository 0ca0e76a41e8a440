"""The schema in SDL for clients: what any tool can build (spec, 3.13), without what is for a federation router only."""

from dataclasses import replace
from typing import Final, TypeGuard

import strawberry
from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    ObjectTypeDefinitionNode,
    TypeDefinitionNode,
    build_ast_schema,
    parse,
    print_schema,
)

from execution.internals import graphql_schema
from schema.incremental import INCREMENTAL

_OF_FEDERATION: Final = ("_", "link__")
"""How the names of federation's own types and fields begin."""


def is_of_federation(name: str) -> bool:
    """Whether a type or a field is federation's own, by its name."""
    return name.startswith(_OF_FEDERATION) and not name.startswith("__")


def api_sdl(schema: strawberry.Schema) -> str:
    """Return the SDL for clients: the schema without federation's directives, and without its types and fields."""
    definitions = [each for each in parse(print_schema(graphql_schema(schema))).definitions if _is_for_clients(each)]
    definitions.sort(key=lambda each: each.name.value)
    built = build_ast_schema(DocumentNode(definitions=tuple(map(_without_fields, definitions))))
    return print_schema(built) + "\n"


def _is_for_clients(definition: DefinitionNode) -> TypeGuard[TypeDefinitionNode | DirectiveDefinitionNode]:
    if isinstance(definition, DirectiveDefinitionNode):
        return definition.name.value in INCREMENTAL  # of the others that are printed, all are federation's
    return isinstance(definition, TypeDefinitionNode) and not is_of_federation(definition.name.value)


def _without_fields(definition: TypeDefinitionNode | DirectiveDefinitionNode) -> DefinitionNode:
    if not isinstance(definition, ObjectTypeDefinitionNode):
        return definition
    fields = [field for field in definition.fields or () if not is_of_federation(field.name.value)]
    return replace(definition, fields=tuple(fields))
