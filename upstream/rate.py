"""A token bucket that tells beforehand how long one would wait.

aiolimiter's was tried: it queues whoever comes, so a query would learn at its deadline that its turn could not have
come in time, and a token that was not used cannot be given back.
"""


class TokenBucket:
    """A rate with a burst, kept as the one moment at which the bucket will be full again (GCRA, as in ITU-T I.371).

    Over any span of t seconds no more than `burst + rate * t` tokens come due. All times are monotonic seconds.

    Args:
        rate: tokens a second.
        burst: tokens that a full bucket holds, at least one.
    """

    def __init__(self, rate: float, burst: float) -> None:
        self._interval = 1 / rate
        self._tolerance = (max(1.0, burst) - 1) * self._interval
        self._full_at = 0.0

    def reserve(self, now: float, patience: float) -> float:
        """Take the next token, and return the seconds until it is due; take none if that is more than `patience`."""
        full_at = max(self._full_at, now)
        wait = max(0.0, full_at - self._tolerance - now)
        if wait <= patience:
            self._full_at = full_at + self._interval
        return wait

    def left(self, now: float) -> float:
        """Return how many tokens can be taken at once."""
        return (self._tolerance - max(0.0, self._full_at - now)) / self._interval + 1

    def give_back(self) -> None:
        """Return a token that was taken and not used."""
        self._full_at -= self._interval
