"""What a response may take, and the executor's turns at the event loop."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from graphql import GraphQLError

MAX_TURN: Final = 0.02
"""Seconds for which an operation may hold the event loop before it lets others run."""

MAX_FIELDS: Final = 10_000
"""Fields of an operation with its fragments applied (those on interfaces multiply), and fields that the stock executor
resolves of one operation. Either takes about a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one response.

    `max_nodes` are objects, each counted as often as it stands in the response, and with nulls in their place;
    `max_bytes` are those of its data as JSON.
    """

    max_nodes: int = 100_000
    max_bytes: int = 16 * 2**20


class LimitError(GraphQLError):
    """An operation asks for more than a bound allows; there is no data. `code` goes into the `extensions`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})


def too_many_nodes(limit: int) -> LimitError:
    """Make the error for a response of more nodes than `limit`."""
    message = f"The response would have more than {limit} nodes; list lengths multiply. Ask for fewer at once."
    return LimitError("MAX_NODES_EXCEEDED", message)


def too_many_bytes(limit: int) -> LimitError:
    """Make the error for a response of more bytes than `limit`."""
    return LimitError("MAX_BYTES_EXCEEDED", f"The response would have more than {limit} bytes. Ask for less at once.")


def too_many_fields() -> LimitError:
    """Make the error for an operation of more than `MAX_FIELDS` fields."""
    message = f"The operation asks for more than {MAX_FIELDS} fields, fragments applied."
    return LimitError("MAX_FIELDS_EXCEEDED", message)


class Turn:
    """A turn at the event loop, which ends after `MAX_TURN` seconds."""

    __slots__ = ("_began",)

    def __init__(self) -> None:
        self._began = time.perf_counter()

    @property
    def is_over(self) -> bool:
        """Whether it is time to let others run."""
        return time.perf_counter() - self._began > MAX_TURN

    async def end(self) -> None:
        """Let others run, then begin anew."""
        await asyncio.sleep(0)
        self._began = time.perf_counter()
