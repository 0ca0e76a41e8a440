from server import create_app
from settings import Settings
from tests.clients.conftest import Node
from tests.web.serving import serve


def test_a_query_and_a_mistake(node: Node) -> None:
    with serve(create_app(Settings(upstream="sample"))) as url:
        told = node("graphql-request.mjs", f"{url}/graphql")
    assert "django-loci" in told["slugs"]
    assert told["refused"] == {"code": "BAD_USER_INPUT", "argument": "slug"}
    assert told["unknown"] == {"grid": None}
