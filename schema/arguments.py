"""Arguments that several fields take."""

from typing import Annotated

import strawberry

FirstItems = Annotated[int | None, strawberry.argument(description="Only so many, from the start; all when left out.")]

First = Annotated[
    int | None,
    strawberry.argument(description="The size of the page, from its start: 0 to 100; 20 when `last` is left out too."),
]
After = Annotated[str | None, strawberry.argument(description="Start behind this cursor.")]
Last = Annotated[int | None, strawberry.argument(description="The size of the page, from its end: 0 to 100.")]
Before = Annotated[str | None, strawberry.argument(description="End before this cursor.")]

ById = Annotated[strawberry.ID | None, strawberry.argument(description="The catalogue's id.")]
BySlug = Annotated[str | None, strawberry.argument(description="The name in URLs.")]
