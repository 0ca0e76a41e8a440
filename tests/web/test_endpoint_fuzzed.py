"""Whatever comes in: a GraphQL response comes out, and never a 500."""

import asyncio
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.toy import toy_app

APP = toy_app(batch_limit=3)

names = st.sampled_from(
    ["query", "variables", "operationName", "extensions", "documentId", "id", "persistedQuery", "x"]
)
texts = st.sampled_from(["{ hello }", "{ long }", "query Q($n: String) { hello(name: $n) }", "{", "Q", "1"]) | st.text()
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(), inner, max_size=4),
    max_leaves=8,
)
bodies = (
    st.binary()
    | values.map(lambda value: json.dumps(value).encode())
    | st.text().map(lambda query: json.dumps({"query": query}).encode())
)
headers = st.dictionaries(
    st.sampled_from(
        [
            b"accept",
            b"accept-encoding",
            b"x-request-id",
            b"if-none-match",
            b"cache-control",
            b"content-length",
            b"origin",
        ]
    ),
    st.binary()
    | st.sampled_from(
        [b"*/*", b"gzip;q=0.1, br", b"application/json;q=0", b"text/html", b"no-cache", b"application/*"]
    ),
)


async def ask(
    method: str, query: bytes, body: bytes, headers: dict[bytes, bytes]
) -> tuple[int, dict[bytes, bytes], bytes]:
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": method,
        "path": "/graphql",
        "query_string": query,
        "headers": [(b"content-type", b"application/json"), *headers.items()],
    }

    received = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in received:
            return message
        # The client stays.
        return await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    await APP(scope, receive, send)
    start, *rest = sent
    return start["status"], dict(start["headers"]), b"".join(message["body"] for message in rest)


def check(status: int, headers: dict[bytes, bytes], body: bytes) -> None:
    assert status in (200, 304, 400, 405, 406, 413)
    assert headers[b"x-content-type-options"] == b"nosniff"
    if status == 304 or b"content-encoding" in headers or headers[b"content-type"].startswith(b"text/html"):
        return
    decoded = json.loads(body)
    for response in decoded if isinstance(decoded, list) else [decoded]:
        assert set(response) <= {"data", "errors"}
        assert response
        for error in response.get("errors", []):
            assert error["message"]
            assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR"


@settings(max_examples=300, deadline=None)
@given(bodies, headers)
async def test_any_post(body: bytes, headers: dict[bytes, bytes]) -> None:
    check(*await ask("POST", b"", body, headers))


@settings(max_examples=300, deadline=None)
@given(st.binary() | texts.map(lambda text: b"query=" + text.encode(errors="surrogatepass")), headers)
async def test_any_get(query: bytes, headers: dict[bytes, bytes]) -> None:
    check(*await ask("GET", query, b"", headers))
