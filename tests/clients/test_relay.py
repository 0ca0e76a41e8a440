import json
import shutil
from pathlib import Path

import httpx
import pytest

from server import create_app
from settings import Settings
from tests.clients.conftest import HERE, Node, Tool
from tests.clients.recording import Recorder
from tests.web.serving import serve


@pytest.fixture
def compiled(tool: Tool, tmp_path: Path) -> Path:
    """Compile the queries of `relay/src` against the schema that the gateway serves."""
    project = shutil.copytree(HERE / "relay", tmp_path / "relay")
    with serve(create_app(Settings(upstream="sample"))) as url:
        (project / "schema.graphql").write_text(httpx.get(f"{url}/schema.graphql").text)
    (project / "persisted.json").write_text("{}")
    tool(project, "relay-compiler", "relay.config.json")
    return project


def test_compiled_queries_run_by_their_ids_alone(compiled: Path, node: Node) -> None:
    manifest = compiled / "persisted.json"
    recorder = Recorder(create_app(Settings(upstream="sample", trusted_documents=manifest, trusted_only=True)))
    with serve(recorder) as url:
        got = node("relay.mjs", f"{url}/graphql", str(compiled / "src" / "__generated__"))
        untrusted = httpx.post(f"{url}/graphql", json={"query": "{ __typename }"})

    assert got["package"]["title"] == "django-loci"
    assert got["refetched"] == got["package"]
    assert got["deferred"]["data"]["slug"] == "django-loci"
    assert len(got["deferred"]["data"]["grids"]) == 2
    assert got["deferred"]["isMissingData"] is False
    assert got["grid"]["id"] == got["category"]["id"] == "1"
    assert got["grid"]["title"] != got["category"]["title"], "two things of one id stay apart"
    assert untrusted.json()["errors"][0]["extensions"]["code"] == "QUERY_NOT_IN_SAFELIST"

    by_id = recorder.exchanges[:-1]
    ids = {exchange.parameters["documentId"] for exchange in by_id}
    assert [set(exchange.parameters) for exchange in by_id] == [{"documentId", "variables"}] * 4
    assert ids == set(json.loads(manifest.read_text()))
