"""Where a query enters: lookups, global ids, categories."""

import pytest

from catalogue import Catalogue
from tests.fake_upstream import FakeUpstream, Reply
from tests.queries import data, run


@pytest.mark.parametrize("arguments", ["", '(id: 1, slug: "a")', "(id: null)"])
@pytest.mark.parametrize("root", ["package", "grid", "category"])
async def test_exactly_one_argument(catalogue: Catalogue, fake: FakeUpstream, root: str, arguments: str) -> None:
    answer, errors = await run(catalogue, f"{{ {root}{arguments} {{ id }} }}")
    assert answer == {root: None}
    assert errors == {(root,): "BAD_USER_INPUT"}
    assert fake.requests == []


async def test_a_null_argument_counts_as_left_out(catalogue: Catalogue) -> None:
    answer = await data(catalogue, '{ package(id: null, slug: "django-loci") { id } }')
    assert answer == {"package": {"id": "4005"}}


@pytest.mark.parametrize("root", ["package", "grid"])
@pytest.mark.parametrize(
    "slug",
    ["", "a/b", "../grids/1", "a%2Fb", "a\0b", "é", "a b", "a?x=1", "a#b", ".", "..", "a" * 5000, "4005", "\ud800"],
)
async def test_a_slug_that_cannot_be_one_is_null_and_not_asked_for(
    catalogue: Catalogue, fake: FakeUpstream, root: str, slug: str
) -> None:
    assert await data(catalogue, f"query($slug: String) {{ {root}(slug: $slug) {{ id }} }}", slug=slug) == {root: None}
    assert fake.requests == []


@pytest.mark.parametrize("key", ["abc", "-1", "1.5", "1/../2", "", "٤٠٠٥", "9" * 30])
async def test_an_id_that_cannot_be_one_is_null(catalogue: Catalogue, fake: FakeUpstream, key: str) -> None:
    assert await data(catalogue, "query($id: ID) { package(id: $id) { id } }", id=key) == {"package": None}
    assert fake.requests == []


async def test_what_is_unknown_is_null(catalogue: Catalogue, fake: FakeUpstream) -> None:
    query = '{ package(slug: "no-such") { id } grid(id: 99999) { id } category(slug: "no") { id } c: category(id: 9) { id } }'
    assert set((await data(catalogue, query)).values()) == {None}
    assert set((await data(catalogue, query)).values()) == {None}
    assert set(fake.targets.values()) == {1}


async def test_an_upstream_failure_is_null_with_a_code_and_the_rest_stays(
    catalogue: Catalogue, fake: FakeUpstream
) -> None:
    fake.replies["packages/4005/"] = Reply(200, b"<html>", {"Content-Type": "text/html"})
    answer, errors = await run(catalogue, "{ package(id: 4005) { id } grid(id: 321) { slug } }")
    assert answer == {"package": None, "grid": {"slug": "geolocation"}}
    assert errors == {("package",): "UPSTREAM_INVALID"}


async def test_categories(catalogue: Catalogue, fake: FakeUpstream) -> None:
    query = '{ categories { id slug titlePlural showPypi } category(slug: "frameworks") { id title } c: category(id: 3) { slug } }'
    answer = await data(catalogue, query)
    assert [category["id"] for category in answer["categories"]] == ["1", "2", "3", "4", "5"]
    assert answer["category"]["id"] == "2"
    assert answer["c"] == {"slug": "projects"}
    await data(catalogue, query)
    assert fake.targets["categories/?limit=100&offset=0"] == 1


async def test_another_record_than_asked_for_is_refused(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.replies["packages/1/"] = Reply(body=await fake.sample("packages/4005/"))
    _, errors = await run(catalogue, "{ package(id: 1) { slug } }")
    assert errors == {("package",): "UPSTREAM_INVALID"}


async def test_nodes_by_their_global_ids(catalogue: Catalogue) -> None:
    first = await data(
        catalogue,
        """{ package(id: 4005) { nodeId participants(first: 1) { nodeId } category { nodeId } }
             grid(id: 321) { nodeId } }""",
    )
    ids = [
        first["package"]["nodeId"],
        first["grid"]["nodeId"],
        first["package"]["category"]["nodeId"],
        first["package"]["participants"][0]["nodeId"],
    ]
    answer = await data(
        catalogue,
        """query($ids: [ID!]!, $one: ID!) {
          nodes(nodeIds: $ids) { __typename nodeId ... on Package { slug } ... on Grid { slug } ... on Participant { login } }
          node(nodeId: $one) { nodeId } }""",
        ids=[*ids, "", "nonsense", "UGFja2FnZTo=", "UGFydGljaXBhbnQ6", "UGFja2FnZTo5OTk5OTk="],
        one=ids[0],
    )
    assert [node and node["__typename"] for node in answer["nodes"]] == [
        "Package",
        "Grid",
        "Category",
        "Participant",
        *[None] * 5,
    ]
    assert [node["nodeId"] for node in answer["nodes"][:4]] == ids
    assert answer["nodes"][3]["login"] == "nemesifier"
    assert answer["node"]["nodeId"] == ids[0]
    assert len(set(ids)) == 4


async def test_one_failing_node_fails_alone(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.replies["packages/4005/"] = Reply(503)
    answer, errors = await run(
        catalogue, '{ nodes(nodeIds: ["UGFja2FnZTo0MDA1", "R3JpZDozMjE="]) { ... on Grid { slug } } }'
    )
    assert answer == {"nodes": [None, {"slug": "geolocation"}]}
    assert errors == {("nodes", 0): "UPSTREAM_STATUS"}


async def test_derived_fields(catalogue: Catalogue) -> None:
    answer = await data(
        catalogue,
        "{ package(id: 4005) { commitsOver52 commitsLastYear webUrl pypiName documentationUrl } grid(id: 321) { webUrl } }",
    )
    package = answer["package"]
    assert package["commitsLastYear"] == sum(package["commitsOver52"])
    assert package["webUrl"] == "https://djangopackages.org/packages/p/django-loci/"
    assert package["pypiName"] == "django-loci"
    assert answer["grid"]["webUrl"] == "https://djangopackages.org/grids/g/geolocation/"
