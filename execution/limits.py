"""What a response may take."""

from dataclasses import dataclass
from typing import Final

from graphql import GraphQLError

MAX_FIELDS: Final = 10_000
"""Fields of an operation with its fragments applied (those on interfaces multiply), and fields that the stock executor
resolves of one operation. Either takes about a tenth of a second."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one response.

    `max_nodes` are objects, each counted as often as it stands in the response, and with nulls in their place;
    `max_bytes` are those of its data as JSON. `max_cost` are nodes that it asks for (see `cost`), known before it runs.
    """

    max_nodes: int = 100_000
    max_bytes: int = 16 * 2**20
    max_cost: int = 2_000_000


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


def too_costly(cost: int, limit: int) -> LimitError:
    """Make the error for an operation that asks for more nodes than `limit`."""
    message = f"The operation asks for up to {cost} nodes, of {limit} at the most; page sizes multiply. Ask for less."
    return LimitError("MAX_COST_EXCEEDED", message)


def too_many_fields() -> LimitError:
    """Make the error for an operation of more than `MAX_FIELDS` fields."""
    message = f"The operation asks for more than {MAX_FIELDS} fields, fragments applied."
    return LimitError("MAX_FIELDS_EXCEEDED", message)
