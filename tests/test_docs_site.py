"""The site of docs/: it builds without a warning, it is what the gateway serves, and its links lead somewhere."""

import filecmp
import gzip
import re
from pathlib import Path
from urllib.parse import urldefrag

import brotli  # type: ignore[import-untyped]
import pytest

from scripts import docs, reference

LINK = re.compile(r'(?:href|src)="([^"]+)"')
PAGES = sorted(path.relative_to(docs.SERVED).as_posix() for path in docs.SERVED.rglob("*.html"))


UNPACK = {".gz": gzip.decompress, ".br": brotli.decompress}


def test_what_is_served_is_what_the_build_makes(tmp_path: Path) -> None:
    docs.build()
    docs.publish(tmp_path)
    made, served = ({path.relative_to(top) for path in top.rglob("*")} for top in (tmp_path, docs.SERVED))
    assert made == served, "make docs"
    files = [str(path) for path in made if (tmp_path / path).is_file() and path.suffix not in UNPACK]
    assert filecmp.cmpfiles(tmp_path, docs.SERVED, files, shallow=False)[1:] == ([], []), "make docs"
    # What a library compresses to differs from version to version.
    for path in (path for path in served if path.suffix in UNPACK):
        packed, plain = docs.SERVED / path, docs.SERVED / path.with_suffix("")
        assert UNPACK[path.suffix](packed.read_bytes()) == plain.read_bytes(), "make docs"


@pytest.mark.parametrize(("name", "text"), reference.pages().items())
def test_a_page_says_what_stands_elsewhere(name: str, text: str) -> None:
    assert (docs.ROOT / "docs" / name).read_text() == text, "make docs"


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    at = docs.SERVED / page
    links = {link for link in LINK.findall(at.read_text()) if not link.startswith(("http:", "https:"))}
    assert links
    for link in links:
        path, anchor = urldefrag(link)
        target = (at.parent / path).resolve() if path else at
        target = target / "index.html" if target.is_dir() else target
        assert target.is_file(), link
        assert not anchor or f'id="{anchor}"' in target.read_text(), link


def test_every_page_of_docs_is_in_the_navigation() -> None:
    config = (docs.ROOT / "zensical.toml").read_text()
    assert {path.name for path in (docs.ROOT / "docs").glob("*.md")} == set(re.findall(r'"([\w-]+\.md)"', config))


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_a_script_that_the_policy_refuses(page: str) -> None:
    text = (docs.SERVED / page).read_text()
    assert not re.search(r"<script>|\son\w+=\"|javascript:", re.sub(r"<code.*?</code>", "", text, flags=re.DOTALL))
