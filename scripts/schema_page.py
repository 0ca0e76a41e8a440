"""Makes docs/schema.md from the schema's SDL: every type with its fields and arguments."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLType,
    GraphQLUnionType,
    ast_from_value,
    build_schema,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
    print_ast,
)
from graphql.pyutils import Undefined

SDL: Final = Path(__file__).parents[1] / "schema" / "schema.graphql"

_PAGES = ("Connection", "Edge", "PageInfo")
"""How the names of Relay's types end."""


def schema_lines() -> list[str]:
    """Return the page's lines below its title and introduction."""
    schema = build_schema(SDL.read_text(encoding="utf-8"))
    return [line for title, types in _groups(schema) for line in ("", f"## {title}", *_blocks(schema, types))]


def _groups(schema: GraphQLSchema) -> Iterator[tuple[str, list[GraphQLNamedType]]]:
    named = sorted(schema.type_map.values(), key=lambda each: each.name)
    known = [each for each in named if not (is_introspection_type(each) or is_specified_scalar_type(each))]
    objects = [each for each in known if isinstance(each, GraphQLObjectType) and each is not schema.query_type]
    yield "Queries", [each for each in known if each is schema.query_type]
    yield "Types", [each for each in objects if not each.name.endswith(_PAGES)]
    yield "Interfaces and unions", [each for each in known if isinstance(each, GraphQLInterfaceType | GraphQLUnionType)]
    yield "Connections", [each for each in objects if each.name.endswith(_PAGES)]
    yield "Inputs", [each for each in known if isinstance(each, GraphQLInputObjectType)]
    yield "Enums", [each for each in known if isinstance(each, GraphQLEnumType)]
    yield "Scalars", [each for each in known if isinstance(each, GraphQLScalarType)]


def _blocks(schema: GraphQLSchema, types: list[GraphQLNamedType]) -> Iterator[str]:
    for type_ in types:
        yield from ("", f"### {type_.name}", _text(type_.description), *_relations(schema, type_), "")
        if isinstance(type_, GraphQLEnumType):
            yield from ("| value | what it means |", "|---|---|")
            yield from (f"| `{name}` | {_text(value.description)} |" for name, value in type_.values.items())
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            yield from ("| field | type | what it is |", "|---|---|---|")
            for name, field in type_.fields.items():
                yield from _rows(name, field)


def _relations(schema: GraphQLSchema, type_: GraphQLNamedType) -> Iterator[str]:
    """Say what a type implements, or what is one of an abstract type."""
    if isinstance(type_, GraphQLObjectType) and type_.interfaces:
        yield f"Implements {', '.join(map(_link, type_.interfaces))}."
    if isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
        yield f"One of {', '.join(map(_link, schema.get_possible_types(type_)))}."


def _rows(name: str, field: GraphQLField | GraphQLInputField) -> Iterator[str]:
    default = _default(field) if isinstance(field, GraphQLInputField) else ""
    yield f"| `{name}` | {_link(field.type)}{default} | {_text(field.description)}{_deprecation(field)} |"
    for key, each in field.args.items() if isinstance(field, GraphQLField) else ():
        what = _text(each.description) + _deprecation(each)
        yield f"| ↳\N{NO-BREAK SPACE}`{key}` | {_link(each.type)}{_default(each)} | {what} |"


def _default(value: GraphQLArgument | GraphQLInputField) -> str:
    if value.default_value is Undefined:
        return ""
    node = ast_from_value(value.default_value, value.type)
    return f" = `{print_ast(node)}`" if node else ""


def _deprecation(value: GraphQLField | GraphQLArgument | GraphQLInputField) -> str:
    return f" **Deprecated:** {_text(value.deprecation_reason)}" if value.deprecation_reason else ""


def _link(type_: GraphQLType) -> str:
    """Return a type with a link to where its page has it."""
    named = get_named_type(type_)
    text = str(type_).replace("[", "\\[").replace("]", "\\]")
    if is_specified_scalar_type(named):
        return text
    return text.replace(named.name, f"[{named.name}](#{named.name.lower()})")


def _text(description: str | None) -> str:
    return " ".join((description or "").split()).replace("|", "\\|")
