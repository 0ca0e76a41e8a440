"""The application: the GraphQL endpoint, and beside it what Starlette routes."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
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

from settings import Settings
from web.endpoint import GraphQLEndpoint
from web.errors import error_body
from web.files import BuiltFiles
from web.headers import headers_of, matches
from web.health import Readiness, health_routes
from web.introspection import CODE, MESSAGE, may_introspect
from web.middleware import Compression, Cors, SafeHeaders, http_error
from web.negotiation import prefers_html
from web.operations import Context, Operations
from web.persisted import PersistedDocuments, read_manifest
from web.responses import ResponseCache

GRAPHQL_PATH = "/graphql"
STATIC = Path(__file__).parent / "static"
EXAMPLE = Path(__file__).parent / "frontend"

_EXPLORER_PATH = "/static/graphiql/index.html"
_PREFLIGHT_SECONDS = 86_400
_EXPOSED = ("Age", "Cache-Status", "Retry-After", "Server-Timing", "X-Request-Id")

Lifespan = Callable[[Any], AbstractAsyncContextManager[None]]


def create_app(
    *,
    settings: Settings,
    schema: Schema,
    new_context: Callable[[], Context],
    catalogue_version: Callable[[], int],
    readiness: Callable[[], Readiness],
    lifespan: Lifespan | None = None,
    routes: Sequence[BaseRoute] = (),
) -> ASGIApp:
    """Build the ASGI application.

    `new_context` makes the context that one request's resolvers get. `catalogue_version` changes when ready answers
    are out of date. `readiness` says whether queries can be answered. `routes` are served beside the endpoint.
    Raises `SettingError` when the manifest of trusted documents cannot be read.
    """
    trusted = read_manifest(settings.trusted_documents) if settings.trusted_documents else {}
    documents = PersistedDocuments(trusted, trusted_only=settings.trusted_only)
    cache = ResponseCache(settings.response_cache_bytes, catalogue_version)
    operations = Operations(
        schema,
        new_context,
        documents,
        cache,
        settings.freshness,
        catalogue_version,
        hides_schema=settings.router_secret is not None,
    )
    endpoint = GraphQLEndpoint(operations, cache, settings)
    starlette = Starlette(
        routes=[
            _schema_route(schema.as_str().encode(), settings.router_secret),
            *health_routes(readiness),
            Mount("/static", BuiltFiles(directory=STATIC, check_dir=False)),
            *([Mount("/example", BuiltFiles(directory=EXAMPLE, html=True))] if settings.serve_example else []),
            *routes,
        ],
        lifespan=lifespan,
        exception_handlers={HTTPException: http_error, Exception: http_error},
    )
    rest = SafeHeaders(Compression(starlette))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # The endpoint is reached without Starlette's stack, which costs as much as a ready answer.
        if scope["type"] != "http" or scope["path"] != GRAPHQL_PATH:
            await rest(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD") and prefers_html(headers_of(scope).get(b"accept")):
            await rest({**scope, "path": _EXPLORER_PATH}, receive, send)
        else:
            await endpoint(scope, receive, send)

    if not settings.cors_origins:
        return app
    return SafeHeaders(
        Cors(
            app,
            allow_origins=settings.cors_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=_EXPOSED,
            max_age=_PREFLIGHT_SECONDS,
        )
    )


def _schema_route(sdl: bytes, secret: str | None) -> Route:
    tag = f'W/"{sha256(sdl).hexdigest()[:24]}"'
    cache_control = "no-cache" if secret is None else "no-store"
    headers = {"etag": tag, "cache-control": cache_control, "vary": "Accept-Encoding"}

    async def schema_text(request: Request) -> Response:
        if not may_introspect(headers_of(request.scope), secret):
            body = error_body(CODE, MESSAGE)
            return Response(body, 403, {"cache-control": "no-store"}, "application/json; charset=utf-8")
        if matches(request.headers.get("if-none-match", "").encode(), tag.encode()):
            return Response(status_code=304, headers=headers)
        return Response(sdl, headers=headers, media_type="text/plain; charset=utf-8")

    return Route("/schema.graphql", schema_text)
