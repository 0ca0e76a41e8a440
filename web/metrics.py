"""What the gateway counts, for Prometheus: `/metrics`.

Requests are counted here, in half a microsecond each, where the client library takes 4 to 9; it is asked to write down
what was counted, and imported for that alone, since that takes 150 ms. All else is asked for at each scrape.
"""

import asyncio
import os
import pickle
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import accumulate, chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from measure import Measure
from version import VERSION

if TYPE_CHECKING:
    from prometheus_client import Metric

DURATIONS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
"""Upper bounds of the buckets of durations, in seconds."""

SIZES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)
"""Those of numbers of records."""

MAX_OPERATIONS: Final = 100
"""Names of operations that are told apart: clients make them up, so the others are one."""

MAX_LENGTH: Final = 100
"""Characters of a name."""

OTHER: Final = "(other)"

SHARE_SECONDS: Final = 1.0
"""How often a process leaves what it counted for those beside it."""


class RequestCounts:
    """The requests to the endpoint by operation and status, and how long they took."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int], int] = {}
        self._durations: dict[str, tuple[list[int], list[float]]] = {}

    def note(self, operation: str, status: int, seconds: float) -> None:
        """Note a request.

        Args:
            operation: its name; empty where it has none.
            status: the HTTP status of the response.
            seconds: how long it took.
        """
        operation = operation[:MAX_LENGTH]
        if operation not in self._durations:
            if len(self._durations) >= MAX_OPERATIONS:
                operation = OTHER
            self._durations.setdefault(operation, ([0] * (len(DURATIONS) + 1), [0.0]))
        counts, total = self._durations[operation]
        counts[bisect_left(DURATIONS, seconds)] += 1
        total[0] += seconds
        key = operation, status
        self._counts[key] = self._counts.get(key, 0) + 1

    def metrics(self) -> "Iterator[Metric]":
        """Return them as metrics."""
        from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

        requests = CounterMetricFamily("catalogue_requests", "Requests to /graphql.", labels=["operation", "status"])
        for (operation, status), count in self._counts.items():
            requests.add_metric([operation, str(status)], count)
        yield requests
        name = "catalogue_request_duration_seconds"
        durations = HistogramMetricFamily(name, "How long requests to /graphql took.", labels=["operation"])
        for operation, (counts, (total,)) in self._durations.items():
            durations.add_metric([operation], _buckets(DURATIONS, counts), total)
        yield durations


class Metrics:
    """What this process has counted, and those that serve beside it.

    Args:
        folder: where processes that serve on one socket leave what they counted for each other, since a scrape meets
            any of them; `None` for one alone.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.requests = RequestCounts()
        self._sources: list[Callable[[], Iterable[Measure]]] = []
        self._folder = folder

    def add(self, source: Callable[[], Iterable[Measure]]) -> None:
        """Have something else asked for what it has counted, at each scrape."""
        self._sources.append(source)

    @property
    def route(self) -> Route:
        """`/metrics`."""
        return Route("/metrics", self._answer)

    async def share(self) -> None:
        """Leave what was counted for the others, now and then."""
        while self._folder is not None:
            path = self._folder / str(os.getpid())
            new = path.with_suffix(".new")
            new.write_bytes(pickle.dumps(self._own()))
            new.replace(path)
            await asyncio.sleep(SHARE_SECONDS)

    def collect(self) -> "Iterable[Metric]":
        """Return the metrics of all processes; where there are several, a label `process` tells them apart."""
        own = self._own()
        if self._folder is None:
            return own
        found: dict[str, Metric] = {}
        for process, metrics in ((os.getpid(), own), *self._others(self._folder)):
            for metric in metrics:
                samples = [each._replace(labels={**each.labels, "process": str(process)}) for each in metric.samples]
                metric.samples = []
                found.setdefault(metric.name, metric).samples += samples
        return found.values()

    def _own(self) -> "list[Metric]":
        measures = chain.from_iterable(source() for source in self._sources)
        return [*self.requests.metrics(), *map(_metric, measures), *_of_process()]

    def _others(self, folder: Path) -> "Iterator[tuple[int, list[Metric]]]":
        for path in folder.iterdir():
            if path.suffix or path.name == str(os.getpid()):
                continue
            if not _is_alive(int(path.name)):
                path.unlink(missing_ok=True)
                continue
            with suppress(FileNotFoundError):
                yield int(path.name), pickle.loads(path.read_bytes())

    async def _answer(self, request: Request) -> Response:
        from prometheus_client import CollectorRegistry
        from prometheus_client.exposition import choose_encoder

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), headers={"content-type": content_type, "cache-control": "no-store"})


def _of_process() -> "Iterator[Metric]":
    """Return which release this is, and what its process takes, where the system says so (`/proc`)."""
    from prometheus_client import ProcessCollector

    release = [((VERSION,), 1)]
    yield _metric(("gauge", "catalogue_build_info", "1, with the release as a label.", ("version",), release))
    yield from ProcessCollector(registry=None).collect()


def _metric(measure: Measure) -> "Metric":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

    kind, name, text, labels, values = measure
    if kind == "distribution":
        histogram = HistogramMetricFamily(name, text, labels=labels)
        for label_values, met in values:
            assert isinstance(met, Mapping)
            counts = [0] * (len(SIZES) + 1)
            for size, count in met.items():
                counts[bisect_left(SIZES, size)] += count
            histogram.add_metric(label_values, _buckets(SIZES, counts), sum(size * n for size, n in met.items()))
        return histogram
    metric = (CounterMetricFamily if kind == "counter" else GaugeMetricFamily)(name, text, labels=labels)
    for label_values, value in values:
        assert not isinstance(value, Mapping)
        metric.add_metric(label_values, value)
    return metric


def _buckets(bounds: Iterable[float], counts: Iterable[int]) -> list[tuple[str, float]]:
    """Return the buckets of a histogram: each holds what is in those below."""
    return list(zip((*map(str, map(float, bounds)), "+Inf"), accumulate(counts), strict=True))


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
