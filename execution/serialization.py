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
from typing import Final

from execution.groups import Group, Layer
from execution.limits import too_many_bytes, too_many_nodes
from execution.request import Request
from execution.row_cache import ENTRY_BYTES, Entry, are_values
from execution.run import Run

LONG: Final = 8192
"""JSON of a list, in bytes, from which on it pays not to copy it."""

_join = b",".join


async def serialize(run: Run) -> bytes | None:
    """Serialize what a finished run found, and remember the rows that hold as long as the snapshot.

    None where there is an error; then layers and entries without one have their JSON.

    Raises:
        LimitError: there are too many nodes or bytes.
    """
    writer = _Writer(run.request)
    turn = run.request.turn
    for layer in reversed(run.layers):
        for group in layer.groups:
            layer.entries.update(writer.entries(group))
        writer.write(layer)
        if turn.is_over:
            await turn.end()
    (root,) = writer.entries(run.root).values()
    run.nodes = root.nodes
    return root.row


class _Writer:
    """Writes groups and layers from the last to the first; what became part of something larger is dropped."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._bytes = 0

    def entries(self, group: Group) -> dict[int, Entry]:
        """Write the records of a group."""
        nodes: Sequence[int] = [1] * len(group.ids)
        for layer in group.layers:
            nodes = list(map(add, nodes, layer.nodes))
        self._check_nodes(nodes)
        pieces, edges = group.pieces, [layer.json for layer in group.layers if layer.json is not None]
        if pieces is None or len(edges) < len(group.layers):
            unsound = map(Entry, group.records, repeat(()), repeat(None), nodes, repeat(None))
            return dict(zip(group.ids, unsound, strict=True))
        leaves = sum(map(len, chain.from_iterable(pieces)))
        own = leaves + group.selection.constant * len(pieces)
        self._check_bytes(own)
        group.size = own + sum(layer.size for layer in group.layers)
        rows = group.selection.rows(pieces, edges)
        for layer in group.layers:
            layer.json = ()
        group.is_lasting = all(map(_is_lasting, group.layers))
        world = self._request.world_behind(group.owner) if group.is_lasting else None
        made = map(Entry, group.records, pieces, rows, nodes, repeat(world))
        entries = dict(zip(group.ids, made, strict=True))
        if are_values(group.records):
            self._keep(group, entries, leaves + ENTRY_BYTES * len(entries), world)
        return entries

    def _keep(self, group: Group, entries: dict[int, Entry], size: int, world: object | None) -> None:
        """Remember entries whose pieces have so many bytes; their rows where they hold in a world."""
        cache, key = self._request.rows, self._request.variables.key(group.owner.variables)
        if world is None:
            cache.keep_pieces(group.owner, key, entries, size)
        else:
            cache.keep(group.owner, key, entries, size + group.size)

    def write(self, layer: Layer) -> None:
        """Write the answers of a layer, one a parent."""
        if layer.edge.type is None:
            json, nodes = self._leaves(layer)
        else:
            json, nodes = self._records(layer)
        for lengths in reversed(layer.lengths):
            nodes = _sums(lengths, nodes)
        self._check_nodes(nodes)
        layer.nodes = nodes
        if json is None:
            return
        layer.size = sum(map(len, json)) + len(json)
        self._check_bytes(layer.size - sum(group.size for group in layer.groups))
        for lengths in reversed(layer.lengths):
            json = _lists(lengths, json)
        layer.json = json

    def _leaves(self, layer: Layer) -> tuple[Sequence[bytes] | None, Sequence[int]]:
        count = sum(max(length, 0) for length in layer.lengths[-1]) if layer.lengths else len(layer.parents)
        return None if layer.has_error else layer.leaves, [0] * count

    def _records(self, layer: Layer) -> tuple[Sequence[bytes] | None, Sequence[int]]:
        """Return the JSON of what the `ids` of a layer stand for, and the nodes in each. A null is one."""
        found = list(map(layer.entries.get, layer.ids))
        nodes = [1] * len(found)
        if layer.edge.leads_on:
            nodes = [1 if entry is None else entry.nodes for entry in found]
        rows = [entry.row for entry in found if entry is not None and entry.row is not None]
        return rows if len(rows) == len(found) and not layer.has_error else None, nodes

    def _check_bytes(self, more: int) -> None:
        self._bytes += more
        limit = self._request.limits.max_bytes
        if self._bytes > limit:
            raise too_many_bytes(limit)

    def _check_nodes(self, nodes: Sequence[int]) -> None:
        limit = self._request.limits.max_nodes
        if sum(nodes) > limit:
            raise too_many_nodes(limit)


def _is_lasting(layer: Layer) -> bool:
    return layer.is_pure and all(group.is_lasting for group in layer.groups)


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
