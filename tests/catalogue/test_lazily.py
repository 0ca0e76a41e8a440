"""What is made as far as it is read reads like a list."""

from hypothesis import given
from hypothesis import strategies as st

from catalogue.lazily import Lazily

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
