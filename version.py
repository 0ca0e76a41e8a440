"""The version, which stands in pyproject.toml and nowhere else. A leaf: every room may ask."""

import tomllib
from importlib import metadata
from pathlib import Path
from typing import Final

NAME: Final = "catalogue-gateway"


def _version() -> str:
    """Return what pyproject.toml says where this is a checkout, and what the installed package says elsewhere."""
    project = Path(__file__).with_name("pyproject.toml")
    if not project.exists():
        return metadata.version(NAME)
    return str(tomllib.loads(project.read_text())["project"]["version"])


VERSION: Final = _version()
