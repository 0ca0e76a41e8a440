"""Records: what a payload becomes."""

from datetime import timedelta

import msgspec
import pytest

from tests import rows
from tests.strategies import record as decoded
from upstream import Category, Participant
from upstream.records import PYPI_NAME, Link, decode_hook


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:8100/api/v4/grids/214/",
        "https://elsewhere.example/grids/214",
        "https://x/api/v4/grids/214/?format=api",
        "https://x/api/v4/grids/214.json",
        "/grids/214/#1/",
        214,
    ],
)
def test_a_link_is_the_id_in_its_path(link: object) -> None:
    assert decode_hook(Link, link) == 214


@pytest.mark.parametrize(
    "link", ["", "x", "http://x/api/v4/grids/", "http://x/?id=/3/", True, None, 1.5, "http://x/٣/"]
)
def test_what_is_no_link(link: object) -> None:
    with pytest.raises(ValueError, match="link"):
        decode_hook(Link, link)


def test_a_time_without_offset_is_new_york_s() -> None:
    record = decoded(Category, rows.category(1, created="2010-08-14T22:47:52", modified="2010-08-14T22:47:52-04:00"))
    assert record.created.utcoffset() == timedelta(hours=-4)
    assert record.created == record.modified


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://pypi.python.org/pypi/django-loci", "django-loci"),
        ("https://pypi.org/project/Django/", "Django"),
        ("https://pypi.org/project/http://pypi.python.org/pypi/X", "X"),
        ("https://pypi.org/project/zope.interface", "zope.interface"),
        ("https://pypi.org/", None),
        ("https://example.org/django", None),
    ],
)
def test_the_name_on_pypi(url: str, name: str | None) -> None:
    match = PYPI_NAME.fullmatch(url)
    assert (match and match[1]) == name


def test_participants_are_equal_by_login() -> None:
    assert Participant("a") == Participant("a")
    assert Participant("dependabot[bot]").is_bot
    assert not Participant("pyup-bot").is_bot


def test_records_survive_being_stored() -> None:
    record = decoded(Category, rows.category(1))
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record), dec_hook=decode_hook) == record
