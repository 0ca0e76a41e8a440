"""An upstream in memory whose manners a test chooses: slow, limited, flaky."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

from tests.rows import Rows

BASE = "http://x/"


@dataclass
class Scripted(httpx.AsyncBaseTransport):
    """Answers from `rows`. `manners` may answer, raise or wait instead; `None` from it lets the rows answer.

    `asked` has when each target was asked for, by the loop's clock.
    """

    rows: Rows
    manners: Callable[[str], "httpx.Response | None"] = lambda _: None
    seconds: float = 0.0
    asked: list[tuple[float, str]] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = request.url.raw_path.decode().lstrip("/")
        self.asked.append((asyncio.get_running_loop().time(), target))
        await asyncio.sleep(self.seconds)
        reply = self.manners(target)
        if reply is not None and reply.status_code == HANG:
            await asyncio.sleep(1e9)
        status, body = self.rows.answer(target, BASE)
        return reply or httpx.Response(status, content=body)

    @property
    def targets(self) -> list[str]:
        return [target for _, target in self.asked]


HANG = 599
"""The status of a reply that never comes."""


def limited(
    rate: float, burst: int, status: int, headers: dict[str, str] | None = None
) -> Callable[[str], httpx.Response | None]:
    """Refuse what exceeds a rate, as nginx's `limit_req … nodelay` does."""
    full_at = 0.0

    def manners(_: str) -> httpx.Response | None:
        nonlocal full_at
        now = asyncio.get_running_loop().time()
        at = max(full_at, now)
        if at - now > burst / rate:
            return httpx.Response(status, headers=headers, content=b"<html>")
        full_at = at + 1 / rate
        return None

    return manners


def windowed(most: int, seconds: float) -> Callable[[str], httpx.Response | None]:
    """Refuse what exceeds so many requests in so many seconds, and say when to come back."""
    passed: list[float] = []

    def manners(_: str) -> httpx.Response | None:
        now = asyncio.get_running_loop().time()
        recent = [at for at in passed if at > now - seconds]
        if len(recent) >= most:
            wait = int(recent[0] + seconds - now) + 1
            return httpx.Response(429, headers={"Retry-After": str(wait)}, content=b"{}")
        passed.append(now)
        return None

    return manners


def flaky(share: float, seed: int, rows: Rows) -> Callable[[str], httpx.Response | None]:
    """Fail a share of the requests, in one way or another."""
    chance = random.Random(seed)

    def manners(target: str) -> httpx.Response | None:
        if chance.random() >= share:
            return None
        kind = chance.choice(["500", "reset", "truncated", "hang"])
        if kind == "500":
            return httpx.Response(500, content=b"<html>")
        if kind == "hang":
            return httpx.Response(HANG)
        if kind == "reset":
            raise httpx.ReadError("reset")
        return httpx.Response(200, content=rows.answer(target, BASE)[1][:-20])

    return manners
