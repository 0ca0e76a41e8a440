"""What is not public in graphql-core and Strawberry, and all of it that is used here (law 11).

`tests/execution/test_internals.py` says for each name what we rely on, so that an upgrade that changes it breaks there
and names the cause. The upper bounds in `pyproject.toml` are the newest versions under which those tests pass.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, cast

from graphql import (
    DocumentNode,
    Executor,
    FragmentDefinitionNode,
    GraphQLAbstractType,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    OperationDefinitionNode,
    Token,
    default_type_resolver,
)
from graphql.execution.collect_fields import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.executor import invalid_return_type_error
from graphql.language.parser import Parser, nested_too_deeply_error
from graphql.pyutils import Path, inspect, is_iterable, print_path_list
from graphql.utilities import validate_input_value
from strawberry import UNSET, Schema
from strawberry.execution import optimized_is_awaitable
from strawberry.federation.schema import FederationAny
from strawberry.schema.schema import (
    StrawberryGraphQLCoreExecutionContext,
    _OperationContextAwareGraphQLResolveInfo,
    validate_document,
)
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.base import get_object_definition
from strawberry.types.enum import EnumValue
from strawberry.types.field import StrawberryField
from strawberry.types.scalar import ScalarDefinition

__all__ = [
    "FederationAny",
    "FieldDetailsList",
    "FragmentDetails",
    "GroupedFieldSet",
    "Parser",
    "Path",
    "ScalarDefinition",
    "StrawberryArgument",
    "StrawberryField",
    "StrawberryGraphQLCoreExecutionContext",
    "argument_name",
    "collect_fields",
    "collect_subfields",
    "complete_leaf",
    "converted_arguments",
    "enum_values",
    "executor_class_of",
    "first_token",
    "get_object_definition",
    "graphql_schema",
    "in_this_order",
    "inspect",
    "invalid_return_type_error",
    "is_iterable",
    "leave_out_null",
    "left_out",
    "list_values_in_errors",
    "nested_too_deeply_error",
    "optimized_is_awaitable",
    "print_path_list",
    "reads_attribute",
    "resolve_info",
    "strawberry_errors",
    "strawberry_field",
    "strawberry_schema",
    "type_name",
    "unknown_field",
    "valid_type",
    "validate_input_value",
]

_DEFINITION: Final = "strawberry-definition"
"""Where Strawberry leaves its own definition in the `extensions` of graphql-core's."""


# Strawberry


def graphql_schema(schema: Schema) -> GraphQLSchema:
    """Return graphql-core's schema of a Strawberry schema."""
    return schema._schema


def strawberry_schema(schema: GraphQLSchema) -> Schema | None:
    """Return the Strawberry schema that a schema was made by, if it was."""
    made_by = schema.extensions.get(_DEFINITION)
    return made_by if isinstance(made_by, Schema) else None


def strawberry_field(field: GraphQLField) -> StrawberryField | None:
    """Return Strawberry's definition of a field, if it has one."""
    source = field.extensions.get(_DEFINITION)
    return source if isinstance(source, StrawberryField) else None


def reads_attribute(field: StrawberryField) -> bool:
    """Whether a field's answer is the attribute `python_name` of its parent, and nothing is called."""
    return field.is_basic_field and field.default_resolver is getattr


def executor_class_of(schema: Schema) -> type[Executor[Any]]:
    """Return the executor that a schema was given as its `execution_context_class`."""
    return schema.execution_context_class


def argument_name(schema: Schema, argument: StrawberryArgument) -> str:
    """Return an argument's name in the schema."""
    return schema.config.name_converter.from_argument(argument)


def converted_arguments(schema: Schema, values: dict[str, Any], arguments: list[StrawberryArgument]) -> dict[str, Any]:
    """Turn values coerced by graphql-core into those that a resolver gets, by Python name."""
    return convert_arguments(values, arguments, schema.schema_converter.scalar_registry, schema.config)


def strawberry_errors(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """Validate a document by the rules that Strawberry adds to the specification's, and by these alone."""
    return validate_document(schema, document, ())


def enum_values(enum: type[Enum]) -> list[EnumValue]:
    """Return the values of an enum that `strawberry.enum` was applied to."""
    return list(enum.__strawberry_definition__.values)  # type: ignore[attr-defined]


def leave_out_null(field: StrawberryField) -> None:
    """Let an input field whose default is null have none in the schema; in Python a value left out stays `None`."""
    if field.default_value is None:
        field.default_value = UNSET


# graphql-core


def first_token(parser: Parser) -> Token:
    """Return the first token of what is parsed, from which the others hang."""
    return parser._lexer.token


def in_this_order(schema: GraphQLSchema, key: Callable[[str], Any]) -> None:
    """Sort a schema's types by a key of their names, as introspection lists them; equal ones keep their order."""
    for name in sorted(schema.type_map, key=key):
        schema.type_map[name] = schema.type_map.pop(name)


def list_values_in_errors(enum: GraphQLEnumType) -> None:
    """Let errors about a value that an enum lacks say which it has, unless suggestions are hidden."""

    def listing(coerce: Callable[..., Any]) -> Callable[..., Any]:
        def coerced(value: Any, hide_suggestions: bool = False) -> Any:
            try:
                return coerce(value, hide_suggestions)
            except GraphQLError as error:
                if hide_suggestions:
                    raise
                raise GraphQLError(f"{error.message} Its values are {', '.join(enum.values)}.", error.nodes) from None

        return coerced

    enum.coerce_input_value = listing(enum.coerce_input_value)  # type: ignore[method-assign]
    enum.coerce_input_literal = listing(enum.coerce_input_literal)  # type: ignore[method-assign]


_LEFT_OUT: Final = re.compile(
    r"Argument '[^'(]*\((\w+):\)' of type '[^']*' is required"
    r"|Expected value of type '[^']*' to include required field '(\w+)'"
)
_UNKNOWN: Final = re.compile(r"Expected value of type '[^']*' not to include unknown field '(\w+)'(?:\.|, found)")


def left_out(error: GraphQLError) -> str:
    """Return the name of the argument or input field of which an error says that it was left out; else nothing."""
    found = _LEFT_OUT.match(error.message)
    return (found[1] or found[2]) if found else ""


def unknown_field(error: GraphQLError) -> str:
    """Return the name of the input field of which an error says that there is none; else nothing."""
    found = _UNKNOWN.match(error.message)
    return found[1] if found else ""


def resolve_info(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    variables: Mapping[str, Any],
    context: Any,
    root_value: Any,
) -> Callable[[GraphQLField, FieldDetailsList, GraphQLObjectType, str], GraphQLResolveInfo[Any]]:
    """Return what makes the `info` of a field of a parent under a key, as Strawberry's executor does.

    It lacks the executor's helpers for resolvers that wait, since only type checks are given it.
    """

    def info(
        field: GraphQLField, details: FieldDetailsList, parent: GraphQLObjectType, key: str
    ) -> GraphQLResolveInfo[Any]:
        nodes = [each.node for each in details]
        return cast(
            "GraphQLResolveInfo[Any]",
            _OperationContextAwareGraphQLResolveInfo(
                nodes[0].name.value,
                nodes,
                field.type,
                parent,
                Path(None, key, parent.name),
                schema,
                dict(fragments),
                root_value,
                operation,
                dict(variables),
                context,
                optimized_is_awaitable,
                None,
                None,
                None,  # type: ignore[arg-type]
            ),
        )

    return info


def type_name(expected: GraphQLAbstractType, info: GraphQLResolveInfo[Any], value: Any) -> Any:
    """Return the name of a value's object type, or something else that `valid_type` refuses."""
    return (expected.resolve_type or default_type_resolver)(value, info, expected)


def valid_type(
    executor: Executor[Any],
    name: Any,
    expected: GraphQLAbstractType,
    details: FieldDetailsList,
    info: GraphQLResolveInfo[Any],
    value: Any,
) -> GraphQLObjectType:
    """Return the object type of this name. Raises what is wrong with a name that is none of a possible type."""
    return executor.ensure_valid_runtime_type(name, expected, details, info, value)


def complete_leaf(leaf: GraphQLLeafType, value: Any) -> Any:
    """Coerce a value to the result of a leaf type (spec, 3.5 and 3.9, "Result Coercion"); raises what is wrong."""
    return Executor.complete_leaf_value(leaf, value)
