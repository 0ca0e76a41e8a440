"""docs/tutorial.md, followed to the letter but for its ports."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from tests.patience import PATIENCE

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "tutorial.md").read_text()
COMMANDS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return str(listener.getsockname()[1])


@contextmanager
def running(command: str, folder: Path) -> Iterator[None]:
    process = subprocess.Popen(shlex.split(command), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def test_the_page_shows_the_grid(tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "needs Chromium: make tools"
    gateway, pages = free_port(), free_port()
    page = re.search(r"```html\n(.*?)```", TEXT, re.DOTALL)
    assert page is not None
    folder = tmp_path / "page"
    folder.mkdir()
    (folder / "index.html").write_text(page[1].replace("8000", gateway))
    _, serve, serve_page = (each.strip().replace("8080", pages) for each in COMMANDS)
    serve = serve.replace(".venv/bin/python", sys.executable) + f" --port {gateway} --data-dir :memory:"
    with ExitStack() as stack:
        stack.enter_context(running(serve, ROOT))
        stack.enter_context(running(serve_page.replace("python3", sys.executable), folder))
        transport = httpx.HTTPTransport(retries=12)  # connections are refused until each listens
        with httpx.Client(transport=transport, timeout=PATIENCE) as client:
            client.get(f"http://127.0.0.1:{gateway}/healthz").raise_for_status()
            client.get(f"http://127.0.0.1:{pages}/").raise_for_status()
        shown = subprocess.run(
            [
                chromium,
                *("--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=60000", "--dump-dom"),
                f"--user-data-dir={tmp_path / 'browser'}",
                f"http://127.0.0.1:{pages}/",
            ],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "HOME": str(tmp_path)},
        ).stdout
    assert "<h1>Geolocation</h1>" in shown
    assert "<td>django-loci</td><td>188</td>" in shown
    assert shown.count("<tr>") == 1 + 4


def test_make_run_is_what_it_says() -> None:
    assert COMMANDS[0].strip() == "make run"
    said = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "run"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip().splitlines()[-1].endswith("server.py --upstream sample")
