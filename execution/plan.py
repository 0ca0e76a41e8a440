"""The operation plan: what an operation asks for, worked out once.

A plan is a tree of selections. A `Selection` is what is asked of one object type at one place of the operation: fields
merged, fragments applied, `@skip` and `@include` decided. Its fields are

- **leaves**: attributes of the record with a scalar or enum type, or lists of such; and
- **edges**: layer functions, and attributes that lead to other records. An edge has a selection for each object type
  that can be met behind it.

graphql-core's own functions collect the fields and coerce the arguments, so a plan differs from the stock executor
only in when that is done. It depends on variables only through `@skip` and `@include`; an operation has one plan for
each combination of their values that was met.
"""

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final, TypeAlias

from graphql import (
    DirectiveNode,
    ExecutableDefinitionNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    GraphQLUnionType,
    Node,
    OperationType,
    VariableNode,
    Visitor,
    get_argument_values,
    get_named_type,
    is_abstract_type,
    is_object_type,
    visit,
)
from graphql.execution import Executor
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from strawberry import Schema
from strawberry.types.arguments import StrawberryArgument, convert_arguments
from strawberry.types.field import StrawberryField

from execution.coercion import Shape, complete, encode_each
from execution.layers import LayerFunction, layer_of

DEFINITION: Final = "strawberry-definition"
"""Where Strawberry leaves its own definition in the `extensions` of graphql-core's."""

MAX_PLANS: Final = 16
"""Plans kept for one operation, by the values of the variables in its `@skip` and `@include`."""

MAX_FIELDS: Final = 10_000
"""Fields of a plan. An operation with more (fragments on interfaces multiply) is left to the stock executor."""

CONDITIONS: Final = (GraphQLSkipDirective.name, GraphQLIncludeDirective.name)

GraphQLCompositeType: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


class UnsupportedError(Exception):
    """The operation holds something that only the stock executor can run."""


@dataclass(slots=True, eq=False)
class Field:
    """One field of a selection. `details` are the places in the document that were merged into it."""

    key: str
    parent: GraphQLObjectType
    definition: GraphQLField
    details: FieldDetailsList
    shape: Shape
    attribute: str

    @property
    def nodes(self) -> list[FieldNode]:
        """The field's places in the document."""
        return [each.node for each in self.details]


@dataclass(slots=True, eq=False)
class Leaf(Field):
    """An attribute with a leaf type; `typename` is the answer of a `__typename`."""

    typename: str | None

    def column(self, records: list[Any]) -> list[Any]:
        """Read the field of all records."""
        if self.typename is not None:
            return [self.typename] * len(records)
        return list(map(attrgetter(self.attribute), records))


@dataclass(slots=True, eq=False, weakref_slot=True)
class PlanEdge(Field):
    """A layer function, or an attribute that leads to other records.

    `selections` are by the name of the object type, none where a layer function answers with leaves. `known` holds
    what was worked out for records met before (see `memory.RowCache`).
    """

    function: LayerFunction | None
    type: GraphQLCompositeType | None
    selections: "dict[str, Selection]"
    arguments: "Arguments"
    known: dict[Any, Any] = field(default_factory=dict)


class Arguments:
    """A field's arguments, coerced by graphql-core and converted by Strawberry; once if they hold no variables."""

    __slots__ = ("_definition", "_has_variables", "_node", "_plain", "_schema", "_values")

    def __init__(self, schema: Schema, definition: GraphQLField, node: FieldNode) -> None:
        self._schema = schema
        self._definition = definition
        self._node = node
        self._has_variables = any(_variables(argument) for argument in node.arguments or ())
        self._values: dict[str, Any] | None = None
        arguments = definition.extensions[DEFINITION].arguments
        name_of = schema.config.name_converter.from_argument
        self._plain = None
        if all(self._is_plain(argument) for argument in arguments):
            self._plain = [(argument.python_name, name_of(argument)) for argument in arguments]

    def values(self, variables: VariableValues, hide_suggestions: bool) -> dict[str, Any]:
        """Return the arguments by Python name.

        Raises:
            GraphQLError: a variable has no value where one is needed.
        """
        if self._values is not None:
            return self._values
        coerced = get_argument_values(self._definition, self._node, variables, None, hide_suggestions)
        if self._plain is None:
            values = self._converted(coerced, self._definition.extensions[DEFINITION].arguments)
        else:
            values = {name: coerced[key] for name, key in self._plain if key in coerced}
        if not self._has_variables:
            self._values = values
        return values

    def _is_plain(self, argument: StrawberryArgument) -> bool:
        """Whether Strawberry passes the argument's values on as they are, as it does with scalars and enums."""
        probe = object()
        try:
            converted = self._converted({self._schema.config.name_converter.from_argument(argument): probe}, [argument])
        except Exception:
            return False
        return converted[argument.python_name] is probe

    def _converted(self, values: dict[str, Any], arguments: list[StrawberryArgument]) -> dict[str, Any]:
        registry = self._schema.schema_converter.scalar_registry
        return convert_arguments(values, arguments, registry, self._schema.config)


@dataclass(slots=True, eq=False)
class LeafRun:
    """Leaves that stand together in the response, not interrupted by an edge, with the JSON around them."""

    before: bytes
    leaves: list[Leaf]
    after: bytes

    def encode(self, records: list[Any]) -> list[bytes]:
        """Encode the leaves of records; raises as `Selection.encode_leaves` does."""
        if not self.leaves:
            return [self.before + self.after] * len(records)
        keys = [leaf.key for leaf in self.leaves]
        columns = [complete(leaf.shape, leaf.column(records)) for leaf in self.leaves]
        lines = encode_each(dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True))
        return [self.before + line[1:-1] + self.after for line in lines]


class Selection:
    """What is asked of an object type at one place, in the order of the response."""

    __slots__ = ("_constant", "_runs", "edges", "fields", "type")

    def __init__(self, type_: GraphQLObjectType, fields: list[Leaf | PlanEdge]) -> None:
        self.type = type_
        self.fields = fields
        self.edges = [each for each in fields if isinstance(each, PlanEdge)]
        self._runs = list(_runs(fields))
        self._constant: tuple[bytes, ...] | None = None
        if not any(run.leaves for run in self._runs):
            self._constant = tuple(run.before + run.after for run in self._runs)

    def encode_leaves(self, records: list[Any]) -> list[tuple[bytes, ...]]:
        """Encode the leaves of records, and what else is the same for all: one more piece a record than edges.

        Raises:
            CompletionError: see there. Reading and coercing may raise anything else.
        """
        if self._constant is not None:
            return [self._constant] * len(records)
        return list(zip(*(run.encode(records) for run in self._runs), strict=True))


def _runs(fields: list[Leaf | PlanEdge]) -> Iterator[LeafRun]:
    """Cut a selection at its edges: the edge's JSON goes between a run and the next."""
    comma, leaves = b"{", list[Leaf]()
    for each in fields:
        if isinstance(each, Leaf):
            leaves.append(each)
        else:
            yield LeafRun(comma, leaves, (b"," if leaves else b"") + b'"%b":' % each.key.encode())
            comma, leaves = b",", []
    empty = comma == b"," and not leaves
    yield LeafRun(b"" if empty else comma, leaves, b"}")


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
        self._strawberry = _strawberry_schema(self._schema)
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
        source = definition.extensions.get(DEFINITION)
        if not isinstance(source, StrawberryField) or source.extensions:
            raise UnsupportedError
        function = layer_of(source)
        if function is None and not (source.is_basic_field and source.default_resolver is getattr):
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


def _strawberry_schema(schema: GraphQLSchema) -> Schema:
    """Return the Strawberry schema that a schema was made by.

    Raises:
        UnsupportedError: it was not made by Strawberry, or it turns exceptions into answers.
    """
    made_by = schema.extensions.get(DEFINITION)
    if not isinstance(made_by, Schema) or made_by.exception_handlers:
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
    return list(dict.fromkeys(name for node in found.nodes for name in _variables(node)))


class _Directives(Visitor):
    """Collects the directives in use."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[DirectiveNode] = []

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        self.nodes.append(node)


class _Variables(Visitor):
    """Collects the names of variables."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.append(node.name.value)


def _variables(node: Node) -> list[str]:
    found = _Variables()
    visit(node, found)
    return found.names
