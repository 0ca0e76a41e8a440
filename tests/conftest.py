"""What tests of several rooms share."""

from collections.abc import AsyncIterator

import pytest

from tests.fake_upstream import FakeUpstream, fake_upstream
from upstream import Catalogue, Client


@pytest.fixture
async def fake() -> AsyncIterator[FakeUpstream]:
    async with fake_upstream() as running:
        yield running


@pytest.fixture
async def client(fake: FakeUpstream) -> AsyncIterator[Client]:
    client = Client(fake.base_url, timeout=5)
    yield client
    await client.aclose()


@pytest.fixture
def catalogue(client: Client) -> Catalogue:
    return Catalogue(client, freshness=600)
