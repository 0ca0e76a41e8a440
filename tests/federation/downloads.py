"""A Relay-style subgraph by someone else: it knows packages by their slugs, and describes shared types in other words."""

from datetime import UTC, datetime

import strawberry
from starlette.types import ASGIApp
from strawberry import ID, federation

from tests.web.toy import toy_app

COUNTS = {"django-loci": 900, "django-location-field": 4200, "django-vectortiles": 310}


@strawberry.interface(description="A thing.")
class Node:
    id: ID


@federation.type(shareable=True, description="About a page.")
class PageInfo:
    has_next_page: bool = federation.field(description="Is there more?", default=False)
    has_previous_page: bool = False
    start_cursor: str | None = None
    end_cursor: str | None = None


@federation.type(keys=["slug"])
class Package:
    slug: str

    downloads: int | None = strawberry.field(
        resolver=lambda root: COUNTS.get(root.slug), description="Downloads in the last month."
    )


@strawberry.type
class Download(Node):
    at: datetime
    package: Package


@strawberry.type
class DownloadConnection:
    nodes: list[Download]
    page_info: PageInfo


@strawberry.type
class Query:
    @strawberry.field
    def downloads(self) -> DownloadConnection:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        nodes = [Download(id=ID(slug), at=at, package=Package(slug=slug)) for slug in COUNTS]
        return DownloadConnection(nodes=nodes, page_info=PageInfo())

    @strawberry.field
    def node(self, id: ID) -> Node | None:
        return None

    @strawberry.field
    def nodes(self, ids: list[ID]) -> list[Node | None]:
        return []


SCHEMA = federation.Schema(query=Query, types=[Download], federation_version="2.3")


def downloads_app() -> ASGIApp:
    """Serve it."""
    return toy_app(schema=SCHEMA)
