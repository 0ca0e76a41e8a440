"""The index: whatever comes and goes, it equals one that is built anew."""

import gc
import weakref
from collections import Counter
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import Index, PackageFilter, PackageOrder
from catalogue.filters import facets
from tests import rows
from tests.strategies import LOGINS, packages, record, sample
from upstream import Category, Grid, Package, Participant

EVERYTHING = PackageFilter()
ORDERS = [None, *PackageOrder]


def built(found: Iterable[Package]) -> Index:
    index = Index()
    for package in found:
        index.put(package)
    return index


def said(index: Index) -> dict[str, object]:
    """Return all that an index says of packages and participants."""
    known = {facet for package in index.packages for facet in facets(package)}
    return {
        "orders": [[package.id for package in index.select(EVERYTHING, (), order)] for order in ORDERS],
        "facets": {facet: set(index.having(facet)) for facet in known},
        "participants": [each.login.casefold() for each in index.participants()],
        "logins": [each.login.casefold() for each in index.by_login()],
        "counts": [index.package_count(each) for each in index.participants()],
        "collaborators": [index.collaborators(each) for each in index.participants()],
        "texts": [package.id for package in index.select(PackageFilter(text="forms"), (), None)],
    }


steps = st.lists(st.one_of(packages, st.integers(1, 9), st.just("ask")), max_size=30)


@given(steps)
@settings(max_examples=200, deadline=None)
def test_whatever_comes_and_goes_it_equals_one_built_anew(steps: list[Package | int | str]) -> None:
    index = Index()
    for step in steps:
        if isinstance(step, Package):
            index.put(step)
        elif isinstance(step, int):
            index.drop(Package, step)
        else:
            said(index)  # makes the sorted lists, which are kept up from then on
    assert said(index) == said(built(index.packages))


@given(steps)
@settings(max_examples=100, deadline=None)
def test_participants_are_who_the_packages_name(steps: list[Package | int | str]) -> None:
    index = Index()
    for step in steps:
        if isinstance(step, Package):
            index.put(step)
        elif isinstance(step, int):
            index.drop(Package, step)
    by_login: dict[str, set[int]] = {}
    for package in index.packages:
        for login in package.participants:
            by_login.setdefault(login.casefold(), set()).add(package.id)
    assert index.participant_count == len(by_login)
    for login in LOGINS:
        found = index.participant(login.swapcase())
        assert (found is None) == (login.casefold() not in by_login)
        if found is not None:
            assert found.login.casefold() == login.casefold()
            assert index.package_count(found) == len(by_login[login.casefold()])
    expected = sorted(by_login, key=lambda login: (-len(by_login[login]), login))
    assert [each.login.casefold() for each in index.participants()] == expected
    assert [each.login.casefold() for each in index.by_login()] == sorted(by_login)


def test_collaborators_in_the_sample() -> None:
    found, _, _ = sample()
    index = built(found)
    for participant in index.participants():
        own = participant.login.casefold()
        shared: Counter[str] = Counter()
        for package in found:
            logins = {login.casefold() for login in package.participants}
            if own in logins:
                shared.update(logins - {own})
        assert index.collaborators(participant) == shared


def test_a_login_keeps_its_case() -> None:
    index = built([record(Package, rows.package(1, participants=["NemesiFier"]))])
    assert index.participant("nemesifier") == index.participant("NEMESIFIER") == Participant("NemesiFier")


def test_unknown_participants_have_nothing() -> None:
    index = Index()
    assert index.participant("x") is None
    assert index.package_count(Participant("x")) == 0
    assert index.collaborators(Participant("x")) == Counter()


def test_only_what_says_something_new_is_news() -> None:
    index = Index()
    package = record(Package, rows.package(1))
    assert index.put(package)
    assert not index.put(record(Package, rows.package(1, fetched_at=5.0)))
    known = index.packages.get(1)
    assert known is not None
    assert known.fetched_at == 5.0
    assert index.select(EVERYTHING, (), None)[0].fetched_at == 5.0
    assert index.put(record(Package, rows.package(1, repo_watchers=7)))
    assert index.put(record(Grid, rows.grid(1)))
    assert index.put(record(Category, rows.category(1)))


def test_dropping_what_is_not_there_changes_nothing() -> None:
    index = built([record(Package, rows.package(1))])
    before = said(index)
    index.drop(Package, 2)
    index.drop(Grid, 1)
    assert said(index) == before


def test_a_bounded_index_forgets_what_came_first() -> None:
    index = Index(capacity=3)
    for key in range(1, 10):
        index.put(record(Package, rows.package(key)))
        said(index)
    assert said(index) == said(built(record(Package, rows.package(key)) for key in (7, 8, 9)))


@given(steps)
@settings(max_examples=50, deadline=None)
def test_one_that_was_prepared_says_the_same(steps: list[Package | int | str]) -> None:
    index = Index()
    index.prepare()
    for step in steps:
        if isinstance(step, Package):
            index.put(step)
        elif isinstance(step, int):
            index.drop(Package, step)
    assert said(index) == said(built(index.packages))


def test_an_index_is_gone_with_its_last_reference() -> None:
    found, _, _ = sample()
    index = built(found)
    index.prepare()
    said(index)
    alive = weakref.ref(index.packages)
    gc.disable()
    try:
        del index
        assert alive() is None
    finally:
        gc.enable()
