"""Records: what a payload becomes."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import rows
from tests.strategies import record as converted
from upstream import Category, Package, Participant, UpstreamError
from upstream.decoding import Misfit, MisfitLog, decode_record
from upstream.records import PYPI_NAME, Link, decode_hook

ENCODER = msgspec.json.Encoder(enc_hook=int)
JSON: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


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
    record = converted(Category, rows.category(1, created="2010-08-14T22:47:52", modified="2010-08-14T22:47:52-04:00"))
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


def decoded(**changes: object) -> tuple[Package, list[Misfit]]:
    row = rows.package(12, **{"category": "http://x/categories/1/", **changes})
    return decode_record(Package, msgspec.json.encode(row), "packages/12")


class TestOptionalFacts:
    """What does not fit is left empty, and the record stays."""

    @pytest.mark.parametrize(
        ("field", "value", "expected"),
        [
            ("commits_over_52", [1, "2"], ()),
            ("commits_over_52", [1, None], ()),
            ("commits_over_52", [[1]], ()),
            ("commits_over_52", [1.5], ()),
            ("commits_over_52", [2**31], ()),
            ("commits_over_52", "1,2", ()),
            ("participants", "a, b", ()),
            ("participants", [None], ()),
            ("last_updated", "yesterday", None),
            ("last_updated", 1_700_000_000_000_000_000, None),
            ("last_updated", "2026-13-01T00:00:00Z", None),
            ("last_fetched", {"at": 1}, None),
            ("repo_url", 7, None),
            ("pypi_version", 1.0, None),
            ("repo_description", None, ""),
            ("repo_watchers", 2**31, 2**31 - 1),
            ("repo_watchers", 10**400, 2**31 - 1),
            ("repo_forks", -(2**40), -(2**31)),
            ("repo_forks", "many", 0),
            ("repo_forks", None, 0),
            ("repo_forks", True, 0),
        ],
    )
    def test_they_become_empty_or_bounded(self, field: str, value: object, expected: object) -> None:
        record, misfits = decoded(**{field: value})
        assert getattr(record, field) == expected
        assert type(getattr(record, field)) is type(expected)
        assert [(misfit.id, misfit.field, misfit.is_missing) for misfit in misfits] == [(12, field, False)]
        assert record.title == "Package 12"

    @pytest.mark.parametrize("number", [b"1e400", b"9" * 5000, b"[1e400]", b"-" + b"9" * 5000])
    def test_numbers_that_nobody_can_read_cost_no_record(self, number: bytes) -> None:
        row = msgspec.json.encode({**rows.package(12), "category": "http://x/categories/1/", "repo_forks": 12345})
        record, misfits = decode_record(Package, row.replace(b"12345", number), "packages/12")
        assert (record.id, record.repo_forks) == (12, 0)
        assert [misfit.field for misfit in misfits] == ["repo_forks"]

    @pytest.mark.parametrize("field", ["commits_over_52", "participants"])
    def test_null_is_an_empty_list(self, field: str) -> None:
        record, misfits = decoded(**{field: None})
        assert (getattr(record, field), misfits) == ((), [])

    def test_the_sum_of_commits_fits_too(self) -> None:
        record, _ = decoded(commits_over_52=[2**31 - 1] * 52)
        assert record.commits_last_year == 2**31 - 1

    @pytest.mark.parametrize(
        "url",
        [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "java\tscript:alert(1)",
            "\x01javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "ftp://example.org/",
            "//example.org/",
            "example.org",
            "http:example.org",
            "http://",
            "https:///x",
            "https://?x",
            "https://x\njavascript:alert(1)",
            "https://x\x00y",
            "git@github.com:a/b",
        ],
    )
    @pytest.mark.parametrize("field", ["repo_url", "pypi_url", "documentation_url"])
    def test_urls_are_of_http_or_https_alone(self, field: str, url: str) -> None:
        record, misfits = decoded(**{field: url})
        assert getattr(record, field) is None
        assert [misfit.field for misfit in misfits] == [field]

    @pytest.mark.parametrize(
        "url",
        ["http://a", "HTTPS://A/", "https://pypi.org/project/http://pypi.python.org/pypi/X", "https://é.example/ a"],
    )
    def test_odd_ones_of_them_stay_as_they_are(self, url: str) -> None:
        assert decoded(repo_url=url)[0].repo_url == url

    def test_an_offset_with_seconds(self) -> None:
        record, misfits = decoded(last_updated="1883-11-18T12:00:00-04:56:02", created="1883-01-01T00:00:00-04:56:02")
        assert record.last_updated is not None
        assert record.last_updated.isoformat() == "1883-11-18T16:56:02+00:00"
        assert record.created.utcoffset() == timedelta(0)
        assert not misfits

    def test_one_time_of_its_making_stands_for_the_other(self) -> None:
        record, misfits = decoded(created="once")
        assert record.created == record.modified
        assert [misfit.field for misfit in misfits] == ["created"]

    def test_what_is_missing_is_told_from_what_does_not_fit(self) -> None:
        row = rows.package(12, category="http://x/categories/1/")
        del row["repo_forks"]
        record, misfits = decode_record(Package, msgspec.json.encode(row), "packages/12")
        assert record.repo_forks == 0
        assert [(misfit.field, misfit.is_missing) for misfit in misfits] == [("repo_forks", True)]

    @given(st.dictionaries(st.sampled_from(sorted(Package.fallbacks)), JSON, max_size=4))
    def test_none_of_them_ever_costs_the_record(self, changes: dict[str, object]) -> None:
        record, _ = decoded(**changes)
        assert record.id == 12
        assert msgspec.json.decode(ENCODER.encode(record), type=Package, dec_hook=decode_hook) == record


class TestIdentity:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("id", "12"),
            ("id", None),
            ("id", 2**31),
            ("slug", None),
            ("title", 5),
            ("category", "nowhere"),
            ("category", None),
            ("grids", ["http://x/grids/a/"]),
            ("grids", "http://x/grids/1/"),
        ],
    )
    def test_it_refuses_the_record_and_names_it(self, field: str, value: object) -> None:
        with pytest.raises(UpstreamError) as caught:
            decoded(**{field: value})
        assert str(caught.value.extensions["field"]).startswith(field)
        assert field == "id" or caught.value.resource == "packages/12"


class TestLog:
    def test_each_is_named_once(self, caplog: pytest.LogCaptureFixture) -> None:
        log = MisfitLog()
        for _ in range(3):
            log.warn("packages", decoded(repo_forks="x", pypi_version=1)[1])
        assert len(caplog.records) == 2
        assert "repo_forks of packages/12" in caplog.text

    def test_many_are_one_line(self, caplog: pytest.LogCaptureFixture) -> None:
        MisfitLog().warn("packages", [Misfit(key, "repo_forks", "x") for key in range(5800)])
        assert len(caplog.records) == 1
        assert "and 5795 more" in caplog.text
        assert len(caplog.text) < 500


def test_records_survive_being_stored() -> None:
    record = converted(Category, rows.category(1))
    assert msgspec.json.decode(msgspec.json.encode(record), type=type(record), dec_hook=decode_hook) == record
