"""Crawling lists that change while they are read, of an upstream that fails."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.catalogue import make_catalogue
from benchmarks.stub import running
from catalogue import pages
from catalogue.crawl import Crawled, CrawlSettings, Progress, crawl
from catalogue.errors import CrawlError
from catalogue.pages import SavedPage, UnreadRow
from tests import warp
from tests.fake_upstream import FakeUpstream, Reply
from tests.rows import Row, Rows, grid
from tests.scripted import BASE, Scripted, flaky, limited, windowed
from upstream import Category, Client, Grid, Package, Record, UpstreamError, breaker


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """What is read over a socket is read again at once."""
    if "fake" in request.fixturenames:
        for name in ("FIRST_BACKOFF_SECONDS", "MAX_PAUSE_SECONDS", "MAX_BACKOFF_SECONDS"):
            monkeypatch.setattr(pages, name, 1e-3)
        monkeypatch.setattr(breaker, "MAX_PAUSE_SECONDS", 1e-3)


@pytest.fixture
async def rows(fake: FakeUpstream) -> Rows:
    """30 packages at the fake upstream."""
    fake.rows = Rows(30)
    return fake.rows


async def crawled(client: Client, page_size: int = 10, **arguments: Any) -> Crawled:
    return await crawl(client, CrawlSettings(page_size=page_size), progress=Progress(), **arguments)


async def walked(client: Client, page_size: int = 10) -> list[Record]:
    return (await crawled(client, page_size)).records


def of(upstream: Scripted, read: Callable[[Client], Awaitable[Crawled]] = crawled, **client: Any) -> Crawled:
    """Crawl a scripted upstream, in no time."""

    async def main() -> Crawled:
        reader = Client(BASE, transport=upstream, **client)
        await reader.connect()  # in a thread, whose time is not the loop's
        return await read(reader)

    return warp.run(main())


def deleting(rows: Rows, key: int, at: int) -> Callable[[int], None]:
    """Return what deletes a package before a page is made."""

    def change(number: int) -> None:
        if number == at:
            del rows.packages[key]

    return change


def ids(records: list[Record], kind: type[Record] = Package) -> list[int]:
    return sorted(record.id for record in records if isinstance(record, kind))


async def test_a_full_size_catalogue_costs_at_most_65_requests_one_at_a_time() -> None:
    catalogue = make_catalogue()
    async with running(catalogue) as stub:
        client = Client(stub.url)
        try:
            found = await walked(client, 100)
        finally:
            await client.aclose()
    assert ids(found) == list(catalogue.packages)
    assert ids(found, Grid) == list(catalogue.grids)
    assert ids(found, Category) == list(catalogue.categories)
    assert stub.stats.requests <= 65
    assert stub.stats.max_in_flight == 1


class TestLyingLists:
    """What a list says of its length, and what it gives."""

    @pytest.mark.parametrize("claimed", [0.97, 0.9, 0.6])
    async def test_a_count_that_is_too_low_costs_no_record(self, client: Client, rows: Rows, claimed: float) -> None:
        rows.claimed = claimed
        assert ids(await walked(client)) == list(range(1, 31))

    @pytest.mark.parametrize("claimed", [1.04, 10, 1e9, 0, 0.1])
    async def test_a_count_that_is_wrong_otherwise_fails_the_crawl(
        self, client: Client, rows: Rows, claimed: float
    ) -> None:
        rows.claimed = claimed
        with pytest.raises(UpstreamError, match=r"records|empty page"):
            await walked(client)

    async def test_a_list_without_an_end_is_not_read_for_ever(self, client: Client, rows: Rows) -> None:
        rows.before_page = lambda _: rows.add(9)
        with pytest.raises(CrawlError, match="while it was read"):
            await walked(client)
        assert len(rows.packages) < 100


class TestDrift:
    async def test_an_empty_catalogue(self, client: Client, rows: Rows) -> None:
        rows.packages.clear()
        rows.grids.clear()
        rows.categories.clear()
        assert await walked(client) == []

    @pytest.mark.parametrize("at", [1, 2, 3, 4])
    async def test_what_is_added_costs_no_other(self, client: Client, rows: Rows, at: int) -> None:
        rows.before_page = lambda number: rows.add(4) if number == at else None
        assert set(ids(await walked(client))) >= set(range(1, 31))

    @pytest.mark.parametrize("at", [1, 2, 3])
    @pytest.mark.parametrize("deleted", [[30], [21, 22], [1], [11, 20, 30], list(range(22, 31))])
    async def test_what_is_deleted_costs_no_other(
        self, client: Client, rows: Rows, at: int, deleted: list[int]
    ) -> None:
        def change(number: int) -> None:
            for key in deleted if number == at else ():
                del rows.packages[key]

        rows.before_page = change
        found = ids(await walked(client))
        assert len(found) == len(set(found))
        assert set(rows.packages) <= set(found) <= set(range(1, 31))

    async def test_the_newest_of_two_versions_wins(self, client: Client, rows: Rows) -> None:
        def change(number: int) -> None:
            rows.packages[21]["title"] = f"Version {number}"  # the row that the first two pages share

        rows.before_page = change
        found = await walked(client)
        assert [record.title for record in found if isinstance(record, Package) and record.id == 21] == ["Version 1"]

    @given(
        page_size=st.integers(2, 12), size=st.integers(0, 40), seed=st.integers(0, 2**32), restless=st.floats(0, 0.4)
    )
    @settings(max_examples=60)
    def test_whatever_changes_what_was_there_all_along_is_found_or_it_fails(
        self, page_size: int, size: int, seed: int, restless: float
    ) -> None:
        rows, chance = Rows(size), random.Random(seed)
        ever, always = set(rows.packages), set(rows.packages)

        def change(number: int) -> None:
            while number < 20 and chance.random() < restless:
                if chance.random() < 0.5 and rows.packages:
                    key = chance.choice(list(rows.packages))
                    del rows.packages[key]
                    always.discard(key)
                else:
                    rows.add()
                    ever.add(rows.newest)

        rows.before_page = change
        try:
            found = ids(of(Scripted(rows), lambda client: crawled(client, page_size)).records)
        except CrawlError:
            assert len(ever ^ always) > 0
        else:
            assert len(found) == len(set(found))
            assert always <= set(found) <= ever


class TestComplete:
    @pytest.mark.parametrize("most", [2, 7, 50])
    async def test_a_server_that_gives_fewer_than_it_is_asked_for(self, client: Client, rows: Rows, most: int) -> None:
        rows.most = most
        rows.grids = {key: grid(key) for key in range(1, 400)}
        found = await walked(client, 100)
        assert len(ids(found)) == 30
        assert len(ids(found, Grid)) == 399

    @pytest.mark.parametrize("claimed", [0.9, 1.5])
    async def test_what_is_found_is_held_against_the_count(self, client: Client, rows: Rows, claimed: float) -> None:
        rows.packages.update({key: {**rows.packages[1], "id": key, "slug": str(key)} for key in range(31, 300)})
        rows.claimed = claimed
        with pytest.raises(UpstreamError) as caught:
            await walked(client, 100)
        assert caught.value.resource == "packages"

    async def test_a_server_that_does_not_know_offset(self, client: Client, rows: Rows) -> None:
        rows.knows_offset = False
        with pytest.raises(CrawlError, match="30 records, and gave 10"):
            await walked(client)

    async def test_a_list_that_shrinks_to_nothing_while_it_is_read(self, client: Client, rows: Rows) -> None:
        rows.before_page = lambda number: rows.packages.clear() if number == 1 else None
        with pytest.raises(CrawlError):
            await walked(client)

    async def test_a_list_that_never_stands_still_is_given_up_on(self, client: Client, rows: Rows) -> None:
        def change(_: int) -> None:
            rows.add(20)
            for key in sorted(rows.packages)[-40:-20]:
                del rows.packages[key]

        rows.before_page = change
        with pytest.raises(CrawlError):
            await walked(client)
        assert rows.pages < 200


class TestFormat:
    @pytest.mark.parametrize(
        "spoilt",
        [{"title": None}, {"id": 10**12}, {"id": -1}, {"category": "x"}, {"created": "now", "modified": ""}],
    )
    async def test_a_malformed_record_is_left_out_alone_and_named(
        self, client: Client, rows: Rows, spoilt: Row, caplog: pytest.LogCaptureFixture
    ) -> None:
        rows.packages[12].update(spoilt)
        result = await crawled(client)
        assert ids(result.records) == sorted(set(range(1, 31)) - {12})
        assert [error.extensions["field"] for error in result.refused] == [next(iter(spoilt))]
        assert f"packages/{spoilt.get('id', 12)}" in caplog.text

    async def test_the_row_that_two_pages_share_may_be_malformed(self, client: Client, rows: Rows) -> None:
        del rows.packages[21]["title"]
        assert ids(await walked(client)) == sorted(set(range(1, 31)) - {21})
        assert rows.pages == 4

    @pytest.mark.parametrize(
        ("spoil", "field"),
        [
            (lambda row: row.pop("title"), "title"),
            (lambda row: row.pop("repo_watchers"), "repo_watchers"),
            (lambda row: row.update(participants="x, y"), "participants"),
            (lambda row: row.update(slug=7), "slug"),
        ],
    )
    async def test_a_format_that_has_changed_fails_the_crawl_and_names_the_field(
        self, client: Client, rows: Rows, spoil: Callable[[Row], None], field: str
    ) -> None:
        for row in rows.packages.values():
            spoil(row)
        with pytest.raises(UpstreamError) as caught:
            await walked(client)
        assert caught.value.extensions["field"] == field

    async def test_more_than_one_in_a_hundred_is_a_changed_format(self, client: Client, rows: Rows) -> None:
        for key in range(1, 31, 5):
            rows.packages[key]["slug"] = None
        with pytest.raises(CrawlError) as caught:
            await walked(client)
        assert caught.value.extensions["field"] == "slug"

    async def test_odd_facts_cost_no_record(self, client: Client, rows: Rows, caplog: pytest.LogCaptureFixture) -> None:
        rows.packages[3].update(commits_over_52=["x"], pypi_url="javascript:alert(1)")
        rows.packages[4].update(last_updated="soon", repo_watchers=2**31)
        found = {record.id: record for record in await walked(client) if isinstance(record, Package)}
        assert (found[3].commits_over_52, found[3].pypi_url) == ((), None)
        assert (found[4].last_updated, found[4].repo_watchers) == (None, 2**31 - 1)
        assert "commits_over_52 of packages/3" in caplog.text
        assert "last_updated of packages/4" in caplog.text


class TestFailures:
    @pytest.mark.parametrize(
        "reply",
        [
            Reply(500),
            Reply(503, b"<html>"),
            Reply(404, b'{"detail": "Not found."}'),
            Reply(body=b'{"count": 30'),
            Reply(body=b"[]"),
            Reply(body=b'{"count": 30, "results": []}'),
            Reply(body=b'{"count": -1, "results": []}'),
            Reply(body=b'{"count": 30, "results": []}', cut=5),
        ],
    )
    @pytest.mark.parametrize("target", ["packages/?limit=10&offset=18", "grids/?limit=10&offset=0"])
    async def test_a_page_that_goes_on_failing_fails_the_crawl(
        self, client: Client, fake: FakeUpstream, rows: Rows, target: str, reply: Reply
    ) -> None:
        fake.replies = {target: reply} | {
            f"{target.split('/')[0]}/?limit={limit}&offset={offset}": reply
            for limit in range(1, 10)
            for offset in range(31)
        }
        with pytest.raises(UpstreamError):
            await walked(client)
        assert fake.targets["packages/?limit=10&offset=0"] == 1

    @pytest.mark.parametrize("status", [429, 503])
    @pytest.mark.parametrize("headers", [None, {"Retry-After": "1"}])
    def test_two_a_second_with_a_burst_of_three(self, status: int, headers: dict[str, str] | None) -> None:
        upstream = Scripted(Rows(600), limited(2, 3, status, headers), seconds=0.02)
        assert len(ids(of(upstream).records)) == 600
        assert len(upstream.asked) < 3 * 70  # some are refused, and it learns from that

    def test_two_a_second_by_waiting(self) -> None:
        upstream = Scripted(Rows(600), seconds=0.5)
        assert len(ids(of(upstream).records)) == 600

    def test_thirty_in_ten_seconds(self) -> None:
        upstream = Scripted(Rows(600), windowed(30, 10), seconds=0.02)
        assert len(ids(of(upstream).records)) == 600
        assert len(upstream.asked) < 2 * 70

    @pytest.mark.parametrize("seed", range(5))
    def test_a_fifth_of_all_pages_fails(self, seed: int) -> None:
        rows = Rows(600)
        assert len(ids(of(Scripted(rows, flaky(0.2, seed, rows), seconds=0.05)).records)) == 600

    def test_five_seconds_a_page(self) -> None:
        upstream = Scripted(Rows(100), seconds=5)
        assert len(ids(of(upstream).records)) == 100
        assert len(upstream.asked) == len(set(upstream.targets))

    def test_it_has_a_budget_for_failures(self) -> None:
        seen: Counter[str] = Counter()

        def manners(target: str) -> httpx.Response | None:
            seen[target] += 1
            return httpx.Response(502) if seen[target] < pages.MAX_ATTEMPTS else None

        upstream = Scripted(Rows(900), manners)
        with pytest.raises(UpstreamError):
            of(upstream)
        assert len(upstream.asked) < 250

    def test_a_long_retry_after_ends_it_and_is_told(self) -> None:
        upstream = Scripted(Rows(30), lambda _: httpx.Response(503, headers={"Retry-After": "3600"}))
        with pytest.raises(UpstreamError) as caught:
            of(upstream)
        assert caught.value.retry_after == 3600
        assert len(upstream.asked) == 1

    def test_a_short_retry_after_is_kept_to_the_second(self) -> None:
        def manners(_: str) -> httpx.Response | None:
            return httpx.Response(429, headers={"Retry-After": "40"}) if len(upstream.asked) == 1 else None

        upstream = Scripted(Rows(30), manners)
        of(upstream)
        assert upstream.asked[1][0] - upstream.asked[0][0] >= 40

    def test_the_rate_is_kept(self) -> None:
        upstream = Scripted(Rows(300))
        of(upstream, lambda client: crawl(client, CrawlSettings(page_size=10, rate=2), progress=Progress()))
        times = [at for at, _ in upstream.asked]
        assert all(b - a >= 0.499 for a, b in pairwise(times))


class TestUnread:
    @pytest.mark.parametrize("bad", [{1}, {15}, {30}, {21}, {7, 8}, {3, 14, 29}])
    def test_a_row_that_makes_its_page_a_500_is_left_out_and_named(
        self, bad: set[int], caplog: pytest.LogCaptureFixture
    ) -> None:
        upstream = Scripted(rows := Rows(30), lambda target: _unserialisable(rows, bad, target), seconds=0.01)
        result = of(upstream)
        assert ids(result.records) == sorted(set(range(1, 31)) - bad)
        assert {row.offset for row in result.unread} == {30 - key for key in bad}
        assert all(row.above is None or row.above > 30 - row.offset for row in result.unread)
        assert "cannot give the row at offset" in caplog.text
        assert not result.refused

    @pytest.mark.parametrize(
        "reply",
        [
            httpx.Response(502, content=b"<html>"),
            httpx.Response(504),
            httpx.Response(200, content=b'{"count": 300, "results": [{"id": 120, "title": "cut'),
            httpx.Response(200, content=b'{"count": 300, "results": [{"id": 120, "forks": NaN}]}'),
            httpx.Response(200, content=rb'{"count": 300, "results": [{"id": 120, "title": "\ud800"}]}'),
        ],
    )
    def test_whatever_a_row_makes_of_its_page_costs_that_row_alone(self, reply: httpx.Response) -> None:
        rows = Rows(300)
        upstream = Scripted(rows, lambda target: _unserialisable(rows, {120}, target) and reply, seconds=0.01)
        result = of(upstream, lambda client: crawled(client, page_size=100))
        assert ids(result.records) == sorted(set(range(1, 301)) - {120})
        assert [row.offset for row in result.unread] == [180]

    def test_rows_that_cannot_be_read_may_stand_together(self) -> None:
        bad = set(range(60, 72))
        upstream = Scripted(rows := Rows(300), lambda target: _unserialisable(rows, bad, target), seconds=0.01)
        result = of(upstream, lambda client: crawled(client, page_size=100))
        assert ids(result.records) == sorted(set(range(1, 301)) - bad)

    def test_a_page_that_is_too_long_for_the_site_is_read_in_parts(self) -> None:
        def manners(target: str) -> httpx.Response | None:
            return httpx.Response(504) if target.startswith("packages/?limit=100") else None

        upstream = Scripted(Rows(300), manners, seconds=0.01)
        result = of(upstream, lambda client: crawled(client, page_size=100))
        assert (len(ids(result.records)), result.unread) == (300, ())

    def test_a_site_that_goes_while_rows_are_looked_for_costs_no_row(self) -> None:
        def manners(target: str) -> httpx.Response | None:
            is_down = len(upstream.asked) > 12
            return httpx.Response(500) if is_down else _unserialisable(rows, {120}, target)

        upstream = Scripted(rows := Rows(300), manners, seconds=0.01)
        with pytest.raises(UpstreamError):
            of(upstream, lambda client: crawled(client, page_size=100))

    def test_it_says_between_which_ids_it_is(self) -> None:
        upstream = Scripted(rows := Rows(30), lambda target: _unserialisable(rows, {15}, target))
        assert of(upstream).unread == (UnreadRow("packages", 15, 16, 14),)

    def test_a_site_that_is_down_is_no_bad_row(self) -> None:
        upstream = Scripted(Rows(30), lambda _: httpx.Response(500))
        with pytest.raises(UpstreamError):
            of(upstream)
        assert len(upstream.asked) < 30


class TestResume:
    def test_a_crawl_that_was_cut_off_goes_on(self) -> None:
        kept: list[SavedPage] = []

        async def save(page: SavedPage) -> None:
            if len(kept) == 4:
                raise asyncio.CancelledError
            kept.append(page)

        rows = Rows(60)
        with pytest.raises(asyncio.CancelledError):
            of(Scripted(rows), lambda client: crawled(client, save=save))
        upstream = Scripted(rows)
        result = of(upstream, lambda client: crawled(client, saved=kept))
        assert len(ids(result.records)) == 60
        assert len(upstream.asked) == 9 - 4 - 0
        assert result.started_at == kept[0].read_at

    @pytest.mark.parametrize("seconds", [-901, 60])
    def test_pages_that_are_old_or_from_the_future_are_read_again(self, seconds: float) -> None:
        kept: list[SavedPage] = []

        async def save(page: SavedPage) -> None:
            kept.append(SavedPage(page.resource, page.offset, page.limit, page.read_at + seconds, b"{}"))

        rows = Rows(30)
        of(Scripted(rows), lambda client: crawled(client, save=save))
        assert len(ids(of(Scripted(rows), lambda client: crawled(client, saved=kept)).records)) == 30


async def test_progress_counts_pages(client: Client, rows: Rows) -> None:
    seen: list[tuple[int, int]] = []

    def report(progress: Progress) -> None:
        seen.append((progress.done, progress.pages))

    rows.before_page = deleting(rows, 30, at=2)
    await crawl(client, CrawlSettings(page_size=10), progress=Progress(), report=report)
    assert [done for done, _ in seen] == list(range(1, len(seen) + 1))
    assert all(done <= pages for done, pages in seen)
    assert seen[-1][0] == seen[-1][1]


def _unserialisable(rows: Rows, bad: set[int], target: str) -> httpx.Response | None:
    if not target.startswith("packages"):
        return None
    query = httpx.URL(f"{BASE}{target}").params
    offset, limit = int(query["offset"]), int(query["limit"])
    window = sorted(rows.packages, reverse=True)[offset : offset + limit]
    return httpx.Response(500, content=b"<html>") if bad.intersection(window) else None
