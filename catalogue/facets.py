"""Facets: what a package has or belongs to, and which packages do."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias
from urllib.parse import urlsplit

from catalogue.filters import PackageFilter
from catalogue.tables import Difference
from catalogue.turns import Turns
from upstream.records import Package

Facet: TypeAlias = tuple[str, Hashable]
"""Something that a package has or belongs to, such as `("participant", "nemesifier")`."""


def facets(package: Package) -> Iterator[Facet]:
    """Return all facets of a package."""
    yield "category", package.category
    yield "host", repo_host(package)
    yield "active", any(package.commits_over_52)
    yield "released", package.pypi_version is not None
    yield "documented", package.documentation_url is not None
    for grid in package.grids:
        yield "grid", grid
    for login in package.participants:
        yield "participant", login.casefold()


def wanted_facets(wanted: PackageFilter) -> Iterator[Facet]:
    """Return the facets that a filter asks for, except those it names by slug: category and grid."""
    if wanted.participant is not None:
        yield "participant", wanted.participant.casefold()
    if wanted.repo_host is not None:
        yield "host", wanted.repo_host.casefold().removeprefix("www.")
    for name, flag in (
        ("active", wanted.is_active),
        ("released", wanted.has_pypi_release),
        ("documented", wanted.has_documentation),
    ):
        if flag is not None:
            yield name, flag


def repo_host(package: Package) -> str | None:
    """Return the host of the repository, without `www.`; `None` when there is none."""
    return _host("/".join((package.repo_url or "").split("/", 3)[:3]))


@lru_cache(1024)
def _host(url: str) -> str | None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host and host.removeprefix("www.")


@dataclass(frozen=True, eq=False, repr=False)
class Facets:
    """The ids of the packages that have each facet, in ascending order."""

    having: Mapping[Facet, tuple[int, ...]] = field(default_factory=dict)

    def __getitem__(self, facet: Facet) -> tuple[int, ...]:
        """Return the ids of the packages that have a facet."""
        return self.having.get(facet, ())

    async def evolved(self, differences: Sequence[Difference[Package]], turns: Turns) -> "Facets":
        """Return the facets with these differences."""
        lost: defaultdict[Facet, list[int]] = defaultdict(list)
        gained: defaultdict[Facet, list[int]] = defaultdict(list)
        for difference in differences:
            before = set(facets(difference.before)) if difference.before else set()
            after = set(facets(difference.after)) if difference.after else set()
            for facet in before - after:
                lost[facet].append(difference.id)
            for facet in after - before:
                gained[facet].append(difference.id)
            await turns()
        having = dict(self.having)
        for facet in {*lost, *gained}:
            ids = self[facet]
            if facet in lost:
                ids = tuple(sorted(set(ids).difference(lost[facet])))
            if facet in gained:
                ids = tuple(sorted((*ids, *gained[facet])))
            if ids:
                having[facet] = ids
            else:
                del having[facet]
            await turns()
        return Facets(having)
