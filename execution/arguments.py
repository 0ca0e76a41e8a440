"""A field's arguments: from the document and the variables to the values that a layer function gets.

What can be said beforehand is: an argument without variables has one value, and one that is a variable has the
variable's, which is coerced already. The rest is graphql-core's to coerce and Strawberry's to convert.
"""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    GraphQLField,
    Node,
    VariableNode,
    VariableValues,
    Visitor,
    get_argument_values,
    is_non_null_type,
    is_required_argument,
    visit,
)
from strawberry import Schema

from execution.internals import StrawberryArgument, argument_name, converted_arguments, strawberry_field
from execution.variables import Variables

NO_VARIABLES: Final = VariableValues({}, {})


class PassedVariable(NamedTuple):
    """An argument, by Python name, that is a variable; whether null will do, and whether none at all."""

    name: str
    variable: str
    is_nullable: bool
    is_optional: bool


class Arguments:
    """The arguments of one field; `variables` are the names of those in them."""

    __slots__ = ("_arguments", "_constant", "_definition", "_node", "_passed", "_schema", "variables")

    def __init__(self, schema: Schema, definition: GraphQLField, node: FieldNode) -> None:
        source = strawberry_field(definition)
        assert source is not None
        self._schema = schema
        self._definition = definition
        self._node = node
        self._arguments = source.arguments
        self.variables = tuple(variables_in(node.arguments or ()))
        self._passed: list[PassedVariable] = []
        self._constant = self._prepare()

    def values(self, variables: Variables) -> dict[str, Any]:
        """Return the arguments by Python name; others are given the same objects.

        Raises:
            GraphQLError: a variable has no value where one is needed.
        """
        if self._constant is None:
            return self._coerce(variables)
        if not self._passed:
            return self._constant
        values = dict(self._constant)
        for name, variable, is_nullable, is_optional in self._passed:
            if variable in variables.coerced:
                values[name] = variables.coerced[variable]
                if values[name] is None and not is_nullable:
                    return self._coerce(variables)
            elif not is_optional:
                return self._coerce(variables)
        return values

    def _coerce(self, variables: Variables) -> dict[str, Any]:
        values = get_argument_values(self._definition, self._node, variables.values, None, variables.hide_suggestions)
        return converted_arguments(self._schema, values, self._arguments)

    def _prepare(self) -> dict[str, Any] | None:
        """Return the arguments as they are without variables, and note these; None where graphql-core has to coerce."""
        given = self._node.arguments or ()
        literal = tuple(argument for argument in given if not isinstance(argument.value, VariableNode))
        passed = {argument.name.value: argument.value for argument in given if isinstance(argument.value, VariableNode)}
        if list(variables_in(literal)):
            return None
        definitions = dict(self._definition.args)
        for argument in self._arguments:
            name = argument_name(self._schema, argument)
            variable = passed.get(name)
            if variable is None:
                continue
            if not self._is_plain(argument):
                return None
            definition = definitions[name]
            is_required = is_required_argument(definition)
            self._passed.append(
                PassedVariable(
                    argument.python_name, variable.name.value, not is_non_null_type(definition.type), not is_required
                )
            )
            if is_required:
                del definitions[name]
        try:
            values = get_argument_values(
                GraphQLField(self._definition.type, definitions),
                FieldNode(name=self._node.name, arguments=literal),
                NO_VARIABLES,
            )
            return converted_arguments(self._schema, values, self._arguments)
        except Exception:  # it is raised again, with its place, when the arguments are asked for
            return None

    def _is_plain(self, argument: StrawberryArgument) -> bool:
        """Whether Strawberry passes the argument's values on as they are, as it does with scalars and enums."""
        probe = object()
        try:
            converted = converted_arguments(self._schema, {argument_name(self._schema, argument): probe}, [argument])
        except Exception:
            return False
        return converted[argument.python_name] is probe


class _VariableNames(Visitor):
    """Collects the names of variables."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names[node.name.value] = None


def variables_in(nodes: Iterable[Node]) -> list[str]:
    """Return the names of the variables in some nodes, each once."""
    found = _VariableNames()
    for node in nodes:
        visit(node, found)
    return list(found.names)
