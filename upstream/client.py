"""The one way to the upstream: one pool, one bound, single-flight, one place where a GET can fail.

Links are never followed, and nothing of a client's request is forwarded. Retries and a circuit breaker belong into
`Client._get`, around the one request that it makes.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterable, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Final, Generic, NamedTuple, TypeVar, cast

import aiohttp
import httpx
import msgspec
from httpx_aiohttp import AiohttpTransport
from msgspec.structs import force_setattr

from upstream.errors import UpstreamError
from upstream.kinds import KINDS
from upstream.records import R, Record, SearchHit, decode_hook

HEADERS: Final = httpx.Headers(
    {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "catalogue-gateway/0.1.0"}
)
MAX_RESPONSE_BYTES: Final = 16 * 2**20
MAX_REDIRECTS: Final = 3
IDLE_SECONDS: Final = 1.5
"""The upstream closes an idle connection after 2 s."""

T = TypeVar("T")

_HITS = msgspec.json.Decoder(list[SearchHit])
_RECORDS: Final[dict[type[Record], msgspec.json.Decoder[Any]]] = {
    kind.record: msgspec.json.Decoder(kind.record, dec_hook=decode_hook) for kind in KINDS.values()
}


class _RawPage(msgspec.Struct):
    count: int
    results: list[msgspec.Raw]


_PAGES = msgspec.json.Decoder(_RawPage)


class Page(msgspec.Struct, Generic[R], frozen=True):
    """A window of a list: `count` is the whole list's, and a record that could not be read is an error in its place."""

    count: int
    results: tuple[R | UpstreamError, ...]
    fetched_at: float


class RawResponse(NamedTuple):
    """What came over the wire."""

    status: int
    body: bytes


class Client:
    """Reads the REST API below `base_url`.

    Args:
        base_url: where the API is, with a trailing slash.
        concurrency: how many requests may be under way at once, in the whole process.
        timeout: seconds for one request, from connecting to the last byte.
        transport: another way to reach the upstream than the network; the sample's.
    """

    def __init__(
        self,
        base_url: str,
        *,
        concurrency: int = 16,
        timeout: float = 10.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = httpx.URL(base_url)
        self._base = base_url
        self.counters: Counter[str] = Counter()
        self.reachable: bool | None = None
        self.reachable_since = time.time()
        self._timeout = timeout
        self._timeouts = {"timeout": httpx.Timeout(timeout).as_dict()}
        self._bound = asyncio.Semaphore(concurrency)
        self._flights: dict[str, asyncio.Task[Any]] = {}
        self._transport = transport or AiohttpTransport(client=lambda: _session(concurrency))

    async def aclose(self) -> None:
        """End what is under way and close the pool."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        await self._transport.aclose()

    async def record(self, kind: type[R], key: int | str) -> R | None:
        """Fetch one record by id or slug; `None` when the upstream has no such thing.

        Raises:
            UpstreamError: any other answer than a fitting record or a 404.
        """
        resource = f"{kind.resource}/{key}"
        return await self._once(f"{resource}/", lambda: self._record(kind, resource))

    async def page(self, kind: type[R], *, limit: int, offset: int) -> Page[R]:
        """Fetch a window of a list, which the upstream orders by id, descending.

        Raises:
            UpstreamError: the answer is no window of a list.
        """
        path = f"{kind.resource}/?limit={limit}&offset={offset}"
        return await self._once(path, lambda: self._page(kind, path))

    async def search(self, query: str) -> list[SearchHit]:
        """Fetch at most 20 hits of the upstream's search.

        Raises:
            UpstreamError: the answer is no list of hits.
        """
        path = str(httpx.URL("search/", params={"q": query}))
        return await self._once(path, lambda: self._search(path))

    async def _record(self, kind: type[R], resource: str) -> R | None:
        answer = await self._get(f"{resource}/", resource)
        if answer.status == httpx.codes.NOT_FOUND:
            return None
        body = _body(answer, resource)
        return _stamp(cast(R, _decode(_RECORDS[kind], body, resource)), time.time())

    async def _page(self, kind: type[R], path: str) -> Page[R]:
        resource = kind.resource
        raw = _decode(_PAGES, _body(await self._get(path, resource), resource), resource)
        now = time.time()
        decoder = cast("msgspec.json.Decoder[R]", _RECORDS[kind])
        results = tuple(_item(decoder, bytes(item), resource, now) for item in raw.results)
        return Page(raw.count, results, now)

    async def _search(self, path: str) -> list[SearchHit]:
        return _decode(_HITS, _body(await self._get(path, "search"), "search"), "search")

    async def _once(self, path: str, fetch: Callable[[], Awaitable[T]]) -> T:
        """Single-flight: share the fetch of `path` that is under way; a waiter that is cancelled leaves it running."""
        flight: asyncio.Task[T] | None = self._flights.get(path)
        if flight is None:
            flight = self._flights[path] = asyncio.ensure_future(fetch())
            flight.add_done_callback(lambda done: self._landed(path, done))
        return await asyncio.shield(flight)

    def _landed(self, path: str, flight: asyncio.Task[Any]) -> None:
        del self._flights[path]
        if not flight.cancelled():
            flight.exception()  # marks it as seen, should nobody be left to wait for it

    async def _get(self, path: str, resource: str) -> RawResponse:
        try:
            async with self._bound, asyncio.timeout(self._timeout):
                self.counters["requests"] += 1
                response = await self._read(httpx.URL(self._base + path), resource)
        except UpstreamError:
            self.counters["failures"] += 1
            raise
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, TimeoutError, OSError) as error:
            self.counters["failures"] += 1
            self._heard(reachable=False)
            raise _transport_fault(error, resource, self._timeout) from error
        self._heard(reachable=True)
        return response

    async def _read(self, url: httpx.URL, resource: str) -> RawResponse:
        for _ in range(MAX_REDIRECTS):
            # The transport itself, without httpx's client around it: that costs as much CPU again as the GET, and
            # all it would add are cookies and credentials from the environment, which must not be sent.
            request = httpx.Request("GET", url, headers=HEADERS, extensions=self._timeouts)
            response = await self._transport.handle_async_request(request)
            response.request = request
            async with aclosing(response):
                if not response.has_redirect_location:
                    return RawResponse(response.status_code, await _bounded(response, resource))
            url = url.join(response.headers["location"])
            if not self._is_below_base(url):
                break
        raise UpstreamError("UPSTREAM_REDIRECT", resource, "redirected outside of its API, or too often,")

    def _is_below_base(self, url: httpx.URL) -> bool:
        base = self.base_url
        return (url.scheme, url.netloc) == (base.scheme, base.netloc) and url.path.startswith(base.path)

    def _heard(self, *, reachable: bool) -> None:
        if reachable is not self.reachable:
            self.reachable, self.reachable_since = reachable, time.time()


def _session(concurrency: int) -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=concurrency, keepalive_timeout=IDLE_SECONDS)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def _bounded(response: httpx.Response, resource: str) -> bytes:
    body = bytearray()
    chunks: AsyncIterable[bytes] = response.aiter_bytes()
    if "content-encoding" not in response.headers and isinstance(response.stream, httpx.AsyncByteStream):
        chunks = response.stream  # decoding what is not encoded would cost as much as all the rest of reading
    async for chunk in chunks:
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise UpstreamError("UPSTREAM_TOO_LARGE", resource, f"sent more than {MAX_RESPONSE_BYTES} bytes")
    return bytes(body)


def _transport_fault(error: Exception, resource: str, timeout: float) -> UpstreamError:
    # The aiohttp transport reports a lost connection as a timeout; the cause tells them apart.
    if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
        return UpstreamError("UPSTREAM_TIMEOUT", resource, f"did not answer within {timeout:g} s")
    if isinstance(error, httpx.DecodingError):
        return UpstreamError("UPSTREAM_INVALID", resource, "sent a body that cannot be decompressed")
    return UpstreamError("UPSTREAM_UNREACHABLE", resource, "could not be reached, or broke off,")


def _body(answer: RawResponse, resource: str) -> bytes:
    if answer.status != httpx.codes.OK:
        status = answer.status
        raise UpstreamError("UPSTREAM_STATUS", resource, f"answered with status {status}", status=status)
    return answer.body


def _decode(decoder: msgspec.json.Decoder[T], body: bytes, resource: str) -> T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        problem, _, field = str(error).partition(" - at ")
        field = field.strip("`").removeprefix("$").removeprefix(".")
        raise UpstreamError(
            "UPSTREAM_INVALID",
            resource,
            f"sent a value that does not fit ({problem} at {field or 'its root'})",
            field=field,
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UpstreamError("UPSTREAM_INVALID", resource, "sent something else than whole JSON") from error


def _item(decoder: msgspec.json.Decoder[R], body: bytes, resource: str, now: float) -> R | UpstreamError:
    try:
        return _stamp(_decode(decoder, body, resource), now)
    except UpstreamError as error:
        return error


def _stamp(record: R, now: float) -> R:
    force_setattr(record, "fetched_at", now)
    return record
