"""Running a plan, layer by layer.

A `Layer` is one edge of the plan at work for all its parents at once; a `Group` is all records, each once, of which a
selection is asked and whose JSON is not known yet. The run goes in waves: the layer functions at one depth are all
called, what they return is awaited together, and the records found make the groups whose edges are the next wave. So
whatever is asked at one depth, on whichever path, reaches the loaders in one go; and layer functions that answer at
once cost no turn of the event loop. A wave waits for the slowest of its layers: fewer, larger batches are worth more
than an early start.

The run reports no errors. It goes on with what is sound, and notes at which layers there is `has_error`.
"""

from collections import deque
from collections.abc import Coroutine, Sequence
from functools import partial
from itertools import chain
from typing import Any, Final

from execution.calls import Call, call_all
from execution.coercion import NULL, SEQUENCES, Shape, complete, encode_each
from execution.groups import Group, Layer
from execution.internals import is_iterable
from execution.limits import too_many_nodes
from execution.plan import Selection
from execution.records import Records, pieces_of
from execution.request import Request
from execution.row_cache import EVER, Entry
from spans import span

ID_OF_NULL: Final = id(None)
_NULL: Final = Entry(None, (), b"null", 1, EVER)


class Run:
    """One run of a plan. After `finish`, `root` and `layers` (parents before their children) hold all there is.

    `nodes` are those that the response has at the least, as far as they were counted.
    """

    def __init__(self, request: Request, plan: Selection) -> None:
        self.request = request
        self.records = Records(request)
        self.layers: list[Layer] = []
        self.nodes = 1
        self._wave: list[Layer] = []
        self._answered: deque[tuple[Layer, Sequence[Any]]] = deque()
        root = request.root_value
        self.root = Group(plan, plan, {id(root): root}, pieces_of(plan, [root]))
        self._expand(self.root)

    async def finish(self) -> None:
        """Run all waves.

        Raises:
            LimitError: there are too many nodes.
        """
        turn = self.request.turn
        while self._wave or self._answered:
            while self._answered:
                await self._receive(*self._answered.popleft())
                if turn.is_over:
                    await turn.end()
            wave, self._wave = self._wave, []
            if wave:
                await self._call(wave)

    async def _call(self, wave: list[Layer]) -> None:
        """Call the layer functions of a wave."""
        with span("wave", partial(_described, wave)):
            calls = await self._calls(wave)
        for layer, call in zip(wave, calls, strict=True):
            layer.is_pure = call.is_pure
            self._answered.append((layer, call.answers))

    def _calls(self, wave: list[Layer]) -> Coroutine[Any, Any, list[Call]]:
        return call_all(self.request, [(layer.edge, layer.parents) for layer in wave])

    def _expand(self, group: Group) -> None:
        """Open the layers of a group: those of attributes now, those of layer functions in the next wave."""
        for edge in group.selection.edges:
            layer = Layer(edge, group.records)
            group.layers.append(layer)
            if edge.function is not None:
                self._wave.append(layer)
            else:
                self._answered.append((layer, [_attribute(record, edge.attribute) for record in group.records]))

    async def _receive(self, layer: Layer, answers: Sequence[Any]) -> None:
        self.layers.append(layer)
        shape, values = layer.edge.shape, answers
        if shape.item is not None and not set(map(type, values)) <= SEQUENCES:
            values = list(map(_listed, values))
        layer.answers = values
        while shape.item is not None:
            lists = _sound_lists(layer, shape, values)
            layer.lengths.append([-1 if each is None else len(each) for each in lists])
            values = list(chain.from_iterable(filter(None, lists)))
            shape = shape.item
        if layer.edge.type is None:
            _encode_leaves(layer, shape, values)
        else:
            self._count(len(values))
            await self._group(layer, values, shape.nullable)

    def _count(self, nodes: int) -> None:
        """Count nodes; every one of them stands in the response at least once."""
        self.nodes += nodes
        if self.nodes > self.request.limits.max_nodes:
            raise too_many_nodes(self.request.limits.max_nodes)

    async def _group(self, layer: Layer, values: Sequence[Any], nullable: bool) -> None:
        """Sort the records behind an edge by what is asked of them, each once."""
        layer.ids = list(map(id, values))
        records = dict(zip(layer.ids, values, strict=True))
        has_null = records.pop(ID_OF_NULL, layer) is None
        layer.entries, layer.groups = await self.records.meet(layer.edge, records)
        known = len(layer.entries) + sum(len(group.ids) for group in layer.groups)
        layer.has_error = layer.has_error or known < len(records) or (has_null and not nullable)
        if has_null:
            layer.entries[ID_OF_NULL] = _NULL
        for group in layer.groups:
            self._expand(group)


def _described(wave: list[Layer]) -> dict[str, int]:
    return {"catalogue.layers": len(wave), "catalogue.records": sum(len(layer.parents) for layer in wave)}


def _attribute(record: Any, name: str) -> Any:
    try:
        return getattr(record, name)
    except Exception as error:
        return error


def _listed(value: Any) -> Any:
    """Make a list of what can be iterated, as what is iterated once may not be so twice."""
    if type(value) in SEQUENCES or not is_iterable(value):
        return value
    try:
        return list(value)
    except Exception as error:
        return error


def _sound_lists(layer: Layer, shape: Shape, values: Sequence[Any]) -> Sequence[Sequence[Any] | None]:
    """Return the lists, null in place of what is none."""
    kinds = set(map(type, values))
    if kinds <= SEQUENCES:
        return values
    if not shape.nullable or not kinds <= SEQUENCES | {NULL}:
        layer.has_error = True
    return [each if type(each) in SEQUENCES else None for each in values]


def _encode_leaves(layer: Layer, shape: Shape, values: Sequence[Any]) -> None:
    try:
        layer.leaves = encode_each(complete(shape, values))
    except Exception:
        layer.has_error = True
