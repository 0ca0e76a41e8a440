"""graphql-eslint reads the schema from the gateway's URL."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from server import create_app
from settings import Settings
from tests.clients.conftest import HERE
from tests.patience import PATIENCE
from tests.web.serving import serve


def test_operations_are_checked_against_the_url(
    node_modules: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = shutil.copytree(HERE / "eslint", tmp_path / "eslint")
    (project / "node_modules").symlink_to(node_modules)
    with serve(create_app(Settings(upstream="sample"))) as url:
        monkeypatch.setenv("GATEWAY_URL", f"{url}/graphql")
        command = [str(node_modules / ".bin" / "eslint"), ".", "--format", "json"]
        done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=PATIENCE, check=False)
    found = {
        Path(each["filePath"]).name: [message["ruleId"].rpartition("/")[2] for message in each["messages"]]
        for each in json.loads(done.stdout)
    }
    assert found == {
        "bad.graphql": ["no-deprecated", "fields-on-correct-type", "require-selections"],
        "eslint.config.js": [],
        "good.graphql": [],
    }
