"""Contract: what the running upstream answered is read as what it means."""

import json
import re
from pathlib import Path

import pytest

from tests.fake_upstream import FakeUpstream, Reply
from upstream import Category, Client, Grid, Package, R, UpstreamError

RECORDED = sorted(Path(__file__).with_name("recorded").glob("*.json"))


def case(number: int) -> Reply:
    """Return the recorded answer with this number."""
    path = next(path for path in RECORDED if path.name.startswith(f"{number:02d}_"))
    recorded = json.loads(path.read_text())
    skipped = {"transfer-encoding", "content-length", "connection"}
    headers = {name: value for name, value in recorded["headers"].items() if name.lower() not in skipped}
    return Reply(recorded["status"], (recorded["body"] or "").encode(), headers)


async def read(client: Client, fake: FakeUpstream, kind: type[R], number: int) -> R | None:
    fake.replies[f"{kind.resource}/1/"] = case(number)
    return await client.record(kind, 1)


@pytest.mark.parametrize(
    ("kind", "number", "slug"),
    [
        (Package, 17, "django-orm-debug-6149"),
        (Package, 18, None),
        (Package, 20, "django-tenant-video"),
        (Package, 21, None),
        (Package, 22, None),
        (Package, 23, "django-csv-tenant"),
        (Package, 30, None),
        (Package, 31, None),
        (Package, 41, None),
        (Grid, 45, "admin-survey-444"),
        (Grid, 46, "status-wysiwyg-1"),
        (Grid, 47, "backup-schema-3"),
        (Category, 51, "apps"),
    ],
)
async def test_records(client: Client, fake: FakeUpstream, kind: type[R], number: int, slug: str | None) -> None:
    record = await read(client, fake, kind, number)
    body = json.loads(case(number).body)
    assert record is not None
    assert record.slug == slug or slug is None
    assert record.created.isoformat() == body["created"]
    if isinstance(record, Package):
        assert [str(key) for key in record.grids] == re.findall(r"grids/(\d+)", " ".join(body["grids"]))


async def test_nulls_and_empty_text(client: Client, fake: FakeUpstream) -> None:
    package = await read(client, fake, Package, 20)
    assert package is not None
    assert (package.last_updated, package.pypi_version, package.documentation_url) == (None, None, None)
    package = await read(client, fake, Package, 17)
    assert package is not None
    assert package.documentation_url is None


@pytest.mark.parametrize("number", [24, 25, 26, 27, 34, 48, 49, 52, 53])
async def test_404_in_the_api_s_words_is_none(client: Client, fake: FakeUpstream, number: int) -> None:
    assert await read(client, fake, Package, number) is None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (3, "UPSTREAM_STATUS"),
        (28, "UPSTREAM_STATUS"),
        (29, "UPSTREAM_STATUS"),
        (32, "UPSTREAM_STATUS"),
        (33, "UPSTREAM_INVALID"),
        (35, "UPSTREAM_INVALID"),
        (36, "UPSTREAM_STATUS"),
        (39, "UPSTREAM_STATUS"),
        (40, "UPSTREAM_STATUS"),
        (62, "UPSTREAM_STATUS"),
        (64, "UPSTREAM_STATUS"),
        (1, "UPSTREAM_INVALID"),
        (4, "UPSTREAM_INVALID"),
        (54, "UPSTREAM_INVALID"),
    ],
)
async def test_faults(client: Client, fake: FakeUpstream, number: int, code: str) -> None:
    with pytest.raises(UpstreamError) as caught:
        await read(client, fake, Package, number)
    assert caught.value.extensions["code"] == code


@pytest.mark.parametrize(
    ("number", "count", "length"),
    [
        (4, 5800, 2),
        (5, 5800, 20),
        (6, 5800, 50),
        (7, 5800, 1),
        (8, 5800, 0),
        (9, 5800, 0),
        (10, 5800, 20),
        (14, 5800, 5),
    ],
)
async def test_pages(client: Client, fake: FakeUpstream, number: int, count: int, length: int) -> None:
    fake.replies["packages/?limit=1&offset=0"] = case(number)
    page = await client.page(Package, limit=1, offset=0)
    assert (page.count, len(page.results)) == (count, length)
    assert all(isinstance(record, Package) for record in page.results)


async def test_pages_of_grids_and_categories(client: Client, fake: FakeUpstream) -> None:
    fake.replies["grids/?limit=1&offset=0"] = case(44)
    fake.replies["categories/?limit=1&offset=0"] = case(50)
    assert (await client.page(Grid, limit=1, offset=0)).count == 381
    assert (await client.page(Category, limit=1, offset=0)).count == 5


@pytest.mark.parametrize(("number", "hits"), [(54, 20), (55, 20), (56, 1), (57, 0), (58, 0), (59, 0), (60, 20)])
async def test_searches(client: Client, fake: FakeUpstream, number: int, hits: int) -> None:
    fake.replies["search/?q=x"] = case(number)
    assert len(await client.search("x")) == hits


@pytest.mark.parametrize("number", [61, 62, 63])
async def test_failing_searches(client: Client, fake: FakeUpstream, number: int) -> None:
    fake.replies["search/?q=x"] = case(number)
    with pytest.raises(UpstreamError):
        await client.search("x")


async def test_a_redirect_for_a_missing_slash(client: Client, fake: FakeUpstream) -> None:
    fake.replies["packages/1/"] = case(19)
    fake.replies["packages/6149/"] = case(17)
    package = await client.record(Package, 1)
    assert package is not None
    assert package.id == 6149
