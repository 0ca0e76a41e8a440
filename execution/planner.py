"""Planning: an operation is worked out once, for each combination of the values that decide what is included.

graphql-core's own functions collect the fields and coerce the arguments, so a plan differs from the stock executor
only in when that is done. It depends on variables only through `@skip` and `@include`.
"""

import inspect

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableValues,
    get_named_type,
    is_abstract_type,
    is_object_type,
)
from strawberry import Schema

from execution.arguments import Arguments
from execution.coercion import Shape
from execution.internals import (
    FieldDetailsList,
    FragmentDetails,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
    reads_attribute,
    strawberry_field,
    strawberry_schema,
)
from execution.layers import LayerFunction, layer_of
from execution.limits import MAX_FIELDS, LimitError, too_many_fields
from execution.plan import Field, GraphQLCompositeType, Leaf, PlanEdge, Selection


class UnsupportedError(Exception):
    """The operation holds something that only the stock executor can run; the message says what."""


class Planner:
    """Makes one plan, of `size` fields.

    Args:
        schema: what is asked.
        operation: the operation, a query or a subscription.
        fragments: the document's fragments by name, as graphql-core wants them.
        variables: those that `conditions` named decide what is included.
        hide_suggestions: errors do not name what the schema has instead.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        fragments: dict[str, FragmentDetails],
        variables: VariableValues,
        *,
        hide_suggestions: bool,
    ) -> None:
        self._schema = schema
        self._operation = operation
        self._fragments = fragments
        self._variables = variables
        self._hide_suggestions = hide_suggestions
        self.size = 0

    def plan(self) -> Selection:
        """Return the plan.

        Raises:
            LimitError: it has more than `MAX_FIELDS` fields.
            UnsupportedError: the operation needs the stock executor.
        """
        try:
            return self._root()
        except LimitError:
            raise
        except (GraphQLError, RecursionError):
            pass  # what is raised here would keep its frames
        raise UnsupportedError("the operation could not be planned")

    def _root(self) -> Selection:
        self._strawberry = _supported(self._schema)
        type_ = self._schema.get_root_type(self._operation.operation)
        assert type_ is not None
        collected = collect_fields(
            self._schema, self._fragments, self._variables, type_, self._operation, self._hide_suggestions
        )
        return self._selection(type_, collected.grouped_field_set)

    def _selection(self, type_: GraphQLObjectType, grouped: GroupedFieldSet) -> Selection:
        self.size += len(grouped)
        if self.size > MAX_FIELDS:
            raise too_many_fields()
        return Selection(type_, [self._field(type_, key, details) for key, details in grouped.items()])

    def _field(self, parent: GraphQLObjectType, key: str, details: FieldDetailsList) -> Leaf | PlanEdge:
        name = details[0].node.name.value
        definition = self._schema.get_field(parent, name)
        if definition is None:
            raise UnsupportedError(f"`{parent.name}.{name}` is unknown")
        shape = Shape(definition.type)
        if name == "__typename":
            return Leaf(key, parent, definition, details, shape, "", parent.name)
        source = strawberry_field(definition)
        if source is None:
            raise UnsupportedError(f"`{name}` reads the schema")
        if source.extensions:
            raise UnsupportedError(f"`{parent.name}.{name}` has extensions")
        function = layer_of(source)
        if function is None and not reads_attribute(source):
            raise UnsupportedError(f"`{parent.name}.{name}` is answered one by one")
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
            raise UnsupportedError(f"types of `{type_.name}` are told apart by coroutines")
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
        raise UnsupportedError("the schema turns exceptions into answers, or was not made by Strawberry")
    return made_by
