"""Leaf values, a column at a time."""

from collections.abc import Iterator
from weakref import ref

from execution.coercion import encode_each


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
