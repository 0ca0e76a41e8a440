"""A running gateway for the browser."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from server import create_app
from settings import Settings


def under_a_path_too(app: ASGIApp) -> ASGIApp:
    """Serve an application at the root, and at /x as behind a server's `--root-path /x`."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        is_under = scope.get("path", "").startswith("/x/")
        await app({**scope, "root_path": "/x"} if is_under else scope, receive, send)

    return serve


@pytest.fixture(scope="session")
def gateway_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gateway that serves the sample."""
    app = under_a_path_too(create_app(Settings(upstream="sample", data_dir=tmp_path_factory.mktemp("data"))))
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
