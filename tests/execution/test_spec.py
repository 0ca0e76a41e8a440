"""graphql-core's own execution tests that apply, written again: named cases, each under both executors."""

from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from graphql import GraphQLError, parse, validate

import execution
from tests.execution import toy
from tests.execution.compare import stock
from tests.execution.toy import Context

SCHEMA = toy.SCHEMA._schema


@dataclass(frozen=True)
class Case:
    """What is asked in which world, and the response."""

    query: str
    data: Any
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Message, path and place in the document of each error: `("no name", "person.name 1:14")`."""
    variables: dict[str, Any] = field(default_factory=dict)
    leaf_faults: dict[int, set[str]] = field(default_factory=dict)
    faults: dict[tuple[str, int], str] = field(default_factory=dict)

    def context(self) -> Context:
        return Context({key: frozenset(names) for key, names in self.leaf_faults.items()}, dict(self.faults))


def told(error: GraphQLError) -> tuple[str, str]:
    path = ".".join(map(str, error.path or []))
    places = " ".join(f"{each.line}:{each.column}" for each in error.locations or [])
    return error.message, f"{path} {places}".strip()


CASES = {
    # test_executor
    "executes arbitrary code": Case(
        "{ person { key name friend { name friend { name } } } }",
        {"person": {"key": "1", "name": "n1", "friend": {"name": "n2", "friend": {"name": "n3"}}}},
    ),
    "merges parallel fragments": Case(
        "{ person { ...A ...B } } fragment A on Person { title friend { title } } fragment B on Person { size friend { size } }",
        {"person": {"title": "t1", "friend": {"title": "t2", "size": -2}, "size": -1}},
    ),
    "merges the selections of a field asked for twice": Case(
        "{ person { friend { name } friend { title } name name } }",
        {"person": {"friend": {"name": "n2", "title": "t2"}, "name": "n1"}},
    ),
    "keeps the order of the fields": Case(
        "{ person { title b: name ... { size } a: name title count } }",
        {"person": {"title": "t1", "b": "n1", "size": -1, "a": "n1", "count": 1}},
    ),
    "aliases one field twice": Case(
        "{ a: person(key: 1) { name } b: person(key: 2) { name } }",
        {"a": {"name": "n1"}, "b": {"name": "n2"}},
    ),
    "follows the alias, not the field": Case(
        "{ person { name: title title: name } }",
        {"person": {"name": "t1", "title": "n1"}},
    ),
    "answers __typename at any depth": Case(
        "{ __typename person { __typename t: __typename pets { __typename } } }",
        {
            "__typename": "Query",
            "person": {
                "__typename": "Person",
                "t": "Person",
                "pets": [{"__typename": "Person"}, {"__typename": "Dog"}, {"__typename": "Person"}],
            },
        },
    ),
    "asks nothing of an empty list": Case(
        "{ people(count: 0) { name boss { name } } }",
        {"people": []},
    ),
    "nulls what failed, with its place": Case(
        "{ person { name title friend { name } } }",
        {"person": {"name": None, "title": "t1", "friend": {"name": "n2"}}},
        [("no name", "person.name 1:12")],
        leaf_faults={1: {"name"}},
    ),
    "locates a field that two fragments ask for": Case(
        "{ person { ...A ...B } }\nfragment A on Person { friend { name } }\nfragment B on Person { friend { title } }",
        {"person": {"friend": None}},
        [("no answer", "person.friend 2:24 3:24")],
        faults={("friend", 1): "raise"},
    ),
    "keeps the extensions of an error": Case(
        "{ person { friend { name } } }",
        {"person": {"friend": None}},
        [("no answer today", "person.friend 1:12")],
        faults={("friend", 1): "code"},
    ),
    "fails every parent when a layer function raises": Case(
        "{ people(count: 2) { friend { name } } }",
        {"people": [{"friend": None}, {"friend": None}]},
        [("friend is broken", "people.0.friend 1:22"), ("friend is broken", "people.1.friend 1:22")],
        faults={("friend", 1): "all"},
    ),
    "fails one parent alone": Case(
        "{ people(count: 3) { friend { name } } }",
        {"people": [{"friend": {"name": "n2"}}, {"friend": None}, {"friend": {"name": "n4"}}]},
        [("no answer", "people.1.friend 1:22")],
        faults={("friend", 2): "raise"},
    ),
    "goes on beside an error": Case(
        "{ a: person(key: 1) { friend { name } } b: person(key: 2) { friend { name } } }",
        {"a": {"friend": None}, "b": {"friend": {"name": "n3"}}},
        [("no answer", "a.friend 1:23")],
        faults={("friend", 1): "raise"},
    ),
    "reports an error for each place of a record": Case(
        "{ people(count: 2) { friend { name } } person(key: 2) { name } }",
        {"people": [{"friend": {"name": None}}, {"friend": {"name": "n3"}}], "person": {"name": None}},
        [("no name", "people.0.friend.name 1:31"), ("no name", "person.name 1:57")],
        leaf_faults={2: {"name"}},
    ),
    "does not run what @skip leaves out": Case(
        "{ person { name friend @skip(if: true) { name } } }",
        {"person": {"name": "n1"}},
        faults={("friend", 1): "raise"},
    ),
    # test_lists
    "completes [T]": Case(
        "{ person { friends { name } } }",
        {"person": {"friends": [{"name": "n2"}, {"name": "n3"}]}},
    ),
    "completes [T] with null items": Case(
        "{ person { friends { name } } }",
        {"person": {"friends": [None, {"name": "n2"}, {"name": "n3"}]}},
        faults={("friends", 1): "null item"},
    ),
    "completes [T] with a failing item": Case(
        "{ person { friends { name } } }",
        {"person": {"friends": [{"name": "n2"}, {"name": "n3"}, None]}},
        [("'no item'", "person.friends.2 1:12")],
        faults={("friends", 1): "item"},
    ),
    "completes [T] that is null": Case(
        "{ person { friends { name } } }",
        {"person": {"friends": None}},
        faults={("friends", 1): "null"},
    ),
    "completes [T!] with a null item": Case(
        "{ person { colleagues { name } } }",
        {"person": {"colleagues": None}},
        [("Cannot return null for non-nullable field Person.colleagues.", "person.colleagues.0 1:12")],
        faults={("colleagues", 1): "null item"},
    ),
    "completes [T!] with a failing item": Case(
        "{ person { colleagues { name } } }",
        {"person": {"colleagues": None}},
        [("'no item'", "person.colleagues.2 1:12")],
        faults={("colleagues", 1): "item"},
    ),
    "completes [T]! that is null": Case(
        "{ person { name pets { __typename } } }",
        {"person": None},
        [("Cannot return null for non-nullable field Person.pets.", "person.pets 1:17")],
        faults={("pets", 1): "null"},
    ),
    "completes [T!]! with a null item": Case(
        "{ person { name family { name } } }",
        {"person": None},
        [("Cannot return null for non-nullable field Person.family.", "person.family.0 1:17")],
        faults={("family", 1): "null item"},
    ),
    "completes any iterable": Case(
        "{ person { friends { name } } }",
        {"person": {"friends": []}},
        faults={("friends", 1): "nothing"},
    ),
    "refuses what is no list": Case(
        "{ person { friends { name } } }",
        {"person": {"friends": None}},
        [("Expected Iterable, but did not find one for field 'Person.friends'.", "person.friends 1:12")],
        faults={("friends", 1): "no list"},
    ),
    "completes lists of lists": Case(
        "{ person(key: 2) { nested { ... on Dog { barks } ... on Person { title } } matrix } }",
        {
            "person": {
                "nested": [[], [{"barks": False}], [{"barks": False}, {"title": "t3"}, {"title": "t4"}]],
                "matrix": [[1, None], [], None],
            }
        },
    ),
    "completes lists of leaves": Case(
        "{ person(key: 2) { tags numbers matrix } }",
        {"person": {"tags": ["a", "b"], "numbers": [2, 4], "matrix": [[1, None], [], None]}},
    ),
    "nulls a list of leaves that may hold no null": Case(
        "{ person(key: 2) { name tags } }",
        {"person": None},
        [("Cannot return null for non-nullable field Person.tags.", "person.tags.1 1:25")],
        leaf_faults={2: {"tags"}},
    ),
    "nulls items of leaf lists alone": Case(
        "{ person { matrix } }",
        {"person": {"matrix": [[1, None], None, None]}},
        [
            ("Expected Iterable, but did not find one for field 'Person.matrix'.", "person.matrix.2 1:12"),
            ("Int cannot represent non-integer value: 'x'", "person.matrix.0.1 1:12"),
        ],
        leaf_faults={1: {"matrix"}},
    ),
    "completes lists of enums": Case("{ person { moods } }", {"person": {"moods": ["GOOD", None, "BAD"]}}),
    "nulls an item that is no value of the enum": Case(
        "{ person { moods } }",
        {"person": {"moods": [None, "BAD"]}},
        [("Enum 'Mood' cannot represent value: 'fair'", "person.moods.0 1:12")],
        leaf_faults={1: {"moods"}},
    ),
    # test_nonnull
    "nulls a nullable field that is null": Case(
        "{ person { friend { name } } }",
        {"person": {"friend": None}},
        faults={("friend", 1): "null"},
    ),
    "nulls a nullable field that fails": Case(
        "{ person { friend { name } } }",
        {"person": {"friend": None}},
        [("no answer", "person.friend 1:12")],
        faults={("friend", 1): "raise"},
    ),
    "nulls the parent of a field that may not be null": Case(
        "{ person { friend { boss { name } } } }",
        {"person": {"friend": None}},
        [("Cannot return null for non-nullable field Person.boss.", "person.friend.boss 1:21")],
        faults={("boss", 2): "null"},
    ),
    "nulls the parent of a field that fails": Case(
        "{ person { friend { boss { name } } } }",
        {"person": {"friend": None}},
        [("no answer", "person.friend.boss 1:21")],
        faults={("boss", 2): "raise"},
    ),
    "nulls the parent of a leaf that may not be null": Case(
        "{ person { friend { name title } } }",
        {"person": {"friend": None}},
        [("Cannot return null for non-nullable field Person.title.", "person.friend.title 1:26")],
        leaf_faults={2: {"title"}},
    ),
    "bubbles through many levels": Case(
        "{ person { friend { boss { boss { boss { title } } } } } }",
        {"person": {"friend": None}},
        [("Cannot return null for non-nullable field Person.title.", "person.friend.boss.boss.boss.title 1:42")],
        leaf_faults={1: {"title"}},
    ),
    "bubbles to the data": Case(
        "{ needed { title } person { name } }",
        None,
        [("Cannot return null for non-nullable field Person.title.", "needed.title 1:12")],
        leaf_faults={2: {"title"}},
    ),
    "bubbles to the data from a root field": Case(
        "{ needed { title } }",
        None,
        [("Cannot return null for non-nullable field Query.needed.", "needed 1:3")],
        faults={("needed", 0): "null"},
    ),
    "bubbles from a list item to the list": Case(
        "{ person { friends { name } colleagues { boss { name } } } }",
        {"person": {"friends": [{"name": "n2"}, {"name": "n3"}], "colleagues": None}},
        [("no answer", "person.colleagues.0.boss 1:42")],
        faults={("boss", 2): "raise"},
    ),
    "bubbles to the item where that may be null": Case(
        "{ person { friends { boss { name } } } }",
        {"person": {"friends": [None, {"boss": {"name": "n5"}}]}},
        [("no answer", "person.friends.0.boss 1:22")],
        faults={("boss", 2): "raise"},
    ),
    "reports one error of several that null one place": Case(
        "{ person { friend { title size } } }",
        {"person": {"friend": None}},
        [("Cannot return null for non-nullable field Person.title.", "person.friend.title 1:21")],
        leaf_faults={2: {"title", "size"}},
    ),
    "reports errors of nullable siblings": Case(
        "{ person { friend { name count } } }",
        {"person": {"friend": {"name": None, "count": None}}},
        [
            ("Int cannot represent non 32-bit signed integer value: 1099511627776", "person.friend.count 1:26"),
            ("no name", "person.friend.name 1:21"),
        ],
        leaf_faults={2: {"name", "count"}},
    ),
    "does not report below what is null already": Case(
        "{ person { friend { title boss { name } } } }",
        {"person": {"friend": None}},
        [("Cannot return null for non-nullable field Person.title.", "person.friend.title 1:21")],
        leaf_faults={2: {"title"}},
        faults={("boss", 2): "raise"},
    ),
    # test_union_interface, test_abstract
    "tells the types of a union apart": Case(
        "{ person { pets { __typename ... on Dog { barks } ... on Person { size } } } }",
        {
            "person": {
                "pets": [
                    {"__typename": "Person", "size": -1},
                    {"__typename": "Dog", "barks": False},
                    {"__typename": "Person", "size": -3},
                ]
            }
        },
    ),
    "tells the types of an interface apart": Case(
        "{ allNamed { name ... on Dog { barks owner { name } } } }",
        {"allNamed": [{"name": "n0"}, {"name": "n1"}, {"name": "n2", "barks": False, "owner": {"name": "n5"}}]},
    ),
    "applies a fragment on an interface to a union": Case(
        "{ anyBeing { ... on Named { name } ...F } } fragment F on Dog { title }",
        {"anyBeing": {"name": "n5", "title": "t5"}},
    ),
    "answers {} where nothing is asked of a type": Case(
        "{ person(key: 2) { pets { ... on Dog { barks } } } }",
        {"person": {"pets": [{"barks": False}, {}, {}]}},
    ),
    "merges fields of different types under one name": Case(
        "{ person { pets { ... on Dog { x: title } ... on Person { x: title y: size } } } }",
        {"person": {"pets": [{"x": "t1", "y": -1}, {"x": "t2"}, {"x": "t3", "y": -3}]}},
    ),
    "refuses a value of no type of the union": Case(
        "{ person { name pets { __typename } } }",
        {"person": {"name": "n1", "pets": [None]}},
        [
            (
                'The type "<class \'object\'>" cannot be resolved for the field "pets" , are you using a strawberry.field?',
                "person.pets.0 1:17",
            )
        ],
        faults={("pets", 1): "stranger"},
    ),
    "refuses a value of no type of the interface": Case(
        "{ allNamed { name } }",
        {"allNamed": [None]},
        [
            (
                "Abstract type 'Named' must resolve to an Object type at runtime for field 'Query.allNamed'. Either the 'Named' type should provide a 'resolve_type' function or each possible type should provide an 'is_type_of' function.",
                "allNamed.0 1:3",
            )
        ],
        faults={("all_named", 0): "stranger"},
    ),
    "refuses a value of another type": Case(
        "{ person { friend { name } } }",
        {"person": {"friend": None}},
        [("Expected value of type 'Person' but got: <object instance>.", "person.friend 1:12")],
        faults={("friend", 1): "stranger"},
    ),
    # test_directives
    "includes and skips by constants": Case(
        "{ person { a: name @include(if: true) b: name @include(if: false) c: name @skip(if: true) d: name @skip(if: false) } }",
        {"person": {"a": "n1", "d": "n1"}},
    ),
    "gives @skip precedence": Case(
        "{ person { name title @include(if: true) @skip(if: true) } }",
        {"person": {"name": "n1"}},
    ),
    "includes and skips by variables": Case(
        "query ($yes: Boolean!, $no: Boolean = false) { person { a: name @include(if: $yes) b: name @skip(if: $no) c: name @skip(if: $yes) ...F @include(if: $no) ... @include(if: $yes) { size } } } fragment F on Person { title }",
        {"person": {"a": "n1", "b": "n1", "size": -1}},
        variables={"yes": True},
    ),
    "leaves out a whole fragment": Case(
        "{ person { name ...F @skip(if: true) ... on Person @include(if: false) { size } } } fragment F on Person { title }",
        {"person": {"name": "n1"}},
    ),
    "includes a field when one of its places does": Case(
        "{ person { friend @skip(if: true) { name } friend { title } } }",
        {"person": {"friend": {"title": "t2"}}},
    ),
    # test_variables, test_one_of
    "coerces literals": Case(
        '{ person { told(text: "a", number: 3, mood: BAD, ids: [1, "x"], filter: {limit: 2, moods: [GOOD]}) } }',
        {
            "person": {
                "told": "1 [('filter', Filter(text='any', limit=2, moods=[<Mood.GOOD: 'good'>])), ('ids', ['1', 'x']), ('mood', <Mood.BAD: 'bad'>), ('number', 3), ('text', 'a')]"
            }
        },
    ),
    "coerces variables": Case(
        "query ($t: String!, $n: Int, $m: Mood, $f: Filter, $i: [ID!]) { person { told(text: $t, number: $n, mood: $m, filter: $f, ids: $i) } }",
        {
            "person": {
                "told": "1 [('filter', Filter(text='z', limit=None, moods=None)), ('ids', ['7']), ('mood', <Mood.GOOD: 'good'>), ('number', 4), ('text', 'b')]"
            }
        },
        variables={"t": "b", "n": 4, "m": "GOOD", "f": {"text": "z"}, "i": "7"},
    ),
    "uses defaults of arguments": Case(
        "{ person { told } }",
        {
            "person": {
                "told": "1 [('filter', None), ('ids', None), ('mood', <Mood.GOOD: 'good'>), ('number', None), ('text', 'hi')]"
            }
        },
    ),
    "uses defaults of variables": Case(
        'query ($t: String = "late") { person { told(text: $t) } }',
        {
            "person": {
                "told": "1 [('filter', None), ('ids', None), ('mood', <Mood.GOOD: 'good'>), ('number', None), ('text', 'late')]"
            }
        },
    ),
    "uses an argument's default where a variable is missing": Case(
        "query ($n: Int) { person { told(number: $n) } }",
        {
            "person": {
                "told": "1 [('filter', None), ('ids', None), ('mood', <Mood.GOOD: 'good'>), ('number', None), ('text', 'hi')]"
            }
        },
    ),
    "tells null from nothing": Case(
        "query ($n: Int) { person { a: told(number: null) b: told(number: $n) } }",
        {
            "person": {
                "a": "1 [('filter', None), ('ids', None), ('mood', <Mood.GOOD: 'good'>), ('number', None), ('text', 'hi')]",
                "b": "1 [('filter', None), ('ids', None), ('mood', <Mood.GOOD: 'good'>), ('number', None), ('text', 'hi')]",
            }
        },
        variables={"n": None},
    ),
    "fails a field whose variable has no value": Case(
        "query ($t: String) { person { name told(text: $t) } }",
        {"person": {"name": "n1", "told": None}},
        [
            (
                "Argument 'text' has invalid value: Expected variable '$t' provided to non-null type 'String!' not to be None.",
                "person.told 1:47",
            )
        ],
        variables={"t": None},
    ),
    "refuses variables that do not fit": Case(
        "query ($n: Int!, $m: Mood) { person(key: $n) { told(mood: $m) } }",
        None,
        [
            ("Variable '$m' has invalid value: Value 'UGLY' does not exist in 'Mood' enum.", "1:18"),
            ("Variable '$n' has invalid value: Int cannot represent non-integer value: 'x'", "1:8"),
        ],
        variables={"n": "x", "m": "UGLY"},
    ),
    "refuses variables that are missing": Case(
        "query ($n: Int!) { person(key: $n) { name } }",
        None,
        [("Variable '$n' has invalid value: Expected a value of non-null type 'Int!' to be provided.", "1:8")],
    ),
    "coerces a single value to a list": Case(
        "{ person { told(ids: 3) } }",
        {
            "person": {
                "told": "1 [('filter', None), ('ids', ['3']), ('mood', <Mood.GOOD: 'good'>), ('number', None), ('text', 'hi')]"
            }
        },
    ),
    # leaves
    "coerces leaves by their types": Case(
        "{ person(key: 2) { key name count size ratio mood tags born } }",
        {
            "person": {
                "key": "2",
                "name": "n2",
                "count": 2,
                "size": -2,
                "ratio": 0.5,
                "mood": "BAD",
                "tags": ["a", "b"],
                "born": "2000-01-03T00:00:00+00:00",
            }
        },
    ),
    "refuses an Int of more than 32 bits": Case(
        "{ person { count } }",
        {"person": {"count": None}},
        [("Int cannot represent non 32-bit signed integer value: 1099511627776", "person.count 1:12")],
        leaf_faults={1: {"count"}},
    ),
    "refuses a Float that is not finite": Case(
        "{ person { ratio } }",
        {"person": {"ratio": None}},
        [("Float cannot represent non numeric value: inf", "person.ratio 1:12")],
        leaf_faults={1: {"ratio"}},
    ),
    "refuses what is no Int": Case(
        "{ person { friend { size } } }",
        {"person": {"friend": None}},
        [("Int cannot represent non-integer value: 'large'", "person.friend.size 1:21")],
        leaf_faults={2: {"size"}},
    ),
    "refuses what is no value of the enum": Case(
        "{ person { mood } }",
        {"person": {"mood": None}},
        [("Enum 'Mood' cannot represent value: 'fair'", "person.mood 1:12")],
        leaf_faults={1: {"mood"}},
    ),
    "reports what a custom scalar raises": Case(
        "{ person { born } }",
        {"person": {"born": None}},
        [("'str' object has no attribute 'isoformat'", "person.born 1:12")],
        leaf_faults={1: {"born"}},
    ),
    "completes leaves of layer functions": Case(
        "{ people(count: 2) { numbers told } }",
        {
            "people": [
                {"numbers": [1, 2], "told": None},
                {
                    "numbers": [2, 4],
                    "told": "2 [('filter', None), ('ids', None), ('mood', <Mood.GOOD: 'good'>), ('number', None), ('text', 'hi')]",
                },
            ]
        },
        faults={("told", 1): "null"},
    ),
    "refuses wrong leaves of layer functions": Case(
        "{ people(count: 2) { name numbers } }",
        {"people": [None, {"name": "n2", "numbers": [2, 4]}]},
        [("Cannot return null for non-nullable field Person.numbers.", "people.0.numbers.0 1:27")],
        faults={("numbers", 1): "null item"},
    ),
    # attributes that lead to other records
    "follows an attribute": Case(
        "{ people(count: 4) { home { address owner { ... on Person { name } } guest { name } } homes { address } } }",
        {
            "people": [
                {
                    "home": {"address": "1 Main St", "owner": {"name": "n1"}, "guest": {"name": "n5"}},
                    "homes": [{"address": "here"}, {"address": "there"}],
                },
                {
                    "home": {"address": "2 Main St", "owner": {"name": "n2"}, "guest": {"name": "n6"}},
                    "homes": [{"address": "here"}, {"address": "there"}],
                },
                {
                    "home": {"address": "3 Main St", "owner": {"name": "n3"}, "guest": {"name": "n0"}},
                    "homes": [{"address": "here"}, {"address": "there"}],
                },
                {"home": None, "homes": [{"address": "here"}, {"address": "there"}]},
            ]
        },
    ),
    "refuses a wrong record behind an attribute": Case(
        "{ person { home { address } homes { address } } }",
        {"person": {"home": None, "homes": [{"address": "here"}, {"address": "there"}]}},
        [("'Being' object has no attribute 'address'", "person.home.address 1:19")],
        leaf_faults={1: {"home"}},
    ),
    "reports what an attribute raises": Case(
        "{ person { homes { address } } }",
        {"person": None},
        [("homeless", "person.homes 1:12")],
        leaf_faults={1: {"homes"}},
    ),
    "asks layer functions behind an attribute": Case(
        "{ person { homes { guest { name } } } }",
        {"person": {"homes": [{"guest": None}, {"guest": None}]}},
        [("no answer today", "person.homes.0.guest 1:20"), ("no answer today", "person.homes.1.guest 1:20")],
        faults={("guest", 1): "code"},
    ),
    # what the stock executor runs
    "introspects": Case(
        '{ __type(name: "Home") { name fields { name } } }',
        {"__type": {"name": "Home", "fields": [{"name": "address"}, {"name": "owner"}, {"name": "guest"}]}},
    ),
    "runs a resolver that is no layer function": Case(
        "{ plain person { name } }",
        {"plain": "plain", "person": {"name": "n1"}},
    ),
    "runs mutations": Case(
        'mutation { rename(name: "x") }',
        {"rename": "x"},
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_spec(name: str) -> None:
    case = CASES[name]
    document = parse(case.query)
    assert not validate(SCHEMA, document)
    expected = await stock(SCHEMA, document, case.context(), case.variables)
    operation = execution.prepare(SCHEMA, document)
    found = await execution.execute(operation, variables=case.variables, context=case.context())
    for data, errors in (
        (expected.data, expected.errors or []),
        (msgspec.json.decode(found.data or b"null"), found.errors),
    ):
        assert data == case.data
        assert sorted(map(told, errors)) == case.errors
    assert msgspec.json.encode(expected.data) == (found.data or b"null")
    assert sorted(str(error.formatted) for error in found.errors) == sorted(
        str(error.formatted) for error in expected.errors or []
    )
