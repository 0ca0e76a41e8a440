"""Whether the process is alive, and whether it can answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

_UNCACHED = {"cache-control": "no-store"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether queries can be answered: `source` says what from (`mirror`, `upstream`, or None), `since` since when.

    With `is_partial` it is single records that can be answered, and lists cannot yet.
    """

    source: str | None
    since: datetime | None
    detail: str = ""
    is_partial: bool = False


def health_routes(readiness: Callable[[], Readiness]) -> list[Route]:
    """Make `/healthz` (200 while the process lives) and `/readyz` (503 while lists cannot be answered).

    `/readyz?accept=records` is content with single records.
    """

    async def healthz(request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"}, headers=_UNCACHED)

    async def readyz(request: Request) -> JSONResponse:
        accepted = request.query_params.getlist("accept")
        if accepted not in ([], ["lists"], ["records"]):
            raise HTTPException(400)
        state = readiness()
        is_ready = bool(state.source) and (accepted == ["records"] or not state.is_partial)
        body = {
            "status": "ready" if is_ready else "not ready",
            "source": state.source,
            "since": state.since.isoformat() if state.since else None,
            "detail": state.detail,
        }
        return JSONResponse(body, status_code=200 if is_ready else 503, headers=_UNCACHED)

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
