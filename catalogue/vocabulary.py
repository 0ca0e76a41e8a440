"""The words of many documents, and which documents have them."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, repeat
from typing import Final, TypeAlias

from pyroaring import FrozenBitMap

from catalogue.collector import settled
from catalogue.turns import Turns, drained, sorted_keys

LAST: Final = "\U0010ffff"
"""Sorts behind every letter."""

NONE: Final = FrozenBitMap()

Documents: TypeAlias = int | FrozenBitMap
"""Who has a word; most words are one document's alone, whose number takes a tenth of the memory."""


Some: TypeAlias = int | list[int]
"""A document, or several: a list for each word would be most of what is made."""


@dataclass
class WordChanges:
    """Which words documents lose and gain."""

    lost: dict[str, Some] = field(default_factory=dict)
    gained: dict[str, Some] = field(default_factory=dict)

    def note(self, document: int, before: Collection[str], after: Collection[str]) -> None:
        """Note a document's words."""
        for word in before:
            if word not in after:
                _add(self.lost, word, document)
        for word in after:
            if word not in before:
                _add(self.gained, word, document)


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """Documents by word, and all words in order."""

    documents: Mapping[str, Documents] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def has(self, beginning: str) -> bool:
        """Say whether some word begins so."""
        place = bisect_left(self.words, beginning)
        return place < len(self.words) and self.words[place].startswith(beginning)

    def of(self, word: str) -> FrozenBitMap:
        """Return the documents of a word."""
        return joined([self.documents[word]]) if word in self.documents else NONE

    def having(self, beginning: str) -> list[Documents]:
        """Return the documents of each word that begins so."""
        start = bisect_left(self.words, beginning)
        end = bisect_left(self.words, beginning + LAST, start)
        return list(map(self.documents.__getitem__, self.words[start:end]))

    def containing(self, part: str, most: int) -> list[Documents] | None:
        """Return the documents of each word that this is a part of; `None` where it is in more than so many places."""
        if self._text.count(part) > most:
            return None
        before = self._text.split(part)[:-1]
        places = set(accumulate(map(str.count, before, repeat("\n"))))
        return [self.documents[self.words[place]] for place in places]

    @cached_property
    def _text(self) -> str:
        """All words, a line each: what is in one piece is quick to look through."""
        return "\n".join(self.words)

    async def evolved(self, changes: WordChanges, turns: Turns) -> "Vocabulary":
        """Return a vocabulary with these changes, which are used up."""
        documents = dict(self.documents)
        gone: set[str] = set()
        came: list[str] = []
        async for part in turns.parts(drained(changes.lost)):
            for word, losing in part:
                left = joined([documents.pop(word)]) - joined(_each(losing))
                if left:
                    documents[word] = _packed(left)
                elif word in changes.gained:
                    documents[word] = left
                else:
                    gone.add(word)
        async for part in turns.parts(drained(changes.gained)):
            for word, gaining in part:
                if word not in documents:
                    came.append(word)
                known = documents.get(word)
                if known is None and isinstance(gaining, int):
                    documents[word] = gaining
                else:
                    documents[word] = _packed(joined([known or NONE, *_each(gaining)]))
        words = await sorted_keys(self.words, gone, came, turns)
        came.clear()
        await turns()
        return settled(Vocabulary(documents, words))


def _add(changes: dict[str, Some], word: str, document: int) -> None:
    known = changes.get(word)
    if known is None:
        changes[word] = document
    elif isinstance(known, int):
        changes[word] = [known, document]
    else:
        known.append(document)


def _each(documents: Some) -> list[int]:
    return [documents] if isinstance(documents, int) else documents


def joined(found: Iterable[Documents]) -> FrozenBitMap:
    """Return the documents of several words."""
    single: list[int] = []
    others: list[FrozenBitMap] = []
    for each in found:
        if isinstance(each, int):
            single.append(each)
        else:
            others.append(each)
    return FrozenBitMap(single).union(*others)


def _packed(documents: FrozenBitMap) -> Documents:
    return documents[0] if len(documents) == 1 else documents


def near(word: str, letters: Iterable[str]) -> set[str]:
    """Return what a word may have been meant to be: one letter left out, added, mistaken, or two swapped."""
    halves = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    left_out = {start + letter + end for start, end in halves for letter in letters}
    added = {start + end[1:] for start, end in halves if end}
    mistaken = {start + letter + end[1:] for start, end in halves if end for letter in letters}
    swapped = {start + end[1] + end[0] + end[2:] for start, end in halves if len(end) > 1}
    return (left_out | added | mistaken | swapped) - {word}
