"""What a request reads: the snapshot, and beside it what is read through, remembered and bounded."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from weakref import ref

import pytest

from catalogue import Catalogue, overlay
from catalogue.overlay import FOREVER
from loaders import RequestContext, gathered
from tests.fake_upstream import ABSENT, FakeUpstream, Reply
from tests.mirrors import WatchedCatalogue, opened, read
from tests.patience import PATIENCE
from tests.queries import run
from tests.rows import Rows, grid, package
from upstream import CatalogueError, Client, Grid, Package, UpstreamError

HTML = {"Content-Type": "text/html"}
NO_ABSENCE = [
    Reply(404, b"<html>", HTML),
    Reply(404, b"404 page not found", {"Content-Type": "text/plain"}),
    Reply(404, b'{"error": "no route"}'),
    Reply(404, b'{"detail": "Service Unavailable"}'),
    Reply(404, b""),
    Reply(410, b'{"detail": "Not found."}'),
]


@pytest.fixture
async def whole(fake: FakeUpstream, rows: Rows) -> AsyncIterator[WatchedCatalogue]:
    """A catalogue with a whole snapshot of them, and nothing asked since."""
    async with opened(fake.base_url) as (catalogue, mirror):
        await mirror.sync()
        fake.requests.clear()
        yield catalogue


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], float]:
    """Sets what the overlay takes for the monotonic clock, in seconds from now, and returns it."""
    now = time.monotonic()

    def set_clock(seconds: float) -> float:
        monkeypatch.setattr(overlay, "monotonic", lambda: now + seconds)
        return now + seconds

    return set_clock


async def test_what_the_snapshot_holds_costs_nothing_whatever_its_age(whole: Catalogue, fake: FakeUpstream) -> None:
    whole.switch(replace(whole.snapshot, due_clock=0.0))
    assert whole.snapshot.is_stale
    query = "{ package(id: 5) { slug grids { slug } category { slug } } packages { totalCount } }"
    _, errors = await run(whole, query)
    assert errors == {}
    assert fake.requests == []


async def test_what_it_lacks_is_read_once(whole: Catalogue, fake: FakeUpstream, rows: Rows) -> None:
    rows.add(2)
    for _ in range(3):
        assert await read(whole, Package, 31)
        assert await read(whole, Package, "package-31")
        assert await read(whole, Package, "package-32")
        assert await read(whole, Package, 32)
    assert fake.targets == {"packages/31/": 1, "packages/package-32/": 1}


async def test_requests_at_once_share_a_read(whole: Catalogue, fake: FakeUpstream, rows: Rows) -> None:
    rows.add()
    assert all(await asyncio.gather(*(read(whole, Package, 31) for _ in range(20))))
    assert fake.targets == {"packages/31/": 1}


@pytest.mark.parametrize("reply", [None, Reply(500)])
async def test_what_has_come_is_there_before_the_rest_of_its_batch(
    whole: Catalogue, fake: FakeUpstream, rows: Rows, reply: Reply | None
) -> None:
    rows.add(2)
    asked = whole.client.transport.requests.total()
    fake.held, fake.holding = asyncio.Event(), "packages/32/"
    fake.fault = lambda target: reply if target == "packages/31/" else None
    both = asyncio.ensure_future(gathered(map(RequestContext(whole).one, (Package, Package), (31, 32))))
    await fake.until(lambda upstream: len(upstream.requests) == 2)
    async with asyncio.timeout(PATIENCE):
        while whole.client.transport.requests.total() == asked:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0)
        await asyncio.gather(read(whole, Package, 31), return_exceptions=True)
    fake.held.set()
    await both
    assert fake.targets == {"packages/31/": 1, "packages/32/": 1}


async def test_it_lasts_until_the_next_crawl(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, mirror):
        await mirror.sync()
        rows.add()
        assert await read(catalogue, Package, 31)
        del rows.packages[31]
        assert await read(catalogue, Package, 31)
        await mirror.sync()
        assert await read(catalogue, Package, 31) is None


async def test_a_request_sees_one_snapshot_to_its_end(fake: FakeUpstream, rows: Rows) -> None:
    async with opened(fake.base_url) as (catalogue, mirror):
        await mirror.sync()
        context = RequestContext(catalogue)
        rows.packages[1]["title"] = "New"
        await mirror.sync()
        assert (await context.one(Package, 1)).title == "Package 1"  # type: ignore[union-attr]
        assert (await context.whole()).packages.get(1).title == "Package 1"  # type: ignore[union-attr]
        assert (await read(catalogue, Package, 1)).title == "New"  # type: ignore[union-attr]


async def test_a_package_that_was_renamed_is_the_one_that_the_snapshot_has(
    whole: Catalogue, fake: FakeUpstream, rows: Rows
) -> None:
    rows.packages[5].update(slug="renamed", title="New")
    context = RequestContext(whole)
    assert await context.one(Package, "renamed") is await context.one(Package, 5)
    assert context.impurities


@pytest.mark.parametrize("reply", NO_ABSENCE)
async def test_only_the_api_s_own_404_is_an_absence(whole: Catalogue, fake: FakeUpstream, reply: Reply) -> None:
    fake.replies["packages/999/"] = reply
    data, errors = await run(whole, "{ package(id: 999) { slug } }")
    assert (data, list(errors)) == ({"package": None}, [("package",)])


async def test_an_absence_is_remembered_and_kept_outside_for_a_minute_at_most(
    whole: Catalogue, fake: FakeUpstream, rows: Rows, clock: Callable[[float], float]
) -> None:
    for seconds, asked in ((0, 1), (59, 1), (61, 2), (180, 2), (182, 3)):
        now = clock(seconds)
        context = RequestContext(whole)
        assert await context.one(Package, 999) is None
        assert now < context.expires_clock <= now + 60
        assert fake.targets["packages/999/"] == asked, seconds
    rows.packages[999] = package(999)
    clock(1000)
    assert await read(whole, Package, 999)


async def test_a_failure_is_remembered_with_a_pause_that_grows(
    whole: Catalogue, fake: FakeUpstream, rows: Rows, clock: Callable[[float], float]
) -> None:
    rows.add()
    fake.replies["packages/31/"] = Reply(500)
    for seconds, asked in ((0, 1), (0.9, 1), (1.1, 2), (3, 2), (3.2, 3), (100, 4), (107, 4), (109, 5)):
        clock(seconds)
        for _ in range(5):
            with pytest.raises(UpstreamError):
                await read(whole, Package, 31)
        assert fake.targets["packages/31/"] == asked, seconds
    del fake.replies["packages/31/"]
    clock(200)
    assert await read(whole, Package, 31)


async def test_a_record_that_does_not_fit_is_not_asked_for_again_before_the_next_crawl(
    fake: FakeUpstream, rows: Rows, clock: Callable[[float], float]
) -> None:
    rows.grids[1]["packages"] = [1, 2, 3]
    rows.packages[2]["title"] = None
    rows.add(200)  # one in a hundred may be refused
    async with opened(fake.base_url) as (catalogue, mirror):
        await mirror.sync()
        fake.requests.clear()
        for seconds in (0, 1000):
            clock(seconds)
            for _ in range(5):
                data, errors = await run(catalogue, '{ grid(slug: "grid-1") { packages { id } } }')
                assert data == {"grid": {"packages": [{"id": "1"}, None, {"id": "3"}]}}
                assert errors == {("grid", "packages", 1): "UPSTREAM_INVALID"}
        assert fake.targets == {"packages/2/": 1}


async def test_an_operation_reads_ten_things_and_what_is_over_costs_nothing(
    whole: Catalogue, fake: FakeUpstream
) -> None:
    aliases = " ".join(f'a{number}: package(slug: "unknown-{number}") {{ id }}' for number in range(250))
    data, errors = await run(whole, f"{{ {aliases} }}")
    assert set(data.values()) == {None}
    assert len(fake.requests) == 10
    assert set(errors.values()) == {"TOO_MANY_READS"}
    assert len(errors) == 240


async def test_unknown_entities_are_bounded_too(whole: Catalogue, fake: FakeUpstream) -> None:
    query = "query ($given: [_Any!]!) { _entities(representations: $given) { ... on Package { id } } }"
    given = [{"__typename": "Package", "slug": f"unknown-{number}"} for number in range(900)]
    given.append({"__typename": "Package", "slug": "package-7"})
    data, errors = await run(whole, query, given=given)
    assert data["_entities"][-1] == {"id": "7"}
    assert len(fake.requests) == 10
    assert len(errors) == 890


async def test_what_is_remembered_does_not_count(whole: Catalogue, fake: FakeUpstream) -> None:
    for number in range(30):
        assert await read(whole, Package, f"unknown-{number}") is None
    aliases = " ".join(f'a{number}: package(slug: "unknown-{number}") {{ id }}' for number in range(30))
    _, errors = await run(whole, f"{{ {aliases} }}")
    assert errors == {}
    assert len(fake.requests) == 30


async def test_a_member_that_the_snapshot_lacks_is_read_through(fake: FakeUpstream, rows: Rows) -> None:
    rows.grids[1]["packages"] = [1, 31, 32]
    async with opened(fake.base_url) as (catalogue, mirror):
        await mirror.sync()
        rows.packages[31] = package(31)
        fake.requests.clear()
        for _ in range(2):
            data, errors = await run(catalogue, '{ grid(slug: "grid-1") { packages { id } } }')
            assert data == {"grid": {"packages": [{"id": "1"}, {"id": "31"}]}}
            assert errors == {}
        assert fake.targets == {"packages/31/": 1, "packages/32/": 1}


async def test_before_the_first_snapshot_more_may_be_read(fake: FakeUpstream, rows: Rows) -> None:
    rows.grids[1]["packages"] = list(range(1, 31))
    async with opened(fake.base_url) as (catalogue, _):
        data, errors = await run(catalogue, '{ grid(slug: "grid-1") { packages { id } } }')
        assert len(data["grid"]["packages"]) == 30
        assert errors == {}


async def test_what_cannot_be_a_slug_is_not_asked_for(whole: Catalogue, fake: FakeUpstream) -> None:
    slugs = ["a.b", "x/y", "12345", "", "ü", "a" * 201, *(f"no.{number}" for number in range(20))]
    context = RequestContext(whole)
    assert [await context.one(Package, slug) for slug in slugs] == [None] * len(slugs)
    assert (fake.requests, context.impurities) == ([], 0)


async def test_what_was_read_through_leaves_a_mark(whole: Catalogue, rows: Rows) -> None:
    rows.add()
    context = RequestContext(whole)
    await context.one(Package, 1)
    assert context.impurities == 0
    await context.one(Package, 31)
    assert context.impurities > 0


class TestWithoutMirror:
    """Each thing has an age of its own."""

    @pytest.fixture
    async def alone(self, fake: FakeUpstream, client: Client) -> Catalogue:
        return Catalogue(client, freshness=600)

    async def test_what_is_no_longer_fresh_is_read_again(
        self, alone: Catalogue, fake: FakeUpstream, clock: Callable[[float], float]
    ) -> None:
        for seconds, asked in ((0, 1), (599, 1), (601, 2)):
            clock(seconds)
            context = RequestContext(alone)
            assert await context.one(Package, 4005)
            assert await context.window(Grid, 0, 5)
            assert await context.search("geo")
            assert set(fake.targets.values()) == {asked}
            assert context.expires_clock < FOREVER

    async def test_upstream_trouble_loses_nothing_that_we_had(
        self, alone: Catalogue, fake: FakeUpstream, clock: Callable[[float], float]
    ) -> None:
        assert await read(alone, Package, "django-loci")
        for seconds, reply in ((601, Reply(500)), (1300, NO_ABSENCE[0])):
            clock(seconds)
            fake.replies["packages/django-loci/"] = reply
            stale = await read(alone, Package, "django-loci")
            assert stale is not None
            assert stale.id == 4005
        clock(2000)
        fake.replies["packages/django-loci/"] = ABSENT
        assert await read(alone, Package, "django-loci") is None
        clock(3000)
        fake.replies["packages/django-loci/"] = Reply(500)
        with pytest.raises(UpstreamError):
            await read(alone, Package, "django-loci")

    async def test_an_absence_is_short_lived(
        self, alone: Catalogue, fake: FakeUpstream, clock: Callable[[float], float]
    ) -> None:
        now = clock(0)
        context = RequestContext(alone)
        assert await context.one(Package, 99999) is None
        assert context.expires_clock <= now + 60

    async def test_a_wrong_base_says_so_everywhere(self, fake: FakeUpstream) -> None:
        client = Client(fake.base_url.removesuffix("api/v4/"))
        catalogue = Catalogue(client, freshness=600)
        with pytest.raises(UpstreamError, match="no root of an API v4"):
            await catalogue.check_root()
        for key in (1, "django-loci"):
            with pytest.raises(UpstreamError, match="no root of an API v4") as caught:
                await read(catalogue, Package, key)
            assert caught.value.extensions["code"] == "UPSTREAM_NOT_AN_API"
        await catalogue.aclose()


async def test_a_record_under_another_name_is_an_error(whole: Catalogue, fake: FakeUpstream) -> None:
    fake.replies["grids/grid-9/"] = Reply(body=(await fake_grid()))
    with pytest.raises(CatalogueError, match="another record"):
        await read(whole, Grid, "grid-9")


async def fake_grid() -> bytes:
    import msgspec

    return msgspec.json.encode(grid(8))


async def test_a_request_that_is_over_keeps_no_snapshot(whole: Catalogue, fake: FakeUpstream) -> None:
    """Nothing of it is left to the garbage collector: what that has frozen meanwhile would stay for ever."""
    context = RequestContext(whole)
    found = await gathered([context.one(Package, "nobody"), context.one(Package, 99), context.one(Grid, 99)])
    assert found == [None, None, None]
    gone = ref(context)
    gc.disable()
    try:
        del context
        assert gone() is None
    finally:
        gc.enable()
