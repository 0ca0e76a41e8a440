"""What the commands and queries of docs/ say is what happens."""

import re
import shlex
import subprocess
from pathlib import Path

import httpx
import pytest

import server
from catalogue import Catalogue
from settings import Settings
from tests.queries import data
from tests.web.serving import serve
from web import limits

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "http.md").read_text()
IMPORTING = (ROOT / "docs" / "importing.md").read_text()
OTHERS = {"clients.md", "requirements.md"}
"""Pages whose blocks `tests/clients/test_pages.py` runs."""
PAGES = [path.read_text() for path in sorted((ROOT / "docs").glob("*.md")) if path.name not in OTHERS]
FILE = re.compile(r"Save it as `([\w.]+)`:\n```python\n(.*?)```", re.DOTALL)
DEFAULTS = ["--upstream", "sample", "--mirror-wait", "300", "--data-dir", ":memory:"]
WHOLE = {"query": "{ packages(first: 1) { totalCount } }"}
BLOCK = re.compile(r"(?:Started with `(?P<flags>[^`]+)`:\n)?```console\n(?P<lines>.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str, dict[str, str]]]:
    """Return each block's flags and lines, with the files that its page tells to save."""
    return [
        (match["flags"] or "", match["lines"], dict(FILE.findall(text)))
        for text in PAGES
        for match in BLOCK.finditer(text)
    ]


def examples(lines: str) -> list[tuple[str, str]]:
    """Return the commands of a block, each with what it prints."""
    return re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", lines, re.MULTILINE)


@pytest.mark.e2e  # curl, jq
@pytest.mark.parametrize(("flags", "lines", "files"), blocks())
def test_the_commands_print_what_the_page_says(flags: str, lines: str, files: dict[str, str], tmp_path: Path) -> None:
    values = server.commands.make_context("server", [*DEFAULTS, *shlex.split(flags)]).params
    with serve(server.create_app(Settings(**values))) as url:
        httpx.post(f"{url}/graphql", json=WHOLE)  # which waits for the first snapshot
        for name, text in files.items():
            (tmp_path / name).write_text(text.replace("127.0.0.1:8000", url.removeprefix("http://")))
        for command, expected in examples(lines):
            command = command.replace("http://127.0.0.1:8000", url)
            shell = ["bash", "-c", command]
            printed = subprocess.run(shell, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
            pattern = ".+".join(map(re.escape, expected.strip().split("…")))
            assert re.fullmatch(pattern, printed.strip()), f"{command}\nprinted: {printed}"


def test_what_differs_is_left_out_whole() -> None:
    """A part of a number that stands would hold for as long as the server is young: `max-age=5…`."""
    assert re.findall(r"\w*\d…|…\d\w*", TEXT) == []


def test_every_code_is_in_the_table() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "web").glob("*.py"))
    codes = set(re.findall(r'(?<!\.)"([A-Z]+(?:_[A-Z]+)+)"', sources)) - {"POST", "DENY"}
    codes = {code for code in codes if not code.startswith("OTEL_")}  # variables of the environment
    assert codes
    assert {code for code in codes if f"| `{code}` |" not in TEXT} == set()


def test_the_limits_are_those_of_the_code() -> None:
    table = TEXT[TEXT.index("### Bounds of a document") : TEXT.index("## Persisted documents")]
    said = {int(number.replace(",", "")) for number in re.findall(r"(?<![-\w])\d[\d,]*(?![\d\w])", table)}
    constants = {value for name, value in vars(limits).items() if name.startswith("MAX_")}
    assert constants | {Settings().max_aliases, Settings().max_items} <= said


async def test_the_queries_of_an_importer_are_answered(mirrored: Catalogue) -> None:
    queries = re.findall(r"```graphql\n(.*?)```", IMPORTING, re.DOTALL)
    assert len(queries) == 2
    since = str(mirrored.snapshot.number)
    for query in queries:
        assert await data(mirrored, query, **({"since": since} if "$since" in query else {"slug": "geolocation"}))
