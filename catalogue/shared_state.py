"""How a gateway and the store that it shares with others get on."""

import time
from collections import Counter
from dataclasses import dataclass, field

from catalogue.store import Version


@dataclass
class SharedState:
    """How this gateway and the store that it shares get on.

    Args:
        place: where the store is.
        version: the snapshot there, as far as is known.
        token: the fencing token of this gateway's lease; empty when it does not lead.
        gateways: how many there were when the store was last asked.
        trouble: why it cannot be used, or what in it cannot; `None` when all is well.
        failures: calls that failed, by what they were for.
        is_unstored: whether this gateway serves a snapshot that could not be stored there.
        is_leader_unstored: whether the one that leads does.
        until_clock: until when the lease holds at least, or until when a store that is away is waited for, by the
            monotonic clock.
    """

    place: str
    version: Version = field(default_factory=Version)
    token: str = ""
    gateways: int = 1
    trouble: str | None = None
    failures: Counter[str] = field(default_factory=Counter)
    is_unstored: bool = False
    is_leader_unstored: bool = False
    until_clock: float = 0.0

    @property
    def is_leader(self) -> bool:
        """Whether this gateway holds the lease."""
        return bool(self.token) and time.monotonic() < self.until_clock

    @property
    def is_alone(self) -> bool:
        """Whether nobody reads the catalogue for this gateway: the store is away, or its leader cannot write there."""
        if self.trouble is not None and time.monotonic() >= self.until_clock:
            return True
        return self.is_leader_unstored and not self.is_leader

    @property
    def crowd(self) -> int:
        """How many gateways read the catalogue, each for itself."""
        is_crowd = self.is_alone or (self.is_leader and self.is_unstored)
        return self.gateways if is_crowd else 1

    @property
    def summary(self) -> tuple[object, ...]:
        """What is worth a turn of the mirror when it changes."""
        return self.version, self.token, self.is_leader, self.is_alone, self.crowd
