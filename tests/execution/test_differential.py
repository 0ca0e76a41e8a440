"""The layered executor answers as the stock one does, whatever is asked and whatever goes wrong.

`DIFFERENTIAL_EXAMPLES` sets the number of examples of each test; `make differential` runs many.
"""

import os

from graphql import parse, validate
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.execution import toy
from tests.execution.compare import assert_equal
from tests.execution.operations import Operation, operations

EXAMPLES = int(os.environ.get("DIFFERENTIAL_EXAMPLES", "1000"))
MANY = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize="CI" in os.environ
)

KEYS = st.integers(0, 6)
LAYERS = [
    *("person", "friend", "boss", "friends", "colleagues", "family", "pets", "named", "nested", "told", "numbers"),
    *("owner", "guest", "needed", "people", "any_being", "all_named"),
]

toy_worlds = st.fixed_dictionaries(
    {
        "leaf_faults": st.dictionaries(KEYS, st.frozensets(st.sampled_from(toy.LEAF_FAULTS), max_size=2), max_size=3),
        "faults": st.dictionaries(st.tuples(st.sampled_from(LAYERS), KEYS), st.sampled_from(toy.FAULTS), max_size=8),
    }
)


@MANY
@given(
    operation=operations(
        toy.STOCK._schema, {"key": range(7), "count": range(4)}, frozenset({"_service", "plain"}), depth=3
    ),
    world=toy_worlds,
)
async def test_toy_schema(operation: Operation, world: dict[str, dict[object, object]]) -> None:
    document = parse(operation.text)
    assume(not validate(toy.SCHEMA._schema, document))
    contexts = (toy.Context(**world), toy.Context(**world))  # type: ignore[arg-type]
    await assert_equal(toy.SCHEMA._schema, document, contexts, operation.variables)
