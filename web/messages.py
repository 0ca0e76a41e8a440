"""The messages of GraphQL over WebSocket, `graphql-transport-ws`: `PROTOCOL.md` of the npm package graphql-ws."""

from typing import Annotated, Any, Final, TypeAlias

import msgspec
from msgspec import Meta, Raw, Struct

from execution import to_json

SUBPROTOCOL: Final = "graphql-transport-ws"

MAX_ID: Final = 200
"""Characters of an operation's id; clients send 36."""

INVALID: Final = 4400
UNAUTHORIZED: Final = 4401
SUBPROTOCOL_NOT_ACCEPTABLE: Final = 4406
INIT_TIMEOUT: Final = 4408
DUPLICATE: Final = 4409
TOO_MANY_INITS: Final = 4429
GOING_AWAY: Final = 1001
"""Codes of closed sockets: the protocol's, and one of RFC 6455, section 7.4.1."""

_Id: TypeAlias = Annotated[str, Meta(min_length=1, max_length=MAX_ID)]


class ConnectionInit(Struct, tag_field="type", tag="connection_init"):
    """The client begins; what it says of itself means nothing here."""

    payload: dict[str, Any] | None = None


class Ping(Struct, tag_field="type", tag="ping"):
    """The client wants a pong, with the same payload."""

    payload: dict[str, Any] | None = None


class Pong(Struct, tag_field="type", tag="pong"):
    """The client answers, or says that it is there."""

    payload: dict[str, Any] | None = None


class Subscribe(Struct, tag_field="type", tag="subscribe"):
    """The client asks an operation; its parameters are those of GraphQL over HTTP."""

    id: _Id
    payload: Raw


class Complete(Struct, tag_field="type", tag="complete"):
    """The client wants no more of an operation."""

    id: _Id


Message: TypeAlias = ConnectionInit | Ping | Pong | Subscribe | Complete

_messages: Final[msgspec.json.Decoder[Message]] = msgspec.json.Decoder(Message)


class InvalidMessageError(Exception):
    """Something that is no message of the protocol."""


def read_message(text: str | None) -> Message:
    """Read what a client sent; `None` is what was no text. Raises `InvalidMessageError`."""
    if text is None:
        raise InvalidMessageError("messages are texts")
    try:
        return _messages.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise InvalidMessageError(str(error)) from None


ACKNOWLEDGED: Final = '{"type":"connection_ack"}'


def pong(ping: Ping) -> str:
    """Answer a ping. Raises `InvalidMessageError`: its payload is nested too deeply."""
    payload = {} if ping.payload is None else {"payload": ping.payload}
    try:
        return to_json({"type": "pong", **payload}).decode()
    except RecursionError as error:
        raise InvalidMessageError(str(error)) from None


def next_message(id_: str, response: bytes) -> str:
    """Tell a response to an operation, which is JSON already."""
    return (b'{"id":%b,"type":"next","payload":%b}' % (to_json(id_), response)).decode()


def error_message(id_: str, errors: object) -> str:
    """Tell that an operation is not executed, and why."""
    return to_json({"id": id_, "type": "error", "payload": errors}).decode()


def complete_message(id_: str) -> str:
    """Tell that nothing more comes of an operation."""
    return to_json({"id": id_, "type": "complete"}).decode()
