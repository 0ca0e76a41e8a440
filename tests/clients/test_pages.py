"""What docs/clients.md and docs/requirements.md show runs in a folder of its own, against a gateway's URL."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from server import create_app
from settings import Settings
from tests.patience import PATIENCE
from tests.web.serving import serve_whole

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
FILE = re.compile(r"(?://|#) ([\w/.]+)\n")


def sections() -> list[tuple[str, str]]:
    """Return title and text of each section that has a command."""
    clients = re.split(r"^## ", (DOCS / "clients.md").read_text(), flags=re.MULTILINE)[1:]
    found = [*clients, (DOCS / "requirements.md").read_text().removeprefix("# ")]
    return [(section.partition("\n")[0], section) for section in found]


@pytest.fixture(scope="module")
def gateway() -> Iterator[str]:
    with serve_whole(create_app(Settings(upstream="sample"))) as url:
        yield url


@pytest.mark.parametrize(("title", "text"), sections(), ids=[title for title, _ in sections()])
def test_an_example_in_an_empty_folder(title: str, text: str, gateway: str, node_modules: Path, tmp_path: Path) -> None:
    text = text.replace("http://127.0.0.1:8000", gateway)
    (tmp_path / "node_modules").symlink_to(node_modules)
    for kind, block in BLOCK.findall(text):
        if kind != "console":
            name = FILE.match(block)
            assert name, block
            path = tmp_path / name[1]
            path.parent.mkdir(exist_ok=True)
            path.write_text(block if kind in ("js", "python", "text") else block[name.end() :])
    programs = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    for command, expected in re.findall(r"^\$ (.*)\n((?:[^$`].*\n)*)", text, re.MULTILINE):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env={**os.environ, "PATH": programs},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.stdout == expected, done.stderr
        assert done.stderr == ""
