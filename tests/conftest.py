"""What tests of several rooms share."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from catalogue import Catalogue, Mirror, SyncSettings
from tests.fake_upstream import FakeUpstream, fake_upstream
from tests.patience import PATIENCE, make_httpx_patient
from upstream import Client

make_httpx_patient()

TESTS = Path(__file__).parent
E2E = {"browser", "clients", "federation", "frontend"}
"""The folders whose tests drive a browser, Node, nginx or another gateway: `make unit` leaves them out."""


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.path.relative_to(TESTS).parts[0] in E2E:
        item.add_marker("e2e")


@pytest.fixture
async def fake() -> AsyncIterator[FakeUpstream]:
    async with fake_upstream() as running:
        yield running


@pytest.fixture
async def client(fake: FakeUpstream) -> AsyncIterator[Client]:
    client = Client(fake.base_url, timeout=PATIENCE, operation_timeout=PATIENCE, backoff=0.001)
    yield client
    await client.aclose()


@pytest.fixture
async def mirrored(client: Client) -> AsyncIterator[Catalogue]:
    """A catalogue whose mirror is complete."""
    catalogue = Catalogue(client, freshness=600, mirror_wait=PATIENCE)
    mirror = Mirror(catalogue, Path(":memory:"), SyncSettings())
    await mirror.load()
    await mirror.sync()
    yield catalogue
    await mirror.aclose()
    await catalogue.aclose()


@pytest.fixture
def catalogue(client: Client) -> Catalogue:
    return Catalogue(client, freshness=600)
