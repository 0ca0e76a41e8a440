"""What search looks through of a record."""

from collections.abc import Collection
from typing import Final, NamedTuple

from msgspec import Struct

from catalogue.words import compounds, fold, runs, words
from upstream.records import Grid, Package

COMMON: Final = frozenset({"django"})
"""Says nothing in this catalogue."""


class Words(NamedTuple):
    """The words of a document: its whole names, their words, those joined with what follows, its description's."""

    wholes: Collection[str] = ()
    names: Collection[str] = ()
    compounds: Collection[str] = ()
    descriptions: Collection[str] = ()


class Entry(Struct, frozen=True, gc=False):
    """What relevance is worked out from: the words of the names, a space before and after each.

    `letters` is how many letters the title has, without common words.
    """

    named: str
    letters: int


def texts_of(record: Package | Grid | None) -> tuple[str, ...]:
    """Return what is searched of a record: its names, and last its description."""
    if record is None:
        return ()
    if isinstance(record, Grid):
        return record.title, record.slug, record.description
    return record.title, record.slug, record.pypi_name or record.slug, record.repo_description


def is_renamed(record: Package | Grid | None) -> bool:
    """Say whether a package's name on PyPI is none of its other names."""
    return isinstance(record, Package) and texts_of(record)[2] not in (record.slug, record.title)


def words_of(record: Package | Grid | None) -> Words:
    """Return the words of a record; none of one that is not there."""
    if record is None:
        return Words()
    *names, description = map(fold, texts_of(record))
    found = {name: runs(name) for name in names}
    return Words(
        wholes={"".join(each) or name.strip() for name, each in found.items()},
        names={word for each in found.values() for word in words(each)},
        compounds={f"{first} {rest}" for each in found.values() for first, rest in compounds(each)},
        descriptions=set(words(runs(description))),
    )


def entry_of(title: str, has: Words) -> Entry:
    """Return what is looked through of a document with these words."""
    named = " ".join((*has.names, *(compound.replace(" ", "") for compound in has.compounds)))
    size = sum(len(run) for run in runs(fold(title)) if run not in COMMON)
    return Entry(f" {named} ", size or 1)
