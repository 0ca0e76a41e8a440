"""A snapshot as rows in SQLite: every record as JSON, which snapshot they make, and what the last ones changed."""

import logging
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

import msgspec

from catalogue.changes import ChangeSet
from catalogue.payloads import decoded, encode
from catalogue.sqlite_file import is_ours, tables
from catalogue.store import Save, Stored, StoreError, Version
from catalogue.turns import unhurried
from upstream import Record
from upstream.kinds import KINDS

logger = logging.getLogger(__name__)

FORMAT: Final = 2
"""What `PRAGMA user_version` says of a file in this layout."""

MAX_CHANGED: Final = 1000
"""Changed records that are looked up one by one; where there are more, all are read."""

PAGES: Final = "CREATE TABLE IF NOT EXISTS pages (resource TEXT, start INTEGER, size INTEGER, read_at REAL, body BLOB)"
LAYOUT: Final = (
    f"PRAGMA user_version = {FORMAT}",
    "CREATE TABLE records (kind TEXT, id INTEGER, payload BLOB NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID",
    "CREATE TABLE version (one INTEGER PRIMARY KEY, number INTEGER NOT NULL, synced_at REAL NOT NULL)",
    "CREATE TABLE change_sets (number INTEGER PRIMARY KEY, payload BLOB NOT NULL)",
    PAGES,
)

_CHANGE_SET: Final = msgspec.json.Decoder(ChangeSet)


def _format(database: sqlite3.Connection) -> int:
    (number,) = database.execute("PRAGMA user_version").fetchone()
    return int(number)


def version_of(database: sqlite3.Connection) -> Version:
    """Return the version of the stored snapshot, which older layouts have under the same names."""
    row = None
    if is_ours(database) and "version" in tables(database):
        row = database.execute("SELECT number, synced_at FROM version").fetchone()
    number, synced_at = row or (0, None)
    return Version(int(number), datetime.fromtimestamp(synced_at, UTC)) if number and synced_at else Version()


def read(database: sqlite3.Connection) -> Stored:
    """Return what is stored; what does not fit is left out, and makes the rest incomplete.

    Raises:
        StoreError: the file is another program's.
    """
    if not is_ours(database):
        raise StoreError("The file in the folder is another program's.")
    version = version_of(database)
    if version.read_at is None:
        return Stored()
    records, misfits = _records(database)
    is_whole = not misfits and _format(database) == FORMAT
    if misfits:
        logger.warning("%d records of the stored snapshot do not fit and are left out: %s …", len(misfits), misfits[0])
    rows = database.execute("SELECT payload FROM change_sets ORDER BY number") if is_whole else ()
    return Stored(
        version=version,
        records=records,
        is_whole=is_whole,
        change_sets=tuple(_CHANGE_SET.decode(payload) for (payload,) in rows),
    )


def read_since(database: sqlite3.Connection, since: int) -> Stored | None:
    """Return what came after a whole snapshot; `None` where that is not known, or is more than a few records."""
    version = version_of(database) if since else Version()
    if version.read_at is None or _format(database) != FORMAT:
        return None
    rows = database.execute("SELECT payload FROM change_sets WHERE number > ? ORDER BY number", (since,))
    later = tuple(_CHANGE_SET.decode(payload) for (payload,) in rows)
    if (later[0].before if later else version.number) != since:
        return None
    changed = {(each.resource, each.id) for changes in later for each in changes.changes}
    if len(changed) > MAX_CHANGED:
        return None
    query = "SELECT kind, id, payload FROM records WHERE kind = ? AND id = ?"
    found = [row for key in changed for row in database.execute(query, key)]
    records, misfits = decoded(found)
    if misfits:
        return None
    gone = changed.difference((name, key) for name, key, _ in found)
    return Stored(
        version=version,
        base=since,
        records=records,
        gone=[(KINDS[name].record, key) for name, key in gone],
        is_whole=True,
        change_sets=later,
    )


def _records(database: sqlite3.Connection) -> tuple[list[Record], list[str]]:
    """Return the records that fit, and what is wrong with the others."""
    return decoded(database.execute("SELECT kind, id, payload FROM records"))


def write(database: sqlite3.Connection, save: Save) -> None:
    """Write a snapshot: what changed, or everything where the file does not hold the one before; forget the pages."""

    def put(records: Iterable[Record]) -> None:
        rows = ((record.resource, record.id, encode(record)) for record in unhurried(records))
        database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)

    is_current = _format(database) == FORMAT
    if is_current and version_of(database).number == save.base:
        put(save.changed)
        gone = ((kind.resource, key) for kind, key in save.gone)
        database.executemany("DELETE FROM records WHERE kind = ? AND id = ?", gone)
    else:
        for table in tables(database):
            database.execute(f'DROP TABLE "{table}"')
        for statement in LAYOUT:
            database.execute(statement)
        put(save.everything())
    kept = [each.number for each in save.change_sets]
    database.execute("DELETE FROM change_sets WHERE number < ?", (min(kept, default=save.version.number + 1),))
    known = {number for (number,) in database.execute("SELECT number FROM change_sets")}
    new = ((each.number, encode(each)) for each in save.change_sets if each.number not in known)
    database.executemany("INSERT INTO change_sets VALUES (?, ?)", new)
    database.execute("DELETE FROM pages")
    number, read_at = save.version
    assert read_at is not None
    database.execute("INSERT OR REPLACE INTO version VALUES (1, ?, ?)", (number, read_at.timestamp()))
