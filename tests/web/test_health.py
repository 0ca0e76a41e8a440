from datetime import UTC, datetime

import pytest

from tests.web.toy import client, toy_app
from web import Readiness

SINCE = datetime(2026, 2, 6, 12, 30, tzinfo=UTC)


async def test_the_process_is_alive() -> None:
    async with client(toy_app(readiness=lambda: Readiness(None, SINCE))) as gateway:
        response = await gateway.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response.headers["cache-control"] == "no-store"


async def test_it_says_what_it_answers_from() -> None:
    async with client(toy_app(readiness=lambda: Readiness("mirror", SINCE, "5800 packages"))) as gateway:
        response = await gateway.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "source": "mirror",
        "since": "2026-02-06T12:30:00+00:00",
        "detail": "5800 packages",
    }
    assert response.headers["cache-control"] == "no-store"


async def test_it_says_that_it_cannot_answer() -> None:
    async with client(toy_app(readiness=lambda: Readiness(None, None, "The upstream is down."))) as gateway:
        response = await gateway.get("/readyz")
    assert response.status_code == 503
    assert response.json() == {
        "status": "not ready",
        "source": None,
        "since": None,
        "detail": "The upstream is down.",
    }
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 503), ("?accept=lists", 503), ("?accept=records", 200), ("?accept=nonsense", 400), ("?accept=", 400)],
)
async def test_who_wants_less_than_lists_says_so(query: str, status: int) -> None:
    state = Readiness("upstream", SINCE, "Lists wait for the first sync.", is_partial=True)
    async with client(toy_app(readiness=lambda: state)) as gateway:
        response = await gateway.get(f"/readyz{query}")
    assert response.status_code == status
    assert response.headers["cache-control"] == "no-store"
    if status != 400:
        assert response.json()["status"] == ("ready" if status == 200 else "not ready")


@pytest.mark.parametrize("query", ["", "?accept=records"])
async def test_nobody_is_content_with_nothing(query: str) -> None:
    async with client(toy_app(readiness=lambda: Readiness(None, None, is_partial=True))) as gateway:
        assert (await gateway.get(f"/readyz{query}")).status_code == 503
