import pytest

from server import create_app
from settings import Settings
from tests.clients.conftest import Node
from tests.clients.recording import Recorder
from tests.web.serving import serve


@pytest.mark.parametrize(
    "command", [("apollo.mjs", "4"), ("apollo.mjs", "3"), ("urql.mjs",)], ids=["Apollo 4", "Apollo 3", "urql"]
)
def test_a_client_with_persisted_queries(node: Node, command: tuple[str, ...]) -> None:
    recorder = Recorder(create_app(Settings(upstream="sample")))
    script, *arguments = command
    with serve(recorder) as url:
        got = node(script, f"{url}/graphql", *arguments)

    first, second = got["asked"]
    assert first == second
    assert not first["failed"]
    assert first["data"]["package"]["title"] == "django-loci"
    assert got["codes"] == ["BAD_USER_INPUT"]

    unknown, registered, known, *_ = recorder.exchanges
    assert (unknown.method, "query" in unknown.parameters) == ("GET", False)
    assert unknown.cache_control == "no-store"
    assert "query" in registered.parameters
    assert registered.status == 200
    assert (known.method, "query" in known.parameters, known.status) == ("GET", False, 200)
    assert known.cache_control.startswith("public, max-age=")
