"""Reading through: what stays in memory, for how long, and what failure costs."""

from catalogue.index import Index, Table
from upstream import Category


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
