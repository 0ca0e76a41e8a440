"""The catalogue as it changes: each state follows from the one before and its number, on any machine alike."""

from __future__ import annotations

import random
from typing import Final

from benchmarks.catalogue import Catalogue, GridRow, PackageRow

CHANGED: Final = 200
"""Packages whose facts another state changes."""

LIFETIME: Final = 3
"""States for which a package that was added stays."""


def changed(before: Catalogue, number: int, count: int = CHANGED) -> Catalogue:
    """Return state `number`: other facts of `count` packages, one more package in a grid, and one that is gone."""
    rng = random.Random(number)
    packages, grids = dict(before.packages), dict(before.grids)
    for id_ in rng.sample(list(packages), min(count, len(packages))):
        packages[id_] = _touched(rng, packages[id_], number)
    model = packages[rng.choice(list(before.packages))]
    grid = grids[rng.choice(list(grids))]
    new = max(packages) + 1
    packages[new] = {**model, "id": new, "slug": added_slug(number), "title": added_slug(number), "grids": [grid["id"]]}
    grids[grid["id"]] = _with_members(grid, [*grid["packages"], new], packages)
    _remove(packages, grids, added_slug(number - LIFETIME))
    return Catalogue(packages, grids, before.categories)


def added_slug(number: int) -> str:
    """Return the slug of the package that a state adds."""
    return f"added-{number}"


def _touched(rng: random.Random, row: PackageRow, number: int) -> PackageRow:
    watchers = row["repo_watchers"] + rng.randrange(1, 10)
    return {
        **row,
        "repo_watchers": watchers,
        "repo_forks": watchers // 5,
        "repo_description": f"As of {number}.",
        "pypi_version": f"{number}.{rng.randrange(10)}",
        "participants": [*row["participants"][:20], f"author{number}"],
    }


def _remove(packages: dict[int, PackageRow], grids: dict[int, GridRow], slug: str) -> None:
    for row in [row for row in packages.values() if row["slug"] == slug]:
        del packages[row["id"]]
        for id_ in row["grids"]:
            kept = [member for member in grids[id_]["packages"] if member != row["id"]]
            grids[id_] = _with_members(grids[id_], kept, packages)


def _with_members(grid: GridRow, members: list[int], packages: dict[int, PackageRow]) -> GridRow:
    return {**grid, "packages": sorted(members, key=lambda id_: packages[id_]["title"])}
