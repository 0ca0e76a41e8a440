"""The executor: runs what a plan supports layer by layer, and leaves the rest to the stock executor.

Left to it, always for the whole operation: introspection and Federation's `_service`, mutations and subscriptions,
every directive but `@skip` and `@include` (hence `@defer` and `@stream`), fields whose resolver is not a layer function
or that have extensions or permissions, type checks that are coroutines, schemas with exception handlers, operations
run with middleware or an abort signal, and operations of more than 10,000 fields once fragments are applied.
"""

from collections import OrderedDict
from inspect import isawaitable
from typing import Any, Final, cast

import msgspec
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
)

from execution.completion import Completion
from execution.internals import StrawberryGraphQLCoreExecutionContext, optimized_is_awaitable
from execution.plan import Selection
from execution.planner import Operation
from execution.result import Result, to_json
from execution.row_cache import RowCache
from execution.run import Run
from execution.serialization import encode

MAX_OPERATIONS: Final = 1_000
"""Operations whose plans are kept, the least recently used ones dropped."""

MAX_FIELDS: Final = 50_000
"""Fields of all plans that are kept; one takes about half a kilobyte."""

MAX_ROW_CACHE_BYTES: Final = 16 * 2**20
"""What the plans of a schema remember of records, in bytes, roughly."""

_PLANS: Final = "execution.plans"


class LayeredExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes queries layer by layer; a Strawberry schema takes it as its `execution_context_class`."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute the operation; the result's data is what the response's JSON decodes to."""
        plan = self.plan()
        return super().execute_operation(serially) if plan is None else self._execution_result(plan)

    def plan(self) -> Selection | None:
        """Return the plan of the operation; None when it needs the stock executor."""
        middleware = self.middleware_manager
        if self.abort_signal or self.hooks or (middleware and middleware.middlewares):
            return None
        return plans_of(self.schema).plan(self)

    async def result(self) -> Result:
        """Execute the operation, without a detour through Python data."""
        plan = self.plan()
        if plan is not None:
            return await self._run(plan)
        stock = super().execute_operation()
        if isawaitable(stock):
            stock = await stock
        if not isinstance(stock, ExecutionResult):
            raise GraphQLError("This operation would have several payloads, which only a stream can carry.")
        return Result(to_json(stock.data), stock.errors or [])

    async def _run(self, plan: Selection) -> Result:
        run = Run(self, plan, plans_of(self.schema).row_cache)
        await run.finish()
        data = encode(run)
        if data is not None:
            return Result(data, [])
        completion = Completion(run)
        return Result(to_json(completion.data), completion.errors)

    async def _execution_result(self, plan: Selection) -> ExecutionResult:
        result = await self._run(plan)
        return ExecutionResult(msgspec.json.decode(result.data or b"null"), result.errors or None)


async def execute(
    schema: GraphQLSchema,
    document: DocumentNode,
    *,
    operation_name: str | None = None,
    variables: dict[str, Any] | None = None,
    context: object = None,
    hide_suggestions: bool = False,
) -> Result:
    """Execute an operation of a valid document: the short way to the JSON of a response.

    It runs no Strawberry extensions. `context` is passed to layer functions as it is; `hide_suggestions` keeps the
    schema's names out of messages about wrong variables.
    """
    executor = LayeredExecutor.build(
        schema,
        document,
        None,
        context,
        variables,
        operation_name,
        is_awaitable=cast(Any, optimized_is_awaitable),
        hide_suggestions=hide_suggestions,
    )
    if isinstance(executor, list):
        return Result(None, executor)
    assert isinstance(executor, LayeredExecutor)
    return await executor.result()


class Plans:
    """The plans of one schema's operations, and what they remember.

    Operations are told apart by the identity of their nodes, so a document has to be parsed once only.
    """

    def __init__(self) -> None:
        self.row_cache = RowCache(MAX_ROW_CACHE_BYTES)
        self._operations: OrderedDict[tuple[int, ...], Operation] = OrderedDict()

    def plan(self, executor: LayeredExecutor) -> Selection | None:
        """Return the plan of an executor's operation; None when it needs the stock executor."""
        key = (id(executor.operation), *map(id, executor.fragment_definitions.values()))
        operation = self._operations.pop(key, None) or Operation(executor)
        self._operations[key] = operation
        size = operation.size
        plan = operation.plan(executor)
        if operation.size != size or len(self._operations) > MAX_OPERATIONS:
            self._drop()
        return plan

    def _drop(self) -> None:
        size = sum(operation.size for operation in self._operations.values())
        while len(self._operations) > MAX_OPERATIONS or (size > MAX_FIELDS and len(self._operations) > 1):
            _, dropped = self._operations.popitem(last=False)
            size -= dropped.size


def plans_of(schema: GraphQLSchema) -> Plans:
    """Return what is kept for a schema."""
    if _PLANS not in schema.extensions:
        schema.extensions[_PLANS] = Plans()
    plans: Plans = schema.extensions[_PLANS]
    return plans
