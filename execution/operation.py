"""Operations, prepared: what depends on the document alone is worked out once and kept with it."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    Undefined,
    VariableValues,
)

from execution.cost import cost_of
from execution.directives import IGNORED, conditions, directives_in, without_ignored
from execution.internals import FragmentDetails
from execution.limits import LimitError
from execution.plan import Selection
from execution.planner import Planner, UnsupportedError
from execution.row_cache import rows_of
from execution.variables import DeclaredVariables, Variables

MAX_PLANS: Final = 16
"""Plans kept for one operation, by the values of the variables in its `@skip` and `@include`."""


class Operation:
    """An operation of a document that is valid: its variables' types and its plans.

    It depends on variables only through `@skip` and `@include`, so there is a plan for each combination of their values
    that was met. `size` is the number of fields in them all; `grew` is called when that changes. The `name` is empty
    where it has none. `rows` are those that are remembered of the schema's operations.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        node: OperationDefinitionNode,
        fragments: Iterable[FragmentDefinitionNode] = (),
        *,
        hide_suggestions: bool = False,
        grew: Callable[[], None] | None = None,
    ) -> None:
        fragments = tuple(fragments)
        directives = directives_in((node, *fragments))
        if any(each.name.value in IGNORED for each in directives):
            node, fragments = without_ignored(node), tuple(map(without_ignored, fragments))
        self.schema = schema
        self.node = node
        self.name = node.name.value if node.name else ""
        self.rows = rows_of(schema)
        self.fragments = fragments
        self.hide_suggestions = hide_suggestions
        self.size = 0
        self._grew = grew
        self._declared = DeclaredVariables(schema, node.variable_definitions or (), hide_suggestions=hide_suggestions)
        self._conditions = conditions((node, *fragments), directives)
        self._plans: dict[tuple[object, ...], Selection | LimitError | UnsupportedError] = {}

    @property
    def is_query(self) -> bool:
        """Whether it only reads."""
        return self.node.operation is OperationType.QUERY

    @property
    def is_subscription(self) -> bool:
        """Whether an execution of it is one event of many."""
        return self.node.operation is OperationType.SUBSCRIPTION

    @property
    def document(self) -> DocumentNode:
        """A document of this operation and its fragments alone."""
        return DocumentNode(definitions=(self.node, *self.fragments))

    def coerce(self, inputs: dict[str, Any]) -> Variables | list[GraphQLError]:
        """Coerce the variables of a request (spec, 6.1.2); errors where they do not fit."""
        return self._declared.coerce(inputs)

    def coerced(self, values: VariableValues) -> Variables:
        """Return the variables that graphql-core coerced."""
        inputs = {name: source.value for name, source in values.sources.items() if source.value is not Undefined}
        return Variables(self._declared, inputs, values.coerced, values)

    def plan(self, variables: Variables) -> Selection | None:
        """Return the plan; None when the operation needs the stock executor.

        Raises:
            LimitError: it has too many fields.
        """
        if self._conditions is None:
            return None
        values = self._decisive(variables)
        if values not in self._plans:
            self._plans[values] = self._make_plan(variables)
        plan = self._plans[values]
        if isinstance(plan, LimitError):
            raise plan.with_traceback(None)
        return plan if isinstance(plan, Selection) else None

    def unsupported(self, variables: Variables) -> str:
        """Say why it needs the stock executor, after `plan` said that it does; empty where it does not."""
        if self._conditions is None:
            return "it is a mutation, or has a directive other than `@skip` and `@include`"
        plan = self._plans.get(self._decisive(variables))
        return str(plan) if isinstance(plan, UnsupportedError) else ""

    def known_plan(self, variables: Variables) -> Selection | None:
        """Return the plan if it was made before."""
        plan = self._plans.get(self._decisive(variables))
        return plan if isinstance(plan, Selection) else None

    def _decisive(self, variables: Variables) -> tuple[object, ...]:
        """Return the values that decide what is included."""
        return tuple(map(variables.coerced.get, self._conditions)) if self._conditions else ()

    def cost(self, inputs: dict[str, Any]) -> int | None:
        """Return what it asks for at the most with these variables, in nodes; None where that is not known."""
        variables = self.coerce(inputs)
        plan = None if isinstance(variables, list) else self.plan(variables)
        return None if plan is None or isinstance(variables, list) else cost_of(plan, variables)

    def _make_plan(self, variables: Variables) -> Selection | LimitError | UnsupportedError:
        if len(self._plans) == MAX_PLANS:
            self._plans.clear()
            self.size = 0
        fragments = {each.name.value: FragmentDetails(each) for each in self.fragments}
        planner = Planner(self.schema, self.node, fragments, variables.values, hide_suggestions=self.hide_suggestions)
        try:
            plan = planner.plan()
        except LimitError as error:
            return error
        except UnsupportedError as error:
            self._weigh(planner.size)
            return error.with_traceback(None)
        self._weigh(planner.size)
        return plan

    def _weigh(self, fields: int) -> None:
        self.size += fields
        if self._grew is not None:
            self._grew()


def prepare(
    schema: GraphQLSchema, document: DocumentNode, name: str | None = None, *, hide_suggestions: bool = False
) -> Operation:
    """Prepare an operation of a valid document.

    Raises:
        GraphQLError: there is none of this name, or several and no name (spec, 6.1, "GetOperation").
    """
    found = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    if name is not None:
        found = [each for each in found if each.name and each.name.value == name]
    if not found:
        raise GraphQLError(f"Unknown operation named '{name}'." if name else "Must provide an operation.")
    if len(found) > 1:
        raise GraphQLError("Must provide operation name if query contains multiple operations.")
    fragments = (each for each in document.definitions if isinstance(each, FragmentDefinitionNode))
    return Operation(schema, found[0], fragments, hide_suggestions=hide_suggestions)
