"""What is made as far as it is read reads like a list."""

from hypothesis import given
from hypothesis import strategies as st

from catalogue.lazily import Chosen, Lazily

places = st.one_of(st.none(), st.integers(-8, 8))


@given(st.lists(st.integers(), max_size=6), st.lists(st.builds(slice, places, places, places.filter(bool)), max_size=4))
def test_it_reads_like_a_list(items: list[int], slices: list[slice]) -> None:
    lazily = Lazily(iter(items), len(items))
    assert [lazily[each] for each in slices] == [items[each] for each in slices]
    assert (len(lazily), list(lazily), bool(lazily)) == (len(items), items, bool(items))
    assert [lazily[place] for place in range(-len(items), len(items))] == items * 2


def test_it_makes_no_more_than_is_read() -> None:
    items = iter(range(10))
    assert Lazily(items, 10)[2:4] == [2, 3]
    assert next(items) == 4


@given(st.lists(st.integers(0, 3), max_size=9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_those_chosen_are_read_from_either_end(items: list[int], start: int, end: int, size: int) -> None:
    start, end = sorted((min(start, len(items)), min(end, len(items))))
    for passes in (None, [0, 1].__contains__):
        chosen = Chosen(items, sum(passes is None or passes(item) for item in items), passes)
        between = [item for item in items[start:end] if passes is None or passes(item)]
        assert chosen.first(start, end, size) == between[:size]
        assert chosen.last(start, end, size) == (between[-size:] if size else [])


def test_a_walk_goes_no_further_than_it_must() -> None:
    seen: list[int] = []

    def is_odd(item: int) -> bool:
        seen.append(item)
        return item % 2 == 1

    assert (Chosen(range(1000), 500, is_odd).first(10, 1000, 2), seen) == ([11, 13], [10, 11, 12, 13])
