"""Running a plan, layer by layer.

A `Layer` is one edge of the plan at work for all its parents at once; a `Group` is all records, each once, of which a
selection is asked. The run goes in waves: the layer functions at one depth are all called, what they return is awaited
together, and the records found make the groups whose edges are the next wave. So whatever is asked at one depth, on
whichever path, reaches the loaders in one go; and layer functions that answer at once cost no turn of the event loop.
A wave waits for the slowest of its layers: fewer, larger batches are worth more than an early start.

The run reports no errors. It goes on with what is sound, and notes at which layers there is `has_error`.
"""

from asyncio import gather
from collections.abc import Awaitable, Sequence
from inspect import isawaitable
from itertools import chain
from typing import Any, Final

from graphql import Executor, GraphQLObjectType, GraphQLResolveInfo

from execution.coercion import NULL, SEQUENCES, Shape, complete, encode_each
from execution.internals import invalid_return_type_error, is_iterable, resolve_info, runtime_type
from execution.plan import PlanEdge, Selection
from execution.row_cache import Entry, RowCache

ID_OF_NULL: Final = id(None)


class Group:
    """The records of which a selection is asked, each once, and the layers of its edges.

    `pieces` are the JSON of the records' leaves, empty where these hold something that is wrong. `rows`, the JSON of
    the records, is made by `serialization`.
    """

    __slots__ = ("layers", "pieces", "records", "rows", "selection")

    def __init__(self, selection: Selection, records: Sequence[Any], pieces: Sequence[tuple[bytes, ...]]) -> None:
        self.selection = selection
        self.records = list(records)
        self.pieces = pieces
        self.layers: list[Layer] = []
        self.rows: list[bytes] | None


class Layer:
    """One edge for all its parents.

    `answers` are one a parent. Where they are lists, `lengths` has, for each level of lists, the length of each list
    (-1 for null), and `ids` are those of the items of all of them, in one row; else they are the answers'. `entries`
    are by these, each once, of sound records only; equal records have one. Where layer functions answer with leaves,
    `leaves` are their JSON.

    `has_error` says that there is an error, or a null where none may be. `column`, the JSON of the answers, is made by
    `serialization`.
    """

    __slots__ = ("answers", "column", "edge", "entries", "groups", "has_error", "ids", "leaves", "lengths", "parents")

    def __init__(self, edge: PlanEdge, parents: list[Any]) -> None:
        self.edge = edge
        self.parents = parents
        self.has_error = False
        self.answers: Sequence[Any]
        self.lengths: list[list[int]] = []
        self.ids: list[int]
        self.entries: dict[int, Entry]
        self.leaves: list[bytes]
        self.groups: Sequence[Group] = ()
        self.column: list[bytes] | None


class Run:
    """One run of a plan. After `finish`, `root` and `layers` (parents before their children) hold all there is."""

    def __init__(self, executor: Executor[Any], plan: Selection, row_cache: RowCache) -> None:
        self.executor = executor
        self.row_cache = row_cache
        self.layers: list[Layer] = []
        self.root = Group(plan, [executor.root_value], _encoded(plan, [executor.root_value]))
        self._wave: list[Layer] = []
        self._infos: dict[PlanEdge, GraphQLResolveInfo[Any]] = {}
        self._expand(self.root)

    async def finish(self) -> None:
        """Run all waves."""
        while self._wave:
            wave, self._wave = self._wave, []
            for layer, answers in zip(wave, await self._answers(wave), strict=True):
                self._receive(layer, answers)

    def selection_of(self, edge: PlanEdge, value: Any) -> Selection:
        """Return what is asked of a value behind an edge (spec, 6.4.3, "ResolveAbstractType").

        Raises:
            Exception: the value itself, if it is one; else what graphql-core raises when the value does not fit.
        """
        if isinstance(value, Exception):
            raise value
        expected, executor, info = edge.type, self.executor, self._info(edge)
        if isinstance(expected, GraphQLObjectType):
            found = expected
        else:
            assert expected is not None
            found = runtime_type(executor, expected, edge.details, info, value)
        if found.is_type_of is not None and not found.is_type_of(value, info):
            raise invalid_return_type_error(found, value, edge.details)
        return edge.selections[found.name]

    def _info(self, edge: PlanEdge) -> GraphQLResolveInfo[Any]:
        if edge not in self._infos:
            self._infos[edge] = resolve_info(self.executor, edge.definition, edge.details, edge.parent, edge.key)
        return self._infos[edge]

    async def _answers(self, wave: list[Layer]) -> list[Any]:
        answers = [self._call(layer) for layer in wave]
        later = [place for place, answer in enumerate(answers) if type(answer) is not list and isawaitable(answer)]
        if later:
            for place, answer in zip(later, await _together([answers[place] for place in later]), strict=True):
                answers[place] = answer
        return answers

    def _call(self, layer: Layer) -> Any:
        edge, executor = layer.edge, self.executor
        assert edge.function is not None
        try:
            arguments = edge.arguments.values(executor.variable_values, executor.hide_suggestions)
            return edge.function(layer.parents, executor.context_value, **arguments)
        except Exception as error:
            return error

    def _expand(self, group: Group) -> None:
        """Open the layers of a group: those of layer functions in the next wave, those of attributes now."""
        for edge in group.selection.edges:
            layer = Layer(edge, group.records)
            group.layers.append(layer)
            if edge.function is not None:
                self._wave.append(layer)
            else:
                self._receive(layer, [_attribute(record, edge.attribute) for record in group.records])

    def _receive(self, layer: Layer, answers: Any) -> None:
        self.layers.append(layer)
        shape = layer.edge.shape
        values: Sequence[Any] = answers
        if type(answers) is not list or len(answers) != len(layer.parents):
            values = _one_a_parent(answers, layer)
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
            self._group(layer, values, shape.nullable)

    def _group(self, layer: Layer, values: Sequence[Any], nullable: bool) -> None:
        """Sort the records behind an edge by what is asked of them, each once."""
        ids = layer.ids = list(map(id, values))
        distinct = dict(zip(ids, values, strict=False))
        if ID_OF_NULL in distinct:
            del distinct[ID_OF_NULL]
            layer.has_error = layer.has_error or not nullable
        try:
            entries: list[Any] = list(map(layer.edge.known.get, distinct.values()))
        except TypeError:  # not hashable
            entries = [None] * len(distinct)
        layer.entries = dict(zip(distinct, entries, strict=False))
        if not all(entries):
            self._complete(layer, distinct)
        layer.groups = _groups(layer)
        for group in layer.groups:
            self._expand(group)

    def _complete(self, layer: Layer, distinct: dict[int, Any]) -> None:
        """Add the entries of records that are not known; what is no record of the edge gets none."""
        met = self._meet(layer.edge, [value for key, value in distinct.items() if layer.entries[key] is None])
        entries = {key: entry or met.get(key) for key, entry in layer.entries.items()}
        layer.entries = {key: entry for key, entry in entries.items() if entry is not None}
        layer.has_error = layer.has_error or len(layer.entries) < len(entries)

    def _meet(self, edge: PlanEdge, values: list[Any]) -> dict[int, Entry]:
        """Make the entries of records that are not known, by their `id`."""
        sorted_: dict[Selection, list[Any]] = {}
        for value in values:
            try:
                selection = self.selection_of(edge, value)
            except Exception:
                continue
            sorted_.setdefault(selection, []).append(value)
        entries: dict[int, Entry] = {}
        for selection, records in sorted_.items():
            keys = _keys(records)
            unique = dict(zip(keys, records, strict=True))
            pieces = _encoded(selection, list(unique.values()))
            made = {
                key: Entry(record, selection, each) for (key, record), each in zip(unique.items(), pieces, strict=True)
            }
            self.row_cache.remember(edge, made.values())
            entries.update((id(record), made[key]) for record, key in zip(records, keys, strict=True))
        return entries


def _encoded(selection: Selection, records: list[Any]) -> Sequence[tuple[bytes, ...]]:
    try:
        return selection.encode_leaves(records)
    except Exception:  # `completion` comes to it again, and says what it is and where
        return [()] * len(records)


async def _together(awaitables: list[Awaitable[Any]]) -> list[Any]:
    if len(awaitables) == 1:
        try:
            return [await awaitables[0]]
        except Exception as error:
            return [error]
    answers = await gather(*awaitables, return_exceptions=True)
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, Exception):
            raise answer
    return answers


def _one_a_parent(answers: Any, layer: Layer) -> list[Any]:
    count = len(layer.parents)
    if isinstance(answers, Exception):
        return [answers] * count
    try:
        listed = answers if type(answers) is list else list(answers)
    except Exception as error:
        return [error] * count
    if len(listed) != count:
        name = getattr(layer.edge.function, "__qualname__", layer.edge.function)
        return [RuntimeError(f"{name} gave {len(listed)} answers for {count} parents")] * count
    return listed


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


def _groups(layer: Layer) -> list[Group]:
    """Sort entries by their selections, each once."""
    entries = list(layer.entries.values())
    if not entries:
        return []
    if len(set(map(id, entries))) < len(entries):
        entries = list({id(entry): entry for entry in entries}.values())
    if len(layer.edge.selections) == 1:
        records, (selection, *_), pieces = zip(*entries, strict=False)
        return [Group(selection, records, pieces)]
    members: dict[Selection, list[Entry]] = {}
    for entry in entries:
        members.setdefault(entry.selection, []).append(entry)
    return [
        Group(selection, [entry.record for entry in each], [entry.pieces for entry in each])
        for selection, each in members.items()
    ]


def _keys(records: list[Any]) -> list[Any]:
    """Return keys that are equal for equal records of one type; for what cannot be hashed, its `id`."""
    keys = [(type(record), record) for record in records]
    try:
        set(keys)
    except TypeError:
        return list(map(id, records))
    return keys
