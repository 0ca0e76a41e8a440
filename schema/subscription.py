"""The root of every subscription."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from execution import layer
from resolvers.live import RecordType, catalogue_changed
from schema.changes import Change


@strawberry.type(description="What changed from one version of the catalogue to another: an event.")
class CatalogueChanged:
    """A view of `resolvers.live.CatalogueChanged`."""

    version: strawberry.ID = strawberry.field(
        description="The version that the event leads to; whoever subscribes again names it as `since`."
    )
    since: strawberry.ID = strawberry.field(description="The version that it starts from.")
    changes: list[Change] = strawberry.field(
        description="What was added, changed or removed, of what was asked for: each record once, by type, then by id."
    )
    is_truncated: bool = strawberry.field(
        description="Whether too much has changed for an event, or too long ago. Then `changes` is empty: ask "
        "`changes(since:)` from this event's `since`, and read everything anew where that says `CHANGES_UNKNOWN`."
    )


@strawberry.type(description="What the catalogue tells of as it happens.")
class Subscription:
    """Where every subscription starts."""

    @layer(catalogue_changed)
    def catalogue_changed(
        self,
        types: Annotated[
            list[RecordType] | None, strawberry.argument(description="Only records of these types; all when left out.")
        ] = UNSET,
        slugs: Annotated[
            list[str] | None,
            strawberry.argument(
                description="Only records of these slugs, 200 at the most; all when left out. One that gets another "
                "slug fits always."
            ),
        ] = UNSET,
        since: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="A `version`, such as that of the answer that a page shows: the first event has what "
                "changed since then, so that nothing is missed in between."
            ),
        ] = UNSET,
    ) -> CatalogueChanged:
        """What changes in the catalogue, with each new version in which anything of it does.

        The first event comes at once and says at which version the subscription begins. One event may stand for several
        versions: whoever is slow to read is told all at once.
        """
        raise NotImplementedError
