"""The committed GraphiQL is what its build script makes."""

import subprocess
from pathlib import Path

from tests.npm import npm_install

GRAPHIQL = Path(__file__).parents[2] / "web" / "graphiql"


def test_the_committed_files_are_what_the_build_makes() -> None:
    npm_install(GRAPHIQL)
    check = subprocess.run(["node", "build.mjs", "--check"], cwd=GRAPHIQL, capture_output=True, text=True)
    assert check.returncode == 0, check.stderr
