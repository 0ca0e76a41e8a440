"""Two gateways behind nginx, on one store as compose.yaml has them, or on one folder."""

import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.clients.nginx import publishing
from tests.deploy.conftest import DEPLOY
from tests.fake_upstream import FakeUpstream
from tests.gateways import ask, serving
from tests.redis_servers import redis_server

COUNT = "{ packages(first: 1) { totalCount } }"


@pytest.fixture(params=["a store", "a folder"])
async def shared(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[list[tuple[Path, tuple[str, ...]]]]:
    """Return folder and options of each gateway."""
    if request.param == "a folder":
        yield [(tmp_path / "mirror", ())] * 2
        return
    with TemporaryDirectory() as folder:  # whose path a socket's may have in it
        async with redis_server(Path(folder)) as server:
            yield [(tmp_path / name, ("--store", server.url)) for name in ("one", "two")]


async def test_when_one_is_killed_the_other_answers_and_nobody_notices(
    fake: FakeUpstream, tmp_path: Path, shared: list[tuple[Path, tuple[str, ...]]]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (one_folder, options), (another, _) = shared
    async with serving(fake, one_folder, *options) as (first, one), serving(fake, another, *options) as (_, two):
        addresses = iter(re.findall(r"//([^/]+)/", f"{one} {two}"))
        site = re.sub(r"gateway-\d:8000", lambda _: next(addresses), (DEPLOY / "nginx/balance.conf").read_text())
        with publishing(site.replace("listen 8080", f"listen 127.0.0.1:{port}"), tmp_path):
            url = f"http://127.0.0.1:{port}/graphql"
            before = [await ask(url, COUNT) for _ in range(6)]
            first.kill()
            await first.wait()
            assert [await ask(url, COUNT) for _ in range(20)] == before[:1] * 20
            assert before == before[:1] * 6
