"""The model of docs/scaling.md, and what that page says of it."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks.scaling_model import fetches, main, served, weights

GUIDE = Path(__file__).parents[2] / "docs" / "scaling.md"


def test_the_guide_shows_what_the_model_says() -> None:
    (shown,) = re.findall(r"```text\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert CliRunner().invoke(main).output.strip() == shown.strip()


def test_a_cache_hands_on_what_it_does_not_keep() -> None:
    assert fetches(1000, 50, 0) == pytest.approx(1000)
    assert fetches(1e9, 50, 10) == pytest.approx(50 / 10, rel=1e-3)
    assert fetches(1, 1, 1) == 0.5
    assert sum(weights(1000)) == pytest.approx(1)


def test_cores_serve_more_the_longer_their_answers_last() -> None:
    always, never = served(1, 40, 80, 20_000, 1e9), served(1, 40, 80, 20_000, 0)
    assert always == pytest.approx(0.7 * 1e6 / 40, rel=1e-3)
    assert never == pytest.approx(0.7 * 1e6 / 80)
    assert never < served(1, 40, 80, 20_000, 60) < always
    assert served(8, 40, 80, 20_000, 60) == 8 * served(1, 40, 80, 20_000, 60)
