"""The mirror's file: what else may be in its place, and who may write it."""

import logging
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from catalogue.store import Store, Version
from tests import rows
from upstream import Category, Grid, Package, Record
from upstream.records import decode_hook

URL = "http://x/api/v4/"
VERSION = Version(7, 1_700_000_000.5)


def records() -> list[Record]:
    packages = [convert(rows.package(key), Package) for key in range(1, 400)]
    return [*packages, convert(rows.grid(1, packages=[1, 2]), Grid), convert(rows.category(1), Category)]


def convert(row: rows.Row, kind: type[Record]) -> Record:
    return msgspec.convert(row | {"fetched_at": 1_700_000_000.25}, kind, dec_hook=decode_hook)


def file_of(folder: Path) -> Path:
    """Return where the file is, or would be."""
    store = Store(folder, URL)
    store.close()
    return next(folder.glob("*.sqlite3"))


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """The file with some records."""
    store = Store(tmp_path, URL)
    store.save(records(), version=VERSION)
    store.close()
    return file_of(tmp_path)


def test_records_come_back_as_they_were(stored: Path) -> None:
    store = Store(stored.parent, URL)
    version, found = store.load()
    assert version == VERSION == store.version()
    assert sorted(found, key=repr) == sorted(records(), key=repr)
    store.close()


def test_a_save_is_all_or_nothing(stored: Path) -> None:
    store = Store(stored.parent, URL)
    store.save([convert(rows.package(1, title="New"), Package)], {(Package, 2)}, Version(8, 1.0))
    bad = convert(rows.package(3), Package)
    with pytest.raises(sqlite3.Error):
        store.save([bad], [(Package, object())], Version(9, 2.0))  # type: ignore[list-item]
    store.close()
    store = Store(stored.parent, URL)
    version, found = store.load()
    packages = {record.id: record.title for record in found if isinstance(record, Package)}
    assert (version, packages[1], 2 in packages) == (Version(8, 1.0), "New", False)
    store.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"\x00\xffnot a database" * 1000)


def text(path: Path) -> None:
    path.write_text("Shopping list")


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def cut_to_its_header(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


def overwritten_in_the_middle(path: Path) -> None:
    body = bytearray(path.read_bytes())
    body[5000:-5000] = b"\xa5" * (len(body) - 10_000)
    path.write_bytes(body)


def another_program_s(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE moz_places (url)")
        database.execute("INSERT INTO moz_places VALUES ('http://x/')")
    database.close()


def another_layout(path: Path) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("DROP TABLE records")
    database.execute("CREATE TABLE records (x)")
    database.close()


def without_a_version(path: Path) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("DELETE FROM version")
    database.close()


@pytest.mark.parametrize(
    "spoil",
    [
        garbage,
        text,
        truncated,
        cut_to_its_header,
        overwritten_in_the_middle,
        another_program_s,
        another_layout,
        without_a_version,
    ],
)
def test_what_is_no_file_of_ours_is_set_aside_and_not_harmed(
    stored: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    spoil(stored)
    before = stored.read_bytes()
    store = Store(stored.parent, URL)
    assert store.load() == (Version(), [])
    store.save(records(), version=VERSION)
    store.close()
    assert [path.read_bytes() for path in stored.parent.glob("*.set-aside-*[0-9]")] == [before]
    assert "set aside" in caplog.text
    store = Store(stored.parent, URL)
    assert store.load()[0] == VERSION
    store.close()


def test_another_program_s_journal_goes_with_its_file(stored: Path) -> None:
    stored.unlink()
    other = sqlite3.connect(stored, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE notes (text)")
    other.execute("INSERT INTO notes VALUES ('kept')")
    Store(stored.parent, URL).close()
    (aside,) = stored.parent.glob("*.set-aside-*[0-9]")
    with sqlite3.connect(aside) as moved:
        assert moved.execute("SELECT text FROM notes").fetchall() == [("kept",)]
    moved.close()
    other.close()


def test_an_empty_file_is_filled(stored: Path, caplog: pytest.LogCaptureFixture) -> None:
    stored.write_bytes(b"")
    store = Store(stored.parent, URL)
    assert store.load() == (Version(), [])
    store.close()
    assert caplog.text == ""


def test_a_record_that_no_longer_fits_is_left_out_alone(stored: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = sqlite3.connect(stored, isolation_level=None)
    for key, payload in ((1, b"{}"), (2, b"\xff"), (3, b'{"id": 3'), (4, 5)):
        database.execute("UPDATE records SET payload = ? WHERE kind = 'packages' AND id = ?", (payload, key))
    database.execute("INSERT INTO records VALUES ('unicorns', 1, x'7b7d')")
    database.close()
    store = Store(stored.parent, URL)
    _, found = store.load()
    assert {record.id for record in found if isinstance(record, Package)} == set(range(5, 400))
    assert caplog.text.count("left out") == 5
    store.close()


def test_a_file_that_is_busy_is_not_set_aside(
    stored: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("catalogue.store.BUSY_SECONDS", 0.01)
    stored.unlink()
    other = sqlite3.connect(stored, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError):
        Store(stored.parent, URL)
    other.close()
    assert list(stored.parent.glob("*.set-aside-*")) == []


def test_a_folder_in_the_file_s_place_is_left_alone(stored: Path) -> None:
    stored.unlink()
    stored.mkdir()
    with pytest.raises(sqlite3.OperationalError):
        Store(stored.parent, URL)


def test_what_another_process_syncs_is_not_set_aside(stored: Path) -> None:
    leader = Store(stored.parent, URL)
    assert leader.take_lock()
    follower = Store(stored.parent, URL)
    for suffix in ("-wal", "-shm"):
        Path(f"{stored}{suffix}").unlink()
    overwritten_in_the_middle(stored)
    with pytest.raises(sqlite3.DatabaseError):
        follower.load()
    assert list(stored.parent.glob("*.set-aside-*")) == []
    leader.close()
    follower.close()


def test_one_holds_the_lock_until_it_closes(tmp_path: Path) -> None:
    first, second = Store(tmp_path, URL), Store(tmp_path, URL)
    assert [first.take_lock(), first.take_lock(), second.take_lock()] == [True, True, False]
    first.close()
    assert second.take_lock()
    second.close()


def test_a_process_that_is_killed_loses_the_lock(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from catalogue.store import Store\n"
        f"store = Store(Path(sys.argv[1]), {URL!r}); print(store.take_lock(), flush=True); sys.stdin.read()\n"
    )
    store = Store(tmp_path, URL)
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not store.take_lock()
        other.kill()
    assert store.take_lock()
    store.close()


def test_memory_is_kept_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store = Store(Path(":memory:"), URL)
    assert store.take_lock()
    store.save(records(), version=VERSION)
    assert store.load() == (Version(), [])
    store.close()
    assert caplog.text == ""
