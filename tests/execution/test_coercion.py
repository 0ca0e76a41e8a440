"""Leaf values, a column at a time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from weakref import ref
from zoneinfo import ZoneInfo

import pytest
from graphql import GraphQLList, GraphQLScalarType

from execution.coercion import Shape, complete, encode_each


class Values:
    """Values that come one by one, and that one can ask whether they are gone."""

    def __init__(self) -> None:
        self.left = iter([1, "two\n", None])

    def __iter__(self) -> Iterator[object]:
        return self

    def __next__(self) -> object:
        return next(self.left)


def test_nothing_stays_of_values_that_were_encoded() -> None:
    values = Values()
    gone = ref(values)
    assert encode_each(values) == [b"1", b'"two\\n"', b"null"]
    del values
    assert gone() is None


TIME = GraphQLScalarType("Time", serialize=datetime.isoformat)


@pytest.mark.parametrize(
    "zone",
    [
        None,
        UTC,
        timezone(timedelta(hours=-5)),
        timezone(timedelta(hours=5, minutes=30)),
        timezone(-timedelta(minutes=30, seconds=7)),
        ZoneInfo("Europe/Berlin"),
    ],
    ids=str,
)
def test_times_are_written_as_their_type_writes_them(zone: tzinfo | None) -> None:
    times = [
        datetime(2026, 2, 6, 12, 30, 22, tzinfo=zone),
        datetime(999, 1, 1, microsecond=600, tzinfo=zone),
        None,
        datetime.max.replace(tzinfo=zone),
    ]
    expected = [None if time is None else time.isoformat() for time in times]
    assert [json.loads(each) for each in encode_each(complete(Shape(TIME), times))] == expected
    in_lists = complete(Shape(GraphQLList(TIME)), [times, None, times[:1]])
    assert [json.loads(each) for each in encode_each(in_lists)] == [expected, None, expected[:1]]
