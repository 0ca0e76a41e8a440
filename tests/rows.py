"""A small catalogue that a test may change while it is read."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

Row = dict[str, Any]


class Rows:
    """Rows by resource and id, answered as API v4 does.

    `before_page` is called with the number of a page of packages, counted from 0, before that page is made: the place
    to change the list under a crawl. `most` bounds what a page gives, whatever is asked for; `claimed` is by what the
    count of packages is wrong; `knows_offset` says whether pages after the first are given.
    """

    def __init__(self, packages: int = 0) -> None:
        self.packages = {key: package(key) for key in range(1, packages + 1)}
        self.grids = {1: grid(1)}
        self.categories = {1: category(1)}
        self.before_page: Callable[[int], None] = lambda _: None
        self.pages = 0
        self.most = 2**31
        self.claimed = 1.0
        self.knows_offset = True

    @property
    def newest(self) -> int:
        """The highest id of a package."""
        return max(self.packages, default=0)

    def add(self, count: int = 1) -> None:
        """Add packages, which get the highest ids."""
        for _ in range(count):
            self.packages[self.newest + 1] = package(self.newest + 1)

    def answer(self, target: str, base: str) -> tuple[int, bytes]:
        """Return status and body."""
        if not target:
            return 200, _encode({name: f"{base}{name}/" for name in ("packages", "grids", "categories")})
        url = urlsplit(target)
        resource, key = url.path.rstrip("/").partition("/")[::2]
        rows: dict[int, Row] = getattr(self, resource)
        if key:
            row = rows.get(int(key)) if key.isdigit() else next((r for r in rows.values() if r["slug"] == key), None)
            return (404, b'{"detail": "Not found."}') if row is None else (200, _encode(_linked(row, base)))
        if resource == "packages":
            self.before_page(self.pages)
            self.pages += 1
        query = parse_qs(url.query)
        offset = int(query["offset"][0]) if self.knows_offset else 0
        ids = sorted(rows, reverse=True)[offset : offset + min(self.most, int(query["limit"][0]))]
        count = int(len(rows) * self.claimed) if resource == "packages" else len(rows)
        return 200, _encode({"count": count, "results": [_linked(rows[key], base) for key in ids]})


def package(key: int, **changes: Any) -> Row:
    """Return the row of a package."""
    return {
        "id": key,
        "slug": f"package-{key}",
        "title": f"Package {key}",
        "category": 1,
        "grids": [],
        "last_updated": "2026-01-28T16:49:04-05:00",
        "last_fetched": None,
        "repo_url": f"https://github.com/x/package-{key}",
        "repo_description": "",
        "repo_watchers": key,
        "repo_forks": 0,
        "pypi_url": "",
        "pypi_version": None,
        "documentation_url": None,
        "commits_over_52": [],
        "participants": [f"login-{key}"],
        "created": "2025-04-06T19:01:08-04:00",
        "modified": "2025-04-06T19:01:08-04:00",
    } | changes


def grid(key: int, **changes: Any) -> Row:
    """Return the row of a grid."""
    return {
        "id": key,
        "slug": f"grid-{key}",
        "title": f"Grid {key}",
        "description": "",
        "is_locked": False,
        "header": False,
        "packages": [],
        "created": "2025-04-06T19:01:08-04:00",
        "modified": "2025-04-06T19:01:08-04:00",
    } | changes


def category(key: int, **changes: Any) -> Row:
    """Return the row of a category."""
    return {
        "id": key,
        "slug": f"category-{key}",
        "title": f"Category {key}",
        "description": "",
        "title_plural": f"Categories {key}",
        "show_pypi": True,
        "created": "2025-04-06T19:01:08-04:00",
        "modified": "2025-04-06T19:01:08-04:00",
    } | changes


def _linked(row: Row, base: str) -> Row:
    row = dict(row)
    for name, resource in (("grids", "grids"), ("packages", "packages")):
        if name in row:
            row[name] = [f"{base}{resource}/{key}/" for key in row[name]]
    if "category" in row:
        row["category"] = f"{base}categories/{row['category']}/"
    return row


def _encode(value: object) -> bytes:
    return msgspec.json.encode(value)
