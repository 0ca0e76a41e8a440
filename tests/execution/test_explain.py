"""An explanation shows the plan as a tree, what each layer did, and changes nothing of the answer."""

import random

import msgspec
import pytest
from graphql import parse

from execution import ExplainedLayer, Explanation, Limits, Operation, Result, execute, prepare
from execution.explain import MAX_LAYERS, MAX_NAME
from execution.internals import graphql_schema
from execution.row_cache import rows_of
from tests.execution import toy
from tests.execution.toy import Context

SCHEMA = graphql_schema(toy.build())
QUERY = (
    "{ person { name friends { title boss { name } } home { address guest { name } } pets { ... on Dog { barks } } } }"
)


class World:
    """A snapshot."""


async def explained(
    query: str | Operation, context: Context | None = None, **limits: int
) -> tuple[Result, Explanation, dict[str, ExplainedLayer]]:
    """Return the result, its explanation, and the layers by their paths."""
    operation = prepare(SCHEMA, parse(query)) if isinstance(query, str) else query
    explanation = Explanation()
    bounds = Limits(**limits)
    result = await execute(operation, context=context or Context(), limits=bounds, explanation=explanation)
    layers, _ = explanation.layers()
    return result, explanation, by_path(layers)


def by_path(layers: list[ExplainedLayer], above: str = "") -> dict[str, ExplainedLayer]:
    found: dict[str, ExplainedLayer] = {}
    for each in layers:
        found[above + each.field] = each
        found |= by_path(each.layers, f"{above}{each.field}.")
    return found


async def test_the_tree_is_the_operations() -> None:
    _, explanation, layers = await explained(QUERY)
    assert list(layers) == [
        *("person", "person.friends", "person.friends.boss", "person.home", "person.home.guest", "person.pets"),
    ]
    shown = {path: (each.wave, each.parents, each.records) for path, each in layers.items()}
    assert shown == {
        "person": (1, 1, 1),
        "person.friends": (2, 1, 2),
        "person.friends.boss": (3, 2, 2),
        "person.home": (1, 1, 1),
        "person.home.guest": (2, 1, 1),
        "person.pets": (2, 1, 3),
    }
    assert layers["person.home"].function is None
    assert "function" in str(layers["person"].function)
    assert layers["person.friends"].takes_first
    assert not layers["person.pets"].takes_first
    assert [(wave.wave, wave.layers) for wave in explanation.waves] == [(1, 1), (2, 3), (3, 1)]


async def test_nulls_are_no_records_and_what_nobody_met_was_not_reached() -> None:
    context = Context(faults={("friend", 1): "null"})
    _, _, layers = await explained("{ person { friend { boss { name } } numbers } }", context)
    assert (layers["person.friend"].parents, layers["person.friend"].records) == (1, 0)
    assert (layers["person.friend.boss"].wave, layers["person.friend.boss"].parents) == (None, 0)
    assert layers["person.numbers"].records == 2


async def test_only_types_that_were_met_are_named() -> None:
    query = (
        "{ person { pets { ... on Person { boss { name } } ... on Dog { owner { name } } } } anyBeing { __typename } }"
    )
    _, _, layers = await explained(query)
    assert {each.on for each in layers["person.pets"].layers} == {"Person", "Dog"}
    none = Context(faults={("pets", 1): "nothing"})
    _, _, layers = await explained(query, none)
    assert layers["person.pets"].layers == []


async def test_what_is_remembered_is_shown_and_runs_all_the_same() -> None:
    operation = prepare(SCHEMA, parse("{ person { friends { boss { friend { name } } } } }"))
    world = World()
    first, explanation, layers = await explained(operation, Context(snapshot=world))
    assert not explanation.is_remembered
    assert layers["person.friends"].remembered == 0
    plain = await execute(operation, context=Context(snapshot=world))
    size = rows_of(SCHEMA).size
    for _ in range(3):
        context = Context(snapshot=world)
        again, explanation, layers = await explained(operation, context)
        assert explanation.is_remembered
        assert [layers[path].remembered for path in ("person", "person.friends", "person.friends.boss")] == [1, 2, 2]
        assert [name for name, _ in context.calls] == ["person", "friends", "boss", "friend"]
        assert again.data == plain.data == first.data
        assert rows_of(SCHEMA).size == size, "it keeps nothing"


async def test_waves_say_what_they_read_and_in_which_batches() -> None:
    class Reading(Context):
        reads = 0
        batches: list[tuple[str, int]]

    context = Reading(faults={("friends", 1): "slow"})
    context.batches = [("before", 1)]
    base = context.being

    def being(key: int) -> toy.Being:
        context.reads += 1
        context.batches.append(("beings", key))
        return base(key)

    context.being = being  # type: ignore[method-assign]
    _, explanation, _ = await explained("{ person { pets { ... on Person { name } } friends { name } } }", context)
    assert [wave.upstream_requests for wave in explanation.waves] == [0, 3]
    assert [wave.batches for wave in explanation.waves] == [[], [("beings", 1), ("beings", 2), ("beings", 3)]]


async def test_times_add_up() -> None:
    _, explanation, layers = await explained(QUERY, Context(faults={("friends", 1): "slow", ("boss", 2): "slow"}))
    waves = [wave.milliseconds for wave in explanation.waves]
    assert all(each > 0 for each in waves)
    assert 0 < sum(waves) <= explanation.milliseconds["total"] + 0.01
    for wave in explanation.waves:
        (longest,) = sorted(each.milliseconds for each in layers.values() if each.wave == wave.wave)[-1:]
        assert longest <= wave.milliseconds + 0.01


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("{ __schema { description } }", "reads the schema"),
        ("{ plain }", "`Query.plain` is answered one by one"),
        ('mutation { rename(name: "x") }', "it is a mutation"),
    ],
)
async def test_it_says_why_the_stock_executor_ran_it(query: str, why: str) -> None:
    result, explanation, layers = await explained(query)
    assert result.data
    assert why in explanation.unsupported
    assert layers == {}


async def test_what_a_limit_refused_is_explained_as_far_as_it_went() -> None:
    result, explanation, layers = await explained("{ people(count: 5) { friends { boss { name } } } }", max_nodes=9)
    assert result.data is None
    assert explanation.nodes > 9
    assert layers["people"].records == 5
    assert layers["people.friends"].records == 10
    assert layers["people.friends.boss"].wave is None
    result, explanation, layers = await explained("{ person { friends(first: 100) { name } } }", max_cost=50)
    assert result.data is None
    assert explanation.cost == 102
    assert layers["person"].wave is None


async def test_it_is_bounded_whatever_is_asked() -> None:
    many = " ".join(f"{'a' * 100}{number}: friends {{ boss {{ name }} }}" for number in range(MAX_LAYERS))
    operation = prepare(SCHEMA, parse(f"{{ person {{ {many} }} }}"))
    explanation = Explanation()
    await execute(operation, context=Context(), explanation=explanation)
    layers, left_out = explanation.layers()
    assert len(by_path(layers)) <= MAX_LAYERS
    assert left_out == 1 + 2 * MAX_LAYERS - MAX_LAYERS
    assert max(len(each.field) for each in layers[0].layers) == MAX_NAME + 1


async def test_errors_are_the_same() -> None:
    """All faults of the toy world, drawn from a fixed seed."""
    draw = random.Random(14)
    query = (
        "{ person { name friend { title } friends { name boss { title } } pets { ... on Dog { owner { name } } } } }"
    )
    operation = prepare(SCHEMA, parse(query))
    names = ("person", "friend", "friends", "boss", "pets", "owner")
    for _ in range(150):
        places = [(draw.choice(names), draw.randrange(7)) for _ in range(4)]
        faults = {place: draw.choice(toy.FAULTS) for place in places}
        plain = await execute(operation, context=Context(faults=faults))
        result, _, _ = await explained(operation, Context(faults=faults))
        assert result.data == plain.data
        assert [(each.message, each.path) for each in result.errors] == [
            (each.message, each.path) for each in plain.errors
        ]


async def test_a_layer_function_that_raises_is_in_the_tree() -> None:
    result, _, layers = await explained("{ person { friends { name } } }", Context(faults={("friends", 1): "all"}))
    assert msgspec.json.decode(result.data or b"") == {"person": {"friends": None}}
    assert (layers["person.friends"].wave, layers["person.friends"].parents) == (2, 1)
