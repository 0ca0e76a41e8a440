"""A server that speaks Redis' protocol, as Redis and Valkey do: how it is reached, and what is made of its failures."""

import asyncio
import hashlib
import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import parse_qs, urlsplit

from catalogue.redis_snapshot import LAYOUT, CorruptError
from catalogue.store import StoreError

if TYPE_CHECKING:
    from redis.asyncio import Redis

T = TypeVar("T")

CONNECT_SECONDS: Final = 1.0
COMMAND_SECONDS: Final = 2.0
TRANSFER_SECONDS: Final = 5.0
"""For a part of a snapshot."""

AGAIN_SECONDS: Final = 1.0
"""For how long nobody waits for a server that has just failed somebody."""

MAX_CONNECTIONS: Final = 100
DATABASE: Final = re.compile(r"(/\d*)?")
OPTIONS: Final = {"db", "password", "ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_check_hostname"}
"""What a URL may have after its question mark."""


class RefusedError(StoreError):
    """The server answers, and will not do what it is asked: it is full, a replica, or lets nobody in."""


class RedisServer:
    """One server, or one database of it, for the gateways of one upstream.

    Args:
        url: `redis://`, `rediss://` or `unix://`.
        upstream: the base URL of the upstream; what others keep there for another one is not touched.

    Raises:
        ImportError: redis-py is not installed.
        ValueError: the URL cannot be used.
    """

    def __init__(self, url: str, upstream: str) -> None:
        if not is_url(url):
            # It may hold a password, so it is not repeated.
            raise ValueError("is not a URL such as redis://host:6379/0, rediss://… or unix:///path?db=0")
        self.place = _place(url)
        self.client = _client(url)
        # The braces keep all keys in one slot of a cluster.
        self._again_clock = 0.0
        self._prefix = f"{{catalogue-gateway:{LAYOUT}:{hashlib.sha256(upstream.encode()).hexdigest()[:12]}}}"

    def key(self, name: str) -> str:
        """Return the name of a key in full."""
        return f"{self._prefix}:{name}"

    async def aclose(self) -> None:
        """Close all connections; the next call opens one anew."""
        await self.client.aclose()

    async def command(self, *words: str | bytes | int, seconds: float = COMMAND_SECONDS) -> Any:
        """Run a command.

        Raises:
            StoreError: the server cannot be reached, or does not answer in time.
            RefusedError: it will not do it.
        """
        return await self._tried(lambda: self.client.execute_command(*words), seconds)  # type: ignore[no-untyped-call]

    async def script(
        self, text: str, keys: Sequence[str], *values: str | bytes | int, seconds: float = COMMAND_SECONDS
    ) -> Any:
        """Run a script in Lua, which is one atomic step.

        Raises:
            StoreError: as `command` does.
        """
        script = self.client.register_script(text)
        return await self._tried(lambda: script(keys=list(keys), args=values), seconds)

    async def attempt(self, text: str, keys: Sequence[str], *values: str | bytes | int, seconds: float) -> Any:
        """Run a script; return `None` where the server is away, slow, or refuses, and for a while after that."""
        if time.monotonic() < self._again_clock:
            return None
        try:
            return await self.script(text, keys, *values, seconds=seconds)
        except StoreError:
            self._again_clock = time.monotonic() + AGAIN_SECONDS
            return None

    async def _tried(self, call: Callable[[], Awaitable[T]], seconds: float) -> T:
        from redis import exceptions

        try:
            async with asyncio.timeout(seconds):
                return await call()
        except exceptions.ResponseError as error:
            said = str(error).partition(" script:")[0]
            if said.startswith("WRONGTYPE"):
                raise CorruptError(f"The store at {self.place} holds another kind of value ({said}).") from error
            raise RefusedError(f"The store at {self.place} refuses: {said}") from error
        except TimeoutError:
            raise StoreError(f"The store at {self.place} does not answer within {seconds:g} s.") from None
        except Exception as error:  # whatever the client meets must not end what serves without it
            raise StoreError(f"The store at {self.place} cannot be reached: {error}") from error


def is_url(text: str) -> bool:
    """Whether a text is the URL of a database at a server that speaks Redis' protocol."""
    try:
        parts = urlsplit(text)
        named = parse_qs(parts.query, strict_parsing=bool(parts.query))
        is_number = (parts.port or 1) and named.get("db", ["0"])[0].isdecimal()
    except ValueError:
        return False
    if parts.fragment or re.search(r"\s", text) or not is_number or not named.keys() <= OPTIONS:
        return False
    if parts.scheme == "unix":
        return bool(parts.path.strip("/")) and not parts.hostname
    return parts.scheme in ("redis", "rediss") and bool(parts.hostname) and bool(DATABASE.fullmatch(parts.path))


def _client(url: str) -> "Redis":
    from redis.asyncio import Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError as LostError
    from redis.maint_notifications import MaintNotificationsConfig

    return Redis.from_url(
        url,
        socket_timeout=None,  # each call has a bound of its own, over all that it waits for
        socket_connect_timeout=CONNECT_SECONDS,
        # A connection that the server has closed meanwhile is opened anew, once.
        retry=Retry(NoBackoff(), 1, supported_errors=(LostError,)),
        max_connections=MAX_CONNECTIONS,
        protocol=2,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),
    )


def _place(url: str) -> str:
    """Return where a server is, without who is let in there."""
    parts = urlsplit(url)
    return parts.path if parts.scheme == "unix" else f"{parts.hostname or 'localhost'}:{parts.port or 6379}"
