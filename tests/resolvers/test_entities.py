"""`_entities`, as routers use it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any

import pytest
from aiodataloader import DataLoader
from graphql import experimental_execute_incrementally, parse

from catalogue import Catalogue
from loaders import RequestContext
from tests.fake_upstream import FakeUpstream, Reply
from tests.queries import SCHEMA, data, run

ENTITIES = """
query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Package { id slug title }
    ... on Grid { id slug }
    ... on Category { id slug }
    ... on Participant { login isBot }
  }
}
"""


def of(typename: object, **fields: object) -> dict[str, object]:
    return {"__typename": typename, **fields}


async def entities(catalogue: Catalogue, *representations: object) -> list[Any]:
    found: list[Any] = (await data(catalogue, ENTITIES, representations=list(representations)))["_entities"]
    return found


@pytest.mark.parametrize(
    ("representation", "entity"),
    [
        (of("Package", id="4005"), {"id": "4005", "slug": "django-loci"}),
        (of("Package", id=4005), {"id": "4005", "slug": "django-loci"}),
        (of("Package", slug="django-loci"), {"id": "4005", "slug": "django-loci"}),
        (of("Package", id="4005", slug="django-loci"), {"id": "4005", "slug": "django-loci"}),
        (of("Package", id=None, slug="django-loci"), {"id": "4005", "slug": "django-loci"}),
        (of("Grid", id="74"), {"id": "74", "slug": "maps"}),
        (of("Grid", slug="maps"), {"id": "74", "slug": "maps"}),
        (of("Category", id="1"), {"id": "1", "slug": "apps"}),
        (of("Category", slug="apps"), {"id": "1", "slug": "apps"}),
        (of("Participant", login="dependabot[bot]"), {"login": "dependabot[bot]", "isBot": True}),
        (of("Package", id="4005", title="", stars=7, nested={"a": [1]}), {"id": "4005", "title": "django-loci"}),
    ],
)
async def test_an_entity_is_found_by_each_key(
    catalogue: Catalogue, representation: Mapping[str, object], entity: Mapping[str, object]
) -> None:
    (found,) = await entities(catalogue, representation)
    assert found.items() >= {"__typename": representation["__typename"], **entity}.items()


async def test_answers_come_in_the_order_of_the_representations(catalogue: Catalogue) -> None:
    found = await entities(
        catalogue, of("Grid", id="74"), of("Package", slug="django-loci"), of("Grid", id="321"), of("Package", id="957")
    )
    assert [entity["slug"] for entity in found] == ["maps", "django-loci", "geolocation", "django-mbtiles"]


@pytest.mark.parametrize(
    "representation",
    [
        of("Package", id="999999"),
        of("Package", id="no-number"),
        of("Package", id="-1"),
        of("Package", id="999999", slug="no-such-package"),
        of("Package", slug="no-such-package"),
        of("Package", slug="a b/c"),
        of("Package", slug=""),
        of("Grid", id="999999"),
        of("Category", id="999999"),
        of("Category", slug="no-such-category"),
    ],
)
async def test_an_unknown_key_is_null_without_an_error(
    catalogue: Catalogue, representation: Mapping[str, object]
) -> None:
    assert await entities(catalogue, of("Package", id="957"), representation) == [
        {"__typename": "Package", "id": "957", "slug": "django-mbtiles", "title": "django-mbtiles"},
        None,
    ]


@pytest.mark.parametrize(
    "representation",
    [
        {"id": "4005"},
        of(None, id="4005"),
        of(7, id="4005"),
        of(["Package"], id="4005"),
        of("Nonsense", id="4005"),
        of("Query"),
        of("PageInfo"),
        of("Package"),
        of("Package", id=None),
        of("Package", id=True),
        of("Package", id=1.5),
        of("Package", id={"id": "4005"}),
        of("Package", id=["4005"]),
        of("Package", slug=4005),
        of("Package", login="nemesifier"),
        of("Participant"),
        of("Participant", login=None),
        of("Participant", login=""),
        of("Package", id="4005", slug="django-mbtiles"),
        of("Package", id="4005", slug="no-such-package"),
        of("Package", id="999999", slug="django-loci"),
        of("Category", id="1", slug="frameworks"),
        "Package",
        4005,
        [],
    ],
)
async def test_a_bad_representation_is_an_error_at_its_place(catalogue: Catalogue, representation: object) -> None:
    answer, errors = await run(
        catalogue, ENTITIES, representations=[of("Package", id="957"), representation, of("Participant", login="a")]
    )
    first, bad, last = answer["_entities"]
    assert (first["slug"], bad, last["login"]) == ("django-mbtiles", None, "a")
    assert errors == {("_entities", 1): "INVALID_REPRESENTATION"}


async def test_representations_may_be_literals(catalogue: Catalogue) -> None:
    query = '{ _entities(representations: [{__typename: "Package", id: 4005}]) { ... on Package { slug } } }'
    assert await data(catalogue, query) == {"_entities": [{"slug": "django-loci"}]}


async def test_nothing_asked_is_nothing_answered(catalogue: Catalogue, fake: FakeUpstream) -> None:
    assert await entities(catalogue) == []
    assert fake.requests == []


async def test_the_upstream_is_asked_once_an_entity(catalogue: Catalogue, fake: FakeUpstream) -> None:
    by_id = [of("Package", id=str(key)) for key in (4005, 957, 519, 1851, 2243)]
    found = await entities(catalogue, *by_id * 10, *(of("Package", slug="django-vectortiles"),) * 10)
    assert len(found) == 60
    assert all(found)
    assert set(fake.targets.values()) == {1}
    assert len(fake.requests) == 6


async def test_all_types_are_asked_for_at_once(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.held = asyncio.Event()
    asked = asyncio.ensure_future(
        entities(
            catalogue,
            *(of("Package", id=str(key)) for key in (4005, 957)),
            of("Package", slug="django-vectortiles"),
            of("Grid", id="74"),
            of("Grid", slug="geolocation"),
            of("Category", id="1"),
            of("Category", slug="frameworks"),
        )
    )
    await fake.until(lambda fake: fake.in_flight == 7)
    fake.held.set()
    assert all(await asked)


async def test_200_mixed_representations_are_one_batch_a_type(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []

    class Counting(DataLoader[Any, Any]):
        def __init__(self, load: Callable[[list[Any]], Awaitable[list[Any]]]) -> None:
            async def counted(keys: list[Any]) -> list[Any]:
                batches.append(len(keys))
                return await load(keys)

            super().__init__(counted)

    monkeypatch.setattr("loaders.context.DataLoader", Counting)
    mixed = [
        *(of("Package", id=str(key)) for key in (4005, 957, 519)),
        *(of("Package", slug=slug) for slug in ("django-vectortiles", "django-markers")),
        of("Grid", id="74"),
        of("Grid", slug="geolocation"),
        of("Category", id="1"),
        of("Category", slug="apps"),
        of("Participant", login="nemesifier"),
    ]
    assert all(await entities(catalogue, *mixed * 20))
    assert sorted(batches) == [1, 2, 5]


async def test_records_at_hand_cost_nothing(catalogue: Catalogue, fake: FakeUpstream) -> None:
    representations = [of("Package", id="4005"), of("Package", slug="django-loci"), of("Grid", slug="maps")]
    first = await entities(catalogue, *representations)
    asked = len(fake.requests)
    assert await entities(catalogue, *representations) == first
    assert len(fake.requests) == asked


async def test_the_mirror_knows_who_is_a_participant(mirrored: Catalogue) -> None:
    known, unknown = await entities(
        mirrored, of("Participant", login="NEMESIFIER"), of("Participant", login="nobody-at-all")
    )
    assert (known["login"], unknown) == ("nemesifier", None)


async def test_edges_of_entities_are_layers(catalogue: Catalogue, fake: FakeUpstream) -> None:
    query = """
    query ($representations: [_Any!]!) {
      _entities(representations: $representations) { ... on Package { grids { slug packages { slug } } } }
    }
    """
    await data(catalogue, query, representations=[of("Package", id="4005"), of("Package", id="957")] * 5)
    assert set(fake.targets.values()) == {1}


async def test_an_upstream_failure_is_at_the_places_it_concerns(catalogue: Catalogue, fake: FakeUpstream) -> None:
    fake.replies["packages/4005/"] = Reply(status=500)
    representations = [of("Package", id="4005"), of("Grid", id="74"), of("Package", id="957"), of("Package", id="4005")]
    answer, errors = await run(catalogue, ENTITIES, representations=representations)
    assert [bool(entity) for entity in answer["_entities"]] == [False, True, True, False]
    assert errors == {("_entities", 0): "UPSTREAM_STATUS", ("_entities", 3): "UPSTREAM_STATUS"}


async def test_both_executors_answer_alike(catalogue: Catalogue) -> None:
    representations = [
        of("Package", id="4005"),
        of("Nonsense"),
        of("Package", slug="no-such-package"),
        of("Package", id="4005", slug="django-mbtiles"),
        of("Grid", slug="maps"),
        of("Package", id="4005"),
    ]
    layered = await run(catalogue, ENTITIES, representations=representations)
    stock = experimental_execute_incrementally(
        SCHEMA._schema,
        parse(ENTITIES),
        context_value=RequestContext(catalogue),
        variable_values={"representations": representations},
    )
    assert isawaitable(stock)
    result: Any = await stock
    errors = {tuple(error.path): error.extensions["code"] for error in result.errors}
    assert (result.data, errors) == layered
    assert set(errors) == {("_entities", 1), ("_entities", 3)}


async def test_the_sdl_has_federations_own_types() -> None:
    sdl = SCHEMA.as_str()
    assert "union _Entity = Category | Grid | Package | Participant" in sdl
    assert "representations: [_Any!]!\n  ): [_Entity]!" in sdl
    assert "_service: _Service!" in sdl
