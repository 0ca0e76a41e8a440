from tests.clients.conftest import Node
from tests.web.serving import serve
from tests.web.toy import QUERIES_ONLY, toy_app


def test_all_61_audits_of_graphql_over_http_pass(node: Node) -> None:
    with serve(toy_app(schema=QUERIES_ONLY)) as url:
        results = node("audits.mjs", f"{url}/graphql")
    assert [each for each in results if each["status"] != "ok"] == []
    assert len(results) == 61
