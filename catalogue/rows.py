"""The rows of pages, as records: each decoded once, however often it comes.

Most come as they came the last time, byte for byte: what they say is known by their hash.
"""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Final, TypeAlias

from msgspec import Raw

from catalogue.index import Index
from catalogue.turns import Turns
from upstream import Record, UpstreamError
from upstream.decoding import Misfit, decode_record

HASH_BYTES: Final = 16

Seen: TypeAlias = Mapping[bytes, Record]
"""Records by a hash of the bytes that they came as."""


class Rows:
    """Makes records of rows; `seen` are those of this crawl.

    Args:
        held: what is known: a row that says the same is the very record that is held.
        before: what the last crawl saw.
    """

    def __init__(self, held: Index, before: Seen) -> None:
        self.seen: dict[bytes, Record] = {}
        self._held = held
        self._before = before

    async def decoded(
        self, kind: type[Record], rows: Iterable[Raw]
    ) -> tuple[list[Record | UpstreamError], list[Misfit]]:
        """Return a record for each row, or why it is none, and what does not fit in them; let others run meanwhile."""
        misfits: list[Misfit] = []
        found = [self._one(kind, bytes(row), misfits) async for part in Turns().parts(rows) for row in part]
        return found, misfits

    def _one(self, kind: type[Record], body: bytes, misfits: list[Misfit]) -> Record | UpstreamError:
        key = blake2b(body, digest_size=HASH_BYTES).digest()
        record = self._before.get(key)
        if type(record) is not kind:
            try:
                record, odd = decode_record(kind, body, kind.resource)
            except UpstreamError as error:
                return error
            known = self._held.table(kind).get(record.id)
            record = known if known is not None and known == record else record
            if odd:
                misfits += odd
                return record  # what does not fit is noted each time that it comes
        self.seen[key] = record
        return record
