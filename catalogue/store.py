"""The mirror's file: every record as JSON in SQLite, and which version of the catalogue they make.

Its methods block; the mirror calls them in a worker thread. Only the process that holds the lock writes.
"""

import hashlib
import logging
import sqlite3
import threading
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from upstream.records import Category, Grid, Package, Record, decode_hook

logger = logging.getLogger(__name__)

APPLICATION_ID: Final = 0x43474D31
MEMORY: Final = ":memory:"
BUSY_SECONDS: Final = 10
NOT_THE_FILE_S_FAULT: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
KINDS: Final[dict[str, type[Record]]] = {kind.resource: kind for kind in (Package, Grid, Category)}

SCHEMA: Final = f"""
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
BEGIN IMMEDIATE;
PRAGMA application_id = {APPLICATION_ID};
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, id INTEGER NOT NULL, payload BLOB NOT NULL, PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS version (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER, synced_at REAL);
INSERT OR IGNORE INTO version VALUES (1, 0, NULL);
COMMIT;
"""


class Version(msgspec.Struct, frozen=True):
    """Which version of the catalogue the records make; `synced_at` in Unix seconds, `None` before the first sync."""

    number: int = 0
    synced_at: float | None = None


class Store:
    """The records of one upstream.

    Args:
        folder: where its file is, made when missing; `:memory:` keeps everything in this process.
        upstream: the base URL; each upstream has a file of its own.

    Raises:
        OSError, sqlite3.Error: the folder cannot be used.
    """

    def __init__(self, folder: Path, upstream: str) -> None:
        self._guard = threading.Lock()
        self._file = MEMORY
        self._lock: FileLock | None = None
        if str(folder) != MEMORY:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"catalogue-{hashlib.sha256(upstream.encode()).hexdigest()[:12]}.sqlite3"
            self._file = str(path)
            self._lock = FileLock(path.with_suffix(".lock"), thread_local=False)
            with FileLock(path.with_suffix(".opening"), timeout=BUSY_SECONDS):
                self._db = self._opened()
        else:
            self._db = self._connected()

    def take_lock(self) -> bool:
        """Become the one process that syncs and writes, if no other is; say whether this one is."""
        if self._lock is None or self._lock.is_locked:
            return True
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        return True

    def version(self) -> Version:
        """Return the version that is stored."""
        with self._guard:
            row = self._db.execute("SELECT number, synced_at FROM version").fetchone()
        return Version(*row)

    def load(self) -> tuple[Version, list[Record]]:
        """Return everything; a record that no longer fits is left out, and read again by the next sync.

        Raises:
            sqlite3.Error: the file cannot be read, and another process syncs it.
        """
        decoders = {name: msgspec.json.Decoder(kind, dec_hook=decode_hook) for name, kind in KINDS.items()}
        with self._guard:
            try:
                number = self._db.execute("SELECT number, synced_at FROM version").fetchone()
                rows = self._db.execute("SELECT kind, payload FROM records").fetchall()
            except sqlite3.DatabaseError as error:
                self._db.close()
                self._db = self._anew(error)
                return Version(), []
        records: list[Record] = []
        for name, payload in rows:
            try:
                records.append(decoders[name].decode(payload))
            except (KeyError, TypeError, msgspec.MsgspecError):
                logger.warning("The mirror's file has a record of %s that does not fit; it is left out.", name)
        return Version(*number), records

    def save(
        self,
        records: Iterable[Record],
        dropped: Collection[tuple[type[Record], int]] = (),
        version: Version | None = None,
    ) -> bool:
        """Write records, drop others and set the version, all or nothing; say whether there is a file for it."""
        if self._file == MEMORY:
            return False
        encode = msgspec.json.Encoder(enc_hook=int).encode  # a link is its id
        rows = [(record.resource, record.id, encode(record)) for record in records]
        gone = [(kind.resource, key) for kind, key in dropped]
        with self._guard, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", rows)
            self._db.executemany("DELETE FROM records WHERE kind = ? AND id = ?", gone)
            if version is not None:
                values = (version.number, version.synced_at)
                self._db.execute("UPDATE version SET number = ?, synced_at = ?", values)
        return True

    def close(self) -> None:
        """Close the file and let another process have the lock."""
        with self._guard:
            self._db.close()
        if self._lock is not None:
            self._lock.release()

    def _opened(self) -> sqlite3.Connection:
        try:
            return self._connected()
        except sqlite3.DatabaseError as error:
            return self._anew(error)

    def _anew(self, error: sqlite3.DatabaseError) -> sqlite3.Connection:
        """Set the file aside if it is to blame, and begin another one."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_NOTADB)
        if code & 0xFF in NOT_THE_FILE_S_FAULT or not self.take_lock():
            raise error
        aside = f"{self._file}.set-aside-{time.time_ns()}"
        logger.warning("The mirror's file cannot be used (%s); it is set aside as %s.", error, Path(aside).name)
        for suffix in ("", "-wal", "-shm"):
            if Path(self._file + suffix).exists():
                Path(self._file + suffix).rename(aside + suffix)
        return self._connected()

    def _connected(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._file, timeout=BUSY_SECONDS, check_same_thread=False)
        try:
            owner = database.execute("PRAGMA application_id").fetchone()[0]
            tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if owner != APPLICATION_ID and tables:
                raise sqlite3.DatabaseError("it is another program's")
            if owner != APPLICATION_ID:
                database.executescript(SCHEMA)
            if database.execute("SELECT number, synced_at FROM version").fetchone() is None:
                raise sqlite3.DatabaseError("it has no version")
            database.execute("SELECT kind, id, payload FROM records LIMIT 1").fetchone()
        except BaseException:
            database.close()
            raise
        return database
