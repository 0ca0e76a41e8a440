"""The page at `/` and what belongs to it, served without the rest."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from catalogue.subjects import Subjects
from web.examples import Example
from web.landing import Facts, pages

ANSWER = b'{"data":{"package":{"title":"<b>&","grids":[]}}}'


def known_facts(package: str = "django-loci", **facts: Any) -> Facts:
    """Return what is known of a catalogue that was read an hour ago."""
    now = datetime.now(UTC)
    known = {
        "source": "https://djangopackages.org/api/v4/",
        "packages": 5812,
        "grids": 381,
        "categories": 5,
        "participants": 14210,
        "read_at": now - timedelta(hours=1, seconds=30),
        "due_at": now + timedelta(minutes=5, seconds=30),
    }
    return Facts(subjects=Subjects(package=package)._asdict(), **{**known, **facts})


def landing_client(
    facts: Facts,
    answer: bytes = ANSWER,
    source_url: str | None = None,
    routes: Sequence[BaseRoute] = (),
) -> httpx.AsyncClient:
    """Return a client of the page, which says `facts`; `routes` are served beside it."""

    async def known() -> Facts:
        return facts

    async def answered(_: Example) -> bytes:
        return answer

    app = Starlette(routes=[*pages(known, answered, source_url), *routes])
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")
