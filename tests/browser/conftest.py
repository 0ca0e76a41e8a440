"""A running gateway for the browser."""

from collections.abc import Iterator

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from server import create_app
from settings import Settings
from tests.web.serving import serve_whole


def under_a_path_too(app: ASGIApp) -> ASGIApp:
    """Serve an application at the root, and at /x as behind a server's `--root-path /x`."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        is_under = scope.get("path", "").startswith("/x/")
        await app({**scope, "root_path": "/x"} if is_under else scope, receive, send)

    return serve


@pytest.fixture(scope="session")
def gateway_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gateway that serves the sample."""
    app = create_app(Settings(upstream="sample", data_dir=tmp_path_factory.mktemp("data")))
    with serve_whole(under_a_path_too(app)) as url:
        yield url
