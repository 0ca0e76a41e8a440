"""What tests of several rooms share."""

import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from catalogue import Catalogue, Mirror, SyncSettings
from catalogue.snapshot import Snapshot, ready
from catalogue.store import MemoryStore
from tests.fake_upstream import FakeUpstream, fake_upstream
from tests.indexes import Indexes, built
from tests.patience import PATIENCE, make_httpx_patient, make_uvicorn_quick
from tests.rows import Rows
from tests.strategies import sample
from upstream import Client

make_httpx_patient()
make_uvicorn_quick()
# No test depends on how long something took, so none has Hypothesis' deadline of 200 ms either.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

TESTS = Path(__file__).parent
IS_E2E = pytest.StashKey[bool]()
E2E = {
    "browser",
    "clients",
    "deploy",
    "federation",
    "frontend",
    "machines",
    "test_install.py",
    "test_sbom.py",
    "test_server.py",
    "test_survival.py",
    "test_sync.py",
    "test_traces.py",
    "test_wheel.py",
    "test_workers.py",
}
"""Whose tests drive a browser, Node, nginx, pip, or gateways as processes of their own: `make unit` leaves them out.

Elsewhere a test that does has the marker itself."""
DRIVEN = {"node", "npm", "npx", "nginx", "chromium", "curl", "jq", "bash"}
DRIVEN |= {
    "redis-server",
    "valkey-server",
    "hadolint",
    "docker-compose",
    "kubernetes-validate",
    "promtool",
    "systemd-analyze",
}
"""Programs that a machine may lack: no other test may start them."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """One more than there are cores where nothing else runs beside the tests: some of them wait."""
    return (os.cpu_count() or 1) + 1 if config.option.markexpr == "not e2e" else None


def _is_e2e(path: Path) -> bool:
    return path.relative_to(TESTS).parts[:1] in {(name,) for name in E2E}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Do not import what `-m "not e2e"` would leave out again."""
    return True if config.option.markexpr == "not e2e" and _is_e2e(collection_path) else None


def pytest_itemcollected(item: pytest.Item) -> None:
    if _is_e2e(item.path):
        item.add_marker("e2e")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.session.config.stash[IS_E2E] = item.get_closest_marker("e2e") is not None


def pytest_configure(config: pytest.Config) -> None:
    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "subprocess.Popen" and not config.stash.get(IS_E2E, True):
            program = Path(str(arguments[0])).name
            assert program not in DRIVEN, f"a test that starts {program} needs the marker e2e"

    sys.addaudithook(watch)


@pytest.fixture(scope="session", autouse=True)
def cache_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep gateways that are given no folder out of the user's, where another may be at work."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def quick_crawls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a crawl beside a served snapshot go as fast as the transport lets it; test_mirror.py has tests of its own rate."""
    monkeypatch.setattr("catalogue.mirror.SERVING_RATE", None)


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Leave nothing of how a command configures logging to the tests that come after it."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


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
def rows(fake: FakeUpstream) -> Rows:
    """30 packages at the fake upstream."""
    fake.rows = Rows(30)
    return fake.rows


@pytest.fixture(scope="session")
def sample_indexes() -> Indexes:
    """The indexes of the bundled sample; they are frozen."""
    return built(record for records in sample() for record in records)


@pytest.fixture
async def mirrored(client: Client, sample_indexes: Indexes) -> AsyncIterator[Catalogue]:
    """A catalogue whose mirror is complete: the bundled sample, as a crawl has just found it."""
    catalogue = Catalogue(client, freshness=600, mirror_wait=PATIENCE)
    now = time.monotonic()
    catalogue.switch(
        Snapshot(
            number=1,
            index=sample_indexes.index,
            search=ready(sample_indexes.search),
            read_at=datetime.now(UTC),
            read_clock=now,
            due_clock=now + 3600,
            is_whole=True,
        )
    )
    yield catalogue
    await catalogue.aclose()


@pytest.fixture
async def synced(client: Client) -> AsyncIterator[Catalogue]:
    """The same, where the crawl has really been."""
    catalogue = Catalogue(client, freshness=600, mirror_wait=PATIENCE)
    mirror = Mirror(catalogue, MemoryStore(), SyncSettings())
    await mirror.load()
    await mirror.sync()
    yield catalogue
    await mirror.aclose()
    await catalogue.aclose()


@pytest.fixture
def catalogue(client: Client) -> Catalogue:
    return Catalogue(client, freshness=600)
