"""The context of one operation, as far as HTTP knows it: `loaders` has the whole."""

from collections.abc import Mapping
from typing import Any, Protocol

from web.freshness import Snapshot


class Context(Protocol):
    """What is asked of the context that resolvers get."""

    layer_loaders: dict[Any, Any]

    reads: int
    """How many requests to the upstream the answer waited for."""

    since: int | None
    """Of an event: the number of the snapshot that its subscriber was told of last."""

    is_news: bool
    """Of an event: whether it says anything."""

    @property
    def used(self) -> Mapping[str, tuple[int, int]]:
        """What was taken of bounds of its own, and these, by the names of the settings."""

    @property
    def snapshot(self) -> Snapshot:
        """The state of the catalogue that it reads from."""

    @property
    def expires_clock(self) -> float:
        """Until when the answer holds, whatever the snapshot; infinity when it rests on the snapshot alone."""
