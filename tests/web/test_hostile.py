"""What hostile clients send, over HTTP: each is refused by name, and the next client is served."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server import create_app
from settings import Settings
from tests.patience import PATIENCE
from tests.web.serving import serve_whole
from tests.web.test_limits import BOUNDS, HIDDEN, repeated

ROOT = Path(__file__).parents[2]
NODES, BYTES, EXAMINED = 120, 6_000, 300

NEIGHBOURS = "grids { packages { " * 3 + "title" + " } }" * 3
ALTERNATIVES = "alternatives(first: 100) { nodes { " * 3 + "title" + " } }" * 3

LARGE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "neighbours of neighbours": ("MAX_NODES_EXCEEDED", '{ package(slug: "django-loci") { ' + NEIGHBOURS + " } }", {}),
    "the same by a fragment": ("MAX_NODES_EXCEEDED", '{ package(slug: "django-loci") { ...F } } fragment F on Package { ' + NEIGHBOURS + " }", {}),
    "neighbours of everything": ("MAX_NODES_EXCEEDED", "{ packages(first: 100) { nodes { grids { packages { slug } } } } }", {}),
    "edges and nodes": ("MAX_NODES_EXCEEDED", "{ " + repeated("p#: packages { edges { node { slug } } nodes { slug } }", 30) + " }", {}),
    "one id a thousand times": ("MAX_NODES_EXCEEDED", "query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }", {"ids": ["UGFja2FnZTox"] * 1000}),
    "ids of nothing": ("MAX_NODES_EXCEEDED", "query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }", {"ids": ["x"] * 1000}),
    "texts under aliases": ("MAX_BYTES_EXCEEDED", "{ " + repeated("d#: categories { description slug title id nodeId titlePlural showPypi }", 12) + " }", {}),
    "one field under long names": ("MAX_BYTES_EXCEEDED", "{ categories { " + repeated("x" * 80 + "#: title", 40) + " } }", {}),
    "four pages within each other": ("MAX_COST_EXCEEDED", "{ packages(first: 100) { nodes { " + ALTERNATIVES + " } } }", {}),
    "the same by variables": ("MAX_COST_EXCEEDED", "query ($n: Int) { packages(first: $n) { nodes { " + ALTERNATIVES.replace("100", "$n") + " } } }", {"n": 100}),
    "the same by a default": ("MAX_COST_EXCEEDED", "query ($n: Int = 100) { packages(last: $n) { edges { node { " + ALTERNATIVES.replace("100", "$n") + " } } } }", {}),
    "the default page nested": ("MAX_COST_EXCEEDED", "{ packages { nodes { " + "alternatives { nodes { " * 6 + "title" + " } }" * 6 + " } } }", {}),
    "searches": ("MAX_EXAMINED_EXCEEDED", "{ " + repeated('s#: search(query: "a #") { totalCount }', 90) + " }", {}),
    "filters with texts": ("MAX_EXAMINED_EXCEEDED", "{ " + repeated('p#: packages(filter: {text: "a b c d e #"}) { totalCount }', 90) + " }", {}),
    "everybody's collaborators": ("MAX_EXAMINED_EXCEEDED", "{ participants(first: 30) { nodes { collaborators { totalCount } } } }", {}),
    "a list within lists of a variable": ("MAX_ITEMS_EXCEEDED", "{ __typename }", {"x": [[{"y": [0] * 1001}]]}),
}  # fmt: skip
"""By what they do: the code, the document and the variables."""


@pytest.fixture(scope="module")
def gateway() -> Iterator[httpx.Client]:
    settings = Settings(
        upstream="sample",
        data_dir=Path(":memory:"),
        max_nodes=NODES,
        max_response_bytes=BYTES,
        max_examined=EXAMINED,
    )
    headers = {"accept": "application/graphql-response+json"}
    with (
        serve_whole(create_app(settings)) as url,
        httpx.Client(base_url=url, headers=headers, timeout=PATIENCE) as client,
    ):
        yield client


def ask(gateway: httpx.Client, query: str, variables: dict[str, Any] | None = None) -> tuple[int, Any]:
    response = gateway.post("/graphql", json={"query": query, "variables": variables})
    after = gateway.post("/graphql", json={"query": '{ package(slug: "django-loci") { slug } }'})
    assert after.json() == {"data": {"package": {"slug": "django-loci"}}}
    return response.status_code, response.json()


@pytest.mark.parametrize("name", LARGE)
def test_a_large_answer_is_refused_by_name(gateway: httpx.Client, name: str) -> None:
    code, query, variables = LARGE[name]
    status, answer = ask(gateway, query, variables)
    assert {error["extensions"]["code"] for error in answer["errors"]} == {code}
    # What is looked through is a field's own; the rest of such an answer stays.
    assert ("data" in answer, status) == ((True, 200) if code == "MAX_EXAMINED_EXCEEDED" else (False, 400))


@pytest.mark.parametrize("query", [*(BOUNDS[name](1) for name in BOUNDS), *HIDDEN.values()], ids=[*BOUNDS, *HIDDEN])
def test_a_large_document_is_refused_by_name(gateway: httpx.Client, query: str) -> None:
    status, answer = ask(gateway, query)
    (error,) = answer["errors"]
    assert re.fullmatch(r"MAX_\w+_EXCEEDED", error["extensions"]["code"])
    assert (status, set(answer)) == (400, {"errors"})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"[[[[" * 5000,
        b'{"a":' * 5000,
        b'{"query": "' + b"{a" * 3000 + b'"}',
        b'{"query": "{ __typename }", "variables": ' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}",
        b'{"query": "{ __typename }", "variables": {"a": 1' + b"0" * 5000 + b"}}",
        b'{"query": "{ __typename }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": 1e400}}}',
        b'{"query": "{ __typename }", "extensions": {"persistedQuery": [' + b"[" * 90 + b"]" * 90 + b"]}}",
        b'{"query": "\\ud800"}',
        b'{"query": "# \\u0000"}',
        b'{"query": "{ search(query: \\"' + b"a " * 4000 + b'\\") { totalCount } }"}',
        b'{"query": "query (' + b"$a: Int " * 1500 + b') { __typename }"}',
        b'{"query": "{ packages(first: 99999999999999999999) { totalCount } }"}',
        b'{"query": "{ packages(after: \\"' + b"////" * 2000 + b'\\") { totalCount } }"}',
        b'{"query": "{ node(nodeId: \\"' + b"UGFja2FnZTo5OTk5" * 500 + b'\\") { nodeId } }"}',
        b'{"query": "query ' + b"a" * 90000 + b' { nope }"}',
        b"\xff\xfe" * 1000,
        b"\x1f\x8b" + b"\x00" * 1000,
        b"{" + b'"query": "{ __typename }", ' * 1000 + b'"id": ""}',
        b" " * (2**20 + 1),
    ],
)
def test_what_nobody_named_is_no_5xx_either(gateway: httpx.Client, body: bytes) -> None:
    response = gateway.post("/graphql", content=body, headers={"content-type": "application/json"})
    assert response.status_code < 500
    answer = response.json()
    assert set(answer) <= {"data", "errors"}
    assert "INTERNAL_SERVER_ERROR" not in response.text
    assert "Traceback" not in response.text
    ask(gateway, "{ __typename }")


def test_every_bound_of_the_docs_has_an_input() -> None:
    pages = [(ROOT / page).read_text("utf-8") for page in ("README.md", "docs/http.md")]
    codes = set(re.findall(r"`(MAX_\w+_EXCEEDED)`", "".join(pages)))
    assert codes == {code for code, _, _ in LARGE.values()} | set(BOUNDS)
