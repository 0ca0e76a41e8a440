"""Counting what a server is asked, behind its socket."""

from collections import Counter

import httpx
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send


class Counting:
    """Passes every request on, and counts them by target. The next `failures` requests get a 503."""

    def __init__(self, app: ASGIApp) -> None:
        self.targets: Counter[str] = Counter()
        self.failures = 0
        self._app = app

    @property
    def total(self) -> int:
        """How many requests there were."""
        return self.targets.total()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            query = scope["query_string"].decode()
            self.targets[scope["path"] + (f"?{query}" if query else "")] += 1
            if self.failures:
                self.failures -= 1
                await Response(status_code=503)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def proxy(url: str) -> ASGIApp:
    """Make an application that answers as the server at `url` does."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        async with httpx.AsyncClient() as client:
            answer = await client.request(request.method, url, content=await request.body(), headers=request.headers)
        headers = {"content-type": answer.headers["content-type"]}
        await Response(answer.content, answer.status_code, headers)(scope, receive, send)

    return app
