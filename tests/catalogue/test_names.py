"""Names on PyPI and addresses of repositories, in all the ways people write them."""

import pytest

from catalogue.names import pypi_key, repo_key


@pytest.mark.parametrize("name", ["Django_Filter", "django.filter", "DJANGO--filter", " django-filter "])
def test_a_name_on_pypi(name: str) -> None:
    assert pypi_key(name) == "django-filter"


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/Owner/project",
        "http://www.GitHub.com/Owner/project/",
        "https://github.com/Owner/project.git",
        "https://github.com/Owner/project.git/",
        "https://user:secret@github.com:443/Owner/project?tab=readme#usage",
        "git+https://github.com/Owner/project.git@v1.2#egg=project",
        "git@github.com:Owner/project.git",
        "ssh://git@github.com/Owner/project.git",
        "git://github.com/Owner/project",
        "github.com/Owner/project",
        " github.com/Owner/project// ",
    ],
)
def test_an_address_of_a_repository(address: str) -> None:
    assert repo_key(address) == "github.com/Owner/project"


def test_what_differs_stays_apart() -> None:
    addresses = ["https://github.com/a/b", "https://github.com/a/B", "https://gitlab.com/a/b", "https://github.com/a"]
    assert len(set(map(repo_key, addresses))) == len(addresses)


@pytest.mark.parametrize("address", ["", "   ", "https://", "https://[", "/owner/project", "https:///x", "\0", "://"])
def test_what_is_no_address(address: str) -> None:
    assert not repo_key(address) or "." not in str(repo_key(address))
