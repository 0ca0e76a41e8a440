"""What may happen to a gateway from outside: its upstream goes, or its folder; it is killed; its disk is full."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from catalogue.sqlite_store import SQLiteStore
from catalogue.store import Save, Stored, Version
from tests.fake_upstream import FakeUpstream, Reply
from tests.gateways import ROOT, ask, serving
from tests.patience import PATIENCE
from tests.rows import Rows

OPTIONS = ("--sync-interval", "1", "--upstream-rate", "1000", "--mirror-wait", str(PATIENCE))
COUNT = "{ packages(first: 1) { totalCount } catalogue { isComplete } }"
STATE = "{ catalogue { isStale } }"


@pytest.fixture
def rows(fake: FakeUpstream) -> Rows:
    fake.rows = Rows(90)
    return fake.rows


def stored(folder: Path, fake: FakeUpstream) -> Stored:
    return SQLiteStore(folder, fake.base_url).load()


async def is_served(url: str, count: int) -> None:
    """Wait until so many packages are served."""
    while (await ask(url, COUNT)) != {"packages": {"totalCount": count}, "catalogue": {"isComplete": True}}:
        pass


async def readiness(url: str) -> dict[str, Any]:
    async with httpx.AsyncClient() as client:
        answer = await client.get(url.replace("/graphql", "/readyz"))
    said: dict[str, Any] = answer.json()
    assert (answer.status_code, said["source"]) == (200, "mirror")
    return said


async def until_unstored(url: str) -> None:
    while "is not stored" not in (await readiness(url))["detail"]:
        pass


async def test_its_upstream_goes_and_comes_back(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    query = "{ packages(first: 50) { nodes { id slug category { slug } } } grid(id: 1) { slug } }"
    async with serving(fake, tmp_path, *OPTIONS, "--news-interval", "0") as (_, url):
        await is_served(url, 90)
        before = await ask(url, query)
        fake.fault = lambda _: Reply(raw=b"", resets=True)
        while not (await ask(url, STATE))["catalogue"]["isStale"]:
            pass
        fake.requests.clear()
        async with httpx.AsyncClient() as client:
            for number in range(50):
                body = {"query": f"query Q{number} {query}"}
                answer = (await client.post(url, json=body, headers={"Cache-Control": "no-cache"})).json()
                assert (answer["data"], answer.get("errors")) == (before, None)
                assert answer["extensions"]["staleness"]["isComplete"]
        assert all("?" in target for target in fake.targets), "a crawl asks for lists, and queries for nothing"
        fake.fault = lambda _: None
        rows.add()
        await is_served(url, 91)
        assert not (await ask(url, STATE))["catalogue"]["isStale"]
        assert fake.most_in_flight == 1, "the first crawl after that is one as any other"


async def test_its_upstream_answers_half(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    """What does not come within the operation's time is an error at its place, and the rest is there."""
    members = [*range(1, 21)]
    rows.grids[1]["packages"] = members
    silent = {f"packages/{key}/" for key in members if key % 4 == 0}
    fake.fault = lambda target: Reply(hangs=True) if target in silent else None
    options = ("--mirror", "off", "--operation-timeout", "3", "--upstream-timeout", "60")
    async with serving(fake, tmp_path, *options) as (_, url), httpx.AsyncClient() as client:
        answer = await client.post(url, json={"query": "{ grid(id: 1) { slug packages { id } } }"})
    assert answer.status_code == 200
    grid = answer.json()["data"]["grid"]
    errors = {error["path"][-1]: error["extensions"]["code"] for error in answer.json()["errors"]}
    missing = {place for place, package in enumerate(grid["packages"]) if package is None}
    assert grid["slug"] == "grid-1"
    assert errors == dict.fromkeys(missing, "UPSTREAM_TIMEOUT")
    assert missing >= {members.index(key) for key in members if key % 4 == 0}
    assert all(
        package is None or package["id"] == str(key) for key, package in zip(members, grid["packages"], strict=True)
    )


def test_it_is_killed_again_and_again() -> None:
    command = [sys.executable, "-m", "benchmarks.kills", "--times", "3", "--packages", "3000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "each whole and true" in done.stdout


async def test_its_folder_is_removed_under_it(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    async with serving(fake, folder, *OPTIONS) as (_, url):
        await is_served(url, 90)
        shutil.rmtree(folder)
        rows.add()
        await is_served(url, 91)
        rows.add()
        await is_served(url, 92)
        assert not SQLiteStore(folder, fake.base_url).lead()
    assert len(stored(folder, fake).records) == 94


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder that nobody can write, root included, once `lock` there is called by a test."""
    folder = tmp_path / "data"
    folder.mkdir()
    yield folder
    subprocess.run(["umount", folder], capture_output=True, check=False)
    folder.chmod(0o700)


def lock(folder: Path) -> None:
    folder.chmod(0o500)
    subprocess.run(["mount", "--bind", "-o", "ro", folder, folder], capture_output=True, check=False)
    try:
        (folder / "probe").touch()
    except OSError:
        return
    pytest.skip("root writes everywhere, and nothing can be mounted here")


async def test_its_folder_cannot_be_written(fake: FakeUpstream, rows: Rows, read_only: Path) -> None:
    async with serving(fake, read_only, *OPTIONS) as (_, url):
        await is_served(url, 90)
    before = stored(read_only, fake)
    lock(read_only)
    rows.add()
    async with serving(fake, read_only, *OPTIONS) as (process, url):
        await is_served(url, 91)
        await until_unstored(url)
        process.terminate()
        assert await process.wait() == 0
    assert stored(read_only, fake) == before


async def test_its_disk_is_full(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    async with serving(fake, tmp_path, *OPTIONS) as (_, url):
        await is_served(url, 90)
    before = stored(tmp_path, fake)

    def fill() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)  # its file would be cut too

    rows.add()
    async with serving(fake, tmp_path, *OPTIONS, prepare=fill) as (process, url):
        await is_served(url, 91)
        await until_unstored(url)
        process.terminate()
        assert process.stdout is not None
        assert (await process.stdout.read()).decode().count("served from memory") == 1
        assert await process.wait() == 0
    assert stored(tmp_path, fake) == before


@pytest.mark.parametrize("days", [-1, 1])
async def test_its_clock_was_a_day_off(fake: FakeUpstream, rows: Rows, tmp_path: Path, days: int) -> None:
    """What was stored at a time that is to come is old, however young it seems; numbers grow all the same."""
    async with serving(fake, tmp_path, *OPTIONS) as (_, url):
        await is_served(url, 90)
    before = stored(tmp_path, fake)
    read_at = datetime.now(UTC) + timedelta(days=days)
    number = before.version.number + days * 86_400
    SQLiteStore(tmp_path, fake.base_url).save(
        Save(
            version=Version(number, read_at),
            base=-1,
            changed=[],
            gone=[],
            everything=lambda: before.records,
            change_sets=(),
        )
    )
    rows.add()
    async with serving(fake, tmp_path, "--upstream-rate", "1000") as (_, url):
        await is_served(url, 91)
        state = (await ask(url, "{ catalogue { version age isStale } }"))["catalogue"]
        assert int(state["version"]) > number
        assert 0 <= state["age"] < PATIENCE
        assert not state["isStale"]
