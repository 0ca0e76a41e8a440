"""Which of our representations a request prefers (RFC 9110, section 12.5); README has the libraries that were tried."""

import re
from functools import lru_cache

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
HTML = "text/html"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/mixed"

# In the server's order of preference. Node 20's fetch offers zstd and cannot read it, hence that comes last.
ENCODINGS = ("br", "gzip", "zstd")


@lru_cache(maxsize=128)
def media_type(accept: bytes | None) -> str | None:
    """Choose between the two JSON types by an `Accept` header; None when it takes neither.

    `application/json` answers `*/*` and a missing header; between equals the more specific range wins, and the newer
    type where both are named (GraphQL over HTTP, section 5.2).
    """
    if not accept:
        return JSON
    ranges = _qualities(accept)
    newer, older = _quality(ranges, RESPONSE_JSON), _quality(ranges, JSON)
    if max(newer, older)[0] == 0:
        return None
    return RESPONSE_JSON if newer > older or (newer == older and newer[1] == _NAMED) else JSON


@lru_cache(maxsize=128)
def prefers_html(accept: bytes | None) -> bool:
    """Tell a browser from a client: HTML is named in `Accept`, and liked better than JSON."""
    if not accept:
        return False
    ranges = _qualities(accept)
    html = _quality(ranges, HTML)
    return html[1] == _NAMED and html[0] > max(_quality(ranges, JSON)[0], _quality(ranges, RESPONSE_JSON)[0])


@lru_cache(maxsize=128)
def stream_type(accept: bytes | None) -> str | None:
    """Choose the media type of a subscription's events by an `Accept` header that names one; None when none is.

    `multipart/mixed` stands for several protocols; with a parameter `subscriptionSpec` it is Apollo's for this.
    """
    if not accept:
        return None
    named = accept.lower()
    ranges = _qualities(named)
    events = ranges.get(EVENT_STREAM, 0.0)
    parts = ranges.get(MULTIPART, 0.0) if _SUBSCRIPTION_SPEC.search(named) else 0.0
    if max(events, parts) == 0:
        return None
    return EVENT_STREAM if events >= parts else MULTIPART


@lru_cache(maxsize=128)
def prefers_events(accept: bytes | None) -> bool:
    """Whether `Accept` names an event stream, and likes it better than JSON."""
    if not accept:
        return False
    ranges = _qualities(accept)
    json = (_quality(ranges, JSON), _quality(ranges, RESPONSE_JSON))
    return ranges.get(EVENT_STREAM, 0.0) > max(quality if closeness else 0.0 for quality, closeness in json)


@lru_cache(maxsize=128)
def content_encoding(accept_encoding: bytes | None, codings: tuple[str, ...] = ENCODINGS) -> str | None:
    """Choose one of `codings` by an `Accept-Encoding` header; None is identity, always at hand."""
    if not (accept_encoding and codings):
        return None
    qualities = _qualities(accept_encoding)
    anything = qualities.get("*", 0.0)
    best = max(codings, key=lambda coding: qualities.get(coding, anything))
    quality = qualities.get(best, anything)
    return best if quality > 0 and quality >= qualities.get("identity", 0.0) else None


@lru_cache(maxsize=128)
def is_json(content_type: bytes | None) -> bool:
    """Whether a request's `Content-Type` is `application/json`, in UTF-8 where it names a charset."""
    if not content_type:
        return False
    essence, *parameters = content_type.decode("latin-1").lower().split(";")
    named = dict(parameter.strip().partition("=")[::2] for parameter in parameters)
    return essence.strip() == JSON and named.get("charset", "utf-8").strip('"') in ("utf-8", "utf8")


_NAMED = 2

_SUBSCRIPTION_SPEC = re.compile(rb'subscriptionspec="?1\.0')


def _quality(ranges: dict[str, float], name: str) -> tuple[float, int]:
    """Return a media type's quality and how closely a range names it (2 by name, 1 by `type/*`, 0 by `*/*`)."""
    for closeness, key in ((_NAMED, name), (1, name.partition("/")[0] + "/*"), (0, "*/*")):
        if key in ranges:
            return ranges[key], closeness
    return 0.0, 0


def _qualities(header: bytes) -> dict[str, float]:
    """Parse a list of names with `q` parameters; other parameters do not count, a malformed `q` is 0."""
    qualities: dict[str, float] = {}
    for item in header.decode("latin-1").lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        quality = next((_number(each[2:]) for each in parameters if each.startswith("q=")), 1.0)
        if name:
            qualities[name] = max(quality, qualities.get(name, 0.0))
    return qualities


def _number(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
