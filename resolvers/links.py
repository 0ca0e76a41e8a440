"""Following the links of a layer: all ids of all parents in one go."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from inspect import isawaitable
from itertools import chain
from typing import TypeVar, cast

from loaders import Loaded, RequestContext
from upstream import BadInputError, Participant, R

T = TypeVar("T")


def linked(
    context: RequestContext, kind: type[R], links: Sequence[Sequence[int]]
) -> "list[list[R | Exception]] | Awaitable[list[list[R | Exception]]]":
    """Return the records behind each parent's links; one that no longer exists is dropped, one that fails stays."""
    rows = context.snapshot.index.table(kind).rows
    at_hand = [list(map(rows.get, keys)) for keys in links]
    if all(map(all, at_hand)):
        return cast("list[list[R | Exception]]", at_hand)

    def group(answers: "Loaded[R]") -> list[list[R | Exception]]:
        return [[answer for key in keys if (answer := answers[key]) is not None] for keys in links]

    return answered(context, kind, chain.from_iterable(links), group)


def participants_named(context: RequestContext, logins: Iterable[str]) -> list[Participant]:
    """Return who has these logins: whom the snapshot knows by the same spelling is one object, wherever it is met."""
    known = context.snapshot.index.participants.known
    return [
        found if (found := known.get(login.casefold())) is not None and found.login == login else Participant(login)
        for login in logins
    ]


def counted(context: RequestContext, kind: type[R], links: Sequence[Sequence[int]]) -> list[int]:
    """Return how many records are behind each parent's links: those that the snapshot has, all where there is none.

    A count asks the upstream for nothing.
    """
    if not context.snapshot.number:
        return list(map(len, links))
    rows = context.snapshot.index.table(kind).rows
    return [sum(map(rows.__contains__, keys)) for keys in links]


def answered(
    context: RequestContext, kind: type[R], ids: Iterable[int], finish: "Callable[[Loaded[R]], T]"
) -> T | Awaitable[T]:
    """Finish with the answers for `ids`: at once when they are at hand."""
    answers = context.many(kind, ids)
    if not isawaitable(answers):
        return finish(answers)

    async def later() -> T:
        return finish(await answers)

    return later()


def first_of(items: Sequence[T], first: int | None) -> Sequence[T]:
    """Return the first so many items.

    Raises:
        BadInputError: `first` is negative.
    """
    if first is None:
        return items
    if first < 0:
        raise BadInputError(f"'first' must not be negative, got {first}.", argument="first")
    return items[:first]
