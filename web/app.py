"""The application: the GraphQL endpoint, and beside it what Starlette routes."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry import Schema

from execution import Limits, Turns
from settings import SettingError, Settings
from web.access import logged
from web.checks import RequestOptions
from web.collector import collecting
from web.context import Context
from web.endpoint import GraphQLEndpoint
from web.errors import RequestError, body_of, error_body
from web.examples import Example
from web.files import BuiltFiles
from web.freshness import Freshness, Snapshot
from web.headers import headers_of, matches
from web.health import Readiness, health_routes
from web.introspection import CODE, MESSAGE, hides_schema, may_introspect
from web.landing import Facts, pages
from web.limits import DocumentLimits
from web.measures import live_measures, measures
from web.metrics import Metrics
from web.middleware import Compression, Cors, SafeHeaders, http_error
from web.negotiation import prefers_html
from web.operations import Operations
from web.parameters import Parameters
from web.persisted import PersistedDocuments, read_manifest
from web.rates import RateLimit
from web.responses import ResponseCache
from web.shared_documents import SharedDocuments
from web.subscribers import END_STREAMS, Subscribers
from web.subscriptions import Subscriptions
from web.tasks import in_task
from web.websocket import WebSocketEndpoint, no_websocket

GRAPHQL_PATHS = ("/graphql", "/graphql/")
STATIC = Path(__file__).parent / "static"
EXAMPLE = Path(__file__).parent / "frontend"
DOCS = Path(__file__).parent / "docs"

_EXPLORER_PATH = "/static/graphiql/index.html"
_PREFLIGHT_SECONDS = 86_400
_EXPOSED = ("Age", "Cache-Status", "Retry-After", "Server-Timing", "X-Request-Id")

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


def create_app(
    *,
    settings: Settings,
    schema: Schema,
    sdl: Mapping[str, Callable[[], str]],
    new_context: Callable[[], Context],
    snapshot: Callable[[], Snapshot],
    readiness: Callable[[], Readiness],
    metrics: Metrics | None = None,
    facts: Callable[[], Awaitable[Facts]] | None = None,
    lifespan: Lifespan | None = None,
    traced: Callable[[ASGIApp], ASGIApp] | None = None,
    shared_documents: SharedDocuments | None = None,
    routes: Sequence[BaseRoute] = (),
    watch: Callable[[Callable[[], None]], None] | None = None,
) -> ASGIApp:
    """Build the ASGI application.

    `sdl` are texts of the schema by the paths that they are served at. `new_context` makes the context that one
    request's resolvers get. `snapshot` returns the state of the catalogue that answers are made from. `readiness` says
    whether queries can be answered. `metrics` is where requests are counted, and what `/metrics` says. `facts` are what
    the page at `/` says; without them there is none. `traced` puts spans around the endpoint. `shared_documents` are
    those that gateways tell each other. `routes` are served beside the endpoint. `watch` has a function called with
    each new snapshot, for those who subscribed.
    Raises `SettingError` when a setting cannot be used.
    """
    trusted = read_manifest(settings.trusted_documents) if settings.trusted_documents else {}
    documents = PersistedDocuments(trusted, trusted_only=settings.trusted_only, shared=shared_documents)
    freshness = Freshness(snapshot, settings.max_age)
    cache = ResponseCache(settings.response_cache_bytes, freshness.edition)
    turns = Turns(settings.max_operations, settings.max_long_operations, settings.max_lag)
    operations = Operations(
        schema,
        new_context,
        documents,
        cache,
        freshness,
        Limits(settings.max_nodes, settings.max_response_bytes, settings.max_cost),
        DocumentLimits(max_aliases=settings.max_aliases, max_items=settings.max_items),
        turns,
        hides_schema=hides_schema(settings),
        hides_suggestions=hides_schema(settings) or not settings.suggestions,
    )
    subscriptions = Subscriptions(operations.event, lambda: snapshot().number)
    if watch is not None:
        watch(subscriptions.switched)
    subscribers = Subscribers(settings.max_subscribers, settings.max_subscribers_per_client)
    rates = RateLimit(settings.rate_limit) if settings.rate_limit else None
    operations.rows.bound(settings.row_cache_bytes)
    metrics = metrics or Metrics()
    metrics.add(partial(measures, operations, cache))
    metrics.add(partial(live_measures, subscriptions, subscribers))
    counts = metrics.requests
    endpoint: ASGIApp = GraphQLEndpoint(
        operations, cache, freshness, settings, counts, rates, subscriptions, subscribers
    )
    websocket: ASGIApp = WebSocketEndpoint(operations, subscriptions, subscribers, settings, counts, rates)
    if traced is not None:
        endpoint, websocket = traced(endpoint), traced(websocket)
    static = BuiltFiles(directory=STATIC, check_dir=False)

    @asynccontextmanager
    async def alive(application: Starlette) -> AsyncIterator[None]:
        async with collecting(turns), lifespan(application) if lifespan else nullcontext():
            yield

    starlette = Starlette(
        routes=[
            *(_schema_route(path, text, settings) for path, text in sdl.items()),
            *health_routes(readiness),
            metrics.route,
            # GraphiQL's page names its files relative to its own address, be that /graphql or /graphql/.
            *(Mount(path, static) for path in ("/static", "/graphql/static")),
            Mount("/docs", BuiltFiles(directory=DOCS, html=True, check_dir=False)),
            *([Mount("/example", _example())] if settings.serve_example else []),
            *(pages(facts, partial(_answer, operations), settings.source_url, _closed(settings)) if facts else []),
            *routes,
        ],
        lifespan=alive,
        exception_handlers={HTTPException: http_error, Exception: http_error},
    )
    rest = SafeHeaders(Compression(starlette))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope.get("state", {})[END_STREAMS] = subscribers.end
            await rest(scope, receive, send)
            return
        path: str = scope["path"]
        root: str = scope.get("root_path", "") or settings.root_path
        if root:
            root, path = _located(root, path)
        if scope["type"] == "websocket":
            await (websocket if path in GRAPHQL_PATHS else no_websocket)(scope, receive, send)
            return
        if path in GRAPHQL_PATHS:
            is_read = scope["method"] in ("GET", "HEAD") and settings.explorer
            if not is_read or not prefers_html(headers_of(scope).get(b"accept")):
                # It is reached without Starlette's stack, which costs as much as a ready answer.
                await endpoint(scope, receive, send)
                return
            path = _EXPLORER_PATH
        await in_task()
        await rest({**scope, "root_path": root, "app_root_path": root, "path": root + path}, receive, send)

    if not settings.cors_origins:
        return logged(app, settings)
    with_cors = SafeHeaders(
        Cors(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
            max_age=_PREFLIGHT_SECONDS,
        )
    )
    return logged(with_cors, settings)


def _closed(settings: Settings) -> set[str]:
    """Return what a link would lead to in vain, for everybody: GraphiQL, the schema."""
    closed = {"explorer": not settings.explorer or settings.trusted_only, "schema": hides_schema(settings)}
    return {name for name, is_closed in closed.items() if is_closed}


async def _answer(operations: Operations, example: Example) -> bytes:
    """Return the body of an example's answer, as the endpoint gives it."""
    parameters = Parameters(query=example.query, variables=example.variables)
    try:
        return (await operations.respond(parameters, "", RequestOptions(safe=True))).body
    except RequestError as error:
        return body_of(error.errors)


def _example() -> BuiltFiles:
    if not EXAMPLE.is_dir():
        raise SettingError("serve_example", "the example frontend is not built: see examples/frontend/README.md")
    return BuiltFiles(directory=EXAMPLE, html=True)


def _located(root: str, path: str) -> tuple[str, str]:
    """Return the path under which the application stands, and the rest of the request's path.

    A server puts its `root_path` before what it got, and a proxy may have left it there: it is taken away as often as
    it is found. A server that knows of none leaves that to the setting.
    """
    root = root.rstrip("/")
    while root and path.startswith(f"{root}/"):
        path = path[len(root) :]
    return root, "" if path == root else path


def _schema_route(path: str, sdl: Callable[[], str], settings: Settings) -> Route:
    @cache
    def answer() -> tuple[bytes, str]:
        """Return the text and its tag; they take some 20 ms, which the start need not wait for."""
        body = sdl().encode()
        return body, f'W/"{sha256(body).hexdigest()[:24]}"'

    cache_control = "no-store" if hides_schema(settings) else "no-cache"

    async def schema_text(request: Request) -> Response:
        if not may_introspect(headers_of(request.scope), settings):
            body = error_body(CODE, MESSAGE)
            return Response(body, 403, {"cache-control": "no-store"}, "application/json; charset=utf-8")
        text, tag = answer()
        headers = {"etag": tag, "cache-control": cache_control, "vary": "Accept-Encoding"}
        if matches(request.headers.get("if-none-match", "").encode(), tag.encode()):
            return Response(status_code=304, headers=headers)
        return Response(text, headers=headers, media_type="text/plain; charset=utf-8")

    return Route(path, schema_text)
