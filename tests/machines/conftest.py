"""A server for each test, and what gateways of one test share."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.redis_servers import REDIS, RunningServer, redis_server


@pytest.fixture
async def redis(request: pytest.FixtureRequest) -> AsyncIterator[RunningServer]:
    # Not in pytest's folder: a socket's path has 107 characters at the most.
    with tempfile.TemporaryDirectory() as folder:
        async with redis_server(Path(folder), program=getattr(request, "param", REDIS)) as running:
            yield running
