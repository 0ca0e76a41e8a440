"""Errors as a client sees them: the GraphQL shape, a stable `extensions.code`, and nothing internal."""

import logging
from collections.abc import Sequence
from typing import Any, Final

from graphql import GraphQLError, GraphQLFormattedError

from execution import Operation, name_arguments, to_json

logger = logging.getLogger(__name__)

MAX_MESSAGE: Final = 1_000
"""Characters of a message; in what graphql-core says may stand what a client sent."""


class RequestError(Exception):
    """A request that is not answered with data.

    `status` is the HTTP status. `well_formed` says that the HTTP request was sound and only its GraphQL was not:
    such a request is answered with a 200 as `application/json` (GraphQL over HTTP, section 6.4.1). `extensions` are the
    response's.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        well_formed: bool = False,
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.well_formed = well_formed
        self.headers = headers
        self.extensions: dict[str, Any] = {}
        self.errors: list[GraphQLFormattedError] = [{"message": message, "extensions": {"code": code}}]

    @classmethod
    def of(cls, code: str, errors: Sequence[GraphQLError]) -> "RequestError":
        """Make one of what graphql-core found wrong with a document or its variables."""
        error = cls(400, code, errors[0].message, well_formed=True)
        error.errors = [with_code(each, code) for each in errors]
        return error


def bad_request(message: str) -> RequestError:
    """Make the error for a malformed request: 400, `BAD_REQUEST`."""
    return RequestError(400, "BAD_REQUEST", message)


def with_code(error: GraphQLError, code: str) -> GraphQLFormattedError:
    """Format an error, with `code` where it has none of its own."""
    formatted = error.formatted
    message = error.message.replace(" not to be None.", " not to be null.")  # graphql-core's, Python's word
    formatted["message"] = message if len(message) <= MAX_MESSAGE else message[:MAX_MESSAGE] + "…"
    formatted["extensions"] = {"code": code, **(error.extensions or {})}
    return formatted


def are_of_request(errors: Sequence[GraphQLError]) -> bool:
    """Whether graphql-core refused the request itself: it names no place in the response, and we raised nothing."""
    return bool(errors) and not any(error.path or _is_ours(error.original_error) for error in errors)


def _is_ours(cause: Exception | None) -> bool:
    # A custom scalar says by a `ValueError` what is wrong with a variable.
    return cause is not None and not isinstance(cause, GraphQLError | ValueError)


def field_error(error: GraphQLError, operation: Operation, request_id: str) -> GraphQLFormattedError:
    """Format an error of execution; one that nobody meant for a client is logged with its trace, and masked."""
    if error.extensions and "code" in error.extensions:
        return error.formatted
    cause = error.original_error
    # graphql-core raises with nodes where an argument is wrong, and without them where a result is.
    if isinstance(cause, GraphQLError) and cause.nodes:
        name_arguments(operation.document, [cause])
        error.extensions = cause.extensions
        return with_code(error, "BAD_USER_INPUT")
    logger.error("Internal error at %s, request %s", error.path, request_id, exc_info=cause or error)
    masked: GraphQLFormattedError = {"message": "Internal server error"}
    for key in ("locations", "path"):
        if key in error.formatted:
            masked[key] = error.formatted[key]
    masked["extensions"] = {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id}
    return masked


def body_of(errors: Sequence[GraphQLFormattedError], extensions: dict[str, Any] | None = None) -> bytes:
    """Encode the response to a request that was not executed: errors without data."""
    return to_json({"errors": errors, "extensions": extensions} if extensions else {"errors": errors})


def error_body(code: str, message: str) -> bytes:
    """Encode the response of one error."""
    return body_of([{"message": message, "extensions": {"code": code}}])
