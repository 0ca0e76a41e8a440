"""The committed SDL is what is served, and everything in it says what it means."""

from pathlib import Path

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    find_schema_changes,
    specified_directives,
)

from schema import api_sdl
from schema.incremental import INCREMENTAL
from tests.queries import SCHEMA

SDL = Path(__file__).parents[2] / "schema" / "schema.graphql"


def test_the_committed_sdl_is_up_to_date() -> None:
    committed, served = SDL.read_text(), api_sdl(SCHEMA)
    changes = find_schema_changes(build_schema(committed), build_schema(served))
    listed = "\n".join(f"{change.type.name}: {change.description}" for change in changes)
    assert committed == served, f"run `make schema`; what clients will notice:\n{listed}"


def test_clients_get_the_schema_without_what_is_federations() -> None:
    built = build_schema(api_sdl(SCHEMA))
    names = {name for name in built.type_map if not name.startswith("__")}
    served = {name for name in SCHEMA._schema.type_map if not name.startswith(("_", "link__"))}
    assert names == served
    assert {each.name for each in built.directives} == {each.name for each in specified_directives} | set(INCREMENTAL)
    changes = [change.description for change in find_schema_changes(built, SCHEMA._schema)]
    assert [each for each in changes if "_" not in each and not each.startswith("Directive @")] == []


def test_what_may_be_null_says_when() -> None:
    silent = [
        f"{name}.{field_name}"
        for name, each in build_schema(SDL.read_text()).type_map.items()
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType) and not name.startswith("__")
        for field_name, field in each.fields.items()
        if not isinstance(field.type, GraphQLNonNull) and "null" not in (field.description or "").lower()
    ]
    assert silent == []


def test_everything_has_a_description() -> None:
    bare: list[str] = []
    for name, each in SCHEMA._schema.type_map.items():
        if name.startswith("_") or "__" in name:
            continue  # the specification's and federation's own
        if not each.description:
            bare.append(name)
        if isinstance(each, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field_name, field in each.fields.items():
                places = {f"{name}.{field_name}": field, **getattr(field, "args", {})}
                bare += [place for place, item in places.items() if not item.description]
        if isinstance(each, GraphQLEnumType):
            bare += [f"{name}.{value}" for value, item in each.values.items() if not item.description]
    for directive in INCREMENTAL.values():
        bare += [f"@{directive.name}.{name}" for name, each in directive.args.items() if not each.description]
    builtin = {"Query._entities", "representations", "Query._service"}
    assert [place for place in bare if place not in builtin] == []
