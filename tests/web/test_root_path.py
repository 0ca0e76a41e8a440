"""Under a path of another application or a proxy, which strips it or does not."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from server import create_app
from settings import Settings

BROWSER = {"accept": "text/html,*/*;q=0.8"}


@cache
def sample(root_path: str = "") -> ASGIApp:
    return create_app(Settings(upstream="sample", mirror=False, root_path=root_path, serve_example=True))


def behind(app: ASGIApp, *, root_path: str = "", stripped: bool = False, prefixed: bool = False) -> ASGIApp:
    """Put a proxy that publishes /x and may strip it, and a server with its own `root_path`, in front of the gateway.

    A server puts its root path before what it gets (`prefixed`), as uvicorn does, or leaves the path as it is.
    """

    async def called(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix("/x") if stripped else scope["path"]
        await app({**scope, "root_path": root_path, "path": root_path + path if prefixed else path}, receive, send)

    return called


MOUNTED: dict[str, Callable[[], ASGIApp]] = {
    "mounted": lambda: Starlette(routes=[Mount("/x", sample())]),
    "mounted deeper": lambda: Starlette(routes=[Mount("/x", Starlette(routes=[Mount("/y", sample())]))]),
    "setting, stripped": lambda: behind(sample("/x"), stripped=True),
    "setting, not stripped": lambda: behind(sample("/x")),
    "uvicorn's option, stripped": lambda: behind(sample(), root_path="/x", stripped=True, prefixed=True),
    "uvicorn's option, not stripped": lambda: behind(sample(), root_path="/x", prefixed=True),
    "another server's option, stripped": lambda: behind(sample(), root_path="/x", stripped=True),
    "both, not stripped": lambda: behind(sample("/x"), root_path="/x", prefixed=True),
    "stripped, without a word": lambda: behind(sample(), stripped=True),
}


@pytest.fixture(params=MOUNTED)
async def gateway(request: pytest.FixtureRequest) -> httpx.AsyncClient:
    base = "http://gateway/x/y/" if request.param == "mounted deeper" else "http://gateway/x/"
    return httpx.AsyncClient(transport=httpx.ASGITransport(MOUNTED[request.param]()), base_url=base)


@pytest.mark.parametrize("path", ["graphql", "graphql/"])
async def test_queries_are_answered(gateway: httpx.AsyncClient, path: str) -> None:
    query = {"query": "{ __typename }"}
    for response in (await gateway.post(path, json=query), await gateway.get(path, params=query)):
        assert response.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("path", ["", "graphql", "graphql/", "example/", "docs/", "docs/http/"])
async def test_all_that_a_page_links_to_is_there(gateway: httpx.AsyncClient, path: str) -> None:
    page = await gateway.get(path, headers=BROWSER)
    assert page.headers["content-type"].startswith("text/html")
    links = re.findall(r'(?:src|href)="([^"#]+)"', page.text)
    assert links
    assert [link for link in links if link.startswith("/")] == []
    for link in links:
        if not link.startswith("http") and not (path == "graphql/" and link == "schema.graphql"):
            found = await gateway.get(urljoin(str(page.url), link), headers=BROWSER)
            assert found.status_code == 200, link


@pytest.mark.parametrize("path", ["healthz", "schema.graphql", "subgraph.graphql", "examples.json"])
async def test_the_rest_is_there(gateway: httpx.AsyncClient, path: str) -> None:
    assert (await gateway.get(path)).status_code == 200


async def test_where_its_lifespan_is_not_run_it_says_so() -> None:
    """A `Mount` of Starlette's does not run it, and without it there is no mirror."""
    settings = Settings(upstream="sample", data_dir=Path(":memory:"), mirror_wait=0)
    app = Starlette(routes=[Mount("/x", create_app(settings))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as gateway:
        answer = (await gateway.post("/x/graphql", json={"query": "{ packages { totalCount } }"})).json()
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "CATALOGUE_SYNCING"
    assert "must run its lifespan" in error["message"]


async def test_what_is_not_there_is_a_404(gateway: httpx.AsyncClient) -> None:
    for path in ("nothing", "graphql/nothing", "graphqlx"):
        assert (await gateway.get(path)).json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("name", [each for each in MOUNTED if each != "stripped, without a word"])
async def test_who_asks_at_a_wrong_path_is_told_the_right_one(name: str) -> None:
    base, endpoint = ("/x/y/", "/x/y/graphql") if name == "mounted deeper" else ("/x/", "/x/graphql")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(MOUNTED[name]()), base_url=f"http://gateway{base}"
    ) as gateway:
        for response in (await gateway.post(""), await gateway.post("grahpql"), await gateway.get("api")):
            assert response.status_code in (404, 405)
            assert response.json()["errors"][0]["message"].endswith(f"GraphQL is at {endpoint}.")


@pytest.mark.parametrize("name", [each for each in MOUNTED if each != "stripped, without a word"])
async def test_the_landing_page_shows_the_address_under_the_path(name: str) -> None:
    base = "http://gateway/x/y/" if name == "mounted deeper" else "http://gateway/x/"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(MOUNTED[name]()), base_url=base) as gateway:
        assert f"<code>{base}graphql</code>" in (await gateway.get("")).text


async def test_without_a_path_nothing_changes() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sample()), base_url="http://gateway") as gateway:
        assert (await gateway.post("/graphql", json={"query": "{ __typename }"})).status_code == 200
        assert (await gateway.post("/x/graphql", json={"query": "{ __typename }"})).status_code == 404


def test_no_file_of_a_page_names_an_address_from_the_root() -> None:
    """Scripts fetch and import by relative addresses too."""
    pages = Path(__file__).parents[2] / "web"
    for path in [*pages.glob("static/*/assets/index-*.js"), *pages.glob("frontend/assets/index-*.js")]:
        assert not re.search(r"""["'`]/(graphql|static|example)\b""", path.read_text()), path
