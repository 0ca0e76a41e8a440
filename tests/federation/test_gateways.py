"""A graph of three subgraphs under Apollo Gateway and Hive Gateway: the example's two, and one by someone else."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from server import create_app
from settings import Settings
from tests.federation.counting import Counting, proxy
from tests.federation.downloads import downloads_app
from tests.nodejs import started
from tests.npm import npm_install
from tests.web.serving import serve
from upstream.sample import create_sample

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "federation"
DOCS = (ROOT / "docs" / "federation.md").read_text()
REVIEWS: list[dict[str, Any]] = json.loads((EXAMPLE / "reviews.json").read_text())
SECRET = "correct-horse"


@dataclass(frozen=True)
class Graph:
    url: str
    subgraphs: dict[str, Counting]
    upstream: Counting

    def ask(self, query: str) -> tuple[Any, dict[str, int]]:
        """Return the data of a query without errors, and how many requests each subgraph got for it."""
        for subgraph in self.subgraphs.values():
            subgraph.targets.clear()
        answer = httpx.post(self.url, json={"query": query}).json()
        assert "errors" not in answer, answer["errors"]
        return answer["data"], {name: subgraph.total for name, subgraph in self.subgraphs.items() if subgraph.total}


@pytest.fixture(scope="module", params=["Apollo Gateway", "Hive Gateway"])
def graph(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    npm_install(EXAMPLE)
    with ExitStack() as stack:
        upstream = Counting(create_sample())
        base_url = stack.enter_context(serve(upstream))
        (reviews,) = stack.enter_context(started(["node", "reviews.js"], EXAMPLE, PORT="0"))
        settings = Settings(upstream=f"{base_url}/api/v4/", mirror=False, router_secret=SECRET)
        subgraphs = {
            "packages": Counting(create_app(settings)),
            "reviews": Counting(proxy(reviews)),
            "downloads": Counting(downloads_app()),
        }
        urls = [f"{name}={stack.enter_context(serve(app))}/graphql" for name, app in subgraphs.items()]
        supergraph = tmp_path_factory.mktemp("graph") / "supergraph.graphql"
        apollo, hive = stack.enter_context(served(supergraph, urls, ROUTER_SECRET=SECRET))
        yield Graph(apollo if "Apollo" in request.param else hive, subgraphs, upstream)
        assert set(upstream.targets.values()) == {1}, "the upstream is asked once for a record"


@contextmanager
def served(supergraph: Path, subgraphs: list[str], **environment: str) -> Iterator[list[str]]:
    """Compose subgraphs (`name=URL`) and serve them as the example does; yields the URLs of both gateways."""
    composing = subprocess.run(
        ["node", "compose.js", *subgraphs],
        cwd=EXAMPLE,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert composing.returncode == 0, composing.stderr
    supergraph.write_text(composing.stdout)
    ports = {"APOLLO_PORT": "0", "HIVE_PORT": "0"}
    with started(["node", "graph.js", str(supergraph)], EXAMPLE, urls=2, **ports, **environment) as urls:
        yield urls


def test_a_query_that_crosses_both_ways(graph: Graph) -> None:
    data, requests = graph.ask("{ reviews { package { title grids { slug packages { slug reviews { stars } } } } } }")
    assert requests == {"reviews": 2, "packages": 1}

    assert len(data["reviews"]) == len(REVIEWS)
    package = data["reviews"][0]["package"]
    assert package["title"] == "django-loci"
    maps = next(grid for grid in package["grids"] if grid["slug"] == "maps")
    assert {each["slug"]: [review["stars"] for review in each["reviews"]] for each in maps["packages"]} == {
        "django-location-field": [4],
        "django-loci": [5, 4, 3],
        "django-markers": [4],
        "django-mbtiles": [3],
        "django-reploc": [2],
    }
    reviewed = {f"/api/v4/packages/{review['package']['id']}/" for review in REVIEWS}
    assert graph.upstream.targets.keys() >= {*reviewed, "/api/v4/grids/74/", "/api/v4/grids/321/"}


def test_one_request_a_hop_whatever_the_number_of_entities(graph: Graph) -> None:
    data, requests = graph.ask("{ packages(first: 100) { nodes { slug averageStars reviews { stars } } } }")
    assert requests == {"packages": 1, "reviews": 1}
    assert len(data["packages"]["nodes"]) == 100


def test_participants_by_login(graph: Graph) -> None:
    data, requests = graph.ask("{ reviews { author { login isBot } } }")
    assert requests == {"reviews": 1, "packages": 1}
    assert {review["author"]["login"]: review["author"]["isBot"] for review in data["reviews"]} == {
        review["author"]: review["author"] == "dependabot[bot]" for review in REVIEWS
    }


def test_packages_by_slug(graph: Graph) -> None:
    query = "{ downloads { nodes { at package { slug downloads title averageStars } } pageInfo { hasNextPage } } }"
    data, requests = graph.ask(query)
    assert requests == {"downloads": 1, "packages": 1, "reviews": 1}
    assert data["downloads"]["nodes"][0] == {
        "at": "2026-01-01T00:00:00+00:00",
        "package": {"slug": "django-loci", "downloads": 900, "title": "django-loci", "averageStars": 4},
    }


def test_a_request_that_fails_is_sent_again(graph: Graph) -> None:
    graph.subgraphs["packages"].failures = 2
    data, requests = graph.ask('{ package(slug: "django-loci") { repoForks } }')
    assert data == {"package": {"repoForks": 48}}
    assert requests == {"packages": 3}


def test_the_schema_is_for_the_router_only(graph: Graph) -> None:
    graph_types = httpx.post(graph.url, json={"query": '{ __type(name: "Package") { description } }'}).json()
    assert graph_types["data"]["__type"]["description"].startswith("A package of the catalogue")


@pytest.mark.parametrize("graph", ["Apollo Gateway"], indirect=True)  # Hive Gateway sends no Cache-Control by itself
def test_answers_keep_their_age(graph: Graph) -> None:
    answer = httpx.post(graph.url, json={"query": '{ package(slug: "django-mbtiles") { title } }'})
    assert answer.headers["cache-control"].startswith("max-age=")
    assert answer.headers["cache-control"].endswith("public")


def test_make_federation_runs_it_all(tmp_path: Path) -> None:
    npm_install(EXAMPLE)
    ports = dict.fromkeys(("PACKAGES_PORT", "REVIEWS_PORT", "APOLLO_PORT", "HIVE_PORT"), "0")
    query = "{ reviews { stars package { title grids { slug packages { slug averageStars } } } } }"
    assert query in DOCS
    with started(["node", "examples/federation/start.js"], ROOT, urls=4, PYTHON=sys.executable, **ports) as urls:
        apollo, hive = (httpx.post(url, json={"query": query}).json() for url in urls[2:])
    assert apollo == hive
    assert len(apollo["data"]["reviews"]) == len(REVIEWS)
