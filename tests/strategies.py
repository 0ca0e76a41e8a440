"""Records for Hypothesis: few values of each, so that they collide."""

from typing import Any

import msgspec
from hypothesis import strategies as st

from tests import rows
from upstream import Category, Grid, Package, R
from upstream.records import decode_hook
from upstream.sample.app import CATALOGUE

TIMES = ["2025-01-01T00:00:00-05:00", "2025-01-01T05:00:00+00:00", "2025-06-01T12:30:00.5-04:00"]
TITLES = ["a", "B", "b ", "Ä", "straße", "django forms", "Django-Forms", "🚀", "日本語"]
LOGINS = ["x", "X", "y", "dependabot[bot]", "1vank1n"]
HOSTS = [
    "",
    "https://github.com/a/b",
    "https://www.GitHub.com/a",
    "http://gitlab.com:80/x",
    "http://[",
]


def record(kind: type[R], row: rows.Row) -> R:
    """Decode a row whose links are ids."""
    return msgspec.convert(row, kind, dec_hook=decode_hook)


packages: st.SearchStrategy[Package] = st.builds(
    rows.package,
    st.integers(1, 9),
    **{
        "title": st.sampled_from(TITLES),
        "slug": st.sampled_from(["a", "b", "django-forms", "package_1"]),
        "category": st.integers(1, 2),
        "grids": st.lists(st.integers(1, 3), unique=True, max_size=2),
        "last_updated": st.sampled_from([None, *TIMES]),
        "created": st.sampled_from(TIMES),
        "repo_url": st.sampled_from(HOSTS),
        "repo_description": st.sampled_from(["", "forms", "Café"]),
        "repo_watchers": st.integers(0, 2),
        "repo_forks": st.integers(0, 2),
        "pypi_version": st.sampled_from([None, "1.0"]),
        "documentation_url": st.sampled_from([None, "", "https://x/"]),
        "commits_over_52": st.sampled_from([[], [0, 0], [1, 2]]),
        "pypi_url": st.sampled_from(["", "https://pypi.org/project/djangoforms/"]),
        "participants": st.lists(st.sampled_from(LOGINS), max_size=3),
    },
).map(lambda row: record(Package, row | {"slug": f"{row['slug']}-{row['id']}"}))

grids: st.SearchStrategy[Grid] = st.builds(
    rows.grid,
    st.integers(1, 9),
    **{
        "title": st.sampled_from(TITLES),
        "description": st.sampled_from(["", "forms", "Café"]),
        "packages": st.lists(st.integers(1, 9), unique=True, max_size=2),
    },
).map(lambda row: record(Grid, row))


def sample() -> tuple[list[Package], list[Grid], list[Category]]:
    """Return the bundled catalogue."""
    catalogue: dict[str, Any] = msgspec.json.decode(CATALOGUE.read_bytes())
    return (
        [record(Package, row) for row in catalogue["packages"]],
        [record(Grid, row) for row in catalogue["grids"]],
        [record(Category, row) for row in catalogue["categories"]],
    )
