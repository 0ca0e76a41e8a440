"""An nginx with a configuration of the test's."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def running_nginx(configuration: str, folder: Path) -> Iterator[None]:
    """Run nginx until the block ends, from when it takes connections."""
    path = folder / "nginx.conf"
    path.write_text(f"user root root;\n{configuration}" if os.getuid() == 0 else configuration)
    command = ["nginx", "-e", "stderr", "-p", str(folder), "-c", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        log = []
        for line in process.stderr:
            log.append(line)
            if "start worker process " in line:
                break
        else:
            pytest.fail("".join(log))
        try:
            yield
        finally:
            process.terminate()
            process.stderr.read()
