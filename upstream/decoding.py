"""From the bytes of an answer to records: strictly first, and what fails leniently.

One fact that does not fit must not cost its record, and one record not its page. Only identity can refuse a record:
id, slug, title, links, and a time of its making.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast, get_type_hints

import msgspec
from cachetools import LRUCache

from upstream.errors import UpstreamError
from upstream.kinds import KINDS
from upstream.records import MAX_INT, R, Record, SearchHit, decode_hook

logger = logging.getLogger(__name__)

MAX_REMEMBERED: Final = 10_000
MAX_NAMED: Final = 5
BOM: Final = b"\xef\xbb\xbf"
"""May stand before JSON, and may be ignored (RFC 8259, 8.1)."""

MISSING: Final = re.compile(r"missing required field `(.+)`")

T = TypeVar("T")


class Misfit(NamedTuple):
    """An optional fact of a record that did not fit, or was not there, and was left empty or bounded."""

    id: int
    field: str
    problem: str
    is_missing: bool = False


class Page(msgspec.Struct, Generic[R], frozen=True):
    """A window of a list: `count` is the whole list's, and a record that could not be read is an error in its place."""

    count: int
    results: tuple[R | UpstreamError, ...]
    misfits: tuple[Misfit, ...] = ()


class RawPage(msgspec.Struct, frozen=True):
    """A window of a list whose rows are bytes: `count` is the whole list's."""

    count: int
    results: list[msgspec.Raw]


class _Identity(msgspec.Struct):
    id: int


class _HitIdentity(msgspec.Struct):
    item_type: str
    slug: str


_RECORDS: Final[dict[type[Record], msgspec.json.Decoder[Any]]] = {
    kind.record: msgspec.json.Decoder(kind.record, dec_hook=decode_hook) for kind in KINDS.values()
}
_TYPES: Final = {kind.record: get_type_hints(kind.record, include_extras=True) for kind in KINDS.values()}
_PAGES: Final = msgspec.json.Decoder(RawPage)
_HITS: Final = msgspec.json.Decoder(list[msgspec.Raw])
_HIT: Final = msgspec.json.Decoder(SearchHit)
_HIT_S_IDENTITY: Final = msgspec.json.Decoder(_HitIdentity)


class MisfitLog:
    """Warns of each fact that did not fit once, a line for each field of a page, and not of all of them by name."""

    def __init__(self) -> None:
        self._known: LRUCache[tuple[str, int, str], bool] = LRUCache(MAX_REMEMBERED)

    def warn(self, resource: str, misfits: Iterable[Misfit]) -> None:
        """Write what is new.

        Args:
            resource: the path of the kind.
            misfits: what did not fit.
        """
        news: dict[str, list[Misfit]] = defaultdict(list)
        for misfit in misfits:
            key = (resource, misfit.id, misfit.field)
            if key not in self._known:
                self._known[key] = True
                news[misfit.field].append(misfit)
        for field, found in news.items():
            names = ", ".join(f"{resource}/{misfit.id}" for misfit in found[:MAX_NAMED])
            more = f" and {len(found) - MAX_NAMED} more" if len(found) > MAX_NAMED else ""
            logger.warning(
                "%s of %s%s does not fit and is left empty or bounded (%s).", field, names, more, found[0][2]
            )


def decode(decoder: "msgspec.json.Decoder[T]", body: bytes, resource: str) -> T:
    """Decode an answer.

    Raises:
        UpstreamError: it is no JSON, or a value does not fit, which `extensions.field` names.
    """
    try:
        return decoder.decode(body.removeprefix(BOM))
    except msgspec.ValidationError as error:
        raise _misfit(error, resource) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamError("format", resource, "sent something else than whole JSON") from error


def decode_record(kind: type[R], body: bytes, resource: str) -> tuple[R, list[Misfit]]:
    """Decode one record, and say which of its optional facts did not fit.

    Raises:
        UpstreamError: it is no JSON, or its identity does not fit; it names the record's id where there is one.
    """
    try:
        return cast(R, _RECORDS[kind].decode(body.removeprefix(BOM))), []
    except msgspec.ValidationError:
        return _leniently(kind, body.removeprefix(BOM), resource)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UpstreamError("format", resource, "sent something else than whole JSON") from error


def split_page(kind: type[Record], body: bytes) -> RawPage:
    """Cut a window of a list into its rows.

    Raises:
        UpstreamError: it is none.
    """
    raw = decode(_PAGES, body, kind.resource)
    if raw.count < 0:
        raise UpstreamError("format", kind.resource, "sent a negative count", field="count")
    return raw


def decode_page(kind: type[R], body: bytes) -> Page[R]:
    """Decode a window of a list.

    Raises:
        UpstreamError: it is none.
    """
    raw = split_page(kind, body)
    results: list[R | UpstreamError] = []
    misfits: list[Misfit] = []
    for item in raw.results:
        try:
            record, found = decode_record(kind, bytes(item), kind.resource)
        except UpstreamError as error:
            results.append(error)
        else:
            results.append(record)
            misfits += found
    return Page(raw.count, tuple(results), tuple(misfits))


def decode_hits(body: bytes) -> list[SearchHit]:
    """Decode the hits of a search: of one that does not fit, what it is; without that it is left out.

    Raises:
        UpstreamError: it is no list.
    """
    hits: list[SearchHit] = []
    for item in decode(_HITS, body, "search"):
        try:
            hits.append(_HIT.decode(item))
        except msgspec.ValidationError:
            with suppress(msgspec.ValidationError):
                identity = _HIT_S_IDENTITY.decode(item)
                hits.append(SearchHit(item_type=identity.item_type, slug=identity.slug, score=0))
    return hits


def _leniently(kind: type[R], body: bytes, resource: str) -> tuple[R, list[Misfit]]:
    payload = {name: _value(raw) for name, raw in decode(_FIELDS, body, resource).items()}
    try:
        key = msgspec.convert(payload, _Identity).id
    except msgspec.ValidationError as error:
        raise _misfit(error, resource) from error
    resource = f"{kind.resource}/{key}"
    misfits: list[Misfit] = []
    for field, expected in _TYPES[kind].items():
        if expected is datetime or expected == datetime | None:
            payload[field] = _time(payload.get(field))
    for field, fallback in kind.fallbacks.items():
        value = payload.get(field, msgspec.UNSET)
        problem = _problem(value, _TYPES[kind][field])
        if problem is None:
            continue
        payload[field] = _bounded(value) if fallback == 0 else fallback
        if not (value is None and fallback == ()):
            misfits.append(Misfit(key, field, problem, value is msgspec.UNSET))
    for field, other in (("created", "modified"), ("modified", "created")):
        problem = _problem(payload[field], datetime)
        if problem is not None and isinstance(payload[other], datetime):
            payload[field] = payload[other]
            misfits.append(Misfit(key, field, problem))
    try:
        return msgspec.convert(payload, kind, dec_hook=decode_hook), misfits
    except msgspec.ValidationError as error:
        refusal = _misfit(error, resource)
        refusal.extensions["id"] = key
        raise refusal from error


_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANYTHING: Final = msgspec.json.Decoder(object)
_NOTHING: Final = object()
"""What fits nowhere."""


def _value(raw: msgspec.Raw) -> object:
    """Read a value by itself: numbers may be larger than any that can be read."""
    try:
        return _ANYTHING.decode(raw)
    except msgspec.DecodeError:
        return _NOTHING


def _problem(value: object, expected: Any) -> str | None:
    try:
        msgspec.convert(value, expected, dec_hook=decode_hook)
    except msgspec.ValidationError as error:
        return str(error)
    return None


def _time(value: object) -> object:
    """Read a time as msgspec cannot: the upstream's oldest have an offset with seconds."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return value
    if isinstance(instant, datetime) and instant.tzinfo is not None and instant.utcoffset() is not None:
        return _whole_minutes(instant)
    return instant


def _whole_minutes(instant: datetime) -> datetime:
    """Write a time in UTC where no reader of ISO 8601 would understand its offset."""
    offset = instant.utcoffset()
    return instant if offset is not None and offset.total_seconds() % 60 == 0 else instant.astimezone(UTC)


def _bounded(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-MAX_INT - 1, min(value, MAX_INT))
    return 0


def _misfit(error: msgspec.ValidationError, resource: str) -> UpstreamError:
    problem, _, field = str(error).partition(" - at ")
    field = field.strip("`").removeprefix("$").removeprefix(".")
    missing = MISSING.search(problem)
    if missing is not None:
        field = f"{field}.{missing[1]}" if field else missing[1]
    return UpstreamError(
        "format", resource, f"sent a value that does not fit ({problem} at {field or 'its root'})", field=field
    )
