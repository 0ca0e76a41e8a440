"""Requests for a WebSocket, and who goes on with them; that takes 10 ms to import, and is at the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.server import ServerState

from web.connections import Connections
from web.headers import Headers

if TYPE_CHECKING:
    from web.upgrade import WebSocketConnection

MAX_LINE_BYTES: Final = 8_000
"""Bytes of a header, or of the URL, of a handshake: a little less than `websockets` takes."""

PING_SECONDS: Final = 20.0
"""After what a socket is asked whether its client is there, and within what it has to say so."""


def handshake(method: str, target: bytes, headers: Headers) -> bytes | None:
    """Return the bytes of a request for a WebSocket (RFC 6455, section 4.2.1); None of any other, or a long one."""
    given = dict(headers)
    is_sound = b"sec-websocket-key" in given and given.get(b"sec-websocket-version") == b"13"
    if method != "GET" or given.get(b"upgrade", b"").lower() != b"websocket" or not is_sound:
        return None
    lines = [b"GET %b HTTP/1.1" % target, *(b"%b: %b" % line for line in headers)]
    return None if max(map(len, lines)) > MAX_LINE_BYTES else b"\r\n".join([*lines, b"", b""])


def make_websocket(
    config: uvicorn.Config, server_state: ServerState, app_state: dict[str, Any], *, connections: Connections
) -> WebSocketConnection:
    """Make the protocol of a WebSocket."""
    from web.upgrade import WebSocketConnection

    return WebSocketConnection(config, server_state, app_state, connections=connections)
