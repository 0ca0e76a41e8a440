"""The application: the GraphQL door, and beside it what Starlette routes."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry import Schema

from web.door import GraphQLDoor
from web.health import Readiness, health_routes
from web.operations import Context, Operations
from web.persisted import Documents, read_manifest
from web.responses import ResponseCache
from web.settings import Settings

GRAPHQL_PATH = "/graphql"
STATIC = Path(__file__).parent / "static"

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
    are out of date. `readiness` says whether queries can be answered. `routes` are served beside the door.
    Raises `ValueError` when the manifest of trusted documents cannot be read.
    """
    trusted = read_manifest(settings.trusted_documents) if settings.trusted_documents else {}
    documents = Documents(trusted, trusted_only=settings.trusted_only)
    cache = ResponseCache(settings.response_cache_bytes, catalogue_version)
    operations = Operations(schema, new_context, documents, cache, settings.freshness, catalogue_version)
    door = GraphQLDoor(operations, cache, settings, STATIC / "graphiql" / "index.html")
    sdl = schema.as_str().encode()

    async def schema_text(request: Request) -> Response:
        return Response(sdl, media_type="text/plain; charset=utf-8")

    rest = Starlette(
        routes=[
            Route("/schema.graphql", schema_text),
            *health_routes(readiness),
            Mount("/static", StaticFiles(directory=STATIC, check_dir=False)),
            *routes,
        ],
        lifespan=lifespan,
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        # The door is reached without Starlette's stack, which costs as much as a ready answer.
        if scope["type"] == "http" and scope["path"] == GRAPHQL_PATH:
            await door(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return app
