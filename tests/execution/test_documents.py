"""Documents are read once, and not too many are kept."""

import pytest
from graphql import DocumentNode, GraphQLError

from execution import documents, execute
from execution.documents import Documents
from tests.execution.toy import SCHEMA, Context


@pytest.fixture
def kept() -> Documents:
    return Documents(SCHEMA._schema)


def test_a_document_is_read_once(kept: Documents) -> None:
    assert kept.load("{ person { name } }").node is kept.load("{ person { name } }").node
    assert kept.load("{ person { name } }").errors == ()


def test_what_is_wrong_is_kept_as_well(kept: Documents) -> None:
    broken, unknown = "{ person", "{ nobody }"
    assert [error.message for error in kept.load(broken).errors] == ["Syntax Error: Expected Name, found <EOF>."]
    assert [error.message for error in kept.load(unknown).errors] == ["Cannot query field 'nobody' on type 'Query'."]
    assert kept.load(broken) is kept.load(broken)
    assert kept.load(broken).node is None


def test_what_is_out_of_bounds_is_not_validated() -> None:
    def bounds(document: DocumentNode) -> list[GraphQLError]:
        return [GraphQLError("too much", document.definitions[0])]

    document = Documents(SCHEMA._schema, bounds=bounds).load("{ nobody }")
    assert [error.message for error in document.errors] == ["too much"]


def test_a_document_is_bounded() -> None:
    text = "{ person { name title } }"
    (error,) = Documents(SCHEMA._schema, max_tokens=5).load(text).errors
    assert "more than 5 tokens" in error.message
    (error,) = Documents(SCHEMA._schema, max_characters=5).load(text).errors
    assert "5" in error.message


def test_names_of_the_schema_can_be_hidden(kept: Documents) -> None:
    assert "Did you mean 'name'" in kept.load("{ person { nam } }").errors[0].message
    hiding = Documents(SCHEMA._schema, hide_suggestions=True)
    assert "Did you mean" not in hiding.load("{ person { nam } }").errors[0].message


def test_the_least_recently_used_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", 2 * (documents.DOCUMENT_BYTES + 20 * documents.TEXT_BYTES))
    kept = Documents(SCHEMA._schema)
    first = kept.load("{ a: __typename }")
    second = kept.load("{ b: __typename }")
    kept.load("{ a: __typename }")
    kept.load("{ c: __typename }")
    assert kept.load("{ a: __typename }") is first
    assert kept.load("{ b: __typename }") is not second


def test_what_is_too_long_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_BYTES", documents.DOCUMENT_BYTES + 40 * documents.TEXT_BYTES)
    kept = Documents(SCHEMA._schema)
    first = kept.load("{ a: __typename }")
    too_long = "{ b: __typename }" + " " * 50
    assert kept.load(too_long) is not kept.load(too_long)
    assert kept.load("{ a: __typename }") is first


def test_an_operation_is_prepared_once(kept: Documents) -> None:
    document = kept.load("query A { person { name } } query B { needed { name } }")
    assert document.operation("A") is document.operation("A")
    assert document.operation("B") is not document.operation("A")
    assert document.operation("C") is None
    assert document.operation() is None


async def test_a_document_weighs_more_with_its_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{{ person {{ {' '.join(f'{letter}{number}: name' for number in range(9))} }} }}" for letter in "ab"]
    one = documents.DOCUMENT_BYTES + documents.TEXT_BYTES * len(texts[0])
    monkeypatch.setattr(documents, "MAX_BYTES", 2 * one + 12 * documents.FIELD_BYTES)
    kept = Documents(SCHEMA._schema)
    first, second = map(kept.load, texts)
    for document, text in ((first, texts[0]), (second, texts[1])):
        assert kept.load(text) is document
    for document in (first, second):
        operation = document.operation()
        assert operation is not None
        assert (await execute(operation, context=Context())).errors == []
    assert kept.load(texts[1]) is second
    assert kept.load(texts[0]) is not first
