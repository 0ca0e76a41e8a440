"""Variables: coerced as graphql-core does it (spec, 6.1.2), by functions that are made once for the declared types.

A value of exactly the type that a leaf is made of is its own result. Everything else, and everything that is wrong, is
graphql-core's own to coerce and to report.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from math import isfinite
from typing import Any, Final

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputType,
    GraphQLInt,
    GraphQLSchema,
    GraphQLString,
    TypeNode,
    VariableDefinitionNode,
    VariableValues,
    get_variable_values,
    is_input_type,
    is_list_type,
    is_non_null_type,
    type_from_ast,
)
from msgspec import Struct

MAX_ERRORS: Final = 50
"""Errors that are reported of the variables of a request, as graphql-core has it."""

_MISSING: Final = object()

Check = Callable[[Any], bool]
"""Whether a value is coerced as it is."""


class Variables(Struct, eq=False):
    """The variables of one request. `coerced` has the value of each that has one."""

    _declared: "DeclaredVariables"
    inputs: dict[str, Any]
    coerced: dict[str, Any]
    _values: VariableValues | None

    @property
    def values(self) -> VariableValues:
        """What graphql-core's functions take."""
        if self._values is None:
            values = self._declared.coerce_by_graphql_core(self.inputs)
            assert isinstance(values, VariableValues)
            self._values = values
        return self._values

    @property
    def hide_suggestions(self) -> bool:
        """Whether errors must not name what the schema has instead."""
        return self._declared.hide_suggestions

    def key(self, names: Iterable[str]) -> tuple[Hashable, ...]:
        """Return what is equal if, and only if, the variables of these names were given alike."""
        inputs = self.inputs
        return tuple([value if type(value := inputs.get(name, _MISSING)) is str else _frozen(value) for name in names])


class DeclaredVariables:
    """The variables that an operation declares, and how they are coerced."""

    def __init__(
        self, schema: GraphQLSchema, definitions: Sequence[VariableDefinitionNode], *, hide_suggestions: bool
    ) -> None:
        self.hide_suggestions = hide_suggestions
        self._schema = schema
        self._definitions = definitions
        types = {each.variable.name.value: _type(schema, each.type) for each in definitions}
        self._required = frozenset(name for name, type_ in types.items() if is_non_null_type(type_))
        self._checks = {name: _check(type_) for name, type_ in types.items()}
        self._defaults = get_variable_values(schema, [each for each in definitions if each.default_value], {})

    def coerce(self, inputs: dict[str, Any]) -> Variables | list[GraphQLError]:
        """Coerce the values that a request gives; errors where they do not fit."""
        coerced = self._as_they_are(inputs)
        if coerced is not None:
            return Variables(self, inputs, coerced, None)
        values = self.coerce_by_graphql_core(inputs)
        return values if isinstance(values, list) else Variables(self, inputs, values.coerced, values)

    def coerce_by_graphql_core(self, inputs: dict[str, Any]) -> VariableValues | list[GraphQLError]:
        """Coerce with graphql-core's own functions."""
        return get_variable_values(self._schema, self._definitions, inputs, MAX_ERRORS, self.hide_suggestions)

    def _as_they_are(self, inputs: dict[str, Any]) -> dict[str, Any] | None:
        """Return the values where there is nothing to coerce, with the defaults of those that are not given."""
        if isinstance(self._defaults, list):
            return None
        coerced = dict(self._defaults.coerced)
        for name, check in self._checks.items():
            value = inputs.get(name, _MISSING)
            if value is _MISSING:
                if name in self._required and name not in coerced:
                    return None
            elif check is not None and check(value):
                coerced[name] = value
            else:
                return None
        return coerced


def _type(schema: GraphQLSchema, node: TypeNode) -> GraphQLInputType | None:
    type_ = type_from_ast(schema, node)
    return type_ if is_input_type(type_) else None


def _check(type_: GraphQLInputType | None) -> Check | None:
    """Return the check for values of a type; None where graphql-core has to coerce all of them."""
    if type_ is None:
        return None
    if is_non_null_type(type_):
        return _check_of_nullable(type_.of_type)
    inner = _check_of_nullable(type_)
    return None if inner is None else lambda value: value is None or inner(value)


def _check_of_nullable(type_: GraphQLInputType) -> Check | None:
    if is_list_type(type_):
        item = _check(type_.of_type)
        return None if item is None else lambda value: type(value) is list and all(map(item, value))
    return _LEAVES.get(type_)


def _is_text(value: Any) -> bool:
    return type(value) is str


_LEAVES: Final[dict[Any, Check]] = {
    GraphQLString: _is_text,
    GraphQLID: _is_text,
    GraphQLBoolean: lambda value: type(value) is bool,
    GraphQLInt: lambda value: type(value) is int and GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT,
    GraphQLFloat: lambda value: type(value) is float and isfinite(value),
}


def _frozen(value: Any) -> Hashable:
    """Return a key of a JSON value; `1`, `1.0` and `true` are three."""
    if isinstance(value, str) or value is None or value is _MISSING:
        return value
    if isinstance(value, list | tuple):
        return tuple(map(_frozen, value))
    if isinstance(value, dict):
        return frozenset((name, _frozen(item)) for name, item in value.items())
    return type(value), value
