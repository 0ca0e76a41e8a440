"""One operation, both executors."""

from collections.abc import Iterable
from inspect import isawaitable
from typing import Any

import msgspec
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    experimental_execute_incrementally,
)

import execution
from execution.internals import StrawberryGraphQLCoreExecutionContext, optimized_is_awaitable

Reported = tuple[tuple[str | int, ...], object]


async def stock(
    schema: GraphQLSchema, document: DocumentNode, context: object, variables: dict[str, Any]
) -> ExecutionResult:
    """Run an operation under the stock executor."""
    result = experimental_execute_incrementally(
        schema,
        document,
        context_value=context,
        variable_values=variables,
        executor_class=StrawberryGraphQLCoreExecutionContext,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
    )
    result = await result if isawaitable(result) else result
    assert isinstance(result, ExecutionResult)
    return result


async def assert_equal(
    schema: GraphQLSchema, document: DocumentNode, contexts: Iterable[object], variables: dict[str, Any]
) -> ExecutionResult:
    """Check that both executors answer alike, each in its own context; return the stock executor's answer."""
    return await assert_equal_again(execution.prepare(schema, document), contexts, variables)


async def assert_equal_again(
    operation: execution.Operation, contexts: Iterable[object], variables: dict[str, Any]
) -> ExecutionResult:
    """Check the same of an operation that may have run before."""
    first, second = contexts
    expected = await stock(operation.schema, operation.document, first, variables)
    found = await execution.execute(operation, variables=variables, context=second)
    assert (found.data or b"null") == msgspec.json.encode(expected.data)
    assert reported(found.errors, expected.data) == reported(expected.errors or [], expected.data)
    return expected


def reported(errors: list[GraphQLError], data: Any) -> set[Reported]:
    """Return the path and the code of each error.

    Of an error that took its surroundings with it, the path of what became null stands, and no code: when several
    errors null one place, the time they take decides which of them is reported (spec, 6.4.4).
    """
    found: set[Reported] = set()
    for error in errors:
        path = tuple(error.path or ())
        null_at = _first_null(path, data)
        if null_at == path:
            found.add((path, (error.extensions or {}).get("code") or error.message))
        else:
            found.add((null_at, None))
    return found


def _first_null(path: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    for depth, key in enumerate(path):
        if data is None:
            return path[:depth]
        data = data[key]
    return path
