"""A snapshot as segments, for a server that keeps bytes: one has every record, each after it what changed since.

A segment is lines, compressed: `packages {…}` is a record, `gone packages 7` one that is there no longer, and
`changes {…}` a change set. Which segments make a snapshot stands in its head, with their sizes and checksums.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec
import zstandard

from catalogue.changes import ChangeSet
from catalogue.payloads import decode, encode
from catalogue.store import Save, Stored, StoreError, Version
from catalogue.tables import RecordKey
from catalogue.turns import unhurried
from upstream import Record
from upstream.kinds import KINDS

FORMAT: Final = 1
_FIELDS: Final = repr({name: kind.record.__struct_fields__ for name, kind in KINDS.items()})
LAYOUT: Final = f"{FORMAT}-{sha256(_FIELDS.encode()).hexdigest()[:8]}"
"""Part of every key: gateways whose records have other fields neither read nor overwrite each other's."""

MAX_SEGMENTS: Final = 32
MAX_CHANGED_SHARE: Final = 0.25
"""Of the bytes of all records: with more of changes after them, all records are written anew."""

MAX_BYTES: Final = 256 * 1024 * 1024
MAX_RAW_BYTES: Final = 2048 * 1024 * 1024
"""Of all segments of a snapshot, and of what they are when they are decompressed."""

MAX_WINDOW_BYTES: Final = 8 * 1024 * 1024
MAX_HEAD_BYTES: Final = 64 * 1024
BUFFER_BYTES: Final = 64 * 1024


class CorruptError(StoreError):
    """What a server holds is not what was stored there."""


class Segment(msgspec.Struct, frozen=True):
    """Where a segment is, and what its bytes must be.

    Args:
        key: its name at the server.
        before: the number of the snapshot after which it comes; 0 for one with every record.
        number: that of the snapshot that it makes.
        size: its bytes.
        raw_size: its bytes when it is decompressed.
        checksum: SHA-256 of its bytes.
    """

    key: str
    before: int
    number: int
    size: int
    raw_size: int
    checksum: str


class Head(NamedTuple):
    """Which snapshot a server holds, which segments make it, and how many seconds ago it was read from the upstream."""

    version: Version = Version()
    segments: tuple[Segment, ...] = ()
    age: float = 0.0

    @property
    def is_full(self) -> bool:
        """Whether there are so many changes that the next snapshot is better written with every record."""
        size = sum(each.size for each in self.segments[1:])
        return len(self.segments) >= MAX_SEGMENTS or size > MAX_CHANGED_SHARE * self.segments[0].size


_SEGMENTS: Final = msgspec.json.Decoder(tuple[Segment, ...])
_CHANGE_SET: Final = msgspec.json.Decoder(ChangeSet)


def read_segments(text: bytes) -> tuple[Segment, ...]:
    """Read the segments in a head.

    Raises:
        CorruptError: they are none, do not follow each other, or are larger than any that is written.
    """
    try:
        segments = _SEGMENTS.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise CorruptError(f"The store holds no list of segments ({error}).") from error
    numbers = [0, *(each.number for each in segments)]
    if not segments or [each.before for each in segments] != numbers[:-1]:
        raise CorruptError("The segments in the store do not follow each other.")
    size, raw_size = sum(each.size for each in segments), sum(each.raw_size for each in segments)
    if min(each.size for each in segments) <= 0 or size > MAX_BYTES or raw_size > MAX_RAW_BYTES:
        raise CorruptError(f"The store holds a snapshot of {size} bytes, {raw_size} decompressed, which none has.")
    return segments


def pack(save: Save, key: str, *, is_whole: bool) -> tuple[Segment, bytes]:
    """Make a segment: of every record, or of what changed."""
    compressor = zstandard.ZstdCompressor().compressobj()
    parts: list[bytes] = []
    buffer = bytearray()
    raw_size = 0
    for line in _lines(save, is_whole=is_whole):
        buffer += line
        buffer += b"\n"
        if len(buffer) >= BUFFER_BYTES:
            raw_size += len(buffer)
            parts.append(compressor.compress(buffer))
            buffer.clear()
    raw_size += len(buffer)
    parts += [compressor.compress(buffer), compressor.flush()]
    packed = b"".join(parts)
    if len(packed) > MAX_BYTES or raw_size > MAX_RAW_BYTES:
        raise StoreError(f"A snapshot of {len(packed)} bytes, {raw_size} decompressed, is not stored.")
    checksum = sha256(packed).hexdigest()
    before = 0 if is_whole else save.base
    return Segment(key, before, save.version.number, len(packed), raw_size, checksum), packed


def _lines(save: Save, *, is_whole: bool) -> Iterator[bytes]:
    for record in unhurried(save.everything() if is_whole else save.changed):
        yield b"%b %b" % (record.resource.encode(), encode(record))
    for kind, key in () if is_whole else save.gone:
        yield b"gone %b %d" % (kind.resource.encode(), key)
    for each in save.change_sets:
        if is_whole or each.number > save.base:
            yield b"changes %b" % encode(each)


def unpack(version: Version, segments: Sequence[tuple[Segment, bytes]]) -> Stored:
    """Return what segments hold, the later ones over the earlier.

    Raises:
        CorruptError: their bytes are not those that were written.
    """
    contents = _Contents()
    for segment, packed in segments:
        if len(packed) != segment.size or sha256(packed).hexdigest() != segment.checksum:
            raise CorruptError(f"A segment of snapshot {segment.number} in the store is not as it was written.")
        try:
            for line in unhurried(_unpacked(packed, segment.raw_size)):
                contents.take(*line.split(b" ", 1))
        except (zstandard.ZstdError, TypeError, ValueError, KeyError) as error:
            raise CorruptError(
                f"A segment of snapshot {segment.number} in the store cannot be read: {error}"
            ) from error
    base = segments[0][0].before if segments else version.number
    return Stored(
        version=version,
        base=base,
        gone=contents.gone if base else (),
        records=list(contents.records.values()),
        is_whole=True,
        change_sets=tuple(contents.change_sets),
    )


@dataclass
class _Contents:
    records: dict[RecordKey, Record] = field(default_factory=dict)
    gone: set[RecordKey] = field(default_factory=set)
    change_sets: list[ChangeSet] = field(default_factory=list)

    def take(self, name: bytes, payload: bytes) -> None:
        """Take in a line of a segment."""
        if name == b"changes":
            self.change_sets.append(_CHANGE_SET.decode(payload))
        elif name == b"gone":
            resource, number = payload.split()
            key: RecordKey = (KINDS[resource.decode()].record, int(number))
            self.gone.add(key)
            self.records.pop(key, None)
        else:
            record = decode(name.decode(), payload)
            self.gone.discard((type(record), record.id))
            self.records[type(record), record.id] = record


def _unpacked(packed: bytes, size: int) -> Iterator[bytes]:
    """Decompress line by line, so that no more is in memory than is believed to be there."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW_BYTES)
    lines = io.BufferedReader(decompressor.stream_reader(packed), BUFFER_BYTES)
    while line := lines.readline(size + 1):
        size -= len(line)
        if size < 0 or not line.endswith(b"\n"):
            raise ValueError("it has more in it than it says")
        yield line
    if size:
        raise ValueError("it has less in it than it says")
