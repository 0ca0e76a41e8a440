"""Calling layer functions: those of a wave one after the other, what they return awaited together."""

import asyncio
import time
from asyncio import Future, ensure_future, gather
from collections.abc import Awaitable, Coroutine, Sequence
from inspect import isawaitable
from itertools import chain
from typing import Any, Final

from execution.layers import LayerFunction
from execution.plan import PlanEdge
from execution.request import Request
from execution.turns import OverloadedError

MAX_PARENTS: Final = 1_000
"""Parents that a layer function is called with at once; between two calls others may run."""

SHORT: Final = 0.002
"""Seconds within which functions that are started together should have begun to wait."""


class Call:
    """A layer function for all its parents: `answers`, one a parent, and whether they hold as long as the snapshot."""

    __slots__ = ("answers", "is_pure")

    def __init__(self, answers: Any, *, is_pure: bool) -> None:
        self.answers = answers
        self.is_pure = is_pure


async def call_all(request: Request, wave: Sequence[tuple[PlanEdge, list[Any]]]) -> list[Call]:
    """Call the layer functions of edges with their parents."""
    calls: list[Call] = []
    try:
        for edge, parents in wave:
            assert edge.function is not None
            impurities = request.impurities
            answers = await _call(request, edge, edge.function, parents)
            calls.append(Call(answers, is_pure=edge.function.is_pure and request.impurities == impurities))
            if request.turn.is_over:
                await request.turn.end()
    except BaseException:
        for call in calls:
            if isinstance(call.answers, Coroutine):
                call.answers.close()  # nobody will await it
        raise
    waiting = [call for call in calls if type(call.answers) is not list and isawaitable(call.answers)]
    if waiting:
        impurities = request.impurities
        together = await _together(request, [call.answers for call in waiting])
        for call, answers in zip(waiting, together, strict=True):
            call.answers = answers
            # They run at the same time, so what was read through meanwhile may be any one's.
            call.is_pure = call.is_pure and request.impurities == impurities
    for call, (edge, parents) in zip(calls, wave, strict=True):
        if type(call.answers) is not list or len(call.answers) != len(parents):
            call.answers = _one_a_parent(call.answers, edge.function, len(parents))
    return calls


async def _call(request: Request, edge: PlanEdge, function: LayerFunction, parents: list[Any]) -> Any:
    """Call a layer function with all parents, in parts where they are many."""
    try:
        arguments = edge.arguments.values(request.variables)
        if len(parents) <= MAX_PARENTS:
            return function(parents, request.context, **arguments)
        parts: list[Any] = []
        for start in range(0, len(parents), MAX_PARENTS):
            part = parents[start : start + MAX_PARENTS]
            answers = function(part, request.context, **arguments)
            parts.append(answers if isawaitable(answers) else _one_a_parent(answers, function, len(part)))
            if request.turn.is_over:
                await request.turn.end()
    except OverloadedError:
        raise
    except Exception as error:
        return error
    return _joined(request, parts) if any(map(isawaitable, parts)) else list(chain.from_iterable(parts))


async def _joined(request: Request, parts: list[Any]) -> list[Any]:
    later = [place for place, part in enumerate(parts) if isawaitable(part)]
    for place, answers in zip(later, await _together(request, [parts[place] for place in later]), strict=True):
        if isinstance(answers, Exception):
            raise answers
        parts[place] = answers
    return list(chain.from_iterable(parts))


async def _together(request: Request, awaitables: list[Awaitable[Any]]) -> list[Any]:
    """Await all; an exception stands in the place of what raised it."""
    if len(awaitables) == 1:
        try:
            return [await awaitables[0]]
        except OverloadedError:
            raise
        except Exception as error:
            return [error]
    answers = await gather(*await _started(request, awaitables), return_exceptions=True)
    for answer in answers:
        is_of_field = isinstance(answer, Exception) and not isinstance(answer, OverloadedError)
        if isinstance(answer, BaseException) and not is_of_field:
            raise answer
    return answers


async def _started(request: Request, awaitables: list[Awaitable[Any]]) -> list[Future[Any]]:
    """Start all at the same time; but of those that work before they wait, only as many as a turn has time for."""
    futures: list[Future[Any]] = []
    batch = 1
    try:
        while len(futures) < len(awaitables):
            futures += map(ensure_future, awaitables[len(futures) : len(futures) + batch])
            began = time.perf_counter()
            await asyncio.sleep(0)
            batch = 2 * batch if time.perf_counter() - began < SHORT else 1
            if request.turn.is_over:
                await request.turn.end()
    except BaseException:
        for future in futures:
            future.cancel()
        for awaitable in awaitables[len(futures) :]:
            if isinstance(awaitable, Coroutine):
                awaitable.close()
        raise
    return futures


def _one_a_parent(answers: Any, function: LayerFunction | None, count: int) -> list[Any]:
    if isinstance(answers, Exception):
        return [answers] * count
    try:
        listed = answers if type(answers) is list else list(answers)
    except Exception as error:
        return [error] * count
    if len(listed) != count:
        assert function is not None
        return [RuntimeError(f"{function.name} gave {len(listed)} answers for {count} parents")] * count
    return listed
