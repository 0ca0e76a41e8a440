"""Two gateways on one folder behind nginx, as compose.yaml has them."""

import re
import socket
from pathlib import Path

from tests.clients.nginx import publishing
from tests.deploy.conftest import DEPLOY
from tests.fake_upstream import FakeUpstream
from tests.gateways import ask, serving

COUNT = "{ packages(first: 1) { totalCount } }"


async def test_when_one_is_killed_the_other_answers_and_nobody_notices(fake: FakeUpstream, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    mirror = tmp_path / "mirror"
    async with serving(fake, mirror) as (first, one), serving(fake, mirror) as (_, two):
        addresses = iter(re.findall(r"//([^/]+)/", f"{one} {two}"))
        site = re.sub(r"gateway-\d:8000", lambda _: next(addresses), (DEPLOY / "nginx/balance.conf").read_text())
        with publishing(site.replace("listen 8080", f"listen 127.0.0.1:{port}"), tmp_path):
            url = f"http://127.0.0.1:{port}/graphql"
            before = [await ask(url, COUNT) for _ in range(6)]
            first.kill()
            await first.wait()
            assert [await ask(url, COUNT) for _ in range(20)] == before[:1] * 20
            assert before == before[:1] * 6
