"""The index, against the plainest way to work out what it says."""

import gc
import weakref
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.facets import facets
from catalogue.index import Index
from tests import rows
from tests.indexes import built
from tests.strategies import LOGINS, packages, record, sample
from upstream import Category, Grid, Package, Participant


def index_of(*records: Package | Grid | Category) -> Index:
    return built(records).index


some = st.lists(packages, max_size=12, unique_by=lambda package: package.id)


@given(some)
@settings(max_examples=100)
def test_participants_are_who_the_packages_name(found: list[Package]) -> None:
    participants = index_of(*found).participants
    by_login: dict[str, set[int]] = {}
    for package in found:
        for login in package.participants:
            by_login.setdefault(login.casefold(), set()).add(package.id)
    assert len(participants) == len(by_login)
    for login in LOGINS:
        participant = participants.get(login.swapcase())
        assert (participant is None) == (login.casefold() not in by_login)
        if participant is not None:
            assert participant.login.casefold() == login.casefold()
            assert participants.package_count(participant) == len(by_login[login.casefold()])
    assert participants.by_packages.keys == sorted(by_login, key=lambda login: (-len(by_login[login]), login))
    assert participants.logins == sorted(by_login)


@given(some)
@settings(max_examples=100)
def test_facets_are_those_of_the_packages(found: list[Package]) -> None:
    index = index_of(*found)
    for facet in {facet for package in found for facet in facets(package)} | {("grid", 99)}:
        expected = sorted(package.id for package in found if facet in set(facets(package)))
        assert index.facets[facet] == tuple(expected)


def test_collaborators_in_the_sample() -> None:
    found, _, _ = sample()
    participants = index_of(*found).participants
    for login in participants.logins:
        shared: Counter[str] = Counter()
        for package in found:
            logins = {each.casefold() for each in package.participants}
            if login in logins:
                shared.update(logins - {login})
        assert participants.collaborators(Participant(login)) == shared


def test_a_login_is_written_as_in_the_oldest_package() -> None:
    found = [
        record(Package, rows.package(key, participants=[login]))
        for key, login in ((2, "NEMESIFIER"), (1, "NemesiFier"))
    ]
    participants = index_of(*found).participants
    assert participants.get("nemesifier") == participants.get("NEMESIFIER") == Participant("NemesiFier")


def test_unknown_participants_have_nothing() -> None:
    participants = Index().participants
    assert participants.get("x") is None
    assert participants.package_count(Participant("x")) == 0
    assert participants.collaborators(Participant("x")) == Counter()


def test_records_by_id_and_by_slug() -> None:
    first, second = record(Package, rows.package(1)), record(Grid, rows.grid(1))
    index = index_of(first, second, record(Category, rows.category(1)))
    assert index.packages.get(1) is index.packages.by_slug("package-1") is first
    assert index.table(Grid).get(1) is index.grids.by_slug("grid-1") is second
    assert index.packages.get(2) is index.packages.by_slug("grid-1") is None
    assert len(index.categories) == 1


def test_the_garbage_collector_never_goes_through_an_index_again() -> None:
    """That takes a tenth of a second for a whole catalogue, and nobody is served meanwhile."""
    found, _, _ = sample()
    index = built(found).index
    held = {id(each) for each in gc.get_objects()}
    assert held.isdisjoint(map(id, [index, *index.packages]))


def test_an_index_is_gone_with_its_last_reference() -> None:
    found, _, _ = sample()
    indexes = built(found)
    alive: list[weakref.ref[Any]] = [weakref.ref(indexes.index.packages), weakref.ref(indexes.search)]
    gc.disable()
    try:
        del indexes
        assert [each() for each in alive] == [None, None]
    finally:
        gc.enable()
