"""The output: JSON straight from the layers, where nothing went wrong.

The leaves of a record are encoded together, one piece of JSON for each run of leaves that no edge interrupts. The rest
is joining bytes: layers are taken last to first, so what is behind an edge is there before its parents are written,
and all parents of a layer are written at once.
"""

from collections.abc import Sequence

from execution.leaves import complete, encode_each
from execution.run import ID_OF_NULL, Group, Layer, Run

_join = b",".join


def encode(run: Run) -> bytes:
    """Encode the data of a run without trouble.

    Raises:
        TroubleError: a leaf that a layer function answered needs the careful output. Coercing may raise anything else.
    """
    for layer in reversed(run.layers):
        layer.column = _column(layer)
    return _rows(run.root)[0]


def _column(layer: Layer) -> list[bytes]:
    """Encode the answers of a layer, one a parent."""
    if layer.edge.type is None:
        encoded = encode_each(complete(layer.edge.shape.innermost, layer.values))
    else:
        rows = _rows_by_id(layer)
        rows[ID_OF_NULL] = b"null"
        encoded = list(map(rows.__getitem__, layer.ids))
    for lengths in reversed(layer.lengths):
        encoded = _lists(lengths, encoded)
    return encoded


def _lists(lengths: list[int], items: list[bytes]) -> list[bytes]:
    """Join items to lists of these lengths; a length of -1 is null."""
    lists = []
    start = 0
    for length in lengths:
        if length < 0:
            lists.append(b"null")
        else:
            lists.append(b"[" + _join(items[start : start + length]) + b"]")
            start += length
    return lists


def _rows_by_id(layer: Layer) -> dict[int, bytes]:
    """Encode the records of a layer, by the `id` of the values that stand for them."""
    if len(layer.groups) == 1 and len(layer.groups[0].entries) == len(layer.entries):
        return dict(zip(layer.entries, _rows(layer.groups[0]), strict=True))
    rows: dict[int, bytes] = {}
    for group in layer.groups:
        rows.update(zip(map(id, group.entries), _rows(group), strict=True))
    return {key: rows[id(entry)] for key, entry in layer.entries.items()}


def _rows(group: Group) -> list[bytes]:
    """Encode the records of a group: pieces and edges by turns."""
    if not group.layers:
        return [piece for (piece,) in group.pieces]
    first, *pieces = zip(*group.pieces, strict=True)
    turns: list[Sequence[bytes]] = [first]
    for layer, piece in zip(group.layers, pieces, strict=True):
        turns += (layer.column, piece)
    return list(map(b"".join, zip(*turns, strict=True)))
