from datetime import UTC, datetime

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
