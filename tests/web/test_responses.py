import os
import re
import time
from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from tests.web.toy import ToySnapshot, client, toy_app
from web.freshness import FOREVER, Freshness
from web.negotiation import RESPONSE_JSON
from web.responses import CachedResponse, GraphQLResponse, ResponseCache

COUNTED = {"query": "{ counted }"}


def max_age(response: httpx.Response) -> int:
    found = re.fullmatch(r"public, max-age=(\d+)(, stale-while-revalidate=\d+)?", response.headers["cache-control"])
    assert found, response.headers["cache-control"]
    return int(found[1])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the monotonic clock, in seconds from now."""
    now = time.monotonic()

    def set_clock(seconds: float) -> None:
        monkeypatch.setattr(time, "monotonic", lambda: now + seconds)

    set_clock(0)
    return set_clock


async def test_an_answer_is_kept_until_the_next_snapshot_or_until_it_no_longer_holds(
    clock: Callable[[float], None],
) -> None:
    async with client() as gateway:
        by_snapshot = await gateway.get("/graphql", params={"query": "{ hello }"})
        shorter = await gateway.get("/graphql", params={"query": "{ holding(seconds: 100) }"})
        longer = await gateway.get("/graphql", params={"query": "{ holding(seconds: 1000) }"})
    assert (max_age(by_snapshot), max_age(shorter), max_age(longer)) == (300, 100, 300)
    assert "stale-while-revalidate=300" in by_snapshot.headers["cache-control"]
    assert "stale-while-revalidate" not in shorter.headers["cache-control"]


async def test_max_age_is_capped_by_the_setting(clock: Callable[[float], None]) -> None:
    async with client(max_age=7) as gateway:
        response = await gateway.get("/graphql", params={"query": "{ hello }"})
    assert max_age(response) == 7


async def test_a_ready_answer_lives_as_long_as_its_snapshot(clock: Callable[[float], None]) -> None:
    snapshot = ToySnapshot()
    found = []
    async with client(toy_app(snapshot=lambda: snapshot)) as gateway:
        for seconds in (0, 400, 599):
            clock(seconds)
            found.append(await gateway.get("/graphql", params=COUNTED))
        snapshot = ToySnapshot(edition=2)
        found.append(await gateway.get("/graphql", params=COUNTED))
    assert found[0].json() == found[1].json() == found[2].json() != found[3].json()
    assert [max_age(each) for each in found] == [300, 200, 1, 300]
    assert found[0].headers["etag"] == found[2].headers["etag"]


async def test_one_that_holds_shorter_is_made_again(clock: Callable[[float], None]) -> None:
    query = {"query": "{ holding(seconds: 60) counted }"}
    async with client() as gateway:
        first = await gateway.get("/graphql", params=query)
        clock(30)
        assert (await gateway.get("/graphql", params=query)).json() == first.json()
        clock(61)
        assert (await gateway.get("/graphql", params=query)).json() != first.json()


async def test_what_is_true_at_this_moment_only_is_not_stored() -> None:
    async with client() as gateway:
        response = await gateway.get("/graphql", params={"query": "{ holding(seconds: 0) }"})
    assert response.headers["cache-control"] == "no-store"


async def test_a_stale_answer_says_so_in_headers_and_extensions(clock: Callable[[float], None]) -> None:
    stale = ToySnapshot(age=4000.5, staleness={"isComplete": True}, expires_clock=time.monotonic() + 5)
    async with client(toy_app(snapshot=lambda: stale)) as gateway:
        for _ in range(2):
            response = await gateway.get("/graphql", params={"query": "{ hello }"})
            assert response.json()["extensions"] == {"staleness": {"isComplete": True}}
            assert (response.headers["age"], max_age(response)) == ("4000", 5)


@pytest.mark.parametrize(
    "query", ["{ failing }", "{ broken hello }", "{", "{ nope }", "query A { hello } query B { hello }"]
)
async def test_errors_and_partial_answers_may_not_be_stored(query: str) -> None:
    async with client() as gateway:
        response = await gateway.get("/graphql", params={"query": query})
        malformed = await gateway.get("/graphql")
    assert response.headers["cache-control"] == malformed.headers["cache-control"] == "no-store"
    assert "etag" not in response.headers


async def test_if_none_match() -> None:
    async with client() as gateway:
        first = await gateway.get("/graphql", params=COUNTED)
        tag = first.headers["etag"]
        for given in (tag, tag.removeprefix("W/"), f'"x", {tag}', "*"):
            same = await gateway.get("/graphql", params=COUNTED, headers={"if-none-match": given})
            assert (same.status_code, same.content) == (304, b"")
            assert same.headers["etag"] == tag
            assert same.headers["vary"] == first.headers["vary"]
            assert max_age(same) <= 300
            assert "content-length" not in same.headers
        other = await gateway.get("/graphql", params=COUNTED, headers={"if-none-match": '"x"'})
        posted = await gateway.post("/graphql", json=COUNTED, headers={"if-none-match": "*"})
    assert other.json() == first.json()
    assert posted.status_code == 200


async def test_a_tag_is_of_the_answer_and_not_of_its_coding() -> None:
    async with client(response_cache_bytes=0) as gateway:
        tags = {
            (await gateway.get("/graphql", params={"query": query}, headers={"accept-encoding": coding})).headers[
                "etag"
            ]
            for query in ("{ long }", "{ long(size: 4000) }")
            for coding in ("identity", "gzip", "br", "zstd")
        }
    assert len(tags) == 2
    assert all(tag.startswith('W/"') for tag in tags)


async def answer(gateway: httpx.AsyncClient, **body: Any) -> Any:
    return (await gateway.post("/graphql", json=COUNTED | body)).json()


async def test_a_ready_answer_is_given_again() -> None:
    async with client() as gateway:
        first = await answer(gateway)
        assert await answer(gateway) == first, "the same bytes"
        assert await answer(gateway, variables={}) == first, "the same meaning"
        assert (await gateway.get("/graphql", params=COUNTED)).json() == first, "by another method"
        strict = await gateway.post("/graphql", json=COUNTED, headers={"accept": RESPONSE_JSON})
        assert strict.json() == first, "as another media type"
        assert strict.headers["content-type"].startswith(RESPONSE_JSON)
        assert await answer(gateway, query="query A { counted }", operationName="A") != first


@pytest.mark.parametrize("control", ["", "max-age=60", 'x="no-cache"', 'x="a, no-store, b"', "no-cached", "x=no-cache"])
async def test_other_directives_ask_for_no_new_answer(control: str) -> None:
    async with client() as gateway:
        first = await answer(gateway)
        assert (await gateway.post("/graphql", json=COUNTED, headers={"cache-control": control})).json() == first


async def test_variables_in_another_order_mean_the_same() -> None:
    query = "query ($a: Int, $b: Int) { counted __typename @skip(if: false) a: long(size: $a) b: long(size: $b) }"
    async with client() as gateway:
        first = await answer(gateway, query=query, variables={"a": 1, "b": 2})
        assert await answer(gateway, query=query, variables={"b": 2, "a": 1}) == first
        assert await answer(gateway, query=query, variables={"a": 2, "b": 1}) != first


@pytest.mark.parametrize(
    "control",
    ["no-cache", "No-Cache", "NO-STORE", "max-age=0, no-cache", 'x="a, b" ,No-Cache', ",no-store,", "no-cache=1"],
)
async def test_a_client_may_ask_for_a_new_answer(control: str) -> None:
    async with client() as gateway:
        first = await answer(gateway)
        second = (await gateway.post("/graphql", json=COUNTED, headers={"cache-control": control})).json()
        assert second != first
        assert await answer(gateway) == second, "the newer answer is the one that is kept"


async def test_a_new_version_of_the_catalogue_ends_what_is_ready() -> None:
    edition = 1
    async with client(toy_app(snapshot=lambda: ToySnapshot(edition=edition))) as gateway:
        first = await answer(gateway)
        edition = 2
        assert await answer(gateway) != first


async def test_an_answer_made_while_the_catalogue_changed_is_not_given_again() -> None:
    editions = count()
    async with client(toy_app(snapshot=lambda: ToySnapshot(edition=next(editions)))) as gateway:
        assert await answer(gateway) != await answer(gateway)


async def test_the_setting_turns_it_off() -> None:
    async with client(response_cache_bytes=0) as gateway:
        assert await answer(gateway) != await answer(gateway)


@pytest.mark.parametrize("body", [{"query": "mutation { change }"}, {"query": "{ counted failing }"}])
async def test_what_may_not_be_kept_runs_again(body: dict[str, str]) -> None:
    async with client() as gateway:
        first = (await gateway.post("/graphql", json=body)).json()
        assert (await gateway.post("/graphql", json=body)).json() != first


class TestResponseCache:
    def test_the_least_recently_used_go_first(self) -> None:
        cache = ResponseCache(50_000, lambda: 1)
        for number in range(20):
            cache.put(number, kept(10_000), 10)
            cache.get(0)
        assert cache.get(0)
        assert cache.get(1) is None
        assert cache.get(19)

    def test_an_answer_larger_than_all_is_not_kept(self) -> None:
        cache = ResponseCache(50_000, lambda: 1)
        cache.put("small", kept(10), 10)
        cache.put("large", kept(60_000), 10)
        assert cache.get("large") is None

    def test_spellings_of_a_request_count_and_go_with_their_answer(self) -> None:
        cache = ResponseCache(50_000, lambda: 1)
        answer = kept(1_000)
        cache.put("a", answer, 10)
        cache.put_exact((b"first", None), ready(answer))
        assert cache.get_exact((b"first", None))
        for number in range(100):
            cache.put_exact((b"%10000d" % number,), ready(answer))
        assert cache.get_exact((b"first", None)) is None, "an answer is dropped when its requests outgrow the limit"
        assert cache.get("a") is None

    def test_few_spellings_are_remembered(self) -> None:
        cache = ResponseCache(1_000_000, lambda: 1)
        answer = kept(1_000)
        cache.put("a", answer, 10)
        for number in range(100):
            cache.put_exact((b"%d" % number,), ready(answer))
        assert sum(cache.get_exact((b"%d" % number,)) is not None for number in range(100)) == 32

    def test_compressed_bodies_count(self) -> None:
        cache = ResponseCache(60_000, lambda: 1)
        answer = GraphQLResponse(bytes(range(256)) * 100, expires_clock=FOREVER, edition=1)
        cache.put("a", answer, 10)
        encoded = ready(answer, answer.encode("zstd") + b"x" * 40_000)
        answer.encoded["zstd"] = encoded.body
        cache.put_exact((b"request",), encoded)
        assert cache.get("a") is None

    def test_an_encoding_made_late_counts(self) -> None:
        cache = ResponseCache(60_000, lambda: 1)
        late = GraphQLResponse(os.urandom(40_000), expires_clock=FOREVER, edition=1)
        cache.put("a", late, 10)
        assert cache.get("a")
        late.encode("gzip")
        cache.weigh(late)
        assert cache.get("a") is None

    def test_an_answer_may_be_replaced(self) -> None:
        cache = ResponseCache(50_000, lambda: 1)
        for _ in range(100):
            cache.put("a", kept(10_000), 10)
        assert cache.get("a")

    def test_what_is_not_kept_is_not_remembered(self) -> None:
        cache = ResponseCache(0, lambda: 1)
        answer = kept(10)
        cache.put("a", answer, 10)
        cache.put_exact((b"request",), ready(answer))
        assert cache.get_exact((b"request",)) is None


def kept(size: int) -> GraphQLResponse:
    return GraphQLResponse(b"x" * size, expires_clock=FOREVER, edition=1)


def ready(answer: GraphQLResponse, body: bytes | None = None) -> CachedResponse:
    return CachedResponse(answer, 200, [], body or answer.body, None)


def test_what_is_said_of_an_answers_age_follows_the_clock(clock: Callable[[float], None]) -> None:
    now = time.monotonic()
    snapshot = ToySnapshot(expires_clock=now + 3.5, stale_clock=now + 3.25)
    freshness = Freshness(lambda: snapshot, 300)
    found = []
    for seconds in (0, 0.4, 0.6, 1.4, 1.6, 2.6, 3.2):
        clock(seconds)
        assert freshness.edition() == 1
        found += [int(control.split(b"=")[1].split(b",")[0]) for _, control in freshness.headers(FOREVER)]
    assert found == [3, 3, 2, 2, 1, 0, 0]
    snapshot.edition, snapshot.staleness, snapshot.age = 2, {"isComplete": False}, 7.0
    clock(3.25)
    assert freshness.edition() == 2
    assert freshness.headers(FOREVER)[1:] == [(b"age", b"7")]
    snapshot = ToySnapshot(edition=3)
    assert freshness.edition() == 3
    assert len(freshness.headers(FOREVER)) == 1
