"""What operations and ready answers have counted, for `web/metrics.py`."""

from collections.abc import Iterator

from measure import Measure
from web.operations import Operations
from web.responses import ResponseCache


def measures(operations: Operations, responses: ResponseCache) -> Iterator[Measure]:
    """Return what there is to say of this moment."""
    documents, turns = operations.loaded, operations.turns
    lookups = [
        (("responses", "hit"), responses.hits),
        (("responses", "miss"), responses.misses),
        (("documents", "hit"), documents.hits),
        (("documents", "miss"), documents.misses),
    ]
    sizes = [(("responses",), responses.size), (("documents",), documents.size), (("rows",), operations.rows_size)]
    yield "counter", "catalogue_cache_lookups", "Look-ups in caches.", ("cache", "outcome"), lookups
    yield "gauge", "catalogue_cache_bytes", "What caches hold, roughly.", ("cache",), sizes
    yield "gauge", "catalogue_operations", "Operations that are under way.", (), [((), turns.count)]
    yield "gauge", "catalogue_event_loop_lag_seconds", "How late the event loop comes.", (), [((), turns.lag)]
    errors = [((code,), count) for code, count in operations.errors.items()]
    yield "counter", "catalogue_errors", "Errors that clients were told.", ("code",), errors
    yield "counter", "catalogue_shed_operations", "Operations refused for lack of time.", (), [((), operations.shed)]
