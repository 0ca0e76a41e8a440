"""Filters and orders, against the plainest way to work them out."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from unicodedata import normalize

import hypothesis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue import GridFilter, PackageFilter, PackageOrder
from catalogue.facets import has_all, repo_host, wanted_facets
from catalogue.filters import conditions, narrowed, narrowed_grids, values_of
from tests import rows
from tests.indexes import Indexes, built
from tests.strategies import packages, record, sample
from upstream import Grid, Package

PACKAGES, GRIDS, _ = sample()
INDEXES = built(PACKAGES)
INDEX = INDEXES.index

MOMENTS = [None, *(package.last_updated for package in PACKAGES), *(package.created for package in PACKAGES)]
HOSTS = {repo_host(package) for package in PACKAGES} - {None} | {"codeberg.org", "GITHUB.com", "www.github.com", ""}
LOGINS = {login for package in PACKAGES for login in package.participants} | {"nobody"}
COUNTS = (
    {0, -1, 2**31 - 1} | {package.repo_watchers for package in PACKAGES} | {package.repo_forks for package in PACKAGES}
)

BY_HAND: dict[str, Callable[[Package, Any], bool]] = {
    "slugs": lambda package, slugs: package.slug in slugs,
    "pypi_names": lambda package, names: (
        (package.pypi_name or "-").lower().replace("_", "-").replace(".", "-") in [name.lower() for name in names]
    ),
    "repo_urls": lambda package, urls: package.repo_url is not None and package.repo_url.rstrip("/") in urls,
    "participant": lambda package, login: login.lower() in [each.lower() for each in package.participants],
    "text": lambda package, text: all(
        any(word in part for part in (package.title.lower(), package.slug, package.repo_description.lower()))
        for word in text.lower().split()
    ),
    "min_watchers": lambda package, bound: package.repo_watchers >= bound,
    "max_watchers": lambda package, bound: package.repo_watchers <= bound,
    "min_forks": lambda package, bound: package.repo_forks >= bound,
    "max_forks": lambda package, bound: package.repo_forks <= bound,
    "updated_after": lambda package, bound: package.last_updated is not None and package.last_updated > bound,
    "updated_before": lambda package, bound: package.last_updated is not None and package.last_updated < bound,
    "created_after": lambda package, bound: package.created > bound,
    "created_before": lambda package, bound: package.created < bound,
    "modified_after": lambda package, bound: package.modified > bound,
    "fetched_after": lambda package, bound: package.last_fetched is not None and package.last_fetched > bound,
    "has_pypi_release": lambda package, flag: (package.pypi_version is not None) is flag,
    "has_documentation": lambda package, flag: (package.documentation_url is not None) is flag,
    "is_active": lambda package, flag: (sum(package.commits_over_52) > 0) is flag,
    "repo_host": lambda package, host: (
        bool(host) and f"//{host.lower().removeprefix('www.')}/" in (package.repo_url or "").replace("www.", "")
    ),
}
ORDERED_BY_HAND: dict[PackageOrder, Callable[[Package], Any]] = {
    PackageOrder.TITLE: lambda package: package.title.casefold(),
    PackageOrder.WATCHERS: lambda package: package.repo_watchers,
    PackageOrder.FORKS: lambda package: package.repo_forks,
    PackageOrder.LAST_UPDATED: lambda package: package.last_updated or datetime.min.replace(tzinfo=UTC),
    PackageOrder.CREATED: lambda package: package.created,
    PackageOrder.COMMITS: lambda package: sum(package.commits_over_52),
    PackageOrder.PARTICIPANTS: lambda package: len(package.participants),
    PackageOrder.MODIFIED: lambda package: package.modified,
}

PYPI_NAMES = sorted({(package.pypi_name or "nope").upper().replace("_", "-").replace(".", "-") for package in PACKAGES})
REPOSITORIES = sorted({(package.repo_url or "https://nope/x").rstrip("/") for package in PACKAGES})

moments = st.sampled_from([moment for moment in MOMENTS if moment is not None]).flatmap(
    lambda moment: st.sampled_from([moment, moment + timedelta(microseconds=1), moment.astimezone(UTC)])
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "slugs": st.lists(st.sampled_from([*(package.slug for package in PACKAGES), "nope"]), max_size=60),
    "pypi_names": st.lists(st.sampled_from(PYPI_NAMES), max_size=60),
    "repo_urls": st.lists(st.sampled_from(REPOSITORIES), max_size=60),
    "participant": st.sampled_from(sorted(LOGINS)).flatmap(lambda login: st.sampled_from([login, login.upper()])),
    "text": st.sampled_from(
        ["django", "Form", "rest api", "  ", "", "a e", "zzz", "-", "🚀", '"', "%", "django django"]
    ),
    "repo_host": st.sampled_from(sorted(host for host in HOSTS if host is not None)),
    **{name: st.sampled_from(sorted(COUNTS)) for name in ("min_watchers", "max_watchers", "min_forks", "max_forks")},
    **dict.fromkeys(("updated_after", "updated_before", "created_after", "created_before"), moments),
    **dict.fromkeys(("modified_after", "fetched_after"), moments),
    **{name: st.booleans() for name in ("has_pypi_release", "has_documentation", "is_active")},
}


def test_every_filter_and_every_order_is_tried_here() -> None:
    assert {each.name for each in fields(PackageFilter)} == {*BY_HAND, "category", "grid", "categories", "grids"}
    assert set(ORDERED_BY_HAND) == set(PackageOrder)


def selected(wanted: PackageFilter, order: PackageOrder | None = None, indexes: Indexes = INDEXES) -> list[Package]:
    """Return what passes, which is the same with what search knows of words and without."""
    index, needed = indexes.index, set(wanted_facets(wanted))
    index.selections.clear()
    found = index.select(wanted, needed, indexes.search)
    index.selections.clear()
    assert found == index.select(wanted, needed)
    chosen = index.ordered(found, order)
    return [index.packages.rows[key] for key in chosen.first(0, len(chosen.items), chosen.count)]


def ids(found: list[Package]) -> list[int]:
    return [package.id for package in found]


def passing(conditions: dict[str, Any], found: list[Package] = PACKAGES) -> list[Package]:
    return [package for package in found if all(BY_HAND[name](package, value) for name, value in conditions.items())]


@pytest.mark.parametrize("name", BY_HAND)
@given(st.data())
@settings(max_examples=25)
def test_each_filter(name: str, data: st.DataObject) -> None:
    value = data.draw(VALUES[name])
    expected = sorted(passing({name: value}), key=lambda package: package.id)
    assert selected(PackageFilter(**{name: value})) == expected


@given(st.data(), st.sampled_from([None, *PackageOrder]))
@settings(max_examples=150)
def test_filters_together_in_any_order(data: st.DataObject, order: PackageOrder | None) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=4))
    drawn = {name: data.draw(VALUES[name]) for name in names}
    found = selected(PackageFilter(**drawn), order)
    expected = passing(drawn)
    value = ORDERED_BY_HAND[order] if order else lambda _: 0
    assert found == sorted(expected, key=lambda package: (value(package), package.id))


@given(st.data())
@settings(max_examples=50)
def test_a_list_is_narrowed_alike(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True, max_size=3))
    drawn = {name: data.draw(VALUES[name]) for name in names}
    wanted = PackageFilter(**drawn)
    needed = set(wanted_facets(wanted))
    found = narrowed((package for package in PACKAGES if has_all(package, needed)), conditions(wanted), values_of)
    assert found == passing(drawn)


@pytest.mark.parametrize("order", PackageOrder)
@given(st.lists(packages, max_size=12))
@settings(max_examples=40)
def test_what_is_equal_is_ordered_by_id(order: PackageOrder, found: list[Package]) -> None:
    indexes = built(found)
    value = ORDERED_BY_HAND[order]
    expected = sorted(indexes.index.packages, key=lambda package: (value(package), package.id))
    assert selected(PackageFilter(), order, indexes) == expected


@pytest.mark.parametrize("facet", [("category", 1), ("category", 99), ("grid", 66), ("grid", 0)])
def test_those_of_a_category_or_a_grid(facet: tuple[str, int]) -> None:
    name, key = facet
    expected = [
        package for package in PACKAGES if (package.category == key if name == "category" else key in package.grids)
    ]
    assert list(INDEX.select(PackageFilter(), {facet})) == sorted(package.id for package in expected)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://github.com/a/b", "github.com"),
        ("http://www.GitHub.com/a/b", "github.com"),
        ("https://gitlab.com:443/a", "gitlab.com"),
        ("https://user@codeberg.org/a", "codeberg.org"),
        ("", None),
        ("http://[", None),
    ],
)
def test_the_host_of_a_repository(url: str, host: str | None) -> None:
    assert repo_host(record(Package, rows.package(1, repo_url=url))) == host


def test_a_time_before_1970_is_after_an_unknown_one() -> None:
    moments = ["1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z", None]
    indexes = built(record(Package, rows.package(key, last_updated=each)) for key, each in enumerate(moments, 1))
    assert ids(selected(PackageFilter(), PackageOrder.LAST_UPDATED, indexes)) == [3, 1, 2]
    before = PackageFilter(updated_before=datetime(2000, 1, 1, tzinfo=UTC))
    assert ids(selected(before, indexes=indexes)) == [1, 2]


FOLDED = ["Café", "CAFE\u0301", "Straße", "ﬁlter", "İstanbul", "Ωmega", "日本語", "x\u0338y"]


@pytest.mark.parametrize("title", FOLDED)
@pytest.mark.parametrize("change", [str.lower, str.upper, partial(normalize, "NFC"), partial(normalize, "NFKD")])
def test_texts_are_folded(title: str, change: Callable[[str], str]) -> None:
    indexes = built([record(Package, rows.package(1, title=f"a {title} b")), record(Grid, rows.grid(1, title=title))])
    grids = indexes.index.grids
    assert ids(selected(PackageFilter(text=change(title)), indexes=indexes)) == [1]
    assert narrowed_grids(grids, GridFilter(text=change(title))) == list(grids)
    assert selected(PackageFilter(text=f"{title} zz"), indexes=indexes) == []


def test_cafe_is_found_without_its_accent() -> None:
    indexes = built([record(Package, rows.package(1, repo_description="a Café, and more"))])
    assert ids(selected(PackageFilter(text="cafe"), indexes=indexes)) == [1]


PARTS = ["a", "b", "ab", "É", "straße", "日", "本", "語", "ア", "🚀", "-", "_", ".", " ", "\n", "1", "\u0301", "İ", "ſ"]
texts = st.lists(st.sampled_from(PARTS), max_size=6).map("".join)


@given(
    st.lists(st.tuples(texts, texts, st.sampled_from(["", "ab", "straBe", "b1.a"])), min_size=1, max_size=8),
    st.lists(texts, min_size=1, max_size=4),
)
@settings(max_examples=300)
def test_a_part_of_any_text_is_found_by_words_as_by_looking(
    found: list[tuple[str, str, str]], asked: list[str]
) -> None:
    """Whatever stands beside it, and whatever a package is called on PyPI."""
    indexes = built(
        record(
            Package,
            rows.package(key, title=title, repo_description=text, pypi_url=f"https://pypi.org/project/{name}"),
        )
        for key, (title, text, name) in enumerate(found, 1)
    )
    by_words = 0
    for text in asked:
        wanted = PackageFilter(text=text)
        words = [bound for column, _, bound in conditions(wanted) if column == "text"]
        by_words += sum(indexes.search.containing(word) is not None for word in words)
        by_hand = [key for key, each in indexes.index.values["text"].items() if all(word in each for word in words)]
        assert ids(selected(wanted, indexes=indexes)) == sorted(by_hand)
    hypothesis.event("by words" if by_words else "by looking")


GRIDS_BY_HAND: dict[str, Callable[[Grid, Any], bool]] = {
    "modified_after": lambda grid, bound: grid.modified > bound,
    "text": lambda grid, text: all(
        any(word in part for part in (grid.title.lower(), grid.slug, grid.description.lower()))
        for word in text.lower().split()
    ),
    "min_packages": lambda grid, bound: len(grid.packages) >= bound,
    "max_packages": lambda grid, bound: len(grid.packages) <= bound,
    "header": lambda grid, flag: grid.header is flag,
    "is_locked": lambda grid, flag: grid.is_locked is flag,
}
SIZES = st.sampled_from(sorted({len(grid.packages) for grid in GRIDS} | {-1, 0, 10**6}))
GRID_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "modified_after": moments,
    "text": st.sampled_from(["", "Forms", "a b", "geo", "zzz", '"']),
    "min_packages": SIZES,
    "max_packages": SIZES,
    "header": st.booleans(),
    "is_locked": st.booleans(),
}


def test_every_filter_of_grids_is_tried_here() -> None:
    assert {each.name for each in fields(GridFilter)} == set(GRIDS_BY_HAND)


@given(st.data())
@settings(max_examples=100)
def test_filters_of_grids(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(GRID_VALUES)), unique=True, max_size=3))
    drawn = {name: data.draw(GRID_VALUES[name]) for name in names}
    expected = [grid for grid in GRIDS if all(GRIDS_BY_HAND[name](grid, value) for name, value in drawn.items())]
    assert narrowed_grids(GRIDS, GridFilter(**drawn)) == expected
