"""The executor: runs what a plan supports layer by layer, and leaves the rest to the stock executor.

A run of a subscription is one event of it. Left to the stock one, always for the whole operation: introspection and
Federation's `_service`, mutations, every directive but `@skip` and `@include` (and `@defer` and `@stream`, which are
ignored), fields whose resolver is not a layer function or that have extensions or permissions, type checks that are
coroutines, schemas with exception handlers, and operations run with middleware or an abort signal.
"""

from typing import Any, Final

import msgspec
from graphql import DocumentNode, ExecutionResult, Executor, GraphQLError, GraphQLSchema

from execution.completion import Completion
from execution.cost import cost_of, highest_cost_of
from execution.directives import without_ignored
from execution.explain import Explanation
from execution.limits import LimitError, Limits, too_costly, too_many_bytes, too_many_nodes
from execution.operation import Operation
from execution.plan import Selection
from execution.request import Request
from execution.result import Result, to_json
from execution.row_cache import world_of
from execution.run import ID_OF_NULL, Run
from execution.serialization import serialize
from execution.stock import BoundedExecutor, execute_by_stock
from execution.turns import Turn
from execution.variables import Variables

DEFAULT_LIMITS: Final = Limits()


async def execute(
    operation: Operation,
    *,
    variables: dict[str, Any] | None = None,
    context: object = None,
    limits: Limits = DEFAULT_LIMITS,
    turn: Turn | None = None,
    explanation: Explanation | None = None,
) -> Result:
    """Execute an operation: the short way to the JSON of a response. It runs no Strawberry extensions.

    Args:
        operation: of a document that is valid.
        variables: as JSON has them, by name.
        context: passed to layer functions as it is (see `layers.LayerContext`).
        limits: what the response may take; where it would be more, there is one error and no data.
        turn: the operation's at the event loop; without one it takes turns with nobody in particular.
        explanation: takes in what is done, and all of it is done, whatever is remembered.

    Raises:
        OverloadedError: too many operations take long.
    """
    coerced = operation.coerce(variables or {})
    if isinstance(coerced, list):
        return Result(None, coerced)
    try:
        plan = operation.plan(coerced)
        if turn is not None and turn.is_over:
            await turn.end()
        if explanation is not None:
            explanation.planned(operation, plan, coerced)
        if plan is None:
            return await execute_by_stock(operation, coerced, context, limits)
        if highest_cost_of(plan, coerced) > limits.max_cost and (cost := cost_of(plan, coerced)) > limits.max_cost:
            raise too_costly(cost, limits.max_cost)
        whole = _whole(operation, plan, coerced, getattr(context, "snapshot", None), limits)
        if whole is not None and explanation is None:
            return Result(whole, [])
        request = Request(operation, coerced, context, limits, turn)
        if explanation is None:
            return await _run(Run(request, plan))
        return await _run(explanation.run(request, plan, is_remembered=whole is not None))
    except LimitError as error:
        return Result(None, [error.with_traceback(None)])


def remembered(
    operation: Operation, *, variables: dict[str, Any], snapshot: object | None, limits: Limits = DEFAULT_LIMITS
) -> bytes | None:
    """Return the data of an operation if all of it is remembered of a snapshot, so that nothing has to run.

    Where there is something to report, too, it is left to `execute`.
    """
    coerced = operation.coerce(variables)
    plan = None if isinstance(coerced, list) else operation.known_plan(coerced)
    if isinstance(coerced, list) or plan is None or highest_cost_of(plan, coerced) > limits.max_cost:
        return None
    try:
        return _whole(operation, plan, coerced, snapshot, limits)
    except LimitError:
        return None


class LayeredExecutor(BoundedExecutor):
    """Executes queries layer by layer; a Strawberry schema takes it as its `execution_context_class`."""

    @classmethod
    def build(
        cls, schema: GraphQLSchema, document: DocumentNode, *args: Any, **options: Any
    ) -> list[GraphQLError] | Executor[Any]:
        """Build an executor for a document, but for the directives in it that are ignored."""
        return super().build(schema, without_ignored(document), *args, **options)

    def execute_operation(self, serially: bool | None = None) -> Any:
        """Execute the operation; the result's data is what the response's JSON decodes to."""
        middleware = self.middleware_manager
        if self.abort_signal or self.hooks or (middleware and middleware.middlewares):
            return super().execute_operation(serially)
        fragments = self.fragment_definitions.values()
        operation = Operation(self.schema, self.operation, fragments, hide_suggestions=self.hide_suggestions)
        variables = operation.coerced(self.variable_values)
        try:
            plan = operation.plan(variables)
        except LimitError as error:
            return ExecutionResult(None, [error.with_traceback(None)])
        if plan is None:
            return super().execute_operation(serially)
        request = Request(operation, variables, self.context_value, DEFAULT_LIMITS, executor=self)
        return _execution_result(request, plan)


async def _execution_result(request: Request, plan: Selection) -> ExecutionResult:
    try:
        result = await _run(Run(request, plan))
    except LimitError as error:
        return ExecutionResult(None, [error.with_traceback(None)])
    return ExecutionResult(msgspec.json.decode(result.data or b"null"), result.errors or None)


async def _run(run: Run) -> Result:
    await run.finish()
    sound = await serialize(run)
    if sound is not None:
        return Result(sound, [])
    completion = Completion(run)
    await completion.complete()
    data = to_json(completion.data)
    max_bytes = run.request.limits.max_bytes
    if len(data) > max_bytes:
        raise too_many_bytes(max_bytes)
    return Result(data, completion.errors)


def _whole(
    operation: Operation, plan: Selection, variables: Variables, snapshot: object | None, limits: Limits
) -> bytes | None:
    """Return the data of the whole operation with these variables if it is remembered; raises `LimitError`."""
    if not plan.is_pure or snapshot is None:
        return None
    entry = operation.rows.row(plan, variables.key(plan.variables), ID_OF_NULL, world_of(snapshot))
    if entry is None or entry.row is None:
        return None
    if entry.nodes > limits.max_nodes:
        raise too_many_nodes(limits.max_nodes)
    if len(entry.row) > limits.max_bytes:
        raise too_many_bytes(limits.max_bytes)
    return entry.row
