"""Facets: what a package has or belongs to, and which packages do."""

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter
from typing import Any, Final, TypeAlias

from pyroaring import FrozenBitMap

from catalogue.collector import settled
from catalogue.filters import PackageFilter
from catalogue.names import pypi_key, repo_key
from catalogue.tables import Difference
from catalogue.turns import Turns, drained
from upstream.records import Package

Facet: TypeAlias = tuple[str, Hashable]
"""Something that a package has or belongs to, such as `("participant", "nemesifier")`."""

Ids: TypeAlias = tuple[int, ...] | FrozenBitMap
"""Ids in ascending order: many of them as a set of bits, which a few are quicker and smaller without."""

MANY: Final = 64

Having: TypeAlias = Mapping[Hashable, Ids]
"""The ids of the packages that have each value of one sort."""

NOTHING: Final[Mapping[Any, Any]] = {}

Wanted: TypeAlias = Facet | frozenset[Facet]
"""A facet that a package must have, or several of which it must have one."""

ONE_EACH: Final[dict[str, Callable[[Package], Hashable]]] = {
    "category": attrgetter("category"),
    "active": lambda package: any(package.commits_over_52),
    "released": lambda package: package.pypi_version is not None,
    "documented": lambda package: package.documentation_url is not None,
}
"""Facets of which each package has one."""


def _one(value_of: Callable[[Package], Hashable], package: Package) -> tuple[Hashable]:
    return (value_of(package),)


SORTS: Final[dict[str, Callable[[Package], Collection[Hashable]]]] = {
    "slug": lambda package: (package.slug,),
    "pypi": lambda package: () if (name := package.pypi_name) is None else (pypi_key(name),),
    "repo": lambda package: () if (repo := repo_key(package.repo_url or "")) is None else (repo,),
    "host": lambda package: (repo_host(package),),
    **{sort: partial(_one, value_of) for sort, value_of in ONE_EACH.items()},
    "grid": lambda package: frozenset(package.grids),
    "participant": lambda package: {login.casefold() for login in package.participants},
}
"""The values of each sort of facet that a package has."""


def facets(package: Package) -> Iterator[Facet]:
    """Return all facets of a package."""
    return ((sort, value) for sort, values_of in SORTS.items() for value in values_of(package))


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
    repo = repo_key(package.repo_url or "")
    return repo and repo.partition("/")[0]


@dataclass(frozen=True, eq=False, repr=False)
class Facets:
    """The ids of the packages that have each facet, in ascending order: by sort, then by value."""

    having: Mapping[str, Having] = field(default_factory=dict)

    def ids(self, wanted: Wanted) -> FrozenBitMap:
        """Return the ids of the packages that have a facet, or one of several."""
        each = wanted if isinstance(wanted, frozenset) else (wanted,)
        return FrozenBitMap().union(*(FrozenBitMap(self[facet]) for facet in each))

    def __getitem__(self, facet: Facet) -> Ids:
        """Return the ids of the packages that have a facet."""
        sort, value = facet
        having: Having = self.having.get(sort, NOTHING)
        return having.get(value, ())

    async def evolved(self, differences: Sequence[Difference[Package]], turns: Turns) -> "Facets":
        """Return the facets with these differences."""
        having = dict(self.having)
        for sort, values_of in SORTS.items():
            having[sort] = settled(await _evolved(having.get(sort, NOTHING), differences, values_of, turns))
        return Facets(having)


async def _evolved(
    having: Having,
    differences: Sequence[Difference[Package]],
    values_of: Callable[[Package], Collection[Hashable]],
    turns: Turns,
) -> Having:
    """Return who has which value of one sort, with these differences."""
    lost: defaultdict[Hashable, list[int]] = defaultdict(list)
    gained: defaultdict[Hashable, list[int]] = defaultdict(list)
    async for some in turns.parts(differences):
        for before, after in some:
            was = () if before is None else values_of(before)
            now = () if after is None else values_of(after)
            if was != now:
                key = (after or before).id  # type: ignore[union-attr] # there is one of them
                for value in was:
                    if value not in now:
                        lost[value].append(key)
                for value in now:
                    if value not in was:
                        gained[value].append(key)
    if not lost and not gained:
        return having
    found = dict(having)
    async for part in turns.parts(drained(lost)):
        for value, keys in part:
            kept = FrozenBitMap(found.pop(value)) - FrozenBitMap(keys)
            if kept:
                found[value] = _packed(kept)
    async for part in turns.parts(drained(gained)):
        for value, keys in part:
            known = found.get(value, ())
            found[value] = _packed(FrozenBitMap(known) | FrozenBitMap(keys) if known else keys)
    return found


def _packed(ids: FrozenBitMap | list[int]) -> Ids:
    return FrozenBitMap(ids) if len(ids) >= MANY else tuple(ids) if len(ids) == 1 else tuple(sorted(ids))
