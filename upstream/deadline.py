"""Until when an operation may wait for the upstream."""

import asyncio


class Deadline:
    """A moment by the loop's monotonic clock. Whatever is waited for on an operation's behalf counts against it.

    Args:
        at: the moment, in the loop's seconds.
    """

    __slots__ = ("at",)

    def __init__(self, at: float) -> None:
        self.at = at

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline that is so many seconds away."""
        return cls(asyncio.get_running_loop().time() + seconds)

    def remaining(self) -> float:
        """Return the seconds that are left, negative once it has passed."""
        return self.at - asyncio.get_running_loop().time()
