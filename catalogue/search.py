"""Search over the mirror: SQLite FTS5, in memory, kept up with every record.

Row ids sort by popularity. Only the most popular hits are ranked by relevance, which adds to what popularity is worth,
and the others follow. What a large part of the catalogue matches is not ranked: it says little, and would cost much.
"""

import math
import re
import sqlite3
import weakref
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import msgspec

from catalogue.index import Table
from upstream.records import Grid, Package

WORD: Final = re.compile(r"[^\W_]+")
MAX_WORDS: Final = 12
MAX_RANKED: Final = 300
MAX_MATCHES: Final = 2000
"""With more, none is ranked."""

POPULARITY_STEPS: Final = 1023
STEPS_A_DOUBLING: Final = 48
EXACT: Final = 1000.0
BM25: Final = "bm25(texts, 10.0, 8.0, 1.0)"
"""Weights of title, slug and description."""


class Hits:
    """All hits of a search, best first. A hit is a row id of the index.

    Args:
        rows: the row ids, in ascending order: by popularity.
        relevance: how relevant the first of them are, by row id.
        exact: the rows that go first.
    """

    def __init__(self, rows: list[int], relevance: dict[int, float], exact: set[int]) -> None:
        self._relevance = relevance
        self._exact = exact
        first = {*relevance, *exact}
        self.rows = [*sorted(first, key=self.key), *(row for row in rows if row not in first)] if first else rows

    def key(self, row: int) -> tuple[float, int]:
        """Return a hit's place among all."""
        return -self.score(row), row

    def score(self, row: int) -> float:
        """Return what a hit is worth: an exact match, then relevance, then how often the stars double."""
        doublings = (POPULARITY_STEPS - (row >> 33)) / STEPS_A_DOUBLING
        return round(EXACT * (row in self._exact) + self._relevance.get(row, 0.0) + doublings, 4)


class SearchIndex:
    """The texts of packages and grids. It may be used in one thread at a time."""

    def __init__(self, packages: Table[Package], grids: Table[Grid]) -> None:
        self._packages = packages
        self._grids = grids
        self._titled: defaultdict[str, set[int]] = defaultdict(set)
        self._db = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        weakref.finalize(self, self._db.close)
        self._db.execute("CREATE VIRTUAL TABLE texts USING fts5(title, slug, description, content='', prefix='1 2')")
        self.add([*packages, *grids])

    def add(self, records: Iterable[Package | Grid]) -> None:
        """Take texts in."""
        records = list(records)
        for record in records:
            self._titled[_name(record.title)].add(_row_id(record))
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO texts(rowid, title, slug, description) VALUES (?, ?, ?, ?)", map(_row, records)
        )
        self._db.execute("COMMIT")

    def remove(self, record: Package | Grid) -> None:
        """Take the text of a record out, as it was when it came in."""
        self._titled[_name(record.title)].discard(_row_id(record))
        self._db.execute(
            "INSERT INTO texts(texts, rowid, title, slug, description) VALUES ('delete', ?, ?, ?, ?)", _row(record)
        )

    def search(self, query: str) -> Hits:
        """Return all hits, best first: an exact slug or title, then by relevance and watchers.

        Every word must begin some word of the record. Whatever is no word is passed over.
        """
        match = _match(query)
        if not match:
            return Hits([], {}, set())
        # As one JSON text they come in half the time.
        found = self._db.execute(
            "SELECT json_group_array(rowid) FROM (SELECT rowid FROM texts(?) ORDER BY rowid)", (match,)
        )
        rows = msgspec.json.decode(found.fetchone()[0], type=list[int])
        relevance: dict[int, float] = {}
        if 0 < len(rows) <= MAX_MATCHES:
            last = rows[:MAX_RANKED][-1]
            ranked = self._db.execute(f"SELECT rowid, -{BM25} FROM texts(?) WHERE rowid <= ?", (match, last))
            relevance = dict(ranked.fetchall())
        return Hits(rows, relevance, self._exact(query).intersection(rows))

    def record(self, row: int) -> Package | Grid | None:
        """Return the record behind a hit."""
        key = row >> 1 & 0xFFFFFFFF
        return self._grids.get(key) if row & 1 else self._packages.get(key)

    def _exact(self, query: str) -> set[int]:
        """Return the row ids of what has the query for a slug or for a title."""
        slugs = {query.strip(), query.strip().lower()}
        named = (table.by_slug(slug) for table in (self._packages, self._grids) for slug in slugs)
        return {_row_id(record) for record in named if record is not None} | self._titled.get(_name(query), set())


def _name(text: str) -> str:
    """Return a title as titles are compared."""
    return text.strip().casefold()


def _match(query: str) -> str:
    """Return the FTS5 expression for a text: every word as a prefix; a word that begins another says nothing more."""
    words = sorted(set(WORD.findall(query.lower())), key=lambda word: (-len(word), word))
    kept: list[str] = []
    for word in words:
        if not any(longer.startswith(word) for longer in kept):
            kept.append(word)
    return " ".join(f'"{word}"*' for word in kept[:MAX_WORDS])


def _row(record: Package | Grid) -> tuple[int, str, str, str]:
    description = record.repo_description if isinstance(record, Package) else record.description
    return _row_id(record), record.title, record.slug, description


def _row_id(record: Package | Grid) -> int:
    """Return an id that sorts by popularity, then by id; its last bit tells a grid."""
    weight = len(record.packages) if isinstance(record, Grid) else record.repo_watchers
    popularity = min(POPULARITY_STEPS, round(STEPS_A_DOUBLING * math.log2(1 + max(0, weight))))
    return (POPULARITY_STEPS - popularity) << 33 | record.id << 1 | isinstance(record, Grid)
