"""An ASGI application that speaks REST API v4 over the bundled catalogue (docs/upstream.md)."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from upstream.kinds import KINDS, Kind

CATALOGUE: Final = Path(__file__).with_name("catalogue.json")
BASE: Final = "/api/v4"
MAX_HITS: Final = 20

Row = dict[str, Any]


def create_sample() -> Starlette:
    """Build the application. All its answers come from memory."""
    catalogue: dict[str, list[Row]] = msgspec.json.decode(CATALOGUE.read_bytes())
    titles = {row["id"]: row["title"] for row in catalogue["categories"]}
    routes = [Route(f"{BASE}/", _root), Route(f"{BASE}/search/", _search(catalogue, titles))]
    for name, kind in KINDS.items():
        rows = sorted(catalogue[name], key=lambda row: -row["id"])
        routes += [Route(f"{BASE}/{name}/", _list(name, rows)), Route(f"{BASE}/{name}/{{key}}/", _detail(kind, rows))]
    # The upstream has no page without its trailing slash, and no page elsewhere.
    routes.append(Route("/{path:path}", _elsewhere))
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return app


def _root(request: Request) -> Response:
    return JSONResponse({name: f"{_base(request)}{name}/" for name in (*KINDS, "search")})


def _list(name: str, rows: list[Row]) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        limit = _number(request, "limit") or 20
        offset = _number(request, "offset")
        url = request.url.remove_query_params(["limit", "offset"])
        after = url.include_query_params(limit=limit, offset=offset + limit)
        before = url.include_query_params(limit=limit, offset=offset - limit) if offset > limit else url
        page = {
            "count": len(rows),
            "next": str(after) if offset + limit < len(rows) else None,
            "previous": str(before.include_query_params(limit=limit)) if offset else None,
            "results": [_linked(request, row) for row in rows[offset : offset + limit]],
        }
        return JSONResponse(page)

    return answer


def _detail(kind: Kind, rows: list[Row]) -> Callable[[Request], Response]:
    by_key = {str(row["id"]): row for row in rows}
    if kind.by_slug:
        by_key = {row["slug"]: row for row in rows} | by_key

    def answer(request: Request) -> Response:
        key = request.path_params["key"]
        row = by_key.get(str(int(key)) if re.fullmatch("[0-9]+", key) else key)
        if row is not None:
            return JSONResponse(_linked(request, row))
        is_key = re.fullmatch(r"[-\w]+" if kind.by_slug else r"[0-9]+", key)
        detail = f"No {kind.name} matches the given query." if is_key else "Not found."
        return JSONResponse({"detail": detail}, 404)

    return answer


def _search(catalogue: dict[str, list[Row]], titles: dict[int, str]) -> Callable[[Request], Response]:
    hits = [_hit("package", "packages/p", row, titles[row["category"]]) for row in catalogue["packages"]]
    hits += [_hit("grid", "grids/g", row, "") for row in catalogue["grids"]]

    def answer(request: Request) -> Response:
        words = request.query_params.get("q", "").casefold().split()
        found = [hit for hit in hits if words and all(word in _text(hit) for word in words)]
        found.sort(key=lambda hit: (hit["slug"] != "-".join(words), -hit["weight"]))
        return JSONResponse(found[:MAX_HITS])

    return answer


def _elsewhere(request: Request) -> Response:
    path = request.url.path
    if re.fullmatch(rf"{BASE}(/(search|({'|'.join(KINDS)})(/[^/]+)?))?", path):
        return RedirectResponse(request.url.replace(path=f"{path}/"), 301)
    return HTMLResponse("<!doctype html><title>Page not found</title><h1>Page not found</h1>", 404)


def _hit(item_type: str, folder: str, row: Row, category: str) -> Row:
    watchers = row.get("repo_watchers", 0)
    return {
        "description": row.get("description", row.get("repo_description")),
        "title": row["title"],
        "title_no_prefix": row["title"],
        "slug_no_prefix": row["slug"],
        "clean_title": row["title"],
        "absolute_url": f"/{folder}/{row['slug']}/",
        "created": row["created"],
        "modified": row["modified"],
        "weight": 20 + min(watchers, 80),
        "item_type": item_type,
        "slug": row["slug"],
        "category": category,
        "repo_watchers": watchers,
        "repo_forks": row.get("repo_forks", 0),
        "pypi_downloads": 0,
        "score": watchers,
        "usage": 0,
        "participants": ",".join(row.get("participants", ())),
        "last_committed": row.get("last_updated"),
        "last_released": None,
    }


def _text(hit: Row) -> str:
    return f"{hit['title']} {hit['slug']} {hit['description']}".casefold()


def _linked(request: Request, row: Row) -> Row:
    """Give a row its links, whose host is the request's, as the upstream does."""
    base = _base(request)

    def links(name: str, ids: Iterable[int]) -> list[str]:
        return [f"{base}{name}/{key}/" for key in ids]

    many: Row = {name: links(name, row[name]) for name in ("grids", "packages") if name in row}
    one: Row = {"category": links("categories", [row["category"]])[0]} if "category" in row else {}
    return {**row, **many, **one}


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{BASE}/"


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else 0
