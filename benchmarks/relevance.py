"""Where search puts what people look for: `python -m benchmarks.relevance`.

The sample's real packages and grids stand among thousands of made-up ones, many of which have the same words.
"""

from __future__ import annotations

import asyncio
from statistics import median
from typing import Final

import click
import msgspec

from benchmarks.catalogue import PACKAGES, make_catalogue
from benchmarks.tables import machine, table
from catalogue.build import build_index, build_search
from catalogue.index import Index
from catalogue.search import SearchIndex
from upstream import Grid, Package
from upstream.records import decode_hook
from upstream.sample.app import CATALOGUE

QUERIES: Final[dict[str, dict[str, str]]] = {
    "names": {
        "cacheops": "cacheops",
        "django q": "django-q",
        "Procrastinate": "procrastinate",
        "django-paypal": "django-paypal",
        "leonardo cms": "django-leonardo",
        "django thread locals": "django-threadlocals",
        "django_sieve": "django_sieve",
        "drf-aggregation": "drf-aggregation",
        "URL shorteners": "url-shorteners",
        "Workers, Queues, and Tasks": "workers-queues-tasks",
    },
    "parts of names": {
        "two factor": "django-two-factor-auth",
        "select2": "django-select2",
        "tree queries": "django-tree-queries",
        "rest registration": "django-rest-registration",
        "cache machine": "django-cache-machine",
        "auth ldap": "django-auth-ldap",
        "session security": "django-session-security",
        "location field": "django-location-field",
        "websocket redis": "django-websocket-redis",
        "comments xtd": "django-comments-xtd",
        "glucose": "dj-diabetes",
        "grappelli menu": "grappelli-side-menu",
        "opengraph": "django-simple-open-graph",
        "social oauth2": "django-rest-framework-social-oauth2",
        "valkey": "django-valkey",
        "merchant": "django-merchant",
    },
    "not yet typed to the end": {
        "cacheo": "cacheops",
        "versatileim": "django-versatileimagefield",
        "procrast": "procrastinate",
        "dj-str": "dj-stripe",
        "django-rest-framework-so": "django-rest-framework-social-oauth2",
        "vectort": "django-vectortiles",
        "lightweight q": "django-lightweight-queue",
    },
    "joined": {
        "djangocacheops": "cacheops",
        "twofactorauth": "django-two-factor-auth",
        "djangoq": "django-q",
        "djstripe": "dj-stripe",
        "cachemachine": "django-cache-machine",
        "urlfilter": "django-url-filter",
        "authldap": "django-auth-ldap",
        "extrasettings": "django-extra-settings",
        "restframework": "django-rest-framework",
        "cmsplugin plaintext": "cmsplugin-plaintext",
        "simpleopengraph": "django-simple-open-graph",
    },
    "parted": {
        "cache ops": "cacheops",
        "versatile image field": "django-versatileimagefield",
        "download view": "django-downloadview",
        "cache back": "django-cacheback",
        "vector tiles": "django-vectortiles",
        "facebook connect": "django-facebookconnect",
        "happy forms": "happyforms",
        "easy tree": "django-easytree",
        "open wisp users": "openwisp-users",
        "state machine django": "django-statemachine",
        "crop duster": "django-cropduster",
    },
    "by what it is for": {
        "stripe sync": "dj-stripe",
        "rabbitmq task queue": "django-carrot",
        "behavior driven development": "lettuce",
        "ban ip address": "django-banish",
        "webscokets centrifugo": "django-instant",
        "do not track": "django-dnt",
        "content translation postgresql": "nece",
        "serve files": "django-downloadview",
        "failed login attempts": "cerberos",
        "database access profiler": "django-live-profiler",
        "ckeditor": "django-cked",
        "indoor coordinates": "django-loci",
        "rate limiting decorator": "django-rated",
        "tag clouds": "django-tag-tools",
    },
    "mistyped": {
        "procastinate": "procrastinate",
        "djagno cacheops": "cacheops",
        "letuce": "lettuce",
        "two facter": "django-two-factor-auth",
        "grapelli": "grappelli-side-menu",
        "wagtial whoosh": "wagtail-whoosh",
        "paypla": "django-paypal",
        "bootstarp forms": "django-forms-bootstrap",
        "cookiecuter": "cookiecutter-django-cms",
        "thubmnails": "thumbnails",
        "autentication": "authentication",
    },
    "letters": {
        "DJANGO-SELECT2": "django-select2",
        "ｃａｃｈｅｏｐｓ": "cacheops",
        "ＤＪＡＮＧＯ　Ｑ": "django-q",
        "Procrastinaté": "procrastinate",
    },
}
"""Queries by what is peculiar about them, each with the slug of what they look for."""


def rank(index: SearchIndex, query: str, slug: str) -> int | None:
    """Return the place of the record with this slug among the hits, from 1; `None` when it is not among them."""
    records = (index.record(row) for row in index.search(query).rows)
    return next((place for place, record in enumerate(records, 1) if record and record.slug == slug), None)


def records(size: int) -> list[Package | Grid]:
    """Return the sample's packages and grids, and so many that are made up."""
    sample = msgspec.json.decode(CATALOGUE.read_bytes())
    found: list[Package | Grid] = [
        *(msgspec.convert(row, Package, dec_hook=decode_hook) for row in sample["packages"]),
        *(msgspec.convert(row, Grid, dec_hook=decode_hook) for row in sample["grids"]),
    ]
    if not size:
        return found
    others = make_catalogue(size)
    first = 1 + max(record.id for record in found)
    for key, row in others.packages.items():
        found.append(msgspec.convert({**row, "id": first + key}, Package, dec_hook=decode_hook))
    for key, grid in others.grids.items():
        found.append(msgspec.convert({**grid, "id": first + key}, Grid, dec_hook=decode_hook))
    return found


async def _searched(found: list[Package | Grid]) -> SearchIndex:
    return await build_search(SearchIndex(), *await build_index(Index(), found))


@click.command()
@click.option("--size", default=PACKAGES, show_default=True, help="Packages that are made up.")
def main(size: int) -> None:
    """Print the median place of what people look for, and what is not on the first page."""
    click.echo(machine())
    search = asyncio.run(_searched(records(size)))
    lines: list[list[object]] = []
    everything: list[int | None] = []
    misses: list[list[object]] = []
    for name, queries in QUERIES.items():
        ranks = [rank(search, query, slug) for query, slug in queries.items()]
        lines.append([name, *_summary(ranks)])
        everything += ranks
        misses += [[q, s, r] for (q, s), r in zip(queries.items(), ranks, strict=True) if r is None or r > 5]
    lines.append(["all", *_summary(everything)])
    table(
        f"Places of what is looked for, among {size:,} other packages",
        ["queries", "", "median", "first", "in 5", "in 20"],
        lines,
    )
    if misses:
        table("Not among the first five", ["query", "", "place"], misses)


def _summary(ranks: list[int | None]) -> list[object]:
    placed = [1_000_000 if rank is None else rank for rank in ranks]
    return [len(placed), median(placed), *(sum(rank <= bound for rank in placed) for bound in (1, 5, 20))]


if __name__ == "__main__":
    main()
