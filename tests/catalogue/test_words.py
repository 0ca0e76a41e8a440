"""Folding and cutting: whatever letters a word has, it is one word, in whatever case and form."""

import sys
from unicodedata import category, normalize

import pytest

from catalogue.vocabulary import near
from catalogue.words import compounds, fold, letters, runs, words

LETTERS = [char for char in map(chr, range(sys.maxunicode + 1)) if category(char)[0] == "L"]


def forms(text: str) -> set[str]:
    """Return a text in every case and form."""
    return {text.upper(), text.lower(), text.title(), text.casefold(), *(normalize(f, text) for f in ("NFC", "NFD"))}


@pytest.mark.parametrize("part", range(8))
def test_every_letter_within_a_word(part: int) -> None:
    for char in LETTERS[part::8]:
        word = f"ab{char}cd"
        found = words(runs(fold(word)))
        assert found
        assert found[0].startswith("ab")
        assert all(words(runs(fold(form))) == found for form in forms(word)), hex(ord(char))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café", "cafe"),
        ("CAFE\u0301", "cafe"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("ISPARTA ısparta", "isparta isparta"),
        ("ﬁlter Ⅷ ²", "filter viii 2"),
        ("ＤＪＡＮＧＯ", "django"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("한글", "한글"),
        ("Ꝁꝁ", "ꝁꝁ"),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("easy-thumbnails_2.0", ["easy", "thumbnails", "2", "0"]),
        ("django日本語対応x", ["django", "日本", "本語", "語対", "対応", "応", "x"]),
        ("🚀 «»!", []),
        ("हिन्दी", ["हनद"]),
        ("ภาษาไทย", ["ภา", "าษ", "ษา", "าไ", "ไท", "ทย", "ย"]),
    ],
)
def test_cutting(text: str, found: list[str]) -> None:
    assert words(runs(fold(text))) == found


def test_names_without_what_stands_between() -> None:
    assert letters("django rest-framework") == "djangorestframework"
    assert letters(" 🚀 ") == "🚀"
    assert compounds(["a", "b", "c"]) == [("a", "bc"), ("b", "c")]
    assert compounds(["a"]) == compounds([]) == []


def test_one_typo() -> None:
    found = near("abc", "abx")
    assert {"bc", "ac", "ab", "bac", "acb", "axc", "xabc", "abcx", "abxc"} <= found
    assert "abc" not in found
    assert not found & {"cba", "a", "abxx"}
