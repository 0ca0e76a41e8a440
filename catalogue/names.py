"""What people write in many ways, in one: names on PyPI, and addresses of repositories."""

import re
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from packaging.utils import canonicalize_name

_SCP: Final = re.compile(r"(?:[^@/\s]+@)?([^:/\s]+):(?!//)(?!\d+/)(.+)", re.DOTALL)
"""How git writes an address that it reaches by SSH: `git@github.com:owner/repository.git`."""

_SAYS_NOTHING: Final = re.compile("[?#@]")
"""What ends the path of a repository."""


def pypi_key(name: str) -> str:
    """Return a project's name on PyPI as PEP 503 normalises it: `Django_Filter` is `django-filter`."""
    return canonicalize_name(name.strip())


def repo_key(address: str) -> str | None:
    """Return host and path of a repository, which is equal for all ways to write its address; `None` if there is none.

    Scheme, user, port, query, fragment, the case of the host, `www.`, `.git`, what pip adds (`git+`, `@v1.2`) and
    slashes at the end say nothing.
    """
    address = address.strip()
    if "://" in address:
        address = address.partition("://")[2]
    elif scp := _SCP.fullmatch(address):
        address = f"{scp[1]}/{scp[2]}"
    authority, _, path = address.partition("/")
    host = _host(authority)
    return host and f"{host}/{_SAYS_NOTHING.split(path)[0].strip('/').removesuffix('.git').rstrip('/')}"


@lru_cache(1024)
def _host(authority: str) -> str | None:
    try:
        host = urlsplit(f"//{authority}").hostname
    except ValueError:
        return None
    return host and host.removeprefix("www.")
