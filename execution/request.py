"""One request: an operation with its variables and its context, and what is made for it only when it is needed."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from graphql import Executor, GraphQLField, GraphQLObjectType, GraphQLResolveInfo

from execution.internals import FieldDetailsList, StrawberryGraphQLCoreExecutionContext, resolve_info
from execution.limits import Limits
from execution.operation import Operation
from execution.plan import PlanEdge, Selection
from execution.row_cache import EVER, world_of
from execution.stock import build_executor
from execution.turns import Turn, Turns
from execution.variables import Variables


class Request:
    """What the run of a plan asks of the request that it belongs to.

    `rows` are those that are remembered; `world` stands for the snapshot that it began with (see `row_cache`).
    """

    def __init__(
        self,
        operation: Operation,
        variables: Variables,
        context: Any,
        limits: Limits,
        turn: Turn | None = None,
        executor: Executor[Any] | None = None,
    ) -> None:
        self.operation = operation
        self.variables = variables
        self.context = context
        self.limits = limits
        self.rows = operation.rows
        self.world = world_of(self.snapshot)
        self._first_snapshot = self.snapshot
        self.turn = turn or Turn(Turns())
        if hasattr(context, "turn"):
            context.turn = self.turn
        self._executor = executor

    @property
    def root_value(self) -> object:
        """The parent of the root fields."""
        return None if self._executor is None else self._executor.root_value

    @property
    def snapshot(self) -> object | None:
        """The frozen world that the context reads."""
        return getattr(self.context, "snapshot", None)

    def world_behind(self, owner: PlanEdge | Selection) -> object | None:
        """Return the world in which whole rows behind an edge hold, or the answer of a plan.

        In none, if the context came to read another snapshot meanwhile, as one that waits for the first may.
        """
        if not owner.leads_on:
            return EVER
        return self.world if self.snapshot is self._first_snapshot else None

    @property
    def impurities(self) -> int:
        """How many answers came from somewhere else than the snapshot so far."""
        return getattr(self.context, "impurities", 0)

    @cached_property
    def info(self) -> Callable[[GraphQLField, FieldDetailsList, GraphQLObjectType, str], GraphQLResolveInfo[Any]]:
        """What makes the `info` that type checks get: of a field, of a parent, under a key."""
        operation = self.operation
        fragments = {each.name.value: each for each in operation.fragments}
        return resolve_info(
            operation.schema, operation.node, fragments, self.variables.coerced, self.context, self.root_value
        )

    @property
    def executor(self) -> Executor[Any]:
        """The stock executor, which is asked what is wrong with a value of an abstract type."""
        if self._executor is None:
            built = build_executor(StrawberryGraphQLCoreExecutionContext, self.operation, self.variables, self.context)
            assert isinstance(built, Executor)
            self._executor = built
        return self._executor
