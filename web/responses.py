"""Responses, and those that are ready: a response cache bounded by bytes."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b

from msgspec import Struct

from web.compression import compress
from web.headers import Headers
from web.origin import READY

_ENTRY_BYTES = 1024
"""What an entry costs beside its text, roughly."""

_MAX_REQUESTS = 32
"""Spellings of a request by which one response is found at once."""


class GraphQLResponse(Struct, eq=False):
    """The response to one operation, before HTTP.

    `body` is its JSON. `status` is the HTTP status as `application/graphql-response+json`; when the HTTP request was
    `well_formed`, it is 200 as `application/json`. `expires_clock` is until when it holds, by the monotonic clock:
    infinity when it rests on the snapshot alone, None when nobody may keep it: one with errors, or of a mutation.
    `edition` is the catalogue's that it was made from. `origin` says in headers where it came from. `operation` is the
    name of the operation, empty where it has none. The rest is the cache's: `size` is what it counts for, in bytes, and
    `text_bytes` the part of it that is keys; `requests` are those that `get_exact` finds it by.
    """

    body: bytes
    status: int = 200
    well_formed: bool = True
    expires_clock: float | None = None
    edition: Hashable = None
    headers: Headers = []
    origin: Headers = []
    operation: str = ""
    key: Hashable = None
    size: int = 0
    text_bytes: int = 0
    requests: list[Hashable] = []
    encoded: dict[str, bytes] = {}

    def encode(self, coding: str) -> bytes:
        """Return the body in a content coding; it is compressed once."""
        if coding not in self.encoded:
            self.encoded[coding] = compress(self.body, coding)
        return self.encoded[coding]

    @property
    def tag(self) -> bytes:
        """The entity tag; weak, since one tag stands for every content coding of the same JSON."""
        return b'W/"%s"' % blake2b(self.body, digest_size=12).hexdigest().encode()


class CachedResponse(Struct, eq=False):
    """A response as one kind of request gets it: everything but what differs from request to request."""

    response: GraphQLResponse
    status: int
    headers: Headers
    body: bytes
    tag: bytes | None


class ResponseCache:
    """Complete responses, the least recently used ones dropped when they are more than `limit` bytes together.

    A response is found by what it answers (`get`), and at once by the very bytes of a request (`get_exact`). It is gone
    when it no longer holds by itself, and when the catalogue has a new edition. `hits` and `misses` count what it was
    asked for.
    """

    def __init__(self, limit: int, edition: Callable[[], Hashable]) -> None:
        self._limit = limit
        self._edition = edition
        self._responses: OrderedDict[Hashable, GraphQLResponse] = OrderedDict()
        self._requests: dict[Hashable, CachedResponse] = {}
        self._bytes = 0
        self.hits = self.misses = 0

    @property
    def size(self) -> int:
        """Bytes of all responses, roughly."""
        return self._bytes

    def get(self, key: Hashable) -> GraphQLResponse | None:
        """Return the response that `put` stored under `key`, if it still holds."""
        response = self._responses.get(key)
        if not response or not self._holds(response):
            self.misses += 1
            return None
        self.hits += 1
        response.origin = READY
        return response

    def put(self, key: Hashable, response: GraphQLResponse, text_bytes: int) -> None:
        """Store a response; `text_bytes` is the length of its key's text."""
        if not self._limit or response.expires_clock is None:
            return
        if key in self._responses:
            self._drop(self._responses[key])
        response.key, response.text_bytes = key, text_bytes
        self._responses[key] = response
        self._weigh(response)

    def get_exact(self, request: Hashable) -> CachedResponse | None:
        """Return what the same request got before, if that still holds."""
        ready = self._requests.get(request)
        if not ready or not self._holds(ready.response):
            return None
        self.hits += 1
        return ready

    def put_exact(self, request: tuple[bytes | None, ...], ready: CachedResponse) -> None:
        """Let `get_exact` find a kept response by what a request is made of."""
        response = ready.response
        if self._responses.get(response.key) is not response or request in self._requests:
            return
        if len(response.requests) == _MAX_REQUESTS:
            return
        self._requests[request] = ready
        response.requests.append(request)
        response.text_bytes += sum(len(part) for part in request if part)
        self._weigh(response)

    def weigh(self, response: GraphQLResponse) -> None:
        """Count what a response has grown to by an encoding that was made since it was kept."""
        if self._responses.get(response.key) is response:
            self._weigh(response)

    def _holds(self, response: GraphQLResponse) -> bool:
        if (response.expires_clock or 0.0) > time.monotonic() and response.edition == self._edition():
            self._responses.move_to_end(response.key)
            return True
        self._drop(response)
        return False

    def _weigh(self, response: GraphQLResponse) -> None:
        bodies = len(response.body) + sum(map(len, response.encoded.values()))
        size = bodies + response.text_bytes + _ENTRY_BYTES * (1 + len(response.requests))
        self._bytes += size - response.size
        response.size = size
        while self._bytes > self._limit:
            self._drop(next(iter(self._responses.values())))

    def _drop(self, response: GraphQLResponse) -> None:
        del self._responses[response.key]
        for request in response.requests:
            del self._requests[request]
        self._bytes -= response.size
