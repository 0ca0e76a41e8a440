"""Documents are read once, and not too many are kept."""

import pytest
from graphql import DocumentNode, GraphQLError

from execution import documents, execute
from execution.documents import Documents
from tests.execution.toy import SCHEMA, Context


@pytest.fixture
def kept() -> Documents:
    return Documents(SCHEMA._schema)


async def test_a_document_is_read_once(kept: Documents) -> None:
    assert (await kept.load("{ person { name } }")).node is (await kept.load("{ person { name } }")).node
    assert (await kept.load("{ person { name } }")).errors == ()


async def test_what_is_wrong_is_kept_as_well(kept: Documents) -> None:
    broken, unknown = "{ person", "{ nobody }"
    assert [error.message for error in (await kept.load(broken)).errors] == [
        "Syntax Error: Expected Name, found <EOF>."
    ]
    assert [error.message for error in (await kept.load(unknown)).errors] == [
        "Cannot query field 'nobody' on type 'Query'."
    ]
    assert await kept.load(broken) is await kept.load(broken)
    assert (await kept.load(broken)).node is None


async def test_what_is_out_of_bounds_is_not_validated() -> None:
    def bounds(document: DocumentNode) -> list[GraphQLError]:
        return [GraphQLError("too much", document.definitions[0])]

    document = await Documents(SCHEMA._schema, bounds=bounds).load("{ nobody }")
    assert [error.message for error in document.errors] == ["too much"]


async def test_a_document_is_bounded() -> None:
    text = "{ person { name title } }"
    (error,) = (await Documents(SCHEMA._schema, max_tokens=5).load(text)).errors
    assert "more than 5 tokens" in error.message
    (error,) = (await Documents(SCHEMA._schema, max_characters=5).load(text)).errors
    assert "5" in error.message


async def test_names_of_the_schema_can_be_hidden(kept: Documents) -> None:
    assert "Did you mean 'name'" in (await kept.load("{ person { nam } }")).errors[0].message
    hiding = Documents(SCHEMA._schema, hide_suggestions=True)
    assert "Did you mean" not in (await hiding.load("{ person { nam } }")).errors[0].message


async def test_the_least_recently_used_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 2 * (documents.DOCUMENT_BYTES + 20 * documents.TEXT_BYTES))
    kept = Documents(SCHEMA._schema)
    first = await kept.load("{ a: __typename }")
    second = await kept.load("{ b: __typename }")
    await kept.load("{ a: __typename }")
    await kept.load("{ c: __typename }")
    assert await kept.load("{ a: __typename }") is first
    assert await kept.load("{ b: __typename }") is not second


async def test_what_is_too_long_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", documents.DOCUMENT_BYTES + 40 * documents.TEXT_BYTES)
    kept = Documents(SCHEMA._schema)
    first = await kept.load("{ a: __typename }")
    too_long = "{ b: __typename }" + " " * 50
    assert await kept.load(too_long) is not await kept.load(too_long)
    assert await kept.load("{ a: __typename }") is first


async def test_an_operation_is_prepared_once(kept: Documents) -> None:
    document = await kept.load("query A { person { name } } query B { needed { name } }")
    assert document.operation("A") is document.operation("A")
    assert document.operation("B") is not document.operation("A")
    assert document.operation("C") is None
    assert document.operation() is None


async def test_a_document_weighs_more_with_its_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{{ person {{ {' '.join(f'{letter}{number}: name' for number in range(9))} }} }}" for letter in "ab"]
    one = documents.DOCUMENT_BYTES + documents.TEXT_BYTES * len(texts[0])
    monkeypatch.setattr(documents, "MAX_BYTES", 2 * one + 12 * documents.FIELD_BYTES)
    kept = Documents(SCHEMA._schema)
    first, second = [await kept.load(text) for text in texts]
    for document, text in ((first, texts[0]), (second, texts[1])):
        assert await kept.load(text) is document
    for document in (first, second):
        operation = document.operation()
        assert operation is not None
        assert (await execute(operation, context=Context())).errors == []
    assert await kept.load(texts[1]) is second
    assert await kept.load(texts[0]) is not first
