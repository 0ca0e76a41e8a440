"""A running gateway for the browser."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import uvicorn
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from server import create_app
from web import Settings
from web.landing import Facts, landing_page
from web.middleware import SafeHeaders


@pytest.fixture(scope="session")
def gateway_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gateway that serves the sample."""
    app = _with_landing(create_app(Settings(upstream="sample", data_dir=tmp_path_factory.mktemp("data"))))
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def _with_landing(gateway: ASGIApp) -> ASGIApp:
    async def facts() -> Facts:
        synced_at = datetime.now(UTC) - timedelta(minutes=4)
        return Facts(source="the sample", packages=135, grids=40, categories=5, participants=970, synced_at=synced_at)

    page = landing_page(facts)

    async def landing(scope: Scope, receive: Receive, send: Send) -> None:
        response = await page(Request(scope))
        await response(scope, receive, send)

    safe_landing = SafeHeaders(landing)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        here = scope["type"] == "http" and scope["path"] == "/"
        await (safe_landing if here else gateway)(scope, receive, send)

    return app
