"""Subscriptions over HTTP: Server-Sent Events as graphql-sse has them, and Apollo's multipart."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.fake_upstream import FakeUpstream
from tests.live import EVENTS, Gateway, live
from tests.patience import PATIENCE
from tests.rows import Rows
from web import streams

COUNT = "{ packages(first: 1) { totalCount } }"
SSE = "text/event-stream"
APOLLO = "multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json;q=0.9,application/json;q=0.8"


class Stream:
    """A response that goes on."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._pieces = response.aiter_text()
        self._text = ""

    async def until(self, end: str) -> str:
        """Return what comes up to an end, that included."""
        async with asyncio.timeout(PATIENCE):
            while end not in self._text:
                self._text += await anext(self._pieces)
        piece, self._text = self._text.split(end, 1)
        return piece + end

    async def event(self) -> tuple[str, Any]:
        """Return the next event of an event stream: its name, and its data."""
        lines = dict(line.split(": ", 1) for line in (await self.until("\n\n"))[:-2].split("\n"))
        return lines.get("event", "comment"), json.loads(lines.get("data") or "null")

    async def rest(self) -> str:
        async with asyncio.timeout(PATIENCE):
            return self._text + "".join([piece async for piece in self._pieces])


@asynccontextmanager
async def asked(
    gateway: Gateway, query: str, accept: str = SSE, method: str = "POST", **headers: str
) -> AsyncIterator[Stream]:
    parameters = {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
    async with (
        httpx.AsyncClient(timeout=PATIENCE) as client,
        client.stream(method, gateway.url, headers={"accept": accept, **headers}, **parameters) as response,  # type: ignore[arg-type]
    ):
        yield Stream(response)


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_subscription_is_a_stream_of_events(fake: FakeUpstream, rows: Rows, method: str) -> None:
    async with live(fake) as gateway, asked(gateway, EVENTS, method=method) as stream:
        headers = stream.response.headers
        assert headers["content-type"] == SSE
        assert headers["cache-control"] == "no-cache, no-transform"
        assert headers["x-accel-buffering"] == "no"
        assert headers["x-content-type-options"] == "nosniff"
        assert "content-encoding" not in headers
        assert "x-request-id" in headers
        name, data = await stream.event()
        assert (name, data["data"]["catalogueChanged"]["changes"]) == ("next", [])
        rows.add()
        await gateway.mirror.sync()
        name, data = await stream.event()
        assert (name, [each["id"] for each in data["data"]["catalogueChanged"]["changes"]]) == ("next", ["31"])


async def test_a_router_that_wants_traces_is_told_too(fake: FakeUpstream, rows: Rows) -> None:
    traced = {"apollo-federation-include-trace": "ftv1", "x-catalogue-explain": "1"}
    async with live(fake) as gateway, asked(gateway, EVENTS, APOLLO, **traced) as stream:
        await stream.until("--graphql")
        assert gateway.version in await stream.until("--graphql")
        rows.add()
        await gateway.mirror.sync()
        assert gateway.version in await stream.until("--graphql")


async def test_a_query_has_one_event(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway:
        for _ in range(2):
            async with asked(gateway, COUNT) as stream:
                assert await stream.event() == ("next", {"data": {"packages": {"totalCount": 30}}})
                assert await stream.event() == ("complete", None)
                assert await stream.rest() == ""


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nope }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { nope }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { catalogueChanged(since: "x") { version } }', "BAD_USER_INPUT"),
    ],
)
async def test_what_is_not_executed_is_told_as_an_event(fake: FakeUpstream, rows: Rows, query: str, code: str) -> None:
    async with live(fake) as gateway, asked(gateway, query) as stream:
        assert stream.response.status_code == 200
        name, data = await stream.event()
        assert (name, data["errors"][0]["extensions"]["code"]) == ("next", code)
        assert "data" not in data
        assert (await stream.event())[0] == "complete"


@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize(
    "accept", ["application/json", "application/graphql-response+json", "*/*", "multipart/mixed, */*"]
)
async def test_a_subscription_without_a_stream_is_refused(
    fake: FakeUpstream, rows: Rows, method: str, accept: str
) -> None:
    async with live(fake) as gateway, asked(gateway, EVENTS, accept, method) as stream:
        assert stream.response.status_code == 406
        error = json.loads(await stream.rest())["errors"][0]
        assert error["extensions"]["code"] == "SUBSCRIPTION_NEEDS_STREAM"
        assert "text/event-stream" in error["message"]


@pytest.mark.parametrize(
    ("accept", "query", "expected"),
    [
        ("application/json, text/event-stream", COUNT, "application/json"),
        ("application/json, text/event-stream", EVENTS, SSE),
        ("application/json;q=0.5, text/event-stream", COUNT, SSE),
        ("text/event-stream, multipart/mixed", EVENTS, SSE),
        ("text/event-stream, */*", COUNT, SSE),
        (APOLLO, COUNT, "application/graphql-response+json"),
        (APOLLO, EVENTS, "multipart/mixed"),
        (APOLLO, "{ nope }", "application/graphql-response+json"),
    ],
)
async def test_a_stream_is_what_accept_likes_best(
    fake: FakeUpstream, rows: Rows, accept: str, query: str, expected: str
) -> None:
    async with live(fake) as gateway, asked(gateway, query, accept) as stream:
        assert stream.response.headers["content-type"].split(";")[0] == expected


async def test_apollo_s_clients_are_told_in_parts(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, asked(gateway, EVENTS, APOLLO) as stream:
        content_type = stream.response.headers["content-type"]
        assert content_type == "multipart/mixed; boundary=graphql; subscriptionSpec=1.0"
        assert await stream.until("--graphql") == "--graphql"
        head, body = (await stream.until("--graphql")).removesuffix("\r\n--graphql").split("\r\n\r\n")
        assert "Content-Type: application/json" in head
        assert json.loads(body)["payload"]["data"]["catalogueChanged"]["version"] == gateway.version


async def test_a_quiet_stream_shows_that_it_is_there(
    fake: FakeUpstream, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(streams.FORMS, SSE, streams.FORMS[SSE]._replace(pause=0.01))
    async with live(fake) as gateway, asked(gateway, EVENTS) as stream:
        await stream.event()
        assert [await stream.until("\n\n") for _ in range(2)] == [":\n\n"] * 2


async def test_who_leaves_is_no_subscriber_any_more(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway:
        async with asked(gateway, EVENTS) as stream:
            await stream.event()
            assert gateway.measured("catalogue_subscriptions") == 1
        await gateway.until(lambda: not gateway.measured("catalogue_subscriptions"))
        assert gateway.measured("catalogue_subscribers") == 0


async def test_streams_are_bounded_and_leave_room_for_requests(fake: FakeUpstream, rows: Rows) -> None:
    bounds: dict[str, Any] = {"max_subscribers_per_client": 1, "max_connections": 1}
    async with live(fake, **bounds) as gateway, asked(gateway, EVENTS) as stream:
        await stream.event()
        async with asked(gateway, EVENTS) as another:
            assert another.response.status_code == 429
            assert json.loads(await another.rest())["errors"][0]["extensions"]["code"] == "TOO_MANY_SUBSCRIBERS"
        async with asked(gateway, COUNT) as query:
            assert (await query.event())[0] == "next"


async def test_a_server_that_ends_breaks_off(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, asked(gateway, EVENTS) as stream:
        await stream.event()
        gateway.server.should_exit = True
        assert await stream.rest() == ""  # no `complete`: graphql-sse's client asks again


async def test_a_batch_is_no_stream(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake, batch_limit=5) as gateway, httpx.AsyncClient() as client:
        response = await client.post(gateway.url, json=[{"query": EVENTS}], headers={"accept": SSE})
        assert response.json()[0]["errors"][0]["extensions"]["code"] == "SUBSCRIPTION_NEEDS_STREAM"


async def test_a_head_is_a_get_without_its_events(fake: FakeUpstream, rows: Rows) -> None:
    async with live(fake) as gateway, httpx.AsyncClient() as client:
        response = await client.head(gateway.url, params={"query": EVENTS}, headers={"accept": SSE})
        assert (response.status_code, response.headers["content-type"]) == (200, SSE)
