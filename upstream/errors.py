"""What can go wrong: an upstream fault, a client's mistake, a catalogue that is not complete yet.

Each carries `extensions` with a stable `code`; graphql-core copies them into the error that a client reads. Any other
exception is our bug, and the endpoint masks it.
"""

from typing import Literal

UpstreamCode = Literal[
    "UPSTREAM_INVALID",
    "UPSTREAM_REDIRECT",
    "UPSTREAM_STATUS",
    "UPSTREAM_TIMEOUT",
    "UPSTREAM_TOO_LARGE",
    "UPSTREAM_UNREACHABLE",
]


class CatalogueError(Exception):
    """An error that a client may read: its message, and `extensions` with a stable `code`."""

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.extensions: dict[str, object] = {"code": code, **details}


class UpstreamError(CatalogueError):
    """The upstream did not give a usable answer for `resource`, its path below the API's base."""

    def __init__(self, code: UpstreamCode, resource: str, problem: str, **details: object) -> None:
        super().__init__(code, f"The upstream {problem} for {resource}.", resource=resource, **details)
        self.resource = resource


class BadInputError(CatalogueError):
    """The client's mistake."""

    def __init__(self, message: str, **details: object) -> None:
        super().__init__("BAD_USER_INPUT", message, **details)
