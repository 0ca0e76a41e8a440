"""The wheel, built from a source distribution and installed beside packages whose modules are called as the rooms are."""

import asyncio
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from scripts.wheel import PACKAGE, packaged
from tests.gateways import ROOT, started
from tests.test_house import ROOMS
from version import VERSION

FOREIGN = ("schema", "web", "server", "settings", "cli", "version", "upstream")
ELSEWHERE = ("http", "data:", "mailto:", "readyz")
"""References to what is not of the wheel: other places, and what depends on the first sync."""
REFERENCE = re.compile(r'(?:href|src)="([^"#]+)"')


def build(folder: Path, target: Path, kind: str) -> Path:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", target],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    (built,) = target.glob("*.whl" if kind == "wheel" else "*.tar.gz")
    return built


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("sdist"), "sdist")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, tmp_path_factory.mktemp("wheel"), "wheel")


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and another's modules; what the gateway needs is taken from this one."""
    folder = tmp_path_factory.mktemp("shared")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")))
    for name in FOREIGN:
        (packages / f"{name}.py").write_text(f"WHOSE = 'another\\'s {name}'\n")
    pip = (sys.executable, "-m", "pip", "--isolated", "--disable-pip-version-check")
    install = ("--python", str(folder / "bin/python"), "install", "-q", "--no-deps", "--no-index", str(wheel))
    subprocess.run([*pip, *install], check=True)
    return folder


def run(environment: Path, *command: str) -> str:
    done = subprocess.run([environment / "bin" / command[0], *command[1:]], capture_output=True, text=True, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_source_distribution_makes_the_same_wheel_to_the_byte(source: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(source) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    assert build(unpacked, tmp_path / "built", "wheel").read_bytes() == wheel.read_bytes()


def test_it_has_all_that_the_rooms_hold_and_takes_one_name(wheel: Path) -> None:
    tracked = subprocess.run(["git", "ls-files", *ROOMS, "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    rooms = {room if (ROOT / room).is_dir() else f"{room}.py" for room in ROOMS}
    wanted = {each for each in tracked.stdout.splitlines() if each.partition("/")[0] in rooms}
    wanted = {each for each in wanted if not each.startswith("web/graphiql/") and not each.endswith("py.typed")}
    names = zipfile.ZipFile(wheel).namelist()
    held = {each.removeprefix(f"{PACKAGE}/") for each in names if each.startswith(f"{PACKAGE}/")}
    assert held == wanted | {"__init__.py", "__main__.py", "py.typed"}
    assert {each.partition("/")[0] for each in names} == {PACKAGE, f"{PACKAGE}-{VERSION}.dist-info"}


def test_the_command_is_there(environment: Path) -> None:
    for command in (("catalogue-gateway",), ("python", "-m", PACKAGE)):
        assert run(environment, *command, "--version") == f"catalogue-gateway, version {VERSION}\n"


def test_in_one_process_everybody_s_modules_are_their_own(environment: Path) -> None:
    lines = [
        f"import {', '.join(FOREIGN)}, sys",
        "before = set(sys.modules)",
        f"from {PACKAGE}.server import app",
        f"print(*sorted({{each.partition('.')[0] for each in set(sys.modules) - before}} & {set(ROOMS)!r}))",
        *(f"print({each}.WHOSE)" for each in FOREIGN),
    ]
    said = run(environment, "python", "-c", "\n".join(lines))
    assert said.splitlines() == ["", *(f"another's {each}" for each in FOREIGN)]


@pytest.mark.parametrize("workers", ["1", "2"])
async def test_it_serves_its_pages_and_its_sample(environment: Path, tmp_path: Path, workers: str) -> None:
    options = ("--upstream", "sample", "--data-dir", str(tmp_path), "--port", "0", "--workers", workers)
    async with (
        started(str(environment / "bin/catalogue-gateway"), *options, folder=tmp_path) as (_, url),
        httpx.AsyncClient() as client,
    ):
        asked = await client.post(url, json={"query": '{ package(slug: "django-loci") { title } }'})
        assert asked.json() == {"data": {"package": {"title": "django-loci"}}}
        client.headers["accept"] = "text/html,*/*;q=0.8"
        for path in ("/", "/graphql", "/docs/", "/docs/http/"):
            page = await client.get(urljoin(url, path))
            assert page.status_code == 200, path
            local = {each for each in REFERENCE.findall(page.text) if not each.startswith(ELSEWHERE)}
            found = await asyncio.gather(*(client.get(urljoin(str(page.url), each)) for each in local))
            assert local
            assert {str(each.url): each.status_code for each in found if each.status_code != 200} == {}, path


ROOM = {"schema", "version"}


@pytest.mark.parametrize(
    ("written", "built"),
    [
        ("from schema import x", "from catalogue_gateway.schema import x"),
        ("from schema.node import (\n    x,\n)", "from catalogue_gateway.schema.node import (\n    x,\n)"),
        ("if x:\n    from version import NAME", "if x:\n    from catalogue_gateway.version import NAME"),
        ("import schema", "from catalogue_gateway import schema"),
        ("import schema as s", "from catalogue_gateway import schema as s"),
        ("from schema_tools import x\nfrom . import schema", "from schema_tools import x\nfrom . import schema"),
        ("'''\nfrom schema import x\n'''\nschema = 1", "'''\nfrom schema import x\n'''\nschema = 1"),
    ],
)
def test_an_import_of_a_room_names_the_package(written: str, built: str) -> None:
    assert packaged(written, ROOM) == built


@pytest.mark.parametrize("written", ["import schema.node", "import os, schema", "x = 1; from schema import y"])
def test_what_could_not_be_told_so_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="schema"):
        packaged(written, ROOM)
