"""What the guides name exists, so that nobody follows a recipe to a file that is gone."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GUIDES = [
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
]
GUIDES = [guide for guide in GUIDES if (ROOT / guide).exists()]
ROOMS = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
PATH = re.compile(rf"`((?:(?:{ROOMS}|\.ci)/[\w./-]*|[\w-]+\.(?:py|md|toml|lock)))`")
NAME = re.compile(r"`(\w+)`\s+(?:in|of)\s+`([\w/]+\.py)`")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
CITED = re.compile(r"(docs/[\w-]+\.md)(?:[`,]+\s+\"([^\"]+)\")?")


@pytest.mark.parametrize("guide", GUIDES)
def test_every_file_that_is_named_is_there(guide: str) -> None:
    text = (ROOT / guide).read_text()
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    made = set(re.findall(r"Save it as `([\w.]+)`", text))
    gone = {path for path in PATH.findall(text) if not (ROOT / path).exists()} - made
    gone |= {link for link in links if not (ROOT / guide).parent.joinpath(link).exists()}
    assert gone == set()


@pytest.mark.parametrize("guide", GUIDES)
def test_every_name_stands_in_the_file_where_it_is_said_to_be(guide: str) -> None:
    text = (ROOT / guide).read_text()
    gone = [
        (name, path) for name, path in NAME.findall(text) if not re.search(rf"\b{name}\b", (ROOT / path).read_text())
    ]
    assert gone == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_test_that_is_named_is_there(guide: str) -> None:
    named = TEST.findall((ROOT / guide).read_text())
    gone = {
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^ *(?:async )?(?:def|class) {name}\b", (ROOT / path).read_text(), re.MULTILINE)
    }
    assert gone == set()


def test_every_promise_names_a_test() -> None:
    text = (ROOT / "docs/reliability.md").read_text()
    promises = [
        line
        for line in text.partition("### Figures")[0].splitlines()
        if line.startswith("| ") and not line.startswith("| promise")
    ]
    assert promises
    assert [line for line in promises if not TEST.search(line)] == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_make_target_is_there(guide: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", (ROOT / guide).read_text(), re.MULTILINE)) <= targets


def test_every_recipe_names_files() -> None:
    recipes = (ROOT / "docs/architecture.md").read_text().partition("## Recipes\n")[2].partition("\n## ")[0]
    found = {each.partition("**")[0]: PATH.findall(each) for each in recipes.split("\n\n**")[1:]}
    for thing in ("field", "filter", "root query", "setting", "resource", "metric"):
        (recipe,) = (files for title, files in found.items() if thing in title)
        assert len(set(recipe)) >= 2, thing


def test_what_docstrings_cite_is_there() -> None:
    sources = [*ROOT.glob("*/*.py"), *ROOT.glob("*/*/*.py")]
    cited = {each for path in sources for each in CITED.findall(path.read_text())}
    assert cited
    for document, section in cited:
        assert re.search(rf"^#+ {re.escape(section)}", (ROOT / document).read_text(), re.MULTILINE), (document, section)
