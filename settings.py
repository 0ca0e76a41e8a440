"""Every setting of the gateway in one place; the command line and the environment are derived from it."""

import re
from dataclasses import Field, dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx

T = TypeVar("T")

SAMPLE: Final = "sample"
"""The upstream that is bundled."""

PREFIX: Final = "CATALOGUE_"
"""What the environment's names of settings begin with."""

_SECRET = re.compile(r"[!-~]+")
_CONTACT = re.compile(r"[^\s();\\\x00-\x1f\x7f-\U0010ffff]{1,200}")
_ROOT_PATH = re.compile(r"(/[\w.~-]+)*")


class SettingError(ValueError):
    """A setting that cannot be used: `name` is its field, `problem` one line of why not."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem


def _setting(
    default: T,
    text: str,
    *,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
) -> T:
    """Declare a field: `text` is what `--help` says; a number stays within `minimum` and `maximum`, both included."""
    metadata = {"help": text, "min": minimum, "max": maximum, "choices": choices}
    value: T = field(default=default, metadata=metadata)
    return value


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings, with their defaults. Durations are in seconds, sizes in bytes; a bad value is a `SettingError`.

    A field's metadata holds `help`, `min`, `max` (None: no bound) and `choices` (empty: any). `environment_name` says
    which variable of the environment sets it.
    """

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(8000, "Port to listen on; 0 takes a free one.", minimum=0, maximum=65535)
    workers: int = _setting(
        1,
        "Processes that serve, on one socket and one mirror; the upstream's rate and the caches are shared out.",
        minimum=1,
        maximum=64,
    )
    root_path: str = _setting("", "Path under which a proxy publishes the gateway, such as /catalogue.")
    keep_alive: float = _setting(
        120.0,
        "Seconds that an idle connection is kept; more than the 75 for which proxies keep theirs.",
        minimum=1,
        maximum=86_400,
    )
    max_connections: int = _setting(
        1000,
        "Connections open at once; with more, those that wait for their client make room.",
        minimum=1,
        maximum=1_000_000,
    )
    receive_timeout: float = _setting(
        30.0, "Seconds within which a request must have come whole; else it is a 408.", minimum=0.1, maximum=3600
    )
    send_timeout: float = _setting(
        30.0, "Seconds in each of which a client must take 10 KiB of its response.", minimum=0.1, maximum=3600
    )
    log_level: str = _setting(
        "info", "How much the log says.", choices=("critical", "error", "warning", "info", "debug")
    )
    access_log: bool = _setting(
        True, "Log a line for each request, at `info`; it costs 5 µs, where a ready answer costs 36."
    )
    log_format: str = _setting("text", "Lines of the log: text, or JSON objects.", choices=("text", "json"))

    upstream: str = _setting(
        "https://djangopackages.org/api/v4/",
        "Base URL of the REST API v4 to serve, or `sample` for the bundled one; HTTPS_PROXY and NO_PROXY are heeded.",
    )
    upstream_concurrency: int = _setting(
        16, "Requests that may be under way to the upstream at once, in the whole process.", minimum=1, maximum=1024
    )
    upstream_rate: float = _setting(
        5.0,
        "Requests a second to the upstream over time; half a minute's worth may go out at once.",
        minimum=0.05,
        maximum=100_000,
    )
    upstream_timeout: float = _setting(
        10.0, "Seconds that one request to the upstream may take.", minimum=0.05, maximum=300
    )
    operation_timeout: float = _setting(
        15.0,
        "Seconds that an operation waits for the upstream, queues and retries too; what was read by then is served.",
        minimum=0.05,
        maximum=300,
    )
    contact: str | None = _setting(
        None, "Mail address or URL of who runs this gateway; the User-Agent tells it to the upstream."
    )
    max_read_through: int = _setting(
        10,
        "Things that a whole snapshot lacks which one operation may read from the upstream.",
        minimum=0,
        maximum=1000,
    )
    max_cold_read_through: int = _setting(
        500,
        "Things that one operation may read from the upstream while there is no whole snapshot.",
        minimum=0,
        maximum=10_000,
    )
    freshness: float = _setting(
        600.0, "Without a mirror only: seconds that a fetched record counts as fresh.", minimum=0, maximum=31_536_000
    )
    max_age: float = _setting(
        300.0, "The most seconds that caches outside may keep an answer.", minimum=0, maximum=31_536_000
    )

    mirror: bool = _setting(True, "Keep a mirror of the whole catalogue; off reads everything through.")
    data_dir: Path | None = _setting(  # noqa: RUF009
        None, "Folder of the mirror's file, or `:memory:`; a user cache folder when not given."
    )
    store: str | None = _setting(
        None,
        "Redis or Valkey by which many machines share one mirror: redis://host:6379/0, rediss:// or unix://; "
        "it needs the extra `redis`, and the folder keeps a copy.",
    )
    mirror_wait: float = _setting(
        10.0, "Seconds that a query waits for the first sync when it needs the whole catalogue.", minimum=0, maximum=300
    )
    sync_interval: float = _setting(
        3600.0, "Seconds between two crawls of the upstream's lists.", minimum=1, maximum=31_536_000
    )
    news_interval: float = _setting(
        300.0,
        "Seconds between two looks for new packages, of one request each, between crawls; 0 looks never.",
        minimum=0,
        maximum=31_536_000,
    )
    sync_page_size: int = _setting(100, "Records that a crawl asks for in one page.", minimum=2, maximum=1000)

    response_cache_bytes: int = _setting(67_108_864, "Bytes of ready answers kept in memory; 0 keeps none.", minimum=0)
    row_cache_bytes: int = _setting(33_554_432, "Bytes of JSON remembered between operations, roughly.", minimum=0)
    max_body_bytes: int = _setting(
        1024 * 1024, "Largest request body, in bytes; a larger one is a 413.", minimum=1024, maximum=1024**3
    )
    max_nodes: int = _setting(
        100_000, "Objects in the data of one response, each as often as it occurs.", minimum=1, maximum=10_000_000
    )
    max_response_bytes: int = _setting(
        16 * 1024 * 1024, "Bytes of the data of one response, as JSON.", minimum=1024, maximum=1024**3
    )
    max_cost: int = _setting(
        2_000_000,
        "Objects that an operation may ask for by its page sizes, which multiply; more is refused before it runs.",
        minimum=1,
    )
    max_examined: int = _setting(
        200_000,
        "Records that one operation may look through where it searches, filters by text or counts collaborators.",
        minimum=1,
        maximum=1_000_000_000,
    )
    max_aliases: int = _setting(
        100, "Aliases that an operation may have, and fields at its root.", minimum=1, maximum=10_000
    )
    max_items: int = _setting(
        1000, "Items of a list in arguments and variables; 10,000 for a router with the secret.", minimum=1
    )
    max_operations: int = _setting(
        500, "Operations under way at once, those that wait for the upstream included; more are a 503.", minimum=1
    )
    max_long_operations: int = _setting(
        24, "Of these, operations that have worked for more than 20 ms and are not done; more are a 503.", minimum=1
    )
    max_lag: float = _setting(
        0.5,
        "Seconds that rounds of the event loop may take; with more, operations are a 503 until they take less.",
        minimum=0.05,
        maximum=60,
    )
    max_subscribers: int = _setting(
        5000,
        "WebSockets and event streams open at once, beside `--max-connections`; more are a 503.",
        minimum=0,
        maximum=1_000_000,
    )
    max_subscribers_per_client: int = _setting(
        1000, "Of these, those of one client's address; more are a 429.", minimum=1, maximum=1_000_000
    )
    max_subscriptions: int = _setting(
        100, "Operations and subscriptions under way over one WebSocket.", minimum=1, maximum=100_000
    )
    batch_limit: int = _setting(
        0, "Operations that one request may carry as a JSON array; 0 refuses arrays.", minimum=0, maximum=1000
    )
    # The catalogue is public, read-only and takes no cookies: a forged GET gains nothing, and plain GET is what
    # browsers, curl and shared caches use.
    allow_plain_get: bool = _setting(
        True, "Run queries of a GET that carries no custom header; off demands one, as Apollo Server does."
    )
    cors_origins: tuple[str, ...] = _setting(
        (), "Origins whose pages may read answers, such as https://app.example; `*` allows all, none by default."
    )
    trusted_documents: Path | None = _setting(  # noqa: RUF009
        None, "Manifest of trusted documents, as Apollo's or Relay's tools write it."
    )
    trusted_only: bool = _setting(False, "Run trusted documents only.")
    source_url: str | None = _setting(
        None, "Address of this gateway's source: the page at `/` links it, and the User-Agent tells it to the upstream."
    )
    serve_example: bool = _setting(False, "Serve the built example frontend under /example/.")
    router_secret: str | None = _setting(
        None, "Secret that a router sends as `X-Router-Secret`; no one else may read the schema. None lets everyone."
    )
    introspection: bool = _setting(True, "Let everyone read the schema; off, only a router that presents the secret.")
    suggestions: bool = _setting(True, "Say in errors what the schema has instead, where a name is unknown.")
    explorer: bool = _setting(True, "Serve GraphiQL to browsers at /graphql.")
    rate_limit: int = _setting(
        0, "Requests a minute that one client's address may send to /graphql; 0 bounds none.", minimum=0
    )
    trusted_proxies: tuple[str, ...] = _setting(
        ("127.0.0.1", "::1"), "Addresses and networks whose `X-Forwarded-For` says who the client is; `*` is anybody."
    )

    def __post_init__(self) -> None:
        for each in fields(self):
            _check(each, getattr(self, each.name))
        if self.upstream != SAMPLE and not _is_base_url(self.upstream):
            raise SettingError(
                "upstream", f"{self.upstream!r} is neither `sample` nor a URL such as https://host/api/v4/"
            )
        for origin in self.cors_origins:
            if origin != "*" and not _is_origin(origin):
                raise SettingError("cors_origins", f"{origin!r} is not an origin such as https://app.example")
        if self.source_url is not None and _url(self.source_url) is None:
            raise SettingError("source_url", f"{self.source_url!r} is not a URL such as https://host/gateway")
        if not _ROOT_PATH.fullmatch(self.root_path):
            raise SettingError("root_path", f"{self.root_path!r} is not a path such as /catalogue")
        if self.router_secret is not None and not _SECRET.fullmatch(self.router_secret):
            raise SettingError("router_secret", "must be visible ASCII characters, as headers carry them")
        if self.contact is not None and not _CONTACT.fullmatch(self.contact):
            raise SettingError("contact", "must be visible ASCII characters without brackets, as a User-Agent has them")
        if self.trusted_only and self.trusted_documents is None:
            raise SettingError("trusted_only", "needs `--trusted-documents`, the manifest of what may run")
        for proxy in self.trusted_proxies:
            if proxy != "*" and not _is_network(proxy):
                raise SettingError("trusted_proxies", f"{proxy!r} is no address, no network as 10.0.0.0/8 is, nor `*`")


def environment_name(name: str) -> str:
    """Return the environment variable that sets the field `name`: `CATALOGUE_` and the name in capitals."""
    return f"{PREFIX}{name.upper()}"


def _url(text: str) -> httpx.URL | None:
    """Parse a URL of a web server, without a user and a fragment."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL:
        return None
    is_plain = url.scheme in ("http", "https") and url.host and not url.userinfo and "#" not in text
    return url if is_plain and (url.port or 0) < 65536 else None


def _is_base_url(text: str) -> bool:
    url = _url(text)
    return url is not None and "?" not in text and not re.search(r"\s", text)


def _is_origin(text: str) -> bool:
    """Whether a text is an origin as browsers write it: in lower case, without a path and without a default port."""
    url = _url(text)
    return url is not None and f"{url.scheme}://{url.netloc.decode()}" == text


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _check(each: "Field[Any]", value: object) -> None:
    low, high, choices = each.metadata["min"], each.metadata["max"], each.metadata["choices"]
    if choices and value not in choices:
        raise SettingError(each.name, f"{value!r} is none of {', '.join(choices)}")
    if not isinstance(value, int | float):
        return
    if value != value:
        raise SettingError(each.name, "NaN is no number")
    if low is not None and value < low:
        raise SettingError(each.name, f"{value} is less than {low:g}")
    if high is not None and value > high:
        raise SettingError(each.name, f"{value} is more than {high:g}")
