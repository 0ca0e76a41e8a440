import re
from pathlib import Path

import httpx
import pytest
from graphql import build_schema
from starlette.responses import HTMLResponse, StreamingResponse
from starlette.routing import Route

from tests.web.serving import serve
from tests.web.toy import client, toy_app
from web.app import STATIC
from web.middleware import CONTENT_SECURITY_POLICY

BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/graphql", "/graphql?query=%7B%20hello%20%7D&variables=%7B%7D"])
async def test_a_browser_gets_graphiql(path: str) -> None:
    async with client() as gateway:
        page = await gateway.get(path, headers=BROWSER)
        head = await gateway.head(path, headers=BROWSER)
    assert page.status_code == head.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert page.headers["vary"] == "Accept, Accept-Encoding"
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["x-request-id"]
    assert page.content == (STATIC / "graphiql" / "index.html").read_bytes()
    assert head.content == b""


async def test_a_browser_that_posts_gets_json() -> None:
    async with client() as gateway:
        response = await gateway.post("/graphql", json={"query": "{ hello }"}, headers=BROWSER)
    assert response.json() == {"data": {"hello": "Hello, world!"}}


def test_the_content_security_policy_is_strict() -> None:
    assert "default-src 'none'; script-src 'self';" in CONTENT_SECURITY_POLICY
    assert "unsafe-eval" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


def asset() -> str:
    found = re.search(r'src="(static/[^"]+\.js)"', (STATIC / "graphiql" / "index.html").read_text())
    assert found
    return f"/{found[1]}"


@pytest.mark.parametrize(("coding", "suffix"), [("br", ".br"), ("gzip", ".gz"), ("gzip, br", ".br"), ("zstd", "")])
async def test_built_files_are_served_compressed_and_for_ever(coding: str, suffix: str) -> None:
    path = STATIC / Path(asset()).relative_to("/static")
    async with (
        client() as gateway,
        gateway.stream("GET", asset(), headers={"accept-encoding": coding}) as response,
    ):
        body = b"".join([piece async for piece in response.aiter_raw()])
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/javascript; charset=utf-8"
    assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert response.headers["vary"] == "Accept-Encoding"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert ("content-encoding" in response.headers) is bool(suffix)
    assert body == Path(f"{path}{suffix}").read_bytes()  # noqa: ASYNC240


async def test_a_built_file_is_validated() -> None:
    async with client() as gateway:
        first = await gateway.get(asset(), headers={"accept-encoding": "br"})
        same = await gateway.get(asset(), headers={"accept-encoding": "br", "if-none-match": first.headers["etag"]})
        plain = await gateway.get(asset(), headers={"if-none-match": first.headers["etag"]})
    assert same.status_code == 304
    assert plain.status_code == 200, "each coding has its own tag"


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/static/nothing.js",
        "/static/",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/%00",
        "/static/" + "a/" * 30_000,
    ],
)
async def test_an_unknown_path_is_a_404_in_json(path: str) -> None:
    async with client() as gateway:
        response = await gateway.get(path)
    assert response.status_code == 404
    assert response.json() == {
        "errors": [{"message": "Not Found. GraphQL is at /graphql.", "extensions": {"code": "NOT_FOUND"}}]
    }
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-frame-options"] == "DENY"


async def test_a_wrong_method_is_a_405_in_json() -> None:
    async with client() as gateway:
        response = await gateway.post("/healthz")
    assert response.status_code == 405
    assert response.json()["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
    assert set(response.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_the_schema_is_served() -> None:
    async with client() as gateway:
        response = await gateway.get("/schema.graphql", headers={"accept-encoding": "gzip"})
        same = await gateway.get("/schema.graphql", headers={"if-none-match": response.headers["etag"]})
        changed = await gateway.get("/schema.graphql", headers={"if-none-match": '"other"'})
    assert build_schema(response.text, assume_valid_sdl=True).query_type
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.headers["vary"] == "Accept-Encoding"
    assert (same.status_code, same.content) == (304, b"")
    assert changed.status_code == 200


async def pages(request: object) -> HTMLResponse:
    return HTMLResponse("<p>page</p>" * 500)


async def streams(request: object) -> StreamingResponse:
    return StreamingResponse((b"piece " * 500 for _ in range(3)), media_type="text/plain")


async def breaks(request: object) -> HTMLResponse:
    raise RuntimeError("the password is swordfish")


ROUTES = [Route("/page", pages), Route("/stream", streams), Route("/bug", breaks)]


async def test_other_pages_are_safe_and_compressed() -> None:
    async with client(toy_app(routes=ROUTES)) as gateway:
        page = await gateway.get("/page", headers={"accept-encoding": "br", "x-request-id": "r1"})
        plain = await gateway.get("/page")
        stream = await gateway.get("/stream", headers={"accept-encoding": "br"})
    assert page.headers["content-encoding"] == "br"
    assert page.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert page.headers["x-request-id"] == "r1"
    assert page.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
    assert page.text == plain.text
    assert len(stream.content) == 9000


def test_a_bug_in_a_page_is_a_masked_500() -> None:
    with serve(toy_app(routes=ROUTES)) as url:
        response = httpx.get(f"{url}/bug")
    assert response.status_code == 500
    assert response.json() == {
        "errors": [{"message": "Internal Server Error.", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]
    }
    assert response.headers["x-content-type-options"] == "nosniff"


PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


class TestCors:
    async def test_it_is_off_by_default(self) -> None:
        async with client() as gateway:
            headers = {"origin": "https://app.example"}
            answer = await gateway.post("/graphql", json={"query": "{ hello }"}, headers=headers)
            preflight = await gateway.options("/graphql", headers=headers | PREFLIGHT)
        for response in (answer, preflight):
            assert not any(name.startswith("access-control") for name in response.headers)

    async def test_a_named_origin_may_read(self) -> None:
        headers = {"origin": "https://app.example"}
        async with client(cors_origins=("https://app.example",)) as gateway:
            answer = await gateway.post("/graphql", json={"query": "{ hello }"}, headers=headers)
            preflight = await gateway.options("/graphql", headers=headers | PREFLIGHT)
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert exposed == ["Age", "Cache-Status", "Retry-After", "Server-Timing", "X-Request-Id"]
        assert preflight.status_code == 200
        assert preflight.headers["access-control-allow-headers"] == "content-type"
        assert preflight.headers["access-control-max-age"] == "86400"
        for response in (answer, preflight):
            assert "access-control-allow-credentials" not in response.headers
            assert len(response.headers.get_list("x-request-id")) == 1
            assert response.headers.get_list("x-content-type-options") == ["nosniff"]

    async def test_another_origin_may_not(self) -> None:
        headers = {"origin": "https://evil.example"}
        async with client(cors_origins=("https://app.example",)) as gateway:
            answer = await gateway.post("/graphql", json={"query": "{ hello }"}, headers=headers)
            preflight = await gateway.options("/graphql", headers=headers | PREFLIGHT)
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-origin" not in preflight.headers
        error = {"message": "Disallowed CORS origin.", "extensions": {"code": "CORS_NOT_ALLOWED"}}
        assert (preflight.status_code, preflight.json()) == (400, {"errors": [error]})
        assert preflight.headers["content-type"] == "application/json"

    async def test_caches_are_told_that_the_origin_matters(self) -> None:
        async with client(cors_origins=("https://app.example",)) as gateway:
            plain = await gateway.get("/graphql", params={"query": "{ hello }"})
            named = await gateway.get(
                "/graphql", params={"query": "{ hello }"}, headers={"origin": "https://app.example"}
            )
        assert plain.headers["vary"] == "Accept, Accept-Encoding, Origin"
        assert named.headers["vary"].count("Origin") == 1

    async def test_all_origins_may_be_allowed(self) -> None:
        async with client(cors_origins=("*",)) as gateway:
            headers = {"origin": "https://any.example", "cookie": "a=b"}
            answer = await gateway.get("/graphql", params={"query": "{ hello }"}, headers=headers)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
