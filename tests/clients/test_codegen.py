import json
import shutil
from pathlib import Path

import httpx

from server import create_app
from settings import Settings
from tests.clients.conftest import HERE, Tool
from tests.web.serving import serve


def test_the_client_preset_makes_strict_types_and_trusted_documents(tool: Tool, tmp_path: Path) -> None:
    project = shutil.copytree(HERE / "codegen", tmp_path / "codegen")
    with serve(create_app(Settings(upstream="sample"))) as url:
        (project / "schema.graphql").write_text(httpx.get(f"{url}/schema.graphql").text)
    tool(project, "graphql-codegen", "--config", "codegen.ts")
    tool(project, "tsc", "-p", ".")

    manifest = project / "gql" / "persisted-documents.json"
    (named,) = json.loads(manifest.read_text())
    with serve(create_app(Settings(upstream="sample", trusted_documents=manifest, trusted_only=True))) as url:
        body = {"documentId": named, "variables": {"slug": "caching"}}
        answer = httpx.post(f"{url}/graphql", json=body).json()
    assert "errors" not in answer
