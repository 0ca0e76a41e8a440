"""A schema with every kind of type, and a world in which anything can go wrong.

A record is faulty where it says so itself (`faults` names its leaves); a layer function fails where the context says so
(`faults` maps a field and a parent's key to what happens). All layer functions but two are pure: with a `snapshot`, the
faults belong to that. What it `lacks` is read through, and only there can a fault be `passing`, the request's own.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from typing import Annotated, Any, TypeVar, cast

import strawberry
from aiodataloader import DataLoader
from graphql import GraphQLError
from msgspec import Struct
from strawberry import Schema, federation

from execution import LayeredExecutor, layer

FAULTS = ("raise", "code", "null", "item", "null item", "no list", "stranger", "nothing", "all", "slow")
LEAF_FAULTS = ("name", "title", "count", "size", "ratio", "mood", "tags", "matrix", "moods", "born", "home", "homes")


@strawberry.enum(description="A mood.")
class Mood(Enum):
    GOOD = "good"
    BAD = "bad"


class Being(Struct, frozen=True):
    """A person or a dog; each is one object, whatever the world (see `known`)."""

    key: int
    faults: frozenset[str] = frozenset()

    def value(self, name: str, sound: Any, faulty: Any) -> Any:
        if name not in self.faults:
            return sound
        if isinstance(faulty, Exception):
            raise faulty
        return faulty

    @property
    def name(self) -> str | None:
        return self.value("name", f"n{self.key}", ValueError("no name"))  # type: ignore[no-any-return]

    @property
    def title(self) -> str:
        return self.value("title", f"t{self.key}", None)  # type: ignore[no-any-return]

    @property
    def count(self) -> int:
        return self.value("count", self.key, 2**40)  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        return self.value("size", -self.key, "large")  # type: ignore[no-any-return]

    @property
    def ratio(self) -> float:
        return self.value("ratio", self.key / 4, float("inf"))  # type: ignore[no-any-return]

    @property
    def mood(self) -> Mood | str:
        return self.value("mood", Mood.GOOD if self.key % 2 else Mood.BAD, "fair")  # type: ignore[no-any-return]

    @property
    def tags(self) -> list[str | None]:
        return self.value("tags", ["a", "b"][: self.key % 3], ["a", None])  # type: ignore[no-any-return]

    @property
    def matrix(self) -> Any:
        return self.value("matrix", ((1, None), (), None), ((1, "x"), None, 7))

    @property
    def born(self) -> datetime | str:
        return self.value("born", datetime(2000, 1, 1 + self.key, tzinfo=UTC), "long ago")  # type: ignore[no-any-return]

    @property
    def home(self) -> "Home | None":
        return self.value("home", Home(self, f"{self.key} Main St") if self.key % 4 else None, Being(0))  # type: ignore[no-any-return]

    @property
    def homes(self) -> "list[Home]":
        homes = [Home(self, "here"), Home(self, "there")]
        return self.value("homes", homes, LookupError("homeless"))  # type: ignore[no-any-return]

    @property
    def moods(self) -> "list[Mood | str | None]":
        return self.value("moods", [Mood.GOOD, None, Mood.BAD], ["fair", Mood.BAD])  # type: ignore[no-any-return]


class Person(Being, frozen=True):
    """Someone."""


class Dog(Being, frozen=True):
    """Man's best friend."""

    @property
    def barks(self) -> bool:
        return self.key > 2


T = TypeVar("T", bound=Being)


class Home(Struct, frozen=True, eq=False):
    """A structure made for one request."""

    owner: Being
    address: str


@cache
def _known(kind: type[Being], key: int, faults: frozenset[str]) -> Being:
    return kind(key, faults)


def known(kind: type[T], key: int, faults: frozenset[str]) -> T:
    """Return the being of this kind with these faults."""
    return cast(T, _known(kind, key, faults))


@dataclass
class Context:
    """The world of one request."""

    leaf_faults: dict[int, frozenset[str]] = field(default_factory=dict)
    faults: dict[tuple[str, int], str] = field(default_factory=dict)
    lacks: frozenset[tuple[str, int]] = frozenset()
    passing: dict[tuple[str, int], str] = field(default_factory=dict)
    snapshot: object | None = None
    impurities: int = 0
    calls: list[tuple[str, list[int]]] = field(default_factory=list)
    layer_loaders: dict[object, DataLoader[Any, Any]] = field(default_factory=dict)

    def being(self, key: int) -> Being:
        kind = Dog if key % 3 == 2 else Person
        return known(kind, key, self.leaf_faults.get(key, frozenset()))

    def person(self, key: int) -> Person:
        return known(Person, key, self.leaf_faults.get(key, frozenset()))


def answers_with(name: str, make: Callable[..., Any]) -> Callable[..., Any]:
    """Make the layer function of a field: `make` answers one parent, unless the context says otherwise."""

    def function(parents: Sequence[Any], context: Context, **arguments: Any) -> list[Any] | Awaitable[list[Any]]:
        keys = [_key(parent) for parent in parents]
        context.calls.append((name, keys))
        places = [(name, key) for key in keys]
        lacking = context.lacks.intersection(places)
        context.impurities += len(lacking)
        faults = [context.faults.get(place, "") for place in places]
        faults = [
            context.passing.get(place, fault) if place in lacking else fault
            for place, fault in zip(places, faults, strict=True)
        ]
        if "all" in (fault for (field, _), fault in context.faults.items() if field == name):
            raise RuntimeError(f"{name} is broken")
        answers = [_faulty(fault, make(context, key, **arguments)) for fault, key in zip(faults, keys, strict=True)]
        if "short" in faults:
            answers.pop()
        return _later(answers, faults.count("slow")) if "slow" in faults else answers

    return function


def _key(parent: Any) -> int:
    return 0 if parent is None else parent.owner.key if isinstance(parent, Home) else parent.key


def _faulty(fault: str, sound: Any) -> Any:
    match fault:
        case "raise":
            return ValueError("no answer")
        case "code":
            return GraphQLError("no answer today", extensions={"code": "CLOSED"})
        case "null":
            return None
        case "item" if isinstance(sound, list):
            return [*sound, KeyError("no item")]
        case "null item" if isinstance(sound, list):
            return [None, *sound]
        case "no list":
            return 7 if isinstance(sound, list) else [sound]
        case "stranger":
            return [object()] if isinstance(sound, list) else object()
        case "nothing":
            return iter(()) if isinstance(sound, list) else sound
    return sound


async def _later(answers: list[Any], turns: int) -> list[Any]:
    for _ in range(turns):
        await asyncio.sleep(0)
    return answers


def _friends(context: Context, key: int, first: int = 2) -> list[Person]:
    return [context.person((key + step) % 7) for step in range(1, 1 + first)]


def _beings(context: Context, key: int) -> list[Being]:
    return [context.being((key + step) % 7) for step in range(3)]


def _nested(context: Context, key: int) -> list[list[Being]]:
    return [[], [context.being(key)], _beings(context, key)]


def _told(_context: Context, key: int, **arguments: Any) -> str:
    return f"{key} {sorted(arguments.items())}"


@strawberry.interface(description="Something with a name.")
class Named:
    name: str | None


@strawberry.input
class Filter:
    text: str = "any"
    limit: int | None = None
    moods: list[Mood] | None = None


AnyBeing = Annotated["PersonType | DogType", strawberry.union("AnyBeing")]


@strawberry.type(name="Person")
class PersonType(Named):
    key: strawberry.ID
    title: str
    count: int | None
    size: int
    ratio: float | None
    mood: Mood | None
    tags: list[str]
    matrix: list[list[int | None] | None] | None
    moods: list[Mood | None]
    born: datetime | None
    home: "HomeType | None"
    homes: "list[HomeType]"

    @layer(answers_with("friend", lambda context, key: context.person((key + 1) % 7)), pure=True)
    def friend(self) -> "PersonType | None":
        """May be null."""

    @layer(answers_with("boss", lambda context, key: context.person((key + 2) % 7)), pure=True)
    def boss(self) -> "PersonType":
        """May not be null."""
        raise NotImplementedError

    @layer(answers_with("friends", _friends), pure=True)
    def friends(self, first: int = 2) -> "list[PersonType | None] | None":
        """All may be null."""

    @layer(answers_with("colleagues", _friends), pure=True)
    def colleagues(self) -> "list[PersonType] | None":
        """Items may not be null."""

    @layer(answers_with("family", _friends), pure=True)
    def family(self) -> "list[PersonType]":
        """Nothing may be null."""
        raise NotImplementedError

    @layer(answers_with("pets", _beings), pure=True)
    def pets(self) -> "list[AnyBeing | None]":
        """A union."""
        raise NotImplementedError

    @layer(answers_with("named", _beings), pure=True)
    def named(self) -> "list[Named]":
        """An interface."""
        raise NotImplementedError

    @layer(answers_with("nested", _nested), pure=True)
    def nested(self) -> "list[list[AnyBeing | None] | None] | None":
        """Lists of lists."""

    @layer(answers_with("told", _told), pure=True)
    def told(
        self,
        text: str = "hi",
        number: int | None = None,
        mood: Mood = Mood.GOOD,
        filter: Filter | None = None,
        ids: list[strawberry.ID] | None = None,
    ) -> str | None:
        """What the arguments are."""

    @layer(answers_with("numbers", lambda _, key: [key, 2 * key]))
    def numbers(self) -> list[int]:
        """Leaves of a layer function."""
        raise NotImplementedError

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, Person)


@strawberry.type(name="Dog")
class DogType(Named):
    title: str
    barks: bool

    @layer(answers_with("owner", lambda context, key: context.person((key + 3) % 7)), pure=True)
    def owner(self) -> PersonType | None:
        """May be null."""

    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, Dog)


@strawberry.type(name="Home")
class HomeType:
    address: str
    owner: AnyBeing | None

    @layer(answers_with("guest", lambda context, key: context.person((key + 4) % 7)))
    def guest(self) -> PersonType | None:
        """May be null."""


@strawberry.type
class Query:
    @layer(answers_with("person", lambda context, _, key=1: context.person(key)), pure=True)
    def person(self, key: int = 1) -> PersonType | None:
        """One person."""

    @layer(answers_with("needed", lambda context, _: context.person(2)), pure=True)
    def needed(self) -> PersonType:
        """May not be null."""
        raise NotImplementedError

    @layer(answers_with("people", lambda context, _, count: _friends(context, 0, count)), pure=True)
    def people(self, count: int) -> list[PersonType | None]:
        """Some people."""
        raise NotImplementedError

    @layer(answers_with("any_being", lambda context, _: context.being(5)), pure=True)
    def any_being(self) -> AnyBeing | None:
        """A union."""

    @layer(answers_with("all_named", _beings), pure=True)
    def all_named(self) -> list[Named | None] | None:
        """An interface."""

    @strawberry.field
    def plain(self) -> str:
        """Answer one by one: no layer function."""
        return "plain"


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def rename(self, name: str) -> str:
        """Change a name."""
        return name


def build(**options: Any) -> Schema:
    return federation.Schema(query=Query, mutation=Mutation, types=[DogType], **options)


SCHEMA = build(execution_context_class=LayeredExecutor)
STOCK = build()
