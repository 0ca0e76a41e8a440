"""Facets: what a package has or belongs to, and which packages do."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, TypeAlias

from catalogue.filters import PackageFilter
from catalogue.names import pypi_key, repo_key
from catalogue.tables import Difference
from catalogue.turns import Turns
from upstream.records import Package

Facet: TypeAlias = tuple[str, Hashable]
"""Something that a package has or belongs to, such as `("participant", "nemesifier")`."""

Wanted: TypeAlias = Facet | frozenset[Facet]
"""A facet that a package must have, or several of which it must have one."""


ONE_EACH: Final[dict[str, Callable[[Package], Hashable]]] = {
    "category": attrgetter("category"),
    "active": lambda package: any(package.commits_over_52),
    "released": lambda package: package.pypi_version is not None,
    "documented": lambda package: package.documentation_url is not None,
}
"""Facets of which each package has one."""


def facets(package: Package) -> Iterator[Facet]:
    """Return all facets of a package."""
    yield "slug", package.slug
    if package.pypi_name is not None:
        yield "pypi", pypi_key(package.pypi_name)
    repo = repo_key(package.repo_url or "")
    if repo is not None:
        yield "repo", repo
    yield "host", host_of(repo)
    for name, value_of in ONE_EACH.items():
        yield name, value_of(package)
    for grid in package.grids:
        yield "grid", grid
    for login in package.participants:
        yield "participant", login.casefold()


def has_all(package: Package, wanted: Collection[Wanted]) -> bool:
    """Whether a package has all that is wanted of it."""
    having = set(facets(package))
    return all(not having.isdisjoint(each) if isinstance(each, frozenset) else each in having for each in wanted)


def wanted_facets(wanted: PackageFilter) -> Iterator[Wanted]:
    """Return the facets that a filter asks for, except those it names by slug: categories and grids."""
    if wanted.slugs is not None:
        yield frozenset(("slug", slug) for slug in wanted.slugs)
    if wanted.pypi_names is not None:
        yield frozenset(("pypi", pypi_key(name)) for name in wanted.pypi_names)
    if wanted.repo_urls is not None:
        yield frozenset(("repo", repo_key(address)) for address in wanted.repo_urls)
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
    return host_of(repo_key(package.repo_url or ""))


def host_of(repo: str | None) -> str | None:
    """Return the host of a repository by its `repo_key`."""
    return repo and repo.partition("/")[0]


@dataclass(frozen=True, eq=False, repr=False)
class Facets:
    """The ids of the packages that have each facet, in ascending order."""

    having: Mapping[Facet, tuple[int, ...]] = field(default_factory=dict)

    def ids(self, wanted: Wanted) -> Collection[int]:
        """Return the ids of the packages that have a facet, or one of several."""
        if isinstance(wanted, frozenset):
            return set().union(*map(self.__getitem__, wanted))
        return self[wanted]

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
