"""One page of a list after another, for a crawl: a page that fails is read again alone, and nothing is read twice."""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import msgspec

from catalogue.rows import Rows
from upstream import Client, Record, UpstreamError
from upstream.decoding import split_page
from upstream.errors import Cause
from upstream.retries import backoff

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 8
"""At 20 % of failures one page in 390,000 fails so often."""

MAX_HOPELESS_ATTEMPTS: Final = 4
HOPELESS: Final[frozenset[Cause]] = frozenset({"refused", "dns", "tls", "proxy", "redirect", "size"})
"""What does not pass in seconds; the next crawl goes on from the pages that there are."""

FIRST_BACKOFF_SECONDS: Final = 0.5
MAX_BACKOFF_SECONDS: Final = 30.0
MAX_WAIT_SECONDS: Final = 60.0
"""The longest `Retry-After` that a crawl sits out; beyond it fails, and says when to come back."""

REFUSED_PAUSE_SECONDS: Final = 0.5
MAX_PAUSE_SECONDS: Final = 4.0
EASE: Final = 0.7
"""What each page that is answered leaves of the pause that a refusal made longer."""

MAX_FAILURES: Final = 100
MAX_FAILURES_A_PAGE: Final = 2
"""The budget of a crawl: so many failures, and so many more for each page that was read."""

SALVAGED_AFTER: Final = 3
"""Failures after which a page is suspected to hold a row that the site cannot give, or to be too long for it."""

MAX_SALVAGE_READS: Final = 100
MAX_SALVAGE_FAILURES: Final = 6
"""Failures in a row after which a row that was given is asked for again: if it is not, it is the site."""

SUSPECT_STATUSES: Final = (500, 502, 504)
SUSPECT_CAUSES: Final[frozenset[Cause]] = frozenset({"format", "read timeout", "reset", "size"})
"""What a row can make of its page: one that cannot be serialised, ends a worker, or is no JSON; or too many rows."""

MISFIT_SHARE: Final = 0.5
MIN_MISFITS: Final = 5


class SavedPage(msgspec.Struct, frozen=True):
    """A page as it came, so that a crawl that was cut off goes on from it. `read_at` is in Unix seconds."""

    resource: str
    offset: int
    limit: int
    read_at: float
    body: bytes


class UnreadRow(msgspec.Struct, frozen=True):
    """A row that the upstream cannot give: where it is in its list, and between which ids.

    `above` and `below` are the ids of its neighbours, `None` where the row is the first or the last of its window.
    """

    resource: str
    offset: int
    above: int | None
    below: int | None


Row: TypeAlias = Record | UpstreamError | None
"""What stands at one offset: a record, why it was refused, or `None` for a row that the upstream cannot give."""

Save: TypeAlias = Callable[[SavedPage], Awaitable[None]]


@dataclass(frozen=True)
class Window:
    """What was read from `offset`; `count` is the whole list's, `read_at` in Unix seconds."""

    offset: int
    count: int
    rows: Sequence[Row]
    read_at: float

    @property
    def end(self) -> int:
        """The offset after its last row."""
        return self.offset + len(self.rows)

    @property
    def ids(self) -> list[int | None]:
        """The ids of its rows; `None` where there is none to be read."""
        return [row_id(row) for row in self.rows]


class PageReader:
    """Reads windows of lists, one at a time, and waits as long as the upstream wants.

    `misfits` counts by resource, field, and whether the field was missing. `resumed` has when the saved pages that were
    used had been read, in Unix seconds.

    Args:
        client: the one way to the upstream.
        rows: makes records of their rows.
        rate: pages a second, at most; `None` leaves it to the transport.
        saved: pages of a crawl that was cut off, used instead of asking.
        save: called with each page that was read.
        failed: called with what goes wrong, and with `None` when it is over.
    """

    def __init__(
        self,
        client: Client,
        rows: Rows,
        *,
        rate: float | None,
        saved: Iterable[SavedPage],
        save: Save | None,
        failed: Callable[[UpstreamError | None], None],
    ) -> None:
        self.misfits: Counter[tuple[str, str, bool]] = Counter()
        self.resumed: list[float] = []
        self._client = client
        self._rows = rows
        self._least_pause = 1 / rate if rate else 0.0
        self._pause = self._least_pause
        self._asked = -MAX_PAUSE_SECONDS
        self._saved = {(page.resource, page.offset, page.limit): page for page in saved}
        self._save = save
        self._budget = MAX_FAILURES
        self._failed = failed

    async def read(self, kind: type[Record], offset: int, limit: int) -> Window:
        """Read a window, as often as it takes.

        Raises:
            UpstreamError: it cannot be had; `retry_after` says when to come back, where the upstream does.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                window = await self._once(kind, offset, limit)
            except UpstreamError as error:
                if self._budget < 0:
                    raise
                if attempt == SALVAGED_AFTER and _is_suspect(error) and limit > 1:
                    salvaged = await self._salvage(kind, offset, limit)
                    if salvaged is not None:
                        return salvaged
                wait = error.retry_after or 0.0
                is_hopeless = error.cause in HOPELESS or "field" in error.extensions
                if attempt >= (MAX_HOPELESS_ATTEMPTS if is_hopeless else MAX_ATTEMPTS) or wait > MAX_WAIT_SECONDS:
                    raise
                self._failed(error)
                await asyncio.sleep(wait + backoff(attempt, FIRST_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS))
            else:
                self._budget += MAX_FAILURES_A_PAGE
                if attempt > 1:
                    self._failed(None)
                return window

    async def _once(self, kind: type[Record], offset: int, limit: int) -> Window:
        page = self._saved.pop((kind.resource, offset, limit), None)
        if page is not None:
            self.resumed.append(page.read_at)
            return await self._window(kind, page)
        await self._take_turn()
        try:
            body = await self._client.page_body(kind, limit=limit, offset=offset)
        except UpstreamError as error:
            self._budget -= 1
            if error.cause == "status" and error.extensions.get("status") in (429, 503):
                self._pause = min(MAX_PAUSE_SECONDS, max(2 * self._pause, REFUSED_PAUSE_SECONDS))
            raise
        self._pause = max(self._least_pause, EASE * self._pause)
        page = SavedPage(kind.resource, offset, limit, time.time(), body)
        window = await self._window(kind, page)
        if self._save is not None:
            await self._save(page)
        return window

    async def _take_turn(self) -> None:
        """Keep to the rate, and to less once the upstream has refused."""
        now = asyncio.get_running_loop().time()
        wait = self._asked + self._pause - now
        self._asked = now + max(0.0, wait)
        if wait > 0:
            await asyncio.sleep(wait)

    async def _window(self, kind: type[Record], saved: SavedPage) -> Window:
        """Decode a page, in steps.

        Raises:
            UpstreamError: it is none, or the same fact of most of its rows does not fit: that is no oddity of a record.
        """
        page = split_page(kind, saved.body)
        rows, misfits = await self._rows.decoded(kind, page.results)
        refused = Counter(str(row.extensions.get("field")) for row in rows if isinstance(row, UpstreamError))
        odd = refused + Counter(misfit.field for misfit in misfits)
        field, most = odd.most_common(1)[0] if odd else ("", 0)
        if most >= MIN_MISFITS and most > MISFIT_SHARE * len(rows):
            problem = f"sent {most} of {len(rows)} records whose {field} does not fit"
            raise UpstreamError("format", kind.resource, problem, field=field)
        if not rows and saved.offset < page.count:
            raise UpstreamError(
                "format", kind.resource, "sent an empty page before the end of its list", field="results"
            )
        self._client.misfits.warn(kind.resource, misfits)
        self.misfits.update((kind.resource, misfit.field, misfit.is_missing) for misfit in misfits)
        return Window(saved.offset, page.count, rows, saved.read_at)

    async def _salvage(self, kind: type[Record], offset: int, limit: int) -> Window | None:
        """Halve a page that keeps failing until the rows are found that make it fail.

        Both halves are read before either is halved again, so one bad row gives an answer for each failure.

        Returns:
            The window, with `None` for those rows; `None` itself when nothing answers, so that it is not the rows.
        """
        found: dict[int, Row] = {}
        count = given = None
        pieces = deque([(offset, limit)])
        tries: Counter[int] = Counter()
        failures = 0
        for _ in range(MAX_SALVAGE_READS):
            is_proof = failures >= MAX_SALVAGE_FAILURES or bool(failures and not pieces)
            if self._budget < 0 or not (pieces or failures) or (is_proof and given is None):
                break
            start, length = (given or 0, 1) if is_proof else pieces.popleft()
            try:
                window = await self._once(kind, start, length)
            except UpstreamError as failure:
                if is_proof:
                    break
                failures += 1
                tries[start] += length == 1
                if _is_suspect(failure) and length > 1:
                    half = length // 2
                    pieces += [(start, half), (start + half, length - half)]
                elif _is_suspect(failure) and tries[start] >= SALVAGED_AFTER:
                    found[start] = None
                else:
                    pieces.append((start, length))
                    await asyncio.sleep((failure.retry_after or 0.0) + backoff(failures, FIRST_BACKOFF_SECONDS))
            else:
                failures = 0
                count, given = window.count, start if window.rows else given
                found.update(enumerate(window.rows, start))
                if not is_proof and start + length > window.end < count:  # the server gives fewer than it is asked for
                    pieces.append((window.end, start + length - window.end))
        if count is None or pieces or failures:
            return None
        end = min(count, offset + limit)
        logger.warning("A page of %s kept failing; it is read in parts%s.", kind.resource, _but(found))
        return Window(offset, count, [found.get(at) for at in range(offset, end)], time.time())


def row_id(row: Row) -> int | None:
    """Return a row's id, if it can be read."""
    if isinstance(row, Record):
        return row.id
    key = None if row is None else row.extensions.get("id")
    return key if isinstance(key, int) else None


def _is_suspect(error: UpstreamError) -> bool:
    """Tell whether a page may fail for what is in it."""
    if error.cause == "status":
        return error.extensions.get("status") in SUSPECT_STATUSES
    return error.cause in SUSPECT_CAUSES and "field" not in error.extensions


def _but(found: dict[int, Row]) -> str:
    unread = [str(at) for at, row in sorted(found.items()) if row is None]
    return f", without the rows at offset {', '.join(unread)}" if unread else ""
