"""Counts without lists."""

from catalogue import Catalogue
from tests.fake_upstream import FakeUpstream
from tests.queries import data, run

QUERY = """{ grids(first: 100) { nodes { packageCount packages { id } } }
  packages(first: 100) { nodes { gridCount grids { id } participantCount participants { login } } }
  categories { packageCount packages(first: 0) { totalCount } } }"""


async def test_a_count_is_the_length_of_its_list(mirrored: Catalogue) -> None:
    answer = await data(mirrored, QUERY)
    for grid in answer["grids"]["nodes"]:
        assert grid["packageCount"] == len(grid["packages"])
    for package in answer["packages"]["nodes"]:
        assert package["gridCount"] == len(package["grids"])
        assert package["participantCount"] == len(package["participants"])
    for category in answer["categories"]:
        assert category["packageCount"] == category["packages"]["totalCount"]


async def test_without_a_mirror_links_are_counted_and_nothing_is_read(catalogue: Catalogue, fake: FakeUpstream) -> None:
    answer = await data(
        catalogue, '{ grid(slug: "forms") { packageCount } package(slug: "django-loci") { gridCount } }'
    )
    assert answer["grid"]["packageCount"] > 0
    assert answer["package"]["gridCount"] > 0
    assert len(fake.requests) == 2
    _, errors = await run(catalogue, '{ category(slug: "apps") { packageCount } }')
    assert errors == {("category", "packageCount"): "MIRROR_OFF"}


async def test_a_participants_id_is_the_login(mirrored: Catalogue) -> None:
    answer = await data(mirrored, '{ participant(login: "JEZDEZ") { id login } }')
    assert answer["participant"] == {"id": "jezdez", "login": "jezdez"}
