"""A stub upstream: REST API v4 over the synthetic catalogue, with a settable latency, counting what it is asked.

`python -m benchmarks.stub` serves until it is stopped; `async with running(catalogue) as stub` serves inside a test.

It answers as the upstream does: lists with `limit` and `offset` (no cap, bad values ignored), one by id or slug,
search, JSON and HTML 404s, 301 for a missing slash, 405, 500 for a NUL, links with the request's Host. Left out:
content negotiation (`Accept`, `format`), cookies, credentials, pipelining, and the closing of idle connections.

Control endpoints, never delayed and never counted:
`GET /stub/stats`, `POST /stub/reset` (the counters), `POST /stub/latency?ms=50` or `?model=real`,
`POST /stub/fault?name=503&share=0.3` (one of those in `replies.py`, or `none`), and `POST /stub/change?packages=200`,
which goes on to the catalogue's next state, as `changes.py` makes it.

It is plain asyncio over httptools, with bodies encoded beforehand, because it must cost little beside what is measured.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlencode

import click
import httptools
import msgspec

from benchmarks.catalogue import PACKAGES, Catalogue, GridRow, PackageRow, make_catalogue
from benchmarks.changes import CHANGED, changed
from benchmarks.replies import FAULTS, HTML, PAGE, Fault, Reply

PREFIX = "/api/v4/"
_DEFAULT_LIMIT = 20
_LARGEST_INT = 2**63 - 1
_SEARCH_HITS = 20
_SINGULAR = {"packages": "Package", "grids": "Grid", "categories": "Category"}

Rows = Mapping[int, Mapping[str, Any]]

Latency = Callable[[str, int], float]
"""From the kind of a request (`list`, `detail`, `search`, `other`) and its number of rows to seconds."""


def fixed(milliseconds: float) -> Latency:
    """Return a latency that is the same for every request."""
    return lambda kind, rows: milliseconds / 1000


def real(kind: str, rows: int) -> float:
    """Return the real upstream's cost in seconds: one 15 ms, a page of 100 112 ms, of 1,000 760 ms, a search 70 ms."""
    if kind == "list":
        return (40 + 0.72 * rows) / 1000
    return 0.070 if kind == "search" else 0.015


@dataclass
class Stats:
    """What the stub was asked since the last reset; `in_flight` counts requests read and not yet answered."""

    requests: int = 0
    by_kind: dict[str, int] = field(default_factory=Counter)
    by_status: dict[int, int] = field(default_factory=Counter)
    by_rows: dict[int, int] = field(default_factory=Counter)
    faults: int = 0
    in_flight: int = 0
    max_in_flight: int = 0
    connections: int = 0


class Api:
    """API v4 over one catalogue for one `Host`: from a target to an answer, without waiting."""

    def __init__(self, catalogue: Catalogue, host: str) -> None:
        """Encode every body once; `host` is what the links begin with, `name:port`."""
        self.base = f"http://{host}{PREFIX}"
        self.bodies: dict[str, dict[int, bytes]] = {"packages": {}, "grids": {}, "categories": {}}
        self.catalogue = Catalogue({}, {}, {})
        self.take(catalogue)

    def take(self, catalogue: Catalogue) -> None:
        """Go on to another state; only what is not the same is encoded anew."""
        known = self.catalogue

        def bodies(kind: str, before: Rows, now: Rows, written: Callable[[Any], object]) -> dict[int, bytes]:
            old = self.bodies[kind]
            return {id_: old[id_] if before.get(id_) is row else _encode(written(row)) for id_, row in now.items()}

        self.bodies = {
            "packages": bodies("packages", known.packages, catalogue.packages, self._package),
            "grids": bodies("grids", known.grids, catalogue.grids, self._grid),
            "categories": bodies("categories", known.categories, catalogue.categories, dict),
        }
        self.catalogue = catalogue
        self.search = lru_cache(maxsize=1024)(self._search)
        self.descending = {kind: list(reversed(bodies.values())) for kind, bodies in self.bodies.items()}
        self.ids = {
            "packages": {row["slug"]: id_ for id_, row in catalogue.packages.items()},
            "grids": {row["slug"]: id_ for id_, row in catalogue.grids.items()},
        }

    def answer(self, target: str) -> Reply:
        """Answer a GET of `target` (path and query, percent-encoded as on the wire)."""
        raw_path, _, query = target.partition("?")
        path = unquote(raw_path)
        if "\0" in path:
            return _html(500)
        if path == PREFIX:
            kinds = ("packages", "search", "grids", "categories")
            return Reply(200, _encode({kind: f"{self.base}{kind}/" for kind in kinds}))
        match = re.fullmatch(rf"{PREFIX}(packages|grids|categories|search)(?:/([^/]+))?(/?)", path)
        if match is None:
            return _html(404)
        kind, key, slash = match.groups()
        if kind == "search" and key is not None:
            return _html(404)
        if not slash:
            location = f"{raw_path}/" + (f"?{query}" if query else "")
            return Reply(301, b"", content_type=HTML, headers=f"Location: {location}\r\n")
        if key is not None:
            return self._detail(kind, key)
        parameters = dict(parse_qsl(query, keep_blank_values=True))
        return self.search(parameters.get("q", "")) if kind == "search" else self._list(kind, parameters)

    def _detail(self, kind: str, key: str) -> Reply:
        if not re.fullmatch(r"\d+" if kind == "categories" else r"[\w-]+", key):
            return Reply(404, b'{"detail":"Not found."}', "detail")
        id_ = int(key) if key.isdecimal() else self.ids[kind].get(key)
        body = self.bodies[kind].get(id_) if id_ is not None else None
        if body is None:
            return Reply(404, _encode({"detail": f"No {_SINGULAR[kind]} matches the given query."}), "detail")
        return Reply(200, body, "detail", 1)

    def _list(self, kind: str, parameters: dict[str, str]) -> Reply:
        limit = _integer(parameters.get("limit"), least=1) or _DEFAULT_LIMIT
        offset = _integer(parameters.get("offset"), least=0) or 0
        if max(limit, offset) > _LARGEST_INT:
            return _html(500)
        rows = self.descending[kind]
        window = rows[offset : offset + limit]

        def link(start: int) -> str:
            wanted = {**parameters, "limit": str(limit), "offset": str(start)}
            if start <= 0:
                del wanted["offset"]
            return f"{self.base}{kind}/?{urlencode(sorted(wanted.items()))}"

        head = {
            "count": len(rows),
            "next": link(offset + limit) if offset + limit < len(rows) else None,
            "previous": link(offset - limit) if offset > 0 else None,
        }
        body = b'%b,"results":[%b]}' % (_encode(head)[:-1], b",".join(window))
        return Reply(200, body, "list", len(window))

    def _search(self, query: str) -> Reply:
        """Answer at most 20 hits whose title or description contains the query, the heaviest first."""
        if "\0" in query:
            return _html(500)
        needle = query.strip().lower()
        hits: list[dict[str, object]] = []
        if needle:
            hits = [self._grid_hit(row) for row in self.catalogue.grids.values() if needle in row["title"].lower()]
            hits += [
                self._package_hit(row)
                for row in self.catalogue.packages.values()
                if needle in row["title"].lower() or needle in row["repo_description"].lower()
            ]
            hits.sort(key=lambda hit: (-cast(int, hit["weight"]), cast(str, hit["slug"])))
        return Reply(200, _encode(hits[:_SEARCH_HITS]), "search", min(len(hits), _SEARCH_HITS))

    def _package(self, row: PackageRow) -> dict[str, object]:
        category, grids = (
            f"{self.base}categories/{row['category']}/",
            [f"{self.base}grids/{id_}/" for id_ in row["grids"]],
        )
        return {**row, "category": category, "grids": grids}

    def _grid(self, row: GridRow) -> dict[str, object]:
        return {**row, "packages": [f"{self.base}packages/{id_}/" for id_ in row["packages"]]}

    def _package_hit(self, row: PackageRow) -> dict[str, object]:
        return _hit(row, "package") | {
            "description": row["repo_description"],
            "weight": 20 + min(60, row["repo_watchers"]),
            "category": self.catalogue.categories[row["category"]]["title"],
            "repo_watchers": row["repo_watchers"],
            "repo_forks": row["repo_forks"],
            "score": row["repo_watchers"],
            "participants": ",".join(row["participants"]),
            "last_committed": row["last_updated"],
            "last_released": row["last_updated"],
        }

    def _grid_hit(self, row: GridRow) -> dict[str, object]:
        return _hit(row, "grid") | {"description": row["description"], "weight": 32}


def _hit(row: PackageRow | GridRow, item_type: str) -> dict[str, object]:
    return {
        "description": "",
        "title": row["title"],
        "title_no_prefix": row["title"],
        "slug_no_prefix": row["slug"],
        "clean_title": row["title"],
        "absolute_url": f"/{item_type}s/{item_type[0]}/{row['slug']}/",
        "created": row["created"],
        "modified": row["modified"],
        "weight": 0,
        "item_type": item_type,
        "slug": row["slug"],
        "category": "",
        "repo_watchers": 0,
        "repo_forks": 0,
        "pypi_downloads": 0,
        "score": 0,
        "usage": 0,
        "participants": "",
        "last_committed": None,
        "last_released": None,
    }


class Stub:
    """The state that all connections share: the catalogue, the latency in force, the counters."""

    def __init__(self, catalogue: Catalogue, latency: Latency) -> None:
        """Serve `catalogue`, each answer after `latency`."""
        self.latency = latency
        self.stats = Stats()
        self.url = ""
        """Base of the API with a trailing slash, once the stub is running."""
        self.catalogue = catalogue
        self._apis: dict[str, Api] = {}
        self._changes = 0
        self._fault: Fault | None = None
        self._share = 0.0
        self._random = random.Random(4)

    def api(self, host: str) -> Api:
        """Return the API as a client of this `Host` sees it."""
        if host not in self._apis:
            self._apis[host] = Api(self.catalogue, host)
        return self._apis[host]

    def change(self, count: int = CHANGED) -> None:
        """Go on to the catalogue's next state, in which `count` packages are others."""
        self._changes += 1
        self.catalogue = changed(self.catalogue, self._changes, count)
        for api in self._apis.values():
            api.take(self.catalogue)

    def fault(self) -> Fault | None:
        """Return what is to happen to this reply."""
        if self._fault is None or self._random.random() >= self._share:
            return None
        self.stats.faults += 1
        return self._fault

    def control(self, method: str, target: str) -> Reply:
        """Answer a control endpoint."""
        path, _, query = target.partition("?")
        parameters = dict(parse_qsl(query))
        if (method, path) == ("GET", "/stub/stats"):
            return Reply(200, _encode(self.stats))
        if (method, path) == ("POST", "/stub/reset"):
            self.stats = Stats(in_flight=self.stats.in_flight, max_in_flight=self.stats.in_flight)
        elif (method, path) == ("POST", "/stub/latency") and parameters.get("model") == "real":
            self.latency = real
        elif (method, path) == ("POST", "/stub/latency") and "ms" in parameters:
            self.latency = fixed(float(parameters["ms"]))
        elif (method, path) == ("POST", "/stub/change"):
            self.change(int(parameters.get("packages", CHANGED)))
        elif (method, path) == ("POST", "/stub/fault") and parameters.get("name", "none") in {"none", *FAULTS}:
            self._fault = FAULTS.get(parameters.get("name", "none"))
            self._share = float(parameters.get("share", "1"))
        else:
            return Reply(404, b'{"detail":"No such control endpoint."}')
        return Reply(200, b"{}")


class Connection(asyncio.Protocol):
    """One keep-alive connection; its client sends the next request when the last one is answered."""

    def __init__(self, stub: Stub) -> None:
        """Serve one client of `stub`."""
        self.stub = stub
        self.parser = httptools.HttpRequestParser(self)
        self.loop = asyncio.get_running_loop()
        self.target = self.host = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)
        self.stub.stats.connections += 1

    def data_received(self, data: bytes) -> None:
        """Feed the parser, which calls the `on_` methods; close on what is not HTTP."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin a request."""
        self.target = self.host = ""

    def on_url(self, url: bytes) -> None:
        """Take a part of the target."""
        self.target += url.decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take the Host; no other header matters here."""
        if name.lower() == b"host":
            self.host = value.decode("latin-1")

    def on_message_complete(self) -> None:
        """Answer at once, or after the latency."""
        method = self.parser.get_method().decode()
        with_body = method != "HEAD"
        if self.target.startswith("/stub/"):
            self.transport.write(self.stub.control(method, self.target).encode(with_body=with_body))
            return
        if method in ("GET", "HEAD"):
            answer = self.stub.api(self.host).answer(self.target)
        else:
            answer = Reply(405, _encode({"detail": f'Method "{method}" not allowed.'}))
        fault = self.stub.fault() or Fault()
        answer = fault.instead or answer
        stats = self.stub.stats
        stats.requests += 1
        stats.by_kind[answer.kind] += 1
        stats.by_rows[answer.rows] += answer.kind == "list"
        stats.by_status[answer.status] += 1
        stats.in_flight += 1
        stats.max_in_flight = max(stats.max_in_flight, stats.in_flight)
        delay = self.stub.latency(answer.kind, answer.rows) + fault.seconds
        response = answer.encode(with_body=with_body)
        if delay == inf:
            stats.in_flight -= 1
        elif delay > 0:
            self.loop.call_later(delay, self._send, response, fault.share)
        else:
            self._send(response, fault.share)

    def _send(self, response: bytes, share: float) -> None:
        self.stub.stats.in_flight -= 1
        if self.transport.is_closing():
            return
        self.transport.write(response[: int(share * len(response))])
        if share < 1:
            self.loop.call_soon(self.transport.abort)
        elif not self.parser.should_keep_alive():
            self.transport.close()


@asynccontextmanager
async def running(catalogue: Catalogue, latency: Latency | None = None, port: int = 0) -> AsyncIterator[Stub]:
    """Serve on 127.0.0.1 (port 0: a free one) until the block ends; `stub.url` is the API's base.

    :param latency: how long each answer waits; by default not at all.
    """
    stub = Stub(catalogue, latency or fixed(0))
    server = await asyncio.get_running_loop().create_server(lambda: Connection(stub), "127.0.0.1", port, backlog=1024)
    host, bound = server.sockets[0].getsockname()
    stub.url = f"http://{host}:{bound}{PREFIX}"
    stub.api(f"{host}:{bound}")
    try:
        yield stub
    finally:
        server.close()


def _integer(text: str | None, least: int) -> int | None:
    """Return the number in `text`, or None where the upstream would use its default."""
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if number >= least else None


def _encode(value: object) -> bytes:
    return msgspec.json.encode(value)


def _html(status: int) -> Reply:
    return Reply(status, PAGE, content_type=HTML)


@click.command()
@click.option("--port", default=0, show_default=True, help="Port on 127.0.0.1; 0 takes a free one.")
@click.option("--packages", default=PACKAGES, show_default=True, help="Size of the catalogue.")
@click.option("--latency", default="0", show_default=True, help="Milliseconds a request, or 'real' for the cost model.")
def main(port: int, packages: int, latency: str) -> None:
    """Serve the stub upstream; the first line printed is its base URL."""
    import uvloop

    chosen = real if latency == "real" else fixed(float(latency))

    async def serve() -> None:
        async with running(make_catalogue(packages), chosen, port) as stub:
            click.echo(stub.url)
            await asyncio.Event().wait()

    uvloop.run(serve())


if __name__ == "__main__":
    main()
