"""The operation plan: what an operation asks for, worked out once (`planner` makes it).

A plan is a tree of selections. A `Selection` is what is asked of one object type at one place of the operation: fields
merged, fragments applied, `@skip` and `@include` decided. Its fields are

- **leaves**: attributes of the record with a scalar or enum type, or lists of such; and
- **edges**: layer functions, and attributes that lead to other records. An edge has a selection for each object type
  that can be met behind it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from operator import attrgetter, itemgetter
from typing import Any, Final, TypeAlias

from graphql import FieldNode, GraphQLField, GraphQLInterfaceType, GraphQLObjectType, GraphQLUnionType
from msgspec import Struct, defstruct

from execution.arguments import Arguments
from execution.coercion import Shape, complete, encode_each
from execution.internals import FieldDetailsList
from execution.layers import LayerFunction

MANY: Final = 50
"""Records that are encoded at one place of a plan before it is worth a structure."""

_ALL: Final = slice(0, None)

Classes: TypeAlias = "dict[type[Any], Selection]"
GraphQLCompositeType: TypeAlias = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


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

    `selections` are by the name of the object type, none where a layer function answers with leaves; it `leads_on` when
    one of them has edges. What is behind it `is_pure` when that depends on nothing but the record, the snapshot (see
    `layers`) and arguments, in which there are `variables`. `classes` are those of records that were met, with what is
    asked of them.
    """

    function: LayerFunction | None
    type: GraphQLCompositeType | None
    selections: "dict[str, Selection]"
    arguments: Arguments
    leads_on: bool = field(init=False)
    is_pure: bool = field(init=False)
    variables: tuple[str, ...] = field(init=False)
    classes: "Classes" = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        behind = self.selections.values()
        self.leads_on = any(selection.edges for selection in behind)
        self.is_pure = all(selection.is_pure for selection in behind)
        self.variables = tuple(dict.fromkeys(name for selection in behind for name in selection.variables))


@dataclass(slots=True, eq=False)
class LeafRun:
    """Leaves that stand together in the response, not interrupted by an edge; `cut` takes off a brace too many."""

    leaves: list[Leaf]
    cut: slice
    encoded: int = 0
    row: Callable[..., Struct] | None = None

    def encode(self, records: list[Any]) -> list[bytes]:
        """Encode the leaves of records; raises as `Selection.encode_leaves` does."""
        columns = [complete(leaf.shape, leaf.column(records)) for leaf in self.leaves]
        lines, cut = encode_each(self._rows(columns, len(records))), self.cut
        return lines if cut == _ALL else [line[cut] for line in lines]

    def _rows(self, columns: list[Sequence[Any]], count: int) -> Iterable[Any]:
        """Put the leaves of each record together. A structure is faster than a dict, once it is made."""
        keys = [leaf.key for leaf in self.leaves]
        self.encoded += count
        if self.row is None and self.encoded > MANY:
            names = [f"_{number}" for number in range(len(keys))]
            self.row = defstruct("Row", names, rename=dict(zip(names, keys, strict=True)), gc=False)
        if self.row is not None:
            return map(self.row, *columns)
        return (dict(zip(keys, row, strict=True)) for row in zip(*columns, strict=True))


class Selection:
    """What is asked of an object type at one place, in the order of the response.

    It `leads_on` when it has edges, and `is_pure` when its JSON depends on nothing but the record, the snapshot and
    arguments, in which there are `variables`. `constant` is the length of what all its rows have in common, in bytes.
    `highest_cost` is what `cost` keeps with the plan.
    """

    __slots__ = (
        "__weakref__",
        "_parts",
        "_runs",
        "constant",
        "edges",
        "fields",
        "highest_cost",
        "is_pure",
        "leads_on",
        "type",
        "variables",
    )

    def __init__(self, type_: GraphQLObjectType, fields: list[Leaf | PlanEdge]) -> None:
        self.type = type_
        self.fields = fields
        self.edges = [each for each in fields if isinstance(each, PlanEdge)]
        self.leads_on = bool(self.edges)
        self.is_pure = all(edge.is_pure and (edge.function is None or edge.function.is_pure) for edge in self.edges)
        self.variables = tuple(
            dict.fromkeys(name for edge in self.edges for name in (*edge.arguments.variables, *edge.variables))
        )
        self.highest_cost: int | None = None
        self._parts = _parts(fields)
        self._runs = [part for part in self._parts if isinstance(part, LeafRun)]
        self.constant = sum(len(part) for part in self._parts if isinstance(part, bytes))

    def encode_leaves(self, records: list[Any]) -> list[tuple[bytes, ...]]:
        """Encode the leaves of records: a piece for each run of them.

        Raises:
            CompletionError: see there. Reading and coercing may raise anything else.
        """
        if not self._runs:
            return [()] * len(records)
        return list(zip(*(run.encode(records) for run in self._runs), strict=True))

    def rows(self, pieces: Sequence[tuple[bytes, ...]], edges: Iterable[Sequence[bytes]]) -> list[bytes]:
        """Put the JSON of records together: the pieces of each, and its edges."""
        if not self.edges:
            return list(chain.from_iterable(pieces)) if self._runs else [b"{}"] * len(pieces)
        columns = iter([map(itemgetter(number), pieces) for number in range(len(self._runs))])
        edges = iter(edges)
        turns: list[Iterable[bytes]] = [
            repeat(part) if isinstance(part, bytes) else next(columns if isinstance(part, LeafRun) else edges)
            for part in self._parts
        ]
        return list(map(b"".join, zip(*turns, strict=False)))


def _parts(fields: list[Leaf | PlanEdge]) -> list[bytes | LeafRun | PlanEdge]:
    """Cut a selection at its edges: runs of leaves, edges, and what stands around them, as they follow each other."""
    parts: list[bytes | LeafRun | PlanEdge] = []
    last: bytes | LeafRun | PlanEdge | None = None
    for each in fields:
        if isinstance(each, PlanEdge):
            parts += [b'%b"%b":' % (b"," if parts else b"{", each.key.encode()), each]
        elif isinstance(last, LeafRun):
            last.leaves.append(each)
        else:
            parts += [b",", LeafRun([each], slice(1, -1))] if parts else [LeafRun([each], slice(0, -1))]
        last = parts[-1]
    if isinstance(last, LeafRun):
        last.cut = slice(last.cut.start, None)
        return parts
    return [*parts, b"}"] if parts else [b"{}"]
