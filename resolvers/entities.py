"""Entities: records that a router names by a key (Apollo Federation, "Subgraph specification", `_entities`).

A router passes representations of the records that other subgraphs know: `__typename` and the fields of one key. It may
name one record many times, and adds fields of its own (`@requires`), which mean nothing here.
"""

from asyncio import gather
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, NamedTuple

from loaders import RequestContext, gathered
from resolvers.roots import by_id, category_by_slug, known_participant, number
from upstream import CatalogueError, Category, Grid, Package, Participant, R

Representation = Mapping[str, object]


class RepresentationError(CatalogueError):
    """A representation that names no entity of this subgraph."""

    def __init__(self, message: str) -> None:
        super().__init__("INVALID_REPRESENTATION", message)


class Entity(NamedTuple):
    """How to find the entities of one type.

    `key_of(representation)` returns what names the entity, equal for equal entities, or raises `RepresentationError`.
    `find(keys, context)` takes distinct keys and returns an answer for each: a record, `None` for one that is unknown,
    or the exception that explains why it cannot be had.
    """

    key_of: Callable[[Representation], Any]
    find: Callable[[Sequence[Any], Any], Awaitable[Sequence[object]]]


def entities_of(types: Mapping[str, Entity]) -> Callable[..., Awaitable[list[list[object]]]]:
    """Make the layer function of `_entities`, from the entity types by name.

    Every entity is looked for once, however often it is named, and each type's all at once.
    """

    async def entities(roots: Sequence[None], context: Any, representations: Sequence[object]) -> list[list[object]]:
        errors: dict[str, RepresentationError] = {}
        named = [_name(types, representation, errors) for representation in representations]
        wanted: dict[str, dict[Hashable, None]] = {}
        for typename, key in (name for name in named if not isinstance(name, RepresentationError)):
            wanted.setdefault(typename, {})[key] = None
        found = await gather(*(types[typename].find(list(keys), context) for typename, keys in wanted.items()))
        answers = {
            (typename, key): answer
            for (typename, keys), answers in zip(wanted.items(), found, strict=True)
            for key, answer in zip(keys, answers, strict=True)
        }
        entities = [name if isinstance(name, RepresentationError) else answers[name] for name in named]
        return [entities for _ in roots]

    return entities


def _name(
    types: Mapping[str, Entity], representation: object, errors: dict[str, RepresentationError]
) -> tuple[str, Hashable] | RepresentationError:
    """Return the type and the key that a representation has, or why not: equal `errors` are one."""
    try:
        entity, fields = _entity(types, representation)
        return entity, types[entity].key_of(fields)
    except RepresentationError as error:
        return errors.setdefault(str(error), error.with_traceback(None))


def _entity(types: Mapping[str, Entity], representation: object) -> tuple[str, Representation]:
    if not isinstance(representation, Mapping):
        raise RepresentationError("A representation must be an object with `__typename` and the fields of a key.")
    typename = representation.get("__typename")
    if not isinstance(typename, str):
        raise RepresentationError("A representation needs `__typename`, the name of an entity type.")
    if typename not in types:
        raise RepresentationError(f"`{typename}` is not an entity type of this subgraph.")
    return typename, representation


class Names(NamedTuple):
    """What names a record: its id, its slug, or both."""

    id: str | None
    slug: str | None


def _names(representation: Representation) -> Names:
    names = Names(_text(representation, "id"), _text(representation, "slug"))
    if names == (None, None):
        raise RepresentationError(f"A representation of `{representation['__typename']}` needs `id` or `slug`.")
    return names


def _login(representation: Representation) -> str:
    login = _text(representation, "login")
    if not login:
        raise RepresentationError("A representation of `Participant` needs `login`.")
    return login


def _text(representation: Representation, field: str) -> str | None:
    """Return the text of a key's field, if there is one; an `ID` may be a whole number (spec, 3.5.5)."""
    value = representation.get(field)
    if value is None or isinstance(value, str):
        return value
    if field == "id" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RepresentationError(f"`{field}` of `{representation['__typename']}` must be a string.")


def _records(kind: type[R], by_slug: Callable[[RequestContext, str], Awaitable[R | None]]) -> Entity:
    async def find(keys: Sequence[Names], context: RequestContext) -> list[object]:
        at_hand = {key: _at_hand(kind, key, context) for key in keys}
        found: dict[Names, object] = {key: record for key, record in at_hand.items() if record is not None}
        missing = [key for key in keys if key not in found]
        answers = await gathered(one(context, *key) for key in missing)
        found.update(zip(missing, answers, strict=True))
        return [found[key] for key in keys]

    async def one(context: RequestContext, id: str | None, slug: str | None) -> R | None:
        record = None if id is None else await by_id(context, kind, id)
        if slug is None or (record is not None and record.slug == slug):
            return record
        named = await by_slug(context, slug)
        if id is not None and (named and named.id) != (record and record.id):
            raise RepresentationError(f"`id` and `slug` do not name the same {kind.__name__.lower()}.")
        return named

    return Entity(_names, find)


def _at_hand(kind: type[R], key: Names, context: RequestContext) -> R | None:
    """Return a record for which nobody has to wait."""
    name = key.slug if key.id is None else number(key.id)
    record = None if name is None else context.named(kind, name)
    return record if record is not None and key.slug in (None, record.slug) else None


async def _participants(logins: Sequence[str], context: RequestContext) -> list[Participant | None]:
    return [known_participant(context, login) for login in logins]


entities = entities_of(
    {
        "Package": _records(Package, lambda context, slug: context.one(Package, slug)),
        "Grid": _records(Grid, lambda context, slug: context.one(Grid, slug)),
        "Category": _records(Category, category_by_slug),
        "Participant": Entity(_login, _participants),
    }
)
