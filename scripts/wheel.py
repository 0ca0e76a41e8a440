"""Puts the rooms under one package, `catalogue_gateway`, in the wheel: hatchling runs this when it builds one.

In this repository the rooms stand at the top, and import each other as `schema` or `web`. What is installed may not
take such names from others, so there each import of a room names the package too. No line's number changes.
"""

import ast
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE: Final = "catalogue_gateway"
INIT: Final = '"""The Catalogue Gateway: `catalogue_gateway.server:app` is the application, for any ASGI server."""\n'
MAIN: Final = f'"""`python -m {PACKAGE}` is the command."""\n\nfrom {PACKAGE}.server import main\n\nmain()\n'


class Rooms(BuildHookInterface[Any]):
    """Adds the rooms' modules to the wheel, and what makes them one typed package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the modules as they are to be; hatchling takes all other files from their places.

        Raises:
            RuntimeError: an editable wheel is wanted, which would not be what an installed one is.
            ValueError: an import of a room cannot be told so.
        """
        if version == "editable":
            raise RuntimeError("a clone is run as it is: `python server.py`, or `uvicorn server:app`")
        self._folder = TemporaryDirectory()
        root, written = Path(self.root), Path(self._folder.name)
        folders = [root / each for each in self.build_config.target_config["only-include"]]
        modules = [*root.glob("*.py"), *(path for folder in folders for path in folder.rglob("*.py"))]
        rooms = {path.stem for path in root.glob("*.py")} | {folder.name for folder in folders}
        files = {path.relative_to(root): packaged(path.read_text(encoding="utf-8"), rooms) for path in modules}
        own = {Path("__init__.py"): INIT, Path("__main__.py"): MAIN, Path("py.typed"): ""}
        for path, text in {**files, **own}.items():
            (written / path).parent.mkdir(parents=True, exist_ok=True)
            (written / path).write_text(text, encoding="utf-8")
            # hatchling puts the package before all paths: `sources` in pyproject.toml.
            build_data["force_include"][str(written / path)] = path.as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was written."""
        self._folder.cleanup()


def packaged(text: str, rooms: set[str]) -> str:
    """Return a module's text with each absolute import of a room as one of the package's.

    Raises:
        ValueError: an import cannot be told so: `import room.module`, two in a statement, one behind another statement.
    """
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and not node.level and _room(node.module) in rooms:
            old, new = f"from {node.module} ", f"from {PACKAGE}.{node.module} "
        elif isinstance(node, ast.Import) and rooms & {_room(each.name) for each in node.names}:
            old, new = f"import {node.names[0].name}", f"from {PACKAGE} import {node.names[0].name}"
            if len(node.names) > 1 or "." in node.names[0].name:
                raise ValueError(f"{ast.unparse(node)}: write `from room import name`")
        else:
            continue
        line = lines[node.lineno - 1]
        if not line.lstrip().startswith(old):
            raise ValueError(f"{line.strip()}: an import stands in a line of its own")
        lines[node.lineno - 1] = line.replace(old, new, 1)
    return "".join(lines)


def _room(module: str | None) -> str:
    return (module or "").partition(".")[0]
