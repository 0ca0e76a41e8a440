"""Explanations on demand: the plan as a tree, what it took, and in words why that is dear and which limit it nears.

A request asks for one by the header `X-Catalogue-Explain: 1`. No directive does: it would stand in the schema, where
composition and clients' tools would meet it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from execution import ExplainedLayer, Explanation, Limits, Operation, Result, Wave
from web.context import Context
from web.limits import DocumentLimits

HEADER: Final = b"x-catalogue-explain"

NEAR: Final = 0.5
"""The part of a bound from which on an operation comes near it."""

MANY: Final = 100
"""Records at one place that are worth a word."""

MAX_BATCHES: Final = 5
"""Batches that a sentence names."""

_EXCEEDED: Final = {
    "MAX_NODES_EXCEEDED": "max-nodes",
    "MAX_BYTES_EXCEEDED": "max-response-bytes",
    "MAX_COST_EXCEEDED": "max-cost",
}

_CURES: Final = {
    "max-nodes": "lists within lists multiply, so ask for fewer at the outer ones",
    "max-response-bytes": "ask for fewer fields or records",
    "max-cost": "page sizes multiply, so give a smaller `first` at the outer ones",
    "max-examined": "search, filter by text and count collaborators less in one operation",
    "max-read-through": "ask for less that the catalogue does not hold",
    "max-cold-read-through": "wait for the first whole snapshot",
    "max-aliases": "ask for several records by a field that takes a list",
}


def is_asked(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a request wants an explanation."""
    return headers.get(HEADER) == b"1"


class Limit(Struct):
    """A bound by the name of its setting, and what was used of it, as far as that is known."""

    name: str
    used: int
    limit: int

    @property
    def text(self) -> str:
        """How near it the operation comes, and what to do."""
        share = self.used / self.limit if self.limit else 1.0
        way = "goes beyond" if self.used > self.limit else f"uses {100 * share:.0f} % of"
        cure = f"{_CURES[self.name]}, or raise the gateway's option" if self.name in _CURES else "ask for less"
        return f"It {way} `--{self.name}` ({self.used:,} of {self.limit:,}): {cure}."


class Explainer:
    """Says what explanations hold, with the bounds that operations have."""

    def __init__(self, limits: Limits, document_limits: DocumentLimits) -> None:
        self._limits = limits
        self._document_limits = document_limits

    def extensions(
        self, explanation: Explanation, operation: Operation, result: Result, context: Context
    ) -> dict[str, Any]:
        """Return the extensions of an explained response."""
        milliseconds = explanation.milliseconds
        layers, left_out = explanation.layers()
        limits = self._used(explanation, operation, result, context)
        notes = [*_notes(explanation, layers, milliseconds["total"]), *_near(limits)]
        if left_out:
            notes.append(f"{_number(left_out, 'more layer')} of the plan {'is' if left_out == 1 else 'are'} left out.")
        return {
            "explain": {
                "executor": "stock" if explanation.unsupported else "layered",
                "milliseconds": milliseconds,
                "upstreamRequests": context.reads,
                "remembered": explanation.is_remembered,
                "notes": notes,
                "waves": msgspec.to_builtins(explanation.waves),
                "layers": msgspec.to_builtins(layers),
                "limits": msgspec.to_builtins(limits),
            }
        }

    def _used(self, explanation: Explanation, operation: Operation, result: Result, context: Context) -> list[Limit]:
        limits = self._limits
        used = {"max-response-bytes": (len(result.data or b""), limits.max_bytes)}
        if not explanation.unsupported:
            used["max-nodes"] = explanation.nodes, limits.max_nodes
            used["max-cost"] = explanation.cost, limits.max_cost
        used |= {**context.used, **self._document_limits.used(operation.document)}
        for error in result.errors:
            name = _EXCEEDED.get((error.extensions or {}).get("code", ""))
            if name in used and used[name][0] <= used[name][1]:
                # What came after the first that was too many was not counted.
                used[name] = used[name][1] + 1, used[name][1]
        return [Limit(name, *each) for name, each in used.items()]


def _notes(explanation: Explanation, layers: list[ExplainedLayer], total: float) -> Iterator[str]:
    """Say in words what makes an operation dear that took `total` milliseconds."""
    if explanation.unsupported:
        yield f"The stock executor ran it field by field, since {explanation.unsupported}: there are no layers to show."
    if explanation.is_remembered:
        yield "All of the answer is remembered: without an explanation it is given at once, and none of this runs."
    places = [*_places(layers, "", None)]
    reached = [each for each in places if each.layer.wave]
    if reached:
        yield _dearest(max(reached, key=lambda each: each.layer.milliseconds), total)
        yield from _largest(max(reached, key=lambda each: each.layer.records))
        yield from _remembered(explanation, reached)
    for wave in explanation.waves:
        if wave.upstream_requests:
            yield _read_through(wave)


def _near(limits: list[Limit]) -> list[str]:
    """Say which limits an operation comes near."""
    near = [each.text for each in limits if each.used and each.used >= NEAR * each.limit]
    return near or ["It comes near no limit."]


def _dearest(place: "Place", total: float) -> str:
    layer = place.layer
    return (
        f"`{place.path}` takes longest, {layer.milliseconds:,.2f} of {total:,.2f} ms, for "
        f"{_number(layer.records, 'record')} of {_number(layer.parents, 'parent')}."
    )


def _largest(place: "Place") -> Iterator[str]:
    layer = place.layer
    if layer.records < MANY:
        return
    each = f", {layer.records / layer.parents:,.0f} for each of {layer.parents:,} parents" if layer.parents > 1 else ""
    cure = f"; a smaller `first` at `{place.sliced}` makes it fewer" if place.sliced else ""
    yield f"`{place.path}` has most records, {layer.records:,}{each}{cure}."


def _remembered(explanation: Explanation, reached: "list[Place]") -> Iterator[str]:
    remembered = sum(each.layer.remembered for each in reached)
    if remembered and not explanation.is_remembered:
        yield (
            f"{_number(remembered, 'record')} that it met {'is' if remembered == 1 else 'are'} remembered with all "
            "behind: without an explanation, these are taken as they are."
        )


def _read_through(wave: Wave) -> str:
    batches = ", ".join(f"{_number(keys, 'key')} of {loader}" for loader, keys in wave.batches[:MAX_BATCHES])
    said = f" ({batches})" if batches else ""
    return (
        f"Wave {wave.wave} waited for {_number(wave.upstream_requests, 'request')} to the upstream{said}, "
        f"{wave.milliseconds:,.0f} ms: the catalogue at hand lacks this, so it is read through at `--upstream-rate`, "
        "once; then it is held."
    )


class Place(Struct):
    """A layer with its path, and the path of the nearest one, from the root to it, that takes `first`."""

    path: str
    layer: ExplainedLayer
    sliced: str | None


def _places(layers: list[ExplainedLayer], above: str, sliced: str | None) -> Iterator[Place]:
    for layer in layers:
        path = f"{above}.{layer.field}" if above else layer.field
        nearest = path if layer.takes_first else sliced
        yield Place(path, layer, nearest)
        yield from _places(layer.layers, path, nearest)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
