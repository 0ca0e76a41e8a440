"""An ASGI application behind a real uvicorn, on a free port."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import httpx
import uvicorn
from starlette.types import ASGIApp


@contextmanager
def serve(app: ASGIApp) -> Iterator[str]:
    """Serve `app` until the block ends; yields the base URL."""
    # Connections wait in the socket's backlog until the server accepts them: no waiting for it to start.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, log_level="warning", access_log=False))
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def serve_whole(app: ASGIApp) -> Iterator[str]:
    """Do the same, from when the gateway's mirror is complete: until then it reads through, and has no index."""
    with serve(app) as url:
        while "errors" in httpx.post(f"{url}/graphql", json={"query": "{ packages { totalCount } }"}).json():
            pass
        yield url
