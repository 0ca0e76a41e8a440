"""Every fault of the upstream, at a socket, on details and on lists, always and now and then.

Whatever it is: the error has its code, what is told is true, the rest is intact, and all is well when it is over.
"""

import asyncio
import contextlib
import gzip
import random
import time
from collections.abc import AsyncIterator
from typing import Final

import pytest

from catalogue import pages
from catalogue.crawl import CrawlSettings, Progress, crawl
from tests.fake_upstream import FakeUpstream, Reply
from tests.patience import PATIENCE
from tests.rows import Rows, package
from upstream import Client, Package, Record, UpstreamError, breaker, network

MAX_BODY_BYTES: Final = 2**20
"""Here; tests/upstream/test_client.py has what it really is."""

HTML = {"Content-Type": "text/html"}
GZIP = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
ROW = package(7, category="http://x/categories/1/")

FAULTS: Final[dict[str, tuple[Reply, str]]] = {
    "500": (Reply(500, b"<html>", HTML), "UPSTREAM_STATUS"),
    "502": (Reply(502, b"<html>", HTML), "UPSTREAM_STATUS"),
    "429": (Reply(429, b"{}", {"Retry-After": "0"}), "UPSTREAM_STATUS"),
    "challenge": (Reply(403, b"<html>", HTML), "UPSTREAM_STATUS"),
    "challenge with 200": (Reply(200, b"<html>", HTML), "UPSTREAM_INVALID"),
    "somebody else's 404": (Reply(404, b'{"message": "no route"}'), "UPSTREAM_STATUS"),
    "reset": (Reply(raw=b"", resets=True), "UPSTREAM_UNREACHABLE"),
    "reset in the middle": (Reply(body=b"{" * 99, cut=50, resets=True), "UPSTREAM_UNREACHABLE"),
    "closed in the middle": (Reply(body=b"{" * 99, cut=50), "UPSTREAM_UNREACHABLE"),
    "no HTTP": (Reply(raw=b"SSH-2.0-OpenSSH_9\r\n\r\n"), "UPSTREAM_INVALID"),
    "garbage": (Reply(body=b"\x00\xff\xfe"), "UPSTREAM_INVALID"),
    "truncated JSON": (Reply(body=b'{"count": 30, "results": [{"id": 30'), "UPSTREAM_INVALID"),
    "nested": (Reply(body=b"[" * 100_000), "UPSTREAM_INVALID"),
    "another type": (Reply(body=b'"30"'), "UPSTREAM_INVALID"),
    "missing keys": (Reply(body=b'{"id": 7, "count": 30}'), "UPSTREAM_INVALID"),
    "too large": (Reply(body=b" " * (MAX_BODY_BYTES + 1)), "UPSTREAM_TOO_LARGE"),
    "gzip bomb": (Reply(body=gzip.compress(b" " * (MAX_BODY_BYTES + 1)), headers=GZIP), "UPSTREAM_TOO_LARGE"),
    "bomb of members": (Reply(body=gzip.compress(b" ") * 99, headers=GZIP), "UPSTREAM_INVALID"),
    "no gzip": (Reply(body=b"{}", headers=GZIP), "UPSTREAM_INVALID"),
    "cut gzip": (Reply(body=gzip.compress(b"[]" * 99)[:-9], headers=GZIP), "UPSTREAM_INVALID"),
    "brotli": (Reply(body=b"{}", headers={"Content-Encoding": "br"}), "UPSTREAM_INVALID"),
    "too short": (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"), "UPSTREAM_UNREACHABLE"),
    "no length": (Reply(raw=b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}"), "UPSTREAM_INVALID"),
    "head too large": (Reply(headers={"X-Large": "x" * 40_000}), "UPSTREAM_INVALID"),
    "too many headers": (Reply(headers={f"X-{n}": "x" for n in range(1000)}), "UPSTREAM_INVALID"),
    "redirect loop": (Reply(302, headers={"Location": "?"}), "UPSTREAM_REDIRECT"),
    "redirect away": (Reply(302, headers={"Location": "http://127.0.0.1:1/api/v4/packages/7/"}), "UPSTREAM_REDIRECT"),
    "redirect to a file": (Reply(302, headers={"Location": "file:///etc/passwd"}), "UPSTREAM_REDIRECT"),
}
SLOW: Final[dict[str, Reply]] = {
    "hang": Reply(hangs=True),
    "body that drips": Reply(body=b" " * 10_000, drips=80),
    "head that drips": Reply(headers={"X-Long": "x" * 9999}, drips=30),
}
KEYS = range(1, 21)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait less before what failed is tried again, and read less of what is too large."""
    monkeypatch.setattr(network, "MAX_BODY_BYTES", MAX_BODY_BYTES)
    for name in ("FIRST_BACKOFF_SECONDS", "MAX_PAUSE_SECONDS", "MAX_BACKOFF_SECONDS"):
        monkeypatch.setattr(pages, name, 1e-3)
    for name in ("FIRST_PAUSE_SECONDS", "MAX_PAUSE_SECONDS", "PROBE_WAIT_SECONDS"):
        monkeypatch.setattr(breaker, name, 1e-2)


@pytest.fixture
async def hurried(fake: FakeUpstream) -> AsyncIterator[Client]:
    """A client that waits a fifth of a second for a GET, and twice as long for all of them."""
    client = Client(fake.base_url, timeout=0.2, operation_timeout=0.4, backoff=0.001)
    yield client
    await client.aclose()


def failing(fake: FakeUpstream, reply: Reply, share: float, prefix: str = "packages/") -> None:
    """Let a share of the requests fail."""
    chance = random.Random(4)
    fake.fault = lambda target: reply if target.startswith(prefix) and chance.random() < share else None


async def records(client: Client) -> list[Record | UpstreamError | None]:
    deadline = client.deadline()
    found = await asyncio.gather(*(client.record(Package, key, deadline) for key in KEYS), return_exceptions=True)
    for each in found:
        assert each is None or isinstance(each, Record | UpstreamError), repr(each)
    return found  # type: ignore[return-value]


def codes(found: list[Record | UpstreamError | None]) -> set[object]:
    return {each.extensions["code"] for each in found if isinstance(each, UpstreamError)}


def assert_true(found: list[Record | UpstreamError | None]) -> None:
    """Nothing but the truth: each is its own record, or an error."""
    for key, each in zip(KEYS, found, strict=True):
        assert isinstance(each, UpstreamError) or (isinstance(each, Package) and each.slug == f"package-{key}")


async def recovered(client: Client, fake: FakeUpstream) -> None:
    """Be whole again, as soon as the circuit breaker has probed."""
    fake.fault = lambda _: None
    deadline = time.monotonic() + PATIENCE
    while codes(found := await records(client)):
        assert time.monotonic() < deadline
    assert_true(found)


@pytest.mark.parametrize("name", FAULTS)
async def test_details_that_always_fail(client: Client, fake: FakeUpstream, rows: Rows, name: str) -> None:
    reply, code = FAULTS[name]
    failing(fake, reply, 1)
    found = await records(client)
    assert codes(found) == {code}
    assert len([each for each in found if isinstance(each, UpstreamError)]) == len(KEYS)
    await recovered(client, fake)


@pytest.mark.parametrize("name", FAULTS)
async def test_details_that_fail_now_and_then(client: Client, fake: FakeUpstream, rows: Rows, name: str) -> None:
    reply, code = FAULTS[name]
    failing(fake, reply, 0.3)
    found = await records(client)
    assert codes(found) <= {code}
    assert_true(found)
    assert sum(isinstance(each, Package) for each in found) > len(KEYS) / 3
    await recovered(client, fake)


@pytest.mark.parametrize("share", [1, 0.3])
@pytest.mark.parametrize("name", SLOW)
async def test_details_that_do_not_come(
    hurried: Client, fake: FakeUpstream, rows: Rows, name: str, share: float
) -> None:
    failing(fake, SLOW[name], share)
    found = await records(hurried)
    assert codes(found) <= {"UPSTREAM_TIMEOUT"}
    assert_true(found)
    await recovered(hurried, fake)


async def test_silence_is_waited_for_no_longer_than_the_deadline(
    hurried: Client, fake: FakeUpstream, rows: Rows
) -> None:
    """Sixteen at a time and a fifth of a second each would take long: they wait for a slot, too."""
    failing(fake, Reply(hangs=True), 1)
    deadline = hurried.deadline()
    await asyncio.gather(*(hurried.record(Package, key, deadline) for key in range(1, 130)), return_exceptions=True)
    assert len(fake.requests) < 50


@pytest.mark.parametrize("name", FAULTS)
async def test_lists_that_always_fail(client: Client, fake: FakeUpstream, rows: Rows, name: str) -> None:
    reply, code = FAULTS[name]
    failing(fake, reply, 1, "packages/?")
    with pytest.raises(UpstreamError) as caught:
        await crawl(client, CrawlSettings(page_size=10), progress=Progress())
    assert caught.value.extensions["code"] == code
    fake.fault = lambda _: None
    await whole(client)


@pytest.mark.parametrize("name", FAULTS)
async def test_lists_that_fail_now_and_then(client: Client, fake: FakeUpstream, rows: Rows, name: str) -> None:
    failing(fake, FAULTS[name][0], 0.3, "packages/?")
    with contextlib.suppress(UpstreamError):  # a crawl that does not come through changes nothing
        await whole(client)
    fake.fault = lambda _: None
    await whole(client)


async def whole(client: Client) -> None:
    """Crawl, and find everything as it is."""
    while True:
        try:
            crawled = await crawl(client, CrawlSettings(page_size=10), progress=Progress())
        except UpstreamError as error:
            if error.cause != "breaker":
                raise
        else:
            break
    found = {record.id: record.slug for record in crawled.records if isinstance(record, Package)}
    assert found == {key: f"package-{key}" for key in range(1, 31)}


async def test_links_mean_their_id_whatever_host_they_name(client: Client, fake: FakeUpstream, rows: Rows) -> None:
    rows.packages[7]["grids"] = [1]
    fake.replies["packages/7/"] = Reply(body=rows.answer("packages/7/", "javascript://elsewhere/")[1])
    record = await client.record(Package, 7)
    assert record is not None
    assert (record.category, record.grids) == (1, (1,))
    assert len(fake.requests) == 1


async def test_of_a_body_of_64_mb_no_more_is_read_than_the_bound(client: Client, fake: FakeUpstream) -> None:
    fake.replies["packages/7/"] = Reply(body=b" " * 2**26)
    with pytest.raises(UpstreamError) as caught:
        await client.record(Package, 7)
    assert caught.value.code == "UPSTREAM_TOO_LARGE"


@pytest.mark.parametrize("fault", ["503", "reset"])
async def test_one_in_three_failing_costs_at_most_one_query_in_a_hundred(
    client: Client, fake: FakeUpstream, fault: str
) -> None:
    fake.rows = Rows(200)
    failing(fake, Reply(503) if fault == "503" else FAULTS["reset"][0], 0.3)
    failed = 0
    for key in range(1, 201):
        try:
            await client.record(Package, key)
        except UpstreamError:
            failed += 1
    assert failed <= 2
