"""A running gateway for the browser."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
import uvicorn

from loaders import Loaders
from schema import build_schema
from upstream import Catalogue, Client
from upstream.sample import create_sample
from web import Readiness, Settings, create_app


@pytest.fixture(scope="session")
def gateway_url() -> Iterator[str]:
    """The address of a gateway that serves the sample."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        server = uvicorn.Server(uvicorn.Config(_app, factory=True, log_level="warning"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def _app() -> object:
    transport = httpx.ASGITransport(create_sample())
    catalogue = Catalogue(Client("http://sample/api/v4/", transport=transport), freshness=600)
    return create_app(
        settings=Settings(),
        schema=build_schema(),
        new_context=lambda: Loaders(catalogue),
        catalogue_version=lambda: 1,
        readiness=lambda: Readiness("upstream", None),
    )
