"""A run that is watched, for an explanation of it.

It calls the same functions with the same parents as any other; but it takes no whole rows that are remembered, and
keeps none, so that all of the plan is there to see. How many it could have taken is noted.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from functools import wraps
from inspect import isawaitable
from time import perf_counter
from typing import Any

from msgspec import Struct

from execution.calls import Call, call_all
from execution.groups import Layer
from execution.layers import LayerFunction
from execution.plan import PlanEdge, Selection
from execution.records import Records
from execution.request import Request
from execution.row_cache import Entry
from execution.run import ID_OF_NULL, Run


class Wave(Struct, rename="camel"):
    """Layer functions that were called together, and the reading of what they answered.

    `batches` are those of loaders: the loader's name, and how many keys. `upstream_requests` were waited for.
    """

    wave: int
    layers: int
    milliseconds: float = 0.0
    upstream_requests: int = 0
    batches: list[tuple[str, int]] = []


class Visit:
    """A layer that was reached: in which wave, how long it took, how many of its records are remembered."""

    __slots__ = ("layer", "remembered", "seconds", "wave")

    def __init__(self, layer: Layer, wave: int) -> None:
        self.layer = layer
        self.wave = wave
        self.seconds = 0.0
        self.remembered = 0

    @property
    def records(self) -> int:
        """How many answers there are, each as often as it was found, without nulls."""
        ids: list[int] | None = getattr(self.layer, "ids", None)
        if ids is not None:
            return len(ids) - ids.count(ID_OF_NULL)
        if self.layer.lengths:
            return sum(max(length, 0) for length in self.layer.lengths[-1])
        return sum(each is not None for each in getattr(self.layer, "answers", ()))


class WatchedRun(Run):
    """A run whose `waves` are noted, and its `visits`: an edge of the plan has one layer at the most."""

    def __init__(self, request: Request, plan: Selection) -> None:
        self.waves: list[Wave] = []
        self.visits: dict[PlanEdge, Visit] = {}
        self._began = 0.0
        self._reads = self._batches = 0
        super().__init__(request, plan)
        self.records = _WatchedRecords(self)

    async def finish(self) -> None:
        """Run all waves. Raises as `Run.finish` does."""
        try:
            await super().finish()
        finally:
            self._end_wave()

    async def _calls(self, wave: list[Layer]) -> list[Call]:
        self._end_wave()
        self.waves.append(Wave(len(self.waves) + 1, len(wave)))
        return await call_all(self.request, [(self._watched(layer), layer.parents) for layer in wave])

    async def _receive(self, layer: Layer, answers: Sequence[Any]) -> None:
        visit = self._visit(layer)
        began = perf_counter()
        try:
            await super()._receive(layer, answers)
        finally:
            visit.seconds += perf_counter() - began

    def _visit(self, layer: Layer) -> Visit:
        return self.visits.setdefault(layer.edge, Visit(layer, len(self.waves)))

    def _watched(self, layer: Layer) -> PlanEdge:
        """Return the edge of a layer with a function that notes how long it takes."""
        function, visit = layer.edge.function, self._visit(layer)
        assert function is not None

        @wraps(function.function)
        def call(parents: Sequence[Any], context: Any, **arguments: Any) -> Any:
            began = perf_counter()
            try:
                answers = function(parents, context, **arguments)
            finally:
                visit.seconds += perf_counter() - began
            return _awaited(answers, visit) if isawaitable(answers) else answers

        return replace(layer.edge, function=LayerFunction(call, function.is_pure))

    def _end_wave(self) -> None:
        """Note what the last wave took, and begin anew."""
        now, context = perf_counter(), self.request.context
        reads, batches = getattr(context, "reads", 0), getattr(context, "batches", ())
        if self.waves:
            wave = self.waves[-1]
            wave.milliseconds = round(1000 * (now - self._began), 3)
            wave.upstream_requests = reads - self._reads
            wave.batches = list(batches[self._batches :])
        self._began, self._reads, self._batches = now, reads, len(batches)


async def _awaited(answers: Awaitable[Any], visit: Visit) -> Any:
    began = perf_counter()
    try:
        return await answers
    finally:
        visit.seconds += perf_counter() - began


class _WatchedRecords(Records):
    """Notes which whole rows are remembered, and goes on without them."""

    def __init__(self, run: WatchedRun) -> None:
        super().__init__(run.request)
        self._visits = run.visits
        self._world = run.request.world
        run.request.world = None

    def _remembered(self, edge: PlanEdge, records: Mapping[int, Any]) -> tuple[dict[int, Entry], dict[int, Entry]]:
        request = self._request
        request.world = self._world
        try:
            whole, parts = super()._remembered(edge, records)
        finally:
            request.world = None
        self._visits[edge].remembered = len(whole)
        return ({}, whole | parts) if edge.leads_on else (whole, parts)
