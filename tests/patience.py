"""How long a test waits. Only a program that hangs takes as long: no test passes or fails by the machine's speed."""

import asyncio
import ssl
from types import SimpleNamespace
from typing import Final

import httpx
import uvicorn.server

PATIENCE: Final = 300
"""Seconds."""


def make_httpx_patient() -> None:
    """Let httpx wait that long instead of five seconds, in every test that does not say how long.

    Nor does each client read the certificates of all authorities, which takes 20 ms: none of them asks over TLS.
    """
    trusts_nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for each in (httpx.get, httpx.post, httpx.request, httpx.Client.__init__, httpx.AsyncClient.__init__):
        defaults = each.__kwdefaults__ or {}
        assert {"timeout", "verify"} <= defaults.keys()
        defaults |= {"timeout": PATIENCE, "verify": trusts_nobody}


def make_uvicorn_quick() -> None:
    """Let a server in the test's own process look for the end, and wait at it, in steps of 5 ms instead of 100."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(seconds / 20)

    vars(uvicorn.server)["asyncio"] = SimpleNamespace(**{**vars(asyncio), "sleep": sleep})
