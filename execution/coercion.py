"""Result coercion of leaf values (spec, 3.5 and 3.9), a column at a time.

What graphql-core coerces one by one is checked here by the types in a column. A value whose Python type is what the
leaf type is made of (a `str` for `String` and `ID`, a `bool` for `Boolean`, an `int` of 32 bits for `Int`, a finite
`float` for `Float`) is its own result, an `int` is an `ID` as text, and times in ISO 8601 msgspec writes, at a sixtieth
of the cost; the others go through the type's own coercion, one by one. Nothing here reports an error: a column that
holds one raises `CompletionError`, and `completion` says what is wrong where.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from itertools import chain, islice
from math import isfinite
from operator import attrgetter
from typing import Any, Final

from graphql import (
    GRAPHQL_MAX_INT,
    GRAPHQL_MIN_INT,
    GraphQLBoolean,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLOutputType,
    GraphQLString,
    Undefined,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from msgspec import Raw
from msgspec.json import Encoder

SEQUENCES: Final = frozenset({list, tuple})
NULL: Final = type(None)
UNDEFINED: Final = type(Undefined)
_OWN_RESULT: Final[dict[GraphQLLeafType, frozenset[type]]] = {
    GraphQLString: frozenset({str, NULL}),
    GraphQLID: frozenset({str, NULL}),
    GraphQLBoolean: frozenset({bool, NULL}),
    GraphQLInt: frozenset({int, NULL}),
    GraphQLFloat: frozenset({float, NULL}),
}
_IDS: Final = frozenset({str, int, NULL})
_TEXTS: Final = frozenset({str, NULL})
_PLAIN: Final = frozenset({str, int, float, bool})
_TIMES: Final = frozenset({datetime, NULL})
_MINUTE: Final = timedelta(minutes=1)
_NONE: Final = frozenset[type]()
_encoder: Final = Encoder()


class CompletionError(Exception):
    """The values hold an error, or a null where none may be, or something that only `completion` can judge."""


class Shape:
    """A type taken apart: may it be null, what are its items if it is a list, which leaf type is at the bottom."""

    __slots__ = ("item", "leaf", "nullable", "type")

    def __init__(self, type_: GraphQLOutputType) -> None:
        inner = get_nullable_type(type_)
        self.type = inner
        self.nullable = inner is type_
        self.item: Shape | None = Shape(inner.of_type) if is_list_type(inner) else None
        self.leaf: GraphQLLeafType | None = inner if is_leaf_type(inner) else None

    @property
    def innermost(self) -> "Shape":
        """The shape of the items of the innermost list; itself where there is none."""
        return self if self.item is None else self.item.innermost


def complete(shape: Shape, values: Sequence[Any]) -> Sequence[Any]:
    """Complete a column of values of one leaf type, or of lists of it (spec, 6.4.3, "Value Completion").

    Returns values that are JSON as they are; `values` itself where there is nothing to coerce.

    Raises:
        CompletionError: see there. Coercion may raise anything else.
    """
    kinds = set(map(type, values))
    if NULL in kinds and not shape.nullable:
        raise CompletionError
    if shape.item is None:
        return _complete_leaves(shape.leaf, values, kinds)
    if not kinds <= SEQUENCES | {NULL}:
        raise CompletionError
    items = list(chain.from_iterable(value for value in values if value is not None))
    completed = complete(shape.item, items)
    if completed is items:
        return values
    rest = iter(completed)
    return [None if value is None else list(islice(rest, len(value))) for value in values]


def encode_each(values: Iterable[Any]) -> list[bytes]:
    """Encode each value as JSON, in one go: JSON has no line breaks but in texts, where they are escaped."""
    # As a list: msgspec keeps an iterator that it is given, and all behind it, for ever.
    return _encoder.encode_lines(list(values)).split(b"\n")[:-1]


def _times(values: Sequence[datetime | None]) -> list[Raw] | None:
    """Return times in JSON as `datetime.isoformat` writes them; None where msgspec would not: it cuts off seconds."""
    zones = set(map(attrgetter("tzinfo"), filter(None, values)))
    if not all(zone is None or (type(zone) is timezone and not zone.utcoffset(None) % _MINUTE) for zone in zones):
        return None
    lines = _encoder.encode_lines(values).replace(b'Z"', b'+00:00"')
    return list(map(Raw, lines.split(b"\n")[:-1]))


def _complete_leaves(leaf: GraphQLLeafType | None, values: Sequence[Any], kinds: set[type]) -> Sequence[Any]:
    assert leaf is not None
    given = values if NULL not in kinds else [value for value in values if value is not None]
    if kinds <= _OWN_RESULT.get(leaf, _NONE) and _in_range(leaf, given):
        return values
    if kinds <= _TEXTS and leaf.coerce_output_value is str:
        return values
    if leaf is GraphQLID and kinds <= _IDS:
        return [value if value is None else str(value) for value in values]
    if UNDEFINED in kinds or any(issubclass(kind, BaseException) for kind in kinds):
        raise CompletionError
    if kinds <= _TIMES and leaf.coerce_output_value is datetime.isoformat and (times := _times(values)):
        return times
    coerced = list(map(leaf.coerce_output_value, given))
    kinds = set(map(type, coerced))
    if not kinds <= _PLAIN or (float in kinds and not _all_finite(coerced)):
        raise CompletionError
    if len(coerced) == len(values):
        return coerced
    rest = iter(coerced)
    return [None if value is None else next(rest) for value in values]


def _in_range(leaf: GraphQLLeafType, values: Sequence[Any]) -> bool:
    if leaf is GraphQLInt:
        return not values or (min(values) >= GRAPHQL_MIN_INT and max(values) <= GRAPHQL_MAX_INT)
    return leaf is not GraphQLFloat or _all_finite(values)


def _all_finite(values: Sequence[Any]) -> bool:
    return all(isfinite(value) for value in values if type(value) is float)
