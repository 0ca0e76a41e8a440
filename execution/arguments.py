"""A field's arguments: from the document and the variables to the values that a layer function gets."""

from typing import Any

from graphql import FieldNode, GraphQLField, Node, VariableNode, VariableValues, Visitor, get_argument_values, visit
from strawberry import Schema

from execution.internals import StrawberryArgument, argument_name, converted_arguments, strawberry_field


class Arguments:
    """A field's arguments, coerced by graphql-core and converted by Strawberry; once if they hold no variables."""

    __slots__ = ("_arguments", "_definition", "_has_variables", "_node", "_plain", "_schema", "_values")

    def __init__(self, schema: Schema, definition: GraphQLField, node: FieldNode) -> None:
        source = strawberry_field(definition)
        assert source is not None
        self._schema = schema
        self._definition = definition
        self._node = node
        self._has_variables = any(variables_in(argument) for argument in node.arguments or ())
        self._values: dict[str, Any] | None = None
        self._arguments = source.arguments
        self._plain = None
        if all(map(self._is_plain, self._arguments)):
            self._plain = [(argument.python_name, argument_name(schema, argument)) for argument in self._arguments]

    def values(self, variables: VariableValues, hide_suggestions: bool) -> dict[str, Any]:
        """Return the arguments by Python name.

        Raises:
            GraphQLError: a variable has no value where one is needed.
        """
        if self._values is not None:
            return self._values
        coerced = get_argument_values(self._definition, self._node, variables, None, hide_suggestions)
        if self._plain is None:
            values = converted_arguments(self._schema, coerced, self._arguments)
        else:
            values = {name: coerced[key] for name, key in self._plain if key in coerced}
        if not self._has_variables:
            self._values = values
        return values

    def _is_plain(self, argument: StrawberryArgument) -> bool:
        """Whether Strawberry passes the argument's values on as they are, as it does with scalars and enums."""
        probe = object()
        try:
            named = {argument_name(self._schema, argument): probe}
            converted = converted_arguments(self._schema, named, [argument])
        except Exception:
            return False
        return converted[argument.python_name] is probe


class _Variables(Visitor):
    """Collects the names of variables."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.append(node.name.value)


def variables_in(node: Node) -> list[str]:
    """Return the names of the variables in a node, in their order."""
    found = _Variables()
    visit(node, found)
    return found.names
