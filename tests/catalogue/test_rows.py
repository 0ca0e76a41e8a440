"""Rows of pages: what comes again as it came is known, whatever else has changed."""

import msgspec
import pytest

from catalogue import rows as rows_of_pages
from catalogue.index import Index
from catalogue.rows import Rows
from tests import rows
from tests.indexes import build
from tests.strategies import record
from upstream import Grid, Package, UpstreamError


def raw(row: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(row))


async def test_what_came_before_is_not_decoded_again(monkeypatch: pytest.MonkeyPatch) -> None:
    payloads = [raw(rows.package(key)) for key in (1, 2, 3)]
    first = Rows(Index(), {})
    decoded, _ = await first.decoded(Package, payloads)
    held = (await build(decoded)).index
    monkeypatch.setattr(rows_of_pages, "decode_record", None)
    again, misfits = await Rows(held, first.seen).decoded(Package, payloads)
    assert [each is held.packages.get(key) for key, each in enumerate(again, 1)] == [True] * 3
    assert misfits == []


async def test_what_is_not_the_same_to_the_byte_is_decoded() -> None:
    first = Rows(Index(), {})
    await first.decoded(Package, [raw(rows.package(1))])
    ((changed,), _) = await Rows(Index(), first.seen).decoded(Package, [raw(rows.package(1, repo_watchers=7))])
    assert isinstance(changed, Package)
    assert changed.repo_watchers == 7


async def test_what_says_the_same_in_other_bytes_is_the_record_that_is_held() -> None:
    held = record(Package, rows.package(1))
    payload = msgspec.Raw(msgspec.json.format(msgspec.json.encode(rows.package(1)), indent=4))
    decoded, _ = await Rows((await build([held])).index, {}).decoded(Package, [payload])
    assert decoded[0] is held


async def test_a_row_is_of_its_kind() -> None:
    payload = raw({**rows.package(1), **rows.grid(1)})
    first = Rows(Index(), {})
    await first.decoded(Package, [payload])
    ((found,), _) = await Rows(Index(), first.seen).decoded(Grid, [payload])
    assert isinstance(found, Grid)


async def test_what_does_not_fit_is_noted_each_time() -> None:
    payloads = [raw(rows.package(1, last_updated="yesterday")), raw({"id": 2}), msgspec.Raw(b"null")]
    first = Rows(Index(), {})
    noted = (await first.decoded(Package, payloads))[1]
    found, misfits = await Rows(Index(), first.seen).decoded(Package, payloads)
    assert [(each.id, each.field) for each in misfits] == [(1, "last_updated")]
    assert misfits == noted
    assert [isinstance(each, UpstreamError) for each in found] == [False, True, True]
