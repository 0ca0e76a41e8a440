"""Answers, and those that are ready: a response cache bounded by bytes."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from hashlib import blake2b

from web.compression import compress
from web.headers import Headers

_ENTRY_BYTES = 1024
"""What an entry costs beside its text, roughly."""

_MAX_REQUESTS = 32
"""Spellings of a request by which one answer is found at once."""


@dataclass(slots=True, eq=False)
class GraphQLResponse:
    """The response to one operation, before HTTP.

    `body` is its JSON. `status` is the HTTP status as `application/graphql-response+json`; when the HTTP request was
    `well_formed`, it is 200 as `application/json`. `expires` is the Unix time until when the records in it are fresh,
    None for an answer that nobody may keep: one with errors, or of a mutation. `version` is the catalogue's that it was
    made from. The rest is the cache's: `size` is what it counts for, in bytes, and `text_bytes` the part of it that is
    keys; `requests` are those that `recall` finds it by.
    """

    body: bytes
    status: int = 200
    well_formed: bool = True
    expires: float | None = None
    version: int = 0
    headers: Headers = field(default_factory=list)
    key: Hashable = None
    size: int = 0
    text_bytes: int = 0
    requests: list[Hashable] = field(default_factory=list)
    encoded: dict[str, bytes] = field(default_factory=dict)

    def encode(self, coding: str) -> bytes:
        """Return the body in a content coding; it is compressed once."""
        if coding not in self.encoded:
            self.encoded[coding] = compress(self.body, coding)
        return self.encoded[coding]

    @property
    def tag(self) -> bytes:
        """The entity tag; weak, since one tag stands for every content coding of the same JSON."""
        return b'W/"%s"' % blake2b(self.body, digest_size=12).hexdigest().encode()


@dataclass(slots=True, eq=False)
class CachedResponse:
    """An answer as one kind of request gets it: everything but what differs from request to request."""

    answer: GraphQLResponse
    status: int
    headers: Headers
    body: bytes
    tag: bytes | None


class ResponseCache:
    """Complete answers, the least recently used ones dropped when they are more than `limit` bytes together.

    An answer is found by what it answers (`find`), and at once by the very bytes of a request (`recall`). It is gone
    when a record in it is no longer fresh, and when the catalogue has a new version.
    """

    def __init__(self, limit: int, version: Callable[[], int]) -> None:
        self._limit = limit
        self._version = version
        self._answers: OrderedDict[Hashable, GraphQLResponse] = OrderedDict()
        self._requests: dict[Hashable, CachedResponse] = {}
        self._bytes = 0

    def find(self, key: Hashable) -> GraphQLResponse | None:
        """Return the answer that `keep` stored under `key`, if it still holds."""
        answer = self._answers.get(key)
        return answer if answer and self._holds(answer) else None

    def keep(self, key: Hashable, answer: GraphQLResponse, text_bytes: int) -> None:
        """Store an answer; `text_bytes` is the length of its key's text."""
        if not self._limit or not answer.expires or answer.expires <= time.time():
            return
        if key in self._answers:
            self._drop(self._answers[key])
        answer.key, answer.text_bytes = key, text_bytes
        self._answers[key] = answer
        self._weigh(answer)

    def recall(self, request: Hashable) -> CachedResponse | None:
        """Return what the same request got before, if that still holds."""
        ready = self._requests.get(request)
        return ready if ready and self._holds(ready.answer) else None

    def remember(self, request: Hashable, ready: CachedResponse, request_bytes: int) -> None:
        """Let `recall` find a kept answer by a request of `request_bytes` bytes."""
        answer = ready.answer
        if self._answers.get(answer.key) is not answer or request in self._requests:
            return
        if len(answer.requests) == _MAX_REQUESTS:
            return
        self._requests[request] = ready
        answer.requests.append(request)
        answer.text_bytes += request_bytes
        self._weigh(answer)

    def _holds(self, answer: GraphQLResponse) -> bool:
        if answer.expires and answer.expires > time.time() and answer.version == self._version():
            self._answers.move_to_end(answer.key)
            return True
        self._drop(answer)
        return False

    def _weigh(self, answer: GraphQLResponse) -> None:
        bodies = len(answer.body) + sum(map(len, answer.encoded.values()))
        size = bodies + answer.text_bytes + _ENTRY_BYTES * (1 + len(answer.requests))
        self._bytes += size - answer.size
        answer.size = size
        while self._bytes > self._limit:
            self._drop(next(iter(self._answers.values())))

    def _drop(self, answer: GraphQLResponse) -> None:
        del self._answers[answer.key]
        for request in answer.requests:
            del self._requests[request]
        self._bytes -= answer.size
