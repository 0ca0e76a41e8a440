"""The example frontend: its types, its committed build, and the page in a real browser."""

import gzip
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import httpx
import pytest

from server import create_app
from settings import Settings
from tests.npm import npm_install
from tests.web.serving import serve, serve_whole

HERE = Path(__file__).parent
BROWSER = HERE.parent / "browser"
ROOT = HERE.parents[1]
SOURCES = ROOT / "examples" / "frontend"
BUILT = ROOT / "web" / "frontend"


@pytest.fixture(scope="session")
def gateway_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gateway that serves the sample and the example."""
    settings = Settings(upstream="sample", data_dir=tmp_path_factory.mktemp("data"), serve_example=True)
    with serve_whole(create_app(settings)) as url:
        yield url


def run(*command: str, folder: Path, **environment: str) -> None:
    done = subprocess.run(command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_generated_types_are_those_of_the_schema_and_hold_strictly() -> None:
    npm_install(SOURCES)
    run("npm", "run", "check", folder=SOURCES)


def test_the_generated_types_are_those_of_a_running_gateway(gateway_url: str) -> None:
    npm_install(SOURCES)
    run("npx", "graphql-codegen", "--check", folder=SOURCES, SCHEMA=f"{gateway_url}/graphql")


def test_the_committed_build_is_what_the_sources_make(tmp_path: Path) -> None:
    npm_install(SOURCES)
    run("npx", "vite", "build", "--outDir", str(tmp_path), folder=SOURCES)
    assert _contents(BUILT) == _contents(tmp_path), "run `npm run build` in examples/frontend"


def _contents(folder: Path) -> dict[str, bytes]:
    """The text of every file; compressed ones compress differently from one version of a library to the next."""
    read: dict[str, Callable[[bytes], bytes]] = {".br": brotli.decompress, ".gz": gzip.decompress}
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): read.get(path.suffix, bytes)(path.read_bytes()) for path in files}


@pytest.mark.parametrize("tests", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_in_a_browser(tests: str, gateway_url: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "needs Chromium: make tools"
    npm_install(BROWSER)
    run("node", "--test", tests, folder=HERE, CHROMIUM=chromium, GATEWAY_URL=gateway_url)


def test_it_is_served_under_its_own_path_with_a_policy(gateway_url: str) -> None:
    page = httpx.get(f"{gateway_url}/example", follow_redirects=True)
    assert str(page.url) == f"{gateway_url}/example/"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert page.headers["cache-control"] == "no-cache"
    for file in (BUILT / "assets").glob("*.js"):
        script = httpx.get(f"{gateway_url}/example/assets/{file.name}", headers={"accept-encoding": "br"})
        assert script.headers["content-encoding"] == "br"
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert script.content == file.read_bytes()


def test_it_is_not_served_unless_asked_for(tmp_path: Path) -> None:
    with serve(create_app(Settings(upstream="sample", data_dir=tmp_path))) as url:
        assert httpx.get(f"{url}/example/").status_code == 404
