"""The stock executor, for what the layered one does not run: bounded, since it resolves field by field in one go."""

from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, Executor, GraphQLError

from execution.internals import StrawberryGraphQLCoreExecutionContext, optimized_is_awaitable
from execution.limits import MAX_FIELDS, LimitError, Limits, too_many_bytes, too_many_fields
from execution.operation import Operation
from execution.result import Result, to_json
from execution.variables import Variables


class BoundedExecutor(StrawberryGraphQLCoreExecutionContext):
    """Resolves at most `MAX_FIELDS` fields; an operation that needs more has one error and no data."""

    _fields = 0

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute the operation; the result may have to be awaited."""
        try:
            result = super().execute_operation(serially)
        except _TooManyFieldsError:
            return ExecutionResult(None, [too_many_fields()])
        return self._awaited(result) if isawaitable(result) else result

    def execute_field(self, *args: Any) -> Any:
        """Resolve a field, unless that is one too many."""
        self._fields += 1
        if self._fields > MAX_FIELDS:
            raise _TooManyFieldsError
        return super().execute_field(*args)

    async def _awaited(self, result: Any) -> Any:
        try:
            return await result
        except _TooManyFieldsError:
            return ExecutionResult(None, [too_many_fields()])


class _TooManyFieldsError(BaseException):
    """Ends an execution; of every other exception, the stock executor makes an error of one field, and goes on."""


def build_executor(
    kind: type[Executor[Any]], operation: Operation, variables: Variables, context: object
) -> Executor[Any] | list[GraphQLError]:
    """Build a stock executor of an operation."""
    return kind.build(
        operation.schema,
        operation.document,
        None,
        context,
        variables.inputs,
        is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
        hide_suggestions=operation.hide_suggestions,
    )


async def execute_by_stock(operation: Operation, variables: Variables, context: object, limits: Limits) -> Result:
    """Execute an operation by the stock executor.

    Raises:
        LimitError: the response takes too many bytes.
    """
    executor = build_executor(BoundedExecutor, operation, variables, context)
    if isinstance(executor, list):
        return Result(None, executor)
    result = executor.execute_operation()
    if isawaitable(result):
        result = await result
    if not isinstance(result, ExecutionResult):
        return Result(None, [GraphQLError("This operation would have several payloads, which need a stream.")])
    if result.errors and isinstance(result.errors[0], LimitError):
        raise result.errors[0]
    data = to_json(result.data)
    if len(data) > limits.max_bytes:
        raise too_many_bytes(limits.max_bytes)
    return Result(data, result.errors or [])
