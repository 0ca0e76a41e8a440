"""The words of many documents, and which documents have them."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyroaring import FrozenBitMap

from catalogue.turns import Turns, drained, sorted_keys

LAST: Final = "\U0010ffff"
"""Sorts behind every letter."""

NONE: Final = FrozenBitMap()


@dataclass
class WordChanges:
    """Which words documents lose and gain."""

    lost: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    gained: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def note(self, document: int, before: Collection[str], after: Collection[str]) -> None:
        """Note a document's words."""
        for word in before:
            if word not in after:
                self.lost[word].append(document)
        for word in after:
            if word not in before:
                self.gained[word].append(document)


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """Documents by word, and all words in order."""

    documents: Mapping[str, FrozenBitMap] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def has(self, beginning: str) -> bool:
        """Say whether some word begins so."""
        place = bisect_left(self.words, beginning)
        return place < len(self.words) and self.words[place].startswith(beginning)

    def having(self, beginning: str) -> list[FrozenBitMap]:
        """Return the documents of each word that begins so."""
        start = bisect_left(self.words, beginning)
        end = bisect_left(self.words, beginning + LAST, start)
        return list(map(self.documents.__getitem__, self.words[start:end]))

    async def evolved(self, changes: WordChanges, turns: Turns) -> "Vocabulary":
        """Return a vocabulary with these changes, which are used up."""
        documents = dict(self.documents)
        gone: set[str] = set()
        came: list[str] = []
        async for part in turns.parts(drained(changes.lost)):
            for word, losing in part:
                documents[word] -= FrozenBitMap(losing)
                if not documents[word] and word not in changes.gained:
                    del documents[word]
                    gone.add(word)
        async for part in turns.parts(drained(changes.gained)):
            for word, gaining in part:
                if word not in documents:
                    came.append(word)
                documents[word] = documents.get(word, NONE) | FrozenBitMap(gaining)
        return Vocabulary(documents, await sorted_keys(self.words, gone, came, turns))


def near(word: str, letters: Iterable[str]) -> set[str]:
    """Return what a word may have been meant to be: one letter left out, added, mistaken, or two swapped."""
    halves = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    left_out = {start + letter + end for start, end in halves for letter in letters}
    added = {start + end[1:] for start, end in halves if end}
    mistaken = {start + letter + end[1:] for start, end in halves if end for letter in letters}
    swapped = {start + end[1] + end[0] + end[2:] for start, end in halves if len(end) > 1}
    return (left_out | added | mistaken | swapped) - {word}
