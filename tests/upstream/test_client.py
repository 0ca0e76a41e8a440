"""The one way to the upstream, over a real socket."""

import asyncio
import gzip
import json

import pytest

from tests.fake_upstream import FakeUpstream, Reply
from upstream import Client, Grid, Package, UpstreamError
from upstream.network import MAX_BODY_BYTES

HTML = {"Content-Type": "text/html"}


async def fault(client: Client, key: int | str = 4005) -> UpstreamError:
    with pytest.raises(UpstreamError) as caught:
        await client.record(Package, key)
    return caught.value


async def test_a_record_by_id_and_by_slug(client: Client) -> None:
    by_id, by_slug = await client.record(Package, 4005), await client.record(Package, "django-loci")
    assert by_id is not None
    assert by_slug is not None
    assert (by_id.id, by_id.slug, by_id.grids, by_id.category) == (4005, "django-loci", (321, 74), 1)
    assert by_slug.id == 4005


async def test_what_does_not_exist_is_none(client: Client) -> None:
    assert await client.record(Grid, 999_999) is None


async def test_what_is_sent(client: Client, fake: FakeUpstream) -> None:
    fake.replies["packages/1/"] = Reply(404, b'{"detail":"Not found."}', {"Set-Cookie": "a=b; Path=/"})
    await client.record(Package, 1)
    await client.record(Package, 4005)
    headers = fake.requests[1].headers
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("catalogue-gateway/")
    assert "cookie" not in headers
    assert "authorization" not in headers


async def test_identical_requests_in_flight_are_shared(client: Client, fake: FakeUpstream) -> None:
    records = await asyncio.gather(*(client.record(Package, 4005) for _ in range(10)))
    assert fake.targets == {"packages/4005/": 1}
    assert all(record is records[0] for record in records)


async def test_a_cancelled_waiter_leaves_the_fetch_to_the_others(client: Client, fake: FakeUpstream) -> None:
    fake.held = asyncio.Event()
    first, second = (asyncio.ensure_future(client.record(Package, 4005)) for _ in range(2))
    await fake.until(lambda upstream: upstream.in_flight == 1)
    first.cancel()
    fake.held.set()
    record = await second
    assert record is not None
    assert fake.targets == {"packages/4005/": 1}
    assert first.cancelled()


async def test_the_bound_holds(fake: FakeUpstream) -> None:
    client = Client(fake.base_url, concurrency=3)
    fake.held = asyncio.Event()
    fetches = asyncio.gather(*(client.record(Package, key) for key in range(1, 11)))
    await fake.until(lambda upstream: upstream.in_flight == 3)
    fake.held.set()
    await fetches
    await client.aclose()
    assert fake.most_in_flight == 3
    assert len(fake.requests) == 10


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(500, b"<html>", HTML), "UPSTREAM_STATUS"),
        (Reply(503, b"{}"), "UPSTREAM_STATUS"),
        (Reply(403, b"<html>", HTML), "UPSTREAM_STATUS"),
        (Reply(429), "UPSTREAM_STATUS"),
        (Reply(200, b"<html>challenge</html>", HTML), "UPSTREAM_INVALID"),
        (Reply(200, b'{"id": 4005'), "UPSTREAM_INVALID"),
        (Reply(200, b""), "UPSTREAM_INVALID"),
        (Reply(200, b"[]"), "UPSTREAM_INVALID"),
        (Reply(200, b'{"id": 4005, "slug": "a"}'), "UPSTREAM_INVALID"),
        (Reply(200, b"\xff\xfe"), "UPSTREAM_INVALID"),
        (Reply(200, b"not gzip", {"Content-Encoding": "gzip"}), "UPSTREAM_INVALID"),
        (Reply(200, b'{"id": 4005}' * 9, cut=20), "UPSTREAM_UNREACHABLE"),
        (Reply(200, b" " * (MAX_BODY_BYTES + 1)), "UPSTREAM_TOO_LARGE"),
        (Reply(302, headers={"Location": "http://127.0.0.1:1/api/v4/packages/1/"}), "UPSTREAM_REDIRECT"),
        (Reply(302, headers={"Location": "/elsewhere/"}), "UPSTREAM_REDIRECT"),
        (Reply(302, headers={"Location": "/api/v4/packages/4005/"}), "UPSTREAM_REDIRECT"),
        (Reply(302, headers={"Location": "http://["}), "UPSTREAM_REDIRECT"),
    ],
)
async def test_every_fault_has_its_code_and_names_the_resource(
    client: Client, fake: FakeUpstream, reply: Reply, code: str
) -> None:
    fake.replies["packages/4005/"] = reply
    error = await fault(client)
    assert error.extensions["code"] == code
    assert error.extensions["resource"] == "packages/4005"
    assert "packages/4005" in str(error)
    assert f"127.0.0.1:{fake.port}" not in str(error)


async def test_a_value_that_does_not_fit_is_named(client: Client, fake: FakeUpstream) -> None:
    record = json.loads(await fake.sample("packages/4005/"))
    fake.replies["packages/4005/"] = Reply(body=json.dumps({**record, "title": None}).encode())
    assert (await fault(client)).extensions["field"] == "title"
    fake.replies["packages/4005/"] = Reply(body=json.dumps({**record, "grids": ["http://x/api/v4/grids/a/"]}).encode())
    assert (await fault(client)).extensions["field"] == "grids[0]"


async def test_a_refused_connection(fake: FakeUpstream) -> None:
    client = Client("http://127.0.0.1:1/api/v4/", backoff=0.001)
    assert (await fault(client)).extensions["code"] == "UPSTREAM_UNREACHABLE"
    assert client.transport.is_reachable is False
    await client.aclose()


async def test_silence_is_a_timeout(fake: FakeUpstream) -> None:
    client = Client(fake.base_url, timeout=0.05, backoff=0.001)
    fake.held = asyncio.Event()
    assert (await fault(client)).extensions["code"] == "UPSTREAM_TIMEOUT"
    await client.aclose()


async def test_a_redirect_within_the_api_is_followed(client: Client, fake: FakeUpstream) -> None:
    fake.replies["packages/1/"] = Reply(301, headers={"Location": "/api/v4/packages/4005/"})
    record = await client.record(Package, 1)
    assert record is not None
    assert record.slug == "django-loci"


async def test_a_compressed_answer(client: Client, fake: FakeUpstream) -> None:
    plain = await fake.sample("grids/321/")
    fake.replies["grids/321/"] = Reply(
        body=gzip.compress(plain), headers={"Content-Encoding": "gzip", "Content-Type": "application/json"}
    )
    grid = await client.record(Grid, 321)
    assert grid is not None
    assert grid.slug == "geolocation"


async def test_a_page_keeps_what_fits(client: Client, fake: FakeUpstream) -> None:
    target = "grids/?limit=3&offset=0"
    page = json.loads(await fake.sample(target))
    page["results"][1]["slug"] = 7
    fake.replies[target] = Reply(body=json.dumps(page).encode())
    first, second, third = (await client.page(Grid, limit=3, offset=0)).results
    assert isinstance(first, Grid)
    assert isinstance(third, Grid)
    assert isinstance(second, UpstreamError)
    assert second.extensions["field"] == "slug"
    assert second.resource == f"grids/{page['results'][1]['id']}"


async def test_search_text_is_sent_as_it_is(client: Client, fake: FakeUpstream) -> None:
    await client.search("a&q=b é %2F #")
    assert fake.requests[0].url.params["q"] == "a&q=b é %2F #"
    assert len(fake.requests[0].url.params) == 1


async def test_closing_ends_what_is_under_way(fake: FakeUpstream) -> None:
    client = Client(fake.base_url)
    fake.held = asyncio.Event()
    fetch = asyncio.ensure_future(client.record(Package, 4005))
    await fake.until(lambda upstream: upstream.in_flight == 1)
    await client.aclose()
    with pytest.raises(asyncio.CancelledError):
        await fetch


async def test_a_hit_that_does_not_fit_is_what_it_is(client: Client, fake: FakeUpstream) -> None:
    hits = [
        {"item_type": "package", "slug": "a", "score": 2**40, "created": None},
        {"item_type": "package", "slug": None, "score": 1},
        {"item_type": "grid", "slug": "b", "score": 3, "last_committed": "soon"},
        7,
    ]
    fake.replies["search/?q=x"] = Reply(body=json.dumps(hits).encode())
    assert [(hit.slug, hit.score) for hit in await client.search("x")] == [("a", 0), ("b", 0)]
