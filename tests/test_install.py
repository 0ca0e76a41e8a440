"""The locks, and the scripts that set a fresh machine up."""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from email.parser import HeaderParser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "scripts"
LOCKS = ["requirements.lock", "requirements-image.lock", "requirements-dev.lock", "requirements-build.lock"]
PIN = re.compile(r"^(?P<wanted>(?P<name>[\w.-]+)(?:\[(?P<extras>[\w,-]+)\])?==(?P<version>[\w.+!-]+))", re.MULTILINE)
NEWER = "99999"

Sh = Callable[..., "subprocess.CompletedProcess[str]"]


def pins(lock: str) -> list[re.Match[str]]:
    return list(PIN.finditer((ROOT / lock).read_text()))


def installed(name: str) -> Distribution | None:
    """Return what is installed of a pinned package; None where it is for another platform."""
    try:
        return distribution(name)
    except PackageNotFoundError:
        return None


def wheel(folder: Path, name: str, version: str, requires: list[str], extras: list[str]) -> str:
    """Write a wheel without any content; returns its SHA-256."""
    info = f"{name.replace('-', '_')}-{version}.dist-info"
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    metadata += [f"Provides-Extra: {extra}" for extra in extras] + [f"Requires-Dist: {each}" for each in requires]
    files = {
        f"{info}/METADATA": "\n".join(metadata) + "\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {each: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()) for each, text in files.items()}
    record = [f"{each},sha256={digest.decode().rstrip('=')},{len(files[each])}" for each, digest in digests.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    path = folder / f"{info.removesuffix('.dist-info')}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in files.items():
            archive.writestr(each, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_every_package_has_a_newer_release_and_pip_s_resolver_keeps_to_the_lock(tmp_path: Path) -> None:
    """The larger lock, and an index that has two empty releases of each package: the pinned one and a newer one.

    An old pip takes `coverage[toml]`, which pytest-cov wants, for another requirement than the pin `coverage==…`, finds
    the newer release, and has no hash for it.
    """
    lock = "requirements-dev.lock"
    lines = []
    for pin in pins(lock):
        found = installed(pin["name"])
        headers = HeaderParser().parsestr((found and found.read_text("METADATA")) or "")
        parts = headers.get_all("Requires-Dist", []), headers.get_all("Provides-Extra", [])
        digest = wheel(tmp_path, pin["name"], pin["version"], *parts)
        wheel(tmp_path, pin["name"], NEWER, *parts)
        marker = "" if found else " ; sys_platform == 'none'"
        lines.append(f"{pin['wanted']}{marker} --hash=sha256:{digest}\n")
    (tmp_path / lock).write_text("".join(lines))
    options = (
        f"--quiet --dry-run --ignore-installed --report - --no-index --find-links {tmp_path} --require-hashes".split()
    )
    command = [sys.executable, "-m", "pip", "--isolated", "install", *options, "-r", str(tmp_path / lock)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    chosen = {each["metadata"]["name"]: each["metadata"]["version"] for each in json.loads(done.stdout)["install"]}
    assert chosen == {pin["name"]: pin["version"] for pin in pins(lock) if installed(pin["name"])}


@pytest.mark.parametrize("lock", LOCKS)
def test_an_extra_that_a_package_wants_stands_in_the_lock(lock: str) -> None:
    """Whatever pip this runs on: a newer one forgives what the test above finds with an old one."""
    held = {(pin["name"], extra) for pin in pins(lock) for extra in (pin["extras"] or "").split(",")}
    named = {pin["name"] for pin in pins(lock)}
    for name in named:
        for requirement in (found.requires if (found := installed(name)) else None) or []:
            wanted = re.match(r"([\w.-]+)\[([\w,-]+)\]", requirement.lower().replace("_", "-"))
            if wanted and wanted[1] in named and "extra ==" not in requirement:
                assert {(wanted[1], extra) for extra in wanted[2].split(",")} <= held, f"{name} wants {requirement}"


def test_the_locks_pin_the_same_releases_and_name_no_host() -> None:
    run, image, dev, build = ({pin["name"]: pin["version"] for pin in pins(lock)} for lock in LOCKS)
    assert run.items() <= image.items()
    assert image.items() | build.items() <= dev.items()
    assert not any("://" in (ROOT / lock).read_text() for lock in LOCKS)


def test_every_package_that_is_installed_has_a_licence_that_asks_nothing_of_a_service() -> None:
    rows = re.findall(r"^\| ([\w-]+) \| ([\w. -]+) \| https://", (ROOT / "docs/licences.md").read_text(), re.MULTILINE)
    assert [name for name, _ in rows] == sorted(pin["name"] for pin in pins("requirements-image.lock"))
    named = {each for _, licences in rows for each in re.split(" AND | OR ", licences)}
    assert named <= {"MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "MPL-2.0"}


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment without pip, as uv makes them."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """`app` 1.0 wants `base[fast]`; of `base` there are two releases."""
    lines = [f"app==1.0 --hash=sha256:{wheel(tmp_path, 'app', '1.0', ['base[fast]>=1'], [])}"]
    lines.append(f"base==1.0 --hash=sha256:{wheel(tmp_path, 'base', '1.0', [], ['fast'])}")
    wheel(tmp_path, "base", NEWER, [], ["fast"])
    (tmp_path / "lock").write_text("\n".join(lines) + "\n")
    return tmp_path


def install(venv: Path, index: Path) -> "subprocess.CompletedProcess[str]":
    """Install what `lock` in a folder names from the wheels there, and from a place that pip warns of."""
    links = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": f"{index} {index}/nowhere"}
    return subprocess.run(
        [SCRIPTS / "install.sh", venv, index / "lock"], env={**os.environ, **links}, capture_output=True, text=True
    )


def test_it_installs_what_the_lock_names_and_says_nothing(venv: Path, index: Path) -> None:
    done = install(venv, index)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    listed = subprocess.run([venv / "bin/python", "-m", "pip", "list"], capture_output=True, text=True, check=True)
    assert re.search(r"^app +1\.0$", listed.stdout, re.MULTILINE)
    assert re.search(r"^base +1\.0$", listed.stdout, re.MULTILINE)


def test_a_file_with_another_hash_is_an_error_that_is_told(venv: Path, index: Path) -> None:
    lock = index / "lock"
    lock.write_text(re.sub(r"(base.*sha256:)\w+", rf"\g<1>{'0' * 64}", lock.read_text()))
    subprocess.run([venv / "bin/python", "-m", "pip", "uninstall", "-qq", "-y", "app", "base"], check=False)
    done = install(venv, index)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr


def test_a_lock_that_lacks_what_a_package_wants_is_an_error(venv: Path, index: Path) -> None:
    lock = index / "lock"
    lock.write_text(lock.read_text().splitlines()[0])
    subprocess.run([venv / "bin/python", "-m", "pip", "uninstall", "-qq", "-y", "app", "base"], check=False)
    done = install(venv, index)
    assert done.returncode != 0
    assert "app 1.0 requires base, which is not installed." in done.stderr
    assert "remove that folder" in done.stderr


@pytest.fixture
def machine(tmp_path: Path) -> Sh:
    """Return what runs a script on a machine that has the programs named, each with what it prints, and a few others."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "sed", "dirname", "id", "env"):
        (folder / tool).symlink_to(f"/usr/bin/{tool}" if Path(f"/usr/bin/{tool}").exists() else f"/bin/{tool}")

    def run(script: str, *arguments: str, **programs: str) -> "subprocess.CompletedProcess[str]":
        for name, said in programs.items():
            program = folder / name.replace("_", "-")
            program.write_text(f'#!/bin/sh\necho "$0 $*" >> {tmp_path}/ran\necho "{said}"\n')
            program.chmod(0o755)
        return subprocess.run(
            [SCRIPTS / script, *arguments],
            env={"PATH": str(folder), "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )

    return run


TOOLS = ["node", "chromium", "nginx", "curl"]


def test_where_everything_is_nothing_is_installed_or_said(machine: Sh) -> None:
    done = machine("tools.sh", *TOOLS, curl="", node="v20.1.0", npm="10", google_chrome="", nginx="", apt_get="")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_is_missing_is_installed_and_why_is_said(machine: Sh, tmp_path: Path) -> None:
    done = machine("tools.sh", *TOOLS, curl="", node="v22.1.0", npm="10", apt_get="", sudo="")
    assert done.returncode == 0
    assert "drive a browser (chromium), a caching proxy (nginx)" in done.stdout
    assert done.stdout.rstrip().endswith("Not here, so apt installs: chromium nginx.")
    assert "install -y -qq chromium nginx" in (tmp_path / "ran").read_text()


def test_a_program_that_apt_calls_otherwise_is_found(machine: Sh, tmp_path: Path) -> None:
    done = machine("tools.sh", "promtool", "systemd-analyze", apt_get="", sudo="")
    assert done.returncode == 0
    assert "install -y -qq prometheus systemd" in (tmp_path / "ran").read_text()


def test_node_18_is_refused_with_a_sentence(machine: Sh, tmp_path: Path) -> None:
    done = machine("tools.sh", *TOOLS, curl="", node="v18.20.4", npm="9", apt_get="", sudo="")
    assert done.returncode == 1
    assert done.stderr.startswith("The end-to-end tests need Node 20 or newer, and this is Node v18.20.4")
    assert len(done.stderr.splitlines()) == 1
    assert "apt-get" not in (tmp_path / "ran").read_text()


def test_where_apt_offers_node_18_it_is_refused_before_anything_is_installed(machine: Sh, tmp_path: Path) -> None:
    policy = "nodejs:\n  Installed: (none)\n  Candidate: 18.20.4+dfsg-1~deb12u2\n"
    done = machine("tools.sh", *TOOLS, curl="", apt_get="", apt_cache=policy, sudo="")
    assert done.returncode == 1
    assert done.stderr.startswith("The end-to-end tests need Node 20 or newer, and apt here offers 18")
    assert "install" not in (tmp_path / "ran").read_text()


def test_without_apt_it_says_what_to_install(machine: Sh) -> None:
    done = machine("tools.sh", *TOOLS, curl="", node="v20.1.0", npm="10", nginx="")
    assert done.returncode == 1
    assert "Install these, and run this again: chromium." in done.stderr


def test_the_first_python_of_a_version_that_fits_is_taken(machine: Sh, tmp_path: Path) -> None:
    assert machine("python.sh", python3="3.9", **{"python3.12": "3.12"}).stdout == f"{tmp_path}/bin/python3.12\n"
    assert machine("python.sh", "3.13", python3="3.13").stdout == f"{tmp_path}/bin/python3\n"


def test_without_one_it_says_so(machine: Sh) -> None:
    done = machine("python.sh", python3="3.9")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "No Python 3.11 3.12 3.13 here (python3 is 3.9)" in done.stderr
