"""How long it takes to read all packages, and what the gateway takes to serve them: `python -m benchmarks.everything`.

The client is the script of docs/everything.md, with the start of its Python.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from benchmarks.servers import Client, running_gateway, running_stub
from benchmarks.tables import machine, table

WHOLE = "{ packages(first: 1) { totalCount } }"
ROUNDS = 5


def script(host: str) -> str:
    """Return the script of the guide, for a gateway at `host`."""
    page = (Path(__file__).parents[1] / "docs" / "everything.md").read_text(encoding="utf-8")
    found = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert found is not None
    return found[1].replace("127.0.0.1:8000", host)


def main() -> None:
    """Measure it at 5,800 packages."""
    click.echo(machine())
    seconds = []
    with running_stub() as stub, tempfile.TemporaryDirectory() as folder:
        with running_gateway(stub.url, "--mirror-wait", "60", "--data-dir", folder) as gateway:
            Client(gateway.url).ask(WHOLE)
            text = script(urlsplit(gateway.url).netloc)
            for _ in range(ROUNDS):
                start = time.perf_counter()
                subprocess.run([sys.executable, "-c", text], stdout=subprocess.DEVNULL, check=True)
                seconds.append(time.perf_counter() - start)
            memory = gateway.resident_megabytes
        disk = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
    rows: list[list[object]] = [
        ["all packages, the first time, s", seconds[0]],
        ["the same again, the quickest, s", min(seconds[1:])],
        ["resident memory of the gateway, MB", memory],
        ["its file, MB", disk],
    ]
    table("Everything", ["5,800 packages", ""], rows)


if __name__ == "__main__":
    main()
