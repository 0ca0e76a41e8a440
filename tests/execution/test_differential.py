"""The layered executor answers as the stock one does, whatever is asked and whatever goes wrong.

`DIFFERENTIAL_EXAMPLES` sets the number of examples of each test; `make differential` runs many.
"""

import base64
import json
import os
from dataclasses import dataclass, replace
from typing import Any

import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import execution
from catalogue import Catalogue
from catalogue.snapshot import Snapshot, ready
from loaders import RequestContext
from schema import build_schema
from tests.execution import toy
from tests.execution.compare import assert_equal, assert_equal_again
from tests.execution.faulty import BASE, ROWS, Faults, FaultyUpstream
from tests.execution.operations import Operation, operations
from tests.indexes import build
from tests.patience import PATIENCE
from upstream import Client

# Where an error nulls their parent, the stock executor leaves coroutines that it never awaits.
pytestmark = [
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "700"))
MANY = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))

KEYS = st.integers(0, 6)
LAYERS = [
    *("person", "friend", "boss", "friends", "colleagues", "family", "pets", "named", "nested", "told", "numbers"),
    *("owner", "guest", "needed", "people", "any_being", "all_named"),
]
TOY_VALUES = {"key": range(7), "count": range(4)}
TOY_WORLDS = st.fixed_dictionaries(
    {
        "leaf_faults": st.dictionaries(KEYS, st.frozensets(st.sampled_from(toy.LEAF_FAULTS), max_size=2), max_size=3),
        "faults": st.dictionaries(st.tuples(st.sampled_from(LAYERS), KEYS), st.sampled_from(toy.FAULTS), max_size=8),
    }
)


@dataclass(frozen=True)
class ToyTurn:
    """Which operation is asked of which world, how many variables are left out, and what fails this time only."""

    asked: int
    world: int
    left_out: int
    passing: dict[tuple[str, int], str]


PLACES = st.tuples(st.sampled_from(LAYERS), KEYS)
TOY_TURNS = st.builds(
    ToyTurn,
    st.integers(0, 1),
    st.integers(0, 1),
    st.integers(0, 2),
    st.dictionaries(PLACES, st.sampled_from(toy.FAULTS), max_size=6),
)

SCHEMA = build_schema()._schema
NOT_ASKED = frozenset({"_service", "catalogue"})
"""What is true at one moment only, and what the stock executor answers in any case."""

IDS = {name: [row["id"] for row in rows[:12]] for name, rows in ROWS.items()}
SLUGS = {name: [row["slug"] for row in rows[:6]] for name, rows in ROWS.items()}
LOGINS = [login for row in ROWS["packages"][:6] for login in row["participants"][:2]]


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


NODE_IDS = [
    *(_encoded(f"{kind}:{key}") for kind, name in (("Package", "packages"), ("Grid", "grids")) for key in IDS[name]),
    *(_encoded(text) for text in ("Category:1", "Category:99", "Participant:x", "Person:1")),
    "?",
]
CURSORS = [*(_encoded(json.dumps(place)) for place in (["offset", 2], ["id", IDS["packages"][3]], ["id", "x"])), "?"]
PLURALS = {"package": "packages", "grid": "grids", "category": "categories"}
VALUES: dict[str, Any] = {
    **{f"{name}.id": [*map(str, IDS[names]), "0", "x"] for name, names in PLURALS.items()},
    **{f"{name}.slug": [*SLUGS[names], "no-such", "1", "a/b"] for name, names in PLURALS.items()},
    "login": [*LOGINS, "nobody"],
    "participant": [*LOGINS, "nobody"],
    "category": [row["slug"] for row in ROWS["categories"]],
    "grid": [row["slug"] for row in ROWS["grids"][:4]],
    "nodeId": NODE_IDS,
    "nodeIds": [NODE_IDS[:2], NODE_IDS[11:15], [], NODE_IDS[-6:], NODE_IDS[:1] * 3],
    "query": ["cms", "django admin", "", "x" * 201],
    "text": ["cms", "django", ""],
    "first": [0, 1, 2, 3, 5, 101, -1],
    "last": [0, 1, 3],
    "after": [None, *CURSORS, None, None],
    "before": [None, *CURSORS, None, None],
    "updatedAfter": ["2020-01-01T00:00:00Z", "2020-01-01"],
    "createdBefore": ["2024-01-01T00:00:00-05:00"],
    "representations": [
        [{"__typename": "Package", "id": str(key)} for key in IDS["packages"][:3]],
        [{"__typename": "Grid", "slug": ROWS["grids"][0]["slug"]}, {"__typename": "Participant", "login": "x"}],
        [{"__typename": "Package", "id": "0"}, {"__typename": "Category", "id": "1"}, {"__typename": "Package"}],
        [{"__typename": "Thing"}, 7, {"__typename": "Package", "slug": ROWS["packages"][1]["slug"], "more": [1]}],
        [],
    ],
}
RECORDS = [(name, key) for name, ids in IDS.items() for key in [0, *ids]]
FAULTS = st.dictionaries(
    st.sampled_from(RECORDS), st.sampled_from(["missing", "failing", "unfit", "slow"]), max_size=12
)


FAULTS_THAT_PASS = st.dictionaries(st.sampled_from(RECORDS), st.sampled_from(["missing", "unfit", "slow"]), max_size=12)


@MANY
@given(
    operation=operations(toy.SCHEMA._schema, TOY_VALUES, frozenset({"_service", "plain"}), depth=3), world=TOY_WORLDS
)
async def test_a_schema_of_everything(operation: Operation, world: dict[str, Any]) -> None:
    document = parse(operation.text)
    assume(not validate(toy.SCHEMA._schema, document))
    await assert_equal(toy.SCHEMA._schema, document, (toy.Context(**world), toy.Context(**world)), operation.variables)


class World:
    """A frozen world; it is told apart by its identity."""


@MANY
@given(
    asked=st.lists(
        operations(toy.SCHEMA._schema, TOY_VALUES, frozenset({"_service", "plain"}), depth=3), min_size=1, max_size=2
    ),
    worlds=st.lists(TOY_WORLDS, min_size=2, max_size=2),
    lacks=st.frozensets(PLACES, max_size=6),
    turns=st.lists(TOY_TURNS, min_size=2, max_size=6),
)
async def test_the_same_again(
    asked: list[Operation], worlds: list[dict[str, Any]], lacks: frozenset[tuple[str, int]], turns: list[ToyTurn]
) -> None:
    """Across snapshots, with faults that pass, with other variables: what is remembered changes no answer."""
    documents = [parse(each.text) for each in asked]
    assume(not any(validate(toy.SCHEMA._schema, document) for document in documents))
    prepared = [execution.prepare(toy.SCHEMA._schema, document) for document in documents]
    snapshots = [World() for _ in worlds]
    for turn in turns:
        operation, variables = prepared[turn.asked % len(asked)], dict(asked[turn.asked % len(asked)].variables)
        for name in sorted(variables)[: turn.left_out]:
            del variables[name]
        world, snapshot = worlds[turn.world], snapshots[turn.world]
        contexts = [toy.Context(**world, lacks=lacks, passing=turn.passing, snapshot=snapshot) for _ in range(2)]
        await assert_equal_again(operation, contexts, variables)


@MANY
@given(operation=operations(SCHEMA, VALUES, NOT_ASKED), faults=FAULTS)
async def test_the_schema_read_through(operation: Operation, faults: Faults) -> None:
    document = parse(operation.text)
    assume(not validate(SCHEMA, document))
    catalogues = [
        Catalogue(Client(BASE, transport=FaultyUpstream(faults), backoff=0.001), freshness=600) for _ in range(2)
    ]
    contexts = [RequestContext(catalogue) for catalogue in catalogues]
    await assert_equal(SCHEMA, document, contexts, operation.variables)
    for catalogue in catalogues:
        await catalogue.aclose()


@MANY
@given(operation=operations(SCHEMA, VALUES, NOT_ASKED))
async def test_the_schema_from_the_mirror(mirrored: Catalogue, operation: Operation) -> None:
    document = parse(operation.text)
    assume(not validate(SCHEMA, document))
    await assert_equal(SCHEMA, document, [RequestContext(mirrored), RequestContext(mirrored)], operation.variables)


async def lacking(snapshot: Snapshot, share: int) -> Snapshot:
    """Return a snapshot without one of so many records, which the lists of the others name on."""
    tables = (snapshot.index.packages, snapshot.index.grids)
    records = [*snapshot.index.categories, *(record for table in tables for record in table if record.id % share)]
    indexes = await build(records)
    return replace(snapshot, number=snapshot.number + share, index=indexes.index, search=ready(indexes.search))


@MANY
@given(
    operation=operations(SCHEMA, VALUES, NOT_ASKED),
    turns=st.lists(st.tuples(st.integers(0, 2), FAULTS_THAT_PASS), min_size=2, max_size=5),
)
async def test_the_same_again_from_the_mirror(
    mirrored: Catalogue, operation: Operation, turns: list[tuple[int, Faults]]
) -> None:
    """Across snapshots, of which some lack records, that are read through and come out otherwise each time."""
    document = parse(operation.text)
    assume(not validate(SCHEMA, document))
    prepared = execution.prepare(SCHEMA, document)
    snapshots = [mirrored.snapshot, *[await lacking(mirrored.snapshot, share) for share in (2, 3)]]
    faults: dict[Any, Any] = {}
    catalogue = Catalogue(
        Client(BASE, transport=FaultyUpstream(faults), backoff=0.001),
        freshness=600,
        mirror_wait=PATIENCE,
        max_reads=10**6,
    )
    for number, passing in turns:
        faults.clear()
        faults.update(passing)
        catalogue.switch(snapshots[number])
        await assert_equal_again(prepared, [RequestContext(catalogue), RequestContext(catalogue)], operation.variables)
    await catalogue.aclose()
