"""The place of an evening and its link are told to those who come, and by no way to anybody else.

As in test_no_address.py every button is pressed, and all that was sent is searched, files included.
"""

from collections.abc import Awaitable, Callable

import pytest

from sandbox import Person
from sandbox.views import Document
from tests.delivery import Delivery
from tests.pages import text
from tests.test_no_address import ENDS, walk
from tests.test_seats import comes, evening
from tests.town import Town

pytestmark = pytest.mark.either_database

LINK = "https://meet.example.org/x"
SECRET = ("mayak", "rechnaya", "маяк", "речная", "meet.example")
SEATS = ("seat:", "noseat:")
OF_OLD = ("event:1:", "icsevent:1:", "kit:1", "print:1:cards:0", "evenings:0:1:0", "evenings:0:0:1")


async def stranger(here: Town) -> Person:
    return here.person("Vera", language="en")


async def in_the_line(here: Town) -> Person:
    await here.take_in(evening("capacity: 1"))
    await comes(here, "Anna")
    vera = await comes(here, "Vera")
    vera.sees("Waiting list")
    return vera


async def who_has_left(here: Town) -> Person:
    vera = await comes(here, "Vera")
    vera.sees("Mayak")  # or nothing would be tried
    await vera.press("I cannot come")
    return vera


async def too_early(here: Town) -> Person:
    await here.take_in(evening("place_shown: 3"))
    return await comes(here, "Vera")


def said_in(file: Document) -> str:
    if file.name.endswith(".pdf"):
        return text(file.content)
    return file.content.decode("utf-8", "ignore")


@pytest.mark.parametrize("who", [stranger, in_the_line, who_has_left, too_early])
@pytest.mark.parametrize("more", ["", "repeats: {every: week}"])
async def test_nothing_tells_it(
    delivery: Delivery, harbour: Town, who: Callable[[Town], Awaitable[Person]], more: str
) -> None:
    await delivery.rests(harbour)
    await harbour.take_in(evening(f"online_url: '{LINK}'"))
    if more:
        await harbour.take_in(evening(more))
    vera = await who(harbour)
    await vera.send("/start e-1")
    seen, old = len(harbour.telegram.calls), len(vera.messages)
    await harbour.take_in(evening("starts_at: 2026-11-28 19:00, place: 'Cafe Mayak, upstairs'"))
    await delivery.settles(harbour)
    await walk(vera, harbour.clock, (*ENDS, *SEATS), OF_OLD)
    await vera.inline("letters")
    calls = [call.parameters for call in list(harbour.telegram.calls)[seen:]]
    said = [str(what) for what in calls if what.get("chat_id", vera.id) == vera.id]
    assert len(said) > 50
    files = [one.document for one in vera.messages[old:] if one.document]
    assert {one.name.rpartition(".")[2] for one in files} >= {"ics", "pdf"}
    everything = " ".join([*said, *(said_in(one) for one in files)]).casefold()
    assert [part for part in SECRET if part in everything] == []
