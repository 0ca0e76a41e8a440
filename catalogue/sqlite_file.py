"""A file in SQLite: how it is opened whatever the folder is like, and changed all or nothing."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

APPLICATION_ID: Final = 0x43474D31
BUSY_SECONDS: Final = {"rw": 3.0, "rwc": 10.0}
"""How long whoever reads, or writes, waits for another program that has the file to itself."""

SUFFIXES: Final = ("", "-journal", "-wal", "-shm")
BLAMED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB}
"""Failures that are the file's fault, and not that of the disk, the folder or of who else has it open."""


def opened(path: Path, stack: ExitStack) -> sqlite3.Connection:
    """Open a file to read it. SQLite does not read in a folder that it cannot write what it may have to mend first."""
    try:
        return _connected(path, "rw")
    except sqlite3.OperationalError as error:
        if code_of(error) not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
            raise
        copy = Path(stack.enter_context(TemporaryDirectory())) / path.name
        for suffix in SUFFIXES:
            if Path(f"{path}{suffix}").exists():
                shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
        return _connected(copy, "rw")


def written(path: Path, work: Callable[[sqlite3.Connection], object]) -> None:
    """Do something to a file in one transaction."""
    with closing(_connected(path, "rwc")) as database:
        if not is_ours(database):
            raise sqlite3.NotSupportedError("it is another program's")
        database.execute("PRAGMA journal_mode = DELETE")  # files of older releases have another one
        database.execute("BEGIN IMMEDIATE")
        try:
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            work(database)
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    database = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=BUSY_SECONDS[mode], isolation_level=None
    )
    try:
        tables(database)  # nothing is opened before something is asked
    except BaseException:
        database.close()
        raise
    return database


def tables(database: sqlite3.Connection) -> set[str]:
    """Return the names of the tables."""
    return {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def is_ours(database: sqlite3.Connection) -> bool:
    """Whether a file is empty, or says that it is the gateway's."""
    (owner,) = database.execute("PRAGMA application_id").fetchone()
    return owner == APPLICATION_ID or not tables(database)


def code_of(error: sqlite3.Error) -> int:
    """Return SQLite's code, without what extends it."""
    if isinstance(error, sqlite3.NotSupportedError):  # our own complaint
        return sqlite3.SQLITE_NOTADB
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_MISUSE) & 0xFF


def reason(error: Exception) -> str:
    """Return the words of an error, for people."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error) or type(error).__name__
