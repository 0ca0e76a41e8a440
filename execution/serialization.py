"""Serialization: JSON straight from the layers, where nothing went wrong.

The leaves of a record are encoded together, one piece of JSON for each run of leaves that no edge interrupts. The rest
is joining bytes: layers are taken last to first, so what is behind an edge is there before its parents are written,
and all parents of a layer are written at once. A group or a layer with an error in it, or behind it, is left out; what
stands beside it is not.

Nodes and bytes are counted before they are joined. What is there and not yet part of something larger stands in the
response at least once, so what is too much here is too much there.
"""

from collections.abc import Sequence
from itertools import accumulate, chain, pairwise, repeat
from operator import add
from typing import Final, NamedTuple

from execution.limits import too_many_bytes, too_many_nodes
from execution.row_cache import Entry
from execution.run import ID_OF_NULL, Group, Layer, Run

LONG: Final = 8192
"""JSON of a list, in bytes, from which on it pays not to copy it."""

_join = b",".join


class Column(NamedTuple):
    """The JSON of some values, None where one of them holds an error; its bytes, and the nodes in each value."""

    json: Sequence[bytes] | None
    size: int
    nodes: Sequence[int]


class Serialized(NamedTuple):
    """The JSON of a run's data; None where there is an error, and then that of all groups and layers without one."""

    data: bytes | None
    groups: dict[Group, Column]
    layers: dict[Layer, Column]


async def serialize(run: Run) -> Serialized:
    """Serialize what a finished run found, and remember the rows that hold as long as the snapshot.

    Raises:
        LimitError: there are too many nodes or bytes.
    """
    serializer = _Serializer(run)
    turn = run.request.turn
    for layer in reversed(run.layers):
        for group in layer.groups:
            serializer.take_group(group)
        serializer.take_layer(layer)
        if turn.is_over:
            await turn.end()
    serializer.take_group(run.root)
    root = serializer.groups[run.root]
    run.nodes = root.nodes[0]
    return Serialized(None if root.json is None else root.json[0], serializer.groups, serializer.layers)


class _Serializer:
    """Takes groups and layers from the last to the first; what became part of something larger is dropped."""

    def __init__(self, run: Run) -> None:
        self.groups: dict[Group, Column] = {}
        self.layers: dict[Layer, Column] = {}
        self._request = run.request
        self._lasting: set[Group] = set()
        self._bytes = 0

    def take_group(self, group: Group) -> None:
        """Write the records of a group: pieces and edges by turns."""
        columns = [self.layers[layer] for layer in group.layers]
        nodes = [1] * len(group.entries)
        for column in columns:
            nodes = list(map(add, nodes, column.nodes))
        self._check_nodes(nodes)
        pieces = [entry.pieces for entry in group.entries]
        if not all(pieces) or any(column.json is None for column in columns):
            self.groups[group] = Column(None, 0, nodes)
            return
        turns: list[Sequence[bytes]] = list(zip(*pieces, strict=True))
        for place, column in enumerate(columns):
            turns.insert(2 * place + 1, column.json or ())
        own = sum(map(len, chain.from_iterable(pieces)))
        size = own + sum(column.size for column in columns)
        self._check_bytes(own)
        rows = list(map(b"".join, zip(*turns, strict=True)))
        for layer in group.layers:
            del self.layers[layer]
        self.groups[group] = Column(rows, size, nodes)
        if self._is_lasting(group):
            self._remember(group, rows, nodes)

    def take_layer(self, layer: Layer) -> None:
        """Write the answers of a layer, one a parent."""
        json, nodes = self._leaves(layer) if layer.edge.type is None else self._items(layer)
        for lengths in reversed(layer.lengths):
            nodes = _sums(lengths, nodes)
        self._check_nodes(nodes)
        if json is None:
            self.layers[layer] = Column(None, 0, nodes)
            return
        size = sum(map(len, json)) + len(json)
        groups = [self.groups.pop(group) for group in layer.groups]
        self._check_bytes(size - sum(group.size for group in groups))
        for lengths in reversed(layer.lengths):
            json = _lists(lengths, json)
        self.layers[layer] = Column(json, size, nodes)

    def _leaves(self, layer: Layer) -> tuple[Sequence[bytes] | None, Sequence[int]]:
        count = sum(max(length, 0) for length in layer.lengths[-1]) if layer.lengths else len(layer.parents)
        return None if layer.has_error else layer.leaves, [0] * count

    def _items(self, layer: Layer) -> tuple[Sequence[bytes] | None, Sequence[int]]:
        """Return the JSON of what the `ids` of a layer stand for, and the nodes in each. A null is one."""
        columns = [self.groups[group] for group in layer.groups]
        if len(columns) == 1 and len(columns[0].nodes) == len(layer.ids) and not layer.has_error:
            # All are of one group, each once.
            return columns[0].json, columns[0].nodes
        if len(columns) == 1 and len(columns[0].nodes) == len(layer.entries) and not layer.has_error:
            # All are of one group, some more than once.
            return _repeated(layer, columns[0])
        made: dict[int, bytes] = {}
        nodes: dict[int, int] = {}
        for group, column in zip(layer.groups, columns, strict=True):
            nodes.update(zip(map(id, group.entries), column.nodes, strict=True))
            made.update(zip(map(id, group.entries), column.json or (), strict=False))
        entries = layer.entries
        counts = [1] * len(layer.ids)
        if layer.edge.leads_on:
            by_id = {key: nodes.get(id(entry), entry.nodes) for key, entry in entries.items()}
            counts = [by_id.get(key, 1) for key in layer.ids]
        if layer.has_error or any(column.json is None for column in columns):
            return None, counts
        rows = {key: made[id(entry)] if entry.row is None else entry.row for key, entry in entries.items()}
        rows[ID_OF_NULL] = b"null"
        return list(map(rows.__getitem__, layer.ids)), counts

    def _is_lasting(self, group: Group) -> bool:
        """Whether the rows of a group hold as long as the snapshot."""
        if self._request.rows is None or self._request.has_another_snapshot:
            return False
        return all(layer.is_pure and self._lasting.issuperset(layer.groups) for layer in group.layers)

    def _remember(self, group: Group, rows: list[bytes], nodes: list[int]) -> None:
        self._lasting.add(group)
        entries = list(map(Entry, group.records, repeat(None), repeat(()), rows, nodes))
        assert self._request.rows is not None
        key = self._request.variables.key(group.owner.variables)
        self._request.rows.keep(group.owner, key, entries)

    def _check_bytes(self, more: int) -> None:
        self._bytes += more
        limit = self._request.limits.max_bytes
        if self._bytes > limit:
            raise too_many_bytes(limit)

    def _check_nodes(self, nodes: Sequence[int]) -> None:
        limit = self._request.limits.max_nodes
        if sum(nodes) > limit:
            raise too_many_nodes(limit)


def _repeated(layer: Layer, column: Column) -> tuple[Sequence[bytes] | None, Sequence[int]]:
    """Return the JSON of what the `ids` of a layer stand for, whose entries are those of a column, and the nodes."""
    nodes = dict(zip(layer.entries, column.nodes, strict=True))
    nodes[ID_OF_NULL] = 1
    counts = list(map(nodes.__getitem__, layer.ids))
    if column.json is None:
        return None, counts
    rows = dict(zip(layer.entries, column.json, strict=True))
    rows[ID_OF_NULL] = b"null"
    return list(map(rows.__getitem__, layer.ids)), counts


def _lists(lengths: Sequence[int], items: Sequence[bytes]) -> list[bytes]:
    """Join items to lists of these lengths; a length of -1 is null."""
    lists = []
    start = 0
    for length in lengths:
        if length > 0:
            chunk = items[start : start + length]
            start += length
            is_long = length * len(chunk[0]) > LONG
            lists.append(_long_list(chunk) if is_long else b"[" + _join(chunk) + b"]")
        else:
            lists.append(b"null" if length else b"[]")
    return lists


def _sums(lengths: Sequence[int], nodes: Sequence[int]) -> list[int]:
    """Return the nodes in each list; one that is null has none."""
    totals = [0, *accumulate(nodes)]
    ends = accumulate((max(length, 0) for length in lengths), initial=0)
    return [totals[end] - totals[start] for start, end in pairwise(ends)]


def _long_list(items: Sequence[bytes]) -> bytes:
    """Join items to a list with its brackets in one go: to add them afterwards copies the list twice."""
    parts = [b","] * (2 * len(items) + 1)
    parts[0], parts[-1] = b"[", b"]"
    parts[1::2] = items
    return b"".join(parts)
