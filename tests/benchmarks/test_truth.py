"""What the soak holds answers against: it takes what is right, and nothing else."""

from typing import Any

import msgspec
import pytest

from benchmarks.catalogue import Catalogue, make_catalogue
from benchmarks.changes import added_slug, changed
from benchmarks.truth import Question, Truth, neighbours, nothing, of_category, one

FIELDS = {
    "id": "id",
    "slug": "slug",
    "repoWatchers": "repo_watchers",
    "pypiVersion": "pypi_version",
    "lastUpdated": "last_updated",
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return make_catalogue(3000)


@pytest.fixture
def truth(catalogue: Catalogue) -> Truth:
    truth = Truth(catalogue)
    for _ in range(5):
        truth.change()
    return truth


def shown(state: Catalogue, id_: int) -> dict[str, Any]:
    row: Any = state.packages[id_]
    return {name: str(row[key]) if name == "id" else row[key] for name, key in FIELDS.items()}


def answer(state: Catalogue, id_: int) -> dict[str, Any]:
    """Answer the question about neighbours."""
    grids = [
        {"id": str(grid), "packages": [shown(state, member) for member in state.grids[grid]["packages"]]}
        for grid in state.packages[id_]["grids"]
    ]
    return {"package": {**shown(state, id_), "grids": grids}}


def fitting(question: Question, data: dict[str, Any], truth: Truth) -> list[int]:
    return [number for number, span in truth.spans(0, 5) if question.is_right(data, span)]


def test_states_follow_from_each_other_alike(catalogue: Catalogue) -> None:
    after = changed(catalogue, 1)
    assert after == changed(catalogue, 1) != changed(catalogue, 2)
    assert len(after.packages) == len(catalogue.packages) + 1
    assert catalogue == make_catalogue(3000)


def test_an_answer_fits_its_state_and_the_one_before(truth: Truth) -> None:
    question = neighbours("hub-300")
    hub = next(id_ for id_, row in truth.states[0].packages.items() if row["slug"] == "hub-300")
    assert fitting(question, answer(truth.states[3], hub), truth) == [2, 3]
    old, new = answer(truth.states[2], hub), answer(truth.states[3], hub)
    mixed = {"package": {**old["package"], "grids": [*old["package"]["grids"][:1], *new["package"]["grids"][1:]]}}
    assert fitting(question, mixed, truth) == [2]


@pytest.mark.parametrize("spoil", ["member", "order", "fact", "grid", "slug", "null", "old"])
def test_what_is_wrong_fits_none(truth: Truth, spoil: str) -> None:
    state = truth.states[3]
    hub = next(id_ for id_, row in state.packages.items() if row["slug"] == "hub-300")
    data = msgspec.json.decode(msgspec.json.encode(answer(state, hub)))
    package = data["package"]
    members = package["grids"][0]["packages"]
    if spoil == "member":
        del members[5]
    elif spoil == "order":
        members[0], members[1] = members[1], members[0]
    elif spoil == "fact":
        members[7]["repoWatchers"] += 1
    elif spoil == "grid":
        del package["grids"][0]
    elif spoil == "slug":
        data["package"] = answer(state, hub + 1)["package"]
    elif spoil == "null":
        data["package"] = None
    else:
        package["grids"][0] = answer(truth.states[0], hub)["package"]["grids"][0]
    assert fitting(neighbours("hub-300"), data, truth) == []


def test_what_is_gone_may_be_served_on_and_what_came_must_be_there(truth: Truth) -> None:
    came = next(id_ for id_, row in truth.states[4].packages.items() if row["slug"] == added_slug(4))
    gone = next(id_ for id_, row in truth.states[1].packages.items() if row["slug"] == added_slug(1))
    assert gone not in truth.states[5].packages
    assert fitting(one(added_slug(1)), {"package": shown(truth.states[1], gone)}, truth) == [0, 1, 2, 3, 4, 5]
    assert fitting(one(added_slug(4)), {"package": None}, truth) == []
    assert fitting(one(added_slug(4)), {"package": shown(truth.states[4], came)}, truth) == [3, 4, 5]
    assert fitting(nothing("never"), {"package": None}, truth) == [0, 1, 2, 3, 4, 5]


def test_counts_are_counted(truth: Truth) -> None:
    state = truth.states[5]
    rows = [row for row in state.packages.values() if row["category"] == 5]
    nodes = [shown(state, row["id"]) for row in rows[-100:]]
    for more, is_right in ((0, True), (-3, False), (10, False)):
        data = {"category": {"packages": {"totalCount": len(rows) + more, "nodes": nodes[: len(rows) + more]}}}
        assert bool(fitting(of_category(5, "starter-projects"), data, truth)) is is_right
