"""A gateway as its systemd unit starts it, and nginx with TLS and a prefix in front of it."""

import configparser
import json
import re
import shlex
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import connect

import server
from settings import Settings
from tests.clients.nginx import publishing
from tests.deploy.conftest import DATA_DIR, DEPLOY
from tests.patience import PATIENCE
from tests.web.serving import serve
from web.workers import KILL_SECONDS

SITE = (DEPLOY / "nginx/prefix.conf").read_text()


def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(DEPLOY / "catalogue-gateway.service")
    return parser


def settings() -> Settings:
    """Return the settings of the unit's command, with the sample."""
    service = unit()["Service"]
    command, *options = shlex.split(service["ExecStart"])
    assert command.endswith("/bin/catalogue-gateway")
    values = server.commands.make_context("server", options).params
    assert str(values["data_dir"]) == f"/var/cache/{service['CacheDirectory']}" == DATA_DIR
    return Settings(**{**values, "upstream": "sample", "data_dir": None, "mirror": False})


@contextmanager
def nginx(gateway: str, folder: Path) -> Iterator[httpx.Client]:
    """Run nginx as the guide says until the block ends; yields a client of it that trusts its certificate."""
    certificate, key = folder / "x.pem", folder / "x.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=catalogue.example", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    site = SITE.replace("listen 443", f"listen 127.0.0.1:{port}").replace("http://127.0.0.1:8000", gateway)
    site = re.sub(r"/etc/ssl/\S+\.pem", str(certificate), site)
    site = re.sub(r"/etc/ssl/\S+\.key", str(key), site)
    trust = ssl.create_default_context(cafile=str(certificate))
    with (
        publishing(site, folder),
        httpx.Client(verify=trust, base_url=f"https://127.0.0.1:{port}/catalogue/", timeout=PATIENCE) as client,
    ):
        yield client


def test_the_gateway_is_there_under_the_prefix(tmp_path: Path) -> None:
    with serve(server.create_app(settings())) as url, nginx(url, tmp_path) as client:
        query = {"query": '{ package(slug: "django-loci") { title } }'}
        assert client.post("graphql", json=query).json() == {"data": {"package": {"title": "django-loci"}}}
        for path in ("", "graphql", "docs/", "docs/http/", "schema.graphql", "healthz"):
            answer = client.get(path, headers={"accept": "text/html,*/*;q=0.8"})
            assert answer.status_code == 200, path
        assert f"<code>{client.base_url}graphql</code>" in client.get("").text
        assert client.get("docs/http").headers["location"] == f"{client.base_url}docs/http/"


def test_subscriptions_pass_by_websocket_and_as_events(tmp_path: Path) -> None:
    query = "subscription { catalogueChanged { version } }"
    with serve(server.create_app(settings())) as url, nginx(url, tmp_path) as client:
        trust = ssl.create_default_context(cafile=str(tmp_path / "x.pem"))
        address = str(client.base_url).replace("https", "wss") + "graphql"
        origin = str(client.base_url).removesuffix("/catalogue/")
        options: dict[str, Any] = {"subprotocols": ["graphql-transport-ws"], "origin": origin, "ssl": trust}
        with connect(address, **options) as websocket:
            websocket.send('{"type": "connection_init"}')
            assert json.loads(websocket.recv(PATIENCE)) == {"type": "connection_ack"}
            websocket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
            (error,) = json.loads(websocket.recv(PATIENCE))["payload"]
        assert error["extensions"]["code"] == "MIRROR_OFF"
        with client.stream(
            "GET", "graphql", params={"query": query}, headers={"accept": "text/event-stream"}
        ) as stream:
            lines = list(stream.iter_lines())
        assert json.loads(lines[1].removeprefix("data: "))["errors"][0]["extensions"]["code"] == "MIRROR_OFF"


def test_the_proxy_waits_longer_than_the_gateway() -> None:
    waits = re.search(r"proxy_read_timeout (\d+)s", SITE)
    assert waits is not None
    assert int(waits[1]) > settings().operation_timeout
    assert int(unit()["Service"]["TimeoutStopSec"]) > KILL_SECONDS
