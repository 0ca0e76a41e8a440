"""Automatically persisted documents at a server that gateways share: what one of them was told, all know.

A request waits for it a tenth of a second at the most, and what comes is believed if it has the hash that it was asked
by.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final, Protocol

LOOKUP_SECONDS: Final = 0.1
REGISTER_SECONDS: Final = 1.0
MAX_AT_ONCE: Final = 32
"""Look-ups under way, and registrations; what is more is not found, and not told."""

MAX_BYTES: Final = 16 * 1024 * 1024
"""Of all documents at the server; the least recently told and looked up go first."""

MAX_DOCUMENT_BYTES: Final = 256 * 1024
KEPT_SECONDS: Final = 7 * 86_400
HASH: Final = re.compile(r"[0-9a-f]{64}")

_LOOK_UP: Final = f"""
if redis.call('HSTRLEN', KEYS[1], ARGV[1]) > {MAX_DOCUMENT_BYTES} then return '' end
local text = redis.call('HGET', KEYS[1], ARGV[1])
if text then redis.pcall('ZADD', KEYS[2], 'XX', redis.call('TIME')[1], ARGV[1]) end
return text or ''
"""
_REGISTER: Final = f"""
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local function put(hash, text)
  redis.call('HINCRBY', KEYS[1], ':bytes', #text - redis.call('HSTRLEN', KEYS[1], hash))
  redis.call('HSET', KEYS[1], hash, text)
  redis.call('ZADD', KEYS[2], now, hash)
end
local function drop(hash)
  redis.call('HINCRBY', KEYS[1], ':bytes', 0 - redis.call('HSTRLEN', KEYS[1], hash))
  redis.call('HDEL', KEYS[1], hash)
  redis.call('ZREM', KEYS[2], hash)
end
put(ARGV[1], ARGV[2])
for _, hash in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - {KEPT_SECONDS}, 'LIMIT', 0, 100)) do
  drop(hash)
end
while tonumber(redis.call('HGET', KEYS[1], ':bytes') or 0) > tonumber(ARGV[3]) do
  local oldest = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
  if oldest ~= ARGV[1] then
    drop(oldest)
  else  -- it is alone and there is no room: what takes it was forgotten when keys were evicted
    redis.call('DEL', KEYS[1])
    put(ARGV[1], ARGV[2])
  end
end
redis.call('EXPIRE', KEYS[1], {KEPT_SECONDS})
redis.call('EXPIRE', KEYS[2], {KEPT_SECONDS})
return 'done'
"""


class DocumentServer(Protocol):
    """What keeps documents."""

    def key(self, name: str) -> str:
        """Return the name of a key in full."""

    async def attempt(self, text: str, keys: Sequence[str], *values: str | bytes | int, seconds: float) -> Any:
        """Run a script; return `None` where the server is away, slow, or refuses."""


class SharedDocuments:
    """The documents at a server; `lookups` counts what came of asking for them.

    Args:
        server: where they are.
    """

    def __init__(self, server: DocumentServer) -> None:
        self.lookups: Counter[str] = Counter()
        self._server = server
        self._keys = [server.key("documents"), server.key("documents-used")]
        self._looked_up: dict[str, asyncio.Task[str | None]] = {}
        self._registered: set[asyncio.Task[None]] = set()

    async def get(self, key: str) -> str | None:
        """Return the text with a hash; `None` where it cannot be had soon."""
        if not HASH.fullmatch(key):
            return None
        task = self._looked_up.get(key)
        if task is None:
            if len(self._looked_up) >= MAX_AT_ONCE:
                self.lookups["failure"] += 1
                return None
            task = self._looked_up[key] = asyncio.create_task(self._look_up(key))
            task.add_done_callback(lambda _: self._looked_up.pop(key))
        return await asyncio.shield(task)  # who leaves must not end what others wait for

    def put(self, key: str, text: str) -> None:
        """Tell the server of a document, behind."""
        told = text.encode()
        if len(told) > MAX_DOCUMENT_BYTES or len(self._registered) >= MAX_AT_ONCE:
            return
        task = asyncio.create_task(self._register(key, told))
        self._registered.add(task)
        task.add_done_callback(self._registered.discard)

    async def _look_up(self, key: str) -> str | None:
        found = await self._server.attempt(_LOOK_UP, self._keys, key, seconds=LOOKUP_SECONDS)
        if found is None:
            self.lookups["failure"] += 1
            return None
        is_true = sha256(found).hexdigest() == key
        self.lookups["hit" if is_true else "miss"] += 1
        return found.decode() if is_true else None

    async def _register(self, key: str, text: bytes) -> None:
        await self._server.attempt(_REGISTER, self._keys, key, text, MAX_BYTES, seconds=REGISTER_SECONDS)
