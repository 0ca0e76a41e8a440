"""The laws of the house that a program can hold: who imports whom, where the version stands, what the guides name."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from version import NAME, VERSION

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

CHAIN = ["asgi", "server", "cli", "composition", "schema", "resolvers", "loaders", "catalogue", "upstream"]
"""Each may import those after it."""
ASIDE = {"server": {"web"}, "schema": {"execution"}, "web": {"execution"}}
LEAST = ["measure", "spans", "starting", "thresholds", "version"]
"""These import no room, and every room may import them."""
LEAVES = {"server": {"settings"}, "cli": {"settings"}, "composition": {"settings"}, "web": {"settings"}}
ROOMS = [*CHAIN, "web", "execution", "settings", *LEAST]
CLOSED = {"execution", "loaders"}
"""Others take from these what `__init__.py` hands out, and nothing else but what is not public in a library (law 11)."""


def allowed(room: str) -> set[str]:
    """Return the rooms that a room may import."""
    after = set(CHAIN[CHAIN.index(room) + 1 :]) if room in CHAIN else set()
    return (
        after
        | ASIDE.get(room, set())
        | LEAVES.get(room, set())
        | (set() if room in {"settings", *LEAST} else set(LEAST))
    )


def files_of(room: str) -> list[Path]:
    """Return the modules of a room."""
    folder = ROOT / room
    return [*folder.glob("*.py"), *folder.glob("*/*.py")] if folder.is_dir() else [folder.with_suffix(".py")]


def imports(room: str) -> Iterator[tuple[Path, str, list[str]]]:
    """Yield each import of another room: the file, the module, and the names taken from it."""
    for path in files_of(room):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found = [(node.module, [each.name for each in node.names])]
            else:
                found = [(each.name, []) for each in node.names] if isinstance(node, ast.Import) else []
            yield from (
                (path.relative_to(ROOT), module, names)
                for module, names in found
                if (top := module.partition(".")[0]) in ROOMS and top != room
            )


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_those_below_it(room: str) -> None:
    wrong = [f"{path}: {module}" for path, module, _ in imports(room) if module.partition(".")[0] not in allowed(room)]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_private_to_a_room_stays_there(room: str) -> None:
    def is_private(module: str, names: list[str]) -> bool:
        return any(part.startswith("_") for part in (*module.split("."), *names)) or (
            module.partition(".")[0] in CLOSED and "." in module and module != "execution.internals"
        )

    assert [f"{path}: {module}" for path, module, names in imports(room) if is_private(module, names)] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_module_is_named_in_imports_only(room: str) -> None:
    """`scripts/wheel.py` gives these another package; in a text a name is relative: `strawberry.lazy(".grid")`."""
    named = [
        f"{path.relative_to(ROOT)}: {node.value}"
        for path in files_of(room)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(rf"({'|'.join(ROOMS)})(\.\w+)+", node.value)
        and (ROOT / node.value.replace(".", "/")).with_suffix(".py").exists()
    ]
    assert named == []


def test_every_room_is_packaged_typed_and_measured() -> None:
    tools = PROJECT["tool"]
    folders = [room for room in ROOMS if (ROOT / room).is_dir()]
    assert set(tools["hatch"]["build"]["targets"]["wheel"]["only-include"]) == set(folders)
    assert set(tools["coverage"]["run"]["source"]) == set(ROOMS)
    assert [room for room in folders if not (ROOT / room / "py.typed").exists()] == []
    modules = {path.stem for path in ROOT.glob("*.py")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks"}
    assert modules | packages == set(ROOMS), "a new room: say in this test whom it may import"


def test_the_version_stands_once_and_heads_the_changelog() -> None:
    assert (PROJECT["project"]["name"], PROJECT["project"]["version"]) == (NAME, VERSION)
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert first
    assert first[1] == VERSION


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_writes_the_version_down(room: str) -> None:
    assert [path for path in files_of(room) if re.search(rf"\b{re.escape(VERSION)}\b", path.read_text())] == []
