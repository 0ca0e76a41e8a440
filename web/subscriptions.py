"""Subscriptions: what each new snapshot means for those who asked to be told.

Nothing waits for anybody: of each subscription it is known of which snapshot it was told last, and its next event is
made from there. Who is slow to read gets one event that stands for all that it missed. Those who ask the same, and know
the same, get the same bytes: an event is made once for all of them.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Final, NamedTuple, TypeAlias

from web.errors import RequestError
from web.responses import GraphQLResponse

logger = logging.getLogger(__name__)

MAX_SUBSCRIPTIONS: Final = 50_000
"""Subscriptions of one process."""

MAX_TOPIC_BYTES: Final = 32 * 2**20
"""What all that is asked by them may take, in bytes, roughly: documents and variables."""

TOPIC_BYTES: Final = 2048
"""What a topic takes beside its texts, roughly."""

MAX_TOLD: Final = 50
"""Subscriptions that are told before others run."""

RETRY_SECONDS: Final = 1.0
"""After what an event is made that there was no time for."""

Deliver: TypeAlias = Callable[[bytes], Awaitable[None]]
"""Hands an event to a client; returns once there is room for another one."""


class Topic(NamedTuple):
    """What is asked by a subscription: a document, the operation's name and its variables, also as canonical JSON."""

    text: str
    name: str | None
    variables: dict[str, Any]
    canonical: bytes

    @property
    def key(self) -> Hashable:
        """What tells topics apart."""
        return self.text, self.name, self.canonical

    @property
    def size(self) -> int:
        """What it takes, in bytes, roughly."""
        return TOPIC_BYTES + len(self.text) + 3 * len(self.canonical)


class Event(NamedTuple):
    """A response to a topic: what is told with a snapshot's `number`; nothing when the body is empty."""

    number: int
    body: bytes


class FirstEvent(GraphQLResponse, eq=False, kw_only=True):
    """The response with which a subscription begins."""

    topic: Topic
    number: int


class Subscription:
    """One subscription. `number` is the snapshot's that its client was told of last; `passed_over` is that of the last
    one at which it was too slow to be told.
    """

    __slots__ = ("_deliver", "_feed", "_task", "is_over", "number", "passed_over")

    def __init__(self, feed: "_Feed", number: int, deliver: Deliver) -> None:
        self.number = number
        self.passed_over: int | None = None
        self.is_over = False
        self._feed = feed
        self._deliver = deliver
        self._task: asyncio.Task[None] | None = None

    @property
    def is_busy(self) -> bool:
        """Whether its client has yet to take the last event."""
        return self._task is not None

    def tell(self, event: Event) -> bool:
        """Begin to hand an event over; return whether there is anything to hand over."""
        self.number = event.number
        if event.body:
            self._task = asyncio.get_running_loop().create_task(self._hand_over(event.body))
        return bool(event.body)

    def cancel(self) -> None:
        """End it."""
        if not self.is_over:
            self.is_over = True
            self._feed.remove(self)
            if self._task is not None:
                self._task.cancel()

    async def _hand_over(self, body: bytes) -> None:
        try:
            await self._deliver(body)
        except OSError:
            pass  # the client has left, and its connection knows
        finally:
            self._task = None
            self._feed.told(self)


class Subscriptions:
    """All subscriptions of an application.

    Args:
        make_event: makes the event of a topic for who was told of a snapshot last.
        number: the current snapshot's.

    `count` are those there are, `told` events were handed over, `merged` ones left to the next as the client was slow.
    """

    def __init__(self, make_event: Callable[[Topic, int], Awaitable[Event]], number: Callable[[], int]) -> None:
        self._make_event = make_event
        self.current = number
        self._feeds: dict[Hashable, _Feed] = {}
        self._due: dict[_Feed, None] = {}
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None
        self.count = self.told = self.merged = 0

    def open(self, first: FirstEvent, deliver: Deliver) -> Subscription:
        """Begin a subscription, of which the first event is told. Raises `RequestError` (503): there are too many."""
        feed = self._feeds.get(first.topic.key)
        if self.count >= MAX_SUBSCRIPTIONS or (feed is None and self._bytes + first.topic.size > MAX_TOPIC_BYTES):
            message = "There are too many subscriptions; try again."
            raise RequestError(503, "OVERLOADED", message, headers=[(b"retry-after", b"1")])
        if feed is None:
            feed = self._feeds[first.topic.key] = _Feed(self, first.topic)
            self._bytes += first.topic.size
        subscription = Subscription(feed, first.number, deliver)
        feed.subscriptions[subscription] = None
        self.count += 1
        self.told += 1
        feed.told(subscription)
        return subscription

    def switched(self) -> None:
        """Have everybody told that there is another snapshot."""
        for feed in self._feeds.values():
            self.wake(feed)

    def wake(self, feed: "_Feed") -> None:
        """Have the subscriptions to a topic told what they do not know."""
        self._due[feed] = None
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def drop(self, feed: "_Feed") -> None:
        """Forget a topic that nobody asks any more."""
        del self._feeds[feed.topic.key]
        self._due.pop(feed, None)
        self._bytes -= feed.topic.size

    async def _run(self) -> None:
        try:
            while self._due:
                feed = next(iter(self._due))
                del self._due[feed]
                await self._tell(feed)
        finally:
            self._task = None

    async def _tell(self, feed: "_Feed") -> None:
        try:
            for number, subscriptions in feed.behind().items():
                event = await self._make_event(feed.topic, number)
                await self._hand_out(event, number, subscriptions)
        except RequestError:
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._again, feed)
        except Exception:
            logger.exception("An event could not be made")

    async def _hand_out(self, event: Event, number: int, subscriptions: list[Subscription]) -> None:
        """Tell those who were told of a snapshot last."""
        for count, each in enumerate(subscriptions, 1):
            if not each.is_over and not each.is_busy and each.number == number:
                self.told += each.tell(event)
            if count % MAX_TOLD == 0:
                await asyncio.sleep(0)

    def _again(self, feed: "_Feed") -> None:
        if feed.subscriptions:
            self.wake(feed)


class _Feed:
    """The subscriptions to one topic."""

    def __init__(self, owner: Subscriptions, topic: Topic) -> None:
        self._owner = owner
        self.topic = topic
        self.subscriptions: dict[Subscription, None] = {}

    def behind(self) -> dict[int, list[Subscription]]:
        """Return those who can be told of the current snapshot, by that of which they were told last."""
        current = self._owner.current()
        found: dict[int, list[Subscription]] = {}
        for each in self.subscriptions:
            if each.number != current:
                if not each.is_busy:
                    found.setdefault(each.number, []).append(each)
                elif each.passed_over != current:
                    each.passed_over = current
                    self._owner.merged += 1
        return found

    def told(self, subscription: Subscription) -> None:
        """Note that a subscription can be told more."""
        if not subscription.is_over and subscription.number != self._owner.current():
            self._owner.wake(self)

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription."""
        del self.subscriptions[subscription]
        self._owner.count -= 1
        if not self.subscriptions:
            self._owner.drop(self)
