"""How texts are folded and cut: the same for what is searched and for what is asked."""

import re
from typing import Final
from unicodedata import category, normalize

DOTLESS_I: Final = {0x131: "i"}
"""Its capital is that of `i`, so nothing else tells the two apart in capitals."""

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3100-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts whose words may stand without spaces between them: Thai, Lao, Burmese, Khmer, Japanese, Chinese, Korean."""

IS_UNSPACED: Final = re.compile(f"[{UNSPACED}]")
ASCII_RUN: Final = re.compile("[a-z0-9]+")
RUN: Final = re.compile(rf"[{UNSPACED}]+|[^\W_{UNSPACED}]+")


def fold(text: str) -> str:
    """Return a text without case, accents and other variants of letters."""
    if text.isascii():
        return text.lower()
    text = normalize("NFKD", normalize("NFKD", text).casefold().translate(DOTLESS_I))
    return normalize("NFC", "".join(char for char in text if char.isascii() or category(char)[0] != "M"))


def runs(folded: str) -> list[str]:
    """Return the runs of letters and digits in a folded text."""
    return (ASCII_RUN if folded.isascii() else RUN).findall(folded)


def words(found: list[str]) -> list[str]:
    """Return the words of some runs. Where they stand without spaces, each letter with the next one is a word.

    So any part of an unspaced text is found by the beginnings of words, as a word is by its beginning.
    """
    return [word for run in found for word in ((run,) if run.isascii() else _cut(run))]


def compounds(found: list[str]) -> list[tuple[str, str]]:
    """Return each of some runs but the last, with all that follow it, joined."""
    return [(run, "".join(found[place:])) for place, run in enumerate(found[:-1], 1)]


def letters(folded: str) -> str:
    """Return a name without what stands between its letters and digits; one that has none stays as it is."""
    return "".join(runs(folded)) or folded.strip()


def _cut(run: str) -> list[str]:
    if not IS_UNSPACED.match(run):
        return [run]
    return [run[place : place + 2] for place in range(len(run))]
