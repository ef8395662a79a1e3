"""Of somebody whom no letter reaches no address is shown, wherever one looks.

Every button is pressed that any screen has, and those that an older screen had, for each way in
which a letter may not arrive; then all that the bot ever sent is searched, files included.
"""

from collections import deque

import pytest

from sandbox import Person
from tests.delivery import Delivery
from tests.test_asked_addresses import ivan
from tests.town import Town, TownClock

pytestmark = pytest.mark.either_database

ADDRESS = ("zavodskaya", "заводская", "620999")
"""Of the place where he was: parts of it, as no screen may have them."""
HELD = "facility: kamensk-sizo-1, since: 2025-11-03"
WAYS = {
    "transfer": ivan("status: transfer"),
    "released": ivan("status: released"),
    "abroad": ivan("status: abroad"),
    "house arrest": ivan("status: house_arrest"),
    "unknown": ivan("status: unknown"),
    "forbidden": ivan("letters: {allowed: false}"),
    "forbidden with a reason": ivan("letters: {allowed: false, reason: {en: a ban, ru: запрет}}"),
    "taken away": ivan(f"custody: [{{{HELD}, until: 2026-11-20}}]"),
    "not confirmed": ivan(f"custody: [{{{HELD}, confirmed_at: null}}]"),
    "another kind of place": ivan("status: colony"),
    "old": b"{}",
}
BEGIN = (
    *("/start", "/cases", "/hearings", "/letters", "/donate", "/evenings", "/follows", "/settings"),
    *("/start d-ivan-lodkin", "/start c-port-strike", "/start e-1", "lodkin", "Лодкин"),
)
OF_OLD = ("write:1:0:0", "addrtxt:1:0:0", "asksent:1:0:0", "sent:1:0:0:0", "askwrong:1:0:0",
          "wrong:1:0:0:moved", "advice:1:0:0", "faddr:1:0:0:1", "unsent:1:0:0:7")  # fmt: skip
ENDS = ("forgetall", "lang", "askcity", "setsilence", "setquiet", "zone")
"""What would end the walk, or only changes how somebody is spoken to."""


@pytest.mark.parametrize("way", WAYS)
async def test_no_screen_has_it(delivery: Delivery, harbour: Town, way: str) -> None:
    await delivery.rests(harbour)
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await anna.press_data("faddr:1:0:0:1")
    anna.sees("Zavodskaya")  # or nothing would be tried
    seen = len(harbour.telegram.calls)
    await harbour.take_in(WAYS[way])
    if way == "old":
        harbour.clock.forward(days=91)
    await delivery.settles(harbour)
    await walk(anna, harbour.clock)
    await anna.inline("lodkin")
    said = [str(call.parameters) for call in list(harbour.telegram.calls)[seen:]]
    assert len(said) > 50
    files = [one.document.content for one in anna.messages if one.document]
    assert files
    everything = " ".join([*said, *(file.decode("utf-8", "ignore") for file in files)]).casefold()
    assert [part for part in ADDRESS if part in everything] == []


async def walk(
    person: Person, clock: TownClock, ends: tuple[str, ...] = ENDS, old: tuple[str, ...] = OF_OLD
) -> None:
    """Each button once, as far as they lead."""
    known, ahead = set(old), deque(old)
    for words in BEGIN:
        clock.forward(seconds=1)
        await person.send(words)
        look(person, known, ahead, ends)
    while ahead:
        clock.forward(seconds=1)  # nobody is held back
        await person.press_data(ahead.popleft())
        look(person, known, ahead, ends)


def look(person: Person, known: set[str], ahead: deque[str], ends: tuple[str, ...]) -> None:
    for row in person.last.buttons:
        for button in row:
            data = button.data
            if data and data not in known and not data.startswith(ends):
                known.add(data)
                ahead.append(data)
