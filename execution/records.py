"""Meeting records: what is asked of each, and what is known of its JSON."""

from collections.abc import Sequence
from typing import Any, Final

from graphql import GraphQLObjectType, GraphQLResolveInfo

from execution.internals import invalid_return_type_error, resolve_info, runtime_type
from execution.plan import PlanEdge, Selection
from execution.request import Request
from execution.row_cache import Entry, is_value

MAX_RECORDS: Final = 1_000
"""Records that are read and encoded at once; between two such parts others may run."""


class Records:
    """Finds the entries of the records that one request meets."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._infos: dict[PlanEdge, GraphQLResolveInfo[Any]] = {}

    async def entries(self, edge: PlanEdge, values: dict[int, Any]) -> dict[int, Entry]:
        """Return the entries of values behind an edge, all by their `id`; what is no record of the edge gets none."""
        found = self._remembered(edge, list(values.values()))
        if None not in found:
            return dict(zip(values, found, strict=True))  # type: ignore[arg-type]
        entries = {key: entry for key, entry in zip(values, found, strict=True) if entry is not None}
        missing = [value for key, value in values.items() if key not in entries]
        for start in range(0, len(missing), MAX_RECORDS):
            entries.update(self._meet(edge, missing[start : start + MAX_RECORDS]))
            if self._request.turn.is_over:
                await self._request.turn.end()
        return entries

    def selection_of(self, edge: PlanEdge, value: Any) -> Selection:
        """Return what is asked of a value behind an edge (spec, 6.4.3, "ResolveAbstractType").

        Raises:
            Exception: the value itself, if it is one; else what graphql-core raises when the value does not fit.
        """
        if isinstance(value, Exception):
            raise value
        expected = edge.type
        if isinstance(expected, GraphQLObjectType):
            found = expected
        else:
            assert expected is not None
            found = runtime_type(self._request.executor, expected, edge.details, self._info(edge), value)
        if found.is_type_of is not None and not found.is_type_of(value, self._info(edge)):
            raise invalid_return_type_error(found, value, edge.details)
        return edge.selections[found.name]

    def _info(self, edge: PlanEdge) -> GraphQLResolveInfo[Any]:
        if edge not in self._infos:
            executor = self._request.executor
            self._infos[edge] = resolve_info(executor, edge.definition, edge.details, edge.parent, edge.key)
        return self._infos[edge]

    def _remembered(self, edge: PlanEdge, records: list[Any]) -> Sequence[Entry | None]:
        request = self._request
        try:
            if request.rows is None or not edge.is_pure or not edge.leads_on:
                return request.leaves.find(edge, None, records)
            rows = request.rows.find(edge, request.variables.key(edge.variables), records)
            if None not in rows:
                return rows
            leaves = request.leaves.find(edge, None, records)
        except TypeError:  # not hashable
            return [None] * len(records)
        return [row or entry for row, entry in zip(rows, leaves, strict=True)]

    def _meet(self, edge: PlanEdge, values: Sequence[Any]) -> dict[int, Entry]:
        """Make the entries of records that are not remembered."""
        asked: dict[Selection, list[Any]] = {}
        for value in values:
            try:
                selection = self.selection_of(edge, value)
            except Exception:  # `completion` comes to it again
                continue
            asked.setdefault(selection, []).append(value)
        entries: dict[int, Entry] = {}
        for selection, records in asked.items():
            keys = _keys(records)
            unique = dict(zip(keys, records, strict=True))
            made = dict(zip(unique, entries_of(selection, list(unique.values())), strict=True))
            self._request.leaves.keep(edge, None, filter(_can_be_kept, made.values()))
            entries.update((id(record), made[key]) for record, key in zip(records, keys, strict=True))
        return entries


def entries_of(selection: Selection, records: list[Any]) -> list[Entry]:
    """Encode the leaves of records: all of their JSON, where no edge is asked for."""
    try:
        encoded = selection.encode_leaves(records)
    except Exception:  # `completion` comes to it again, and says what it is and where
        return [Entry(record, selection) for record in records]
    if selection.edges:
        return [Entry(record, selection, pieces) for record, pieces in zip(records, encoded, strict=True)]
    return [Entry(record, None, row=row) for record, (row,) in zip(records, encoded, strict=True)]


def _can_be_kept(entry: Entry) -> bool:
    return bool(entry.pieces or entry.row) and is_value(entry.record)


def _keys(records: list[Any]) -> list[Any]:
    """Return keys that are equal for equal records of one type; for what cannot be hashed, its `id`."""
    keys = [(type(record), record) for record in records]
    try:
        set(keys)
    except TypeError:
        return list(map(id, records))
    return keys
