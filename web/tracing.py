"""Traces for routers: how long each field of an operation took (Apollo's federated tracing, format `ftv1`).

A subgraph sends a trace as base64 in `extensions.ftv1` when the request has `apollo-federation-include-trace: ftv1`.
The messages are those of Apollo's `reports.proto` that a subgraph fills; times of fields are in nanoseconds since the
operation began.
"""

# ruff: noqa: RUF009 - a message declares its fields by calls.
from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

import betterproto2 as protobuf
import msgspec
from graphql import (
    ExecutionResult,
    Executor,
    GraphQLFormattedError,
    GraphQLResolveInfo,
    MiddlewareManager,
    experimental_execute_incrementally,
)

from execution import Operation


@dataclass
class Timestamp(protobuf.Message):
    """A point in time (`google.protobuf.Timestamp`)."""

    seconds: int = protobuf.field(1, protobuf.TYPE_INT64)
    nanos: int = protobuf.field(2, protobuf.TYPE_INT32)


@dataclass
class Location(protobuf.Message):
    """A place in the document."""

    line: int = protobuf.field(1, protobuf.TYPE_UINT32)
    column: int = protobuf.field(2, protobuf.TYPE_UINT32)


@dataclass
class Error(protobuf.Message):
    """An error as the response has it; `json` is the whole of it."""

    message: str = protobuf.field(1, protobuf.TYPE_STRING)
    location: list[Location] = protobuf.field(2, protobuf.TYPE_MESSAGE, repeated=True)
    json: str = protobuf.field(4, protobuf.TYPE_STRING)


@dataclass
class Node(protobuf.Message):
    """A field, or an item of a list, which has nothing but its index."""

    response_name: str | None = protobuf.field(1, protobuf.TYPE_STRING, optional=True)
    index: int | None = protobuf.field(2, protobuf.TYPE_UINT32, optional=True)
    type: str = protobuf.field(3, protobuf.TYPE_STRING)
    start_time: int = protobuf.field(8, protobuf.TYPE_UINT64)
    end_time: int = protobuf.field(9, protobuf.TYPE_UINT64)
    error: list[Error] = protobuf.field(11, protobuf.TYPE_MESSAGE, repeated=True)
    child: list[Node] = protobuf.field(12, protobuf.TYPE_MESSAGE, repeated=True)
    parent_type: str = protobuf.field(13, protobuf.TYPE_STRING)
    original_field_name: str = protobuf.field(14, protobuf.TYPE_STRING)


@dataclass
class Trace(protobuf.Message):
    """A whole operation."""

    end_time: Timestamp | None = protobuf.field(3, protobuf.TYPE_MESSAGE, optional=True)
    start_time: Timestamp | None = protobuf.field(4, protobuf.TYPE_MESSAGE, optional=True)
    duration_ns: int = protobuf.field(11, protobuf.TYPE_UINT64)
    root: Node | None = protobuf.field(14, protobuf.TYPE_MESSAGE, optional=True)


class Tracer:
    """Traces one operation, as graphql-core's middleware."""

    def __init__(self) -> None:
        self._started = time.time_ns()
        self._clock = time.perf_counter_ns()
        self._root = Node()
        self._nodes: dict[tuple[str | int, ...], Node] = {(): self._root}

    def resolve(
        self, resolver: Callable[..., Any], source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any
    ) -> Any:
        """Resolve a field and note how long that took."""
        node = self._node(tuple(info.path.as_list()))
        node.type, node.parent_type = str(info.return_type), info.parent_type.name
        if info.field_name != info.path.key:
            node.original_field_name = info.field_name
        node.start_time = self._elapsed()
        try:
            answer = resolver(source, info, **arguments)
        finally:
            node.end_time = self._elapsed()
        return self._await(answer, node) if isawaitable(answer) else answer

    def extensions(self, errors: Sequence[GraphQLFormattedError]) -> dict[str, str]:
        """Return the response's `extensions`; `errors` are those of the response."""
        for error in errors:
            locations = [Location(each["line"], each["column"]) for each in error.get("locations", ())]
            text = msgspec.json.encode(error).decode()
            self._node(tuple(error.get("path", ()))).error.append(Error(error["message"], locations, text))
        trace = Trace(
            start_time=_timestamp(self._started),
            end_time=_timestamp(time.time_ns()),
            duration_ns=self._elapsed(),
            root=self._root,
        )
        return {"ftv1": b64encode(bytes(trace)).decode()}

    async def _await(self, answer: Any, node: Node) -> Any:
        try:
            return await answer
        finally:
            node.end_time = self._elapsed()

    def _elapsed(self) -> int:
        return time.perf_counter_ns() - self._clock

    def _node(self, path: tuple[str | int, ...]) -> Node:
        """Return the node at a path, made with all above it where it is new."""
        if path not in self._nodes:
            key = path[-1]
            node = Node(index=key) if isinstance(key, int) else Node(response_name=key)
            self._node(path[:-1]).child.append(node)
            self._nodes[path] = node
        return self._nodes[path]


async def traced(
    operation: Operation, variables: dict[str, Any], context: object, executor: type[Executor[Any]]
) -> tuple[ExecutionResult, Tracer]:
    """Execute an operation field by field; return its result, and what traced it."""
    tracer = Tracer()
    # graphql-core's other function refuses a schema that has `@defer`; what this executor gets has none of it.
    result = experimental_execute_incrementally(
        operation.schema,
        operation.document,
        context_value=context,
        variable_values=variables,
        executor_class=executor,
        middleware=MiddlewareManager(tracer),
        hide_suggestions=operation.hide_suggestions,
    )
    result = await result if isawaitable(result) else result
    assert isinstance(result, ExecutionResult)
    return result, tracer


def _timestamp(nanoseconds: int) -> Timestamp:
    return Timestamp(*divmod(nanoseconds, 10**9))
