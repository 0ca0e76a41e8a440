"""Documents that gateways tell each other: what a request meets when the server is slow, away or lies."""

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

from tests.patience import PATIENCE
from tests.web.test_persisted import ANSWER, HASH, QUERY, VARIABLES, error, named
from tests.web.toy import client
from web.shared_documents import MAX_AT_ONCE, MAX_DOCUMENT_BYTES, SharedDocuments


class FakeServer:
    """Keeps what it is told in a mapping; `held` keeps it from answering."""

    def __init__(self, texts: dict[str, bytes] | None = None) -> None:
        self.texts = {} if texts is None else texts
        self.calls = 0
        self.told = asyncio.Event()
        self.held: asyncio.Event | None = None
        self.is_away = False

    def key(self, name: str) -> str:
        return name

    async def attempt(self, text: str, keys: Sequence[str], *values: Any, seconds: float) -> Any:
        self.calls += 1
        if self.held is not None:
            await self.held.wait()
        if self.is_away:
            return None
        if len(values) == 1:
            return self.texts.get(values[0], b"")
        self.texts[values[0]] = values[1]
        self.told.set()
        return b"done"


def by_hash(text: str = QUERY) -> dict[str, Any]:
    return {"extensions": named(hashlib.sha256(text.encode()).hexdigest()), "variables": VARIABLES}


async def test_what_one_gateway_is_told_another_knows() -> None:
    server = FakeServer()
    async with client(shared_documents=SharedDocuments(server)) as one:
        await one.post("/graphql", json={"query": QUERY, **by_hash()})
        await asyncio.wait_for(server.told.wait(), PATIENCE)
    assert server.texts == {HASH: QUERY.encode()}
    shared = SharedDocuments(server)
    async with client(shared_documents=shared) as other:
        for _ in range(3):
            assert (await other.post("/graphql", json=by_hash())).json() == ANSWER
    assert shared.lookups == {"hit": 1}


async def test_a_document_that_has_another_hash_is_not_believed() -> None:
    shared = SharedDocuments(FakeServer({HASH: b"{ hello }"}))
    async with client(shared_documents=shared) as gateway:
        assert error(await gateway.post("/graphql", json=by_hash()))[1] == "PERSISTED_QUERY_NOT_FOUND"
    assert shared.lookups == {"miss": 1}


async def test_a_document_that_is_wrong_is_told_to_nobody() -> None:
    server, wrong = FakeServer(), "{ unicorns }"
    async with client(shared_documents=SharedDocuments(server)) as gateway:
        await gateway.post("/graphql", json={"query": wrong, **by_hash(wrong)})
    assert server.calls == 0


async def test_without_the_server_nothing_is_found_and_what_was_told_here_is_known() -> None:
    server = FakeServer()
    server.is_away = True
    shared = SharedDocuments(server)
    async with client(shared_documents=shared) as gateway:
        assert error(await gateway.post("/graphql", json=by_hash()))[1] == "PERSISTED_QUERY_NOT_FOUND"
        assert (await gateway.post("/graphql", json={"query": QUERY, **by_hash()})).json() == ANSWER
        assert (await gateway.post("/graphql", json=by_hash())).json() == ANSWER
    assert shared.lookups == {"failure": 1}


async def test_many_who_ask_for_one_ask_once_and_many_others_ask_no_more_than_is_good() -> None:
    server = FakeServer({HASH: QUERY.encode()})
    server.held = asyncio.Event()
    shared = SharedDocuments(server)
    asked = [asyncio.create_task(shared.get(HASH)) for _ in range(50)]
    others = [asyncio.create_task(shared.get(f"{number:064x}")) for number in range(1000)]
    await asyncio.wait(others, return_when=asyncio.FIRST_COMPLETED)
    assert server.calls <= MAX_AT_ONCE
    asked[0].cancel()
    server.held.set()
    assert await asyncio.gather(*asked[1:]) == [QUERY] * 49
    assert await asyncio.gather(*others) == [None] * 1000


async def test_what_is_no_hash_or_too_large_costs_the_server_nothing() -> None:
    server = FakeServer()
    shared = SharedDocuments(server)
    assert [await shared.get(key) for key in ("", "x" * 64, HASH.upper(), ":bytes", HASH + "0")] == [None] * 5
    shared.put(HASH, "x" * (MAX_DOCUMENT_BYTES + 1))
    await asyncio.sleep(0)
    assert server.calls == 0
