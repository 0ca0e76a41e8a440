"""The pages in a real browser; the tests themselves are the `.test.mjs` beside this."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.npm import npm_install

HERE = Path(__file__).parent


@pytest.mark.parametrize("tests", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_in_a_browser(tests: str, gateway_url: str) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "needs Chromium: make tools"
    npm_install(HERE)
    done = subprocess.run(
        ["node", "--test", tests],
        cwd=HERE,
        env={**os.environ, "CHROMIUM": chromium, "GATEWAY_URL": gateway_url},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
