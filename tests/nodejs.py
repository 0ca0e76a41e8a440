"""Programs in Node that tests run."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE


def asked(script: Path, modules: Path, given: object) -> Any:
    """Give a CommonJS script JSON on its standard input; returns the JSON that it prints."""
    done = subprocess.run(
        ["node", str(script)],
        input=json.dumps(given),
        env={**os.environ, "NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


@contextmanager
def started(command: list[str], folder: Path, urls: int = 1, **environment: str) -> Iterator[list[str]]:
    """Run a program until the block ends; yields the first URLs that it prints."""
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        found: list[str] = []
        try:
            while len(found) < urls and (line := process.stdout.readline()):
                found += re.findall(r"http://\S+", line)
            assert len(found) == urls, f"{command} stopped before it listened"
            yield found
        finally:
            process.terminate()
            process.stdout.read()
