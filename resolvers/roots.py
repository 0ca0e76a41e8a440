"""Where a query enters the catalogue: one thing by id or slug, all categories, things by their global id."""

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Sequence
from inspect import isawaitable
from typing import Final

from catalogue.facets import Facet
from catalogue.names import pypi_key, repo_key
from loaders import RequestContext, gathered
from upstream import KINDS, BadInputError, Category, Package, Participant, R, Record

ID = re.compile(r"[0-9]{1,18}")


def lookup(kind: type[R]) -> "Callable[..., list[R | None] | Awaitable[list[R | None]]]":
    """Make the layer function of a root field that finds one record of `kind` by `id` or `slug`."""

    def find(
        roots: Sequence[None], context: RequestContext, id: str | None = None, slug: str | None = None
    ) -> list[R | None] | Awaitable[list[R | None]]:
        if (id is None) == (slug is None):
            message = f"Give exactly one of 'id' and 'slug' to find a {kind.__name__.lower()}."
            raise BadInputError(message, argument="id" if slug is None else "slug")
        key = slug if slug is not None else number(id or "")
        if key is None:
            return [None for _ in roots]
        at_hand = context.named(kind, key)
        return read(roots, context, key) if at_hand is None else [at_hand for _ in roots]

    async def read(roots: Sequence[None], context: RequestContext, key: int | str) -> list[R | None]:
        found = await context.one(kind, key)
        return [found for _ in roots]

    return find


def package(
    roots: Sequence[None],
    context: RequestContext,
    pypi_name: str | None = None,
    repo_url: str | None = None,
    **names: str | None,
) -> list[Package | None] | Awaitable[list[Package | None]]:
    """Answer `package`; what the upstream knows no package by is looked up in the snapshot."""
    given = [each for each in (pypi_name, repo_url, *names.values()) if each is not None]
    if len(given) != 1:
        message = "Give exactly one of 'id', 'slug', 'pypiName' and 'repoUrl' to find a package."
        raise BadInputError(message, argument="repoUrl" if repo_url else "pypiName" if pypi_name else "slug")
    if pypi_name is not None:
        return _having(roots, context, ("pypi", pypi_key(pypi_name)))
    if repo_url is not None:
        return _having(roots, context, ("repo", repo_key(repo_url)))
    return _package(roots, context, **names)


async def _having(roots: Sequence[None], context: RequestContext, facet: Facet) -> list[Package | None]:
    """Find the package that has a facet: of several the one that was added first."""
    index = await context.whole()
    ids = index.facets[facet]
    found = index.packages.get(ids[0]) if ids else None
    return [found for _ in roots]


_package = lookup(Package)


async def category(
    roots: Sequence[None], context: RequestContext, id: str | None = None, slug: str | None = None
) -> list[Category | None]:
    """Answer `category`; the upstream knows no category by slug, so that is searched here."""
    if slug is None or id is not None:
        by_key = _category(roots, context, id=id, slug=slug)
        return await by_key if isawaitable(by_key) else by_key
    found = await category_by_slug(context, slug)
    return [found for _ in roots]


_category = lookup(Category)


async def by_id(context: RequestContext, kind: type[R], text: str) -> R | None:
    """Find a record by the text of an id."""
    key = number(text)
    return None if key is None else await context.one(kind, key)


def number(text: str) -> int | None:
    """Return the id in a text; text that is no number is the id of nothing."""
    return int(text) if ID.fullmatch(text) else None


async def category_by_slug(context: RequestContext, slug: str) -> Category | None:
    """Find a category by its slug, among all of them."""
    return next((category for category in await context.categories() if category.slug == slug), None)


async def categories(roots: Sequence[None], context: RequestContext) -> list[list[Category]]:
    """Answer `categories`."""
    found = await context.categories()
    return [found for _ in roots]


async def node(roots: Sequence[None], context: RequestContext, node_id: str) -> list[object]:
    """Answer `node`."""
    found = _node(context, node_id)
    found = await found if isawaitable(found) else found
    return [found for _ in roots]


async def nodes(roots: Sequence[None], context: RequestContext, node_ids: list[str]) -> list[list[object]]:
    """Answer `nodes`: one answer an id, in order; one that fails fails alone."""
    found = [_node(context, node_id) for node_id in node_ids]
    to_read = {place: answer for place, answer in enumerate(found) if isawaitable(answer)}
    for place, answer in zip(to_read, await gathered(to_read.values()), strict=True):
        found[place] = answer
    return [found for _ in roots]


def known_participant(context: RequestContext, login: str) -> Participant | None:
    """Find a participant by login; until the whole catalogue is at hand, any login may be one."""
    snapshot = context.snapshot
    return snapshot.index.participants.get(login) if snapshot.is_whole else Participant(login)


def _node(context: RequestContext, node_id: str) -> object:
    """Return what has this global id, or an awaitable of it where it must be read."""
    name, _, key = _decoded(node_id).partition(":")
    if name == "Participant" and key:
        return known_participant(context, key)
    kind, id_ = _KINDS.get(name), number(key)
    if kind is None or id_ is None:
        return None
    return context.named(kind, id_) or context.one(kind, id_)


_KINDS: Final[dict[str, type[Record]]] = {kind.name: kind.record for kind in KINDS.values()}


def _decoded(node_id: str) -> str:
    try:
        return base64.b64decode(node_id, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
