"""A snapshot as segments: what comes back, and what is not believed."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
import pytest
import zstandard

from catalogue.changes import Change, ChangeKind, ChangeSet
from catalogue.redis_snapshot import MAX_BYTES, CorruptError, Head, Segment, pack, read_segments, unpack
from catalogue.store import Save, Version
from tests import rows
from upstream import Category, Grid, Package, Record
from upstream.records import decode_hook

VERSION = Version(7, datetime.fromtimestamp(1_700_000_000.5, UTC))
CHANGES = (ChangeSet(6, 7, (Change("packages", 1, "package-1", ChangeKind.CHANGED, ("title",)),)),)


def convert(row: rows.Row, kind: type[Record]) -> Record:
    return msgspec.convert(row, kind, dec_hook=decode_hook)


RECORDS = [
    *(convert(rows.package(key), Package) for key in range(1, 2000)),
    convert(rows.grid(1, packages=[1, 2]), Grid),
    convert(rows.category(1), Category),
]
SAVE = Save(version=VERSION, base=-1, changed=(), gone=(), everything=lambda: RECORDS, change_sets=CHANGES)
WHOLE = pack(SAVE, "whole", is_whole=True)


def test_a_snapshot_comes_back_as_it_was() -> None:
    found = unpack(VERSION, [WHOLE])
    assert (found.version, found.base, found.is_whole, found.change_sets) == (VERSION, 0, True, CHANGES)
    assert found.records == RECORDS
    assert len(WHOLE[1]) < WHOLE[0].raw_size / 10


def test_what_changed_comes_alone_or_over_what_was() -> None:
    new = convert(rows.package(1, title="New"), Package)
    later = ChangeSet(7, 8, (Change("packages", 2, "package-2", ChangeKind.REMOVED),))
    save = replace(
        SAVE,
        version=Version(8, VERSION.read_at),
        base=7,
        changed=[new],
        gone=[(Package, 2)],
        change_sets=(*CHANGES, later),
    )
    part = pack(save, "part", is_whole=False)
    alone = unpack(save.version, [part])
    assert (alone.base, alone.records, list(alone.gone), alone.change_sets) == (7, [new], [(Package, 2)], (later,))
    whole = unpack(save.version, [WHOLE, part])
    assert (whole.base, whole.gone, whole.change_sets) == (0, (), (*CHANGES, later))
    assert whole.records == [new, *RECORDS[2:]]


def test_what_was_gone_and_is_there_again_is_there() -> None:
    gone = pack(replace(SAVE, base=7, version=Version(8), gone=[(Package, 1)]), "gone", is_whole=False)
    again = pack(replace(SAVE, base=8, version=Version(9), changed=[RECORDS[0]]), "again", is_whole=False)
    found = unpack(Version(9), [gone, again])
    assert (found.records, list(found.gone)) == ([RECORDS[0]], [])


def test_where_nothing_came_after_nothing_comes() -> None:
    found = unpack(VERSION, [])
    assert (found.base, found.records, found.is_whole) == (7, [], True)


def resealed(packed: bytes, **changes: int) -> tuple[Segment, bytes]:
    """Return a segment whose checksum is right, whatever is in it."""
    segment = msgspec.structs.replace(WHOLE[0], size=len(packed), checksum=sha256(packed).hexdigest())
    return msgspec.structs.replace(segment, **changes), packed


BOMB = zstandard.compress(b"x" * 100_000_000)
SPOILED = {
    "a byte is another": (WHOLE[0], WHOLE[1][:-1] + b"\xa5"),
    "it is too short": (WHOLE[0], WHOLE[1][:-1]),
    "it is not compressed": resealed(b"packages {}\n"),
    "its end is missing": resealed(WHOLE[1][:-10]),
    "it has more in it than it says": resealed(WHOLE[1], raw_size=1000),
    "it has less in it than it says": resealed(WHOLE[1], raw_size=WHOLE[0].raw_size + 1),
    "it is a bomb": resealed(BOMB, raw_size=1000),
    "a record does not fit": resealed(zstandard.compress(b"packages {}\n"), raw_size=12),
    "a record is of no kind": resealed(zstandard.compress(b"unicorns {}\n"), raw_size=12),
    "a line is none": resealed(zstandard.compress(b"packages\n"), raw_size=9),
    "nothing is gone": resealed(zstandard.compress(b"gone packages\n"), raw_size=14),
    "a change set is none": resealed(zstandard.compress(b"changes []\n"), raw_size=11),
}


@pytest.mark.parametrize("name", SPOILED)
def test_what_is_not_as_it_was_written_is_not_believed(name: str) -> None:
    with pytest.raises(CorruptError):
        unpack(VERSION, [SPOILED[name]])


def test_segments_come_back() -> None:
    after = msgspec.structs.replace(WHOLE[0], before=7, number=8)
    assert read_segments(msgspec.json.encode([WHOLE[0], after])) == (WHOLE[0], after)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        msgspec.json.encode([{"key": "x"}]),
        msgspec.json.encode([msgspec.structs.replace(WHOLE[0], before=3)]),
        msgspec.json.encode([WHOLE[0], msgspec.structs.replace(WHOLE[0], before=6, number=8)]),
        msgspec.json.encode([msgspec.structs.replace(WHOLE[0], size=MAX_BYTES + 1)]),
        msgspec.json.encode([msgspec.structs.replace(WHOLE[0], size=-1)]),
        msgspec.json.encode([msgspec.structs.replace(WHOLE[0], raw_size=2**40)]),
    ],
)
def test_what_is_no_list_of_segments_is_not_believed(text: bytes) -> None:
    with pytest.raises(CorruptError):
        read_segments(text)


def test_with_many_changes_every_record_is_written_anew() -> None:
    small = msgspec.structs.replace(WHOLE[0], before=7, number=8, size=10)
    assert not Head(VERSION, (WHOLE[0], small)).is_full
    assert Head(VERSION, (WHOLE[0], msgspec.structs.replace(small, size=WHOLE[0].size))).is_full
    assert Head(VERSION, (WHOLE[0], *[small] * 31)).is_full
