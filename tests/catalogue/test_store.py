"""The mirror's file: what else may be in its place, and who may write it."""

import logging
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from catalogue.changes import Change, ChangeKind, ChangeSet
from catalogue.pages import SavedPage
from catalogue.sqlite_store import SQLiteStore
from catalogue.store import MemoryStore, Save, Store, Stored, StoreError, Version
from tests import rows
from upstream import Category, Grid, Package, Record
from upstream.records import decode_hook

ROOT = Path(__file__).parents[2]
URL = "http://x/api/v4/"
VERSION = Version(7, datetime.fromtimestamp(1_700_000_000.5, UTC))
CHANGES = (ChangeSet(6, 7, (Change("packages", 1, "package-1", ChangeKind.CHANGED, ("title",)),)),)
PAGE = SavedPage("packages", 0, 100, 1_700_000_000.25, b"{}")


def records() -> list[Record]:
    packages = [convert(rows.package(key), Package) for key in range(1, 400)]
    return [*packages, convert(rows.grid(1, packages=[1, 2]), Grid), convert(rows.category(1), Category)]


def convert(row: rows.Row, kind: type[Record]) -> Record:
    return msgspec.convert(row, kind, dec_hook=decode_hook)


def save(
    store: Store,
    everything: Iterable[Record],
    *,
    version: Version = VERSION,
    base: int = 0,
    changed: Collection[Record] = (),
    gone: Collection[tuple[type[Record], int]] = (),
    change_sets: tuple[ChangeSet, ...] = CHANGES,
) -> None:
    store.save(
        Save(
            version=version,
            base=base,
            changed=changed,
            gone=gone,
            everything=lambda: everything,
            change_sets=change_sets,
        )
    )


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """The file with some records."""
    save(SQLiteStore(tmp_path, URL), records(), base=-1)
    (file,) = tmp_path.glob("*.sqlite3")
    return file


def test_a_snapshot_comes_back_as_it_was(stored: Path) -> None:
    store = SQLiteStore(stored.parent, URL)
    found = store.load()
    assert found.version == VERSION == store.version()
    assert (found.is_whole, found.change_sets) == (True, CHANGES)
    assert sorted(found.records, key=repr) == sorted(records(), key=repr)


def test_what_came_after_a_snapshot_comes_alone(stored: Path) -> None:
    store = SQLiteStore(stored.parent, URL)
    new, kept = convert(rows.package(1, title="New"), Package), records()[1:]
    later = ChangeSet(7, 8, (Change("packages", 2, "package-2", ChangeKind.REMOVED),))
    version = Version(8, VERSION.read_at)
    save(
        store,
        [new, *kept],
        version=version,
        base=7,
        changed=[new],
        gone=[(Package, 2)],
        change_sets=(*CHANGES, later),
    )
    found = store.load(6)
    assert (found.version, found.base, found.records, found.gone) == (version, 6, [new], [(Package, 2)])
    assert found.change_sets == (*CHANGES, later)
    assert store.load(7).records == []
    assert len(store.load(5).records) == len(store.load().records) == 400, "it is not known what changed since then"


def test_where_nothing_came_after_nothing_comes(stored: Path) -> None:
    found = SQLiteStore(stored.parent, URL).load(7)
    assert (found.version, found.base, found.records, found.is_whole) == (VERSION, 7, [], True)


def test_nothing_is_made_before_the_first_write(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "folder", URL)
    assert store.load() == Stored()
    assert store.version() == Version()
    assert store.pages() == []
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_what_changed_is_written_where_the_file_has_what_it_changed_from(stored: Path) -> None:
    store = SQLiteStore(stored.parent, URL)
    new = convert(rows.package(1, title="New"), Package)
    save(store, [], version=VERSION._replace(number=8), base=7, changed=[new], gone={(Package, 2)})
    packages = {record.id: record.title for record in store.load().records if isinstance(record, Package)}
    assert (len(packages), packages[1], 2 in packages) == (398, "New", False)


def test_everything_is_written_where_it_has_not(stored: Path) -> None:
    store = SQLiteStore(stored.parent, URL)
    new = convert(rows.package(1, title="New"), Package)
    save(store, [new], version=VERSION._replace(number=9), base=8, changed=[])
    assert store.load().records == [new]


def test_a_save_is_all_or_nothing(stored: Path) -> None:
    store = SQLiteStore(stored.parent, URL)
    with pytest.raises(StoreError):
        save(store, [], version=VERSION._replace(number=9), base=7, gone=[(Package, object())])  # type: ignore[list-item]
    assert store.load().version == VERSION
    assert len(store.load().records) == 401


@pytest.mark.parametrize("kind", [SQLiteStore, MemoryStore])
def test_pages_are_kept_until_a_snapshot_is_saved(tmp_path: Path, kind: type[SQLiteStore | MemoryStore]) -> None:
    store = SQLiteStore(tmp_path, URL) if kind is SQLiteStore else MemoryStore()
    for number in range(3):
        store.save_page(msgspec.structs.replace(PAGE, offset=number))
    assert [page.offset for page in store.pages()] == [0, 1, 2]
    assert store.load() == Stored()
    store.forget_pages()
    assert store.pages() == []
    store.save_page(PAGE)
    save(store, records())
    assert store.pages() == []


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


@pytest.mark.parametrize(
    "spoil",
    [garbage, text, truncated, cut_to_its_header, overwritten_in_the_middle, another_program_s],
)
def test_what_is_no_file_of_ours_is_set_aside_by_the_next_snapshot_and_not_harmed(
    stored: Path, spoil: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    spoil(stored)
    before = stored.read_bytes()
    store = SQLiteStore(stored.parent, URL)
    with pytest.raises(StoreError):
        store.load()
    assert stored.read_bytes() == before
    save(store, records(), version=VERSION._replace(number=8), base=7)
    assert [path.read_bytes() for path in stored.parent.glob("*.set-aside-*[0-9]")] == [before]
    assert "set aside" in caplog.text
    assert len(store.load().records) == 401


def another_layout(path: Path) -> None:
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA user_version = 1")
    database.execute("DROP TABLE change_sets")
    database.execute("CREATE TABLE older (x)")
    database.execute("UPDATE records SET payload = '{}' WHERE id > 300")
    database.close()


def test_a_file_of_another_format_gives_what_fits_and_stays_until_a_snapshot_takes_its_place(stored: Path) -> None:
    another_layout(stored)
    store = SQLiteStore(stored.parent, URL)
    store.save_page(PAGE)
    found = store.load()
    assert (len(found.records), found.is_whole, found.version) == (302, False, VERSION)
    save(store, records(), version=VERSION._replace(number=8), base=7)
    assert (store.load().is_whole, len(store.load().records)) == (True, 401)
    with sqlite3.connect(stored) as database:
        assert database.execute("SELECT name FROM sqlite_master WHERE name = 'older'").fetchall() == []
    database.close()


def test_a_file_of_the_first_release_gives_its_records(stored: Path) -> None:
    found = SQLiteStore(stored.parent, URL).load().records
    stored.unlink()
    database = sqlite3.connect(stored, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute(f"PRAGMA application_id = {0x43474D31}")
    database.execute("CREATE TABLE records (kind TEXT, id INTEGER, payload BLOB, PRIMARY KEY (kind, id)) WITHOUT ROWID")
    database.execute("CREATE TABLE version (one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER, synced_at REAL)")
    database.execute("INSERT INTO version VALUES (1, 3, 1700000000.5)")
    encode = msgspec.json.Encoder(enc_hook=int).encode
    rows_ = [(record.resource, record.id, encode(record)) for record in found]
    database.executemany("INSERT INTO records VALUES (?, ?, ?)", rows_)
    database.close()
    store = SQLiteStore(stored.parent, URL)
    again = store.load()
    assert (again.version.number, again.is_whole, len(again.records)) == (3, False, 401)
    save(store, found, version=VERSION._replace(number=8), base=3)
    assert store.load().is_whole


def test_records_that_no_longer_fit_make_the_rest_incomplete(stored: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = sqlite3.connect(stored, isolation_level=None)
    for key, payload in ((1, b"{}"), (2, b"\xff"), (3, b'{"id": 3'), (4, 5)):
        database.execute("UPDATE records SET payload = ? WHERE kind = 'packages' AND id = ?", (payload, key))
    database.execute("INSERT INTO records VALUES ('unicorns', 1, x'7b7d')")
    database.close()
    found = SQLiteStore(stored.parent, URL).load()
    assert {record.id for record in found.records if isinstance(record, Package)} == set(range(5, 400))
    assert not found.is_whole
    assert "5 records" in caplog.text
    assert "packages/1" in caplog.text


def test_an_empty_file_is_filled(stored: Path, caplog: pytest.LogCaptureFixture) -> None:
    stored.write_bytes(b"")
    store = SQLiteStore(stored.parent, URL)
    assert store.load() == Stored()
    save(store, records())
    assert store.load().is_whole
    assert caplog.text == ""


def test_another_program_s_journal_goes_with_its_file(stored: Path) -> None:
    stored.unlink()
    other = sqlite3.connect(stored, isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE notes (text)")
    other.execute("INSERT INTO notes VALUES ('kept')")
    save(SQLiteStore(stored.parent, URL), records())
    (aside,) = stored.parent.glob("*.set-aside-*[0-9]")
    with sqlite3.connect(aside) as moved:
        assert moved.execute("SELECT text FROM notes").fetchall() == [("kept",)]
    moved.close()
    other.close()


def test_a_file_that_is_busy_is_not_set_aside(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.sqlite_file.BUSY_SECONDS", {"rw": 0.01, "rwc": 0.01})
    other = sqlite3.connect(stored, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="locked"):
        save(SQLiteStore(stored.parent, URL), records())
    other.close()
    assert list(stored.parent.glob("*.set-aside-*")) == []


def test_a_folder_in_the_file_s_place_is_left_alone(stored: Path) -> None:
    stored.unlink()
    stored.mkdir()
    store = SQLiteStore(stored.parent, URL)
    with pytest.raises(StoreError):
        store.load()
    with pytest.raises(StoreError):
        save(store, records())
    assert stored.is_dir()


def test_a_folder_that_was_removed_is_made_anew(stored: Path) -> None:
    store = SQLiteStore(stored.parent, URL)
    assert store.lead()
    for path in stored.parent.iterdir():
        path.unlink()
    stored.parent.rmdir()
    assert store.load() == Stored()
    assert store.lead()
    assert not SQLiteStore(stored.parent, URL).lead()
    save(store, records(), base=7)
    assert len(store.load().records) == 401
    store.close()


@pytest.fixture
def read_only(stored: Path) -> Iterator[Path]:
    """The file in a folder that nobody can write, root included."""
    folder = stored.parent
    if os.geteuid():
        folder.chmod(0o500)
        yield stored
        folder.chmod(0o700)
        return
    mounted = subprocess.run(["mount", "--bind", "-o", "ro", folder, folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("root writes everywhere, and nothing can be mounted here")
    yield stored
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
def test_a_file_in_a_folder_that_cannot_be_written_is_read(
    stored: Path, request: pytest.FixtureRequest, journal: str
) -> None:
    database = sqlite3.connect(stored)
    database.execute(f"PRAGMA journal_mode = {journal}")
    database.close()
    request.getfixturevalue("read_only")
    store = SQLiteStore(stored.parent, URL)
    assert (store.load().is_whole, len(store.load().records)) == (True, 401)
    with pytest.raises(StoreError, match="cannot be written"):
        store.lead()
    with pytest.raises(StoreError, match="cannot be written"):
        save(store, records())
    store.close()


def test_what_a_killed_writer_left_half_done_is_undone(stored: Path) -> None:
    code = (
        "import os, sqlite3, sys\n"
        "database = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "database.execute('PRAGMA cache_size = 1')\n"
        "database.execute('BEGIN IMMEDIATE')\n"
        "database.execute('DELETE FROM records')\n"
        "database.execute('UPDATE version SET number = 9')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    assert subprocess.run([sys.executable, "-c", code, stored], check=False).returncode == -9
    assert Path(f"{stored}-journal").exists()
    found = SQLiteStore(stored.parent, URL).load()
    assert (found.version, len(found.records)) == (VERSION, 401)


def test_a_full_disk_leaves_the_file_as_it_was(stored: Path) -> None:
    code = (
        "import resource, signal, sys\n"
        "from pathlib import Path\n"
        "from tests.catalogue.test_store import SQLiteStore, StoreError, URL, VERSION, records, save\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "before = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))\n"
        "try:\n"
        "    save(SQLiteStore(Path(sys.argv[1]), URL), [*records()] * 2, version=VERSION._replace(number=8))\n"
        "except StoreError as error:\n"
        "    print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, before)\n"  # what measures coverage writes at the end
    )
    done = subprocess.run(
        [sys.executable, "-c", code, stored.parent], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert "cannot be written" in done.stdout, done.stderr
    found = SQLiteStore(stored.parent, URL).load()
    assert (found.version, len(found.records)) == (VERSION, 401)


def test_one_leads_until_it_closes(tmp_path: Path) -> None:
    first, second = SQLiteStore(tmp_path, URL), SQLiteStore(tmp_path, URL)
    assert [first.lead(), first.lead(), second.lead()] == [True, True, False]
    first.close()
    assert second.lead()
    second.close()


def test_a_process_that_is_killed_leads_no_longer(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from catalogue.sqlite_store import SQLiteStore\n"
        f"store = SQLiteStore(Path(sys.argv[1]), {URL!r}); print(store.lead(), flush=True); sys.stdin.read()\n"
    )
    store = SQLiteStore(tmp_path, URL)
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "True\n"
        assert not store.lead()
        other.kill()
    assert store.lead()
    store.close()


def test_memory_is_kept_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    store = MemoryStore()
    assert store.lead()
    save(store, records())
    assert (store.load(), store.version()) == (Stored(), Version())
    store.close()
    assert caplog.text == ""
