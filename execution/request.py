"""One request: an operation with its variables and its context, and what is made for it only when it is needed."""

from typing import Any

from graphql import Executor

from execution.internals import StrawberryGraphQLCoreExecutionContext
from execution.limits import Limits, Turn
from execution.operation import Operation
from execution.row_cache import RowCache, SchemaRows
from execution.stock import build_executor
from execution.variables import Variables


class Request:
    """What the run of a plan asks of the request that it belongs to.

    `rows` are the whole rows that are remembered of the context's snapshot; None when it has none, and nothing can be.
    """

    def __init__(
        self,
        operation: Operation,
        variables: Variables,
        context: Any,
        limits: Limits,
        remembered: SchemaRows,
        executor: Executor[Any] | None = None,
    ) -> None:
        self.operation = operation
        self.variables = variables
        self.context = context
        self.limits = limits
        self.leaves = remembered.leaves
        self.rows: RowCache | None = remembered.rows_of(self.snapshot)
        self._first_snapshot = self.snapshot
        self.turn = Turn()
        self._executor = executor

    @property
    def root_value(self) -> object:
        """The parent of the root fields."""
        return None if self._executor is None else self._executor.root_value

    @property
    def snapshot(self) -> object | None:
        """The frozen world that the context reads."""
        return getattr(self.context, "snapshot", None)

    @property
    def has_another_snapshot(self) -> bool:
        """Whether the context came to read another world while the request ran, as one that waits for the first may."""
        return self.snapshot is not self._first_snapshot

    @property
    def impurities(self) -> int:
        """How many answers came from somewhere else than the snapshot so far."""
        return getattr(self.context, "impurities", 0)

    @property
    def executor(self) -> Executor[Any]:
        """The stock executor, which is asked what an abstract type is and what is wrong with a value."""
        if self._executor is None:
            built = build_executor(StrawberryGraphQLCoreExecutionContext, self.operation, self.variables, self.context)
            assert isinstance(built, Executor)
            self._executor = built
        return self._executor
