"""Meeting records: what is asked of each, and what is known of its JSON."""

from collections.abc import Sequence
from itertools import chain, repeat
from typing import Any, Final

from graphql import GraphQLAbstractType, GraphQLObjectType, GraphQLResolveInfo

from execution.internals import invalid_return_type_error, type_name, valid_type
from execution.plan import PlanEdge, Selection
from execution.request import Request
from execution.row_cache import Entry

MAX_RECORDS: Final = 1_000
"""Records that are read and encoded at once; between two such parts others may run."""


class Records:
    """Finds the entries of the records that one request meets."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._rows = request.rows
        self._infos: dict[PlanEdge, GraphQLResolveInfo[Any]] = {}

    async def entries(self, edge: PlanEdge, values: dict[int, Any]) -> dict[int, Entry]:
        """Return the entries of values behind an edge, in their order; what is no record of it gets none."""
        found = self._remembered(edge, list(values.values()))
        if None not in found:
            return dict(zip(values, found, strict=True))  # type: ignore[arg-type]
        entries = dict(zip(values, found, strict=True))
        missing = [value for value, entry in zip(values.values(), found, strict=True) if entry is None]
        for start in range(0, len(missing), MAX_RECORDS):
            entries.update(self._meet(edge, missing[start : start + MAX_RECORDS]))
            if self._request.turn.is_over:
                await self._request.turn.end()
        return {key: entry for key, entry in entries.items() if entry is not None}

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
            found = self._type_of(edge, expected, value)
        if found.is_type_of is not None and not found.is_type_of(value, self._info(edge)):
            raise invalid_return_type_error(found, value, edge.details)
        return edge.selections[found.name]

    def _are_of(self, edge: PlanEdge, type_: GraphQLObjectType, values: Sequence[Any]) -> bool:
        """Whether all values are records of an object type."""
        if any(issubclass(kind, Exception) for kind in set(map(type, values))):
            return False
        if type_.is_type_of is None:
            return True
        check, info = type_.is_type_of, self._info(edge)
        try:
            return all(map(check, values, repeat(info)))
        except Exception:
            return False

    def _type_of(self, edge: PlanEdge, expected: GraphQLAbstractType, value: Any) -> GraphQLObjectType:
        name = type_name(expected, self._info(edge), value)
        if isinstance(name, str) and name in edge.selections:
            return edge.selections[name].type
        return valid_type(self._request.executor, name, expected, edge.details, self._info(edge), value)

    def _info(self, edge: PlanEdge) -> GraphQLResolveInfo[Any]:
        if edge not in self._infos:
            self._infos[edge] = self._request.info(edge.definition, edge.details, edge.parent, edge.key)
        return self._infos[edge]

    def _remembered(self, edge: PlanEdge, records: list[Any]) -> Sequence[Entry | None]:
        request = self._request
        try:
            if self._rows is None or not edge.is_pure or not edge.leads_on:
                return request.leaves.find(edge, None, records)
            rows = self._rows.find(edge, request.variables.key(edge.variables), records)
            if None not in rows:
                return rows
            leaves = request.leaves.find(edge, None, records)
        except TypeError:  # not hashable
            return [None] * len(records)
        return [row or entry for row, entry in zip(rows, leaves, strict=True)]

    def _meet(self, edge: PlanEdge, values: Sequence[Any]) -> dict[int, Entry]:
        """Make the entries of records that are not remembered."""
        entries: dict[int, Entry] = {}
        for selection, records in self._asked(edge, values).items():
            made = _one_each(records, entries_of(selection, records))
            self._request.leaves.keep(edge, None, [entry for entry in made if entry.pieces or entry.row])
            entries.update(zip(map(id, records), made, strict=True))
        return entries

    def _asked(self, edge: PlanEdge, values: Sequence[Any]) -> dict[Selection, list[Any]]:
        """Sort values by what is asked of them; what is no record of the edge is left out."""
        if isinstance(edge.type, GraphQLObjectType) and self._are_of(edge, edge.type, values):
            return {edge.selections[edge.type.name]: list(values)}
        asked: dict[Selection, list[Any]] = {}
        for value in values:
            try:
                selection = self.selection_of(edge, value)
            except Exception:  # `completion` comes to it again
                continue
            asked.setdefault(selection, []).append(value)
        return asked


def entries_of(selection: Selection, records: list[Any]) -> list[Entry]:
    """Encode the leaves of records: all of their JSON, where no edge is asked for."""
    try:
        encoded = selection.encode_leaves(records)
    except Exception:  # `completion` comes to it again, and says what it is and where
        return [Entry(record, selection) for record in records]
    if selection.edges:
        return list(map(Entry, records, repeat(selection), encoded))
    return list(map(Entry, records, repeat(None), repeat(()), chain.from_iterable(encoded)))


def _one_each(records: Sequence[Any], entries: list[Entry]) -> list[Entry]:
    """Return the entries of records; equal ones of one type have the same, if they can be hashed."""
    one_type = len(set(map(type, records))) == 1
    keys: Sequence[Any] = records if one_type else list(zip(map(type, records), records, strict=True))
    try:
        unique = dict(zip(keys, entries, strict=True))
    except TypeError:
        return entries
    return entries if len(unique) == len(entries) else list(map(unique.__getitem__, keys))
