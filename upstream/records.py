"""The catalogue's records: REST payloads, decoded once, typed and frozen (docs/upstream.md, "Resources").

Past this door nobody sees JSON, a link or a host: a link has become the id in its path, empty URL text has become
`None`, and a time without an offset has got New York's, which is the upstream's.
"""

import base64
import re
from datetime import datetime
from typing import Annotated, ClassVar, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

SITE = "https://djangopackages.org"
BOT = "[bot]"
"""How the logins of GitHub's apps end."""

NEW_YORK = ZoneInfo("America/New_York")
LINKED_ID = re.compile(r"[^?#]*/([0-9]{1,18})(?:\.[a-z]+)?/?(?:[?#].*)?", re.DOTALL)
PYPI_NAME = re.compile(r".*/(?:pypi|project)/([A-Za-z0-9][A-Za-z0-9._-]*)/?(?:[?#].*)?", re.DOTALL)

MAX_INT = 2**31 - 1
Int = Annotated[int, Meta(ge=-MAX_INT - 1, le=MAX_INT)]
"""What GraphQL's Int can carry (spec, 3.5.1)."""

UrlText = Annotated[str, Meta(pattern=r"\A(?:[Hh][Tt][Tt][Pp][Ss]?://[^\s/?#][^\x00-\x1f\x7f]*)?\Z")]
"""What people entered as a URL, if it is one of http or https: a frontend makes it a link. Empty text is none."""

Id = Annotated[int, Meta(ge=0, lt=2**31)]
"""As the site's database has them. A search index has 32 bits for a record's id and its kind."""


class Link(int):
    """The id of a linked resource, taken from the path of its link, whose host and query mean nothing.

    It is for decoding only: a record has plain integers, which the garbage collector does not walk.
    """

    __slots__ = ()


class Record(Struct, frozen=True, kw_only=True, gc=False):
    """What packages, grids and categories have in common.

    Records hold no cycles, so the garbage collector does not walk them: thousands would cost it milliseconds a pass.
    """

    resource: ClassVar[str]
    fallbacks: ClassVar[dict[str, object]]
    """What stands for an optional fact that does not fit. Every other field is needed, else the record is refused."""

    id: Id
    slug: str
    title: str
    created: datetime
    modified: datetime

    def __post_init__(self) -> None:
        """Give every time an offset."""
        _set_offsets(self, "created", "modified")

    def __hash__(self) -> int:
        """Hash by id: records of one kind that are equal have one."""
        return hash(self.id)

    @property
    def node_id(self) -> str:
        """The globally unique id (Relay's Object Identification)."""
        return global_id(type(self).__name__, self.id)


class Package(Record, frozen=True, kw_only=True, gc=False):
    """A package of the catalogue."""

    resource = "packages"
    fallbacks: ClassVar[dict[str, object]] = {
        "last_updated": None,
        "last_fetched": None,
        "repo_url": None,
        "repo_description": "",
        "repo_watchers": 0,
        "repo_forks": 0,
        "pypi_url": None,
        "pypi_version": None,
        "documentation_url": None,
        "commits_over_52": (),
        "participants": (),
    }

    category: Link
    grids: tuple[Link, ...]
    last_updated: datetime | None
    last_fetched: datetime | None
    repo_url: UrlText | None
    repo_description: str
    repo_watchers: Int
    repo_forks: Int
    pypi_url: UrlText | None
    pypi_version: str | None
    documentation_url: UrlText | None
    commits_over_52: tuple[Int, ...]
    participants: tuple[str, ...]

    def __post_init__(self) -> None:
        """Give every time an offset, make links ids, and empty URL text null."""
        _set_offsets(self, "created", "modified", "last_updated", "last_fetched")
        force_setattr(self, "category", int(self.category))
        force_setattr(self, "grids", tuple(map(int, self.grids)))
        for name in ("repo_url", "pypi_url", "documentation_url"):
            if getattr(self, name) == "":
                force_setattr(self, name, None)

    __hash__ = Record.__hash__

    @property
    def commits_last_year(self) -> int:
        """The sum of the weekly commit counts."""
        return min(sum(self.commits_over_52), MAX_INT)

    @property
    def participant_count(self) -> int:
        """How many participants there are."""
        return len(self.participants)

    @property
    def web_url(self) -> str:
        """The package's page on the site."""
        return f"{SITE}/packages/p/{self.slug}/"

    @property
    def pypi_name(self) -> str | None:
        """The project's name on PyPI, as its URL spells it."""
        match = PYPI_NAME.fullmatch(self.pypi_url or "")
        return match and match[1]


class Grid(Record, frozen=True, kw_only=True, gc=False):
    """A comparison of packages. `packages` is in the upstream's order, by title."""

    resource = "grids"
    fallbacks: ClassVar[dict[str, object]] = {"description": "", "is_locked": False, "header": False}

    description: str
    is_locked: bool
    header: bool
    packages: tuple[Link, ...]

    def __post_init__(self) -> None:
        """Give every time an offset, and make links ids."""
        _set_offsets(self, "created", "modified")
        force_setattr(self, "packages", tuple(map(int, self.packages)))

    __hash__ = Record.__hash__

    @property
    def web_url(self) -> str:
        """The grid's page on the site."""
        return f"{SITE}/grids/g/{self.slug}/"


class Category(Record, frozen=True, kw_only=True, gc=False):
    """One of the catalogue's few categories."""

    resource = "categories"
    fallbacks: ClassVar[dict[str, object]] = {"description": "", "title_plural": "", "show_pypi": False}

    description: str
    title_plural: str
    show_pypi: bool

    __hash__ = Record.__hash__


class Participant(Struct, frozen=True, gc=False):
    """Someone who committed to a package's repository, by the login at the repository's host."""

    login: str

    @property
    def id(self) -> str:
        """What the participant is known by: the login."""
        return self.login

    @property
    def is_bot(self) -> bool:
        """Whether the login says that it is a bot, as GitHub's apps do."""
        return self.login.casefold().endswith(BOT)

    @property
    def node_id(self) -> str:
        """The globally unique id (Relay's Object Identification)."""
        return global_id("Participant", self.login)


class SearchHit(Struct, frozen=True):
    """A hit of the upstream's search. It has no id; `slug` may name something that is gone."""

    item_type: str
    slug: str
    score: Int
    created: datetime | None = None
    modified: datetime | None = None
    last_committed: datetime | None = None
    last_released: datetime | None = None

    def __post_init__(self) -> None:
        """Give every time an offset."""
        _set_offsets(self, "created", "modified", "last_committed", "last_released")


R = TypeVar("R", bound=Record)


def global_id(kind: str, key: int | str) -> str:
    """Return the opaque id that is unique among all kinds: base64 of kind and key, as Relay servers have it."""
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def decode_hook(expected: type, value: object) -> object:
    """Read a link, or an id where a file of ours already holds ids.

    Raises:
        ValueError: no id can be read from it; msgspec adds the field's path.
    """
    if expected is not Link:
        raise NotImplementedError(expected)
    if isinstance(value, int) and not isinstance(value, bool):
        return Link(value)
    match = LINKED_ID.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("Expected a link that ends in an id")
    return Link(match[1])


def _set_offsets(record: Struct, *times: str) -> None:
    for name in times:
        value = getattr(record, name)
        if isinstance(value, datetime) and value.tzinfo is None:
            force_setattr(record, name, value.replace(tzinfo=NEW_YORK))
