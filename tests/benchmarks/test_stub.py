"""The stub upstream answers as the recorded upstream does, and counts what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from benchmarks.catalogue import HUBS, Catalogue, make_catalogue, mix
from benchmarks.stub import Stub, fixed, running

PACKAGE_KEYS = (
    "category grids id title slug last_updated last_fetched repo_url pypi_version created modified repo_forks "
    "repo_description pypi_url documentation_url repo_watchers commits_over_52 participants"
)
GRID_KEYS = ["id", "title", "slug", "description", "is_locked", "packages", "header", "created", "modified"]
CATEGORY_KEYS = ["id", "title", "slug", "description", "title_plural", "show_pypi", "created", "modified"]
HIT_KEYS = (
    "description title title_no_prefix slug_no_prefix clean_title absolute_url created modified weight item_type slug "
    "category repo_watchers repo_forks pypi_downloads score usage participants last_committed last_released"
)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return make_catalogue()


@pytest.fixture
async def stub(catalogue: Catalogue) -> AsyncIterator[Stub]:
    async with running(catalogue) as stub:
        yield stub


@pytest.fixture
async def client(stub: Stub) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=stub.url) as client:
        yield client


def test_the_catalogue_is_as_large_as_the_real_one_and_always_the_same(catalogue: Catalogue) -> None:
    assert (len(catalogue.packages), len(catalogue.grids), len(catalogue.categories)) == (5800, 381, 5)
    assert max(len(grid["packages"]) for grid in catalogue.grids.values()) == 117
    assert make_catalogue() == catalogue


def test_hubs_have_the_promised_numbers_of_neighbours(catalogue: Catalogue) -> None:
    found = {row["slug"]: len(catalogue.neighbours(row)) for row in catalogue.packages.values() if row["slug"] in HUBS}
    assert found == HUBS


def test_the_mix_has_200_slugs_of_about_28_neighbours(catalogue: Catalogue) -> None:
    by_slug = {row["slug"]: row for row in catalogue.packages.values()}
    sizes = [len(catalogue.neighbours(by_slug[slug])) for slug in set(mix(catalogue))]
    assert len(sizes) == 200
    assert 27 <= sum(sizes) / len(sizes) <= 29


def test_grid_members_are_in_title_order(catalogue: Catalogue) -> None:
    for grid in catalogue.grids.values():
        titles = [catalogue.packages[id_]["title"] for id_ in grid["packages"]]
        assert titles == sorted(titles)


async def test_a_list_page_has_the_shape_and_the_size_of_the_real_one(stub: Stub, client: httpx.AsyncClient) -> None:
    response = await client.get("packages/?limit=100")
    page = response.json()
    assert list(page) == ["count", "next", "previous", "results"]
    assert (page["count"], page["next"], page["previous"]) == (5800, f"{stub.url}packages/?limit=100&offset=100", None)
    assert " ".join(page["results"][0]) == PACKAGE_KEYS
    assert page["results"][0]["category"].startswith(f"{stub.url}categories/")
    assert 85_000 <= len(response.content) <= 103_000
    ids = [row["id"] for row in page["results"]]
    assert ids == sorted(ids, reverse=True)


async def test_a_walk_along_the_links_meets_every_package_once(catalogue: Catalogue, client: httpx.AsyncClient) -> None:
    ids, link = [], "packages/?limit=1000"
    while link:
        page = (await client.get(link)).json()
        ids += [row["id"] for row in page["results"]]
        link = page["next"]
    assert ids == sorted(catalogue.packages, reverse=True)


@pytest.mark.parametrize(
    ("query", "rows", "following", "previous"),
    [
        ("", 20, "?limit=20&offset=20", None),
        ("?limit=abc", 20, "?limit=20&offset=20", None),
        ("?limit=0", 20, "?limit=20&offset=20", None),
        ("?limit=-1", 20, "?limit=20&offset=20", None),
        ("?limit=5&offset=2", 5, "?limit=5&offset=7", "?limit=5"),
        ("?limit=3&offset=5799", 1, None, "?limit=3&offset=5796"),
        ("?limit=3&offset=99999", 0, None, "?limit=3&offset=99996"),
        ("?limit=2&format=json", 2, "?format=json&limit=2&offset=2", None),
        ("?limit=100000", 5800, None, None),
    ],
)
async def test_limits_and_paging_links(
    stub: Stub, client: httpx.AsyncClient, query: str, rows: int, following: str | None, previous: str | None
) -> None:
    page = (await client.get(f"packages/{query}")).json()
    assert len(page["results"]) == rows
    assert page["next"] == (following and f"{stub.url}packages/{following}")
    assert page["previous"] == (previous and f"{stub.url}packages/{previous}")


async def test_one_by_id_and_by_slug(client: httpx.AsyncClient) -> None:
    package = (await client.get("packages/hub/")).json()
    assert (await client.get(f"packages/{package['id']}/")).json() == package
    grid = (await client.get(package["grids"][0])).json()
    assert list(grid) == GRID_KEYS
    assert (await client.get(f"grids/{grid['slug']}/")).json() == grid
    assert list((await client.get(package["category"])).json()) == CATEGORY_KEYS


async def test_links_take_their_host_from_the_request(client: httpx.AsyncClient) -> None:
    package = (await client.get("packages/hub/", headers={"Host": "example.org"})).json()
    assert package["category"] == "http://example.org/api/v4/categories/1/"


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("packages/999999/", 404, "No Package matches the given query."),
        ("packages/no-such-package/", 404, "No Package matches the given query."),
        ("packages/Hub/", 404, "No Package matches the given query."),
        ("packages/a.b/", 404, "Not found."),
        ("grids/no-such-grid/", 404, "No Grid matches the given query."),
        ("categories/99/", 404, "No Category matches the given query."),
        ("categories/apps/", 404, "Not found."),
    ],
)
async def test_what_is_unknown_is_a_json_404(client: httpx.AsyncClient, path: str, status: int, detail: str) -> None:
    response = await client.get(path)
    assert (response.status_code, response.json()) == (status, {"detail": detail})


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("packages/a%2Fb/", 404),
        ("nosuch/", 404),
        ("search/5/", 404),
        ("packages/%00/", 500),
        ("packages/?limit=99999999999999999999", 500),
        ("search/?q=%00", 500),
    ],
)
async def test_html_answers(client: httpx.AsyncClient, path: str, status: int) -> None:
    response = await client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert response.text.startswith("<!doctype html>")


async def test_a_missing_slash_redirects_and_post_is_refused(client: httpx.AsyncClient) -> None:
    response = await client.get("packages?limit=2")
    assert (response.status_code, response.headers["location"]) == (301, "/api/v4/packages/?limit=2")
    response = await client.post("packages/hub/", json={})
    assert (response.status_code, response.json()) == (405, {"detail": 'Method "POST" not allowed.'})
    response = await client.head("packages/hub/")
    assert (response.status_code, response.content) == (200, b"")


async def test_search_is_a_bare_array_of_at_most_twenty(client: httpx.AsyncClient) -> None:
    hits = (await client.get("search/?q=Cache&limit=2")).json()
    assert len(hits) == 20
    assert " ".join(hits[0]) == HIT_KEYS
    weights = [hit["weight"] for hit in hits]
    assert weights == sorted(weights, reverse=True)
    for query in ("", "?q=", "?q=zzzzqqqq"):
        assert (await client.get(f"search/{query}")).json() == []


async def test_it_counts_requests_and_the_most_in_flight(stub: Stub, client: httpx.AsyncClient) -> None:
    stub.latency = fixed(200)
    await asyncio.gather(*(client.get(f"packages/{id_}/") for id_ in ("1", "2", "999999")), client.get("grids/"))
    stats = (await client.get(httpx.URL(stub.url).join("/stub/stats"))).json()
    assert (stats["requests"], stats["in_flight"], stats["max_in_flight"]) == (4, 0, 4)
    assert stats["by_kind"] == {"detail": 3, "list": 1}
    assert stats["by_status"] == {"200": 3, "404": 1}
    await client.post(httpx.URL(stub.url).join("/stub/reset"))
    assert (await client.get(httpx.URL(stub.url).join("/stub/stats"))).json()["requests"] == 0


async def test_the_latency_can_be_set_from_outside(stub: Stub, client: httpx.AsyncClient) -> None:
    control = httpx.URL(stub.url).join("/stub/latency")
    await client.post(control, params={"ms": 7})
    assert stub.latency("detail", 1) == pytest.approx(0.007)
    await client.post(control, params={"model": "real"})
    assert stub.latency("detail", 1) == pytest.approx(0.015)
    assert stub.latency("list", 100) == pytest.approx(0.112)
    assert (await client.post(control, params={"model": "unreal"})).status_code == 404


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("500", 500, "text/html; charset=utf-8"),
        ("503", 503, "text/html; charset=utf-8"),
        ("429", 429, "application/json"),
        ("challenge", 403, "text/html; charset=utf-8"),
        ("proxy", 404, "text/html; charset=utf-8"),
    ],
)
async def test_it_can_be_told_to_fail(stub: Stub, client: httpx.AsyncClient, name: str, status: int, kind: str) -> None:
    control = httpx.URL(stub.url).join("/stub/fault")
    await client.post(control, params={"name": name})
    response = await client.get("packages/hub/")
    assert (response.status_code, response.headers["content-type"]) == (status, kind)
    assert (response.headers.get("retry-after") == "1") is (name == "429")
    await client.post(control, params={"name": "none"})
    assert (await client.get("packages/hub/")).status_code == 200
    assert stub.stats.faults == 1


@pytest.mark.parametrize("name", ["reset", "cut"])
async def test_it_can_be_told_to_break_off(stub: Stub, client: httpx.AsyncClient, name: str) -> None:
    await client.post(httpx.URL(stub.url).join("/stub/fault"), params={"name": name})
    with pytest.raises(httpx.TransportError):
        await client.get("packages/hub/")


async def test_the_catalogue_can_be_changed(stub: Stub, client: httpx.AsyncClient) -> None:
    before = (await client.get("packages/?limit=10000")).json()
    await client.post(httpx.URL(stub.url).join("/stub/change"))
    after = (await client.get("packages/?limit=10000")).json()
    assert after["count"] == before["count"] + 1
    assert after["results"][0]["slug"] == "added-1"
    old = {row["id"]: row for row in before["results"]}
    assert 150 < sum(row != old.get(row["id"]) for row in after["results"]) < 250
