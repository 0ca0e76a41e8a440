"""Explanations on demand: the header, what it costs others, and what the notes say."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from server import create_app
from settings import Settings
from tests.fake_upstream import FakeUpstream
from tests.queries import NEIGHBOURS
from tests.web.serving import serve, serve_whole
from tests.web.test_origin import asked_for
from tests.web.toy import client
from web import explain

EXPLAINED = {"x-catalogue-explain": "1"}
STRICT = {"accept": "application/graphql-response+json"}
PAGES = "{ packages(first: 50) { nodes { alternatives(first: 50) { nodes { title grids { title } } } } } }"
LONG = "{ categories { title description slug } again: categories { title description slug } }"
QUERIES: list[tuple[str, dict[str, Any]]] = [
    (NEIGHBOURS, {"slug": "django-loci"}),
    (PAGES, {}),
    (
        '{ search(query: "forms", first: 9) { nodes { ... on Package { title grids { slug } } ... on Grid { slug } } } }',
        {},
    ),
    ("{ categories { title packages(first: 3) { totalCount nodes { participants { login } } } } }", {}),
    ('{ package(slug: "no-such-package-here") { title } nodes(nodeIds: ["?", "Q2F0ZWdvcnk6MQ=="]) { nodeId } }', {}),
    ('{ a: packages(first: -1) { totalCount } grid(slug: "forms") { packages(first: 2) { title } } }', {}),
    ("{ __schema { queryType { name } } categories { slug } }", {}),
    ("{ __typename }", {}),
]


def app(**settings: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(Settings(upstream="sample", mirror=False, **settings)))
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers=STRICT)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with serve_whole(create_app(Settings(upstream="sample", data_dir=tmp_path_factory.mktemp("data")))) as served:
        yield served


@pytest.fixture
async def gateway(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, timeout=300) as opened:
        yield opened


def explanation_of(response: httpx.Response) -> Any:
    return response.json()["extensions"]["explain"]


def notes_of(response: httpx.Response) -> str:
    return "\n".join(explanation_of(response)["notes"])


@pytest.mark.parametrize(("query", "variables"), QUERIES)
async def test_an_explained_answer_is_the_plain_one_and_its_explanation(
    gateway: httpx.AsyncClient, query: str, variables: dict[str, Any]
) -> None:
    body = {"query": query, "variables": variables}
    for _ in range(2):
        explained = await gateway.post("/graphql", json=body, headers=EXPLAINED)
        plain = await gateway.post("/graphql", json=body)
        assert set(explained.json()) == {*plain.json(), "extensions"}
        assert explained.json()["data"] == plain.json()["data"]
        assert explained.json().get("errors") == plain.json().get("errors")
        assert "extensions" not in plain.json()
        explanation = explanation_of(explained)
        assert set(explanation) == {
            *("executor", "milliseconds", "upstreamRequests", "remembered", "notes", "waves", "layers", "limits"),
        }
        assert explanation["notes"]


async def test_it_is_this_requests_own() -> None:
    """`counted` says how often it ran: an explained one neither takes a ready answer nor becomes one."""
    query = {"query": "{ counted }"}
    async with client() as gateway:
        explained = [await gateway.get("/graphql", params=query, headers=EXPLAINED) for _ in range(2)]
        plain = [await gateway.get("/graphql", params=query) for _ in range(2)]
        posted = await gateway.post("/graphql", json=query, headers=EXPLAINED)
    assert plain[0].json() == plain[1].json()
    assert len({each.json()["data"]["counted"] for each in (*explained, *plain, posted)}) == 4
    for response in (*explained, posted):
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["cache-status"] == "catalogue; fwd=request"
        assert "etag" not in response.headers
    assert plain[1].headers["cache-status"] == "catalogue; hit"


@pytest.mark.parametrize("value", ["0", "", "true", "2", "1, 1"])
async def test_any_other_value_asks_for_none(value: str) -> None:
    async with client() as gateway:
        headers = {"x-catalogue-explain": value}
        first, again = [await gateway.post("/graphql", json={"query": "{ hello }"}, headers=headers) for _ in range(2)]
    assert first.json() == again.json() == {"data": {"hello": "Hello, world!"}}
    assert again.headers["cache-status"] == "catalogue; hit"
    assert not explain.is_asked({})


async def test_the_layers_are_the_operations(gateway: httpx.AsyncClient) -> None:
    body = {"query": NEIGHBOURS, "variables": {"slug": "django-loci"}}
    response = await gateway.post("/graphql", json=body, headers=EXPLAINED)
    explanation, grids = explanation_of(response), response.json()["data"]["package"]["grids"]
    (package,) = explanation["layers"]
    layer = next(each for each in package["layers"] if each["field"] == "grids")
    assert (layer["wave"], layer["parents"], layer["records"]) == (2, 1, len(grids))
    packages = layer["layers"][0]
    assert (packages["function"], packages["wave"]) == ("packages_of_grids", 3)
    assert packages["records"] == sum(len(grid["packages"]) for grid in grids)
    assert [wave["wave"] for wave in explanation["waves"]] == [1, 2, 3, 4]
    assert explanation["upstreamRequests"] == 0


async def test_notes_say_where_the_time_goes_and_what_is_remembered(gateway: httpx.AsyncClient) -> None:
    await gateway.post("/graphql", json={"query": PAGES})
    notes = notes_of(await gateway.post("/graphql", json={"query": PAGES}, headers=EXPLAINED))
    assert "All of the answer is remembered" in notes
    assert "takes longest" in notes
    assert "`packages.nodes.alternatives.nodes" in notes
    assert "a smaller `first` at `packages.nodes.alternatives` makes it fewer" in notes
    assert "It comes near no limit." in notes


async def test_what_is_read_through_is_counted_by_wave_and_batch(fake: FakeUpstream) -> None:
    query = '{ package(slug: "django-loci") { title grids { title } category { title } } }'
    with serve(create_app(Settings(upstream=fake.base_url, mirror=False))) as url:
        async with httpx.AsyncClient(base_url=url, timeout=300) as gateway:
            for is_first in (True, False):
                before = asked_for(fake)
                response = await gateway.post("/graphql", json={"query": query}, headers=EXPLAINED)
                requests, explanation = asked_for(fake) - before, explanation_of(response)
                waves = explanation["waves"]
                assert sum(wave["upstreamRequests"] for wave in waves) == explanation["upstreamRequests"] == requests
                assert bool(requests) is is_first
                if is_first:
                    assert waves[0]["batches"] == [["packages", 1]]
                    assert {loader for loader, _ in waves[1]["batches"]} == {"grids", "categories"}
                    assert "1 key of packages" in notes_of(response)
                    assert "read through" in notes_of(response)


@pytest.mark.parametrize(
    ("settings", "query", "option"),
    [
        ({"max_nodes": 60}, '{ nodes(nodeIds: ["a", "b"]) { nodeId } categories { title } }', None),
        ({"max_cost": 4}, "{ categories { title } a: categories { title } }", "--max-cost` (3 of 4)"),
        ({"max_aliases": 2}, "{ a: __typename b: __typename }", "--max-aliases` (2 of 2)"),
        ({"max_nodes": 6}, "{ categories { title } }", "--max-nodes` (6 of 6)"),
        ({"max_response_bytes": 1024}, LONG, "--max-response-bytes"),
    ],
)
async def test_notes_say_which_limit_it_comes_near(settings: dict[str, int], query: str, option: str | None) -> None:
    async with app(**settings) as gateway:
        response = await gateway.post("/graphql", json={"query": query}, headers=EXPLAINED)
    assert response.status_code == 200
    notes = notes_of(response)
    assert (option in notes) if option else ("It comes near no limit." in notes)


@pytest.mark.parametrize(
    ("settings", "query", "code", "option"),
    [
        ({"max_nodes": 5}, "{ categories { title } }", "MAX_NODES_EXCEEDED", "--max-nodes"),
        ({"max_cost": 2}, "{ categories { title } a: categories { title } }", "MAX_COST_EXCEEDED", "--max-cost"),
    ],
)
async def test_what_a_limit_refuses_is_explained_too(
    settings: dict[str, int], query: str, code: str, option: str
) -> None:
    async with app(**settings) as gateway:
        response = await gateway.post("/graphql", json={"query": query}, headers=EXPLAINED)
        plain = await gateway.post("/graphql", json={"query": query})
    assert response.status_code == plain.status_code == 400
    assert response.json()["errors"] == plain.json()["errors"]
    assert response.json()["errors"][0]["extensions"]["code"] == code
    assert set(response.json()) == {"errors", "extensions"}
    assert f"It goes beyond `{option}`" in notes_of(response)
    assert plain.json().keys() == {"errors"}


async def test_the_stock_executor_is_named_and_why() -> None:
    async with client() as gateway:
        response = await gateway.post("/graphql", json={"query": "{ hello }"}, headers=EXPLAINED)
    explanation = explanation_of(response)
    assert (explanation["executor"], explanation["layers"], explanation["waves"]) == ("stock", [], [])
    assert "field by field, since `Query.hello` is answered one by one" in notes_of(response)


async def test_errors_stay_masked_and_nothing_internal_is_told() -> None:
    async with client() as gateway:
        response = await gateway.post("/graphql", json={"query": "{ broken failing hello }"}, headers=EXPLAINED)
        invalid = await gateway.post("/graphql", json={"query": "{ nope }"}, headers=EXPLAINED)
    assert len(response.json()["errors"]) == 2
    for secret in ("swordfish", "Traceback", ".py", "0x"):
        assert secret not in response.text
    assert invalid.json().keys() == {"errors"}, "what was not executed has nothing to explain"


async def test_each_of_a_batch_is_explained() -> None:
    async with app(batch_limit=2) as gateway:
        body = [{"query": "{ categories { slug } }"}, {"query": "{ __typename }"}]
        response = await gateway.post("/graphql", json=body, headers=EXPLAINED)
    assert [each["extensions"]["explain"]["executor"] for each in response.json()] == ["layered", "layered"]


async def test_pages_of_other_sites_may_send_it() -> None:
    async with app(cors_origins=("https://app.example",)) as gateway:
        headers = {
            "origin": "https://app.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "x-catalogue-explain, content-type",
        }
        response = await gateway.options("/graphql", headers=headers)
    assert response.status_code == 200
    assert "x-catalogue-explain" in response.headers["access-control-allow-headers"].lower()


async def test_a_trace_is_asked_for_beside_it() -> None:
    """A router's trace runs field by field and is complete by itself; the answer has no explanation then."""
    async with client() as gateway:
        headers = {**EXPLAINED, "apollo-federation-include-trace": "ftv1"}
        response = await gateway.post("/graphql", json={"query": "{ hello }"}, headers=headers)
    assert response.json()["extensions"].keys() == {"ftv1"}


def test_every_limit_that_is_named_is_a_setting() -> None:
    settings = {name.replace("_", "-") for name in Settings.__dataclass_fields__}
    assert {*explain._CURES, *explain._EXCEEDED.values()} <= settings
