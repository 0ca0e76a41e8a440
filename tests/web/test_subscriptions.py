"""Subscribers who are slow, many, or ask the same."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from catalogue import mirror
from tests.fake_upstream import FakeUpstream
from tests.live import EVENTS, Gateway, client, live
from tests.patience import PATIENCE
from tests.rows import Rows
from web import subscriptions
from web.errors import RequestError
from web.subscriptions import Event, FirstEvent, Subscriptions, Topic

TOPIC = Topic("subscription { x }", None, {}, b"")


class World:
    """A world whose snapshots only have a number; `made` are the events that were made, from and to."""

    def __init__(self) -> None:
        self.number = 1
        self.made: list[tuple[int, int]] = []
        self.is_overloaded = False
        self.is_news = True
        self.subscriptions = Subscriptions(self._event, lambda: self.number)

    async def _event(self, topic: Topic, since: int) -> Event:
        await asyncio.sleep(0)
        if self.is_overloaded:
            raise RequestError(503, "OVERLOADED", "Try again.")
        self.made.append((since, self.number))
        return Event(self.number, f"{since}-{self.number}".encode() if self.is_news else b"")

    def subscribe(
        self, deliver: Callable[[bytes], Awaitable[None]], topic: Topic = TOPIC
    ) -> subscriptions.Subscription:
        first = FirstEvent(b"", topic=topic, number=self.number)
        return self.subscriptions.open(first, deliver)

    async def switch(self) -> None:
        """Have another snapshot, and let all that can be done be done."""
        self.number += 1
        self.subscriptions.switched()
        await self.settle()

    async def settle(self) -> None:
        for _ in range(200):
            await asyncio.sleep(0)


class Slow:
    """A client that takes an event only when it is let; `got` are those that it was handed."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.takes = asyncio.Event()

    async def take(self, event: bytes) -> None:
        self.got.append(event)
        await self.takes.wait()


async def test_those_who_ask_the_same_get_the_same_bytes() -> None:
    world = World()
    got: list[bytes] = []

    async def take(event: bytes) -> None:
        got.append(event)

    for _ in range(120):
        world.subscribe(take)
    await world.switch()
    assert got == [b"1-2"] * 120
    assert len({id(event) for event in got}) == 1
    assert world.made == [(1, 2)]


async def test_who_is_slow_gets_one_event_for_all_that_it_missed() -> None:
    world, slow = World(), Slow()
    quick: list[bytes] = []

    async def take(event: bytes) -> None:
        quick.append(event)

    world.subscribe(slow.take)
    world.subscribe(take)
    for _ in range(5):
        await world.switch()
    assert quick == [b"1-2", b"2-3", b"3-4", b"4-5", b"5-6"]
    assert slow.got == [b"1-2"]
    assert world.subscriptions.merged == 4
    slow.takes.set()
    await world.settle()
    assert slow.got == [b"1-2", b"2-6"]


async def test_an_event_that_says_nothing_is_not_told_but_counts_as_known() -> None:
    world, slow = World(), Slow()
    subscription = world.subscribe(slow.take)
    world.is_news = False
    await world.switch()
    assert (slow.got, subscription.number) == ([], 2)
    world.is_news = True
    await world.switch()
    assert slow.got == [b"2-3"]


async def test_an_event_that_there_is_no_time_for_is_made_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "RETRY_SECONDS", 0.01)
    world, slow = World(), Slow()
    world.subscribe(slow.take)
    world.is_overloaded = True
    await world.switch()
    assert slow.got == []
    world.is_overloaded = False
    async with asyncio.timeout(PATIENCE):
        while not slow.got:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
    assert slow.got == [b"1-2"]


async def test_a_bug_ends_no_subscription(caplog: pytest.LogCaptureFixture) -> None:
    world, slow = World(), Slow()

    async def fail(event: bytes) -> None:
        raise OSError("left")

    world.subscribe(fail)
    world.subscribe(slow.take)
    await world.switch()
    assert slow.got == [b"1-2"]
    assert caplog.records == []


async def test_who_cancels_is_told_nothing_more_and_leaves_nothing() -> None:
    world, slow = World(), Slow()
    one, other = world.subscribe(slow.take), world.subscribe(slow.take)
    await world.switch()
    one.cancel()
    one.cancel()
    slow.takes.set()
    await world.switch()
    assert slow.got == [b"1-2", b"1-2", b"2-3"]
    other.cancel()
    await world.switch()
    assert (world.subscriptions.count, vars(world.subscriptions)["_feeds"], vars(world.subscriptions)["_bytes"]) == (
        0,
        {},
        0,
    )
    assert len(world.made) == 2


async def test_what_changes_while_one_subscribes_is_told() -> None:
    world, slow = World(), Slow()
    first = FirstEvent(b"", topic=TOPIC, number=world.number)
    world.number += 1
    world.subscriptions.open(first, slow.take)
    await world.settle()
    assert slow.got == [b"1-2"]


async def test_what_is_asked_by_all_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MAX_TOPIC_BYTES", 10_000)
    world, slow = World(), Slow()
    topics = [Topic("subscription { x }" + " " * 3000, None, {"n": n}, str(n).encode()) for n in range(3)]
    held = [world.subscribe(slow.take, topic) for topic in topics[:1] * 5]
    with pytest.raises(RequestError, match="too many subscriptions"):
        world.subscribe(slow.take, topics[1])
    for each in held:
        each.cancel()
    world.subscribe(slow.take, topics[1])
    monkeypatch.setattr(subscriptions, "MAX_SUBSCRIPTIONS", 1)
    with pytest.raises(RequestError, match="too many subscriptions"):
        world.subscribe(slow.take, topics[1])


FIELDS = " ".join(f"t{n}: title r{n}: repoDescription" for n in range(45))
LONG = f"""
subscription {{ catalogueChanged {{ version since changes {{ record {{ ... on Package {{ {FIELDS} }} }} }} }} }}
"""


async def change_all(gateway: Gateway, fake: FakeUpstream, number: int) -> None:
    """Have another snapshot whose event, as `LONG` asks for it, takes most of a megabyte."""
    assert fake.rows
    for row in fake.rows.packages.values():
        row.update(title=f"{number} " + "x" * 90, repo_description="y" * 90)
    await gateway.mirror.sync()


@pytest.fixture
def many(fake: FakeUpstream, monkeypatch: pytest.MonkeyPatch) -> FakeUpstream:
    """90 packages at the fake upstream."""
    monkeypatch.setattr(mirror, "SERVING_RATE", 1e6)
    fake.rows = Rows(90)
    return fake


async def test_a_client_that_does_not_read_is_told_in_one_event_later(many: FakeUpstream) -> None:
    """At the socket: the client's buffer and the gateway's are full, until it reads."""
    async with live(many) as gateway, client(gateway, max_queue=1) as slow, client(gateway) as quick:
        await slow.subscribe("1", LONG)
        await quick.subscribe("1", EVENTS)
        since = (await quick.event())["version"]
        switches = 0
        while merged(gateway) < 3:
            switches += 1
            await change_all(gateway, many, switches)
            await quick.event()
        assert max(each.unsent for each in gateway.sockets) < 2_000_000
        events = 0
        while since != gateway.version:
            event = await slow.event()
            assert event["since"] == since
            since = event["version"]
            events += 1
        assert events - 1 < switches


async def test_a_client_that_never_reads_is_dropped(many: FakeUpstream) -> None:
    async with live(many, send_timeout=0.2) as gateway, client(gateway, max_queue=1, close_timeout=0.1) as slow:
        await slow.subscribe("1", LONG)
        await gateway.until(lambda: gateway.measured("catalogue_subscriptions") == 1)
        number = 0
        while gateway.measured("catalogue_subscriptions"):
            number += 1
            await change_all(gateway, many, number)
        assert gateway.sockets == []


def merged(gateway: Gateway) -> float:
    return float(gateway.measured("catalogue_events_total", outcome="merged"))
