"""An nginx with a configuration of the test's."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

HEAD = (Path(__file__).parent / "nginx.conf").read_text().partition("  server {")[0]


def publishing(site: str, folder: Path) -> AbstractContextManager[None]:
    """Run nginx with a site, which is what a file of its `conf.d` holds."""
    return running_nginx(f"{HEAD.replace('FOLDER', str(folder))}{site}}}\n", folder)


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
