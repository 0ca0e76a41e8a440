"""Builds docs/ into web/docs/, as the gateway serves it: `python -m scripts.docs`."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Final

import brotli  # type: ignore[import-untyped]

from scripts import reference

ROOT: Final = Path(__file__).parents[1]
BUILT: Final = ROOT / "build" / "docs"
SERVED: Final = ROOT / "web" / "docs"

_LEFT_OUT = ("404.html", "sitemap.xml", "assets/stylesheets/classic", "assets/images")
_COMPRESSED = {".html", ".js", ".css", ".json", ".svg"}
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_PRE = re.compile(r"(<pre.*?</pre>)", re.DOTALL)


def build() -> None:
    """Build the site strictly into `build/docs`. Raises `CalledProcessError` for an error and for a warning."""
    shutil.rmtree(BUILT, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "--clean"], cwd=ROOT, check=True)


def publish(target: Path) -> None:
    """Copy the site to `target`, without what nobody asks for, its scripts in files, each text compressed too."""
    shutil.rmtree(target, ignore_errors=True)
    left_out = {BUILT / path for path in _LEFT_OUT}
    shutil.copytree(BUILT, target, ignore=lambda at, names: [name for name in names if Path(at, name) in left_out])
    for page in target.rglob("*.html"):
        page.write_text(_without_indentation(_without_inline_scripts(page, target)), encoding="utf-8")
    for path in [each for each in target.rglob("*") if each.suffix in _COMPRESSED]:
        content = path.read_bytes()
        Path(f"{path}.br").write_bytes(brotli.compress(content))
        Path(f"{path}.gz").write_bytes(gzip.compress(content, mtime=0))


def _without_inline_scripts(page: Path, target: Path) -> str:
    """Move scripts into files: the gateway's Content-Security-Policy allows no others."""

    def moved(script: re.Match[str]) -> str:
        path = target / "assets" / "javascripts" / f"inline.{sha256(script[1].encode()).hexdigest()[:8]}.js"
        path.write_text(script[1], encoding="utf-8")
        return f'<script src="{os.path.relpath(path, page.parent)}"></script>'

    return _SCRIPT.sub(moved, page.read_text(encoding="utf-8"))


def _without_indentation(html: str) -> str:
    """Leave out a fifth of a page, which is empty lines and spaces of the template."""
    return "".join(part if part.startswith("<pre") else re.sub(r"\n\s+", "\n", part) for part in _PRE.split(html))


if __name__ == "__main__":
    for name, text in reference.pages().items():
        (ROOT / "docs" / name).write_text(text, encoding="utf-8")
    build()
    publish(SERVED)
