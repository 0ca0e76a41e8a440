"""Whether queries can be answered, from what, and what is wrong."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from catalogue.catalogue import Catalogue
from catalogue.shared_state import SharedState


class Health(NamedTuple):
    """What can be answered from: `mirror`, `upstream` or, with `None`, nothing; `since` when, and why not better.

    `is_partial` tells that single records can be answered, and lists cannot yet.
    """

    source: str | None
    since: datetime
    detail: str
    is_partial: bool = False


def health(catalogue: Catalogue) -> Health:
    """Return how a catalogue is at this moment."""
    snapshot, transport = catalogue.snapshot, catalogue.client.transport
    problems = list(_problems(catalogue))
    if snapshot.read_at is None:
        is_ready = transport.is_reachable is not False and catalogue.root_error is None
        if transport.is_reachable is None:
            problems.insert(0, "The upstream has not been asked yet.")
        elif not is_ready and not problems:
            problems.append("The upstream could not be reached.")
        if catalogue.has_mirror:
            problems.insert(0, "Lists wait for the first sync.")
        source = "upstream" if is_ready else None
        return Health(source, transport.state.since, " ".join(problems), is_partial=catalogue.has_mirror)
    if not snapshot.is_whole:
        said, since = "Part of the catalogue is at hand.", snapshot.read_at
    elif snapshot.is_overdue:
        said, since = f"The catalogue is that of {_written(snapshot.read_at)}.", snapshot.due_at or snapshot.read_at
    else:
        said, since = "The whole catalogue is at hand.", catalogue.whole_since or snapshot.read_at
    return Health("mirror", since, " ".join([said, *problems]))


def _problems(catalogue: Catalogue) -> Iterator[str]:
    state = catalogue.state
    if catalogue.root_error is not None:
        yield str(catalogue.root_error)
    elif state.failure is not None:
        yield f"Syncs have failed since {_written(state.failure.since)}. {state.failure.message}"
        if state.failure.until is not None:
            yield f"It is not asked until {_written(state.failure.until)}."
    elif state.trouble is not None:
        yield f"A sync gets no further. {state.trouble}"
    if state.shared is not None:
        yield from _of_store(state.shared)
    if state.unstored is not None:
        yield f"What is served is not stored. {state.unstored}"


def _of_store(shared: SharedState) -> Iterator[str]:
    if shared.trouble is not None:
        yield f"The shared store cannot be used. {shared.trouble}"
    elif shared.is_unstored:
        yield "What is served could not be stored in the shared store."
    if shared.is_alone:
        yield f"This gateway crawls for itself, as one of {shared.gateways}."


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
