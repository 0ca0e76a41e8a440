"""The store in a file: every record as JSON in SQLite, which snapshot they make, and what the last ones changed."""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from filelock import FileLock, Timeout

from catalogue.changes import ChangeSet
from catalogue.pages import SavedPage
from catalogue.sqlite_file import BLAMED, SUFFIXES, code_of, is_ours, opened, reason, tables, written
from catalogue.store import Save, Stored, StoreError, Version
from upstream import Record
from upstream.kinds import KINDS
from upstream.records import decode_hook

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
ACCEPTED: Final = ".accept-shrinkage"
T = TypeVar("T")

_CHANGE_SET: Final = msgspec.json.Decoder(ChangeSet)


class SQLiteStore:
    """A file in SQLite, one for each upstream.

    It is opened for each call anew: whatever happens to the folder meanwhile, the next call sees what is there. Nothing
    is made before the first write. A file in another layout stays as it is until a snapshot takes its place; one that
    is corrupt, or another program's, is set aside then.

    Args:
        folder: where its file, `path`, is.
        upstream: the base URL.
    """

    is_lasting = True

    def __init__(self, folder: Path, upstream: str) -> None:
        self.path = folder / f"catalogue-{hashlib.sha256(upstream.encode()).hexdigest()[:12]}.sqlite3"
        self._lock_path = self.path.with_suffix(".lock")
        self._lock = FileLock(self._lock_path, thread_local=False)
        self._locked: tuple[int, int] | None = None

    def load(self, since: int = 0) -> Stored:
        """Return what is stored; what does not fit is left out, and makes the rest incomplete.

        Args:
            since: the number of a whole snapshot; where it is known what came after, that alone is returned.

        Raises:
            StoreError: the file cannot be read, or is none of ours.
        """

        def work(database: sqlite3.Connection) -> Stored:
            database.execute("BEGIN")  # all that is read is of one snapshot
            return _stored_since(database, since) or _stored(database)

        return self._read(work, Stored())

    def version(self) -> Version:
        """Return the version of the stored snapshot, whose number is 0 when there is none.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._read(_version, Version())

    def lead(self) -> bool:
        """Take the lock, or make sure that it is still there.

        Raises:
            StoreError: the folder cannot be written.
        """
        try:
            if self._lock.is_locked:
                if _identity(self._lock_path) == self._locked:
                    return True
                self._lock.release()  # the folder was removed: what is held is the lock of nothing
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(blocking=False)
            self._locked = _identity(self._lock_path)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as error:
            raise StoreError(f"The folder {self.path.parent} cannot be written ({reason(error)}).") from error
        return True

    def save(self, save: Save) -> None:
        """Store a snapshot, all or nothing, and forget the pages.

        Raises:
            StoreError: the file cannot be written; it stays as it was.
        """
        self._write(lambda database: _save(database, save))

    def save_page(self, page: SavedPage) -> None:
        """Keep a page of a crawl that is under way.

        Raises:
            StoreError: the file cannot be written.
        """

        def work(database: sqlite3.Connection) -> None:
            database.execute(PAGES)
            values = (page.resource, page.offset, page.limit, page.read_at, page.body)
            database.execute("INSERT INTO pages VALUES (?, ?, ?, ?, ?)", values)

        self._write(work)

    def pages(self) -> list[SavedPage]:
        """Return the pages of the crawl that was cut off.

        Raises:
            StoreError: the file cannot be read.
        """

        def work(database: sqlite3.Connection) -> list[SavedPage]:
            if not is_ours(database) or "pages" not in tables(database):
                return []
            return [SavedPage(*row) for row in database.execute("SELECT * FROM pages ORDER BY rowid")]

        return self._read(work, [])

    def forget_pages(self) -> None:
        """Forget them.

        Raises:
            StoreError: the file cannot be written.
        """
        if self.pages():
            self._write(lambda database: database.execute("DELETE FROM pages"))

    def accept_shrinkage(self) -> None:
        """Tell the process that leads to believe its next crawl, however much that lacks.

        Raises:
            StoreError: the folder cannot be written.
        """
        try:
            self.path.with_suffix(ACCEPTED).touch()
        except OSError as error:
            raise StoreError(f"The folder {self.path.parent} cannot be written ({reason(error)}).") from error

    def take_shrinkage(self) -> bool:
        """Say whether this process was told so since it was last asked.

        Raises:
            StoreError: the folder cannot be written.
        """
        try:
            self.path.with_suffix(ACCEPTED).unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StoreError(f"The folder {self.path.parent} cannot be written ({reason(error)}).") from error
        return True

    def close(self) -> None:
        """Let another process lead."""
        self._lock.release()

    def _read(self, work: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        if not self.path.exists():
            return nothing
        try:
            with ExitStack() as stack:
                return work(stack.enter_context(closing(opened(self.path, stack))))
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The file {self.path} cannot be read ({reason(error)}).") from error

    def _write(self, work: Callable[[sqlite3.Connection], object]) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            try:
                written(self.path, work)
            except sqlite3.DatabaseError as error:
                if code_of(error) not in BLAMED:
                    raise
                self._set_aside(error)
                written(self.path, work)
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"The file {self.path} cannot be written ({reason(error)}).") from error

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        aside = f"{self.path}.set-aside-{time.time_ns()}"
        logger.warning("The file %s cannot be used (%s); it is set aside as %s.", self.path, error, Path(aside).name)
        for suffix in SUFFIXES:
            path = Path(f"{self.path}{suffix}")
            if path.exists():
                path.rename(aside + suffix)


def _format(database: sqlite3.Connection) -> int:
    (number,) = database.execute("PRAGMA user_version").fetchone()
    return int(number)


def _version(database: sqlite3.Connection) -> Version:
    """Return the version of the stored snapshot, which older layouts have under the same names."""
    row = None
    if is_ours(database) and "version" in tables(database):
        row = database.execute("SELECT number, synced_at FROM version").fetchone()
    number, synced_at = row or (0, None)
    return Version(int(number), datetime.fromtimestamp(synced_at, UTC)) if number and synced_at else Version()


def _stored(database: sqlite3.Connection) -> Stored:
    if not is_ours(database):
        raise StoreError("The file in the folder is another program's.")
    version = _version(database)
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


def _stored_since(database: sqlite3.Connection, since: int) -> Stored | None:
    """Return what came after a whole snapshot; `None` where that is not known, or is more than a few records."""
    version = _version(database) if since else Version()
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
    records, misfits = _decoded(found)
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
    return _decoded(database.execute("SELECT kind, id, payload FROM records"))


def _decoded(rows: Iterable[tuple[str, int, bytes]]) -> tuple[list[Record], list[str]]:
    decoders = {name: msgspec.json.Decoder(kind.record, dec_hook=decode_hook) for name, kind in KINDS.items()}
    records: list[Record] = []
    misfits: list[str] = []
    for name, key, payload in rows:
        try:
            records.append(decoders[name].decode(payload))
        except (KeyError, TypeError, ValueError) as error:
            misfits.append(f"{name}/{key} ({error})")
    return records, misfits


def _save(database: sqlite3.Connection, save: Save) -> None:
    encode = msgspec.json.Encoder(enc_hook=int).encode  # a link is its id

    def put(records: Iterable[Record]) -> None:
        rows = ((record.resource, record.id, encode(record)) for record in records)
        database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)

    is_current = _format(database) == FORMAT
    if is_current and _version(database).number == save.base:
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


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of its name."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
