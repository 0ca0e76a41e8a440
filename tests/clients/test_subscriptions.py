"""The clients of the day subscribe: graphql-ws, graphql-sse, urql and Apollo Client."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import HERE
from tests.fake_upstream import FakeUpstream
from tests.live import Gateway, live
from tests.patience import PATIENCE
from tests.rows import Rows

WEBSOCKET = ["graphql-ws", "urql over WebSocket", "Apollo 4 over WebSocket", "Apollo 3 over WebSocket"]
HTTP = ["graphql-sse", "urql over HTTP", "Apollo 4 over HTTP", "Apollo 3 over HTTP"]
RETRYING = ["graphql-ws", "graphql-sse"]

WATCH = """
subscription Watch($since: ID) {
  catalogueChanged(since: $since, types: [PACKAGE]) {
    version isTruncated changes { kind slug record { nodeId ... on Package { title } } }
  }
}
"""


class Subscriber:
    """A client that runs in Node."""

    def __init__(self, output: asyncio.StreamReader) -> None:
        self._output = output

    async def told(self) -> dict[str, Any]:
        """Return the next thing that it is told by the gateway."""
        async with asyncio.timeout(PATIENCE):
            while True:
                told: dict[str, Any] = json.loads(await self._output.readline())
                if "connected" not in told:
                    return told

    async def event(self) -> dict[str, Any]:
        told = await self.told()
        assert not told.get("codes"), told
        event: dict[str, Any] = told["data"]["catalogueChanged"]
        return event


@asynccontextmanager
async def subscribed(gateway: Gateway, name: str, query: str = WATCH, **variables: Any) -> AsyncIterator[Subscriber]:
    command = ("node", "subscriptions.mjs", gateway.url, name, query, json.dumps(variables))
    process = await asyncio.create_subprocess_exec(*command, cwd=HERE, stdout=PIPE, limit=2**20)
    assert process.stdout
    try:
        yield Subscriber(process.stdout)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.stdout.read()
        await process.wait()


@pytest.mark.parametrize("name", WEBSOCKET + HTTP)
async def test_a_client_is_told_what_changes(node_modules: Path, fake: FakeUpstream, rows: Rows, name: str) -> None:
    async with live(fake) as gateway, subscribed(gateway, name) as subscriber:
        assert (await subscriber.event())["changes"] == []
        rows.packages[3].update(title="New")
        await gateway.mirror.sync()
        event = await subscriber.event()
        assert event["version"] == gateway.version
        (change,) = event["changes"]
        assert (change["kind"], change["slug"], change["record"]["title"]) == ("CHANGED", "package-3", "New")


@pytest.mark.parametrize("name", WEBSOCKET + HTTP)
async def test_a_client_understands_why_it_is_refused(
    node_modules: Path, fake: FakeUpstream, rows: Rows, name: str
) -> None:
    async with live(fake) as gateway, subscribed(gateway, name, since="no version") as subscriber:
        assert (await subscriber.told())["codes"] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("name", RETRYING)
async def test_a_client_that_connects_again_has_missed_nothing(
    node_modules: Path, fake: FakeUpstream, rows: Rows, tmp_path: Path, name: str
) -> None:
    async with AsyncExitStack() as stack:
        async with live(fake, tmp_path) as gateway:
            since = gateway.version
            subscriber = await stack.enter_async_context(subscribed(gateway, name, since=since))
            assert (await subscriber.event())["version"] == since
        rows.packages[3].update(title="New")
        async with live(fake, tmp_path, port=gateway.port) as again:
            event = await subscriber.event()
            assert (event["version"], event["isTruncated"]) == (again.version, False)
            assert [each["slug"] for each in event["changes"]] == ["package-3"]
