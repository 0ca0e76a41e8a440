"""The sample as an upstream in which records are missing, fail, do not fit or come late.

A record that is faulty is so wherever it is read, by id, by slug or in a list, so that an answer does not depend on
what was read first.
"""

import asyncio
import json
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import httpx
import msgspec

from upstream.sample import create_sample
from upstream.sample.app import CATALOGUE

BASE = "http://sample/api/v4/"
Fault = Literal["missing", "failing", "unfit", "slow"]
Faults = Mapping[tuple[str, int], Fault]
"""What is wrong with a record, by its resource and id; with all lists of a resource, by id 0."""

ROWS: dict[str, list[dict[str, Any]]] = {
    name: rows for name, rows in msgspec.json.decode(CATALOGUE.read_bytes()).items() if name != "notes"
}
_sample = httpx.ASGITransport(create_sample())
_answers: dict[str, tuple[int, bytes]] = {}


class FaultyUpstream(httpx.AsyncBaseTransport):
    """Answers as the sample does, but for the faults; late is some turns of the event loop later."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode().removeprefix("/api/v4/")
        resource, _, key = target.partition("/")
        fault = self._faults.get((resource, 0 if key.startswith("?") else _ids(resource).get(key.strip("/"), -1)))
        if fault == "slow":
            for _ in range(30):
                await asyncio.sleep(0)
        if fault == "failing":
            return httpx.Response(503)
        if fault == "missing":
            return httpx.Response(404, json={"detail": "Not found."})
        status, body = await self._sample(target, request)
        if fault == "unfit":
            body = json.dumps({**json.loads(body), "title": 7, "count": "?"}).encode()
        elif resource in ROWS and key.startswith("?"):
            body = self._page(resource, json.loads(body))
        return httpx.Response(status, content=body)

    def _page(self, resource: str, page: dict[str, Any]) -> bytes:
        rows = [(row, self._faults.get((resource, row["id"]))) for row in page["results"]]
        page["results"] = [
            {**row, "title": 7} if fault in ("unfit", "failing") else row for row, fault in rows if fault != "missing"
        ]
        return json.dumps(page).encode()

    async def _sample(self, target: str, request: httpx.Request) -> tuple[int, bytes]:
        if target not in _answers:
            response = await _sample.handle_async_request(request)
            _answers[target] = (response.status_code, await response.aread())
        return _answers[target]


@cache
def _ids(resource: str) -> dict[str, int]:
    """Return the ids of a resource's records by their keys."""
    rows = ROWS.get(resource, [])
    return {str(row["id"]): row["id"] for row in rows} | {row["slug"]: row["id"] for row in rows}
