"""A request's context: the snapshot that it reads from, and loaders for what the snapshot lacks."""

import asyncio
from collections.abc import Awaitable, Iterable
from functools import cached_property
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast
from weakref import ref

from aiodataloader import DataLoader

from catalogue import Catalogue, Index
from catalogue.overlay import FOREVER, Held, is_askable
from spans import span
from upstream import CatalogueError, Category, Deadline, Page, R, Record, SearchHit, UpstreamError

Loaded: TypeAlias = dict[int, R | Exception | None]
"""An answer for each id: its record, `None` when there is no such thing, or why it could not be had."""

MAX_CATEGORIES = 100

MAX_EXAMINED: Final = 200_000
"""Records that one operation may look through: some tenths of a second."""

T = TypeVar("T")


async def gathered(awaitables: Iterable[Awaitable[T]]) -> list[T | BaseException]:
    """Await all; what one raises stands in its place.

    What is meant for clients has no traceback: its frames and it would refer to each other, until a collection.
    """
    found = await asyncio.gather(*awaitables, return_exceptions=True)
    for each in found:
        if isinstance(each, CatalogueError):
            each.with_traceback(None)
    return found


class Turn(Protocol):
    """An operation's turn at the event loop."""

    @property
    def is_over(self) -> bool:
        """Whether it is time to let others run."""

    async def end(self) -> None:
        """Let others run."""

    async def resume(self) -> None:
        """Go on after something that was waited for."""


class RequestContext:
    """Everything that a request's resolvers read; its GraphQL context.

    `snapshot` stays the same from the first read to the last; only a request that has to wait for the first one goes on
    with that. `expires_clock` is until when the answer may be kept because of what was read through for it, by the
    monotonic clock. `impurities` counts what the answer rests on beside the snapshot: while it stays, what was made is
    a function of the snapshot alone. `reads` counts what was asked of the upstream for it; `batches` are those of its
    loaders: the resource and how many keys. `since` is the number of the snapshot that a subscriber was told of last,
    None for the first time; the event that it is told now `is_news` if it says anything. `layer_loaders` is the stock
    executor's place for the loaders of its layers; `turn`, which the layered one sets, is the operation's at the loop.
    """

    def __init__(self, catalogue: Catalogue, *, max_examined: int = MAX_EXAMINED) -> None:
        self.catalogue = catalogue
        self.snapshot = catalogue.snapshot
        self.expires_clock = FOREVER
        self.impurities = 0
        self.since: int | None = None
        self.is_news = True
        self.turn: Turn | None = None
        self.layer_loaders: dict[object, DataLoader[Any, Any]] = {}
        self._overlay = catalogue.overlay
        self.reads = 0
        self.batches: list[tuple[str, int]] = []
        self._max_reads = catalogue.max_reads
        self._max_examined = self._examined_left = max_examined
        self._loaders: dict[type[Record], DataLoader[int | str, Any]] = {}

    @cached_property
    def _deadline(self) -> Deadline:
        """Until when it waits for the upstream, from the first thing that it asks for."""
        return self.catalogue.client.deadline()

    @cached_property
    def _pausing(self) -> asyncio.Lock:
        return asyncio.Lock()

    @property
    def used(self) -> dict[str, tuple[int, int]]:
        """What the operation has taken of its bounds, and these, by the names of the settings."""
        reads = "max-read-through" if self.snapshot.is_whole else "max-cold-read-through"
        examined = self._max_examined - self._examined_left
        return {"max-examined": (examined, self._max_examined), reads: (self.reads, self._max_reads)}

    # The snapshot

    async def whole(self) -> Index:
        """Return the records of the snapshot; wait for the first one, up to a bound.

        Raises:
            CatalogueError: there is no mirror, or its first crawl is not complete yet.
        """
        if not self.snapshot.number:
            self.snapshot = await self._waited(self.catalogue.first())
            self.impurities += 1
        return self.snapshot.index

    async def examine(self, records: int) -> None:
        """Take records from what the operation may look through, before that is done; let others run now and then.

        Raises:
            CatalogueError: nothing is left.
        """
        self._examined_left -= records
        if self._examined_left < 0:
            message = (
                f"The operation looks through more than {self._max_examined} records; search, filter and count less."
            )
            raise CatalogueError("MAX_EXAMINED_EXCEEDED", message)
        await self.pause()

    async def pause(self) -> None:
        """Let others run, where that is due."""
        if self.turn is not None and self.turn.is_over:
            async with self._pausing:  # the functions of a layer run at the same time, in one turn
                if self.turn.is_over:
                    await self.turn.end()

    def not_kept(self) -> None:
        """Note that the answer is true at this moment only."""
        self.impurities += 1
        self.expires_clock = 0.0

    # Records, wherever they are

    def many(self, kind: type[R], ids: Iterable[int]) -> "Loaded[R] | Awaitable[Loaded[R]]":
        """Answer for distinct ids: at once when all records are at hand, else when they have been read through."""
        rows = self.snapshot.index.table(kind).rows
        keys = list(ids)
        found = dict(zip(keys, map(rows.get, keys), strict=True))
        if not all(found.values()):
            missing = [key for key, record in found.items() if record is None]
            found.update((key, self._held(kind, key)) for key in missing)
            if not all(found.values()):
                return self._with_missing(kind, found)
        return cast("Loaded[R]", found)

    def named(self, kind: type[R], key: int | str) -> R | None:
        """Return the record with this id or slug if it is at hand."""
        table = self.snapshot.index.table(kind)
        record = table.get(key) if isinstance(key, int) else table.by_slug(key)
        return self._held(kind, key) if record is None else record

    async def one(self, kind: type[R], key: int | str) -> R | None:
        """Answer for one id or slug; `None` when there is no such thing.

        Raises:
            CatalogueError: the record could not be had, or too much is read through already.
        """
        at_hand = self.named(kind, key)
        if at_hand is not None:
            return at_hand
        record: R | None = await self._loader(kind).load(key)
        return record

    async def categories(self) -> list[Category]:
        """Return all categories, by id.

        Raises:
            CatalogueError: the upstream failed, or sent a category that does not fit.
        """
        if self.snapshot.number:
            found: Iterable[Category | UpstreamError] = self.snapshot.index.categories
        else:
            found = (await self.window(Category, 0, MAX_CATEGORIES)).results
        categories: list[Category] = []
        for item in found:
            if isinstance(item, UpstreamError):
                raise item
            categories.append(item)
        return sorted(categories, key=lambda category: category.id)

    # The upstream's own lists and search, where there is no snapshot

    async def window(self, kind: type[R], offset: int, limit: int) -> Page[R]:
        """Return `limit` records of a list from `offset`, in the upstream's order: by id, descending.

        Raises:
            CatalogueError: the upstream failed.
        """
        held: Held[Page[R]] | None = self._known((kind, offset, limit))
        if held is None:
            held = await self._waited(self._overlay.window(kind, offset, limit, self._deadline))
        return self._sound(held)

    async def search(self, query: str) -> list[SearchHit]:
        """Return at most 20 hits of the upstream's search.

        Raises:
            CatalogueError: the upstream failed.
        """
        held: Held[list[SearchHit]] | None = self._known(("search", query))
        if held is None:
            held = await self._waited(self._overlay.search(query, self._deadline))
        return self._sound(held)

    def _held(self, kind: type[R], key: int | str) -> R | None:
        held: Held[R] | None = self._overlay.known((kind, key))
        return None if held is None or held.value is None else self._used(held)

    async def _with_missing(self, kind: type[R], found: dict[int, R | None]) -> "Loaded[R]":
        loader = self._loader(kind)
        missing = [key for key, record in found.items() if record is None]
        read = await gathered(map(loader.load, missing))
        return cast("Loaded[R]", {**found, **dict(zip(missing, read, strict=True))})

    def _loader(self, kind: type[R]) -> DataLoader[int | str, R | None]:
        """Return the loader of a kind, by id and by slug: one batch for both."""
        if kind not in self._loaders:
            # The context holds its loaders: were it held by them, it and its snapshot would wait for a collection.
            context = ref(self)

            async def batch(keys: list[int | str]) -> list[Any]:
                held = context()
                assert held is not None
                held.catalogue.batches[kind.resource, len(keys)] += 1
                held.batches.append((kind.resource, len(keys)))
                with span("batch", lambda: {"catalogue.loader": kind.resource, "catalogue.keys": len(keys)}):
                    return await held._read(kind, keys)

            self._loaders[kind] = DataLoader(batch)
        return self._loaders[kind]

    async def _read(self, kind: type[R], keys: list[int | str]) -> list[R | BaseException | None]:
        """Answer for each id or slug: its record, `None` when there is no such thing, or why it could not be had."""
        found: dict[int | str, Held[R] | BaseException | None] = {key: self._looked_up(kind, key) for key in keys}
        missing = [key for key, held in found.items() if held is None and is_askable(kind, key)]
        if missing:
            read = await self._waited(self._overlay.records(kind, missing, self._deadline))
            found |= zip(missing, read, strict=True)
        return [self._record(kind, held) for held in found.values()]

    def _looked_up(self, kind: type[R], key: int | str) -> Held[R] | CatalogueError | None:
        try:
            return self._known((kind, key)) if is_askable(kind, key) else None
        except CatalogueError as error:
            return error.with_traceback(None)

    def _record(self, kind: type[R], held: Held[R] | BaseException | None) -> R | BaseException | None:
        if held is None or isinstance(held, BaseException):
            return held
        try:
            record = self._used(held)
        except UpstreamError as error:
            return error.with_traceback(None)
        # Renamed since the snapshot: the request goes on with what that says of it.
        known = None if record is None else self.snapshot.index.table(kind).get(record.id)
        return record if known is None else known

    async def _waited(self, work: Awaitable[T]) -> T:
        """Await what others do; who waited for the same thing goes on one after the other."""
        result = await work
        if self.turn is not None:
            await self.turn.resume()
        return result

    def _known(self, key: tuple[object, ...]) -> Held[Any] | None:
        """Return what is held under a key; where that is nothing, take one from what may be read through.

        Raises:
            CatalogueError: nothing is left.
        """
        held = self._overlay.known(key)
        if held is not None:
            return held
        if self.reads >= self._max_reads:
            message = "This asks for too much that has to be read from the upstream first; ask for less at once."
            raise CatalogueError("TOO_MANY_READS", message)
        self.reads += 1
        return None

    def _used(self, held: Held[T]) -> T | None:
        """Note that the answer rests on something that was read through; return it.

        Raises:
            UpstreamError: it could not be had.
        """
        self.impurities += 1
        self.expires_clock = min(self.expires_clock, held.expires_clock)
        if held.value is None and held.error is not None:
            raise (self.catalogue.root_error or held.error).with_traceback(None)
        return held.value

    def _sound(self, held: Held[T]) -> T:
        value = self._used(held)
        assert value is not None
        return value
