"""Meeting records: what is asked of each, and what is known of its JSON."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from graphql import GraphQLAbstractType, GraphQLObjectType, GraphQLResolveInfo

from execution.groups import Group
from execution.internals import invalid_return_type_error, type_name, valid_type
from execution.plan import PlanEdge, Selection
from execution.request import Request
from execution.row_cache import Entry

MAX_RECORDS: Final = 1_000
"""Records that are read and encoded at once; between two such parts others may run."""


class Records:
    """Finds out about the records that one request meets."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._infos: dict[PlanEdge, GraphQLResolveInfo[Any]] = {}

    async def meet(self, edge: PlanEdge, records: dict[int, Any]) -> tuple[dict[int, Entry], list[Group]]:
        """Sort records behind an edge, by their ids: entries of those whose rows are remembered, groups of the others.

        What is no record of the edge is in neither.
        """
        whole, parts = self._remembered(edge, records)
        if whole:
            records = {key: record for key, record in records.items() if key not in whole}
        groups: list[Group] = []
        for selection, asked in self._asked(edge, records).items():
            groups.append(Group(edge, selection, asked, await self._pieces(selection, asked, parts)))
        return whole, groups

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

    def _remembered(self, edge: PlanEdge, records: Mapping[int, Any]) -> tuple[dict[int, Entry], dict[int, Entry]]:
        request = self._request
        return request.rows.find(edge, request.variables.key(edge.variables), records, request.world_behind(edge))

    def _type_of(self, edge: PlanEdge, expected: GraphQLAbstractType, value: Any) -> GraphQLObjectType:
        name = type_name(expected, self._info(edge), value)
        if isinstance(name, str) and name in edge.selections:
            return edge.selections[name].type
        return valid_type(self._request.executor, name, expected, edge.details, self._info(edge), value)

    def _info(self, edge: PlanEdge) -> GraphQLResolveInfo[Any]:
        if edge not in self._infos:
            self._infos[edge] = self._request.info(edge.definition, edge.details, edge.parent, edge.key)
        return self._infos[edge]

    def _asked(self, edge: PlanEdge, records: dict[int, Any]) -> dict[Selection, dict[int, Any]]:
        """Sort records by what is asked of them, which their classes decide; what is no record is left out."""
        selections = edge.classes
        kinds = {type(record): record for record in records.values()}
        for kind, record in kinds.items():
            if kind not in selections:
                with suppress(Exception):  # `completion` comes to it again
                    selections[kind] = self.selection_of(edge, record)
        sound = [selections[kind] for kind in kinds if kind in selections]
        if len(sound) == len(kinds) == 1:
            return {sound[0]: records}
        asked: dict[Selection, dict[int, Any]] = {selection: {} for selection in sound}
        for key, record in records.items():
            if type(record) in selections:
                asked[selections[type(record)]][key] = record
        return asked

    async def _pieces(
        self, selection: Selection, records: dict[int, Any], known: dict[int, Entry]
    ) -> list[tuple[bytes, ...]] | None:
        """Return the leaves of records, of which some are known; None when something is wrong in one of them."""
        to_read = [record for key, record in records.items() if key not in known]
        turn = self._request.turn
        found: list[tuple[bytes, ...]] = []
        for start in range(0, len(to_read), MAX_RECORDS):
            part = pieces_of(selection, to_read[start : start + MAX_RECORDS])
            if part is None:
                return None
            found += part
            if turn.is_over:
                await turn.end()
        if not known:
            return found
        read = iter(found)
        return [known[key].pieces if key in known else next(read) for key in records]


def pieces_of(selection: Selection, records: list[Any]) -> list[tuple[bytes, ...]] | None:
    """Encode the leaves of records; None when something is wrong in one of them."""
    try:
        return selection.encode_leaves(records)
    except Exception:  # `completion` comes to it again, and says what it is and where
        return None
