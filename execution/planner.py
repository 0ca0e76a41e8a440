"""Planning: an operation is worked out once, for each combination of the values that decide what is included.

graphql-core's own functions collect the fields and coerce the arguments, so a plan differs from the stock executor
only in when that is done. It depends on variables only through `@skip` and `@include`.
"""

import inspect
from collections.abc import Sequence
from typing import Any, Final

from graphql import (
    DirectiveNode,
    ExecutableDefinitionNode,
    Executor,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    OperationType,
    Visitor,
    get_named_type,
    is_abstract_type,
    is_object_type,
    visit,
)
from strawberry import Schema

from execution.arguments import Arguments, variables_in
from execution.coercion import Shape
from execution.internals import (
    FieldDetailsList,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
    reads_attribute,
    strawberry_field,
    strawberry_schema,
)
from execution.layers import LayerFunction, layer_of
from execution.plan import Field, GraphQLCompositeType, Leaf, PlanEdge, Selection

MAX_PLANS: Final = 16
"""Plans kept for one operation, by the values of the variables in its `@skip` and `@include`."""

MAX_FIELDS: Final = 10_000
"""Fields of a plan. An operation with more (fragments on interfaces multiply) is left to the stock executor."""

CONDITIONS: Final = (GraphQLSkipDirective.name, GraphQLIncludeDirective.name)


class UnsupportedError(Exception):
    """The operation holds something that only the stock executor can run."""


class Operation:
    """An operation of a document, and its plans. `size` is the number of fields in them all."""

    def __init__(self, executor: Executor[Any]) -> None:
        self.size = 0
        self._nodes = [executor.operation, *executor.fragment_definitions.values()]
        self._conditions = _conditions(self._nodes)
        self._plans: dict[tuple[object, ...], Selection | None] = {}

    def plan(self, executor: Executor[Any]) -> Selection | None:
        """Return the plan for the executor's variables; None when the operation needs the stock executor."""
        if self._conditions is None:
            return None
        values = tuple(map(executor.variable_values.coerced.get, self._conditions))
        if values not in self._plans:
            if len(self._plans) == MAX_PLANS:
                self._plans.clear()
                self.size = 0
            planner = _Planner(executor)
            self._plans[values] = planner.plan()
            self.size += planner.size
        return self._plans[values]


class _Planner:
    """Makes one plan, of `size` fields."""

    def __init__(self, executor: Executor[Any]) -> None:
        self._schema = executor.schema
        self._operation = executor.operation
        self._fragments = executor.fragments
        self._variables = executor.variable_values
        self._hide_suggestions = executor.hide_suggestions
        self.size = 0

    def plan(self) -> Selection | None:
        """Return the plan; None when the operation needs the stock executor."""
        try:
            return self._root()
        except (UnsupportedError, GraphQLError, RecursionError):
            return None

    def _root(self) -> Selection:
        self._strawberry = _supported(self._schema)
        type_ = self._schema.query_type
        assert type_ is not None
        collected = collect_fields(
            self._schema, self._fragments, self._variables, type_, self._operation, self._hide_suggestions
        )
        return self._selection(type_, collected.grouped_field_set)

    def _selection(self, type_: GraphQLObjectType, grouped: GroupedFieldSet) -> Selection:
        self.size += len(grouped)
        if self.size > MAX_FIELDS:
            raise UnsupportedError
        return Selection(type_, [self._field(type_, key, details) for key, details in grouped.items()])

    def _field(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> Leaf | PlanEdge:
        name = details[0].node.name.value
        definition = self._schema.get_field(parent, name)
        if definition is None:
            raise UnsupportedError
        shape = Shape(definition.type)
        if name == "__typename":
            return Leaf(key, parent, definition, details, shape, "", parent.name)
        source = strawberry_field(definition)
        if source is None or source.extensions:
            raise UnsupportedError
        function = layer_of(source)
        if function is None and not reads_attribute(source):
            raise UnsupportedError
        if function is None and shape.innermost.leaf:
            return Leaf(key, parent, definition, details, shape, source.python_name, None)
        return self._edge(Field(key, parent, definition, details, shape, source.python_name), function)

    def _edge(self, place: Field, function: LayerFunction | None) -> PlanEdge:
        named = get_named_type(place.definition.type)
        composite = named if is_abstract_type(named) or is_object_type(named) else None
        types = self._possible_types(composite) if composite else []
        arguments = Arguments(self._strawberry, place.definition, place.nodes[0])
        selections = {type_.name: self._selection(type_, self._subfields(type_, place.details)) for type_ in types}
        return PlanEdge(
            place.key,
            place.parent,
            place.definition,
            place.details,
            place.shape,
            place.attribute,
            function,
            composite,
            selections,
            arguments,
        )

    def _possible_types(self, type_: GraphQLCompositeType) -> list[GraphQLObjectType]:
        types = [type_] if isinstance(type_, GraphQLObjectType) else self._schema.get_possible_types(type_)
        checks = [*(each.is_type_of for each in types), getattr(type_, "resolve_type", None)]
        if any(inspect.iscoroutinefunction(check) for check in checks):
            raise UnsupportedError
        return types

    def _subfields(self, type_: GraphQLObjectType, details: FieldDetailsList) -> GroupedFieldSet:
        return collect_subfields(
            self._schema, self._fragments, self._variables, self._operation, type_, details, self._hide_suggestions
        ).grouped_field_set


def _supported(schema: GraphQLSchema) -> Schema:
    """Return the Strawberry schema that a schema was made by.

    Raises:
        UnsupportedError: it was not made by Strawberry, or it turns exceptions into answers.
    """
    made_by = strawberry_schema(schema)
    if made_by is None or made_by.exception_handlers:
        raise UnsupportedError
    return made_by


def _conditions(definitions: Sequence[ExecutableDefinitionNode]) -> list[str] | None:
    """Return the variables that decide what is included; None when there is more than plans can do."""
    found = _Directives()
    for definition in definitions:
        if getattr(definition, "operation", OperationType.QUERY) is not OperationType.QUERY:
            return None
        if isinstance(definition, FragmentDefinitionNode) and definition.variable_definitions:
            return None
        visit(definition, found)
    if any(node.name.value not in CONDITIONS for node in found.nodes):
        return None
    return list(dict.fromkeys(name for node in found.nodes for name in variables_in(node)))


class _Directives(Visitor):
    """Collects the directives in use."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[DirectiveNode] = []

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        self.nodes.append(node)
