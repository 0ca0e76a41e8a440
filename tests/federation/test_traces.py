"""The gateway's traces, as Apollo's own library reads them."""

from typing import Any

import httpx

from server import create_app
from settings import Settings
from tests.federation.test_composition import COMPOSE
from tests.federation.test_gateways import EXAMPLE
from tests.nodejs import asked
from tests.npm import npm_install
from tests.web.serving import serve

QUERY = """
{
  loci: package(slug: "django-loci") { title grids { slug packages(first: 2) { name: slug } } }
  _entities(representations: [{__typename: "Package", id: "4005"}, {__typename: "Nonsense"}]) {
    ... on Package { id }
  }
}
"""
TRACED = {"apollo-federation-include-trace": "ftv1"}


def child(node: dict[str, Any], key: str | int) -> dict[str, Any]:
    (found,) = (each for each in node["child"] if key in (each.get("responseName"), each.get("index")))
    return dict(found)


def test_apollo_reads_a_trace() -> None:
    npm_install(EXAMPLE)
    with serve(create_app(Settings(upstream="sample", mirror=False))) as url:
        answer = httpx.post(f"{url}/graphql", json={"query": QUERY}, headers=TRACED).json()
        plain = httpx.post(f"{url}/graphql", json={"query": QUERY}).json()
    assert answer["data"] == plain["data"]
    assert "extensions" not in plain

    trace = asked(COMPOSE.with_name("trace.cjs"), EXAMPLE / "node_modules", answer["extensions"]["ftv1"])
    loci = child(trace["root"], "loci")
    assert (loci["originalFieldName"], loci["type"], loci["parentType"]) == ("package", "Package", "Query")
    grids = child(loci, "grids")
    name = child(child(child(child(grids, 0), "packages"), 1), "name")
    assert (name["originalFieldName"], name["type"], name["parentType"]) == ("slug", "String!", "Package")
    assert 0 < loci["startTime"] < loci["endTime"] <= name["startTime"] <= name["endTime"] <= trace["durationNs"]
    (error,) = child(child(trace["root"], "_entities"), 1)["error"]
    assert error["message"] == answer["errors"][0]["message"]
    assert 1.7e9 < trace["startTime"]["seconds"] <= trace["endTime"]["seconds"]
