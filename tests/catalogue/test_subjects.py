"""What the examples ask for."""

from typing import Any

from catalogue import Index
from catalogue.subjects import Subjects, SubjectsOfVersion, choose
from tests import rows
from tests.indexes import build
from tests.strategies import record
from upstream import Category, Grid, Package


def package(key: int, **changes: Any) -> Package:
    return record(Package, rows.package(key, **changes))


async def index(*packages: Package, members: dict[int, list[int]]) -> Index:
    """Return an index of packages, a category, and grids by id with the ids of their packages."""
    grids = [record(Grid, rows.grid(key, title=f" Grid {key}", packages=ids)) for key, ids in members.items()]
    return (await build([*packages, *grids, record(Category, rows.category(1))])).index


async def test_it_is_the_most_watched_package_that_has_neighbours_and_somebody() -> None:
    found = await index(
        package(1, grids=[1], repo_watchers=10, participants=["busy", "x[bot]", "idle"]),
        package(2, grids=[1], repo_watchers=5, participants=["busy"]),
        package(3, grids=[2], repo_watchers=99),
        package(4, grids=[1], repo_watchers=88, participants=["y[bot]"]),
        package(5, grids=[9], repo_watchers=77),
        package(6, repo_watchers=66),
        package(7, grids=[1], repo_watchers=55, slug="a'; b"),
        package(8, grids=[3], repo_watchers=44),
        members={1: [1, 2, 4], 2: [3], 3: list(range(100, 200))},
    )
    subjects = choose(found)
    assert (subjects.package, subjects.login, subjects.words) == ("package-1", "busy", "Grid 1")


async def test_the_filter_finds_something() -> None:
    documented = {"documentation_url": "https://docs.example"}
    found = await index(
        package(1, repo_watchers=4321, last_updated="2024-05-01T00:00:00Z", **documented),
        package(2, repo_watchers=321, last_updated="2025-03-01T00:00:00Z", **documented),
        package(3, repo_watchers=999, last_updated="2025-06-01T00:00:00Z"),
        members={},
    )
    subjects = choose(found)
    assert (subjects.category, subjects.watchers, subjects.since) == ("category-1", 100, "2025-01-01T00:00:00Z")


async def test_what_an_empty_catalogue_cannot_say_stays_as_it_is() -> None:
    assert choose(Index()) == Subjects()


async def test_subjects_stay_as_long_as_they_are_there() -> None:
    subjects = SubjectsOfVersion()
    assert subjects.get(Index(), 0) == Subjects()
    first = await index(package(1, grids=[1]), package(2, grids=[1], repo_watchers=0), members={1: [1, 2]})
    assert subjects.get(first, 1).package == "package-1"
    more = [package(1, grids=[1]), package(2, grids=[1]), package(3, grids=[1], repo_watchers=9)]
    assert subjects.get(await index(*more, members={1: [1, 2, 3]}), 2).package == "package-1"
    assert subjects.get(await index(*more[1:], members={1: [2, 3]}), 3).package == "package-3"
