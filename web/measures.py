"""What operations and ready answers have counted, for `web/metrics.py`."""

from collections.abc import Iterator

from measure import Measure
from web.operations import Operations
from web.responses import ResponseCache
from web.subscribers import Subscribers
from web.subscriptions import Subscriptions


def measures(operations: Operations, responses: ResponseCache) -> Iterator[Measure]:
    """Return what there is to say of this moment."""
    documents, rows, turns = operations.loaded, operations.rows, operations.turns
    lookups = [
        (("responses", "hit"), responses.hits),
        (("responses", "miss"), responses.misses),
        (("documents", "hit"), documents.hits),
        (("documents", "miss"), documents.misses),
        (("rows", "hit"), rows.lookups.asked - rows.lookups.missed),
        (("rows", "miss"), rows.lookups.missed),
        *((("shared documents", outcome), count) for outcome, count in operations.shared_lookups.items()),
    ]
    sizes = [(("responses",), responses.size), (("documents",), documents.size), (("rows",), rows.size)]
    yield "counter", "catalogue_cache_lookups", "Look-ups in caches.", ("cache", "outcome"), lookups
    yield "gauge", "catalogue_cache_bytes", "Bytes that caches hold, roughly.", ("cache",), sizes
    yield "gauge", "catalogue_operations", "Operations that are under way.", (), [((), turns.count)]
    yield "gauge", "catalogue_event_loop_lag_seconds", "How late the event loop is.", (), [((), turns.lag)]
    errors = [((code,), count) for code, count in operations.errors.items()]
    yield "counter", "catalogue_errors", "Errors that clients were told.", ("code",), errors
    yield "counter", "catalogue_shed_operations", "Operations refused for lack of time.", (), [((), operations.shed)]


def live_measures(subscriptions: Subscriptions, subscribers: Subscribers) -> Iterator[Measure]:
    """Return what there is to say of those who are told of changes."""
    ways = [((way,), count) for way, count in subscribers.counts.items()]
    events = [(("told",), subscriptions.told), (("merged",), subscriptions.merged)]
    refused = [((), subscribers.refused)]
    yield "gauge", "catalogue_subscribers", "Open WebSockets and event streams.", ("transport",), ways
    yield "gauge", "catalogue_subscriptions", "Subscriptions that are open.", (), [((), subscriptions.count)]
    yield "counter", "catalogue_events", "Events told, or merged into the next for slow clients.", ("outcome",), events
    yield "counter", "catalogue_refused_subscribers", "Subscribers for whom there was no place.", (), refused
