import json
import shutil
from pathlib import Path

import httpx
import pytest

from server import create_app
from settings import Settings
from tests.clients.conftest import HERE, Tool
from tests.web.serving import serve


def test_the_client_preset_makes_strict_types_and_trusted_documents(
    tool: Tool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = shutil.copytree(HERE / "codegen", tmp_path / "codegen")
    with serve(create_app(Settings(upstream="sample"))) as url:
        monkeypatch.setenv("GATEWAY_URL", f"{url}/graphql")
        tool(project, "graphql-codegen", "--config", "codegen.ts")
    tool(project, "tsc", "-p", ".")

    manifest = project / "gql" / "persisted-documents.json"
    (named,) = json.loads(manifest.read_text())
    with serve(create_app(Settings(upstream="sample", trusted_documents=manifest, trusted_only=True))) as url:
        body = {"documentId": named, "variables": {"slug": "caching"}}
        answer = httpx.post(f"{url}/graphql", json=body).json()
    assert "errors" not in answer
