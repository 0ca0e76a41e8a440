"""What we rely on of what is not public in graphql-core and Strawberry: one test a name.

A test that fails after an upgrade names what to mend in `execution/internals.py`.
"""

import ast
import asyncio
from collections.abc import Iterator
from enum import Enum
from pathlib import Path as FilePath
from typing import Any

import pytest
import strawberry
from graphql import Executor, GraphQLError, GraphQLInt, GraphQLInterfaceType, build_schema, parse, validate
from strawberry.extensions import FieldExtension

from execution import LayeredExecutor, internals
from execution.internals import graphql_schema
from tests.execution import toy

ROOT = FilePath(__file__).parents[2]
ROOMS = ("execution", "schema", "resolvers", "loaders", "catalogue", "upstream", "web", "server.py", "cli.py")
PUBLIC = {
    *("graphql", "strawberry", "strawberry.federation", "strawberry.types", "strawberry.schema.config"),
    *("strawberry.extensions", "strawberry.permission"),
}
"""Modules that these libraries document, hence may be imported anywhere."""

SCHEMA = graphql_schema(toy.SCHEMA)


def executor(query: str, **variables: Any) -> Executor[Any]:
    awaitable: Any = internals.optimized_is_awaitable
    built = LayeredExecutor.build(SCHEMA, parse(query), None, toy.Context(), variables, is_awaitable=awaitable)
    assert isinstance(built, Executor)
    return built


def sources() -> Iterator[FilePath]:
    for room in ROOMS:
        path = ROOT / room
        yield from path.rglob("*.py") if path.is_dir() else [path]


def test_nobody_else_uses_what_is_not_public() -> None:
    found: list[str] = []
    for path in sources():
        if path.name == "internals.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in ("graphql", "strawberry"):
                found += [f"{path.name}: {node.module}"] if node.module not in PUBLIC else []
            elif isinstance(node, ast.Attribute) and node.attr == "__strawberry_definition__":
                found.append(f"{path.name}: {node.attr}")
            elif isinstance(node, ast.Attribute) and node.attr == "_schema":
                # Our own `self._schema` is another matter.
                found += (
                    [] if isinstance(node.value, ast.Name) and node.value.id == "self" else [f"{path.name}: _schema"]
                )
    assert found == []


# Strawberry


def test_schema_of_strawberry_and_back() -> None:
    assert internals.strawberry_schema(internals.graphql_schema(toy.SCHEMA)) is toy.SCHEMA
    assert internals.strawberry_schema(build_schema("type Query { a: Int }")) is None


def test_field_of_strawberry() -> None:
    person = SCHEMA.type_map["Person"].fields  # type: ignore[attr-defined]
    born = internals.strawberry_field(person["born"])
    assert born is not None
    assert born.python_name == "born"
    assert not born.extensions
    made_by_hand = build_schema("type Query { a: Int }")
    assert made_by_hand.query_type is not None
    assert internals.strawberry_field(made_by_hand.query_type.fields["a"]) is None


def test_metadata_stays_with_a_field() -> None:
    friend = internals.strawberry_field(SCHEMA.type_map["Person"].fields["friend"])  # type: ignore[attr-defined]
    assert friend is not None
    assert friend.metadata["layer"].is_pure


def test_a_field_without_resolver_reads_an_attribute() -> None:
    class Upper(FieldExtension):
        def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
            return next_(source, info, **kwargs)

    @strawberry.type
    class Query:
        plain: int = 1
        extended: int = strawberry.field(default=1, extensions=[Upper()])

        @strawberry.field
        def called(self) -> int:
            return 1

    query = graphql_schema(strawberry.Schema(query=Query)).query_type
    assert query is not None
    reads = {}
    for name, field in query.fields.items():
        source = internals.strawberry_field(field)
        assert source is not None
        reads[name] = internals.reads_attribute(source)
    assert reads == {"plain": True, "extended": False, "called": False}


def test_executor_class_of() -> None:
    assert internals.executor_class_of(toy.SCHEMA) is LayeredExecutor
    assert issubclass(internals.executor_class_of(toy.STOCK), Executor)


def test_arguments_by_their_names() -> None:
    told = internals.strawberry_field(SCHEMA.type_map["Person"].fields["told"])  # type: ignore[attr-defined]
    assert told is not None
    names = [internals.argument_name(toy.SCHEMA, argument) for argument in told.arguments]
    assert names == ["text", "number", "mood", "filter", "ids"]
    values = {"text": "x", "filter": {"text": "y", "limit": 2}, "mood": toy.Mood.BAD}
    converted = internals.converted_arguments(toy.SCHEMA, values, told.arguments)
    assert converted["filter"] == toy.Filter(text="y", limit=2)
    assert (converted["text"], converted["mood"]) == ("x", toy.Mood.BAD)
    assert "number" not in converted


def test_validation_has_strawberrys_own_rules() -> None:
    @strawberry.input(one_of=True)
    class Either:
        a: strawberry.Maybe[int]
        b: strawberry.Maybe[int]

    @strawberry.type
    class Query:
        @strawberry.field
        def ask(self, either: Either) -> int:
            return 1

    schema = graphql_schema(strawberry.Schema(query=Query))
    assert internals.strawberry_errors(schema, parse("{ ask(either: {a: 1}) }")) == []
    assert internals.strawberry_errors(schema, parse("{ ask(either: {a: 1, b: 2}) }"))
    # Those of the specification are not among them.
    assert internals.strawberry_errors(schema, parse("{ nothing }")) == []


def test_enum_values_take_descriptions() -> None:
    @strawberry.enum
    class Size(Enum):
        LARGE = 1

    (value,) = internals.enum_values(Size)
    value.description = "Large."
    assert value.name == "LARGE"


def test_inputs_take_descriptions() -> None:
    fields = internals.get_object_definition(toy.Filter, strict=True).fields
    assert [field.python_name for field in fields] == ["text", "limit", "moods"]


def test_scalars_and_any() -> None:
    made = strawberry.scalar(name="Made", serialize=str)
    assert isinstance(made, internals.ScalarDefinition)
    assert internals.FederationAny is not None


async def test_what_is_awaitable() -> None:
    async def coroutine() -> None: ...

    started = coroutine()
    assert internals.optimized_is_awaitable(started)
    await started
    assert internals.optimized_is_awaitable(asyncio.get_running_loop().create_future())
    assert not internals.optimized_is_awaitable([1])


# graphql-core


def test_the_executor_of_strawberry_is_one_of_graphql_core() -> None:
    built = executor("query ($a: Int = 2) { person(key: $a) { name } }")
    assert isinstance(built, internals.StrawberryGraphQLCoreExecutionContext)
    assert built.variable_values.coerced == {"a": 2}
    assert built.middleware_manager is None
    assert built.abort_signal is None
    assert built.hooks is None
    assert list(built.fragments) == list(built.fragment_definitions) == []


def test_collecting_fields() -> None:
    built = executor(
        "query ($a: Boolean!) { a: person { name } ...F b: needed @skip(if: $a) { name } } fragment F on Query { a: person { title } }",
        a=True,
    )
    assert SCHEMA.query_type is not None
    collected = internals.collect_fields(
        SCHEMA, built.fragments, built.variable_values, SCHEMA.query_type, built.operation, False
    )
    grouped: internals.GroupedFieldSet = collected.grouped_field_set
    assert list(grouped) == ["a"]
    details: internals.FieldDetailsList = grouped["a"]
    person: Any = SCHEMA.type_map["Person"]
    below = internals.collect_subfields(
        SCHEMA,
        built.fragments,
        built.variable_values,
        built.operation,
        person,
        details,
        False,
    )
    assert list(below.grouped_field_set) == ["name", "title"]
    assert [each.node.name.value for each in details] == ["person", "person"]


def info_of(built: Executor[Any], key: str) -> tuple[Any, internals.FieldDetailsList]:
    query = SCHEMA.query_type
    assert query is not None
    collected = internals.collect_fields(SCHEMA, built.fragments, built.variable_values, query, built.operation, False)
    details = collected.grouped_field_set[key]
    make = internals.resolve_info(
        SCHEMA, built.operation, built.fragment_definitions, built.variable_values.coerced, built.context_value, None
    )
    return make(query.fields[key], details, query, key), details


def test_resolve_info_is_the_executors_but_for_its_helpers() -> None:
    built = executor("query ($key: Int) { ...F person(key: $key) { name } } fragment F on Query { __typename }", key=3)
    query = SCHEMA.query_type
    assert query is not None
    info, details = info_of(built, "person")
    nodes = [each.node for each in details]
    theirs = built.build_resolve_info(query.fields["person"], nodes, query, internals.Path(None, "person", "Query"))
    assert type(info) is type(theirs)
    assert {name for name in info._fields if getattr(info, name) != getattr(theirs, name)} == {"async_helpers"}


def test_runtime_type_of_a_union_and_of_an_interface() -> None:
    built = executor("{ anyBeing { __typename } allNamed { __typename } }")
    for key, name in (("anyBeing", "AnyBeing"), ("allNamed", "Named")):
        info, details = info_of(built, key)
        expected: Any = SCHEMA.type_map[name]
        assert internals.type_name(expected, info, toy.Dog(5)) == "Dog"
        assert internals.valid_type(built, "Dog", expected, details, info, toy.Dog(5)).name == "Dog"
        for wrong in (None, 7, "Home", "Nothing", "Named"):
            with pytest.raises(GraphQLError, match=name):
                internals.valid_type(built, wrong, expected, details, info, object())
    assert isinstance(SCHEMA.type_map["Named"], GraphQLInterfaceType)


def test_invalid_return_type_error() -> None:
    built = executor("{ person { name } }")
    query = SCHEMA.query_type
    assert query is not None
    details = internals.collect_fields(
        SCHEMA, built.fragments, built.variable_values, query, built.operation, False
    ).grouped_field_set["person"]
    error = internals.invalid_return_type_error(SCHEMA.type_map["Person"], 7, details)  # type: ignore[arg-type]
    assert error.message == "Expected value of type 'Person' but got: 7."
    assert error.nodes == [details[0].node]


def test_completing_a_leaf() -> None:
    assert internals.complete_leaf(GraphQLInt, 7) == 7
    with pytest.raises(GraphQLError, match="Int cannot represent"):
        internals.complete_leaf(GraphQLInt, "large")


def test_what_is_iterable() -> None:
    assert internals.is_iterable([1])
    assert internals.is_iterable(iter([1]))
    assert not internals.is_iterable("text")
    assert not internals.is_iterable({"a": 1})


def test_values_in_messages() -> None:
    assert [internals.inspect(value) for value in ("a", {"a": 1}, None, [True])] == [
        "'a'",
        "{'a': 1}",
        "None",
        "[True]",
    ]
    assert internals.print_path_list(["a", 0, "b"]) == " at .a[0].b"


def test_what_is_wrong_with_an_input_and_where() -> None:
    found: list[tuple[str, list[str | int]]] = []
    type_: Any = SCHEMA.type_map["Filter"]
    internals.validate_input_value(
        {"limit": "x"}, type_, lambda error, path: found.append((error.message, path)), False
    )
    assert found == [("Int cannot represent non-integer value: 'x'", ["limit"])]


def test_a_path_of_one_key() -> None:
    assert internals.Path(None, "a", "Query").as_list() == ["a"]


def test_an_input_field_without_its_default() -> None:
    @strawberry.input
    class Wanted:
        some: int | None = None
        more: int = 1

    for field in internals.get_object_definition(Wanted, strict=True).fields:
        internals.leave_out_null(field)

    @strawberry.type
    class Query:
        @strawberry.field
        def found(self, wanted: Wanted) -> str:
            return repr((wanted.some, wanted.more))

    schema = strawberry.Schema(Query)
    assert "some: Int\n" in schema.as_str()
    assert "more: Int! = 1" in schema.as_str()
    assert schema.execute_sync("{ found(wanted: {}) }").data == {"found": "(None, 1)"}


def test_the_order_of_types() -> None:
    schema = build_schema("type Query { a: A b: B } type A { b: B } type B { a: A }")
    internals.in_this_order(schema, lambda name: name != "B")
    assert list(schema.type_map)[:3] == ["B", "Query", "A"]


def test_an_enums_errors_list_its_values() -> None:
    enum = build_schema("type Query { a(b: Some): Int } enum Some { ONE TWO }").type_map["Some"]
    internals.list_values_in_errors(enum)  # type: ignore[arg-type]
    with pytest.raises(GraphQLError, match=r"'THREE' does not exist in 'Some' enum.* Its values are ONE, TWO\."):
        enum.coerce_input_value("THREE", False)  # type: ignore[attr-defined]
    with pytest.raises(GraphQLError) as caught:
        enum.coerce_input_value("THREE", True)  # type: ignore[attr-defined]
    assert "ONE" not in caught.value.message


def test_what_errors_name() -> None:
    schema = build_schema("type Query { a(b: In!): Int } input In { one: [Int!]! two: Int }")

    def first(query: str) -> GraphQLError:
        return validate(schema, parse(query))[0]

    assert internals.left_out(first("{ a }")) == "b"
    assert internals.left_out(first("{ a(b: {one: []}) @skip }")) == "if"
    assert internals.left_out(first("{ a(b: {two: 1}) }")) == "one"
    assert internals.unknown_field(first("{ a(b: {one: [], three: 1}) }")) == "three"
    assert internals.left_out(first('{ a(b: {one: [], two: "to include required field"}) }')) == ""


def test_the_parser_and_its_tokens() -> None:
    parser = internals.Parser("{ a { b } }")
    token = internals.first_token(parser)
    assert token.prev is None
    assert parser.parse_document().loc == parse("{ a { b } }").loc
    kinds = []
    while token is not None:
        kinds.append(token.desc)
        token = token.next  # type: ignore[assignment]
    assert kinds == ["<SOF>", "{", "Name 'a'", "{", "Name 'b'", "}", "}", "<EOF>"]


def test_an_error_for_what_is_nested_too_deeply() -> None:
    error = internals.nested_too_deeply_error(internals.Parser("{ a }"))
    assert error.message == "Syntax Error: Document is nested too deeply. Parsing aborted."
