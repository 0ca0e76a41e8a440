"""What a run holds: a layer for each edge that it met, and groups of the records that it has to write."""

from collections.abc import Mapping, Sequence
from typing import Any

from execution.plan import PlanEdge, Selection
from execution.row_cache import Entry


class Group:
    """The records of which a selection is asked, each once, whose JSON is not known yet; and the layers of its edges.

    `owner` is the edge that they are behind, or the plan, `ids` are those of the `records`. `pieces` are the JSON of
    their leaves, None when something is wrong in one of them. Once they are written, `size` is the bytes of it all, and
    it `is_lasting` when all of it holds as long as the snapshot; it is not where an error is in it, or behind it.
    """

    __slots__ = ("ids", "is_lasting", "layers", "owner", "pieces", "records", "selection", "size")

    def __init__(
        self,
        owner: PlanEdge | Selection,
        selection: Selection,
        records: Mapping[int, Any],
        pieces: Sequence[tuple[bytes, ...]] | None,
    ) -> None:
        self.owner = owner
        self.selection = selection
        self.ids = list(records)
        self.records = list(records.values())
        self.pieces = pieces
        self.layers: list[Layer] = []
        self.size = 0
        self.is_lasting = False


class Layer:
    """One edge for all its parents.

    `answers` are one a parent. Where they are lists, `lengths` has, for each level of lists, the length of each list
    (-1 for null), and `ids` are those of the items of all of them, in one row; else they are the answers'. Records
    whose JSON is remembered have their `entries`, by id; the other sound ones make the `groups`, and get entries once
    these are written. Where layer functions answer with leaves, `leaves` are their JSON.

    `has_error` says that there is an error, or a null where none may be; `is_pure` that the answers hold as long as the
    snapshot. Once it is written, `json` is that of each answer, None where there is an error in it or behind it; `size`
    its bytes, and `nodes` the nodes in each.
    """

    __slots__ = (
        "answers",
        "edge",
        "entries",
        "groups",
        "has_error",
        "ids",
        "is_pure",
        "json",
        "leaves",
        "lengths",
        "nodes",
        "parents",
        "size",
    )

    def __init__(self, edge: PlanEdge, parents: list[Any]) -> None:
        self.edge = edge
        self.parents = parents
        self.has_error = False
        self.is_pure = True
        self.answers: Sequence[Any]
        self.lengths: list[list[int]] = []
        self.ids: list[int]
        self.entries: dict[int, Entry]
        self.leaves: list[bytes]
        self.groups: Sequence[Group] = ()
        self.json: Sequence[bytes] | None = None
        self.size = 0
        self.nodes: Sequence[int]
