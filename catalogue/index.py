"""The records at hand, by id, by slug, and with every edge in both directions.

Lists are kept in their orders: a sorted list is made when it is first asked for, and then kept up by bisection, so that
one more record costs microseconds whatever the size of the catalogue.
"""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar, cast

import msgspec
from cachetools import LRUCache

from catalogue.filters import COLUMNS, ORDER_KEYS, Facet, PackageFilter, PackageOrder, facets, narrowed, values_of
from upstream.records import Category, Grid, Package, Participant, R, Record

T = TypeVar("T")

SMALL_SHARE: Final = 8
"""A selection smaller than this share of all is sorted anew, a larger one picked from the sorted list of all."""

MAX_SELECTIONS: Final = 64
"""Selections that are kept for their next page."""


class Table(Generic[R]):
    """The records of one kind, in the order in which they came; `rows` has them by id, to read only.

    Args:
        capacity: how many records to hold; the one that came first goes first. `None` holds all.
    """

    def __init__(self, capacity: int | None = None) -> None:
        self._capacity = capacity
        self.rows: dict[int, R] = {}
        self._ids: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows.values())

    def get(self, record_id: int) -> R | None:
        """Return the record with this id, if it is at hand."""
        return self.rows.get(record_id)

    def by_slug(self, slug: str) -> R | None:
        """Return the record with this slug, if it is at hand."""
        record_id = self._ids.get(slug)
        return None if record_id is None else self.rows[record_id]

    def put(self, record: R) -> None:
        """Take a record in, in place of the one with its id."""
        self.drop(record.id)
        self.rows[record.id] = record
        self._ids[record.slug] = record.id

    def drop(self, record_id: int) -> None:
        """Forget the record with this id, if it is at hand."""
        record = self.rows.pop(record_id, None)
        if record is not None and self._ids.get(record.slug) == record_id:
            del self._ids[record.slug]

    def surplus(self) -> R | None:
        """Return the record that has to go, if there are too many."""
        if self._capacity is None or len(self.rows) <= self._capacity:
            return None
        return next(iter(self))


class Sorted(Generic[T]):
    """Items in the order of their keys, which are unique."""

    def __init__(self, items: Iterable[T], key: Callable[[T], Any]) -> None:
        self.key = key
        self.items = sorted(items, key=key)

    def replace(self, known: T | None, item: T | None) -> None:
        """Put an item into its place, and take out the known one that it replaces."""
        if known is not None:
            place = bisect_left(self.items, self.key(known), key=self.key)
            if item is not None and self.key(item) == self.key(known):
                self.items[place] = item
                return
            del self.items[place]
        if item is not None:
            insort(self.items, item, key=self.key)


class Index:
    """All records at hand. `revision` counts the changes to what they say.

    Args:
        capacity: how many records of one kind to hold; `None` holds all.
    """

    def __init__(self, capacity: int | None = None) -> None:
        self.packages: Table[Package] = Table(capacity)
        self.grids: Table[Grid] = Table(capacity)
        self.categories: Table[Category] = Table(capacity)
        self.revision = 0
        self._tables: dict[type[Record], Table[Any]] = {
            Package: self.packages,
            Grid: self.grids,
            Category: self.categories,
        }
        self._having: dict[Facet, set[int]] = {}
        self._participants: dict[str, Participant] = {}
        self._columns: dict[str, dict[int, Any]] = {"updated": {}, "created": {}, "text": {}}
        self._orders: dict[PackageOrder | None, Sorted[Package]] = {}
        self._by_packages: Sorted[Participant] | None = None
        self._selected: LRUCache[Hashable, list[Package]] = LRUCache(MAX_SELECTIONS)
        self._selected_at = 0
        self._by_login: Sorted[Participant] | None = None

    def table(self, kind: type[R]) -> Table[R]:
        """Return the records of one kind."""
        return cast("Table[R]", self._tables[kind])

    def put(self, record: Record) -> bool:
        """Take a record in; say whether it says something new."""
        table = self._tables[type(record)]
        known = table.get(record.id)
        is_news = known is None or msgspec.structs.replace(record, fetched_at=known.fetched_at) != known
        if isinstance(record, Package):
            self._replace(cast("Package | None", known), record)
        table.put(record)
        self.revision += is_news
        surplus = table.surplus()
        if surplus is not None:
            self.drop(type(surplus), surplus.id)
        return is_news

    def drop(self, kind: type[Record], record_id: int) -> None:
        """Forget a record."""
        known = self._tables[kind].get(record_id)
        if known is None:
            return
        if isinstance(known, Package):
            self._unlink(known)
        self._tables[kind].drop(record_id)
        self.revision += 1

    # Participants

    @property
    def participant_count(self) -> int:
        """How many participants there are, whatever the case of their logins."""
        return len(self._participants)

    def participant(self, login: str) -> Participant | None:
        """Return the participant with this login, in whatever case."""
        return self._participants.get(login.casefold())

    def package_count(self, participant: Participant) -> int:
        """Return how many packages a participant took part in."""
        return len(self.having(_facet_of(participant)))

    def participants(self) -> Sequence[Participant]:
        """Return all participants, those in most packages first, then by login."""
        if self._by_packages is None:
            self._by_packages = Sorted(self._participants.values(), partial(_participant_key, self._having))
        return self._by_packages.items

    def participant_key(self, participant: Participant) -> tuple[int, str]:
        """Return a participant's place among all."""
        return _participant_key(self._having, participant)

    def by_login(self) -> Sequence[Participant]:
        """Return all participants by login."""
        if self._by_login is None:
            self._by_login = Sorted(self._participants.values(), _login_key)
        return self._by_login.items

    def collaborators(self, participant: Participant) -> Counter[str]:
        """Return with whom a participant shares how many packages, by case-folded login."""
        own = participant.login.casefold()
        shared = Counter(
            login
            for key in self.having(_facet_of(participant))
            for login in {login.casefold() for login in self.packages.rows[key].participants}
        )
        del shared[own]
        return shared

    # Selections

    def having(self, facet: Facet) -> set[int]:
        """Return the ids of the packages that have a facet, to read only."""
        return self._having.get(facet, set())

    def select(self, wanted: PackageFilter, having: Collection[Facet], order: PackageOrder | None) -> list[Package]:
        """Return the packages that have all facets and pass the filter's other conditions, in ascending order.

        What was selected last is kept until something changes: who asks for one page asks for the next. The list is to
        be read only.
        """
        if self._selected_at != self.revision:
            self._selected.clear()
            self._selected_at = self.revision
        key = order, frozenset(having), tuple(vars(wanted).values())
        found = self._selected.get(key)
        if found is None:
            found = self._selected[key] = self._select(wanted, having, order)
        return found

    def _select(self, wanted: PackageFilter, having: Collection[Facet], order: PackageOrder | None) -> list[Package]:
        rows = self._order(order).items
        if having:
            ids = set.intersection(*sorted(map(self.having, having), key=len))
            if len(ids) * SMALL_SHARE < len(rows):
                rows = sorted(map(self.packages.rows.__getitem__, ids), key=ORDER_KEYS[order])
            else:
                rows = [row for row in rows if row.id in ids]
        return narrowed(rows, wanted, self._values)

    def prepare(self) -> None:
        """Make all sorted lists, which are made when they are asked for else."""
        for order in ORDER_KEYS:
            self._order(order)
        self.participants()
        self.by_login()

    def _values(self, column: str, rows: list[Package]) -> Iterable[Any]:
        known = self._columns.get(column)
        return values_of(column, rows) if known is None else map(known.__getitem__, map(attrgetter("id"), rows))

    def _order(self, order: PackageOrder | None) -> Sorted[Package]:
        if order not in self._orders:
            self._orders[order] = Sorted(self.packages, ORDER_KEYS[order])
        return self._orders[order]

    def _replace(self, known: Package | None, record: Package) -> None:
        for name, column in self._columns.items():
            column[record.id] = COLUMNS[name](record)
        for order in self._orders.values():
            order.replace(known, record)
        for login in record.participants:
            self._enter(login)
        before, after = set(facets(known)) if known else set(), set(facets(record))
        self._recount(record.id, before - after, after - before)

    def _unlink(self, known: Package) -> None:
        for order in self._orders.values():
            order.replace(known, None)
        for column in self._columns.values():
            del column[known.id]
        self._recount(known.id, set(facets(known)), set())

    def _recount(self, key: int, lost: set[Facet], gained: set[Facet]) -> None:
        """Change the facets of a package, and with them the places of its participants."""
        moved = [cast(str, login) for name, login in lost | gained if name == "participant"]
        if self._by_packages is not None:
            for login in filter(self._has_packages, moved):
                self._by_packages.replace(self._participants[login], None)
        for facet in lost:
            self._discard(key, facet)
        for facet in gained:
            self._having.setdefault(facet, set()).add(key)
        if self._by_packages is not None:
            for login in filter(self._has_packages, moved):
                self._by_packages.replace(None, self._participants[login])

    def _enter(self, login: str) -> None:
        if login.casefold() not in self._participants:
            participant = self._participants[login.casefold()] = Participant(login)
            if self._by_login is not None:
                self._by_login.replace(None, participant)

    def _has_packages(self, login: str) -> bool:
        return ("participant", login) in self._having

    def _discard(self, key: int, facet: Facet) -> None:
        ids = self._having[facet]
        ids.discard(key)
        if not ids:
            del self._having[facet]
            name, value = facet
            if name == "participant":
                participant = self._participants.pop(cast(str, value))
                if self._by_login is not None:
                    self._by_login.replace(participant, None)


def _facet_of(participant: Participant) -> Facet:
    return "participant", participant.login.casefold()


def _login_key(participant: Participant) -> str:
    return participant.login.casefold()


def _participant_key(having: dict[Facet, set[int]], participant: Participant) -> tuple[int, str]:
    # No method of the index: that would be a cycle, and an index must be gone as soon as another takes its place.
    return -len(having.get(_facet_of(participant), ())), participant.login.casefold()
