"""Whether the process is alive, and whether it can answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_UNCACHED = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether queries can be answered: `source` says what from (`mirror`, `upstream`, or None), `since` since when."""

    source: str | None
    since: datetime | None
    detail: str = ""


def health_routes(readiness: Callable[[], Readiness]) -> list[Route]:
    """Make `/healthz` (200 while the process lives) and `/readyz` (503 while nothing can be answered)."""

    async def healthz(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=_UNCACHED)

    async def readyz(request: Request) -> JSONResponse:
        state = readiness()
        body = {
            "status": "ready" if state.source else "not ready",
            "source": state.source,
            "since": state.since.isoformat() if state.since else None,
            "detail": state.detail,
        }
        return JSONResponse(body, status_code=200 if state.source else 503, headers=_UNCACHED)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
