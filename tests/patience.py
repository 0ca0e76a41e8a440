"""How long a test waits. Only a program that hangs takes as long: no test passes or fails by the machine's speed."""

from typing import Final

import httpx

PATIENCE: Final = 300
"""Seconds."""


def make_httpx_patient() -> None:
    """Let httpx wait that long instead of five seconds, in every test that does not say how long."""
    for each in (httpx.get, httpx.post, httpx.request, httpx.Client.__init__, httpx.AsyncClient.__init__):
        defaults = each.__kwdefaults__ or {}
        assert "timeout" in defaults
        defaults["timeout"] = PATIENCE
