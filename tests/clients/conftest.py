import fcntl
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE

HERE = Path(__file__).parent

Node = Callable[..., Any]
Tool = Callable[..., None]


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Install what package-lock.json names, once, whichever test process comes first."""
    installed = HERE / "node_modules"
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        marker = installed / ".package-lock.json"
        if not marker.exists() or marker.stat().st_mtime < (HERE / "package-lock.json").stat().st_mtime:
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--silent"], cwd=HERE, check=True)
    return installed


@pytest.fixture(scope="session")
def node(node_modules: Path) -> Node:
    """Run a script of this folder; returns the JSON that it prints."""

    def run(script: str, *arguments: str) -> Any:
        return json.loads(_output(["node", script, *arguments], HERE))

    return run


@pytest.fixture(scope="session")
def tool(node_modules: Path) -> Tool:
    """Run a command line tool from `node_modules` in a folder, which gets to see the packages too."""

    def run(folder: Path, name: str, *arguments: str) -> None:
        if not (folder / "node_modules").exists():
            (folder / "node_modules").symlink_to(node_modules)
        _output([str(node_modules / ".bin" / name), *arguments], folder)

    return run


def _output(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
