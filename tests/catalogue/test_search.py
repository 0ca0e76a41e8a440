"""The mirror's own search."""

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from statistics import median
from unicodedata import normalize

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from benchmarks.relevance import QUERIES, rank, records
from catalogue.search import FEW, MAX_RANKED, SearchIndex
from catalogue.vocabulary import near
from catalogue.words import fold, letters
from tests import rows
from tests.catalogue.test_words import LETTERS
from tests.indexes import built
from tests.strategies import record, sample
from upstream import Grid, Package

PACKAGES, GRIDS, _ = sample()


def index_of(records: Iterable[Package | Grid]) -> SearchIndex:
    return built(records).search


EVERYTHING: list[Package | Grid] = [*PACKAGES, *GRIDS]
SAMPLE = index_of(EVERYTHING)


def package(key: int, title: str, **changes: object) -> Package:
    return record(Package, rows.package(key, **{"title": title, "slug": f"slug-{key}", **changes}))


def grid(key: int, title: str, **changes: object) -> Grid:
    return record(Grid, rows.grid(key, **{"title": title, "slug": f"slug-{key}", **changes}))


def found(index: SearchIndex, query: str) -> list[int]:
    """Return the ids of the hits, best first; a grid's is negative."""
    records = [index.record(row) for row in index.search(query).rows]
    return [-each.id if isinstance(each, Grid) else each.id for each in records if each is not None]


@pytest.mark.parametrize("query", ["django-loci", "DJANGO-LOCI", " django-loci ", "geolocation", "openwisp-users"])
def test_an_exact_slug_comes_first(query: str) -> None:
    first = SAMPLE.record(SAMPLE.search(query).rows[0])
    assert first is not None
    assert first.slug == query.strip().lower()


@pytest.mark.parametrize("each", EVERYTHING, ids=lambda each: each.slug)
def test_everything_is_found_by_slug_and_by_title_and_comes_first(each: Package | Grid) -> None:
    for name in (each.slug, each.title):
        hits = SAMPLE.search(name)
        score = {hits.score(row) for row in hits.rows if SAMPLE.record(row) is each}
        assert score
        same = [
            other for other in EVERYTHING if name.strip().casefold() in (other.slug, other.title.strip().casefold())
        ]
        assert SAMPLE.record(hits.rows[0]) in same


def test_an_exact_title_comes_before_more_popular_ones() -> None:
    index = index_of(
        [
            package(1, "Redis Cache", repo_watchers=2),
            package(2, "Redis Cache Lock", repo_watchers=90_000),
            package(3, "redis cache ", repo_watchers=1, repo_description="redis cache " * 20),
            grid(1, "Redis cache"),
            grid(2, "Redis caches"),
        ]
    )
    assert set(found(index, "redis cache")[:3]) == {1, 3, -1}
    assert len(found(index, "redis cache")) == 5


def test_slugs_and_titles_with_capitals() -> None:
    index = index_of([package(1, "x", slug="Django-CMS"), package(2, "django-cms plus", repo_watchers=900)])
    assert found(index, "Django-CMS") == [1, 2]


def test_watchers_weigh() -> None:
    index = index_of(package(key, "cache", repo_watchers=watchers) for key, watchers in ((1, 0), (2, 5000), (3, 70)))
    assert found(index, "cach") == [2, 3, 1]


def test_so_do_a_grid_s_packages() -> None:
    index = index_of([grid(1, "caches"), grid(2, "caches", packages=[1, 2, 3, 4])])
    assert found(index, "cach") == [-2, -1]


def test_a_title_says_more_than_a_description() -> None:
    index = index_of([package(1, "x", repo_description="all about wikis and more"), package(2, "wikis")])
    assert found(index, "wiki") == [2, 1]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("caf", True),
        ("cafe", True),
        ("CAFÉ", True),
        ("cafe\u0301", True),
        ("cafés", True),
        ("straße", True),
        ("STRASSE", True),
        ("stra", True),
        ("lock cache", True),
        ("cache lock", True),
        ("cache-lock", True),
        ("cache_lock", True),
        ("cache lock wiki", False),
        ("ach", False),
        ("rest", True),
        ("v2", True),
        ("☕ cache", True),
        ("日本", True),
    ],
)
def test_every_word_begins_a_word(query: str, is_found: bool) -> None:
    index = index_of(
        [package(1, "Café Straße 🚀", slug="cache-lock", repo_description='"REST" api v2.0\r\n日本語 for all')]
    )
    assert found(index, query) == [1] * is_found


WORDS = sorted(
    {
        word
        for each in EVERYTHING
        for word in re.findall(r"[a-z0-9]+", f"{each.title} {each.slug}".lower())
        if word.isascii()
    }
)


def runs(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


@cache
def words_of(each: Package | Grid) -> set[str]:
    """Return a record's words, and what follows in its names, joined."""
    names = [each.title, each.slug, *([each.pypi_name] if isinstance(each, Package) and each.pypi_name else [])]
    description = each.repo_description if isinstance(each, Package) else each.description
    found = {*runs(description)}
    for name in map(runs, names):
        found.update(name, ("".join(name[place:]) for place in range(len(name))))
    return found


def begins_one(word: str, each: Package | Grid) -> bool:
    return any(other.startswith(word) for other in words_of(each))


def is_hit(words: list[str], each: Package | Grid) -> bool:
    """Say whether each word of a query begins one of a record's, alone or joined with others beside it."""
    spans = [(start, end) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]
    begun = [(start, end) for start, end in spans if begins_one("".join(words[start:end]), each)]
    return all(any(start <= place < end for start, end in begun) for place in range(len(words)))


@given(
    st.lists(st.sampled_from(WORDS).flatmap(lambda word: st.integers(1, len(word)).map(lambda n: word[:n])), max_size=3)
)
@example(["dr", "fa"])  # a name's words, joined and parted elsewhere: drf-aggregation
@settings(max_examples=200)
def test_hits_are_those_whose_words_begin_so(words: list[str]) -> None:
    expected = {
        each.id if isinstance(each, Package) else -each.id for each in EVERYTHING if words and is_hit(words, each)
    }
    hits = found(SAMPLE, " ".join(words))
    assert set(hits[: len(expected)]) == expected
    assert len(hits) == len(expected) or len(expected) < FEW


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_no_text_breaks_it(query: str) -> None:
    hits = SAMPLE.search(query)
    assert len(set(hits.rows)) == len(hits.rows)
    assert all(SAMPLE.record(row) is not None for row in hits.rows)


@pytest.mark.parametrize(
    "query",
    [
        *('"', "'", '""', '"a', "a AND b", "AND", "NOT", "a NOT b", "OR", "NEAR(a b)", "NEAR", "title:x", "title : ^x"),
        *("*", "a*", "^a", "a^", "(", ")", "a)", "{a b}:c", "-a", "+a", "a + b", ":", "\\", "%", ";", "--", "/*"),
        *("\0", "a\0b", "\ud800", "a\udfffb", "🦄", "\u202e", "\ufeff", "_", "__", "_ a", "²", "Ⅷ", "𝟘", "ª", "\n\t"),
        *("a " * 100, "x" * 200, '"' * 200, "é" * 200, "a-" * 100, " ".join(map(str, range(60)))),
    ],
)
def test_no_operator_is_one(query: str) -> None:
    SAMPLE.search(query)


@pytest.mark.parametrize("query", ["", " ", "🦄", '"', "\0", "()", "*"])
def test_without_a_word_there_is_no_hit(query: str) -> None:
    assert not SAMPLE.search(query).rows


def test_what_is_no_word_is_passed_over() -> None:
    assert found(SAMPLE, '"django" (forms) *') == found(SAMPLE, "django forms") != []


class TestMany:
    """More hits than are ranked."""

    index = index_of(
        [package(key, f"django thing {key}", repo_watchers=key % 700) for key in range(1, MAX_RANKED + 200)]
        + [grid(1, "Django", packages=[1])]
    )

    def test_they_go_by_watchers(self) -> None:
        hits = self.index.search("django thing")
        records = [self.index.record(row) for row in hits.rows]
        watchers = [each.repo_watchers for each in records if isinstance(each, Package)]
        assert len(watchers) == MAX_RANKED + 199
        # Popularity goes in steps: within one the order is by id.
        assert all(before * 1.02 + 1 >= after for before, after in pairwise(watchers))
        scores = [hits.score(row) for row in hits.rows]
        assert scores == sorted(scores, reverse=True)

    def test_an_exact_one_still_comes_first(self) -> None:
        assert found(self.index, "django")[0] == -1
        assert found(self.index, "slug-7")[0] == 7
        assert len(found(self.index, "django")) == MAX_RANKED + 200


JOINED = ["easy-thumbnails", "Django REST framework", "django_two factor-auth", "a b c d e", "html 5 editor"]


@pytest.mark.parametrize("title", JOINED)
def test_joined_words_are_found(title: str) -> None:
    index = index_of([package(1, title, slug="x-y-z"), grid(1, title), package(2, "other")])
    parts = runs(title)
    for start in range(len(parts)):
        for end in range(start + 2, len(parts) + 1):
            joined = "".join(parts[start:end])
            for query in (
                joined,
                joined[:-1] or joined,
                " ".join([*parts[:start], joined, *parts[end:]]),
                joined.upper(),
            ):
                assert set(found(index, query)) >= {1, -1}, query
            assert 2 not in found(index, joined)


@pytest.mark.parametrize("title", ["easythumbnails", "restframework", "django-versatileimagefield", "oauth2"])
def test_parted_words_are_found(title: str) -> None:
    index = index_of(
        [package(1, title, slug="x-y-z"), package(2, "other", repo_description=f"like {title}"), grid(3, "x")]
    )
    for word in runs(title):
        for place in range(1, len(word)):
            for query in (f"{word[:place]} {word[place:]}", title.replace(word, f"{word[:place]}-{word[place:]}")):
                assert set(found(index, query)) == {1, 2}, query
        assert set(found(index, " ".join(word))) >= ({1, 2} if len(word) <= 12 else set())


def test_the_issue_s_examples() -> None:
    index = index_of([package(1, "easy-thumbnails"), package(2, "Django REST framework"), package(3, "Thumbnails")])
    assert found(index, "easythumbnails")[0] == 1
    assert found(index, "restframework")[0] == 2
    assert set(found(index, "thumbnials")) == {1, 3}


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("日本語", True),
        ("対応", True),
        ("語", True),
        ("全文検索", True),
        ("django 検索", True),
        ("英語", False),
        ("検索q", False),
    ],
)
def test_what_stands_without_spaces_is_found_by_any_part(query: str, is_found: bool) -> None:
    described = "Djangoの日本語対応。高速な全文検索エンジンです。"
    index = index_of([package(1, "x", repo_description=described), package(2, "本日")])
    assert found(index, query) == [1] * is_found


def test_a_title_of_any_letters_finds_itself() -> None:
    chosen = [*LETTERS[::97], *"İıſßŉǰΐﬃﷺ가각가々〆ー゙ガ"]
    titles = [f"ab{char}cd x" for char in chosen] + [
        "🚀",
        "!!!",
        "C++",
        "?",
        "日本",
        "«»",
        "a" * 100,
        " ".join("abcdefghijklmnop"),
    ]
    index = index_of(package(key, title, slug=f"s{key}") for key, title in enumerate(titles, 1))
    for key, title in enumerate(titles, 1):
        for form in (title, title.upper(), normalize("NFC", title), normalize("NFD", title), f"  {title} "):
            hits = found(index, form)
            assert key in hits, form
            assert letters(fold(titles[hits[0] - 1])) == letters(fold(title)), form


TYPOS = [word for word in WORDS if len(word) >= 5 and word.isalpha()]


@given(st.sampled_from(TYPOS), st.data())
@settings(max_examples=200)
def test_one_typo_in_a_long_word_still_finds(word: str, data: st.DataObject) -> None:
    typed = data.draw(st.sampled_from(sorted(near(word, "aeinst"))))
    right, hits = set(found(SAMPLE, word)), found(SAMPLE, typed)
    assert right & set(hits) or len(hits) >= FEW


def test_a_typo_comes_behind_what_is_meant_so() -> None:
    index = index_of([package(1, "cached", repo_watchers=1), package(2, "ached", repo_watchers=9000)])
    assert found(index, "cached") == [1, 2]
    assert found(index, "ached") == [2, 1]
    hits = index.search("cached")
    assert [hits.score(row) for row in hits.rows] == sorted(map(hits.score, hits.rows), reverse=True)


def test_a_typo_in_a_short_word_is_none() -> None:
    index = index_of([package(1, "rest"), package(2, "form")])
    assert found(index, "rset") == found(index, "fomr") == []
    assert found(index, "fromx") == []


def test_each_word_may_have_a_typo() -> None:
    index = index_of([package(1, "django-grappelli menus"), package(2, "django-menus")])
    assert found(index, "djagno grapelli menuss") == [1]


def test_people_find_what_they_look_for() -> None:
    everything = index_of(records(0))
    ranks = [rank(everything, query, slug) for queries in QUERIES.values() for query, slug in queries.items()]
    assert len(ranks) >= 60
    assert None not in ranks
    assert median(place for place in ranks if place is not None) == 1


def test_a_package_and_a_grid_of_the_last_id_are_two() -> None:
    index = index_of([package(2**31 - 1, "One thing"), grid(2**31 - 1, "One thing more")])
    assert sorted(found(index, "thing")) == [1 - 2**31, 2**31 - 1]
