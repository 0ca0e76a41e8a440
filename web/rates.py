"""How often one client may ask."""

import math
import time
from ipaddress import IPv6Address, ip_address
from typing import Final

from cachetools import TTLCache

from web.errors import RequestError

WINDOW: Final = 60.0
"""Seconds for which requests are counted together."""

MAX_CLIENTS: Final = 100_000
"""Clients that are remembered; of more, those that asked longest ago are forgotten."""

_IPV6_SITE: Final = 64
"""Bits of an IPv6 address that are one client's: it has all addresses behind them."""


class RateLimit:
    """Counts the requests of each client's address in windows of a minute.

    The libraries for this (`limits`, `pyrate-limiter`) keep a thread or a lock, and clients without a bound.
    """

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._windows: TTLCache[str, list[float]] = TTLCache(MAX_CLIENTS, WINDOW, timer=time.monotonic)

    def check(self, client: tuple[str, int] | None) -> None:
        """Count a request of a client, as ASGI names it. Raises `RequestError` (429)."""
        if client is None:
            return
        key = client_key(client[0])
        window = self._windows.get(key)
        if window is None:
            window = self._windows[key] = [time.monotonic() + WINDOW, 0]
        window[1] += 1
        if window[1] > self._per_minute:
            seconds = max(1, math.ceil(window[0] - time.monotonic()))
            message = f"Too many requests: {self._per_minute} a minute are allowed here."
            raise RequestError(429, "RATE_LIMITED", message, headers=[(b"retry-after", str(seconds).encode())])


def client_key(address: str) -> str:
    """Return what is one client: an address, or the network of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(int(parsed) >> (128 - _IPV6_SITE))
    return address
