import shutil
from pathlib import Path

import httpx

from server import create_app
from settings import Settings
from tests.clients.conftest import HERE, Node, Tool
from tests.clients.recording import Recorder
from tests.web.serving import serve


def test_documents_of_apollos_manifest_run_and_no_others(node: Node, tool: Tool, tmp_path: Path) -> None:
    project = shutil.copytree(HERE / "apollo", tmp_path / "apollo")
    tool(project, "generate-persisted-query-manifest", "--config", "persisted-query-manifest.config.json")
    settings = Settings(upstream="sample", trusted_documents=project / "manifest.json", trusted_only=True)
    recorder = Recorder(create_app(settings))
    with serve(recorder) as url:
        got = node("apollo-trusted.mjs", f"{url}/graphql", str(project))
        untrusted = httpx.post(f"{url}/graphql", json={"query": "{ __typename }"})

    assert got["data"]["package"]["title"] == "django-loci"
    (exchange, _) = recorder.exchanges
    assert "query" not in exchange.parameters
    assert [exchange.parameters["extensions"]["persistedQuery"]["sha256Hash"]] == got["ids"]
    assert untrusted.json()["errors"][0]["extensions"]["code"] == "QUERY_NOT_IN_SAFELIST"
