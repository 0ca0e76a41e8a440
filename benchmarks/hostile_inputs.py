"""Inputs of a hostile client, for `benchmarks.hostile`."""

# ruff: noqa: E501 - each input in a line.
from __future__ import annotations

import gzip
import hashlib
from typing import Final, NamedTuple

import brotli  # type: ignore[import-untyped]
import msgspec
import zstandard

from benchmarks.servers import payload


class Request(NamedTuple):
    """A POST: its body, and headers of its own."""

    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


Connections = list[list[Request]]
"""What is sent on each of several connections, one request after the other."""

MAX_BATCH: Final = 100
"""Operations of a batch that the gateway allows here; by default it allows none."""

_NESTED = 'package(slug: "hub") { grids { packages { grids { packages { grids { packages { title } } } } } } }'
_COLLABORATORS = "participants(first: 100) { nodes { collaborators(first: 100) { nodes { collaborators(first: 100) { nodes { login } } } } } }"
_LARGE = "{ packages(first: 100) { nodes { a#: id title commitsOver52 grids { title packages { title slug repoWatchers } } } } }"
_MEGABYTE = b'{"query": "{ __typename }", "x": [' + b"[]," * 349_000 + b"[]]}"
_WORDS = " ".join(["cache", "auth", "api", "admin", "forms"] * 8)


def _query(text: str, **variables: object) -> Connections:
    return [[Request(payload(text, variables))]]


def _large(coding: str) -> Connections:
    """Ask for large answers in a content coding."""
    return [
        [Request(payload(_LARGE.replace("#", str(number))), (("Accept-Encoding", coding),))] for number in range(20)
    ]


def _compressed(body: bytes) -> Connections:
    """Send a body in each content coding."""
    bodies = {"gzip": gzip.compress(body), "br": brotli.compress(body), "zstd": zstandard.compress(body)}
    return [[Request(each, (("Content-Encoding", coding),))] for coding, each in bodies.items()]


def _batch(text: str, count: int = MAX_BATCH) -> Connections:
    """Ask for as many operations in one body, each a text of its own."""
    operations = [{"query": text.replace("#", str(number))} for number in range(count)]
    return [[Request(msgspec.json.encode(operations))]]


def _registration(text: str) -> dict[str, object]:
    """Return a document with its hash, to be kept as an automatically persisted one."""
    named = hashlib.sha256(text.encode()).hexdigest()
    return {"query": text, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": named}}}


def _registrations(connections: int, each: int, characters: int) -> Connections:
    """Register documents that nobody has registered before, one after the other on each connection."""
    comment = "#" + "x" * characters + "\n"
    texts = ((f"{comment}{{ a{one}_{other}: __typename }}" for other in range(each)) for one in range(connections))
    return [[Request(msgspec.json.encode(_registration(text))) for text in some] for some in texts]


def _batch_of_registrations() -> Connections:
    operations = [_registration(f"{{ b{number}: categories {{ slug }} }}") for number in range(MAX_BATCH)]
    return [[Request(msgspec.json.encode(operations))]]


def _repeated(text: str, count: int) -> str:
    return "{ " + " ".join(text.replace("#", str(number)) for number in range(count)) + " }"


INPUTS: Final[dict[str, Connections]] = {
    "nobody": [],
    "three rounds of neighbours": _query("{ " + _NESTED + " }"),
    "collaborators of collaborators": _query("{ " + _COLLABORATORS + " }"),
    "100 collaborators under aliases": _query(_repeated('a#: participant(login: "user#") { collaborators(first: 100) { nodes { login } } }', 100)),
    "4,000 tokens of collaborators": _query(_repeated('a#: participant(login: "u") { collaborators { totalCount } }', 260)),
    "100 searches of 40 words": _query(_repeated('a#: search(query: "' + _WORDS + ' #") { totalCount }', 100)),
    "100 filters with text": _query(_repeated('a#: packages(filter: {text: "dja #"}) { totalCount }', 100)),
    "100 pages of 100": _query(_repeated("a#: packages(first: 100) { nodes { title grids { title packages { title } } } }", 100)),
    "110 __schema": _query(_repeated("a#: __schema { types { fields { name } } }", 110)),
    "introspection": _query("{ " + " ".join("__schema { types { fields { type { fields { type { name } } } } } }" for _ in range(9)) + " }"),
    "360 equal fields": _query(_repeated("categories { packages { nodes { slug } } }", 360)),
    "100 fragments": _query("{ " + " ".join(f"...F{n}" for n in range(100)) + " }" + " ".join(f"fragment F{n} on Query {{ categories {{ slug title }} }}" for n in range(100))),
    "1,300 fields of an input": _query("{ packages(filter: {" + " ".join(f"a{n}: 1" for n in range(1300)) + "}) { totalCount } }"),
    "40,000 ids": _query("query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }", ids=["x"] * 40_000),
    "1,000 bad ids": _query("query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }", ids=[{"a": 1}] * 1000),
    "a megabyte of JSON": [[Request(_MEGABYTE)]],
    "20 large answers in gzip": _large("gzip"),
    "20 large answers in br": _large("br"),
    "20 large answers in zstd": _large("zstd"),
    "a megabyte of JSON, compressed": _compressed(_MEGABYTE),
    "a gigabyte of blanks, compressed": _compressed(b" " * 2**30),
    "a batch of 100 neighbours": _batch("{ a#: " + _NESTED + " }"),
    "a batch of 100 pages": _batch(_LARGE),
    "a batch of 100 collaborators": _batch("{ a#: " + _COLLABORATORS + " }"),
    "a batch of 100 wrong documents": _batch("{ packages { " + " ".join(f"x{n}_#" for n in range(80)) + " } }"),
    "a batch of 100 registrations": _batch_of_registrations(),
    "2,000 registrations": _registrations(20, 100, 100),
    "200 registrations of 90,000 characters": _registrations(20, 10, 90_000),
    "four pages of 100 within each other": _query("{ packages(first: 100) { nodes { " + "alternatives(first: 100) { nodes { " * 3 + "title" + " }" * 9),
    "900 errors after 4,900 lines": _query("\n" * 4_900 + "{ catalogue { " + " ".join(f"v{n}" for n in range(900)) + " } }"),
    "99,000 lines": _query("\n" * 99_000 + "{ catalogue { v } }"),
    "100 operations": _query(" ".join(f"query Q{n} {{ categories {{ id slug }} }}" for n in range(100))),
    "1,300 unknown fields": _query("{ packages { nodes { " + " ".join(f"repoWatchersss{n}" for n in range(1300)) + " } } }"),
    "equal fields with arguments": _query("{ " + 'packages(filter: {text: "a", slugs: ["a", "b"]}) { totalCount } ' * 60 + "}"),
    "inline fragments 140 deep": _query("{ " + ("... { " * 140 + "__typename" + " }" * 140) * 9 + " }"),
    "220 directives": _query("{ " + "... @skip(if: false) @include(if: true) { categories @skip(if: false) { id } } " * 75 + "}"),
    "90 fragments": _query("{ " + " ".join(f"...F{n}" for n in range(90)) + " } " + " ".join(f"fragment F{n} on Query {{ f{n}: catalogue {{ version }} }}" for n in range(90))),
    "fragments that spread all later ones": _query("{ " + " ".join(f"...F{n}" for n in range(22)) + " } " + " ".join(f"fragment F{n} on Query {{ categories {{ id }} " + " ".join(f"...F{m}" for m in range(n + 1, 22)) + " }" for n in range(22))),
    "60,000 fields of a variable": _query("query ($f: PackageFilter) { packages(filter: $f) { totalCount } }", f={f"k{n}": 1 for n in range(60_000)}),
    "lists of lists of a variable": _query("query ($i: [ID!]!) { nodes(nodeIds: $i) { nodeId } }", i=[[1] * 300] * 1000),
    "1,000 addresses in 100 filters": _query("query ($s: [String!]) { " + " ".join(f"a{n}: packages(filter: {{repoUrls: $s, minForks: {n}}}) {{ totalCount }}" for n in range(100)) + " }", s=[f"https://github.com/a/b{n}" for n in range(1000)]),
    "1,000 bad ids 99 times": _query("query ($i: [ID!]!) { " + " ".join(f"a{n}: nodes(nodeIds: $i) {{ nodeId }}" for n in range(99)) + " }", i=[f"x{n}" for n in range(1000)]),
    "1,000 wrong representations 50 times": _query("query ($r: [_Any!]!) { " + " ".join(f"a{n}: _entities(representations: $r) {{ __typename }}" for n in range(50)) + " }", r=[{"__typename": "Package", "id": []}] * 1000),
    "9,900 errors": _query("{ packages(first: 100) { nodes { " + " ".join(f"a{n}: alternatives(first: 1000) {{ totalCount }}" for n in range(99)) + " } } }"),
    "pages of 100 with cursors": _query("{ " + " ".join(f"a{n}: packages(last: 100) {{ edges {{ cursor node {{ id title commitsOver52 }} }} }}" for n in range(100)) + " }"),
    "alternatives of alternatives": _query("{ packages(first: 100) { nodes { alternatives(first: 100) { nodes { alternatives(first: 100) { nodes { title } } } } } } }"),
    "changes": _query("{ " + " ".join(f'a{n}: changes(since: "0", first: 100) {{ nodes {{ id slug fields record {{ nodeId }} }} }}' for n in range(100)) + " }"),
    "60 dear clients": _query("{ " + _NESTED + " }") * 60,
    "60 clients of collaborators": _query("{ " + _COLLABORATORS + " }") * 60,
}  # fmt: skip
"""What is sent, each connection at the same time."""
