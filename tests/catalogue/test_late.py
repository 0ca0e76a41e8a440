"""What is made behind: waited for, kept, and tried again once it failed."""

import asyncio

import pytest

from catalogue import late
from catalogue.late import Late


@pytest.mark.parametrize(("seconds", "tries"), [(0.0, 3), (60.0, 1)])
async def test_what_failed_is_tried_again_once_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, seconds: float, tries: int
) -> None:
    monkeypatch.setattr(late, "RETRY_SECONDS", seconds)
    outcomes: list[int | Exception] = [ValueError("no"), ValueError("no"), 7]

    async def make() -> int:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    made = Late("The number", make)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            await made.get()
    if seconds == 0:
        assert await made.get() == await made.get() == 7
    assert len(outcomes) == 3 - tries
    said = {each.getMessage() for each in caplog.records}
    assert said == {"The number could not be made; who asks next has it tried again."}


async def test_who_leaves_ends_nothing() -> None:
    may_go_on = asyncio.Event()

    async def make() -> int:
        await may_go_on.wait()
        return 7

    made = Late("The number", make)
    leaver = asyncio.create_task(made.get())
    await asyncio.sleep(0)
    leaver.cancel()
    await asyncio.wait([leaver])
    may_go_on.set()
    assert await made.get() == 7


async def test_it_can_be_stopped() -> None:
    made = Late("Nothing", asyncio.Event().wait)
    await made.aclose()
    with pytest.raises(asyncio.CancelledError):
        await made.get()
