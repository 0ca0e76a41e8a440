"""Search over the mirror: packages and grids by the beginnings of their words, best first.

Every word of a query must begin a word of the record's names or of its description; words may be joined or parted
otherwise than there. Few hits are followed by what one typo a word would find. A hit is known by its document number,
and documents are sets of bits (Roaring bitmaps), which are joined in microseconds.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice, takewhile
from typing import Any, Final, NamedTuple, TypeAlias

from pyroaring import FrozenBitMap

from catalogue.columns import Column
from catalogue.documents import COMMON, Entry, Words, entry_of, is_renamed, texts_of, words_of
from catalogue.lazily import Lazily
from catalogue.tables import Difference, Table
from catalogue.turns import Turns, sorted_keys
from catalogue.vocabulary import NONE, Documents, Vocabulary, WordChanges, joined, near
from catalogue.words import fold, letters, runs, words
from upstream.records import Grid, Package

MAX_WORDS: Final = 12
MAX_RANKED: Final = 100
"""Only so many of the most popular hits are ranked by relevance, which adds to what popularity is worth."""

MAX_NAMED: Final = 1000
"""Of so many of the most popular hits, those that have all words in their names are ranked too."""

MIN_WORDS: Final = 1000
WORDS_PART: Final = 4
"""Of so many words, or more than this part of the number of documents, it is quicker to look through the texts."""

SMALL_PART: Final = 16
"""A smaller part of all documents is sorted by popularity, of a larger one it is picked from all in their order."""

GRIDS: Final = 2**31
"""A grid's document number is its id and this, a package's is its id."""

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


class Containing(NamedTuple):
    """The documents that have something in title, slug or description for certain, and those that may."""

    certain: FrozenBitMap
    doubtful: FrozenBitMap


@dataclass(frozen=True, eq=False, repr=False)
class Hits:
    """All hits of a search.

    Args:
        rows: the numbers of their documents, best first.
        scores: what those are worth that are ranked.
        meant: those that only a typo finds.
        popularity: of every document, negative.
    """

    rows: Sequence[int]
    scores: Mapping[int, float]
    meant: FrozenBitMap
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
        rows: the numbers of all documents, in ascending order.
        entries: what is looked through, by document.
        wholes, names, compounds, descriptions: who has which of `Words`.
        popularity: how often the stars of a package or the members of a grid double, negative.
        renamed: packages whose name on PyPI is none of their other names.
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
    renamed: FrozenBitMap = NONE

    def search(self, query: str, among: FrozenBitMap | None = None) -> Hits:
        """Return all hits, best first: the very name, then by relevance and popularity, then those of a typo.

        Args:
            query: what to search for.
            among: the numbers of those documents that are wanted; all unless it is given.
        """
        folded = fold(query).strip()
        terms = self._terms(folded)
        scores = self._exact(folded)
        matching = self._matching(terms) - FrozenBitMap(scores)
        scores |= self._ranked(terms, list(islice(self._by_popularity(matching), MAX_NAMED)))
        found = FrozenBitMap(scores) | matching
        meant = NONE if len(found) >= FEW else self._matching([self._meant(term) for term in terms]) - found
        rows = sorted(scores, key=lambda row: (-scores[row], row))
        if among is not None:
            rows = [row for row in rows if row in among]
            matching, meant = matching & among, meant & among
        others = matching - FrozenBitMap(scores)
        found_all = chain(rows, self._by_popularity(others), self._by_popularity(meant))
        hits = Lazily(found_all, len(rows) + len(others) + len(meant))
        return Hits(hits, scores, meant, self.popularity.values)

    def containing(self, part: str) -> Containing | None:
        """Return the documents that have something folded, without spaces, in their texts, as far as words tell.

        Returns:
            `None` where so many words have it that the texts themselves are as quick to look through.
        """
        found = runs(part)
        having = []
        for piece in words(found):
            most = max(MIN_WORDS, len(self.rows) // WORDS_PART)
            in_names, described = (each.containing(piece, most) for each in (self.names, self.descriptions))
            if in_names is None or described is None:
                return None
            having.append(joined((*in_names, *described)))
        if not having:
            return None
        likely = FrozenBitMap.intersection(*having)
        certain = likely - self.renamed if found == [part] and len(having) == 1 else NONE
        return Containing(certain, likely - certain)

    def record(self, row: int) -> Package | Grid | None:
        """Return the record behind a hit."""
        return self.packages.get(row) if row < GRIDS else self.grids.get(row - GRIDS)

    def documents(self, packages: Iterable[int], grids: Iterable[int]) -> FrozenBitMap:
        """Return the numbers of the documents of packages and grids, by their ids."""
        return FrozenBitMap(packages) | FrozenBitMap([GRIDS + key for key in grids])

    def _terms(self, folded: str) -> list[Term]:
        """Return the words of a query, each with the joined words that it may be a part of."""
        found = runs(folded)[:MAX_WORDS]
        spans = [(start, end) for start in range(len(found)) for end in range(start + 2, len(found) + 1)]
        wider = [(start, end, "".join(found[start:end])) for start, end in spans]
        wider = [span for span in wider if self._is_known(span[2])]
        terms: dict[Term, None] = {}
        for place, run in enumerate(found):
            around = [word for start, end, word in wider if start <= place < end]
            terms.update(dict.fromkeys((word, *around) for word in words([run])))
        return list(terms)[:MAX_WORDS]

    def _is_known(self, word: str) -> bool:
        """Say whether a word, or a name from some word on, begins so."""
        parts = takewhile(self.compounds.has, (word[:place] for place in range(1, len(word))))
        in_compounds = (self.compounds.has(f"{part} {word[len(part) :]}") for part in parts)
        return self.names.has(word) or self.descriptions.has(word) or any(in_compounds)

    def _meant(self, term: Term) -> Term:
        """Return a term with the words that its word may have been meant to be."""
        word = term[0]
        if not MIN_TYPO_LETTERS <= len(word) + 1 <= MAX_TYPO_LETTERS:
            return term
        meant = {each for each in near(word, ASCII_LETTERS) if max(len(word), len(each)) >= MIN_TYPO_LETTERS}
        known = (self.wholes, self.names, self.descriptions)
        return (*term, *set().union(*(vocabulary.documents.keys() & meant for vocabulary in known)))

    def _matching(self, terms: Sequence[Term]) -> FrozenBitMap:
        """Return the documents that have every term."""
        having = [joined(self._having(term)) for term in terms]
        return FrozenBitMap.intersection(*having) if having else NONE

    def _having(self, term: Term) -> Iterator[Documents]:
        """Yield the documents of which a word, or a name from some word on, begins with one of a term."""
        for word in term:
            yield from self.names.having(word)
            yield from self.descriptions.having(word)
            for place in range(1, len(word)):
                yield from self.compounds.having(f"{word[:place]} {word[place:]}")

    def _exact(self, folded: str) -> dict[int, float]:
        """Return the scores of those that have the query for a name, or at least its letters."""
        found: dict[int, float] = {}
        for row in self.wholes.of(letters(folded)):
            record = self.record(row)
            same = record is not None and folded in (fold(record.title).strip(), record.slug.lower())
            found[row] = (SAME if same else SAME_LETTERS) - self.popularity.values[row]
        return found

    def _ranked(self, terms: Sequence[Term], rows: list[int]) -> dict[int, float]:
        """Return what the most popular hits are worth, and the most popular of those found by names alone."""
        entries = self.entries
        named = rows[MAX_RANKED:]
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

    def _by_popularity(self, rows: FrozenBitMap) -> Iterable[int]:
        if len(rows) * SMALL_PART < len(self.rows):
            return sorted(rows, key=self.popularity.values.__getitem__)  # equal ones stay in ascending order
        return filter(rows.__contains__, self.popularity.keys)

    async def evolved(
        self, differences: Iterable[Difference[Any]], packages: Table[Package], grids: Table[Grid], turns: Turns
    ) -> "SearchIndex":
        """Return a search index with these differences, of the tables that have them already."""
        changes = tuple(WordChanges() for _ in Words._fields)
        entries = dict(self.entries)
        popularity: dict[int, float | None] = {}
        renamed: dict[int, bool] = {}
        async for part in turns.parts(differences):
            for difference in part:
                before, after, row = difference.before, difference.after, _row(difference.record)
                if texts_of(before) != texts_of(after):
                    was, now = words_of(before), words_of(after)
                    for change, lost, gained in zip(changes, was, now, strict=True):
                        change.note(row, lost, gained)
                    entries[row] = entry_of(difference.record.title, now)
                    renamed[row] = is_renamed(after)
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
            renamed=self.renamed - FrozenBitMap(renamed) | FrozenBitMap([row for row, now in renamed.items() if now]),
        )


def _begins(words: str, term: Term) -> bool:
    """Say whether one of a term's words begins one of some words."""
    return f" {term[0]}" in words or (len(term) > 1 and any(f" {word}" in words for word in term))


def _row(record: Package | Grid) -> int:
    return record.id + (GRIDS if isinstance(record, Grid) else 0)


def _popularity(record: Package | Grid) -> float:
    weight = len(record.packages) if isinstance(record, Grid) else record.repo_watchers
    return -round(math.log2(1 + max(0, weight)), 4)
