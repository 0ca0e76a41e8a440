"""Plain Strawberry as its guide sets it up: dataloaders, an entity cache, its parser and validation caches, uvicorn."""

# ruff: noqa: D101, D102, D103

import asyncio
import os
from collections.abc import Callable
from typing import Any, NewType, TypedDict, TypeVar

import httpx
import strawberry
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

PAGE = 100

T = TypeVar("T")
Row = dict[str, Any]
DateTime = NewType("DateTime", str)
URL = NewType("URL", str)


class RequestContext(TypedDict):
    packages: "DataLoader[str, Package | None]"
    grids: "DataLoader[str, Grid | None]"
    categories: "DataLoader[str, Category | None]"


Info = strawberry.Info[RequestContext, None]


@strawberry.type
class Participant:
    login: str
    is_bot: bool


@strawberry.type
class PageInfo:
    has_next_page: bool


@strawberry.type
class PackageConnection:
    total_count: int
    page_info: PageInfo
    nodes: list["Package"]


@strawberry.type
class Category:
    id: strawberry.ID
    title: str
    slug: str

    @strawberry.field
    async def packages(self, first: int) -> PackageConnection:
        found = (await packages_by_category()).get(self.id, [])
        return PackageConnection(
            total_count=len(found), page_info=PageInfo(has_next_page=len(found) > first), nodes=found[:first]
        )


@strawberry.type
class Grid:
    id: strawberry.ID
    title: str
    slug: str
    package_ids: strawberry.Private[list[str]]

    @strawberry.field
    async def packages(self, info: Info) -> list["Package | None"]:
        return await info.context["packages"].load_many(self.package_ids)


@strawberry.type
class Package:
    id: strawberry.ID
    title: str
    slug: str
    repo_url: URL | None
    repo_watchers: int
    repo_forks: int
    repo_description: str
    pypi_version: str | None
    pypi_url: URL | None
    documentation_url: URL | None
    last_updated: DateTime | None
    last_fetched: DateTime | None
    created: DateTime
    modified: DateTime
    commits_over_52: list[int]
    participants: list[Participant]
    category_id: strawberry.Private[str]
    grid_ids: strawberry.Private[list[str]]

    @strawberry.field
    async def category(self, info: Info) -> Category | None:
        return await info.context["categories"].load(self.category_id)

    @strawberry.field
    async def grids(self, info: Info) -> list[Grid | None]:
        return await info.context["grids"].load_many(self.grid_ids)


@strawberry.type
class Query:
    @strawberry.field
    async def package(self, info: Info, id: strawberry.ID | None = None, slug: str | None = None) -> Package | None:
        return await info.context["packages"].load(id or slug or "")

    @strawberry.field
    async def category(self, slug: str) -> Category | None:
        return next((category for category in await all_categories() if category.slug == slug), None)


def id_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


def to_package(row: Row) -> Package:
    return Package(
        id=strawberry.ID(str(row["id"])),
        title=row["title"],
        slug=row["slug"],
        repo_url=row["repo_url"] or None,
        repo_watchers=row["repo_watchers"],
        repo_forks=row["repo_forks"],
        repo_description=row["repo_description"],
        pypi_version=row["pypi_version"],
        pypi_url=row["pypi_url"] or None,
        documentation_url=row["documentation_url"] or None,
        last_updated=row["last_updated"],
        last_fetched=row["last_fetched"],
        created=row["created"],
        modified=row["modified"],
        commits_over_52=row["commits_over_52"],
        participants=[Participant(login=login, is_bot=login.endswith("[bot]")) for login in row["participants"]],
        category_id=id_of(row["category"]),
        grid_ids=[id_of(link) for link in row["grids"]],
    )


def to_grid(row: Row) -> Grid:
    ids = [id_of(link) for link in row["packages"]]
    return Grid(id=strawberry.ID(str(row["id"])), title=row["title"], slug=row["slug"], package_ids=ids)


def to_category(row: Row) -> Category:
    return Category(id=strawberry.ID(str(row["id"])), title=row["title"], slug=row["slug"])


client = httpx.AsyncClient(base_url=os.environ["UPSTREAM"], limits=httpx.Limits(max_connections=128), timeout=30)
categories: dict[str, Category] = {}
grids: dict[str, Grid] = {}
packages: dict[str, Package] = {}
category_list: list[Category] = []
category_packages: dict[str, list[Package]] = {}


async def get(path: str) -> Any:
    response = await client.get(path)
    if response.status_code == 404:
        return None
    response.raise_for_status()
    return response.json()


def keep(kept: dict[str, Any], record: Any) -> Any:
    kept[record.id] = kept[record.slug] = record
    return record


def loader(kind: str, kept: dict[str, T], to_record: Callable[[Row], T]) -> DataLoader[str, T | None]:
    async def fetch(key: str) -> None:
        if row := await get(f"{kind}/{key}/"):
            keep(kept, to_record(row))

    async def load(keys: list[str]) -> list[T | None]:
        if missing := [key for key in keys if key not in kept]:
            await asyncio.gather(*map(fetch, missing))
        return [kept.get(key) for key in keys]

    return DataLoader(load_fn=load)


async def all_categories() -> list[Category]:
    if not category_list:
        page = await get("categories/?limit=100")
        category_list.extend(keep(categories, to_category(row)) for row in page["results"])
    return category_list


async def packages_by_category() -> dict[str, list[Package]]:
    """Return the whole list by category, walked page by page once: the upstream cannot filter."""
    offset, count = 0, 0 if category_packages else 1
    while offset < count:
        page = await get(f"packages/?limit={PAGE}&offset={offset}")
        for package in map(to_package, page["results"]):
            category_packages.setdefault(package.category_id, []).append(keep(packages, package))
        offset, count = offset + PAGE, page["count"]
    return category_packages


class App(GraphQL[RequestContext, None]):
    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> RequestContext:
        return {
            "packages": loader("packages", packages, to_package),
            "grids": loader("grids", grids, to_grid),
            "categories": loader("categories", categories, to_category),
        }


schema = strawberry.Schema(
    Query,
    extensions=[ParserCache, ValidationCache],
    config=StrawberryConfig(
        scalar_map={DateTime: strawberry.scalar(name="DateTime"), URL: strawberry.scalar(name="URL")}
    ),
)
app = App(schema, graphql_ide=None)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning", access_log=False)
