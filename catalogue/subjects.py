"""What the worked examples ask for: things that the catalogue has, and that have something to show."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, NamedTuple

from catalogue.index import Index
from upstream.records import BOT, Grid, Package

MAX_NEIGHBOURS: Final = 60
"""Packages in the grids of a subject, at most: more is no example."""

PLAIN: Final = re.compile(r"[A-Za-z0-9_-]+")
"""A slug that may stand in a command that people copy."""


class Subjects(NamedTuple):
    """What the examples ask for. Before a catalogue is at hand, it is what Django Packages has."""

    package: str = "django-loci"
    login: str = "nemesifier"
    words: str = "cache lock"
    category: str = "apps"
    watchers: int = 100
    since: str = "2026-01-01T00:00:00Z"


class SubjectsOfVersion:
    """The subjects of the catalogue that is served: they stay from version to version as long as it has them."""

    def __init__(self) -> None:
        self._subjects = Subjects()
        self._version = 0

    def get(self, index: Index, version: int) -> Subjects:
        """Return the subjects; `version` is the catalogue's, 0 as long as there is none."""
        if version != self._version:
            self._version = version
            subjects = self._subjects
            if not (index.packages.by_slug(subjects.package) and index.categories.by_slug(subjects.category)):
                self._subjects = choose(index)
        return self._subjects


def choose(index: Index) -> Subjects:
    """Choose from what is at hand; what cannot be found there stays as it is.

    The package is the most watched one that has grids of a size to look at and somebody who works on it; the login is
    that of its participant with the most packages, the words are the title of its first grid.
    """
    subjects = _active(index)
    package = max(_in_grids(index), key=_rank, default=None)
    if package is None:
        return subjects
    counts = Counter(login for each in index.packages for login in each.participants)
    login = max((login for login in package.participants if not _is_bot(login)), key=counts.__getitem__)
    return subjects._replace(package=package.slug, login=login, words=_grids(index, package)[0].title.strip())


def _active(index: Index) -> Subjects:
    """Choose what a filter for documented, active, watched packages finds at least one package with."""
    subjects = Subjects()
    if not index.categories.by_slug(subjects.category):
        subjects = subjects._replace(category=next((each.slug for each in index.categories), subjects.category))
    latest = max((each.last_updated for each in index.packages if each.last_updated), default=None)
    if latest is None:
        return subjects
    since = datetime(latest.year, 1, 1, tzinfo=UTC)
    found = [each for each in index.packages if each.documentation_url and (each.last_updated or since) > since]
    package = max(found, key=_rank, default=None)
    category = package and index.categories.get(package.category)
    if package is None or category is None:
        return subjects
    watchers = 10 ** (len(str(package.repo_watchers)) - 1) if package.repo_watchers > 0 else 0
    return subjects._replace(category=category.slug, watchers=watchers, since=f"{since:%Y-%m-%dT%H:%M:%SZ}")


def _in_grids(index: Index) -> Iterable[Package]:
    for package in index.packages:
        grids = _grids(index, package)
        neighbours = sum(len(grid.packages) for grid in grids)
        is_shown = len(grids) < neighbours <= MAX_NEIGHBOURS and not all(map(_is_bot, package.participants))
        if is_shown and PLAIN.fullmatch(package.slug):
            yield package


def _grids(index: Index, package: Package) -> list[Grid]:
    return [grid for grid in map(index.grids.get, package.grids) if grid is not None]


def _is_bot(login: str) -> bool:
    return login.endswith(BOT)


def _rank(package: Package) -> tuple[int, str]:
    return package.repo_watchers, package.slug
