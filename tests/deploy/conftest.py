"""The files of deploy/, checked by what reads them where they are deployed, and by what they say to the gateway."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DATA_DIR = "/var/cache/catalogue-gateway"


def checked(*command: str | Path) -> str:
    """Run a program, of this environment's first; returns what it prints. It has to be content."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(command, env={**os.environ, "PATH": path}, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
