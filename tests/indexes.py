"""Indexes made in one go, where no loop runs."""

import asyncio
from collections.abc import Collection, Iterable
from typing import Any

from catalogue.build import Indexes, build
from catalogue.tables import RecordKey


def built(records: Iterable[Any], gone: Collection[RecordKey] = (), previous: Indexes | None = None) -> Indexes:
    """Build indexes, from previous ones where there are any."""
    return asyncio.run(build(previous, records, gone))[0]
