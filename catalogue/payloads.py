"""Records as JSON, as stores keep them: a link is its id."""

from collections.abc import Iterable
from typing import Final

import msgspec

from upstream import Record
from upstream.kinds import KINDS
from upstream.records import decode_hook

encode: Final = msgspec.json.Encoder(enc_hook=int).encode
_DECODERS: Final = {name: msgspec.json.Decoder(kind.record, dec_hook=decode_hook) for name, kind in KINDS.items()}


def decoded(rows: Iterable[tuple[str, int, bytes]]) -> tuple[list[Record], list[str]]:
    """Return the records of some resources, with some ids, that fit; and what is wrong with the others."""
    records: list[Record] = []
    misfits: list[str] = []
    for name, key, payload in rows:
        try:
            records.append(_DECODERS[name].decode(payload))
        except (KeyError, TypeError, ValueError) as error:
            misfits.append(f"{name}/{key} ({error})")
    return records, misfits


def decode(name: str, payload: bytes) -> Record:
    """Return a record of a resource.

    Raises:
        ValueError: it is none.
    """
    if name not in _DECODERS:
        raise ValueError(f"{name!r} is no resource")
    return _DECODERS[name].decode(payload)
