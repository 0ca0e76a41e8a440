"""GraphiQL in a real browser; the tests themselves are in `graphiql.test.mjs`."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.npm import npm_install

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_graphiql_in_a_browser(gateway_url: str) -> None:
    npm_install(HERE)
    environment = {**os.environ, "CHROMIUM": str(CHROMIUM), "GATEWAY_URL": gateway_url}
    tests = subprocess.run(
        ["node", "--test", "graphiql.test.mjs"], cwd=HERE, env=environment, capture_output=True, text=True
    )
    assert tests.returncode == 0, tests.stdout
