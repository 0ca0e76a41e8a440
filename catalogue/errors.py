"""What can go wrong with what we hold."""

from upstream import UpstreamError


class CrawlError(UpstreamError):
    """A crawl came to its end, and what it found is not the whole catalogue; it changes nothing."""


class LeadershipLostError(Exception):
    """Another gateway leads by now: what this one was about to write is not wanted any more."""
