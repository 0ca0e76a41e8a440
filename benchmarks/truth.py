"""What is true of the stub's catalogue, and which questions the soak asks about it.

A crawl under which the catalogue changes once reads some records of the state before and some of the state after. So an
answer is right if there are two neighbouring states, new enough, of which each of its records is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any, Final

import msgspec

from benchmarks.catalogue import Catalogue, GridRow, PackageRow
from benchmarks.changes import changed

Data = Mapping[str, Any]

FACTS: Final = "id slug repoWatchers repoForks repoDescription pypiVersion lastUpdated participants { login }"
NEIGHBOURS: Final = f"""query($slug: String!) {{
  package(slug: $slug) {{ {FACTS} grids {{ id packages {{ id slug repoWatchers pypiVersion lastUpdated }} }} }}
}}"""
ONE: Final = f"query($slug: String!) {{ package(slug: $slug) {{ {FACTS} }} }}"
CATEGORY: Final = """query($slug: String!) {
  category(slug: $slug) { packages(first: 100) { totalCount nodes { id slug repoWatchers } } }
}"""
SEARCH: Final = (
    "query($text: String!) { search(query: $text, first: 20) { nodes { ... on Package { id repoWatchers slug } } } }"
)
POPULAR: Final = (
    """{ packages(first: 50, orderBy: {field: WATCHERS, direction: DESC}) { nodes { id slug repoWatchers } } }"""
)


@dataclass(frozen=True)
class Span:
    """Two neighbouring states, which may be the same, and what was there before them."""

    before: Catalogue
    after: Catalogue
    gone: Mapping[int, PackageRow]

    def rows(self, id_: int) -> list[PackageRow]:
        """Return the rows that a package may have. What is gone may be served on until a GET confirms that."""
        rows = [state.packages[id_] for state in (self.before, self.after) if id_ in state.packages]
        return rows or [row for row in (self.gone.get(id_),) if row is not None]

    @cached_property
    def both(self) -> set[int]:
        """The packages that are there in both."""
        return self.before.packages.keys() & self.after.packages.keys()


class Truth:
    """Every state that the catalogue has had; `states[-1]` is the upstream's."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.states = [catalogue]
        self.gone: dict[int, PackageRow] = {}
        self._span = lru_cache(maxsize=8)(lambda first, last: Span(self.states[first], self.states[last], self.gone))

    def change(self) -> None:
        """Go on to the next state, as the stub does."""
        before = self.states[-1]
        self.states.append(changed(before, len(self.states)))
        self.gone |= {id_: before.packages[id_] for id_ in before.packages.keys() - self.states[-1].packages.keys()}

    def spans(self, first: int, last: int) -> Iterator[tuple[int, Span]]:
        """Return the neighbours from one state to another, by the number of the earlier one."""
        for number in range(first, last + 1):
            yield number, self._span(number, min(number + 1, last))


@dataclass(frozen=True)
class Question:
    """A request, and whether `data` is right if the catalogue is in a span.

    What is not `is_known` is read through, and may be told to have failed.
    """

    body: bytes
    is_right: Callable[[Data, Span], bool]
    is_known: bool = True


def one(slug: str, *, is_known: bool = True) -> Question:
    """Ask for a package that is there."""
    return Question(_body(ONE, slug=slug), lambda data, span: _is_package(data["package"], span, slug), is_known)


def neighbours(slug: str) -> Question:
    """Ask for a package, its grids, and their packages."""

    def is_right(data: Data, span: Span) -> bool:
        package = data["package"]
        return _is_package(package, span, slug) and _are_grids(package, span)

    return Question(_body(NEIGHBOURS, slug=slug), is_right)


def nothing(slug: str) -> Question:
    """Ask for a package that never was."""
    return Question(_body(ONE, slug=slug), lambda data, span: data["package"] is None, is_known=False)


def of_category(id_: int, slug: str) -> Question:
    """Ask for a category's first 100 packages, and how many there are."""

    def is_right(data: Data, span: Span) -> bool:
        connection = data["category"]["packages"]
        counts = [sum(row["category"] == id_ for row in state.packages.values()) for state in (span.before, span.after)]
        is_counted = min(counts) <= connection["totalCount"] <= max(counts) + len(span.gone)
        return is_counted and len(connection["nodes"]) == min(100, connection["totalCount"]) and _are(connection, span)

    return Question(_body(CATEGORY, slug=slug), is_right)


def search(text: str) -> Question:
    """Search for a word of many packages."""
    return Question(
        _body(SEARCH, text=text), lambda data, span: bool(data["search"]["nodes"]) and _are(data["search"], span)
    )


def popular() -> Question:
    """Ask for the most watched packages."""

    def is_right(data: Data, span: Span) -> bool:
        watchers = [node["repoWatchers"] for node in data["packages"]["nodes"]]
        return len(watchers) == 50 and watchers == sorted(watchers, reverse=True) and _are(data["packages"], span)

    return Question(_body(POPULAR), is_right)


def _body(query: str, **variables: str) -> bytes:
    return msgspec.json.encode({"query": query, "variables": variables})


def _is_package(found: Data | None, span: Span, slug: str) -> bool:
    return found is not None and found["slug"] == slug and _is(found, span)


def _are(connection: Data, span: Span) -> bool:
    return all(_is(node, span) for node in connection["nodes"] if node)


def _is(found: Data, span: Span) -> bool:
    """Tell whether all that is said of a package stands in one row that it may have."""
    return any(
        all(FIELDS[name](row) == _plain(value) for name, value in found.items() if name in FIELDS)
        for row in span.rows(int(found["id"]))
    )


def _are_grids(package: Data, span: Span) -> bool:
    id_ = int(package["id"])
    expected = [state.packages[id_]["grids"] for state in (span.before, span.after)]
    found = [int(grid["id"]) for grid in package["grids"]]
    return sorted(found) in [sorted(each) for each in expected] and all(
        _is_grid(grid, span) for grid in package["grids"]
    )


def _is_grid(found: Data, span: Span) -> bool:
    """Tell whether a grid has its members, in order; one that only one of the states has may be there or not."""
    both = span.both
    grids: Sequence[GridRow] = [state.grids[int(found["id"])] for state in (span.before, span.after)]
    members = [int(member["id"]) for member in found["packages"] if member]
    lasting = [[member for member in grid["packages"] if member in both] for grid in grids]
    return [member for member in members if member in both] in lasting and all(
        _is(member, span) for member in found["packages"] if member
    )


def _plain(value: object) -> object:
    """Return a value of an answer as a row has it."""
    return [each["login"] for each in value] if isinstance(value, list) else value


def _moment(text: str | None) -> str | None:
    return text and datetime.fromisoformat(text).isoformat()


FIELDS: Final[dict[str, Callable[[PackageRow], object]]] = {
    "id": lambda row: str(row["id"]),
    "slug": lambda row: row["slug"],
    "repoWatchers": lambda row: row["repo_watchers"],
    "repoForks": lambda row: row["repo_forks"],
    "repoDescription": lambda row: row["repo_description"],
    "pypiVersion": lambda row: row["pypi_version"],
    "lastUpdated": lambda row: _moment(row["last_updated"]),
    "participants": lambda row: row["participants"],
}
"""What each field is in a row."""
