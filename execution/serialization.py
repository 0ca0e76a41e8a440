"""Serialization: JSON straight from the layers, where nothing went wrong.

The leaves of a record are encoded together, one piece of JSON for each run of leaves that no edge interrupts. The rest
is joining bytes: layers are taken last to first, so what is behind an edge is there before its parents are written,
and all parents of a layer are written at once. A group or a layer with an error in it, or behind it, is left out; what
stands beside it is not.
"""

from collections.abc import Sequence
from typing import Final

from execution.run import ID_OF_NULL, Group, Layer, Run

LONG: Final = 8192
"""JSON of a list, in bytes, from which on it pays not to copy it."""

_join = b",".join


def encode(run: Run) -> bytes | None:
    """Encode the data of a finished run; None where there is an error. What is sound has its JSON in any case."""
    for layer in reversed(run.layers):
        for group in layer.groups:
            group.rows = _rows(group)
        layer.column = _column(layer)
    run.root.rows = rows = _rows(run.root)
    return None if rows is None else rows[0]


def _rows(group: Group) -> list[bytes] | None:
    """Encode the records of a group: pieces and edges by turns."""
    if not all(group.pieces):
        return None
    if not group.layers:
        return [piece for (piece,) in group.pieces]
    first, *pieces = zip(*group.pieces, strict=True)
    turns: list[Sequence[bytes]] = [first]
    for layer, piece in zip(group.layers, pieces, strict=True):
        if layer.column is None:
            return None
        turns += (layer.column, piece)
    return list(map(b"".join, zip(*turns, strict=True)))


def _column(layer: Layer) -> list[bytes] | None:
    """Encode the answers of a layer, one a parent."""
    if layer.has_error:
        return None
    if layer.edge.type is None:
        encoded = layer.leaves
    else:
        rows = _rows_by_id(layer)
        if rows is None:
            return None
        rows[ID_OF_NULL] = b"null"
        encoded = list(map(rows.__getitem__, layer.ids))
    for lengths in reversed(layer.lengths):
        encoded = _lists(lengths, encoded)
    return encoded


def _rows_by_id(layer: Layer) -> dict[int, bytes] | None:
    """Return the JSON of a layer's records, by the `id` of the values that stand for them."""
    by_record: dict[int, bytes] = {}
    for group in layer.groups:
        if group.rows is None:
            return None
        if len(group.records) == len(layer.entries):
            return dict(zip(layer.entries, group.rows, strict=True))
        by_record.update(zip(map(id, group.records), group.rows, strict=True))
    return {key: by_record[id(entry.record)] for key, entry in layer.entries.items()}


def _lists(lengths: list[int], items: list[bytes]) -> list[bytes]:
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


def _long_list(items: list[bytes]) -> bytes:
    """Join items to a list with its brackets in one go: to add them afterwards copies the list twice."""
    parts = [b","] * (2 * len(items) + 1)
    parts[0], parts[-1] = b"[", b"]"
    parts[1::2] = items
    return b"".join(parts)
