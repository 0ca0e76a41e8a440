"""What every GET passes: the rate, the bound, the circuit breaker, retries, the deadline. Time is warped."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeVar

import httpx
import pytest

from tests import warp
from tests.rows import Rows
from tests.scripted import BASE, HANG, Scripted
from upstream import Client, Deadline, Grid, Package, UpstreamError
from upstream.breaker import MAX_FAILURES
from upstream.rate import TokenBucket
from upstream.retries import MAX_ATTEMPTS, RetryBudget

T = TypeVar("T")


def asking(upstream: Scripted, ask: Callable[[Client], Awaitable[T]], **client: Any) -> T:
    """Run what asks a scripted upstream."""

    async def main() -> T:
        asker = Client(BASE, transport=upstream, **client)
        await asker.connect()  # in a thread, whose time is not the loop's
        return await ask(asker)

    return warp.run(main())


async def all_of(client: Client, keys: Iterable[int], deadline: Deadline | None = None) -> list[Any]:
    return await asyncio.gather(*(client.record(Package, key, deadline) for key in keys), return_exceptions=True)


def causes(found: list[Any]) -> list[str]:
    return [each.cause for each in found if isinstance(each, UpstreamError)]


def replies(*statuses: int, then: int = 200, headers: dict[str, str] | None = None) -> Callable[[str], Any]:
    """Answer with these statuses, one after the other."""
    left = list(statuses)

    def manners(_: str) -> httpx.Response | None:
        status = left.pop(0) if left else then
        return None if status == 200 else httpx.Response(status, headers=headers, content=b"<html>")

    return manners


def now() -> float:
    return asyncio.get_running_loop().time()


class TestRate:
    def test_a_cold_query_of_130_passes_at_once(self) -> None:
        upstream = Scripted(Rows(130))
        asking(upstream, lambda client: all_of(client, range(1, 131)), rate=5)
        assert {at for at, _ in upstream.asked} == {upstream.asked[0][0]}

    def test_no_span_of_time_has_more_than_burst_and_rate(self) -> None:
        upstream = Scripted(Rows(1000))

        async def ask(client: Client) -> None:
            for start in range(1, 1000, 100):
                await all_of(client, range(start, start + 100))

        asking(upstream, ask, rate=5, operation_timeout=1000)
        times = [at for at, _ in upstream.asked]
        for first in range(0, len(times), 50):
            for last in range(first, len(times), 50):
                assert last - first + 1 <= 150 + 5 * (times[last] - times[first]) + 1e-6

    def test_what_cannot_come_in_time_is_refused_at_once(self) -> None:
        upstream = Scripted(Rows(1000))

        async def ask(client: Client) -> tuple[list[Any], float]:
            began = now()
            refused = []
            for task in asyncio.as_completed([client.record(Package, key) for key in range(1, 1000)]):
                try:
                    await task
                except UpstreamError as error:
                    assert now() == began
                    refused.append(error)
            return refused, now() - began

        refused, seconds = asking(upstream, ask, rate=5, operation_timeout=15)
        assert seconds <= 15
        assert len(upstream.asked) == 999 - len(refused) <= 150 + 15 * 5 + 1
        assert {error.code for error in refused} == {"UPSTREAM_RATE_LIMITED"}
        assert all(error.retry_after > 15 for error in refused)

    def test_who_leaves_gives_back_what_was_not_used(self) -> None:
        upstream = Scripted(Rows(1000))

        async def ask(client: Client) -> None:
            await all_of(client, range(1, 151))
            waiting = [asyncio.ensure_future(client.record(Package, key)) for key in range(201, 220)]
            await asyncio.sleep(0.01)
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
            began = now()
            await client.record(Package, 500)
            assert now() - began < 0.5

        asking(upstream, ask, rate=5)
        assert len(upstream.asked) == 151

    @pytest.mark.parametrize("rate", [0.05, 1, 3, 100_000])
    def test_a_bucket_never_promises_more(self, rate: float) -> None:
        bucket = TokenBucket(rate, rate * 30)
        due = [bucket.reserve(1000.0, 1e9) for _ in range(200)]
        assert sum(wait == 0 for wait in due) <= max(1, 30 * rate)
        assert due == sorted(due)


class TestRetries:
    @pytest.mark.parametrize("status", [429, 502, 503, 504])
    def test_what_may_pass_is_tried_again(self, status: int) -> None:
        upstream = Scripted(Rows(1), replies(status, status))
        assert asking(upstream, lambda client: client.record(Package, 1)) is not None
        assert len(upstream.asked) == 3

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 410, 500, 501])
    def test_what_will_not_pass_is_not(self, status: int) -> None:
        upstream = Scripted(Rows(1), replies(status))
        with pytest.raises(UpstreamError):
            asking(upstream, lambda client: client.record(Package, 1))
        assert len(upstream.asked) == 1

    def test_it_is_not_tried_for_ever(self) -> None:
        upstream = Scripted(Rows(1), replies(then=503))
        with pytest.raises(UpstreamError) as caught:
            asking(upstream, lambda client: client.record(Package, 1))
        assert caught.value.extensions["status"] == 503
        assert len(upstream.asked) == MAX_ATTEMPTS

    def test_a_short_retry_after_is_waited_out(self) -> None:
        upstream = Scripted(Rows(1), replies(429, headers={"Retry-After": "2"}))
        asking(upstream, lambda client: client.record(Package, 1))
        assert upstream.asked[1][0] - upstream.asked[0][0] >= 2

    @pytest.mark.parametrize("seconds", [6, 3600])
    def test_a_long_one_is_told_and_not_waited_out(self, seconds: int) -> None:
        upstream = Scripted(Rows(1), replies(503, headers={"Retry-After": str(seconds)}))
        with pytest.raises(UpstreamError) as caught:
            asking(upstream, lambda client: client.record(Package, 1))
        assert caught.value.extensions["retryAfter"] == seconds
        assert len(upstream.asked) == 1

    def test_retries_end_at_the_deadline(self) -> None:
        upstream = Scripted(Rows(1), replies(then=503, headers={"Retry-After": "3"}))

        async def ask(client: Client) -> float:
            began = now()
            with pytest.raises(UpstreamError):
                await client.record(Package, 1)
            return now() - began

        assert asking(upstream, ask, operation_timeout=8) <= 8

    def test_they_are_a_share_of_what_is_asked(self) -> None:
        budget = RetryBudget()
        while budget.withdraw(1000.0):
            pass
        for _ in range(1000):
            budget.deposit()
        assert 0 < sum(budget.withdraw(1000.0) for _ in range(1000)) <= 200


class TestBreaker:
    def test_an_upstream_that_is_gone_is_only_probed(self) -> None:
        upstream = Scripted(Rows(1), replies(then=500))

        async def ask(client: Client) -> None:
            for _ in range(1200):  # twenty queries a second for a minute
                await all_of(client, [1])
                await asyncio.sleep(0.05)

        asking(upstream, ask)
        assert len(upstream.asked) < MAX_FAILURES + 20

    def test_one_probe_at_a_time_and_its_outcome_decides(self) -> None:
        upstream = Scripted(Rows(99), lambda _: httpx.Response(500), seconds=0.01)

        async def ask(client: Client) -> None:
            await all_of(client, range(1, 17))
            states = [client.transport.state.status]
            await asyncio.sleep(5)
            upstream.asked.clear()
            upstream.seconds = 3
            found = asyncio.ensure_future(all_of(client, range(1, 99)))
            await asyncio.sleep(2)
            assert len(upstream.asked) == 1
            states.append(client.transport.state.status)
            await found
            upstream.seconds, upstream.manners = 0.01, lambda _: None
            await asyncio.sleep(10)
            assert causes(await all_of(client, range(1, 99))) == []
            assert [*states, client.transport.state.status] == ["open", "half-open", "closed"]

        asking(upstream, ask)

    def test_a_probe_that_is_left_alone_leaves_room_for_the_next(self) -> None:
        upstream = Scripted(Rows(99), replies(then=500))

        async def ask(client: Client) -> None:
            await all_of(client, range(1, 17))
            await asyncio.sleep(5)
            upstream.manners = lambda _: httpx.Response(HANG)
            probe = asyncio.ensure_future(client.record(Package, 1))
            await asyncio.sleep(0.01)
            probe.cancel()
            upstream.manners = lambda _: None
            assert await client.record(Package, 2) is not None

        asking(upstream, ask)

    def test_maintenance_is_honoured_to_the_second(self) -> None:
        upstream = Scripted(Rows(99), replies(then=503, headers={"Retry-After": "3600"}))

        async def ask(client: Client) -> None:
            for _ in range(350):
                await all_of(client, [1])
                await asyncio.sleep(10)
            state = client.transport.state
            assert state.until is not None
            assert state.error is not None
            assert state.error.retry_after == 3600
            await asyncio.sleep(3600)
            upstream.manners = lambda _: None
            assert await client.record(Package, 1) is not None

        asking(upstream, ask)
        assert len(upstream.asked) == 3

    def test_what_fails_now_and_then_does_not_open_it(self) -> None:
        chance = random.Random(1)
        upstream = Scripted(Rows(600), lambda _: httpx.Response(500) if chance.random() < 0.3 else None)

        async def ask(client: Client) -> list[Any]:
            return [await all_of(client, [key]) for key in range(1, 600)]

        assert "breaker" not in causes([each for found in asking(upstream, ask) for each in found])


class TestDeadline:
    def test_a_silent_upstream_costs_the_deadline_not_its_slots(self) -> None:
        upstream = Scripted(Rows(200), replies(then=HANG))

        async def ask(client: Client) -> tuple[list[Any], float]:
            began = now()
            return await all_of(client, range(1, 118), client.deadline()), now() - began

        found, seconds = asking(upstream, ask, timeout=3, operation_timeout=15, concurrency=16)
        assert seconds <= 15
        assert len(causes(found)) == 117

    def test_who_comes_too_late_is_told_of_the_time_and_not_of_the_rate(self) -> None:
        upstream = Scripted(Rows(1))
        found = asking(upstream, lambda client: all_of(client, [1], Deadline.after(-1)))
        assert causes(found) == ["deadline"]
        assert upstream.asked == []

    def test_an_operation_that_waits_less_leaves_the_fetch_to_the_others(self) -> None:
        upstream = Scripted(Rows(1), seconds=4)

        async def ask(client: Client) -> list[Any]:
            patient = asyncio.ensure_future(client.record(Package, 1, Deadline.after(10)))
            await asyncio.sleep(1)
            with pytest.raises(UpstreamError) as caught:
                await client.record(Package, 1, Deadline.after(1))
            assert caught.value.cause == "deadline"
            assert await patient is not None
            return upstream.targets

        assert asking(upstream, ask) == ["packages/1/"]

    def test_who_has_more_time_asks_again(self) -> None:
        upstream = Scripted(Rows(1), seconds=4)

        async def ask(client: Client) -> None:
            hurried = asyncio.ensure_future(client.record(Package, 1, Deadline.after(2)))
            await asyncio.sleep(1)
            assert await client.record(Package, 1, Deadline.after(10)) is not None
            assert isinstance(await asyncio.gather(hurried, return_exceptions=True), list)

        asking(upstream, ask)

    def test_nothing_that_is_queued_outlives_those_who_wait(self) -> None:
        upstream = Scripted(Rows(100), seconds=1)

        async def ask(client: Client) -> None:
            query = asyncio.ensure_future(all_of(client, range(1, 100)))
            await asyncio.sleep(0.5)
            query.cancel()
            await asyncio.gather(query, return_exceptions=True)
            await asyncio.sleep(60)

        asking(upstream, ask, concurrency=4)
        assert len(upstream.asked) == 4


class TestSeveralAtOnce:
    def test_what_one_fails_with_stands_in_its_place(self) -> None:
        def manners(target: str) -> httpx.Response | None:
            return {"packages/2/": httpx.Response(HANG), "packages/3/": httpx.Response(500)}.get(target)

        upstream = Scripted(Rows(4), manners)

        async def ask(client: Client) -> list[Any]:
            return await client.records(Package, [4, 2, 99, 3, "package-1"])

        fourth, second, none, third, first = asking(upstream, ask, timeout=3, operation_timeout=5)
        assert (fourth.id, none, first.id) == (4, None, 1)
        assert causes([second, third]) == ["deadline", "status"]
        assert {each.resource for each in (second, third)} == {"packages/2", "packages/3"}

    def test_they_share_what_others_ask_for(self) -> None:
        upstream = Scripted(Rows(9), seconds=1)

        async def ask(client: Client) -> None:
            one, some, others = await asyncio.gather(
                client.record(Package, 2), client.records(Package, [1, 2, 3]), client.records(Package, [3, 2, 4])
            )
            assert [each.id for each in (*some, *others)] == [1, 2, 3, 3, 2, 4]  # type: ignore[union-attr]
            assert one is some[1] is others[1]

        asking(upstream, ask)
        assert sorted(upstream.targets) == [f"packages/{key}/" for key in (1, 2, 3, 4)]

    def test_who_waits_less_leaves_the_fetches_to_the_others(self) -> None:
        upstream = Scripted(Rows(3), seconds=4)

        async def ask(client: Client) -> None:
            patient = asyncio.ensure_future(client.records(Package, [1, 2], Deadline.after(10)))
            await asyncio.sleep(1)
            began = now()
            assert causes(await client.records(Package, [2, 3], Deadline.after(1))) == ["deadline", "deadline"]
            assert now() - began <= 1
            assert causes(await patient) == []

        asking(upstream, ask)
        assert sorted(upstream.targets) == ["packages/1/", "packages/2/", "packages/3/"]

    def test_who_has_more_time_asks_again(self) -> None:
        upstream = Scripted(Rows(3), seconds=4)

        async def ask(client: Client) -> None:
            hurried = asyncio.ensure_future(client.records(Package, [1, 2], Deadline.after(2)))
            await asyncio.sleep(1)
            assert causes(await client.records(Package, [1, 2, 3], Deadline.after(10))) == []
            assert causes(await hurried) == ["deadline", "deadline"]

        asking(upstream, ask)

    def test_nobody_waiting_ends_them(self) -> None:
        upstream = Scripted(Rows(9), seconds=1)

        async def ask(client: Client) -> None:
            asked = asyncio.ensure_future(client.records(Package, range(1, 9)))
            await asyncio.sleep(0.5)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            await asyncio.sleep(60)

        asking(upstream, ask, concurrency=4)
        assert len(upstream.asked) == 4


class TestCounters:
    def test_by_resource_and_outcome(self) -> None:
        upstream = Scripted(Rows(2), replies(503))

        async def ask(client: Client) -> Client:
            await client.record(Package, 1)
            await client.record(Package, 99)
            await client.record(Grid, 1)
            return client

        transport = asking(upstream, ask).transport
        assert transport.requests == {
            ("packages", "status"): 1,
            ("packages", "ok"): 1,
            ("packages", "absent"): 1,
            ("grids", "ok"): 1,
        }
        assert transport.retries == {"packages": 1}

    def test_each_kind_of_failure_is_logged_once_and_its_end_too(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO)
        upstream = Scripted(Rows(2), replies(503, 503, 500, 502))

        async def ask(client: Client) -> None:
            await all_of(client, [1])
            await all_of(client, [1])
            await asyncio.sleep(60)
            await client.record(Package, 1)

        asking(upstream, ask)
        assert [record.message.split(" for ")[0] for record in caplog.records] == [
            "The upstream answered with status 503",
            "The upstream answered with status 500",
            "The upstream answered with status 502",
            "The upstream answers without failures again, after 2 × status 503, 1 × status 500, 1 × status 502.",
        ]
