"""A small schema to serve: what each field does is in its name."""

import time
from collections.abc import Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import strawberry
from graphql import GraphQLError
from starlette.routing import BaseRoute
from starlette.types import ASGIApp

from settings import Settings
from web import Readiness, create_app
from web.freshness import FOREVER
from web.shared_documents import SharedDocuments


@dataclass
class ToySnapshot:
    number: int = 1
    edition: Hashable = 1
    expires_clock: float = field(default_factory=lambda: time.monotonic() + 600)
    stale_clock: float = FOREVER
    age: float = 0.0
    staleness: dict[str, Any] | None = None


@dataclass
class ToyContext:
    snapshot: ToySnapshot
    layer_loaders: dict[Any, Any] = field(default_factory=dict)
    expires_clock: float = FOREVER
    reads: int = 0
    since: int | None = None
    is_news: bool = True
    used: dict[str, tuple[int, int]] = field(default_factory=dict)


@strawberry.type
class Node:
    name: str

    @strawberry.field
    def child(self) -> "Node":
        return Node(name=self.name + ">")


@strawberry.type
class Query:
    runs: int = 0

    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"Hello, {name}!"

    @strawberry.field
    def required(self, id: strawberry.ID) -> str:
        return id

    @strawberry.field
    def long(self, size: int = 5000) -> str:
        return "long " * size

    @strawberry.field
    def node(self) -> Node:
        return Node(name="root")

    @strawberry.field
    def pair(self) -> list[Node]:
        return [Node(name="a"), Node(name="b")]

    @strawberry.field
    def counted(self, info: strawberry.Info[Any, None]) -> int:
        return next(COUNTER)

    @strawberry.field
    def holding(self, info: strawberry.Info[Any, None], seconds: float) -> str:
        info.context.expires_clock = time.monotonic() + seconds
        return "holding"

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("the password is swordfish")

    @strawberry.field
    def very_broken(self) -> str:
        raise RuntimeError("the password is swordfish")

    @strawberry.field
    def failing(self) -> str | None:
        raise GraphQLError("The upstream did not answer.", extensions={"code": "UPSTREAM_TIMEOUT"})

    @strawberry.field
    def surrogate(self) -> str:
        return "lone \ud800 surrogate"

    @strawberry.field
    def mistyped(self) -> int | None:
        return "not a number"  # type: ignore[return-value]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> int:
        return next(COUNTER)


COUNTER = iter(range(1, 1_000_000))
SCHEMA = strawberry.federation.Schema(query=Query, mutation=Mutation)
QUERIES_ONLY = strawberry.federation.Schema(query=Query)


def toy_app(
    *,
    schema: strawberry.Schema = SCHEMA,
    snapshot: Callable[[], ToySnapshot] = ToySnapshot,
    readiness: Callable[[], Readiness] = lambda: Readiness("upstream", None),
    routes: Sequence[BaseRoute] = (),
    shared_documents: SharedDocuments | None = None,
    **settings: Any,
) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(app: Any) -> Any:
        yield

    return create_app(
        settings=Settings(**settings),
        schema=schema,
        sdl={"/schema.graphql": schema.as_str},
        new_context=lambda: ToyContext(snapshot()),
        snapshot=snapshot,
        readiness=readiness,
        lifespan=lifespan,
        routes=routes,
        shared_documents=shared_documents,
    )


def client(app: ASGIApp | None = None, **settings: Any) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app or toy_app(**settings), raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers={"accept-encoding": "identity"})
