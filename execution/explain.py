"""Explaining an operation: the layers of its plan as a tree, with what was done at each of them."""

from time import perf_counter
from typing import Final

from msgspec import Struct

from execution.cost import SLICING_ARGUMENTS, cost_of
from execution.operation import Operation
from execution.plan import PlanEdge, Selection
from execution.request import Request
from execution.variables import Variables
from execution.watched import Visit, WatchedRun, Wave

MAX_LAYERS: Final = 200
"""Layers of an explanation; the last ones of an operation that has more are left out."""

MAX_NAME: Final = 80
"""Characters of a key in an explanation."""


class ExplainedLayer(Struct, rename="camel", kw_only=True):
    """An edge of the plan, what was done at it, and the `layers` behind it.

    `on` is the type of its parents where they may be of several. A `function` answered it; without one the records had
    it. It belongs to a `wave`, from 1 on; without one it was not reached. `records` are the answers, each as often as
    it was found; `remembered` of them, distinct ones, are remembered with all behind them, as an operation without an
    explanation takes them. `milliseconds` are those of the function, of waiting for it and of reading what it found;
    functions of a wave wait together. Where it `takes_first`, that argument says how many records there may be.
    """

    field: str
    on: str | None
    function: str | None
    wave: int | None = None
    parents: int = 0
    records: int = 0
    remembered: int = 0
    milliseconds: float = 0.0
    takes_first: bool
    layers: list["ExplainedLayer"]


class Explanation:
    """What there is to say of one operation; `execute` takes it in.

    `unsupported` says why the stock executor ran it, `is_remembered` that its whole answer is remembered. `cost` is
    what it asks for at the most, in nodes.
    """

    def __init__(self) -> None:
        self._began = perf_counter()
        self.unsupported = ""
        self.is_remembered = False
        self.cost = 0
        self._plan: Selection | None = None
        self._run: WatchedRun | None = None

    def planned(self, operation: Operation, plan: Selection | None, variables: Variables) -> None:
        """Take in the plan, or why there is none."""
        if plan is None:
            self.unsupported = operation.unsupported(variables)
        else:
            self._plan, self.cost = plan, cost_of(plan, variables)

    def run(self, request: Request, plan: Selection, *, is_remembered: bool) -> WatchedRun:
        """Return the run that is watched."""
        self.is_remembered = is_remembered
        self._run = WatchedRun(request, plan)
        return self._run

    @property
    def nodes(self) -> int:
        """Objects of the response, as far as they were counted."""
        return self._run.nodes if self._run else 0

    @property
    def waves(self) -> list[Wave]:
        """The waves, from the first to the last."""
        return self._run.waves if self._run else []

    @property
    def milliseconds(self) -> dict[str, float]:
        """What it has taken until now: all of it, and of that the waves."""
        total = 1000 * (perf_counter() - self._began)
        return {"total": round(total, 3), "waves": round(sum(wave.milliseconds for wave in self.waves), 3)}

    def layers(self) -> tuple[list[ExplainedLayer], int]:
        """Return the layers at the root, with those behind them, and how many were left out."""
        tree = _Tree(self._run.visits if self._run else {})
        layers = tree.layers(self._plan, None) if self._plan else []
        return layers, max(0, tree.count - MAX_LAYERS)


class _Tree:
    """Makes the tree; `count` are the layers that it would have."""

    def __init__(self, visits: dict[PlanEdge, Visit]) -> None:
        self._visits = visits
        self.count = 0

    def layers(self, selection: Selection, on: str | None) -> list[ExplainedLayer]:
        """Return the layers of a selection, of the type `on` where others stand beside it."""
        found: list[ExplainedLayer] = []
        for edge in selection.edges:
            visit = self._visits.get(edge)
            if visit is None and on is not None:
                continue  # of a type that was not met
            self.count += 1
            is_shown = self.count <= MAX_LAYERS
            behind: list[ExplainedLayer] = []
            for name, each in edge.selections.items():
                behind += self.layers(each, name if len(edge.selections) > 1 else None)
            if is_shown:
                found.append(_explained(edge, on, visit, behind))
        return found


def _explained(edge: PlanEdge, on: str | None, visit: Visit | None, behind: list[ExplainedLayer]) -> ExplainedLayer:
    layer = ExplainedLayer(
        field=edge.key if len(edge.key) <= MAX_NAME else edge.key[:MAX_NAME] + "…",
        on=on,
        function=edge.function.name if edge.function else None,
        takes_first=SLICING_ARGUMENTS[0] in edge.definition.args,
        layers=behind,
    )
    if visit is not None:
        layer.wave, layer.parents, layer.records = visit.wave, len(visit.layer.parents), visit.records
        layer.remembered, layer.milliseconds = visit.remembered, round(1000 * visit.seconds, 3)
    return layer
