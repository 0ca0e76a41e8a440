"""Operations over any schema, for Hypothesis: fragments, aliases, directives, variables, arguments good and bad."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    is_composite_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)
from hypothesis import strategies as st

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
Values = Mapping[str, Sequence[Any]]
"""Values worth trying, by the name of the argument or input field; `field.argument` goes before `argument`."""


KINDS = (*["field"] * 6, "on", "spread", "inline", "typename")
MOSTLY_NOT = (*[True] * 9, False)


@dataclass(frozen=True)
class Operation:
    """A document with one operation, and its variables."""

    text: str
    variables: dict[str, Any]


@st.composite
def operations(
    draw: st.DrawFn, schema: GraphQLSchema, values: Values, left_out: frozenset[str] = frozenset(), depth: int = 4
) -> Operation:
    """Draw an operation; `left_out` are names of fields that are not asked for."""
    assert schema.query_type is not None
    writer = _Writer(draw, schema, values, left_out)
    selections = writer.selections(schema.query_type, depth)
    header = f"query Drawn({' '.join(writer.declared)})" if writer.declared else "query Drawn"
    return Operation(" ".join([header, selections, *writer.fragments]), writer.variables)


@dataclass
class _Writer:
    draw: Callable[[st.SearchStrategy[Any]], Any]
    schema: GraphQLSchema
    values: Values
    left_out: frozenset[str]
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    fragment_types: list[tuple[str, Composite]] = field(default_factory=list)
    aliases: int = 0

    def selections(self, type_: Composite, depth: int) -> str:
        count = self.one_of([1, 2, 3, 4] if depth > 1 else [2, 3, 5])
        return "{ " + " ".join(self.selection(type_, depth) for _ in range(count)) + " }"

    def selection(self, type_: Composite, depth: int) -> str:
        kind = self.one_of(KINDS)
        directive = self.directive()
        if depth > 1 and (kind == "on" or isinstance(type_, GraphQLUnionType)):
            inner = self.narrower(type_)
            return f"... on {inner}{directive} {self.selections(inner, depth - 1)}"
        if depth > 1 and kind == "spread":
            return self.spread(type_, depth) + directive
        if depth > 1 and kind == "inline":
            return f"...{directive} {self.selections(type_, depth - 1)}"
        fields = {} if isinstance(type_, GraphQLUnionType) else self.fields(type_, depth)
        if kind == "typename" or not fields:
            return f"__typename{directive}"
        name = self.one_of(sorted(fields, key=lambda each: (each.startswith("_"), each)))
        return self.field(name, fields[name], directive, depth)

    def fields(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> dict[str, GraphQLField]:
        return {
            name: each
            for name, each in type_.fields.items()
            if name not in self.left_out and (depth > 1 or is_leaf_type(get_named_type(each.type)))
        }

    def field(self, name: str, definition: GraphQLField, directive: str, depth: int) -> str:
        arguments = self.arguments(name, definition)
        alias = ""
        # Only what is the same in all its places can be asked for twice under one name.
        if (
            arguments
            or any(arg.default_value is not Undefined for arg in definition.args.values())
            or self.draw(st.booleans())
        ):
            self.aliases += 1
            alias = f"a{self.aliases}: "
        named = get_named_type(definition.type)
        inner = f" {self.selections(named, depth - 1)}" if is_composite_type(named) else ""
        return f"{alias}{name}{arguments}{directive}{inner}"

    def spread(self, type_: Composite, depth: int) -> str:
        known = [name for name, each in self.fragment_types if each is type_]
        if known and self.draw(st.booleans()):
            return f"...{self.one_of(known)}"
        inner = self.narrower(type_)
        text = self.selections(inner, depth - 1)
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {inner} {text}")
        self.fragment_types.append((name, type_))
        return f"...{name}"

    def narrower(self, type_: Composite) -> Composite:
        """Return a type that some objects of the type are of."""
        if isinstance(type_, GraphQLObjectType):
            return self.one_of([type_, *type_.interfaces])  # type: ignore[no-any-return]
        return self.one_of([*self.schema.get_possible_types(type_), type_])  # type: ignore[no-any-return]

    def directive(self) -> str:
        if self.one_of(MOSTLY_NOT):
            return ""
        name = self.one_of(["skip", "include"])
        value = self.draw(st.booleans())
        if self.draw(st.booleans()):
            return f" @{name}(if: {str(value).lower()})"
        return f" @{name}(if: {self.variable('Boolean!', value)})"

    def arguments(self, field_name: str, definition: GraphQLField) -> str:
        optional = [name for name, each in definition.args.items() if not is_required_argument(each)]
        chosen = {self.one_of(optional) for _ in range(self.one_of([1, 0, 2]) if optional else 0)}
        given = [
            f"{name}: {self.argument(field_name, name, each)}"
            for name, each in definition.args.items()
            if name in chosen or is_required_argument(each)
        ]
        return f"({', '.join(given)})" if given else ""

    def argument(self, field_name: str, name: str, definition: GraphQLArgument) -> str:
        place = f"{field_name}.{name}"
        value = self.value(place if place in self.values else name, definition.type)
        if self.draw(st.booleans()):
            return _literal(value, definition.type)
        if self.number(0, 60) == 30:
            value = self.one_of([{"no": "such"}, 1.5, [[]], "?"])
        type_ = str(definition.type)
        if not type_.endswith("!") and self.rarely():
            return self.variable(type_, value, leave_out=True)
        return self.variable(type_, value)

    def variable(self, type_: str, value: Any, *, leave_out: bool = False) -> str:
        name = f"v{len(self.declared)}"
        self.declared.append(f"${name}: {type_}")
        if not leave_out:
            self.variables[name] = value
        return f"${name}"

    def value(self, name: str, type_: GraphQLInputType) -> Any:
        """Draw a value that fits, as JSON."""
        if is_non_null_type(type_):
            return self.value(name, type_.of_type) if not self.values.get(name) else self.one_of(self.values[name])
        if self.number(0, 30) == 15:
            return None
        if self.values.get(name):
            return self.one_of(self.values[name])
        if is_list_type(type_):
            return [self.value(name, type_.of_type) for _ in range(self.number(0, 3))]
        if isinstance(type_, GraphQLInputObjectType):
            return {
                key: self.value(key, each.type)
                for key, each in type_.fields.items()
                if is_non_null_type(each.type) or self.draw(st.booleans())
            }
        return self.leaf(get_named_type(type_))

    def leaf(self, type_: GraphQLNamedType) -> Any:
        if isinstance(type_, GraphQLEnumType):
            return self.one_of(sorted(type_.values))
        if type_ is GraphQLBoolean:
            return self.draw(st.booleans())
        if type_ is GraphQLInt:
            return self.number(-1, 5)
        if type_ is GraphQLFloat:
            return self.number(-4, 4) / 4
        return str(self.number(0, 9)) if type_ is GraphQLID else self.draw(st.text(max_size=4))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))  # type: ignore[no-any-return]

    def rarely(self) -> bool:
        return self.number(0, 8) == 4

    def one_of(self, items: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(items))


def _literal(value: Any, type_: GraphQLInputType) -> str:
    """Write JSON as a GraphQL literal."""
    if is_non_null_type(type_):
        return _literal(value, type_.of_type)
    if value is None:
        return "null"
    if is_list_type(type_) and isinstance(value, list):
        return "[" + ", ".join(_literal(item, type_.of_type) for item in value) + "]"
    if isinstance(value, dict):
        fields = type_.fields if isinstance(type_, GraphQLInputObjectType) else {}
        items = (
            f"{key}: {_literal(item, fields[key].type if key in fields else type_)}" for key, item in value.items()
        )
        return "{" + ", ".join(items) + "}"
    if isinstance(type_, GraphQLEnumType):
        return str(value)
    return _quoted(value) if isinstance(value, str) else str(value).lower()


def _quoted(text: str) -> str:
    return (
        '"'
        + "".join(f"\\u{{{ord(each):x}}}" if each in '"\\' or not each.isprintable() else each for each in text)
        + '"'
    )
