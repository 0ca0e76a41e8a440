import hashlib
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from server import create_app
from settings import Settings
from tests.clients.conftest import HERE
from tests.clients.nginx import publishing, running_nginx
from tests.clients.recording import Recorder
from tests.patience import PATIENCE
from tests.web.serving import serve

QUERY = {
    "query": '{ package(slug: "django-loci") { title grids { packages { slug title repoUrl repoDescription } } } }'
}


@contextmanager
def nginx(gateway: str, folder: Path) -> Iterator[httpx.Client]:
    """Run nginx in front of a gateway until the block ends; yields a client of it."""
    text = (HERE / "nginx.conf").read_text().replace("FOLDER", str(folder)).replace("GATEWAY", gateway)
    with running_nginx(text, folder):
        transport = httpx.HTTPTransport(uds=str(folder / "nginx.sock"))
        with httpx.Client(transport=transport, base_url="http://catalogue") as client:
            yield client


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(create_app(Settings(upstream="sample")))


@pytest.fixture
def cached(recorder: Recorder, tmp_path: Path) -> Iterator[httpx.Client]:
    with serve(recorder) as url, nginx(url, tmp_path) as client:
        yield client


def get(client: httpx.Client, query: Mapping[str, str] = QUERY, **headers: str) -> tuple[str, httpx.Response]:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    response = client.get("/graphql", params=query, headers={"accept-encoding": "identity", **names})
    return response.headers["x-cache"], response


def test_a_get_is_answered_from_the_cache(cached: httpx.Client, recorder: Recorder) -> None:
    first, answer = get(cached)
    second, again = get(cached)
    assert (first, second) == ("MISS", "HIT")
    assert answer.json() == again.json()
    assert answer.json()["data"]["package"]["title"] == "django-loci"
    assert len(recorder.exchanges) == 1


def test_a_client_validates_against_the_cache(cached: httpx.Client, recorder: Recorder) -> None:
    _, answer = get(cached)
    status, same = get(cached, if_none_match=answer.headers["etag"])
    assert (status, same.status_code, same.content) == ("HIT", 304, b"")
    assert len(recorder.exchanges) == 1


def test_the_cache_keeps_apart_what_differs(cached: httpx.Client) -> None:
    kinds: list[dict[str, str]] = [
        {},
        {"accept_encoding": "gzip"},
        {"accept_encoding": "br"},
        {"accept": "application/graphql-response+json"},
        {"accept": "text/html"},
    ]
    first = [get(cached, QUERY, **kind)[1] for kind in kinds]
    second = [get(cached, QUERY, **kind) for kind in kinds]
    assert [(answer.headers["content-type"], answer.headers.get("content-encoding")) for answer in first] == [
        ("application/json; charset=utf-8", None),
        ("application/json; charset=utf-8", "gzip"),
        ("application/json; charset=utf-8", "br"),
        ("application/graphql-response+json; charset=utf-8", None),
        ("text/html; charset=utf-8", None),
    ]
    assert [status for status, _ in second[:4]] == ["HIT"] * 4
    assert [answer.content for _, answer in second] == [answer.content for answer in first]


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": "{ nope }"},
        {"query": '{ package(id: "1", slug: "a") { title } }'},
        {"extensions": '{"persistedQuery": {"version": 1, "sha256Hash": "unknown"}}'},
        {},
    ],
    ids=["request error", "partial answer", "unknown hash", "no query"],
)
def test_errors_are_not_cached(cached: httpx.Client, parameters: dict[str, Any]) -> None:
    assert [get(cached, parameters)[0] for _ in range(2)] == ["MISS", "MISS"]


def test_a_post_passes_through(cached: httpx.Client, recorder: Recorder) -> None:
    answers = [cached.post("/graphql", json=QUERY) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(recorder.exchanges) == 2


def test_a_document_by_its_hash_is_cached(cached: httpx.Client, recorder: Recorder) -> None:
    sha256 = hashlib.sha256(QUERY["query"].encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256}}
    cached.post("/graphql", json={**QUERY, "extensions": extensions})
    named = {"documentId": f"sha256:{sha256}"}
    assert [get(cached, named)[0] for _ in range(2)] == ["MISS", "HIT"]


SLOW = """
  server {
    listen unix:FOLDER/nginx.sock;
    client_header_timeout 1s;
    client_body_timeout 1s;
    location / { proxy_pass GATEWAY; }
  }
"""


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{",
    ],
)
def test_slow_clients_never_reach_a_server_that_has_no_bounds_for_them(
    recorder: Recorder, tmp_path: Path, sent: bytes
) -> None:
    site = SLOW.replace("FOLDER", str(tmp_path))
    with (
        serve(recorder) as url,
        publishing(site.replace("GATEWAY", url), tmp_path),
        socket.socket(socket.AF_UNIX) as client,
    ):
        client.settimeout(PATIENCE)
        client.connect(str(tmp_path / "nginx.sock"))
        client.sendall(sent)
        received = b"".join(iter(lambda: client.recv(65536), b""))
    assert received == b"" or b" 408 " in received
    assert recorder.exchanges == []
