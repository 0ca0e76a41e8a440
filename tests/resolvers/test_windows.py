"""Connections that are read through the upstream's lists."""

import json

import pytest

from catalogue import Catalogue
from tests.fake_upstream import FakeUpstream, Reply
from tests.queries import data, run

PAGE = """query($first: Int, $after: String, $last: Int, $before: String) {
  packages(first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id } } nodes { id } } }"""


async def test_a_walk_reads_each_window_once_and_every_package_once(catalogue: Catalogue, fake: FakeUpstream) -> None:
    seen: list[str] = []
    after, more = None, True
    while more:
        page = (await data(catalogue, PAGE, first=50, after=after))["packages"]
        seen += [edge["node"]["id"] for edge in page["edges"]]
        assert page["totalCount"] == 135
        assert [node["id"] for node in page["nodes"]] == [edge["node"]["id"] for edge in page["edges"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len(seen) == len(set(seen)) == 135
    assert seen == sorted(seen, key=int, reverse=True)
    assert fake.targets == {f"packages/?limit=50&offset={offset}": 1 for offset in (0, 50, 100)}


async def test_a_walk_backwards(catalogue: Catalogue) -> None:
    seen: list[str] = []
    before, more = None, True
    while more:
        page = (await data(catalogue, PAGE, last=60, before=before))["packages"]
        seen = [edge["node"]["id"] for edge in page["edges"]] + seen
        before, more = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]
    assert len(seen) == len(set(seen)) == 135
    assert seen == sorted(seen, key=int, reverse=True)


async def test_pages_know_where_they_stand(catalogue: Catalogue) -> None:
    first = (await data(catalogue, PAGE))["packages"]
    assert (len(first["edges"]), first["pageInfo"]["hasPreviousPage"]) == (20, False)
    end = await data(
        catalogue, PAGE, first=20, after=first["pageInfo"]["endCursor"], before=first["edges"][5]["cursor"]
    )
    assert (end["packages"]["edges"], end["packages"]["pageInfo"]["hasNextPage"]) == ([], False)
    cursors = [edge["cursor"] for edge in first["edges"]]
    between = (await data(catalogue, PAGE, first=3, after=cursors[2], before=cursors[6]))["packages"]
    assert [edge["cursor"] for edge in between["edges"]] == cursors[3:6]
    assert (between["pageInfo"]["hasNextPage"], between["pageInfo"]["hasPreviousPage"]) == (False, True)
    some = (await data(catalogue, PAGE, last=2, after=cursors[2], before=cursors[6]))["packages"]
    assert [edge["cursor"] for edge in some["edges"]] == cursors[4:6]
    assert (some["pageInfo"]["hasNextPage"], some["pageInfo"]["hasPreviousPage"]) == (True, True)
    all_of_them = (await data(catalogue, PAGE, last=3, after=cursors[2], before=cursors[6]))["packages"]
    assert (len(all_of_them["edges"]), all_of_them["pageInfo"]["hasPreviousPage"]) == (3, False)
    none = (await data(catalogue, PAGE, first=0))["packages"]
    assert none == {
        "totalCount": 135,
        "edges": [],
        "nodes": [],
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }
    last = (await data(catalogue, PAGE, last=5))["packages"]
    assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)


@pytest.mark.parametrize(
    "arguments",
    [
        {"first": -1},
        {"first": 101},
        {"last": 101},
        {"last": -5},
        {"first": 1, "last": 1},
        {"after": "x"},
        {"before": "b2Zmc2V0Oi0x"},
        {"after": "b2Zmc2V0Ong="},
        {"after": "é"},
    ],
)
async def test_bad_arguments(catalogue: Catalogue, fake: FakeUpstream, arguments: dict[str, object]) -> None:
    answer, errors = await run(catalogue, PAGE, **arguments)
    assert answer == {"packages": None}
    assert errors == {("packages",): "BAD_USER_INPUT"}
    assert fake.requests == []


async def test_a_record_that_does_not_fit_is_null_in_its_place(catalogue: Catalogue, fake: FakeUpstream) -> None:
    target = "grids/?limit=3&offset=0"
    page = json.loads(await fake.sample(target))
    del page["results"][1]["title"]
    fake.replies[target] = Reply(body=json.dumps(page).encode())
    answer, errors = await run(catalogue, "{ grids(first: 3) { edges { node { id } } } }")
    assert [bool(edge["node"]) for edge in answer["grids"]["edges"]] == [True, False, True]
    assert errors == {("grids", "edges", 1, "node"): "UPSTREAM_INVALID"}


async def test_records_of_a_page_are_at_hand_afterwards(catalogue: Catalogue, fake: FakeUpstream) -> None:
    await data(catalogue, "{ packages(first: 100) { nodes { id } } }")
    await data(catalogue, '{ package(slug: "django-valkey") { id } }')
    assert len(fake.requests) == 1


async def test_an_empty_cursor_is_none(catalogue: Catalogue, mirrored: Catalogue) -> None:
    for each in (catalogue, mirrored):
        for size in ({"first": 2}, {"last": 2}):
            assert await data(each, PAGE, **size, after="", before="") == await data(each, PAGE, **size)
