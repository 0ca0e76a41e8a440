"""`server.py sync`, and processes that share a folder."""

import asyncio
import os
import pty
import re
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from catalogue.sqlite_store import SQLiteStore
from tests.fake_upstream import MAINTENANCE, FakeUpstream, Reply
from tests.gateways import ask, serving
from tests.patience import PATIENCE
from tests.rows import Rows

ROOT = Path(__file__).parents[1]
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


async def test_what_would_be_gone_at_once_is_refused(fake: FakeUpstream, rows: Rows) -> None:
    code, said, complained = await run("sync", "--upstream", fake.base_url, "--data-dir", ":memory:")
    assert (code, said, len(complained.splitlines())) == (2, "", 1)
    assert "--data-dir" in complained
    assert fake.requests == []


async def test_help_lists_what_concerns_a_sync() -> None:
    code, said, _ = await run("sync", "--help")
    assert code == 0
    assert {"--data-dir", "--upstream", "--sync-page-size"} <= set(re.findall(r"--[a-z-]+", said))
    assert "--port" not in said


@pytest.fixture
def rows(fake: FakeUpstream) -> Rows:
    """1,500 packages at the fake upstream."""
    fake.rows = Rows(1500)
    return fake.rows


async def run(*arguments: str | Path, **environment: str) -> tuple[int | None, str, str]:
    """Run `server.py`; return its exit code, what it said, and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "server.py",
        *arguments,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=PIPE,
        stderr=PIPE,
    )
    said, complained = await asyncio.wait_for(process.communicate(), PATIENCE)
    return process.returncode, said.decode(), complained.decode()


def stored(folder: Path, url: str) -> int:
    """Return the number of records in the file."""
    return len(SQLiteStore(folder, url).load().records)


async def test_it_fills_the_store_with_plain_lines_and_exits(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    code, said, complained = await run("sync", "--upstream", fake.base_url, "--data-dir", tmp_path)
    assert code == 0
    assert re.fullmatch(rf"{TIME} INFO catalogue\.mirror: Synced 1500 packages in \d+\.\d s\.\n", complained)
    file = SQLiteStore(tmp_path, fake.base_url).path
    assert said.splitlines() == [
        "Read 10 of about 18 pages.",
        f"The mirror holds 1500 packages, in {file}.",
        "Of 1502 records, 1502 are new, 0 have changed, 0 are as they were; 0 are gone.",
    ]
    assert stored(tmp_path, fake.base_url) == 1502


@pytest.mark.parametrize("first", [True, False])
async def test_options_stand_before_or_after_the_command(
    fake: FakeUpstream, rows: Rows, tmp_path: Path, first: bool
) -> None:
    options = ["--upstream", fake.base_url, "--data-dir", str(tmp_path), "--sync-page-size", "500"]
    code, said, _ = await run(*options, "sync") if first else await run("sync", *options)
    assert (code, "1500 packages" in said) == (0, True)
    assert fake.targets["packages/?limit=500&offset=0"] == 1


async def test_the_environment_counts_and_an_option_counts_more(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    environment = {"CATALOGUE_DATA_DIR": str(tmp_path / "other"), "CATALOGUE_UPSTREAM": fake.base_url}
    code, _, _ = await run("sync", "--data-dir", tmp_path, **environment)
    assert code == 0
    assert stored(tmp_path, fake.base_url) == 1502
    assert not (tmp_path / "other").exists()


async def test_it_refreshes_the_store(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    for number in (1, 2):
        rows.add(number - 1)
        rows.packages[1]["title"] = f"Title {number}"
        code, said, _ = await run("sync", "--upstream", fake.base_url, "--data-dir", tmp_path)
        assert (code, f"{1499 + number} packages" in said) == (0, True)
        assert stored(tmp_path, fake.base_url) == 1501 + number
    assert said.endswith("Of 1503 records, 1 are new, 1 have changed, 1501 are as they were; 0 are gone.\n")


async def test_on_a_terminal_it_shows_a_bar(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "server.py",
        "sync",
        *("--upstream", fake.base_url, "--data-dir", tmp_path),
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = await asyncio.wait_for(asyncio.to_thread(drained, ours), PATIENCE)
    assert await process.wait() == 0
    assert re.search(r"Pages read +\[#+\] +18/18", said)
    assert "of about" not in said
    assert "The mirror holds 1500 packages, in " in said


def drained(terminal: int) -> str:
    said = b""
    try:
        while chunk := os.read(terminal, 4096):
            said += chunk
    except OSError:  # Linux's way to say that the other end is closed
        pass
    os.close(terminal)
    return said.decode()


async def test_with_the_upstream_down_it_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    code, _, complained = await run("sync", "--upstream", "http://127.0.0.1:1/api/v4/", "--data-dir", tmp_path)
    assert code == 1
    last = complained.splitlines()[-1]
    assert re.fullmatch(
        r"Error: http://127\.0\.0\.1:1/api/v4/: The upstream .*could not be reached \(the connection was refused\)\.",
        last,
    )


async def test_an_address_that_is_no_api_s_is_told_so_at_once(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    fake.replies["packages/"] = Reply(404, b"<html>", {"Content-Type": "text/html"})
    base = f"{fake.base_url}packages/"
    code, _, complained = await run("sync", "--upstream", base, "--data-dir", tmp_path)
    assert code == 1
    assert complained.splitlines()[-1].startswith(f"Error: {base}: The upstream is no root of an API v4")
    assert fake.targets == {"packages/": 1}


async def test_a_failing_page_leaves_the_store_as_it_was(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    await run("sync", "--upstream", fake.base_url, "--data-dir", tmp_path)
    fake.replies["packages/?limit=100&offset=99"] = MAINTENANCE
    code, _, complained = await run("sync", "--upstream", fake.base_url, "--data-dir", tmp_path)
    assert code == 1
    problem = "The upstream answered with status 503 and an HTML page for packages."
    assert complained.splitlines()[-1] == f"Error: {fake.base_url}: {problem}"
    assert stored(tmp_path, fake.base_url) == 1502


async def test_a_shrunken_catalogue_is_believed_on_the_operator_s_word(
    fake: FakeUpstream, rows: Rows, tmp_path: Path
) -> None:
    arguments = ("--upstream", fake.base_url, "--data-dir", str(tmp_path), "--upstream-rate", "1000")
    await run("sync", *arguments)
    rows.packages = {key: row for key, row in rows.packages.items() if key > 500}
    code, _, complained = await run("sync", *arguments)
    assert code == 1
    assert "lack 500 of 1500 packages" in complained.splitlines()[-1]
    assert stored(tmp_path, fake.base_url) == 1502
    code, said, _ = await run("sync", *arguments, "--accept-shrinkage")
    assert (code, said.splitlines()[-1]) == (
        0,
        "Of 1002 records, 0 are new, 0 have changed, 1002 are as they were; 500 are gone.",
    )
    assert stored(tmp_path, fake.base_url) == 1002


async def test_while_another_process_syncs_the_folder_it_says_so(
    fake: FakeUpstream, rows: Rows, tmp_path: Path
) -> None:
    store = SQLiteStore(tmp_path, fake.base_url)
    assert store.lead()
    code, _, complained = await run("sync", "--upstream", fake.base_url, "--data-dir", tmp_path)
    store.close()
    assert code == 1
    assert complained == f"Error: Another process, maybe a gateway that runs, syncs this folder, {tmp_path}.\n"
    assert fake.requests == []


async def test_a_folder_that_cannot_be_used_is_an_error(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, _, complained = await run("sync", "--upstream", fake.base_url, "--data-dir", tmp_path / "file")
    assert code == 1
    assert complained.splitlines()[-1].endswith(f"cannot be written (File exists: {tmp_path / 'file'}).")


async def test_the_server_s_log_shows_the_first_sync(fake: FakeUpstream, rows: Rows, tmp_path: Path) -> None:
    async with serving(fake, tmp_path) as (process, url):
        assert process.stdout is not None
        assert await ask(url, "{ packages(first: 1) { totalCount } }") == {"packages": {"totalCount": 1500}}
        process.terminate()
        said = (await process.stdout.read()).decode()
    assert "INFO catalogue.mirror: Syncing the catalogue: 10 of about 18 pages." in said
    assert "INFO catalogue.mirror: Syncing the catalogue: 18 of about 18 pages." in said
    assert re.search(r"INFO catalogue\.mirror: Synced 1500 packages in \d+\.\d s\.", said)


async def test_of_two_servers_on_a_folder_one_syncs_and_the_other_follows_and_takes_over(
    fake: FakeUpstream, rows: Rows, tmp_path: Path
) -> None:
    count = "{ packages(first: 1) { totalCount } }"
    options = ("--news-interval", "1", "--upstream-rate", "1000")
    async with serving(fake, tmp_path, *options) as (leader, url), serving(fake, tmp_path, *options) as (_, other):
        assert await ask(url, count) == await ask(other, count) == {"packages": {"totalCount": 1500}}
        assert fake.targets["packages/?limit=100&offset=0"] == 1
        leader.kill()
        await leader.wait()
        fake.requests.clear()
        await fake.until(lambda fake: fake.targets["packages/?limit=20&offset=0"] > 0)
        assert fake.targets["packages/?limit=100&offset=0"] == 0, "what is young is not crawled again"
