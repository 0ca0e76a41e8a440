"""A page shows what changes while somebody looks at it."""

import asyncio
import os
import shutil
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from catalogue import mirror
from tests.fake_upstream import FakeUpstream
from tests.live import live
from tests.npm import npm_install
from tests.patience import PATIENCE
from tests.rows import Rows

HERE = Path(__file__).parent


async def test_a_page_shows_what_changes(fake: FakeUpstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirror, "SERVING_RATE", 1e6)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "needs Chromium: make tools"
    npm_install(HERE.parent / "browser")
    fake.rows = Rows(5)
    fake.rows.packages[3].update(title="As it was")
    fake.rows.grids[1]["packages"] = [3, 4]
    async with live(fake, serve_example=True) as gateway:
        environment = {**os.environ, "CHROMIUM": chromium, "GATEWAY_URL": gateway.url.removesuffix("/graphql")}
        command = ("node", "live.mjs", "As it was", "As it is")
        process = await asyncio.create_subprocess_exec(*command, cwd=HERE, env=environment, stdout=PIPE)
        assert process.stdout
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == b"shown\n"
            fake.rows.packages[3].update(title="As it is")
            await gateway.mirror.sync()
            assert await process.stdout.readline() == b"changed\n"
            assert await process.wait() == 0
