"""The store in a file: who may write it, and what happens when it cannot be read or written."""

import hashlib
import logging
import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final, TypeVar

from filelock import FileLock, Timeout

from catalogue.pages import SavedPage
from catalogue.sqlite_file import BLAMED, SUFFIXES, code_of, is_ours, opened, reason, tables, written
from catalogue.sqlite_snapshot import PAGES, read, read_since, version_of, write
from catalogue.store import Save, Stored, StoreError, Version

logger = logging.getLogger(__name__)

ACCEPTED: Final = ".accept-shrinkage"
T = TypeVar("T")


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
            return read_since(database, since) or read(database)

        return self._read(work, Stored())

    def version(self) -> Version:
        """Return the version of the stored snapshot, whose number is 0 when there is none.

        Raises:
            StoreError: the file cannot be read.
        """
        return self._read(version_of, Version())

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
        self._write(lambda database: write(database, save))

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


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of its name."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
