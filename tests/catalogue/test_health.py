"""Whether queries can be answered, from what, and what is wrong: each state that a gateway can be in."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalogue import Catalogue
from catalogue.health import Health, health
from catalogue.shared_state import SharedState
from catalogue.state import STUCK_AFTER
from tests.patience import PATIENCE
from upstream import Client, Grid, UpstreamError

DOWN = "http://127.0.0.1:1/api/v4/"


async def asked(catalogue: Catalogue) -> None:
    """Let the upstream be asked once, whatever it answers."""
    with pytest.raises(UpstreamError):
        await catalogue.client.record(Grid, "maps")


def told(found: Health) -> tuple[str | None, str, bool]:
    return found.source, found.detail, found.is_partial


async def test_before_the_upstream_was_asked(client: Client) -> None:
    assert told(health(Catalogue(client, freshness=600))) == ("upstream", "The upstream has not been asked yet.", False)
    waiting = "Lists wait for the first sync. The upstream has not been asked yet."
    assert told(health(Catalogue(client, freshness=600, mirror_wait=1))) == ("upstream", waiting, True)


async def test_with_the_upstream_out_of_reach() -> None:
    for wait, lists in ((None, ""), (1.0, "Lists wait for the first sync. ")):
        catalogue = Catalogue(Client(DOWN, operation_timeout=PATIENCE, backoff=0.001), freshness=600, mirror_wait=wait)
        await asked(catalogue)
        assert told(health(catalogue)) == (None, f"{lists}The upstream could not be reached.", wait is not None)
        await catalogue.aclose()


async def test_with_an_upstream_that_answers(catalogue: Catalogue) -> None:
    await catalogue.client.record(Grid, "maps")
    assert told(health(catalogue)) == ("upstream", "", False)


async def test_with_an_upstream_that_is_no_api(catalogue: Catalogue) -> None:
    await catalogue.client.record(Grid, "maps")
    catalogue.root_error = UpstreamError("format", "root", "is no API", code="UPSTREAM_NOT_AN_API")
    assert told(health(catalogue))[:2] == (None, "The upstream is no API.")


async def test_with_a_whole_catalogue(mirrored: Catalogue) -> None:
    found = health(mirrored)
    assert told(found) == ("mirror", "The whole catalogue is at hand.", False)
    assert found.since == mirrored.whole_since


async def test_with_one_that_is_overdue(mirrored: Catalogue) -> None:
    mirrored.switch(replace(mirrored.snapshot, due_clock=time.monotonic() - 1))
    found = health(mirrored)
    assert found.source == "mirror"
    assert found.since == mirrored.snapshot.due_at
    assert found.detail == f"The catalogue is that of {mirrored.snapshot.read_at:%Y-%m-%dT%H:%M:%SZ}."


async def test_with_a_part_of_it(mirrored: Catalogue) -> None:
    mirrored.switch(replace(mirrored.snapshot, is_whole=False))
    assert told(health(mirrored)) == ("mirror", "Part of the catalogue is at hand.", False)


async def test_it_says_since_when_syncs_fail_and_until_when_the_upstream_is_not_asked(
    mirrored: Catalogue,
) -> None:
    mirrored.state.failed(UpstreamError("status", "packages/", "answered 503", retry_after=3600))
    mirrored.state.failed(UpstreamError("status", "packages/", "answered 503", retry_after=3600))
    failure = mirrored.state.failure
    assert failure is not None
    assert failure.until is not None
    assert failure.until > datetime.now(UTC) + timedelta(seconds=3000)
    assert health(mirrored).detail == (
        f"The whole catalogue is at hand. Syncs have failed since {failure.since:%Y-%m-%dT%H:%M:%SZ}. "
        f"The upstream answered 503 for packages/. It is not asked until "
        f"{failure.until:%Y-%m-%dT%H:%M:%SZ}."
    )
    mirrored.state.succeeded(1.0)
    assert health(mirrored).detail == "The whole catalogue is at hand."


async def test_it_says_what_a_sync_that_gets_no_further_meets(catalogue: Catalogue) -> None:
    progress = catalogue.state.progress
    progress.failure = UpstreamError("status", "packages", "answered with status 502", status=502)
    progress.failures = STUCK_AFTER - 1
    assert "502" not in health(catalogue).detail  # what passes by itself is nothing to tell
    progress.failures = STUCK_AFTER
    assert "A sync gets no further. The upstream answered with status 502 for packages." in health(catalogue).detail


async def test_it_says_that_the_store_cannot_be_written(mirrored: Catalogue) -> None:
    mirrored.state.unstored = "The disk is full."
    assert health(mirrored).detail == "The whole catalogue is at hand. What is served is not stored. The disk is full."


async def test_it_says_how_it_gets_on_with_a_store_that_machines_share(mirrored: Catalogue) -> None:
    shared = mirrored.state.shared = SharedState("there", gateways=3)
    assert health(mirrored).detail == "The whole catalogue is at hand."
    shared.is_unstored = True
    assert health(mirrored).detail.endswith("could not be stored in the shared store.")
    shared.trouble = "The store at there is full."
    assert health(mirrored).detail == (
        "The whole catalogue is at hand. The shared store cannot be used. The store at there is full. "
        "This gateway crawls for itself, as one of 3."
    )
    shared.until_clock = float("inf")
    assert "crawls for itself" not in health(mirrored).detail, "it waits for the store first"
