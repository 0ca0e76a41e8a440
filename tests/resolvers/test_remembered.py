"""What is remembered of a snapshot is taken without asking a resolver, and never hides what is read through."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from graphql import GraphQLField, parse

import execution
from catalogue import Catalogue
from catalogue.index import Index
from catalogue.snapshot import ready
from execution.internals import graphql_schema, strawberry_field
from execution.layers import layer_of
from loaders import RequestContext
from schema import build_schema
from tests.indexes import build
from tests.queries import NEIGHBOURS

QUERIES = {
    "neighbours": (NEIGHBOURS, {"slug": "django-loci"}),
    "a connection": (
        '{ packages(first: 5, filter: {category: "apps"}) { totalCount edges { cursor node { title } } } }',
        {},
    ),
    "search": ('{ search(query: "django") { nodes { ... on Package { title } ... on Grid { slug } } } }', {}),
    "nodes": ("query ($ids: [ID!]!) { nodes(nodeIds: $ids) { nodeId } }", {"ids": ["Q2F0ZWdvcnk6MQ==", "?"]}),
    "participants": ("{ participants(first: 3) { nodes { login packageCount collaborators { totalCount } } } }", {}),
}


class Untouchable:
    """A context of which nothing but the snapshot can be asked."""

    def __init__(self, snapshot: object) -> None:
        self.snapshot = snapshot


@pytest.mark.parametrize(("query", "variables"), QUERIES.values(), ids=QUERIES)
async def test_the_same_query_asks_no_resolver_again(
    mirrored: Catalogue, query: str, variables: dict[str, Any]
) -> None:
    operation = execution.prepare(graphql_schema(build_schema()), parse(query))
    first = await execution.execute(operation, variables=variables, context=RequestContext(mirrored))
    assert first.errors == []
    again = await execution.execute(operation, variables=variables, context=Untouchable(mirrored.snapshot))
    assert again == first


async def test_what_is_remembered_whole_needs_nothing_to_run(mirrored: Catalogue) -> None:
    operation = execution.prepare(
        graphql_schema(build_schema()),
        parse(
            "query ($slug: String!, $all: Boolean!) { package(slug: $slug) { title grids @include(if: $all) { id } } }"
        ),
    )
    asked = {"slug": "django-loci", "all": True}

    def known(variables: dict[str, Any], snapshot: object, **limits: int) -> bytes | None:
        limited = execution.Limits(**limits)
        return execution.remembered(operation, variables=variables, snapshot=snapshot, limits=limited)

    assert known(asked, mirrored.snapshot) is None
    answer = await execution.execute(operation, variables=asked, context=RequestContext(mirrored))
    assert known(asked, mirrored.snapshot) == answer.data is not None
    for others in ({**asked, "all": False}, {**asked, "slug": "django"}, {**asked, "slug": 1}, {"slug": "django-loci"}):
        assert known(others, mirrored.snapshot) is None
    assert known(asked, replace(mirrored.snapshot, index=Index())) is None
    assert known(asked, mirrored.snapshot, max_nodes=1) is None
    assert known(asked, mirrored.snapshot, max_bytes=10) is None
    assert known(asked, mirrored.snapshot, max_cost=1) is None


async def test_what_is_true_at_one_moment_is_asked_each_time(mirrored: Catalogue) -> None:
    operation = execution.prepare(graphql_schema(build_schema()), parse("{ catalogue { gridCount } }"))
    assert (await execution.execute(operation, context=RequestContext(mirrored))).errors == []
    assert (await execution.execute(operation, context=Untouchable(mirrored.snapshot))).errors != []


async def test_another_snapshot_is_asked_anew(mirrored: Catalogue) -> None:
    schema = graphql_schema(build_schema())
    operation = execution.prepare(
        schema, parse('{ package(slug: "django-loci") { title grids { packages { slug } } } }')
    )
    before = await execution.execute(operation, context=RequestContext(mirrored))
    snapshot = mirrored.snapshot
    package = snapshot.index.packages.by_slug("django-loci")
    assert package is not None
    records = [*snapshot.index.packages, *snapshot.index.grids, *snapshot.index.categories]
    changed = [msgspec.structs.replace(each, title="Changed") if each is package else each for each in records]
    indexes = await build(changed)
    context = RequestContext(mirrored)
    context.snapshot = replace(snapshot, number=snapshot.number + 1, index=indexes.index, search=ready(indexes.search))
    after = await execution.execute(operation, context=context)
    assert before.data is not None
    assert after.data == before.data.replace(f'"title":"{package.title}"'.encode(), b'"title":"Changed"', 1)


async def test_a_crawl_that_finds_nothing_new_leaves_what_is_remembered(mirrored: Catalogue) -> None:
    operation = execution.prepare(
        graphql_schema(build_schema()), parse('{ package(slug: "django-loci") { title grids { packages { slug } } } }')
    )
    before = await execution.execute(operation, context=RequestContext(mirrored))
    later = replace(mirrored.snapshot, read_clock=mirrored.snapshot.read_clock + 60)
    assert execution.remembered(operation, variables={}, snapshot=later) == before.data


def test_what_depends_on_the_snapshot_alone_says_so() -> None:
    schema = graphql_schema(build_schema())
    impure: set[str] = set()
    for name, type_ in schema.type_map.items():
        for field_name, field in getattr(type_, "fields", {}).items():
            source = strawberry_field(field) if isinstance(field, GraphQLField) else None
            function = layer_of(source) if source else None
            if function is not None and not function.is_pure:
                impure.add(f"{name}.{field_name}")
    # The state of the gateway at this moment; changes, which rest on several snapshots.
    assert impure == {"Query.catalogue", "Query.changes", "Subscription.catalogueChanged"}
