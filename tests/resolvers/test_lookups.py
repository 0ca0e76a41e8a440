"""Look-ups by what a requirements file has: names on PyPI and addresses of repositories."""

import pytest

from catalogue import Catalogue
from tests.fake_upstream import FakeUpstream
from tests.queries import data, run

QUERY = "query($name: String, $url: String) { package(pypiName: $name, repoUrl: $url) { slug } }"


@pytest.mark.parametrize(
    "names",
    [
        {"name": "Django_Loci"},
        {"url": "git@github.com:openwisp/django-loci.git"},
        {"url": "GitHub.com/openwisp/django-loci"},
    ],
)
async def test_a_package_by_what_others_call_it(mirrored: Catalogue, names: dict[str, str]) -> None:
    assert await data(mirrored, QUERY, **names) == {"package": {"slug": "django-loci"}}


@pytest.mark.parametrize("names", [{"name": "nope"}, {"url": "https://github.com/no/pe"}, {"url": ""}, {"name": "\0"}])
async def test_what_nobody_is_called(mirrored: Catalogue, names: dict[str, str]) -> None:
    assert await data(mirrored, QUERY, **names) == {"package": None}


async def test_of_two_packages_from_one_repository_the_first_is_found(mirrored: Catalogue) -> None:
    packages = mirrored.snapshot.index.packages
    for package in packages:
        twins = [each.id for each in packages if each.repo_url and each.repo_url == package.repo_url]
        if package.repo_url:
            answer = await data(mirrored, "query($url: String) { package(repoUrl: $url) { id } }", url=package.repo_url)
            assert answer["package"]["id"] == str(min(twins))


@pytest.mark.parametrize(
    "arguments",
    ["", '(id: 1, slug: "a")', '(pypiName: "a", repoUrl: "b")', "(slug: null)", '(slug: "a", pypiName: "a")'],
)
async def test_exactly_one_name_is_given(mirrored: Catalogue, arguments: str) -> None:
    _, errors = await run(mirrored, f"{{ package{arguments} {{ id }} }}")
    assert errors == {("package",): "BAD_USER_INPUT"}


async def test_without_a_mirror_only_id_and_slug_will_do(catalogue: Catalogue, fake: FakeUpstream) -> None:
    for arguments in ('pypiName: "django-loci"', 'repoUrl: "github.com/openwisp/django-loci"'):
        _, errors = await run(catalogue, f"{{ package({arguments}) {{ id }} }}")
        assert errors == {("package",): "MIRROR_OFF"}
    assert fake.requests == []


async def test_grids_that_nobody_knows_are_not_asked_for(mirrored: Catalogue, fake: FakeUpstream) -> None:
    asked = len(fake.requests)
    slugs = ["forms", *(f"nope-{number}" for number in range(500))]
    query = "query($slugs: [String!]) { packages(filter: {grids: $slugs}) { totalCount } }"
    assert (await data(mirrored, query, slugs=slugs))["packages"]["totalCount"] > 0
    assert len(fake.requests) == asked


async def test_the_members_of_a_grid_by_name_without_a_mirror(catalogue: Catalogue) -> None:
    query = """{ grid(slug: "forms") { packages { slug pypiName }
      packageConnection(filter: {pypiNames: %s}) { nodes { slug } totalCount } } }"""
    grid = (await data(catalogue, query % '["nope"]'))["grid"]
    assert grid["packageConnection"] == {"nodes": [], "totalCount": 0}
    known = next(package for package in grid["packages"] if package["pypiName"])
    found = (await data(catalogue, query % f'["{known["pypiName"].upper()}"]'))["grid"]["packageConnection"]
    assert {"slug": known["slug"]} in found["nodes"]


GRIDS = "query($field: GridOrder!, $direction: OrderDirection!) { grids(first: 100, orderBy: {field: $field, direction: $direction}) { nodes { id title packageCount created modified } } }"


@pytest.mark.parametrize(
    ("field", "name"),
    [("TITLE", "title"), ("PACKAGES", "packageCount"), ("CREATED", "created"), ("MODIFIED", "modified")],
)
async def test_orders_of_grids(mirrored: Catalogue, field: str, name: str) -> None:
    both = []
    for direction in ("ASC", "DESC"):
        nodes = (await data(mirrored, GRIDS, field=field, direction=direction))["grids"]["nodes"]
        both.append([node["id"] for node in nodes])
        if name in ("title", "packageCount"):
            values = [str(node[name]).casefold() if name == "title" else node[name] for node in nodes]
            assert values == sorted(values, reverse=direction == "DESC")
    assert both[0] == both[1][::-1]


async def test_orders_of_participants(mirrored: Catalogue) -> None:
    query = (
        "query($order: ParticipantOrderBy) { participants(first: 100, order: $order) { nodes { login packageCount } } }"
    )

    async def counts(**order: str) -> list[int]:
        nodes = (await data(mirrored, query, order=order))["participants"]["nodes"]
        return [node["packageCount"] for node in nodes]

    assert await counts(field="PACKAGES") == [1] * 100
    most = await counts(field="PACKAGES", direction="DESC")
    assert most == sorted(most, reverse=True)
    assert most[0] > 1
    nodes = (await data(mirrored, query))["participants"]["nodes"]
    assert [node["packageCount"] for node in nodes] == most, "who took part in most comes first unless told otherwise"
    backwards = (await data(mirrored, query, order={"field": "LOGIN", "direction": "DESC"}))["participants"]["nodes"]
    logins = [node["login"].casefold() for node in backwards]
    assert logins == sorted(logins, reverse=True)
    _, errors = await run(mirrored, "{ participants(order: {field: LOGIN}, orderBy: LOGIN) { totalCount } }")
    assert errors == {("participants",): "BAD_USER_INPUT"}


PARTICIPANTS = """query($first: Int, $after: String, $orderBy: ParticipantOrderBy, $filter: ParticipantFilter) {
  package(slug: "django-loci") { participants { login isBot } participantConnection(
    first: $first, after: $after, orderBy: $orderBy, filter: $filter) {
      totalCount nodes { login isBot } pageInfo { hasNextPage endCursor } } } }"""


async def test_the_participants_of_a_package_in_pages(mirrored: Catalogue) -> None:
    async def walked(**variables: object) -> list[str]:
        logins: list[str] = []
        after, more = None, True
        while more:
            answer = await data(mirrored, PARTICIPANTS, first=2, after=after, **variables)
            page = answer["package"]["participantConnection"]
            logins += [node["login"] for node in page["nodes"]]
            more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
        assert page["totalCount"] == len(logins)
        return logins

    listed = (await data(mirrored, PARTICIPANTS))["package"]["participants"]
    assert await walked() == [each["login"] for each in listed]
    assert await walked(filter={"bots": False}) == [each["login"] for each in listed if not each["isBot"]]
    by_login = await walked(orderBy={"field": "LOGIN"})
    assert by_login == sorted(by_login, key=str.casefold)
    assert await walked(orderBy={"field": "LOGIN", "direction": "DESC"}) == by_login[::-1]
    assert sorted(await walked(orderBy={"field": "PACKAGES"})) == sorted(by_login)
