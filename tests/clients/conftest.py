import fcntl
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent

Node = Callable[..., Any]


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
        command = ["node", script, *arguments]
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run
