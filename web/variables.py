"""What is wrong with the variables of a request, in words of JSON."""

from collections.abc import Mapping
from typing import Any, Final

from graphql import GraphQLError, GraphQLSchema, Undefined, is_input_type, type_from_ast

from execution import Operation, arguments_of_variables, to_json
from execution.internals import inspect, left_out, print_path_list, unknown_field, validate_input_value

MAX_ERRORS: Final = 50
"""Errors about variables in one response; graphql-core stops at as many."""

MAX_VALUE: Final = 240
"""Characters of a value in a message."""


class _EnoughError(Exception):
    """There are `MAX_ERRORS` errors."""


def variable_errors(
    schema: GraphQLSchema, operation: Operation, variables: Mapping[str, Any], *, hide_suggestions: bool
) -> list[GraphQLError]:
    """Return what graphql-core finds wrong with variables; it writes values as Python does, this as JSON does.

    Each says in `extensions.argument` what the variable is given to first.
    """
    errors: list[GraphQLError] = []
    arguments = arguments_of_variables(operation.document)
    try:
        for definition in operation.node.variable_definitions or ():
            name = definition.variable.name.value
            type_ = type_from_ast(schema, definition.type)
            if not is_input_type(type_) or (name not in variables and definition.default_value):
                continue
            value = variables.get(name, Undefined)

            def on_error(
                error: GraphQLError, path: list[str | int], value: Any = value, node: Any = definition
            ) -> None:
                if len(errors) == MAX_ERRORS:
                    raise _EnoughError
                message = _in_json(error.message, _at(value, path))
                name, where = node.variable.name.value, print_path_list(path)
                field = left_out(error) or unknown_field(error)
                inside = where.removeprefix(" at ") + (f".{field}" if field else "")
                extensions = {"argument": arguments[name] + inside} if name in arguments else None
                message = f"Variable '${name}' has invalid value{where}: {message}"
                errors.append(GraphQLError(message, node, extensions=extensions))

            validate_input_value(value, type_, on_error, hide_suggestions)
    except _EnoughError:
        pass
    return errors


def _at(value: Any, path: list[Any]) -> Any:
    for key in path:
        # A value may stand for a list of one.
        value = value[key] if isinstance(value, list if isinstance(key, int) else dict) else value
    return value


def _in_json(message: str, value: Any) -> str:
    """Write a value anew that stands in a message of graphql-core."""
    # An enum's messages have its text as it is, between quotes.
    written = next((each for each in (inspect(value), f"'{value}'") if each in message), None)
    if written is None or value is Undefined:
        return message
    before, _, after = message.rpartition(written)
    text = to_json(value).decode()
    return f"{before}{text if len(text) <= MAX_VALUE else text[:MAX_VALUE] + '…'}{after}"
