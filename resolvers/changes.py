"""What changed from one snapshot to another."""

import re
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from msgspec import Struct

from catalogue import Index
from catalogue.changes import Change, ChangeKind
from loaders import RequestContext
from resolvers.connections import Connection, PageArguments, paginate
from upstream import KINDS, BadInputError, Record
from upstream.records import global_id

NUMBER: Final = re.compile(r"[0-9]{1,18}")


class ChangedRecord(Struct, frozen=True, eq=False):
    """A record that was added, changed or removed; `record` is as it is now."""

    change: Change
    record: Record | None

    @property
    def kind(self) -> ChangeKind:
        """What happened."""
        return self.change.kind

    @property
    def type_name(self) -> str:
        """The record's type in the schema."""
        return KINDS[self.change.resource].name

    @property
    def id(self) -> int:
        """The record's id."""
        return self.change.id

    @property
    def node_id(self) -> str:
        """The record's global id."""
        return global_id(self.type_name, self.change.id)

    @property
    def slug(self) -> str:
        """The record's slug."""
        return self.change.slug

    @property
    def fields(self) -> list[str]:
        """The names of what changed, as the schema has them."""
        return [_camel(name) for name in self.change.fields]


class ChangeConnection(Connection, frozen=True, eq=False):
    """A page of changes, and the number of the snapshot up to which they go."""

    version: str


async def changes(
    roots: Sequence[None], context: RequestContext, since: str, **arguments: Any
) -> list[ChangeConnection]:
    """Answer `changes`."""
    wanted = PageArguments(**arguments)
    start = version_number(since)
    index = await context.whole()
    number = context.snapshot.number
    found = await context.snapshot.changes.since(start, number)

    node = partial(changed_record, index)
    page = paginate(found, wanted, lambda change: change.place, node, order="changes")
    answer = ChangeConnection(page.items, page.edge, page.node, page.more, page.total_count, str(number))
    return [answer for _ in roots]


def version_number(since: str) -> int:
    """Return the number of the snapshot that an argument `since` names. Raises `BadInputError`."""
    if not NUMBER.fullmatch(since):
        raise BadInputError("'since' must be a `version` of the catalogue.", argument="since")
    return int(since)


def changed_record(index: Index, change: Change) -> ChangedRecord:
    """Return a change with its record, as an index has it now."""
    return ChangedRecord(change, index.table(KINDS[change.resource].record).get(change.id))


def _camel(name: str) -> str:
    return re.sub("_([a-z0-9])", lambda match: match[1].upper(), name)
