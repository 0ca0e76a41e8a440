"""The log of the upstream's failures: each kind once, then counted, and a line when it is over."""

import logging
from collections import Counter
from typing import Final

from upstream.errors import UpstreamError

logger = logging.getLogger(__name__)

QUIET_SECONDS: Final = 10.0
"""How long no failure must have come until a success means that they are over."""


class FailureLog:
    """Keeps the log readable while the upstream fails. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._last = 0.0

    def failed(self, error: UpstreamError, now: float) -> None:
        """Write the first failure of a kind, count the others."""
        kind = f"{error.cause} {error.extensions.get('status', '')}".rstrip()
        if kind not in self._counts:
            logger.warning("%s Further failures of this kind are counted, not logged.", error)
        self._counts[kind] += 1
        self._last = now

    def succeeded(self, now: float) -> None:
        """Write what was counted, once it is over."""
        if self._counts and now - self._last >= QUIET_SECONDS:
            counted = ", ".join(f"{count} × {kind}" for kind, count in self._counts.most_common())
            logger.info("The upstream answers without failures again, after %s.", counted)
            self._counts.clear()
