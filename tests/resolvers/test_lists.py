"""Lists answered from the mirror: filters, orders, keyset cursors, participants."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from catalogue import Catalogue, Mirror, SyncSettings
from catalogue.facets import repo_host
from catalogue.store import MemoryStore
from tests.fake_upstream import FakeUpstream
from tests.patience import PATIENCE
from tests.queries import data, run
from tests.rows import Rows, grid, package
from tests.strategies import sample
from upstream import Client, Package

PACKAGES, GRIDS, CATEGORIES = sample()

FILTERS: dict[str, Callable[[Package], bool]] = {
    'category: "other"': lambda package: package.category == 4,
    'category: "nope"': lambda _: False,
    'grid: "forms"': lambda package: package.id in next(grid.packages for grid in GRIDS if grid.slug == "forms"),
    'grid: "nope"': lambda _: False,
    'participant: "JezDez"': lambda package: "jezdez" in package.participants,
    'participant: "dependabot[bot]"': lambda package: "dependabot[bot]" in package.participants,
    'text: "Forms"': lambda package: "forms" in f"{package.title} {package.slug} {package.repo_description}".lower(),
    "minWatchers: 100": lambda package: package.repo_watchers >= 100,
    "maxWatchers: 100": lambda package: package.repo_watchers <= 100,
    "minForks: 10": lambda package: package.repo_forks >= 10,
    "maxForks: 10": lambda package: package.repo_forks <= 10,
    'updatedAfter: "2026-01-01T00:00:00Z"': lambda package: bool(
        package.last_updated and package.last_updated > datetime(2026, 1, 1, tzinfo=UTC)
    ),
    'updatedBefore: "2025-12-31T19:00:00-05:00"': lambda package: bool(
        package.last_updated and package.last_updated < datetime(2026, 1, 1, tzinfo=UTC)
    ),
    'createdAfter: "2020-01-01T00:00:00Z"': lambda package: package.created > datetime(2020, 1, 1, tzinfo=UTC),
    'createdBefore: "2020-01-01T00:00:00Z"': lambda package: package.created < datetime(2020, 1, 1, tzinfo=UTC),
    "hasPypiRelease: true": lambda package: package.pypi_version is not None,
    "hasPypiRelease: false": lambda package: package.pypi_version is None,
    "hasDocumentation: true": lambda package: package.documentation_url is not None,
    "hasDocumentation: false": lambda package: package.documentation_url is None,
    "isActive: true": lambda package: sum(package.commits_over_52) > 0,
    "isActive: false": lambda package: sum(package.commits_over_52) == 0,
    'repoHost: "GitHub.com"': lambda package: repo_host(package) == "github.com",
    'repoHost: "www.gitlab.com"': lambda package: repo_host(package) == "gitlab.com",
    "minWatchers: 10, maxWatchers: 500, hasDocumentation: true, isActive: true": lambda package: (
        10 <= package.repo_watchers <= 500 and package.documentation_url is not None and any(package.commits_over_52)
    ),
    "minWatchers: null": lambda _: True,
    'slugs: ["django-loci", "nope"]': lambda package: package.slug == "django-loci",
    "slugs: []": lambda _: False,
    "slugs: null": lambda _: True,
    'pypiNames: ["Django_Loci", "nope"]': lambda package: package.pypi_name == "django-loci",
    'repoUrls: ["git@GitHub.com:openwisp/django-loci.git"]': lambda package: package.slug == "django-loci",
    'categories: ["apps", "other", "nope"]': lambda package: package.category in (1, 4),
    'grids: ["forms", "nope"]': lambda package: (
        package.id in next(grid.packages for grid in GRIDS if grid.slug == "forms")
    ),
    'categories: ["apps"], grids: ["forms"], slugs: ["django-loci"]': lambda _: False,
}
ORDERS: dict[str, Callable[[Package], Any]] = {
    "TITLE": lambda package: package.title.casefold(),
    "WATCHERS": lambda package: package.repo_watchers,
    "FORKS": lambda package: package.repo_forks,
    "LAST_UPDATED": lambda package: package.last_updated or datetime.min.replace(tzinfo=UTC),
    "CREATED": lambda package: package.created,
    "COMMITS": lambda package: sum(package.commits_over_52),
    "PARTICIPANTS": lambda package: len(package.participants),
    "MODIFIED": lambda package: package.modified,
}
PLACES: dict[str, tuple[str, Callable[[Package], bool]]] = {
    "packages": ("{ packages(%s) { totalCount nodes { id } } }", lambda _: True),
    "Category.packages": (
        '{ category(slug: "apps") { packages(%s) { totalCount nodes { id } } } }',
        lambda package: package.category == 1,
    ),
    "Grid.packages": ('{ grid(slug: "forms") { packages(%s) { id } } }', FILTERS['grid: "forms"']),
    "Grid.packageConnection": (
        '{ grid(slug: "forms") { packageConnection(%s) { totalCount nodes { id } } } }',
        FILTERS['grid: "forms"'],
    ),
    "Participant.packages": (
        '{ participant(login: "DEPENDABOT[bot]") { packages(%s) { totalCount nodes { id } } } }',
        lambda package: "dependabot[bot]" in package.participants,
    ),
}


def items(answer: Any) -> tuple[list[int], int | None]:
    """Return the ids of a list wherever it is in an answer, and its total count."""
    while "nodes" not in answer:
        answer = next(iter(answer.values()))
        if isinstance(answer, list):
            return [int(node["id"]) for node in answer], None
    return [int(node["id"]) for node in answer["nodes"]], answer["totalCount"]


@pytest.mark.parametrize("filter", FILTERS)
async def test_filters(mirrored: Catalogue, filter: str) -> None:
    for place, (query, is_in) in PLACES.items():
        size = "" if place == "Grid.packages" else "first: 100, "
        found, total = items(await data(mirrored, query % f"{size}filter: {{{filter}}}"))
        expected = [each.id for each in PACKAGES if is_in(each) and FILTERS[filter](each)]
        if place.startswith("Grid."):
            assert set(found) == set(expected)
            assert total in (None, len(expected))
        else:
            assert (place, total) == (place, len(expected))
            assert found == sorted(expected, reverse=True)[:100]


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("order", ORDERS)
async def test_orders(mirrored: Catalogue, order: str, direction: str) -> None:
    for query, is_in in PLACES.values():
        size = "first: 100, " * ("totalCount" in query)
        found, _ = items(await data(mirrored, query % f"{size}orderBy: {{field: {order}, direction: {direction}}}"))
        assert found == ordered(order, direction, is_in)[:100]


def ordered(order: str, direction: str, is_in: Callable[[Package], bool] = lambda _: True) -> list[int]:
    chosen = [each for each in PACKAGES if is_in(each)]
    chosen.sort(key=lambda each: (ORDERS[order](each), each.id), reverse=direction == "DESC")
    return [each.id for each in chosen]


async def test_an_order_ascends_unless_told_otherwise(mirrored: Catalogue) -> None:
    found, _ = items(
        await data(mirrored, "{ packages(first: 9, orderBy: {field: FORKS}) { totalCount nodes { id } } }")
    )
    assert found == ordered("FORKS", "ASC")[:9]


async def test_a_grid_s_packages_stay_in_their_order_when_filtered(mirrored: Catalogue) -> None:
    everything, _ = items(await data(mirrored, '{ grid(slug: "forms") { packages { id } } }'))
    some, _ = items(await data(mirrored, '{ grid(slug: "forms") { packages(filter: {minWatchers: 50}) { id } } }'))
    watched = {each.id for each in PACKAGES if each.repo_watchers >= 50}
    assert some == [key for key in everything if key in watched] != everything
    first, _ = items(
        await data(mirrored, '{ grid(slug: "forms") { packages(first: 2, filter: {minWatchers: 50}) { id } } }')
    )
    assert first == some[:2]


@pytest.mark.parametrize("place", PLACES)
async def test_a_text_that_is_too_long_is_the_client_s_mistake(mirrored: Catalogue, place: str) -> None:
    _, errors = await run(mirrored, PLACES[place][0] % f'filter: {{text: "{"x" * 201}"}}')
    assert list(errors.values()) == ["BAD_USER_INPUT"]
    await data(mirrored, PLACES[place][0] % f'filter: {{text: "{"x" * 200}"}}')


@pytest.mark.parametrize("text", ["\0", '"', "%", "_", "🦄", "\ud800", "'; --", "\\"])
async def test_no_text_breaks_a_filter(mirrored: Catalogue, text: str) -> None:
    query = """query($text: String!, $filter: PackageFilter!) {
      packages(filter: $filter) { totalCount } grids(filter: {text: $text}) { totalCount }
      participant(login: $text) { login } package(slug: $text) { id } grid(slug: $text) { id } }"""
    for name in ("text", "category", "grid", "participant", "repoHost"):
        await data(mirrored, query, text=text, filter={name: text})


@pytest.mark.parametrize("moment", ["20260101", "2026-01-01T00:00:00", "now", "", 5, "2026-13-01T00:00:00Z"])
async def test_a_time_without_an_offset_is_the_client_s_mistake(mirrored: Catalogue, moment: object) -> None:
    query = "query($moment: DateTime!) { packages(filter: {updatedAfter: $moment}) { totalCount } }"
    answer, errors = await run(mirrored, query, moment=moment)
    assert answer is None
    assert len(errors) == 1


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_times_at_the_ends_of_the_calendar(mirrored: Catalogue, moment: str) -> None:
    query = """query($moment: DateTime!) { a: packages(filter: {createdAfter: $moment}) { totalCount }
      b: packages(filter: {createdBefore: $moment}) { totalCount } }"""
    answer = await data(mirrored, query, moment=moment)
    assert {answer["a"]["totalCount"], answer["b"]["totalCount"]} == {0, 135}


# Cursors

PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $orderBy: PackageOrderBy,
              $filter: PackageFilter) {
  packages(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, filter: $filter) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { id title } } } }"""

Between = Callable[[int], Any]


async def walked(
    catalogue: Catalogue, between: Between | None = None, *, size: int = 7, backward: bool = False, **variables: object
) -> list[int]:
    """Return the ids that a walk of the pages meets, in the connection's order.

    `between` is called, and waited for, with the number of each page that has been read.
    """
    seen: list[int] = []
    cursor, more, number = None, True, 0
    while more:
        place = {"last": size, "before": cursor} if backward else {"first": size, "after": cursor}
        page = (await data(catalogue, PAGE, **place, **variables))["packages"]
        ids = [int(edge["node"]["id"]) for edge in page["edges"]]
        assert len(ids) <= size
        seen = ids + seen if backward else seen + ids
        info = page["pageInfo"]
        cursor, more = (
            (info["startCursor"], info["hasPreviousPage"]) if backward else (info["endCursor"], info["hasNextPage"])
        )
        if between is not None:
            await between(number)
        number += 1
    return seen


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("order", ORDERS)
async def test_a_walk_meets_each_package_once(mirrored: Catalogue, order: str, direction: str, backward: bool) -> None:
    order_by = {"field": order, "direction": direction}
    seen = await walked(mirrored, size=11, backward=backward, orderBy=order_by)
    assert seen == ordered(order, direction)


@pytest.mark.parametrize("backward", [False, True])
async def test_a_walk_without_an_order_begins_with_what_came_last(mirrored: Catalogue, backward: bool) -> None:
    seen = await walked(mirrored, size=50, backward=backward)
    assert seen == sorted((each.id for each in PACKAGES), reverse=True)
    filtered = await walked(mirrored, backward=backward, filter={"minWatchers": 100})
    assert filtered == sorted((each.id for each in PACKAGES if each.repo_watchers >= 100), reverse=True)


@asynccontextmanager
async def mirrored_rows(
    fake: FakeUpstream, *, freshness: float = 600, wait: float = PATIENCE
) -> AsyncIterator[tuple[Rows, Catalogue, Mirror]]:
    """30 packages with many equal values, and a mirror that has not been synced yet."""
    rows = fake.rows = Rows()
    for key in range(1, 31):
        rows.packages[key] = package(key, title=f"T{key % 4}", repo_watchers=key % 5, repo_forks=key % 3)
    catalogue = Catalogue(Client(fake.base_url, timeout=PATIENCE), freshness=freshness, mirror_wait=wait)
    mirror = Mirror(catalogue, MemoryStore(), SyncSettings())
    await mirror.load()
    try:
        yield rows, catalogue, mirror
    finally:
        await mirror.aclose()
        await catalogue.aclose()


@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("order", [None, *ORDERS])
async def test_changes_under_a_walk_neither_skip_nor_repeat(
    fake: FakeUpstream, order: str | None, direction: str, backward: bool
) -> None:
    async with mirrored_rows(fake) as (rows, catalogue, mirror):
        await mirror.sync()

        async def between(number: int) -> None:
            if number > 4:
                return
            gone, changed = 30 - 4 * number, 13 - number
            rows.packages.pop(gone, None)  # now and then the very one that the cursor names
            rows.packages[changed]["repo_description"] = f"Changed {number}"
            rows.packages[100 + number] = package(100 + number, title=f"T{number}", repo_watchers=number % 5)
            await mirror.sync()

        order_by = order and {"field": order, "direction": direction}
        seen = await walked(catalogue, between, size=5, backward=backward, orderBy=order_by)
    times = Counter(seen)
    assert set(times.values()) == {1}
    assert {key for key in rows.packages if key <= 30} <= set(seen)


async def test_a_cursor_stays_valid_when_its_package_is_gone_and_the_order_moved(fake: FakeUpstream) -> None:
    async with mirrored_rows(fake) as (rows, catalogue, mirror):
        await mirror.sync()
        order_by = {"field": "WATCHERS", "direction": "DESC"}
        page = (await data(catalogue, PAGE, first=4, orderBy=order_by))["packages"]
        last = page["edges"][-1]
        del rows.packages[int(last["node"]["id"])]
        await mirror.sync()
        rest = (await data(catalogue, PAGE, first=100, after=last["cursor"], orderBy=order_by))["packages"]
        ids = [edge["node"]["id"] for page in (page, rest) for edge in page["edges"]]
        assert len(ids) == len(set(ids)) == 30


async def test_pages_know_where_they_stand(mirrored: Catalogue) -> None:
    order_by = {"field": "TITLE"}
    first = (await data(mirrored, PAGE, orderBy=order_by))["packages"]
    cursors = [edge["cursor"] for edge in first["edges"]]
    assert len(cursors) == len(set(cursors)) == 20
    assert first["pageInfo"] == {
        "hasNextPage": True,
        "hasPreviousPage": False,
        "startCursor": cursors[0],
        "endCursor": cursors[-1],
    }
    last = (await data(mirrored, PAGE, last=5, orderBy=order_by))["packages"]
    assert (last["pageInfo"]["hasNextPage"], last["pageInfo"]["hasPreviousPage"]) == (False, True)
    between = await data(mirrored, PAGE, after=cursors[2], before=cursors[6], orderBy=order_by)
    assert [edge["cursor"] for edge in between["packages"]["edges"]] == cursors[3:6]
    assert between["packages"]["totalCount"] == 135
    some = await data(mirrored, PAGE, last=2, after=cursors[2], before=cursors[6], orderBy=order_by)
    assert [edge["cursor"] for edge in some["packages"]["edges"]] == cursors[4:6]
    none = (await data(mirrored, PAGE, first=0, orderBy=order_by))["packages"]
    assert (none["edges"], none["pageInfo"]["hasNextPage"], none["pageInfo"]["endCursor"]) == ([], True, None)
    crossed = await data(mirrored, PAGE, after=cursors[6], before=cursors[2], orderBy=order_by)
    assert crossed["packages"]["edges"] == []


def cursor(*place: object) -> str:
    return urlsafe_b64encode(json.dumps(place).encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        *("x", "é", "\ud800", "\0", "====", "bnVsbA==", "e30="),
        *(cursor(), cursor("title"), cursor("title", "a"), cursor("title", 1, 2), cursor("title", "a", "b")),
        *(cursor("title", "a", 1, 2), cursor("title", ["a"], 1), cursor("title", None, 1), cursor("title", True, 1)),
        *(cursor("id", 0, 5), cursor("watchers", 5, 5), cursor("offset", 3), cursor("title", "a", float("nan"))),
    ],
)
@pytest.mark.parametrize("argument", ["after", "before"])
async def test_a_cursor_of_another_list_or_of_none(mirrored: Catalogue, argument: str, text: str) -> None:
    answer, errors = await run(mirrored, PAGE, orderBy={"field": "TITLE"}, **{argument: text})
    assert answer == {"packages": None}
    assert errors == {("packages",): "BAD_USER_INPUT"}


@pytest.mark.parametrize(
    "arguments", [{"first": -1}, {"first": 101}, {"last": -1}, {"last": 101}, {"first": 1, "last": 1}]
)
async def test_sizes_have_bounds(mirrored: Catalogue, arguments: dict[str, object]) -> None:
    _, errors = await run(mirrored, PAGE, **arguments)
    assert errors == {("packages",): "BAD_USER_INPUT"}


# Grids


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ("", [5, 4, 3, 2, 1]),
        ('filter: {text: "FORM"}', [3, 2]),
        ('filter: {text: "form second"}', [3]),
        ("filter: {minPackages: 2}", [4, 3]),
        ("filter: {maxPackages: 1}", [5, 2, 1]),
        ("filter: {minPackages: 1, maxPackages: 2}", [3, 2]),
        ("filter: {header: true}", [4]),
        ("filter: {header: false, isLocked: false}", [3, 2, 1]),
        ("filter: {isLocked: true}", [5]),
        ("filter: {}", [5, 4, 3, 2, 1]),
        ('filter: {text: "nope"}', []),
    ],
)
async def test_filters_of_grids(fake: FakeUpstream, filter: str, expected: list[int]) -> None:
    async with mirrored_rows(fake) as (rows, catalogue, mirror):
        rows.grids = {
            1: grid(1),
            2: grid(2, title="Forms", packages=[1]),
            3: grid(3, title="Second", slug="forms-2", packages=[1, 2]),
            4: grid(4, packages=[1, 2, 3], header=True),
            5: grid(5, is_locked=True),
        }
        await mirror.sync()
        answer = await data(catalogue, f"{{ grids(first: 100, {filter}) {{ totalCount nodes {{ id }} }} }}")
        assert items(answer) == (expected, len(expected))


async def test_a_walk_of_grids(mirrored: Catalogue) -> None:
    query = (
        "query($after: String) { grids(first: 9, after: $after) { pageInfo { hasNextPage endCursor } nodes { id } } }"
    )
    seen: list[int] = []
    after, more = None, True
    while more:
        page = (await data(mirrored, query, after=after))["grids"]
        seen += [int(node["id"]) for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == sorted((grid.id for grid in GRIDS), reverse=True)


async def test_a_grid_s_text_that_is_too_long_is_the_client_s_mistake(mirrored: Catalogue) -> None:
    _, errors = await run(mirrored, '{ grids(filter: {text: "%s"}) { totalCount } }' % ("x" * 201))
    assert errors == {("grids",): "BAD_USER_INPUT"}


# Participants


def packages_by_login() -> dict[str, list[Package]]:
    found: dict[str, list[Package]] = {}
    for each in PACKAGES:
        for login in {login.casefold() for login in each.participants}:
            found.setdefault(login, []).append(each)
    return found


BY_LOGIN = packages_by_login()


@pytest.mark.parametrize("order", ["PACKAGES", "LOGIN"])
@pytest.mark.parametrize("bots", [None, True, False])
async def test_participants(mirrored: Catalogue, order: str, bots: bool | None) -> None:
    query = """query($after: String, $order: ParticipantOrder!, $bots: Boolean) {
      participants(first: 100, after: $after, orderBy: $order, filter: {bots: $bots}) {
        totalCount pageInfo { hasNextPage endCursor } nodes { login isBot packageCount } } }"""
    seen: list[dict[str, Any]] = []
    after, more = None, True
    while more:
        page = (await data(mirrored, query, after=after, order=order, bots=bots))["participants"]
        seen += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    logins = [login for login in BY_LOGIN if bots is None or login.endswith("[bot]") is bots]
    logins.sort(key=lambda login: (-len(BY_LOGIN[login]) * (order == "PACKAGES"), login))
    assert [node["login"].casefold() for node in seen] == logins
    assert page["totalCount"] == len(logins)
    assert [node["packageCount"] for node in seen] == [len(BY_LOGIN[login]) for login in logins]
    assert all(node["isBot"] is node["login"].endswith("[bot]") for node in seen)


async def test_those_in_most_packages_come_first(mirrored: Catalogue) -> None:
    answer = await data(mirrored, "{ participants(first: 1) { nodes { login } } }")
    assert answer == {"participants": {"nodes": [{"login": "dependabot[bot]"}]}}


@pytest.mark.parametrize("login", ["aryamanz29", "ARYAMANZ29", "Aryamanz29"])
async def test_a_login_is_found_in_any_case_and_keeps_its_own(mirrored: Catalogue, login: str) -> None:
    query = """query($login: String!) { participant(login: $login) { login nodeId packageCount
      packages { totalCount nodes { id } } } }"""
    found = (await data(mirrored, query, login=login))["participant"]
    ids = [str(each.id) for each in sorted(BY_LOGIN["aryamanz29"], key=lambda each: -each.id)]
    assert found["login"] == "Aryamanz29"
    assert (found["packageCount"], [node["id"] for node in found["packages"]["nodes"]]) == (len(ids), ids)
    again = await data(
        mirrored,
        "query($id: ID!) { node(nodeId: $id) { ... on Participant { login packageCount } } }",
        id=found["nodeId"],
    )
    assert again == {"node": {"login": "Aryamanz29", "packageCount": len(ids)}}


@pytest.mark.parametrize("login", ["nobody-of-this-name", "", " ", "x" * 1000])
async def test_an_unknown_login_is_null(mirrored: Catalogue, login: str) -> None:
    assert await data(mirrored, "query($login: String!) { participant(login: $login) { login } }", login=login) == {
        "participant": None
    }


async def test_collaborators(mirrored: Catalogue) -> None:
    query = """query($login: String!, $first: Int, $after: String) { participant(login: $login) {
      collaborators(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor }
        edges { cursor sharedPackages node { login } } nodes { login } } } }"""
    own = "nemesifier"
    shared = Counter(
        login for each in BY_LOGIN[own] for login in {login.casefold() for login in each.participants} - {own}
    )
    expected = sorted(((login, count) for login, count in shared.items()), key=lambda pair: (-pair[1], pair[0]))
    seen: list[tuple[str, int]] = []
    after, more = None, True
    while more:
        answer = await data(mirrored, query, login="Nemesifier", first=13, after=after)
        page = answer["participant"]["collaborators"]
        seen += [(edge["node"]["login"].casefold(), edge["sharedPackages"]) for edge in page["edges"]]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == expected
    assert page["totalCount"] == len(expected)


# Before there is a mirror, and without one

NEEDING_THE_WHOLE = [
    "packages { totalCount }",
    "grids { totalCount }",
    "packages(filter: {minWatchers: 1}) { totalCount }",
    "packages(orderBy: {field: TITLE}) { totalCount }",
    "grids(filter: {header: true}) { totalCount }",
    'participant(login: "x") { login }',
    "participants { totalCount }",
]


@pytest.mark.parametrize("field", NEEDING_THE_WHOLE)
async def test_what_needs_the_whole_catalogue_says_how_far_it_is(fake: FakeUpstream, field: str) -> None:
    async with mirrored_rows(fake, wait=0.01) as (_, catalogue, mirror):
        fake.held, fake.holding = asyncio.Event(), "packages/"
        sync = asyncio.ensure_future(mirror.sync())
        await fake.until(lambda fake: any(target.startswith("packages/") for target in fake.targets))
        answer, errors = await run(catalogue, f"{{ {field} }}")
        name = field.partition("(")[0].split()[0]
        assert answer == {name: None}
        assert errors == {(name,): "CATALOGUE_SYNCING"}
        fake.held.set()
        await sync
        await data(catalogue, f"{{ {field} }}")


async def test_the_error_has_the_pages_read_so_far(fake: FakeUpstream) -> None:
    async with mirrored_rows(fake, wait=0) as (_, catalogue, mirror):
        fake.held, fake.holding = asyncio.Event(), "categories/"
        read = asyncio.Semaphore(0)
        sync = asyncio.ensure_future(mirror.sync(lambda _: read.release()))
        await read.acquire()
        await read.acquire()
        with pytest.raises(Exception, match="2 of about 3 pages") as caught:
            await catalogue.first()
        assert caught.value.extensions == {"code": "CATALOGUE_SYNCING", "pagesRead": 2, "pages": 3}  # type: ignore[attr-defined]
        fake.held.set()
        await sync


async def test_a_query_waits_for_the_first_sync(fake: FakeUpstream) -> None:
    async with mirrored_rows(fake, wait=300) as (_, catalogue, mirror):
        waiting = asyncio.ensure_future(data(catalogue, "{ packages { totalCount } participants { totalCount } }"))
        await mirror.sync()
        assert await waiting == {"packages": {"totalCount": 30}, "participants": {"totalCount": 30}}


async def test_one_thing_by_its_name_never_waits(fake: FakeUpstream) -> None:
    async with mirrored_rows(fake, wait=300) as (_, catalogue, mirror):
        fake.held, fake.holding = asyncio.Event(), "packages/?"
        sync = asyncio.ensure_future(mirror.sync())
        answer = await data(
            catalogue,
            """{ package(slug: "package-7") { id participants { login } category { slug } } grid(id: 1) { slug }
                 category(slug: "category-1") { id } categories { id } catalogue { isComplete syncedAt age } }""",
        )
        assert answer["package"]["id"] == "7"
        assert answer["catalogue"] == {"isComplete": False, "syncedAt": None, "age": None}
        fake.held.set()
        await sync


@pytest.mark.parametrize("field", NEEDING_THE_WHOLE[2:])
async def test_without_a_mirror_it_says_so(catalogue: Catalogue, fake: FakeUpstream, field: str) -> None:
    _, errors = await run(catalogue, f"{{ {field} }}")
    assert list(errors.values()) == ["MIRROR_OFF"]
    assert fake.requests == []


async def test_without_a_mirror_a_grid_can_still_be_filtered(catalogue: Catalogue) -> None:
    query = """{ grid(slug: "forms") { packages(filter: {minWatchers: 50, category: "apps"},
      orderBy: {field: WATCHERS, direction: DESC}) { repoWatchers } } }"""
    watchers = [node["repoWatchers"] for node in (await data(catalogue, query))["grid"]["packages"]]
    assert watchers == sorted(watchers, reverse=True)
    assert watchers[-1] >= 50


async def test_the_catalogue_says_what_it_holds(synced: Catalogue, fake: FakeUpstream) -> None:
    query = """{ catalogue { packageCount gridCount categoryCount participantCount syncedAt age isComplete
      upstream { url status } } }"""
    found = (await data(synced, query))["catalogue"]
    synced_at = datetime.fromisoformat(found.pop("syncedAt"))
    assert 0 <= found.pop("age") <= (datetime.now(UTC) - synced_at).total_seconds() + 1
    assert found == {
        "packageCount": 135,
        "gridCount": 40,
        "categoryCount": 5,
        "participantCount": len(BY_LOGIN),
        "isComplete": True,
        "upstream": {"url": fake.base_url, "status": "REACHABLE"},
    }


async def test_the_catalogue_says_that_the_upstream_is_down() -> None:
    catalogue = Catalogue(Client("http://127.0.0.1:1/api/v4/", backoff=0.001), freshness=600)
    query = "{ catalogue { packageCount isComplete upstream { status } } }"
    assert (await data(catalogue, query))["catalogue"]["upstream"] == {"status": "UNKNOWN"}
    await run(catalogue, "{ package(id: 1) { id } }")
    assert (await data(catalogue, query))["catalogue"] == {
        "packageCount": 0,
        "isComplete": False,
        "upstream": {"status": "UNREACHABLE"},
    }
    await catalogue.aclose()
