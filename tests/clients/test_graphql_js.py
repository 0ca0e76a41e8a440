from pathlib import Path

from graphql import build_schema

from schema import api_sdl
from tests.clients.conftest import Node
from tests.queries import SCHEMA


def test_graphql_js_builds_the_schema_from_its_sdl(node: Node, tmp_path: Path) -> None:
    (tmp_path / "schema.graphql").write_text(api_sdl(SCHEMA))
    assert set(node("schema.mjs", str(tmp_path / "schema.graphql"))) == set(build_schema(api_sdl(SCHEMA)).type_map)
