"""What the catalogue and the way to the upstream have counted, for `web/metrics.py` to write down."""

from collections.abc import Iterator

from catalogue.catalogue import Catalogue
from catalogue.shared_state import SharedState
from measure import Measure
from upstream.kinds import KINDS

BREAKER_STATES = ("closed", "half-open", "open")


def measures(catalogue: Catalogue) -> Iterator[Measure]:
    """Return what there is to say of a catalogue at this moment."""
    snapshot, state = catalogue.snapshot, catalogue.state
    held = [((resource,), len(snapshot.index.table(kind.record))) for resource, kind in KINDS.items()]
    crawls = [((outcome,), count) for outcome, count in state.crawls.items()]
    sizes: dict[tuple[str, ...], dict[int, int]] = {}
    for (resource, size), count in catalogue.batches.items():
        sizes.setdefault((resource,), {})[size] = count
    yield _gauge("snapshot_number", "Number of the snapshot that is served; 0 before the first.", snapshot.number)
    yield _gauge("snapshot_age_seconds", "Seconds since the snapshot was read.", snapshot.age if snapshot.number else 0)
    yield _gauge("snapshot_stale", "Whether the snapshot is overdue, or not whole.", snapshot.is_stale)
    yield "gauge", "catalogue_snapshot_records", "Records that the snapshot holds.", ("resource",), held
    yield "counter", "catalogue_crawls", "Crawls of this process that have ended.", ("outcome",), crawls
    yield _gauge("crawl_duration_seconds", "How long the last complete crawl took.", state.crawl_seconds)
    text = "Records that one batch of a loader asks for."
    yield "distribution", "catalogue_loader_batch_records", text, ("loader",), sizes.items()
    yield from _of_upstream(catalogue)
    if state.shared is not None:
        yield from _of_store(state.shared)


def _of_store(shared: SharedState) -> Iterator[Measure]:
    failures = [((what,), count) for what, count in shared.failures.items()]
    yield _gauge("store_up", "Whether the store that machines share can be used.", shared.trouble is None)
    yield _gauge("store_leader", "Whether this gateway crawls for all.", shared.is_leader)
    yield _gauge("store_alone", "Whether this gateway crawls for itself, as the store cannot be used.", shared.is_alone)
    yield _gauge("store_gateways", "Gateways at the store, when it was last asked.", shared.gateways)
    yield "counter", "catalogue_store_failures", "Calls to the store that failed.", ("call",), failures


def _of_upstream(catalogue: Catalogue) -> Iterator[Measure]:
    transport = catalogue.client.transport
    requests, refusals = transport.requests.items(), transport.refusals.items()
    retries = [((resource,), count) for resource, count in transport.retries.items()]
    states = [((state,), state == transport.state.status) for state in BREAKER_STATES]
    text = "GETs to the upstream, by what came of them."
    yield "counter", "catalogue_upstream_requests", text, ("resource", "outcome"), requests
    text = "GETs to the upstream that were not made, by what kept them."
    yield "counter", "catalogue_upstream_refusals", text, ("resource", "cause"), refusals
    yield "counter", "catalogue_upstream_retries", "GETs to the upstream that were made again.", ("resource",), retries
    yield "gauge", "catalogue_upstream_breaker", "1 for the state that the circuit breaker is in.", ("state",), states
    yield _gauge("upstream_retry_budget", "Retries that the budget allows at once.", transport.retries_left)
    yield _gauge("upstream_rate_tokens", "GETs to the upstream that the rate allows at once.", transport.tokens)


def _gauge(name: str, text: str, value: float) -> Measure:
    return "gauge", f"catalogue_{name}", text, (), [((), value)]
