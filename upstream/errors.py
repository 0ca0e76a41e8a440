"""What can go wrong: an upstream fault, a client's mistake, a catalogue that is not complete yet.

Each carries `extensions` with a stable `code`; graphql-core copies them into the error that a client reads. Any other
exception is our bug, and the endpoint masks it.
"""

from typing import Final, Literal

UpstreamCode = Literal[
    "UPSTREAM_INCOMPLETE",
    "UPSTREAM_INVALID",
    "UPSTREAM_NOT_AN_API",
    "UPSTREAM_RATE_LIMITED",
    "UPSTREAM_REDIRECT",
    "UPSTREAM_STATUS",
    "UPSTREAM_TIMEOUT",
    "UPSTREAM_TOO_LARGE",
    "UPSTREAM_UNREACHABLE",
]

Cause = Literal[
    "refused",
    "dns",
    "tls",
    "proxy",
    "connect timeout",
    "read timeout",
    "reset",
    "status",
    "format",
    "redirect",
    "size",
    "breaker",
    "rate",
    "deadline",
]
"""What went wrong, finer than the code: the last three are the gateway's own bounds."""

ROOT: Final = "root"
"""What the API's root is called where resources are named by their paths."""

UNREACHABLE: Final[frozenset[Cause]] = frozenset({"refused", "dns", "tls", "proxy", "connect timeout"})
"""What keeps any GET from getting there."""

OWN_BOUNDS: Final[frozenset[Cause]] = frozenset({"breaker", "rate", "deadline"})

_CODES: Final[dict[Cause, UpstreamCode]] = {
    "refused": "UPSTREAM_UNREACHABLE",
    "dns": "UPSTREAM_UNREACHABLE",
    "tls": "UPSTREAM_UNREACHABLE",
    "proxy": "UPSTREAM_UNREACHABLE",
    "connect timeout": "UPSTREAM_TIMEOUT",
    "read timeout": "UPSTREAM_TIMEOUT",
    "reset": "UPSTREAM_UNREACHABLE",
    "status": "UPSTREAM_STATUS",
    "format": "UPSTREAM_INVALID",
    "redirect": "UPSTREAM_REDIRECT",
    "size": "UPSTREAM_TOO_LARGE",
    "breaker": "UPSTREAM_UNREACHABLE",
    "rate": "UPSTREAM_RATE_LIMITED",
    "deadline": "UPSTREAM_TIMEOUT",
}


class CatalogueError(Exception):
    """An error that a client may read: its message, and `extensions` with a stable `code`."""

    def __init__(self, code: str, message: str, **details: object) -> None:
        super().__init__(message)
        self.extensions: dict[str, object] = {"code": code, **details}

    def again(self) -> "CatalogueError":
        """Return an equal error for somebody else who meets it: a traceback grows with each time it is raised."""
        error = CatalogueError("", str(self))
        error.extensions = dict(self.extensions)
        return error


class UpstreamError(CatalogueError):
    """The upstream did not give a usable answer for `resource`.

    Args:
        cause: what went wrong; the code follows from it.
        resource: its path below the API's base.
        problem: what the upstream did, to stand after "The upstream".
        retry_after: seconds after which it is worth asking again, where that is known.
        code: another code than the cause's.
        details: more for `extensions`, such as the `status` or the `field`.
    """

    def __init__(
        self,
        cause: Cause,
        resource: str,
        problem: str,
        *,
        retry_after: float | None = None,
        code: UpstreamCode | None = None,
        **details: object,
    ) -> None:
        if retry_after is not None:
            details["retryAfter"] = round(retry_after, 3)
        message = f"The upstream {problem}." if resource == ROOT else f"The upstream {problem} for {resource}."
        super().__init__(code or _CODES[cause], message, resource=resource, cause=cause, **details)
        self.code: Final = code or _CODES[cause]
        self.cause: Final = cause
        self.resource = resource
        self.problem = problem
        self.retry_after = retry_after

    @property
    def is_own_bound(self) -> bool:
        """Whether the gateway did not let it come to an answer; it says nothing of the resource."""
        return self.cause in OWN_BOUNDS


class BadInputError(CatalogueError):
    """The client's mistake."""

    def __init__(self, message: str, **details: object) -> None:
        super().__init__("BAD_USER_INPUT", message, **details)
