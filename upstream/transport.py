"""The one way out: every GET passes one rate, one bound, one circuit breaker, one retry policy and one deadline."""

import asyncio
import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from spans import annotate, span
from upstream.breaker import BreakerState, CircuitBreaker
from upstream.deadline import Deadline
from upstream.errors import UNREACHABLE, UpstreamError
from upstream.failures import FailureLog
from upstream.rate import TokenBucket
from upstream.response import RawResponse
from upstream.retries import FIRST_BACKOFF_SECONDS, RetryBudget, pause

if TYPE_CHECKING:
    from upstream.network import Network

BURST_SECONDS: Final = 30.0
"""The burst is what the rate gives in this time: 150 GETs at 5 a second, so one cold query of 130 passes at once."""

ABSENT: Final = re.compile(r"Not found\.|No \w+ matches the given query\.")
"""The API's own words for what does not exist; any other 404 is somebody else's."""

NOT_ASKED_IN_TIME: Final = "could not be asked within the operation's time"

OK: Final = 200
NOT_FOUND: Final = 404


class Transport:
    """Makes GETs.

    `requests` counts what went over the wire by resource and outcome: `ok`, `absent`, `cancelled`, or the cause of a
    failure. `refusals` counts what did not, by resource and cause: `rate`, `deadline`, `breaker`. `retries` counts by
    resource. `is_reachable` says whether the last GET was answered, by anybody; `None` before the first. `failure` is
    why the last GET did not even get there, as long as none has since.

    Args:
        connect: makes what makes one GET; it is called in a thread, when that is first needed.
        rate: GETs a second, over time.
        concurrency: GETs under way at once.
        timeout: seconds for one GET, from connecting to the last byte.
        backoff: seconds within which the first retry is made; what follows doubles.
    """

    def __init__(
        self,
        connect: "Callable[[], Network]",
        *,
        rate: float,
        concurrency: int,
        timeout: float,
        backoff: float = FIRST_BACKOFF_SECONDS,
    ) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.refusals: Counter[tuple[str, str]] = Counter()
        self.retries: Counter[str] = Counter()
        self.is_reachable: bool | None = None
        self.failure: UpstreamError | None = None
        self._connect = connect
        self._connecting = asyncio.Lock()
        self._network: Network | None = None
        self._timeout = timeout
        self._backoff = backoff
        self._bucket = TokenBucket(rate, rate * BURST_SECONDS)
        self._slots = asyncio.Semaphore(concurrency)
        self._budget = RetryBudget()
        self._breaker = CircuitBreaker()
        self._failures = FailureLog()

    @property
    def state(self) -> BreakerState:
        """How the upstream is, by what it answered last."""
        return self._breaker.state(_now())

    @property
    def tokens(self) -> float:
        """How many GETs the rate allows at once."""
        return self._bucket.left(_now())

    @property
    def retries_left(self) -> float:
        """How many retries the budget allows."""
        return self._budget.left(_now())

    async def aclose(self) -> None:
        """Close the pool."""
        if self._network is not None:
            await self._network.aclose()

    async def connected(self) -> "Network":
        """Return what makes one GET.

        Raises:
            UpstreamError: it cannot be made.
        """
        async with self._connecting:
            if self._network is None:
                self._network = await asyncio.to_thread(self._connect)
            return self._network

    async def get(self, path: str, resource: str, deadline: Deadline, *, retried: bool = True) -> RawResponse:
        """GET a path below the base.

        Args:
            path: what to ask for.
            resource: what it is called in errors; its first part is what the counters go by.
            deadline: until when to try; waiting for the rate, a slot or a retry counts against it.
            retried: whether what failed is tried again; a crawl sees to that itself.

        Returns:
            A 200 that is no HTML page, or a 404 in the API's own words.

        Raises:
            UpstreamError: nothing else came in time.
        """
        self._budget.deposit()
        attempt = 0
        while True:
            attempt += 1
            try:
                with span(f"GET {_label(resource)}", partial(_described, resource, attempt), asks=True):
                    return await self._attempt(path, resource, deadline)
            except UpstreamError as error:
                seconds = pause(error, attempt, deadline, self._backoff) if retried else None
                if seconds is None:
                    raise
                # Waiting for the breaker's probe asks nothing of the upstream, so it needs no budget.
                if error.cause != "breaker":
                    if not self._budget.withdraw(_now()):
                        raise
                    self.retries[_label(resource)] += 1
            await asyncio.sleep(seconds)

    async def _attempt(self, path: str, resource: str, deadline: Deadline) -> RawResponse:
        request = object()
        try:
            await self._turn(request, resource, deadline)
        except UpstreamError as error:
            self.refusals[_label(resource), error.cause] += 1
            annotate({"catalogue.outcome": error.cause})
            raise
        try:
            return await self._send(request, path, resource, deadline)
        finally:
            self._slots.release()

    async def _turn(self, request: object, resource: str, deadline: Deadline) -> None:
        """Wait for a token and a slot; whoever leaves without them gives back the token.

        Raises:
            UpstreamError: they cannot be had in time, or the breaker lets nothing through.
        """
        now = _now()
        self._breaker.check(resource, now)
        patience = deadline.at - now
        if patience < 0:
            raise UpstreamError("deadline", resource, NOT_ASKED_IN_TIME)
        wait = self._bucket.reserve(now, patience)
        if wait > patience:
            raise UpstreamError("rate", resource, "is not asked so soon, to keep to its rate,", retry_after=wait)
        try:
            if wait or self._slots.locked():
                async with asyncio.timeout_at(deadline.at):
                    await asyncio.sleep(wait)
                    await self._slots.acquire()
            else:
                await self._slots.acquire()
            try:
                self._breaker.admit(request, resource, _now())
            except UpstreamError:
                self._slots.release()
                raise
        except TimeoutError:
            self._bucket.give_back()
            raise UpstreamError("deadline", resource, NOT_ASKED_IN_TIME) from None
        except BaseException:
            self._bucket.give_back()
            raise

    async def _send(self, request: object, path: str, resource: str, deadline: Deadline) -> RawResponse:
        started = _now()
        try:
            network = self._network or await self.connected()
            started = _now()
            async with asyncio.timeout_at(min(started + self._timeout, deadline.at)):
                response = _checked(await network.get(path, resource), resource)
        except TimeoutError:
            failure = _too_late(resource, started, self._timeout)
        except UpstreamError as error:
            failure = error
        except BaseException:
            self._breaker.abandoned(request)
            self._count(resource, "cancelled")
            raise
        else:
            self._note_answer(request)
            self._count(resource, "ok" if response.status == OK else "absent", response.status)
            return response
        self._note_failure(request, failure)
        raise failure

    def _count(self, resource: str, outcome: str, status: object = None) -> None:
        self.requests[_label(resource), outcome] += 1
        annotate({"catalogue.outcome": outcome})
        if isinstance(status, int):
            annotate({"http.response.status_code": status})

    def _note_answer(self, request: object) -> None:
        self.is_reachable, self.failure = True, None
        self._breaker.succeeded(request)
        self._failures.succeeded(_now())

    def _note_failure(self, request: object, failure: UpstreamError) -> None:
        self._count(failure.resource, failure.cause, failure.extensions.get("status"))
        self._failures.failed(failure, _now())
        self._breaker.failed(request, failure, _now())
        self.is_reachable = failure.cause in ("status", "format", "redirect", "size")
        self.failure = failure if failure.cause in UNREACHABLE else None


def _checked(response: RawResponse, resource: str) -> RawResponse:
    """Let through what the API itself says.

    Raises:
        UpstreamError: the status is another, or the answer is a page for people.
    """
    status, is_page = response.status, response.content_type == "text/html"
    if (status == OK and not is_page) or (status == NOT_FOUND and is_absence(response.body)):
        return response
    if status == OK:
        raise UpstreamError("format", resource, "answered with an HTML page")
    what = " and an HTML page" if is_page else ""
    raise UpstreamError(
        "status", resource, f"answered with status {status}{what}", retry_after=response.retry_after, status=status
    )


def is_absence(body: bytes) -> bool:
    """Tell the API's own 404 from that of a proxy, a deploy or another application."""
    try:
        said = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    detail = said.get("detail")
    return len(said) == 1 and isinstance(detail, str) and ABSENT.fullmatch(detail) is not None


def _too_late(resource: str, started: float, timeout: float) -> UpstreamError:
    if _now() - started >= timeout:
        return UpstreamError("read timeout", resource, f"did not answer within {timeout:g} s")
    return UpstreamError("deadline", resource, "did not answer within the operation's time")


def _described(resource: str, attempt: int) -> dict[str, str | int]:
    """Say of a span what is asked for; not of which record, which a client may have named."""
    return {"http.request.method": "GET", "catalogue.resource": _label(resource), "catalogue.attempt": attempt}


def _label(resource: str) -> str:
    return resource.partition("/")[0]


def _now() -> float:
    return asyncio.get_running_loop().time()
