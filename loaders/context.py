"""The bundle of loaders that one request uses, and the age of what it read."""

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, TypeAlias, cast

from aiodataloader import DataLoader

from catalogue import Catalogue
from upstream import R, Record

Loaded: TypeAlias = dict[int, R | Exception | None]
"""An answer for each id: its record, `None` when there is no such thing, or why it could not be had."""


class RequestContext:
    """Everything that a request's resolvers read through; its GraphQL context.

    `oldest` is when the oldest record used was fetched, in Unix seconds; `None` before any was used.
    `layer_loaders` is the stock executor's place for the loaders of its layers.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.oldest: float | None = None
        self.layer_loaders: dict[object, DataLoader[Any, Any]] = {}
        self._loaders: dict[type[Record], DataLoader[int | str, Any]] = {}

    def many(self, kind: type[R], ids: Iterable[int]) -> "Loaded[R] | Awaitable[Loaded[R]]":
        """Answer for distinct ids: at once when all records are at hand and fresh, else when they have been read."""
        at_hand, oldest = self.catalogue.at_hand(kind, ids)
        if oldest is None and at_hand:
            return self._load_many(kind, list(at_hand))
        self.note_age(oldest)
        return cast("Loaded[R]", at_hand)

    def named(self, kind: type[R], key: int | str) -> R | None:
        """Return the record with this id or slug if it is at hand."""
        record = self.catalogue.named(kind, key)
        self.note_age(None if record is None else record.fetched_at)
        return record

    async def one(self, kind: type[R], key: int | str) -> R | None:
        """Answer for one id or slug; `None` when there is no such thing.

        Raises:
            UpstreamError: the record could not be had.
        """
        at_hand = self.named(kind, key)
        if at_hand is not None:
            return at_hand
        record: R | None = await self._loader(kind).load(key)
        self.note([record])
        return record

    def use(self, kind: type[R], records: Iterable[R]) -> None:
        """Note that records of the index are used; those that are stale are read again behind."""
        self.note_age(self.catalogue.at_hand(kind, [record.id for record in records])[1])

    def note(self, used: Iterable[object]) -> None:
        """Remember the age of the oldest record in use."""
        self.note_age(min((record.fetched_at for record in used if isinstance(record, Record)), default=None))

    def note_age(self, fetched_at: float | None) -> None:
        """Remember the age of something in use, in Unix seconds."""
        if fetched_at is not None:
            self.oldest = fetched_at if self.oldest is None else min(self.oldest, fetched_at)

    async def _load_many(self, kind: type[R], ids: Sequence[int]) -> "Loaded[R]":
        loader = self._loader(kind)
        found = await asyncio.gather(*(loader.load(key) for key in ids), return_exceptions=True)
        self.note(found)
        return cast("Loaded[R]", dict(zip(ids, found, strict=True)))

    def _loader(self, kind: type[R]) -> DataLoader[int | str, R | None]:
        """Return the loader of a kind, by id and by slug: one batch for both."""
        if kind not in self._loaders:
            catalogue = self.catalogue

            async def batch(keys: list[int | str]) -> list[Any]:
                found = await asyncio.gather(
                    *(
                        catalogue.by_id(kind, key) if isinstance(key, int) else catalogue.by_slug(kind, key)
                        for key in keys
                    ),
                    return_exceptions=True,
                )
                for record in found:
                    if isinstance(record, Record):
                        self._loaders[kind].prime(record.id, record)
                return list(found)

            self._loaders[kind] = DataLoader(batch)
        return self._loaders[kind]
