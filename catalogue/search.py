"""Search over the mirror: packages and grids by the beginnings of their words, best first.

Every word of a query must begin a word of the record's names or of its description; words may be joined or parted
otherwise than there. Few hits are followed by what one typo a word would find. A hit is known by its document number.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from catalogue.columns import Column
from catalogue.documents import COMMON, Entry, Words, entry_of, texts_of, words_of
from catalogue.tables import Difference, Table
from catalogue.turns import Turns, sorted_keys
from catalogue.vocabulary import Vocabulary, WordChanges, near
from catalogue.words import fold, letters, runs, words
from upstream.records import Grid, Package

MAX_WORDS: Final = 12
MAX_RANKED: Final = 100
"""Only so many of the most popular hits are ranked by relevance, which adds to what popularity is worth."""

MAX_CHECKED: Final = 1000
"""So many documents are looked through for a word rather than all that have it be gathered."""

SMALL_PART: Final = 32
"""A smaller part of all is sorted by popularity, a larger one picked from all in their order."""

FEW: Final = 10
"""With fewer hits than this, what one typo would find comes behind them."""

MIN_TYPO_LETTERS: Final = 5
MAX_TYPO_LETTERS: Final = 40
ASCII_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"

SAME: Final = 4000.0
SAME_LETTERS: Final = 3000.0
RANKED: Final = 2000.0
FOUND: Final = 1000.0
"""What a hit is worth at least: the very name, its letters, among those ranked, any other without a typo."""

IN_NAMES: Final = 6.0
WHOLE: Final = 3.0
COVERED: Final = 8.0
"""What relevance is worth at the most, in doublings of popularity: words in names, whole words, all of a name."""


Term: TypeAlias = tuple[str, ...]
"""A word of a query, and others that may stand for it."""


@dataclass(frozen=True, eq=False, repr=False)
class Hits:
    """All hits of a search.

    Args:
        rows: the numbers of their documents, best first.
        scores: what those are worth that are ranked.
        meant: those that only a typo finds.
        popularity: of every document, negative.
    """

    rows: list[int]
    scores: Mapping[int, float]
    meant: Collection[int]
    popularity: Mapping[int, float]

    def key(self, row: int) -> tuple[float, int]:
        """Return a hit's place among all."""
        return -self.score(row), row

    def score(self, row: int) -> float:
        """Return what a hit is worth."""
        score = self.scores.get(row)
        if score is None:
            score = -self.popularity[row] + (0.0 if row in self.meant else FOUND)
        return score


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class SearchIndex:
    """The texts of packages and grids, to read only.

    Args:
        packages, grids: the records.
        rows: the numbers of all documents, in ascending order: the id, and in the last bit whether it is a grid.
        entries: what is looked through, by document.
        wholes, names, compounds, descriptions: who has which of `Words`.
        popularity: how often the stars of a package or the members of a grid double, negative.
    """

    packages: Table[Package] = field(default_factory=Table)
    grids: Table[Grid] = field(default_factory=Table)
    rows: list[int] = field(default_factory=list)
    entries: Mapping[int, Entry] = field(default_factory=dict)
    wholes: Vocabulary = field(default_factory=Vocabulary)
    names: Vocabulary = field(default_factory=Vocabulary)
    compounds: Vocabulary = field(default_factory=Vocabulary)
    descriptions: Vocabulary = field(default_factory=Vocabulary)
    popularity: Column[int, float] = field(default_factory=Column)

    def search(self, query: str) -> Hits:
        """Return all hits, best first: the very name, then by relevance and popularity, then those of a typo."""
        folded = fold(query).strip()
        terms = self._terms(folded)
        scores = self._exact(folded)
        found = self._by_popularity(self._matching(terms) - scores.keys())
        scores |= self._ranked(terms, found)
        rows = sorted(scores, key=lambda row: (-scores[row], row))
        rows += [row for row in found[:MAX_CHECKED] if row not in scores]
        rows += found[MAX_CHECKED:]
        meant: Collection[int] = ()
        if len(rows) < FEW:
            meant = self._matching([self._meant(term) for term in terms]).difference(rows)
            rows += self._by_popularity(meant)
        return Hits(rows, scores, meant, self.popularity.values)

    def record(self, row: int) -> Package | Grid | None:
        """Return the record behind a hit."""
        return self.grids.get(row >> 1) if row & 1 else self.packages.get(row >> 1)

    def chosen(self, rows: Iterable[int], packages: Collection[int], *, grids: bool) -> list[int]:
        """Return those hits that are of some packages, by their ids, and grids or not."""
        return [row for row in rows if (grids if row & 1 else row >> 1 in packages)]

    def _terms(self, folded: str) -> list[Term]:
        """Return the words of a query, each with the joined words that it may be a part of."""
        found = runs(folded)[:MAX_WORDS]
        terms: dict[Term, None] = {}
        for place, run in enumerate(found):
            spans = ((start, end) for start in range(place + 1) for end in range(place + 1, len(found) + 1))
            wider = ("".join(found[start:end]) for start, end in spans if end - start > 1)
            known = [word for word in wider if self.names.has(word) or self.descriptions.has(word)]
            terms.update(dict.fromkeys((word, *known) for word in words([run])))
        return list(terms)[:MAX_WORDS]

    def _meant(self, term: Term) -> Term:
        """Return a term with the words that its word may have been meant to be."""
        word = term[0]
        if not MIN_TYPO_LETTERS <= len(word) + 1 <= MAX_TYPO_LETTERS:
            return term
        meant = {each for each in near(word, ASCII_LETTERS) if max(len(word), len(each)) >= MIN_TYPO_LETTERS}
        known = (self.wholes, self.names, self.descriptions)
        return (*term, *set().union(*(vocabulary.documents.keys() & meant for vocabulary in known)))

    def _matching(self, terms: Sequence[Term]) -> set[int]:
        """Return the documents that have every term."""
        found: set[int] | None = None
        for term in sorted(terms, key=self._weight) if len(terms) > 1 else terms:
            if found is None or len(found) > MAX_CHECKED:
                having = set().union(*(documents for word in term for documents in self._having(word)))
                found = having if found is None else found & having
            else:
                entries = self.entries
                found = {row for row in found if _begins(entries[row].text, term)}
        return found or set()

    def _having(self, word: str) -> Iterator[Collection[int]]:
        """Return the documents of which a word, or a name from some word on, begins so; some of them several times."""
        yield from self.names.having(word)
        yield from self.descriptions.having(word)
        for place in range(1, len(word)):
            yield from self.compounds.having(f"{word[:place]} {word[place:]}")

    def _weight(self, term: Term) -> int:
        return sum(self.names.weight(word) + self.descriptions.weight(word) for word in term)

    def _exact(self, folded: str) -> dict[int, float]:
        """Return the scores of those that have the query for a name, or at least its letters."""
        found: dict[int, float] = {}
        for row in self.wholes.documents.get(letters(folded), ()):
            record = self.record(row)
            same = record is not None and folded in (fold(record.title).strip(), record.slug.lower())
            found[row] = (SAME if same else SAME_LETTERS) - self.popularity.values[row]
        return found

    def _ranked(self, terms: Sequence[Term], rows: list[int]) -> dict[int, float]:
        """Return what the most popular hits are worth, and the most popular of those found by names alone."""
        entries = self.entries
        named = rows[MAX_RANKED:MAX_CHECKED]
        for term in terms:
            named = [row for row in named if _begins(entries[row].named, term)]
        return {row: self._worth(row, terms) for row in (*rows[:MAX_RANKED], *named[:MAX_RANKED])}

    def _worth(self, row: int, terms: Sequence[Term]) -> float:
        """Return what a hit is worth by its relevance and its popularity."""
        entry = self.entries[row]
        relevance = covered = 0.0
        for term in terms:
            if _begins(entry.named, term):
                relevance += IN_NAMES + WHOLE * any(f" {word} " in entry.named for word in term)
                covered += len(term[0]) if term[0] not in COMMON else 0
        relevance = relevance / len(terms) + COVERED * min(1.0, covered / entry.letters)
        return round(RANKED + relevance - self.popularity.values[row], 4)

    def _by_popularity(self, rows: set[int]) -> list[int]:
        if len(rows) * SMALL_PART < len(self.rows):
            return sorted(rows, key=self.popularity.place)
        return list(filter(rows.__contains__, self.popularity.keys))

    async def evolved(
        self, differences: Iterable[Difference[Any]], packages: Table[Package], grids: Table[Grid], turns: Turns
    ) -> "SearchIndex":
        """Return a search index with these differences, of the tables that have them already."""
        changes = tuple(WordChanges() for _ in Words._fields)
        entries = dict(self.entries)
        popularity: dict[int, float | None] = {}
        async for part in turns.parts(differences):
            for difference in part:
                before, after, row = difference.before, difference.after, _row(difference.record)
                if texts_of(before) != texts_of(after):
                    was, now = words_of(before), words_of(after)
                    for change, lost, gained in zip(changes, was, now, strict=True):
                        change.note(row, lost, gained)
                    entries[row] = entry_of(difference.record.title, now)
                if after is None:
                    del entries[row]
                value = None if after is None else _popularity(after)
                if value != self.popularity.values.get(row):
                    popularity[row] = value
        wholes, names, compounds, descriptions = changes
        came = [row for row in popularity if row not in self.entries]
        gone = {row for row, value in popularity.items() if value is None}
        rows = await sorted_keys(self.rows, gone, came, turns)
        return SearchIndex(
            packages=packages,
            grids=grids,
            rows=rows,
            entries=entries,
            popularity=await self.popularity.evolved(popularity, rows, turns),
            wholes=await self.wholes.evolved(wholes, turns),
            names=await self.names.evolved(names, turns),
            compounds=await self.compounds.evolved(compounds, turns),
            descriptions=await self.descriptions.evolved(descriptions, turns),
        )


def _begins(words: str, term: Term) -> bool:
    """Say whether one of a term's words begins one of some words."""
    return f" {term[0]}" in words or (len(term) > 1 and any(f" {word}" in words for word in term))


def _row(record: Package | Grid) -> int:
    return record.id << 1 | isinstance(record, Grid)


def _popularity(record: Package | Grid) -> float:
    weight = len(record.packages) if isinstance(record, Grid) else record.repo_watchers
    return -round(math.log2(1 + max(0, weight)), 4)
