"""The REST API's client: what can be asked for, and what its answers mean."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

import httpx
import msgspec

from upstream.deadline import Deadline
from upstream.decoding import MisfitLog, Page, decode, decode_hits, decode_page, decode_record
from upstream.errors import ROOT, UpstreamError
from upstream.flights import Flights
from upstream.kinds import KINDS
from upstream.records import R, Record, SearchHit
from upstream.response import RawResponse
from upstream.retries import FIRST_BACKOFF_SECONDS
from upstream.transport import NOT_FOUND, Transport
from version import VERSION

if TYPE_CHECKING:
    from upstream.network import Network

CRAWL_PAGE_SECONDS: Final = 60.0
"""For one page of a crawl, most of it for waiting behind queries."""

_ROOT: Final = msgspec.json.Decoder(dict[str, object])


class Client:
    """Reads the REST API below `base_url`. Identical requests under way at one time are one.

    Args:
        base_url: where the API is, with a trailing slash.
        rate: GETs a second over time, with a burst of what that gives in half a minute.
        concurrency: GETs under way at once, in the whole process.
        timeout: seconds for one GET, from connecting to the last byte.
        operation_timeout: seconds for what is asked for without a deadline, retries and all.
        comments: where the gateway's source is and whom to write to, for the User-Agent.
        backoff: seconds within which the first retry is made; what follows doubles.
        transport: another way to reach the upstream than the network; the sample's.
    """

    def __init__(
        self,
        base_url: str,
        *,
        rate: float = 1000.0,
        concurrency: int = 16,
        timeout: float = 10.0,
        operation_timeout: float = 15.0,
        comments: Iterable[str] = (),
        backoff: float = FIRST_BACKOFF_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = httpx.URL(base_url)

        def connect() -> "Network":
            from upstream.network import Network  # it takes a tenth of a second, and what is in a file can do without

            agent = user_agent(comments)
            return Network(base_url, user_agent=agent, connections=concurrency, timeout=timeout, transport=transport)

        self.transport = Transport(connect, rate=rate, concurrency=concurrency, timeout=timeout, backoff=backoff)
        self._operation_timeout = operation_timeout
        self._flights = Flights()
        self.misfits = MisfitLog()

    async def aclose(self) -> None:
        """End what is under way and close the pool."""
        await self._flights.aclose()
        await self.transport.aclose()

    def deadline(self) -> Deadline:
        """Return the deadline of an operation that begins now."""
        return Deadline.after(self._operation_timeout)

    async def connect(self) -> None:
        """Make ready to ask, which the first request would else have to wait for."""
        with suppress(UpstreamError):  # the first request meets it again
            await self.transport.connected()

    async def check_root(self, deadline: Deadline | None = None) -> None:
        """Make sure that the base URL is that of an API v4, whose root lists its resources.

        Raises:
            UpstreamError: it is not, with code `UPSTREAM_NOT_AN_API`; or the upstream failed.
        """
        deadline = deadline or self.deadline()
        try:
            said = decode(_ROOT, _present(await self.transport.get("", ROOT, deadline), ROOT), ROOT)
        except UpstreamError as error:
            if error.cause not in ("format", "redirect") and error.extensions.get("status") != NOT_FOUND:
                raise
            raise _not_an_api(error.problem) from error
        missing = [name for name in KINDS if name not in said]
        if missing:
            raise _not_an_api(f"lists no {', '.join(missing)}")

    async def record(self, kind: type[R], key: int | str, deadline: Deadline | None = None) -> R | None:
        """Fetch one record by id or slug; `None` when the API says that there is no such thing.

        Raises:
            UpstreamError: any other answer than a fitting record, or none in time.
        """
        resource = f"{kind.resource}/{key}"
        deadline = deadline or self.deadline()
        fetch = partial(self._record, kind, deadline, resource)
        return await self._flights.join(resource, resource, deadline, fetch)

    async def records(
        self,
        kind: type[R],
        keys: Iterable[int | str],
        deadline: Deadline | None = None,
        note: Callable[[int | str, R | BaseException | None], object] = lambda key, found: None,
    ) -> list[R | BaseException | None]:
        """Fetch records by distinct ids and slugs, as `record` does each; what it would raise stands in its place.

        What comes of a request that is made for this, `note` is told at once; the others may take longer.
        """
        asked = {f"{kind.resource}/{key}": key for key in keys}
        deadline = deadline or self.deadline()
        fetch = partial(self._record, kind, deadline)
        return await self._flights.join_all(list(asked), deadline, fetch, lambda each, found: note(asked[each], found))

    async def _record(self, kind: type[R], deadline: Deadline, resource: str) -> R | None:
        response = await self.transport.get(f"{resource}/", resource, deadline)
        if response.status == NOT_FOUND:
            return None
        record, misfits = decode_record(kind, response.body, resource)
        if misfits:
            self.misfits.warn(kind.resource, misfits)
        return record

    async def page(self, kind: type[R], *, limit: int, offset: int, deadline: Deadline | None = None) -> Page[R]:
        """Fetch a window of a list, which the upstream orders by id, descending.

        Raises:
            UpstreamError: the answer is no window of a list, or does not come in time.
        """
        path = _list_path(kind, limit, offset)
        deadline = deadline or self.deadline()

        async def fetch() -> Page[R]:
            response = await self.transport.get(path, kind.resource, deadline)
            page = decode_page(kind, _present(response, kind.resource))
            self.misfits.warn(kind.resource, page.misfits)
            return page

        return await self._flights.join(path, kind.resource, deadline, fetch)

    async def page_body(self, kind: type[Record], *, limit: int, offset: int) -> bytes:
        """Fetch a window of a list once, for a crawl, which sees to its own retries; return it as it came.

        Raises:
            UpstreamError: the upstream failed.
        """
        deadline = Deadline.after(CRAWL_PAGE_SECONDS)
        path = _list_path(kind, limit, offset)
        return _present(await self.transport.get(path, kind.resource, deadline, retried=False), kind.resource)

    async def search(self, query: str, deadline: Deadline | None = None) -> list[SearchHit]:
        """Fetch at most 20 hits of the upstream's search.

        Raises:
            UpstreamError: the answer is no list of hits, or does not come in time.
        """
        path = str(httpx.URL("search/", params={"q": query}))
        deadline = deadline or self.deadline()

        async def fetch() -> list[SearchHit]:
            return decode_hits(_present(await self.transport.get(path, "search", deadline), "search"))

        return await self._flights.join(path, "search", deadline, fetch)


def user_agent(comments: Iterable[str]) -> str:
    """Say who asks, and where to read and write about it (the site's acceptable-use policy asks for it)."""
    said = "; ".join(comments)
    return f"catalogue-gateway/{VERSION}" + (f" ({said})" if said else "")


def _list_path(kind: type[Record], limit: int, offset: int) -> str:
    return f"{kind.resource}/?limit={limit}&offset={offset}"


def _present(response: RawResponse, resource: str) -> bytes:
    """Return the body of what cannot be absent."""
    if response.status == NOT_FOUND:
        raise UpstreamError("status", resource, "answered with status 404", status=NOT_FOUND)
    return response.body


def _not_an_api(problem: str) -> UpstreamError:
    problem = f"is no root of an API v4, as https://host/api/v4/ is: it {problem}"
    return UpstreamError("format", ROOT, problem, code="UPSTREAM_NOT_AN_API")
