"""The neighbours query: what it answers, and what it costs at the socket."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

import upstream.sample
from catalogue import Catalogue
from tests.fake_upstream import ABSENT, FakeUpstream, Reply
from tests.queries import NEIGHBOURS, data, run

ROWS = json.loads(Path(upstream.sample.__file__).with_name("catalogue.json").read_text())
PACKAGES: dict[int, Any] = {row["id"]: row for row in ROWS["packages"]}
GRIDS: dict[int, Any] = {row["id"]: row for row in ROWS["grids"]}
MEMBERS = list(dict.fromkeys(key for grid in PACKAGES[4005]["grids"] for key in GRIDS[grid]["packages"]))


async def test_the_values_are_the_catalogue_s(catalogue: Catalogue) -> None:
    row, package = PACKAGES[4005], (await data(catalogue, NEIGHBOURS, slug="django-loci"))["package"]
    for name, key in [("repoUrl", "repo_url"), ("repoWatchers", "repo_watchers"), ("commitsOver52", "commits_over_52")]:
        assert package[name] == row[key]
    assert package["id"] == "4005"
    assert package["lastUpdated"] == row["last_updated"]
    assert package["category"] == {"id": "1", "title": "App", "slug": "apps"}
    assert [who["login"] for who in package["participants"]] == row["participants"]
    assert [who["login"] for who in package["participants"] if who["isBot"]] == ["dependabot[bot]"]
    assert [grid["id"] for grid in package["grids"]] == [str(key) for key in row["grids"]]
    for grid in package["grids"]:
        assert [item["id"] for item in grid["packages"]] == [str(key) for key in GRIDS[int(grid["id"])]["packages"]]
        for item in grid["packages"]:
            assert [link["slug"] for link in item["grids"]] == [
                GRIDS[key]["slug"] for key in PACKAGES[int(item["id"])]["grids"]
            ]


@pytest.mark.parametrize("slug", ["django-loci", "openwisp-users"])
async def test_a_cold_query_asks_for_everything_once_a_layer_at_a_time(
    catalogue: Catalogue, fake: FakeUpstream, slug: str
) -> None:
    start = next(row for row in PACKAGES.values() if row["slug"] == slug)
    members = {key for grid in start["grids"] for key in GRIDS[grid]["packages"]} - {start["id"]}
    categories = {PACKAGES[key]["category"] for key in members} - {start["category"]}
    further = {key for member in members for key in PACKAGES[member]["grids"]} - set(start["grids"])
    layers = [
        {f"packages/{slug}/"},
        {f"categories/{start['category']}/", *(f"grids/{key}/" for key in start["grids"])},
        {f"packages/{key}/" for key in members},
        {f"categories/{key}/" for key in categories} | {f"grids/{key}/" for key in further},
    ]
    # Each layer is held back until all of it is there: what goes out one after the other would never arrive.
    asked = 0
    gate = fake.held = asyncio.Event()
    query = asyncio.ensure_future(data(catalogue, NEIGHBOURS, slug=slug))
    for layer in filter(None, layers):
        at_once, asked = min(16, len(layer)), asked + len(layer)
        await fake.until(lambda seen, at_once=at_once: seen.in_flight == at_once)  # type: ignore[misc]
        gate.set()
        await fake.until(lambda seen, asked=asked: len(seen.requests) == asked)  # type: ignore[misc]
        gate = fake.held = asyncio.Event()
    gate.set()
    await query
    assert fake.targets == dict.fromkeys(set().union(*layers), 1)


async def test_a_warm_query_costs_nothing(catalogue: Catalogue, fake: FakeUpstream) -> None:
    cold = await data(catalogue, NEIGHBOURS, slug="django-loci")
    asked = len(fake.requests)
    assert await data(catalogue, NEIGHBOURS, slug="django-loci") == cold
    assert len(fake.requests) == asked


async def test_one_failing_member_fails_alone(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.replies["packages/2243/"] = Reply(500)
    answer, errors = await run(catalogue, NEIGHBOURS, slug="django-loci")
    place = GRIDS[321]["packages"].index(2243)
    paths = {
        ("package", "grids", at, "packages", GRIDS[key]["packages"].index(2243))
        for at, key in enumerate(PACKAGES[4005]["grids"])
        if 2243 in GRIDS[key]["packages"]
    }
    assert errors == dict.fromkeys(paths, "UPSTREAM_STATUS")
    packages = answer["package"]["grids"][0]["packages"]
    assert packages[place] is None
    assert all(packages[at] for at in range(len(packages)) if at != place)
    assert fake.targets["packages/2243/"] == 1


async def test_a_link_to_nothing_is_dropped(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.replies["packages/2243/"] = Reply(404, b'{"detail": "No Package matches the given query."}')
    fake.replies["categories/1/"] = ABSENT
    answer = (await data(catalogue, NEIGHBOURS, slug="django-loci"))["package"]
    assert [item["id"] for item in answer["grids"][0]["packages"]] == ["2687", "4005", "5013"]
    assert answer["category"] is None


async def test_aliases_share_what_they_read(catalogue: Catalogue, fake: FakeUpstream) -> None:
    await data(
        catalogue,
        """{ a: package(id: 4005) { slug } b: package(id: "4005") { grids { slug } } c: grid(id: 321) { slug }
             d: node(nodeId: "UGFja2FnZTo0MDA1") { nodeId } }""",
    )
    assert fake.targets == {"packages/4005/": 1, "grids/321/": 1, "grids/74/": 1}


async def test_concurrent_requests_share_their_fetches(catalogue: Catalogue, fake: FakeUpstream) -> None:
    answers = await asyncio.gather(*(data(catalogue, NEIGHBOURS, slug="django-loci") for _ in range(5)))
    assert set(fake.targets.values()) == {1}
    assert all(answer == answers[0] for answer in answers)


async def test_first_bounds_the_lists(catalogue: Catalogue, fake: FakeUpstream) -> None:
    query = "{ grid(id: 321) { packages(first: 1) { id } } package(id: 4005) { participants(first: 2) { login } } }"
    answer = await data(catalogue, query)
    assert answer["grid"]["packages"] == [{"id": "2243"}]
    assert len(answer["package"]["participants"]) == 2
    assert set(fake.targets) == {"grids/321/", "packages/4005/", "packages/2243/"}
    _, errors = await run(catalogue, "{ grid(id: 321) { packages(first: -1) { id } } }")
    assert errors == {("grid", "packages"): "BAD_USER_INPUT"}
