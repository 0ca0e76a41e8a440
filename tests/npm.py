"""Node packages for the tests that need them."""

import fcntl
import subprocess
from pathlib import Path


def npm_install(folder: Path) -> None:
    """Install what `package-lock.json` of a folder names, unless that was done; several processes may ask at once.

    Raises `subprocess.CalledProcessError` when npm fails.
    """
    lock = folder / "package-lock.json"
    done = folder / "node_modules" / ".installed"  # the Makefile's mark too
    with lock.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, capture_output=True)
            done.touch()
