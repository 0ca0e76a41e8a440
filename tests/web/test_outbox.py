"""What the outbox keeps, and in which order it is sent."""

import asyncio

import pytest

from web.outbox import Outbox


class Wire(asyncio.Transport):
    """What is sent over a connection."""

    def __init__(self) -> None:
        self.sent = b""
        self.is_cut = False

    def writelines(self, pieces: object) -> None:
        assert isinstance(pieces, tuple)
        self.sent += b"".join(pieces)

    def is_closing(self) -> bool:
        return self.is_cut


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


async def test_what_is_made_in_one_turn_goes_out_at_its_end_before_tasks_that_began_in_it(outbox: Outbox) -> None:
    wires = [Wire(), Wire()]
    outbox.open(asyncio.get_running_loop())

    async def look() -> list[bytes]:
        return [wire.sent for wire in wires]

    later = asyncio.create_task(look())
    for wire in wires:
        outbox.put(wire, (b"head", b"body"))
    assert [wire.sent for wire in wires] == [b"", b""]
    assert await later == [b"headbody", b"headbody"]


async def test_what_a_task_makes_goes_out_at_once(outbox: Outbox) -> None:
    wire = Wire()
    outbox.open(asyncio.get_running_loop())
    await asyncio.sleep(0)
    outbox.put(wire, (b"whole",))
    assert wire.sent == b"whole"


async def test_a_part_of_a_response_comes_after_the_response_before(outbox: Outbox) -> None:
    wire = Wire()
    outbox.open(asyncio.get_running_loop())
    outbox.put(wire, (b"1",))
    outbox.write(wire, (b"2",))
    await asyncio.sleep(0)
    assert wire.sent == b"12"


async def test_who_has_gone_gets_nothing_and_the_others_do(outbox: Outbox) -> None:
    gone, there = Wire(), Wire()
    outbox.open(asyncio.get_running_loop())
    for wire in (gone, there):
        outbox.put(wire, (b"whole",))
    gone.is_cut = True
    await asyncio.sleep(0)
    assert (gone.sent, there.sent) == (b"", b"whole")
