"""The access log: one line a request, with nothing of its query string, its variables and its headers.

To have `logging` make a line costs a third of a ready answer; so lines are made here, and written by the log's handler.
"""

import logging
from functools import lru_cache
from time import perf_counter, time
from typing import Final
from urllib.parse import quote

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from settings import Settings
from web.logs import LineHandler, iso_time

OPERATION: Final = "graphql.operation"
"""Where in a request's scope the endpoint leaves the operation's name."""

MAX_LENGTH: Final = 200
"""Characters of a path, or of an operation's name, in a line."""

CLIENT_LEFT: Final = 499
"""The status of a request whose client left before the response began, as nginx has it."""

ACCEPTED: Final = 101
"""The status of a WebSocket; its line comes at its end."""

_STARTS: Final = ("http.response.start", "websocket.accept", "websocket.http.response.start")


def logged(app: ASGIApp, settings: Settings) -> ASGIApp:
    """Return an application that logs its requests, where the log is ours and the settings want it."""
    handler = next((each for each in logging.getLogger().handlers if isinstance(each, LineHandler)), None)
    if handler is None or not settings.access_log or not logging.getLogger(__name__).isEnabledFor(logging.INFO):
        return app
    line = _json if settings.log_format == "json" else _text

    async def app_logged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await app(scope, receive, send)
            return
        began = perf_counter()
        status, size, request_id = CLIENT_LEFT, 0, "-"

        async def send_noted(message: Message) -> None:
            nonlocal status, size, request_id
            if message["type"] in _STARTS:
                status = message.get("status", ACCEPTED)
                for name, value in message["headers"]:
                    if name == b"x-request-id":
                        request_id = value.decode()
            else:
                size += len(message.get("body") or message.get("text") or b"")
            await send(message)

        try:
            await app(scope, receive, send_noted)
        finally:
            words = (
                scope.get("method", "GET"),
                _word(scope["path"][:MAX_LENGTH]),
                _word(scope.get(OPERATION, "")[:MAX_LENGTH]),
            )
            handler.write(line(*words, status, 1000 * (perf_counter() - began), size, request_id))

    return app_logged


def _text(method: str, path: str, operation: str, status: int, milliseconds: float, size: int, request_id: str) -> str:
    message = f"{method} {path} {operation} {status} {milliseconds:.2f} ms {size} bytes {request_id}"
    return f"{iso_time(time())} INFO {__name__}: {message}"


def _json(method: str, path: str, operation: str, status: int, milliseconds: float, size: int, request_id: str) -> str:
    line = {
        "time": iso_time(time()),
        "level": "info",
        "logger": __name__,
        "message": f"{method} {path} {operation} {status}",
        "method": method,
        "path": path,
        "operation": operation,
        "status": status,
        "milliseconds": round(milliseconds, 2),
        "bytes": size,
        "requestId": request_id,
    }
    return msgspec.json.encode(line).decode()


@lru_cache(maxsize=256)
def _word(text: str) -> str:
    """Return what a client sent as one word that cannot end a line; `-` when it is empty."""
    return quote(text) or "-"
