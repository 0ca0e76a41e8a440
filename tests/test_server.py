"""The server that the command line starts."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from subprocess import DEVNULL

import httpx
import pytest

from tests.patience import PATIENCE
from tests.queries import NEIGHBOURS

ROOT = Path(__file__).parents[1]


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "server.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_told_to_end_while_it_is_imported_it_ends_without_a_word(sent: signal.Signals, status: int) -> None:
    code = "import runpy, sys, starting, os; prepare = starting.prepare; sys.argv = ['server.py']\n"
    code += f"starting.prepare = lambda: (prepare(), os.kill(os.getpid(), {int(sent)}))\n"
    code += "runpy.run_path('server.py', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        preexec_fn=partial(signal.signal, sent, signal.SIG_DFL),  # whoever runs this may ignore it
    )
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's redirections")
@pytest.mark.parametrize("streams", ["2>&-", ">&- 2>&- <&-", ">/dev/full", "| head -c 1"])
def test_it_serves_whatever_becomes_of_its_streams(streams: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = f"exec {sys.executable} server.py --upstream sample --port {port} --data-dir {tmp_path} {streams}"
    with subprocess.Popen(
        command, shell=True, cwd=ROOT, start_new_session=True, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL
    ) as process:
        try:
            while True:
                try:
                    assert httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200
                    break
                except httpx.TransportError:
                    assert process.poll() is None
        finally:
            os.killpg(process.pid, signal.SIGTERM)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the gateway on the sample, as a process; yields its URL."""
    command = [sys.executable, "server.py", "--upstream", "sample", "--port", "0", "--data-dir"]
    command.append(str(tmp_path_factory.mktemp("data")))
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        said = ""
        while (line := process.stdout.readline()) and "send queries there" not in said:
            said += line
        assert "the bundled sample" in said
        address = re.search(r"Open (http://127\.0\.0\.1:\d+)/graphql", said)
        assert address is not None
        yield address[1]
        process.terminate()
        process.stdout.read()
    assert process.returncode in (0, -15)


def test_the_neighbours_query_over_http(gateway: str) -> None:
    answer = httpx.post(f"{gateway}/graphql", json={"query": NEIGHBOURS, "variables": {"slug": "openwisp-users"}})
    package = answer.json()["data"]["package"]
    assert answer.status_code == 200
    assert (package["id"], package["repoWatchers"], package["grids"]) == ("3773", 174, [])


def test_what_only_asking_the_upstream_needs_is_not_imported_at_the_start() -> None:
    """It takes a tenth of a second, and answers from a whole file need none of it."""
    code = "import sys, server; sys.exit(bool({'aiohttp', 'upstream.network'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=PATIENCE, check=False).returncode == 0


def test_servers_that_look_into_the_module_find_the_application() -> None:
    code = "import asgi; print(callable(vars(asgi)['app']))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "CATALOGUE_UPSTREAM": "sample"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert done.stdout == "True\n"


def test_without_its_packages_it_says_how_to_get_them() -> None:
    """Run by another Python than that of the virtual environment, as `python server.py` in a new clone is."""
    done = subprocess.run(
        [sys.executable, "-E", "-s", "-S", "server.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "`make run` sets it up" in done.stderr


def test_with_the_upstream_unreachable_it_starts_and_says_so(tmp_path: Path) -> None:
    code = (
        "import asyncio, httpx, json\n"
        "from server import app\n"
        "async def main():\n"
        "    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url='http://x') as client:\n"
        "        answer = await client.post('/graphql', json={'query': '{ package(id: 1) { id } }'})\n"
        "        print(answer.text)\n"
        "asyncio.run(main())\n"
    )
    environment = {
        **os.environ,
        "CATALOGUE_UPSTREAM": "http://127.0.0.1:1/api/v4/",
        "CATALOGUE_DATA_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    answer = json.loads(done.stdout)
    assert answer["data"] == {"package": None}
    assert answer["errors"][0]["extensions"]["code"] == "UPSTREAM_UNREACHABLE"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--trusted-documents", "none.json"],
        ["--trusted-documents", "."],
        ["--host", "1.2.3.4.5", "--port", "0"],
        ["--host", "192.0.2.1", "--port", "0"],
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line_and_exit_code_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert arguments[0] in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_one_line_and_exit_code_2() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        done = run("--port", str(port))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"Error: Invalid value for '--port' (CATALOGUE_PORT): 127.0.0.1:{port}: Address already in use; "
        "is `make run` open? `--port 0` takes a free one\n"
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("CATALOGUE_TRUSTED_DOCUMENTS", "none.json"), ("CATALOGUE_PORT", "x"), ("CATALOGUE_UPSTREAM", "http://a:99999/")],
)
def test_a_bad_setting_is_one_line_and_exit_code_2_under_another_server(name: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn", "server:app", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, name: value},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2
    assert name in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_needs_the_whole_catalogue_says_that_the_upstream_is_unreachable(tmp_path: Path) -> None:
    code = (
        "import asyncio, httpx\n"
        "from server import create_app\n"
        "from settings import Settings\n"
        "from pathlib import Path\n"
        "async def main():\n"
        "    app = create_app(Settings(upstream='http://127.0.0.1:1/', data_dir=Path(':memory:'), mirror_wait=300))\n"
        "    queue, started = asyncio.Queue(), asyncio.Event()\n"
        "    async def send(message): started.set()\n"
        "    queue.put_nowait({'type': 'lifespan.startup'})\n"
        "    task = asyncio.create_task(app({'type': 'lifespan', 'asgi': {}}, queue.get, send))\n"
        "    await started.wait()\n"
        "    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url='http://x') as client:\n"
        "        print((await client.post('/graphql', json={'query': '{ packages { totalCount } }'})).text)\n"
        "    queue.put_nowait({'type': 'lifespan.shutdown'})\n"
        "    await task\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    error = json.loads(done.stdout)["errors"][0]
    assert error["extensions"]["code"] == "UPSTREAM_UNREACHABLE"
    assert error["extensions"]["cause"] == "refused"
    assert "could not be reached" in error["message"]
