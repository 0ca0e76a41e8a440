"""Pages by key, whatever happens to the list between two of them."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.connections import PageArguments, paginate

Key = tuple[int, str]

keys: st.SearchStrategy[Key] = st.tuples(st.integers(0, 3), st.sampled_from(["", "a", "b", "ä", "🚀", '"']))
lists = st.sets(keys, max_size=12).map(sorted)


def itself(key: Key) -> Key:
    return key


def walked(
    lists: list[list[Key]],
    size: int,
    choose: Callable[[int, str | None], PageArguments],
    *,
    descending: bool,
    backward: bool,
) -> tuple[list[Key], bool]:
    """Walk page by page, over the next list for each page; return what was met, and whether the walk ended."""
    seen: list[Key] = []
    cursor = None
    for items in lists:
        page = paginate(items, choose(size, cursor), itself, descending=descending)
        nodes: list[Key] = page.nodes
        assert len(nodes) <= size
        assert page.total_count == len(items)
        seen = nodes + seen if backward else seen + nodes
        info = page.page_info
        if not (info.has_previous_page if backward else info.has_next_page):
            return seen, True
        cursor = info.start_cursor if backward else info.end_cursor
    return seen, False


@given(lists, st.lists(lists, max_size=8), st.integers(1, 4), st.booleans(), st.booleans())
@settings(max_examples=300)
def test_what_stays_is_met_once_and_in_order(
    first: list[Key], others: list[list[Key]], size: int, descending: bool, backward: bool
) -> None:
    def choose(size: int, cursor: str | None) -> PageArguments:
        return PageArguments(last=size, before=cursor) if backward else PageArguments(first=size, after=cursor)

    steps = [first, *others]
    steps += [steps[-1]] * 15
    seen, is_over = walked(steps, size, choose, descending=descending, backward=backward)
    assert is_over
    assert seen == sorted(set(seen), reverse=descending)
    assert set.intersection(*map(set, steps)) <= set(seen)


@given(lists, st.data(), st.booleans())
@settings(max_examples=200)
def test_between_two_cursors(items: list[Key], data: st.DataObject, descending: bool) -> None:
    everything = paginate(items, PageArguments(first=100), itself, descending=descending)
    edges = list(everything.edges)
    assert everything.nodes == sorted(items, reverse=descending)
    start = data.draw(st.integers(-1, len(edges) - 1))
    end = data.draw(st.integers(start + 1, len(edges)))
    size = data.draw(st.integers(0, 13))
    after = edges[start].cursor if start >= 0 else None
    before = edges[end].cursor if end < len(edges) else None
    between = [edge.node for edge in edges[start + 1 : end]]
    forward = paginate(items, PageArguments(first=size, after=after, before=before), itself, descending=descending)
    assert forward.nodes == between[:size]
    backward = paginate(items, PageArguments(last=size, after=after, before=before), itself, descending=descending)
    assert backward.nodes == between[max(0, len(between) - size) :]
    # HasNextPage and HasPreviousPage of the specification
    assert forward.page_info.has_next_page is (len(between) > size)
    assert backward.page_info.has_previous_page is (len(between) > size)
    assert forward.page_info.has_previous_page is (start >= 0)
    assert backward.page_info.has_next_page is (end < len(edges))


def test_an_empty_cursor_is_none() -> None:
    assert PageArguments(first=1, after="", before="") == PageArguments(first=1)
