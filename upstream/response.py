"""What came over the wire."""

from typing import NamedTuple


class RawResponse(NamedTuple):
    """What came over the wire. `retry_after` is in seconds."""

    status: int
    content_type: str
    retry_after: float | None
    body: bytes
