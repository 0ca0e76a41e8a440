from server import create_app
from settings import Settings
from tests.clients.conftest import Node
from tests.web.serving import serve


def test_all_61_audits_of_graphql_over_http_pass(node: Node) -> None:
    with serve(create_app(Settings(upstream="sample"))) as url:
        results = node("audits.mjs", f"{url}/graphql")
    assert [each for each in results if each["status"] != "ok"] == []
    assert len(results) == 61
