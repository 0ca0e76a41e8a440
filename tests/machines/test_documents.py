"""Documents that gateways tell each other, at a real server: what is kept, and for how many bytes."""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from catalogue.redis_server import RedisServer
from tests.redis_servers import PROGRAMS, RunningServer, until
from web.shared_documents import MAX_DOCUMENT_BYTES, SharedDocuments

pytestmark = pytest.mark.parametrize("redis", PROGRAMS, indirect=True, ids=lambda path: Path(path).name)
TEXTS = [f"query Q{number} {{ packages {{ totalCount }} }}" for number in range(30)]
SIZE = len(TEXTS[0])


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


@pytest.fixture
async def server(redis: RunningServer) -> AsyncIterator[RedisServer]:
    server = RedisServer(redis.url, "http://x/")
    yield server
    await server.aclose()


async def told(shared: SharedDocuments, *texts: str) -> None:
    for text in texts:
        shared.put(hashed(text), text)
    await until(lambda: not shared._registered)


async def known(server: RedisServer, *texts: str) -> list[bool]:
    return [await SharedDocuments(server).get(hashed(text)) == text for text in texts]


async def test_what_is_told_is_known(server: RedisServer) -> None:
    shared = SharedDocuments(server)
    await told(shared, *TEXTS[:3], TEXTS[0])
    assert await known(server, *TEXTS[:4]) == [True, True, True, False]


async def test_they_have_no_more_than_so_many_bytes_and_the_last_used_stay(
    redis: RunningServer, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.shared_documents.MAX_BYTES", 10 * SIZE + 9)
    shared = SharedDocuments(server)
    await told(shared, *TEXTS[:8])
    used = await redis.key("documents-used")
    for text in TEXTS[1:8]:
        await redis.do("ZADD", used, 1, hashed(text))  # long ago
    await told(shared, *TEXTS[8:])
    texts = await redis.key("documents")
    size = int(await redis.do("HGET", texts, ":bytes"))
    kept = await redis.do("HVALS", texts)
    assert size == sum(map(len, kept)) - len(str(size)) <= 10 * SIZE + 9
    assert not any(await known(server, *TEXTS[1:8]))
    assert 0 < await redis.do("TTL", texts) <= 7 * 86_400


async def test_what_was_evicted_in_part_counts_anew(
    redis: RunningServer, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.shared_documents.MAX_BYTES", 5 * SIZE)
    shared = SharedDocuments(server)
    for name in ("documents", "documents-used"):
        await told(shared, *TEXTS[:5])
        await redis.do("DEL", await redis.key(name))
        await told(shared, *TEXTS[5:25])
        assert sum(await known(server, *TEXTS)) <= 5
        assert any(await known(server, *TEXTS[5:25]))


async def test_a_wrong_text_is_neither_believed_nor_kept_for_good(redis: RunningServer, server: RedisServer) -> None:
    shared = SharedDocuments(server)
    await told(shared, TEXTS[0])
    await redis.do("HSET", await redis.key("documents"), hashed(TEXTS[0]), "{ evil }")
    assert await known(server, TEXTS[0]) == [False]
    await told(shared, TEXTS[0])
    assert await known(server, TEXTS[0]) == [True]


async def test_a_text_that_is_too_large_is_not_read(redis: RunningServer, server: RedisServer) -> None:
    await told(SharedDocuments(server), TEXTS[0])
    large = "#" * (MAX_DOCUMENT_BYTES + 1)
    await redis.do("HSET", await redis.key("documents"), hashed(large), large)
    assert await known(server, large) == [False]


async def test_one_that_does_not_answer_is_waited_for_once(redis: RunningServer, server: RedisServer) -> None:
    await told(SharedDocuments(server), *TEXTS)
    redis.stop()
    shared = SharedDocuments(server)
    assert [await shared.get(hashed(text)) for text in TEXTS] == [None] * len(TEXTS)
    assert shared.lookups == {"failure": len(TEXTS)}
    redis.go_on()
    await until(lambda: knows(server, TEXTS[0]))


async def knows(server: RedisServer, text: str) -> bool:
    return await SharedDocuments(server).get(hashed(text)) == text
