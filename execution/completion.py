"""Completion (spec, 6.4.3, "CompleteValue"), one position at a time: data and errors, where something went wrong.

It completes the answers of a finished run one position at a time, as graphql-core does (spec, 6.4.3 and 6.4.4), and in
the order in which the stock executor would come to them: a record's own leaves first, layer functions wave by
wave. That order decides which of several errors is reported when one of them takes its surroundings with it. Groups
that are sound have their JSON already.
"""

from collections import deque
from typing import Any, Final

from graphql import GraphQLError, Undefined, located_error
from msgspec import Raw

from execution.coercion import Shape
from execution.groups import Group, Layer
from execution.internals import complete_leaf, is_iterable
from execution.plan import Field, Leaf
from execution.run import Run

MAX_ERRORS: Final = 1_000
"""Errors in one response."""


class Place:
    """A position in the response: `container[key]`, in `outer`."""

    __slots__ = ("container", "is_nulled", "key", "nullable", "outer")

    def __init__(self, outer: "Place | None", container: Any, key: str | int, nullable: bool) -> None:
        self.outer = outer
        self.container = container
        self.key = key
        self.nullable = nullable
        self.is_nulled = False

    @property
    def path(self) -> list[str | int]:
        """The response path (spec, 7.1.2)."""
        keys: list[str | int] = []
        place: Place | None = self
        while place is not None and place.outer is not None:
            keys.append(place.key)
            place = place.outer
        return keys[::-1]

    @property
    def is_gone(self) -> bool:
        """Whether it, or something around it, is null because of an error."""
        place: Place | None = self
        while place is not None:
            if place.is_nulled:
                return True
            place = place.outer
        return False


class Completion:
    """The data and the errors of a finished run that could not be serialized."""

    def __init__(self, run: Run) -> None:
        self._errors: list[GraphQLError] = []
        self._failed: list[tuple[Exception, Field, Place]] = []
        self._left_out = 0
        self._run = run
        self._response: dict[str, Any] = {"data": None}
        self._later: deque[tuple[Layer, int, Place]] = deque()
        self._positions: dict[Layer, dict[int, tuple[Group, int]]] = {}

    async def complete(self) -> None:
        """Find the data and the errors."""
        turn = self._run.request.turn
        self._object(self._run.root, 0, Place(None, self._response, "data", nullable=True))
        while self._later:
            layer, position, place = self._later.popleft()
            if not place.is_gone:
                self._complete(layer.edge, layer.edge.shape, layer.answers[position], place, layer)
            if turn.is_over:
                await turn.end()
        for error, field, place in self._failed:
            self._errors.append(located_error(_untraced(error), field.nodes, place.path))
            if turn.is_over:
                await turn.end()

    @property
    def data(self) -> dict[str, Any] | None:
        """The response's `data`; what is sound in it is `msgspec.Raw`."""
        return self._response["data"]  # type: ignore[no-any-return]

    @property
    def errors(self) -> list[GraphQLError]:
        """The errors, one for each null that they made; the first `MAX_ERRORS` and how many more there are."""
        if not self._left_out:
            return self._errors
        message = f"{self._left_out} more errors are left out."
        return [*self._errors, GraphQLError(message, extensions={"code": "TOO_MANY_ERRORS"})]

    def _object(self, group: Group, position: int, place: Place) -> None:
        selection, record = group.selection, group.records[position]
        fields = dict.fromkeys(field.key for field in selection.fields)
        place.container[place.key] = fields
        layers = iter(group.layers)
        for field in selection.fields:
            inner = Place(place, fields, field.key, field.shape.nullable)
            if isinstance(field, Leaf):
                self._leaf(field, record, inner)
            else:
                self._edge(next(layers), position, inner)

    def _edge(self, layer: Layer, position: int, place: Place) -> None:
        if layer.json is not None:
            place.container[place.key] = Raw(layer.json[position])
        elif layer.edge.function is None:
            self._complete(layer.edge, layer.edge.shape, layer.answers[position], place, layer)
        else:
            self._later.append((layer, position, place))

    def _leaf(self, field: Leaf, record: Any, place: Place) -> None:
        try:
            value = field.column([record])[0]
        except Exception as error:
            self._fail(error, field, place)
        else:
            self._complete(field, field.shape, value, place)

    def _complete(self, field: Field, shape: Shape, value: Any, place: Place, layer: Layer | None = None) -> None:
        if isinstance(value, Exception):
            self._fail(value, field, place)
            return
        try:
            if value is None or value is Undefined:
                if not shape.nullable:
                    raise TypeError(f"Cannot return null for non-nullable field {_name(field)}.")
            elif shape.item is not None:
                self._list(field, shape.item, value, place, layer)
            elif shape.leaf is not None:
                place.container[place.key] = complete_leaf(shape.leaf, value)
            else:
                assert layer is not None
                self._record(layer, value, place)
        except Exception as error:
            self._fail(error, field, place)

    def _list(self, field: Field, item: Shape, values: Any, place: Place, layer: Layer | None) -> None:
        if not is_iterable(values):
            raise GraphQLError(f"Expected Iterable, but did not find one for field '{_name(field)}'.")
        values = list(values)
        items = place.container[place.key] = [None] * len(values)
        for index, value in enumerate(values):
            self._complete(field, item, value, Place(place, items, index, item.nullable), layer)

    def _record(self, layer: Layer, value: Any, place: Place) -> None:
        """Complete a record. Raises what is wrong with a value that is none."""
        entry = layer.entries.get(id(value))
        if entry is None:
            self._run.records.selection_of(layer.edge, value)
            raise RuntimeError(f"{_name(layer.edge)} was not asked of {value!r}")
        if entry.row is not None:
            place.container[place.key] = Raw(entry.row)
            return
        if layer not in self._positions:
            self._positions[layer] = {
                key: (group, position) for group in layer.groups for position, key in enumerate(group.ids)
            }
        self._object(*self._positions[layer][id(value)], place)

    def _fail(self, error: Exception, field: Field, place: Place) -> None:
        """Report an error, unless its place is gone already, and make the nearest place null that may be."""
        nulled = place
        while not nulled.nullable:
            assert nulled.outer is not None
            nulled = nulled.outer
        if nulled.is_gone:
            return
        if len(self._failed) < MAX_ERRORS:
            self._failed.append((error, field, place))
        else:
            self._left_out += 1
        nulled.is_nulled = True
        nulled.container[nulled.key] = None


def _untraced(error: Exception) -> Exception:
    """Drop the traceback of what is meant for clients: its frames keep all that they hold until a collection."""
    return error.with_traceback(None) if getattr(error, "extensions", None) is not None else error


def _name(field: Field) -> str:
    return f"{field.parent}.{field.details[0].node.name.value}"
