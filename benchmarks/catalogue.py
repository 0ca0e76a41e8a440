"""A deterministic synthetic catalogue, as large as the real one and with fields as long as the real ones.

Sizes follow the upstream as recorded: 5,800 packages, 381 grids (the largest with 117 members) and 5 categories;
a list page of 100 packages is about 94 KB. Everything is made up: no row is a real package.

Beside the ordinary packages there are **hubs**: packages whose grids give an exact number of neighbours, which belong
to no other hub's grids. `hub` has 120, `hub-2` … `hub-8` are its twins (for cold runs), and `hub-15`, `hub-50`,
`hub-300`, `hub-1000` are for the cost of a further neighbour. A hub and its members are of category 1, and one member
is in one more grid, so the neighbours query on a hub always has four layers: package, grids, members, further grid.
For `hub` that is 1 + 2 grids + 120 members + 1 category + 1 further grid = 125 GETs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TypedDict

PACKAGES, GRIDS = 5_800, 381
LARGEST_GRID = 117
TWINS = ["hub", *(f"hub-{number}" for number in range(2, 9))]
HUBS = {"hub-15": 15, "hub-50": 50, **dict.fromkeys(TWINS, 120), "hub-300": 300, "hub-1000": 1000}
"""Slug of each hub → number of its neighbours."""

_GAP = 17  # One id in seventeen is missing, as ids of deleted rows are.
_NOW = datetime(2026, 11, 21, 16, 0, 0)
_WORDS = """
    admin analytics api async audit auth backup badge blog cache calendar captcha cart celery chart chat cms comment
    cron csv dashboard debug deploy email export factory feed filter form forum geo graph health html image import
    jobs json ledger list locale logging map media menu metrics money mptt notify orm page payment permission photo
    poll profile queue rating registration report rest role rules schema search security session shop signal social
    sso status storage stripe survey tags task template tenant test theme token upload user video webhook widget
    wiki workflow wysiwyg xml zip
""".split()  # noqa: SIM905 (a list would take ninety lines)
_CATEGORIES = [
    (1, "App", "apps", "Small components used to build projects."),
    (2, "Framework", "frameworks", "Large efforts that combine many apps, and the tools to build with them."),
    (3, "Project", "projects", "Whole sites and services that can be run as they are."),
    (4, "Other", "other", "What is none of the above."),
    (5, "Starter Project", "starter-projects", "Skeletons to begin a project from."),
]


class PackageRow(TypedDict):
    """A package as API v4 has it, with ids where the API has links; dates as the API writes them."""

    category: int
    grids: list[int]
    id: int
    title: str
    slug: str
    last_updated: str | None
    last_fetched: str | None
    repo_url: str
    pypi_version: str | None
    created: str
    modified: str
    repo_forks: int
    repo_description: str
    pypi_url: str
    documentation_url: str | None
    repo_watchers: int
    commits_over_52: list[int]
    participants: list[str]


class GridRow(TypedDict):
    """A grid as API v4 has it, with ids where the API has links; members in the order of their titles."""

    id: int
    title: str
    slug: str
    description: str
    is_locked: bool
    packages: list[int]
    header: bool
    created: str
    modified: str


class CategoryRow(TypedDict):
    """A category as API v4 has it."""

    id: int
    title: str
    slug: str
    description: str
    title_plural: str
    show_pypi: bool
    created: str
    modified: str


@dataclass(frozen=True)
class Catalogue:
    """Three tables by id; iteration is in ascending order of ids."""

    packages: dict[int, PackageRow]
    grids: dict[int, GridRow]
    categories: dict[int, CategoryRow]

    def neighbours(self, package: PackageRow) -> set[int]:
        """Return the ids of the other packages in the package's grids."""
        return {member for grid in package["grids"] for member in self.grids[grid]["packages"]} - {package["id"]}


def make_catalogue(packages: int = PACKAGES, seed: int = 4) -> Catalogue:
    """Make a catalogue.

    :param packages: number of packages, at least 3,000 (the hubs and their members alone are over 2,300); the number
        of grids grows in proportion (381 for 5,800), the categories stay five.
    :param seed: the same seed and size give the same catalogue, on any machine.
    :raises ValueError: when there are too few packages for the hubs.
    """
    if packages < 3_000:
        raise ValueError(f"a catalogue needs at least 3,000 packages, not {packages}")
    rng = random.Random(seed)
    package_ids = list(_ids(packages))
    grid_ids = list(_ids(round(GRIDS * packages / PACKAGES)))
    members = _memberships(rng, package_ids, grid_ids)
    hub_ids = dict(zip(package_ids, HUBS, strict=False))
    ordinary = set(package_ids) - _hub_members(package_ids)
    rows = {
        id_: _package(rng, id_, hub_ids.get(id_), any_category=id_ in ordinary, newest=package_ids[-1])
        for id_ in package_ids
    }
    grids = {id_: _grid(rng, id_, sorted(members[id_], key=lambda key: rows[key]["title"])) for id_ in grid_ids}
    for grid in grids.values():
        for member in grid["packages"]:
            rows[member]["grids"].append(grid["id"])
    return Catalogue(rows, grids, {row[0]: _category(*row) for row in _CATEGORIES})


def mix(catalogue: Catalogue, count: int = 200, low: int = 23, high: int = 33) -> list[str]:
    """Return slugs of `count` ordinary packages with `low` to `high` neighbours each (about 28), spread over the ids.

    :raises ValueError: when the catalogue has too few such packages.
    """
    fitting = [
        package["slug"]
        for package in catalogue.packages.values()
        if package["slug"] not in HUBS and low <= len(catalogue.neighbours(package)) <= high
    ]
    if len(fitting) < count:
        raise ValueError(f"only {len(fitting)} packages have {low} to {high} neighbours")
    return [fitting[index * len(fitting) // count] for index in range(count)]


def _ids(count: int) -> Iterator[int]:
    return (number + number // _GAP + 1 for number in range(count))


def _hub_members(package_ids: list[int]) -> set[int]:
    return set(package_ids[: len(HUBS) + sum(HUBS.values())])


def _memberships(rng: random.Random, package_ids: list[int], grid_ids: list[int]) -> dict[int, list[int]]:
    """Return the members of each grid: first the hubs' grids, then grids of a skewed size over the other packages."""
    members: dict[int, list[int]] = {}
    grids = iter(grid_ids)
    first = len(HUBS)
    further = []
    for hub, neighbours in zip(package_ids, HUBS.values(), strict=False):
        ids = package_ids[first : first + neighbours]
        first += neighbours
        parts = 1 if neighbours <= 50 else max(2, -(-neighbours // (LARGEST_GRID - 1)))
        size = -(-neighbours // parts) if neighbours <= 300 else LARGEST_GRID - 1
        for start in range(0, neighbours, size):
            members[next(grids)] = [hub, *ids[start : start + size]]
        further.append(ids[0])
    rest = package_ids[first:]
    for id_ in grids:
        size = min(LARGEST_GRID, round(rng.lognormvariate(2.0, 1.1)))
        members[id_] = rng.sample(rest, size)
    for id_, member in zip(reversed(grid_ids), further, strict=False):
        members[id_] = [member]
    return members


def _package(rng: random.Random, id_: int, hub: str | None, *, any_category: bool, newest: int) -> PackageRow:
    """Make one package; its grids are filled in later. Odd values come as often as they do upstream, or nearly."""
    words = rng.choices(_WORDS, k=2)
    slug = hub or f"django-{words[0]}-{words[1]}-{id_}"
    owner = f"{rng.choice(_WORDS)}-{rng.choice(_WORDS)}{rng.randrange(10_000)}"
    created = datetime(2010, 8, 15) + (_NOW - datetime(2010, 8, 15)) * id_ / (newest + 1)
    updated = created + (_NOW - created) * rng.random()
    host = rng.choices(("github.com", "gitlab.com", "bitbucket.org", "codeberg.org"), (94, 4, 1, 1))[0]
    watchers = round(rng.lognormvariate(3, 2))
    released = rng.random() < 0.85
    documented = rng.random() < 0.25
    return {
        "category": rng.choices((1, 2, 3, 4, 5), (80, 5, 8, 6, 1))[0] if any_category else 1,
        "grids": [],
        "id": id_,
        "title": _title(slug, id_),
        "slug": slug,
        "last_updated": None if any_category and rng.random() < 0.02 else _time(rng, updated),
        "last_fetched": _time(rng, _NOW - timedelta(seconds=rng.randrange(86_400))),
        "repo_url": f"https://{host}/{owner}/{slug}",
        "pypi_version": f"{rng.randrange(6)}.{rng.randrange(20)}.{rng.randrange(10)}" if released else None,
        "created": _time(rng, created),
        "modified": _time(rng, _NOW - timedelta(days=rng.randrange(300), seconds=rng.randrange(86_400))),
        "repo_forks": watchers // 5,
        "repo_description": _sentence(rng, rng.randrange(24)),
        "pypi_url": f"http://pypi.python.org/pypi/{slug}" if released else "",
        "documentation_url": f"https://{slug}.readthedocs.io/en/latest/" if documented else rng.choice(("", None)),
        "repo_watchers": watchers,
        "commits_over_52": _commits(rng),
        "participants": _participants(rng, newest),
    }


def _grid(rng: random.Random, id_: int, packages: list[int]) -> GridRow:
    words = rng.choices(_WORDS, k=2)
    created = datetime(2010, 8, 29) + timedelta(days=12 * (id_ % 450))
    return {
        "id": id_,
        "title": " ".join(words).title(),
        "slug": f"{'-'.join(words)}-{id_}",
        "description": f"Packages for {' '.join(words)}.",
        "is_locked": rng.random() < 0.05,
        "packages": packages,
        "header": rng.random() < 0.1,
        "created": _time(rng, created),
        "modified": _time(rng, created),
    }


def _category(id_: int, title: str, slug: str, description: str) -> CategoryRow:
    created = "2010-08-14T23:47:52-04:00"
    return {
        "id": id_,
        "title": title,
        "slug": slug,
        "description": description,
        "title_plural": f"{title}s",
        "show_pypi": id_ != 5,
        "created": created,
        "modified": created,
    }


def _title(slug: str, id_: int) -> str:
    """Return the slug itself, but now and then a title with spaces, an emoji or a trailing space."""
    if id_ % 97 == 0:
        return f"{slug.replace('-', ' ').title()} «beta» 🚀"
    return f"{slug} " if id_ % 101 == 0 else slug


def _sentence(rng: random.Random, words: int) -> str:
    text = " ".join(rng.choices(_WORDS, k=words)).capitalize()
    return f'{text}\r\n"quoted"' if words == 23 else text


def _commits(rng: random.Random) -> list[int]:
    """Return 52 weekly counts; one package in twenty has none, most have few commits."""
    if rng.random() < 0.05:
        return []
    busy = rng.random() ** 3
    return [week if rng.random() < busy else 0 for week in rng.choices(range(1, 12), k=52)]


def _participants(rng: random.Random, newest: int) -> list[str]:
    """Return distinct logins, six on average and sixty at most; a few people are in very many packages."""
    count = min(60, round(rng.lognormvariate(1.2, 1.0))) if rng.random() > 0.04 else 0
    logins: dict[str, None] = {}
    for _ in range(count):
        number = int(newest * 1.5 * rng.random() ** 3)
        logins[f"{_WORDS[number % len(_WORDS)]}{number}"] = None
    if rng.random() < 0.15:
        logins[rng.choice(("dependabot[bot]", "pre-commit-ci[bot]", "pyup-bot"))] = None
    return list(logins)


def _time(rng: random.Random, moment: datetime) -> str:
    """Return New York time as the API writes it; summer is April to October, near enough."""
    zone = timezone(timedelta(hours=-4 if 4 <= moment.month <= 10 else -5))
    microsecond = rng.randrange(1_000_000) if rng.random() > 0.05 else 0
    return moment.replace(microsecond=microsecond, tzinfo=zone).isoformat()
