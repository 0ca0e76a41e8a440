"""Reading through: what stays in memory, for how long, and what failure costs."""

import pytest

from catalogue import Catalogue
from catalogue.index import Index, Table
from tests.fake_upstream import FakeUpstream, Reply
from upstream import Category, Client, Grid, Package, UpstreamError


async def test_what_is_no_longer_fresh_is_read_again(client: Client, fake: FakeUpstream) -> None:
    catalogue = Catalogue(client, freshness=0)
    for _ in range(2):
        assert await catalogue.by_id(Package, 4005)
        assert await catalogue.window(Grid, 0, 5)
        assert await catalogue.search("geo")
        assert await catalogue.by_id(Grid, 99999) is None
    assert set(fake.targets.values()) == {2}


async def test_upstream_trouble_loses_nothing_that_we_had(client: Client, fake: FakeUpstream) -> None:
    catalogue = Catalogue(client, freshness=0)
    assert await catalogue.by_slug(Package, "django-loci")
    fake.replies["packages/4005/"] = Reply(500)
    stale = await catalogue.by_slug(Package, "django-loci")
    assert stale is not None
    assert stale.id == 4005
    fake.replies["packages/4005/"] = Reply(404)
    assert await catalogue.by_id(Package, 4005) is None
    fake.replies["packages/4005/"] = Reply(500)
    with pytest.raises(UpstreamError):
        await catalogue.by_id(Package, 4005)


async def test_categories_fail_as_a_whole(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.replies["categories/?limit=100&offset=0"] = Reply(body=b'{"count": 1, "results": [{"id": 1}]}')
    with pytest.raises(UpstreamError):
        await catalogue.categories()


def test_a_table_is_bounded() -> None:
    index = Index(capacity=2)
    table = index.categories
    for key in (1, 2, 1, 3):
        index.put(category(key))
    assert [record.id for record in table] == [1, 3]
    assert table.by_slug("slug-2") is None
    assert table.by_slug("slug-3") is table.get(3)


def test_a_slug_may_move_to_another_record() -> None:
    table: Table[Category] = Table()
    table.put(category(1, "a"))
    table.put(category(2, "a"))
    table.drop(1)
    assert table.by_slug("a") is table.get(2)
    assert len(table) == 1


def category(key: int, slug: str | None = None) -> Category:
    import msgspec

    from upstream.records import decode_hook

    row = {
        "id": key,
        "slug": slug or f"slug-{key}",
        "title": "T",
        "description": "",
        "title_plural": "Ts",
        "show_pypi": True,
        "created": "2010-08-14T22:47:52",
        "modified": "2010-08-14T22:47:52-04:00",
    }
    return msgspec.convert(row, Category, dec_hook=decode_hook)
