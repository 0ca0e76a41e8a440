"""One GET on the wire: what is sent, how much may come back, and what a failure is called."""

import asyncio
import re
import ssl
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Final
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from spans import context_headers
from upstream.errors import ROOT, Cause, UpstreamError
from upstream.response import RawResponse
from upstream.wire import IDLE_SECONDS, MAX_HEADER_BYTES, MAX_HEADERS, Wire

MAX_BODY_BYTES: Final = 16 * 2**20
MAX_GZIP_MEMBERS: Final = 16
MAX_REDIRECTS: Final = 3
MAX_CONNECT_SECONDS: Final = 3.0
MAX_RETRY_AFTER_SECONDS: Final = 6 * 3600.0

PLAIN: Final = re.compile(r"[A-Za-z0-9/_~?=&%+-]*")
"""A path that goes over the wire as it is."""

NOTHING: Final = httpx.ByteStream(b"")

_ENCODINGS: Final = {"": False, "identity": False, "gzip": True, "x-gzip": True}


class Network:
    """Makes GETs below `base_url`, one at a time: no retries, no limits but those of size and of connecting.

    Nothing of a client's request is forwarded, links are never followed, and a redirect only within the API.

    Args:
        base_url: where the API is, with a trailing slash.
        user_agent: what the gateway says that it is.
        connections: how many there may be.
        timeout: seconds for one GET; connecting may take half of it, and no more than 3.
        transport: another way to reach the upstream than the network; the sample's.

    Raises:
        UpstreamError: the environment names a proxy that is none.
    """

    def __init__(
        self,
        base_url: str,
        *,
        user_agent: str,
        connections: int,
        timeout: float,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.base_url = httpx.URL(base_url)
        self._base = base_url
        self._path = self.base_url.raw_path
        self._headers = httpx.Headers(
            {
                "Host": self.base_url.netloc.decode(),
                "Accept": "application/json",
                "Accept-Encoding": "gzip",
                "User-Agent": user_agent,
            }
        )
        connect = min(timeout / 2, MAX_CONNECT_SECONDS)
        self._timeout = httpx.Timeout(timeout, connect=connect).as_dict()
        try:
            self._proxy = proxy_of(self.base_url)
        except (ValueError, httpx.InvalidURL) as error:
            problem = f"cannot be asked through the proxy that the environment names ({_shown(str(error))})"
            raise UpstreamError("proxy", ROOT, problem) from error
        if self._proxy is not None and self.base_url.scheme == "http":
            self._headers.update(self._proxy.headers)  # where there is no CONNECT, the GET itself goes to the proxy
        self._transport = transport or _transport(base_url, self._proxy, connections, connect)

    async def aclose(self) -> None:
        """Close the pool."""
        await self._transport.aclose()

    async def get(self, path: str, resource: str) -> RawResponse:
        """GET `path`, below the base, on behalf of `resource`.

        Raises:
            UpstreamError: nothing came that can be used, whatever its status.
        """
        try:
            target = self._path + path.encode() if PLAIN.fullmatch(path) else httpx.URL(self._base + path).raw_path
            return await self._follow(target, resource)
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            raise await self._named(error, resource) from error

    async def _follow(self, target: bytes, resource: str) -> RawResponse:
        location = ""
        context = context_headers()
        headers = httpx.Headers({**self._headers, **context}) if context else self._headers
        for _ in range(MAX_REDIRECTS):
            # The transport itself, without httpx's client around it: that costs as much CPU again as the GET, and
            # all it would add are cookies and credentials from the environment, which must not be sent.
            request = self._request(target, headers)
            response = await self._transport.handle_async_request(request)
            try:
                if not response.has_redirect_location:
                    return await _read(response, resource)
                location = response.headers["location"]
            finally:
                await response.aclose()
            url = self.base_url.copy_with(raw_path=target).join(location)
            if not self._is_below_base(url):
                raise UpstreamError("redirect", resource, f"redirects out of its API, to {_shown(location)},")
            target = url.raw_path
        raise UpstreamError("redirect", resource, f"redirects in a circle, or too often, last to {_shown(location)},")

    def _request(self, target: bytes, headers: httpx.Headers) -> httpx.Request:
        if isinstance(self._transport, Wire):
            extensions = {"target": target}  # saves making a URL
            return httpx.Request("GET", self.base_url, headers=headers, stream=NOTHING, extensions=extensions)
        url = self.base_url.copy_with(raw_path=target)
        return httpx.Request("GET", url, headers=headers, extensions={"timeout": self._timeout})

    def _is_below_base(self, url: httpx.URL) -> bool:
        base = self.base_url
        return (url.scheme, url.netloc) == (base.scheme, base.netloc) and url.path.startswith(base.path)

    async def _named(self, error: Exception, resource: str) -> UpstreamError:
        """Say what a failure is; the aiohttp transport calls most a timeout, what caused them tells them apart."""
        chain = list(_chain(error))
        cause, problem = next(
            (row[1:] for row in _FAILURES if any(isinstance(each, row[0]) for each in chain)), ("reset", "broke off")
        )
        if cause in ("tls", "format"):
            problem += f" ({_shown(_reason(chain))})"
        elif self.base_url.scheme == "https" and await self._is_handshake(cause, chain):
            cause, problem = "tls", "could not be reached (TLS failed: no handshake; is it plain HTTP?)"
        return UpstreamError(cause, resource, problem)

    async def _is_handshake(self, cause: Cause, chain: list[BaseException]) -> bool:
        """Tell whether a connection was made, and what failed was the handshake after it."""
        if cause == "connect timeout":
            return self._proxy is None and await _accepts(self.base_url)
        return cause == "refused" and any(isinstance(each, ConnectionResetError) for each in chain)


_FAILURES: Final[tuple[tuple[tuple[type[BaseException], ...], Cause, str], ...]] = (
    (
        (aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError),
        "proxy",
        "could not be reached through the proxy",
    ),
    ((aiohttp.ClientConnectorDNSError,), "dns", "could not be reached (its name has no address)"),
    ((ssl.SSLError, ssl.CertificateError, aiohttp.ClientSSLError), "tls", "could not be reached: TLS failed"),
    ((ConnectionRefusedError,), "refused", "could not be reached (the connection was refused)"),
    ((aiohttp.ConnectionTimeoutError,), "connect timeout", "could not be reached in time"),
    ((TimeoutError,), "read timeout", "did not answer in time"),
    ((aiohttp.ClientConnectorError,), "refused", "could not be reached"),
    ((aiohttp.ClientResponseError, httpx.RemoteProtocolError), "format", "sent something else than HTTP"),
    ((httpx.InvalidURL,), "redirect", "redirects to something that is no URL"),
)
"""What each failure is called; the first row that fits an error, or what caused it, holds."""


def proxy_of(url: httpx.URL) -> httpx.Proxy | None:
    """Return the proxy that HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY name for a URL."""
    proxies = getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(url.netloc.decode()):
        return None
    found = httpx.Proxy(proxy if "://" in proxy else f"http://{proxy}")
    if found.auth is None:
        return found
    return httpx.Proxy(found.url, headers={"Proxy-Authorization": aiohttp.encode_basic_auth(*found.auth)})


def retry_after_of(text: str) -> float | None:
    """Return the seconds of a `Retry-After`, which has them or a date (RFC 9110, 10.2.3); `None` if it is not sound."""
    if not text:
        return None
    if re.fullmatch("[0-9]{1,18}", text):
        return min(float(text), MAX_RETRY_AFTER_SECONDS)
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    seconds = (date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)
    return min(max(seconds.total_seconds(), 0.0), MAX_RETRY_AFTER_SECONDS)


def _transport(base_url: str, proxy: httpx.Proxy | None, connections: int, connect: float) -> httpx.AsyncBaseTransport:
    if proxy is None:
        return Wire(base_url, connections=connections, connect=connect)
    # It would read all certificates for a context of its own, which the session has no use for.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return AiohttpTransport(context, client=partial(_session, connections), proxy=proxy)


def _session(connections: int) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, keepalive_timeout=IDLE_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        max_line_size=MAX_HEADER_BYTES,
        max_field_size=MAX_HEADER_BYTES,
        max_headers=MAX_HEADERS,
    )


async def _read(response: httpx.Response, resource: str) -> RawResponse:
    # Not `response.headers.get`, which looks for the encoding of all of them each time.
    head = {name.lower(): value for name, value in response.headers.raw}

    def header(name: bytes) -> str:
        return head.get(name, b"").decode("latin-1").strip()

    encoding = header(b"content-encoding").lower()
    if encoding not in _ENCODINGS:
        raise UpstreamError("format", resource, f"sent a body compressed as {_shown(encoding)}, though asked for gzip,")
    assert isinstance(response.stream, httpx.AsyncByteStream)
    body = bytearray()
    async for chunk in response.stream:
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _too_large(resource)
    plain = inflate(body, resource) if _ENCODINGS[encoding] else bytes(body)
    content_type = header(b"content-type").partition(";")[0].strip().lower()
    return RawResponse(response.status_code, content_type, retry_after_of(header(b"retry-after")), plain)


def inflate(body: bytes | bytearray, resource: str) -> bytes:
    """Decompress gzip, of one or several members (RFC 1952, 2.2), up to the bound on bodies.

    Raises:
        UpstreamError: it is no gzip, is cut short, or grows too large.
    """
    plain = bytearray()
    rest = bytes(body)
    for _ in range(MAX_GZIP_MEMBERS):
        member = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        try:
            plain += member.decompress(rest, MAX_BODY_BYTES - len(plain) + 1)
        except zlib.error as error:
            raise UpstreamError("format", resource, "sent a body that cannot be decompressed") from error
        if len(plain) > MAX_BODY_BYTES:
            raise _too_large(resource)
        if not member.eof:
            raise UpstreamError("format", resource, "sent a compressed body that is cut short")
        rest = member.unused_data.lstrip(b"\0")
        if not rest:
            return bytes(plain)
    raise UpstreamError("format", resource, f"sent a body of more than {MAX_GZIP_MEMBERS} gzip members")


def _too_large(resource: str) -> UpstreamError:
    return UpstreamError("size", resource, f"sent more than {MAX_BODY_BYTES} bytes")


async def _accepts(url: httpx.URL) -> bool:
    """Tell whether a connection can be made, so that what failed was the handshake."""
    try:
        async with asyncio.timeout(0.5):
            _, writer = await asyncio.open_connection(url.host, url.port or 443)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def _reason(chain: list[BaseException]) -> str:
    """Say what is wrong, without the bytes that aiohttp's parser adds as Python writes them."""
    last = chain[-1]
    said = str(getattr(last, "reason", None) or getattr(last, "message", None) or last)
    return re.split(r":?\s+b['\"]", said)[0]


def _shown(text: str) -> str:
    """Return the beginning of a text of the upstream's, on one line."""
    line = " ".join(text.split())
    line = "".join(character if character.isprintable() else "�" for character in line)
    return line if len(line) <= 120 else f"{line[:119]}…"
