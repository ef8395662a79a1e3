"""Where a broadcast leads: what a stolen account alone cannot send to anybody."""

import pytest
from sqlalchemy import select

from bot.services import leading
from bot.services.broadcasts import Version
from models import Broadcast, Proposal
from sandbox import Person
from tests.delivery import Delivery
from tests.test_broadcasts import PICTURE, came, mended, presses, supporter
from tests.town import OTHER_OWNER, OWNER, Town

pytestmark = pytest.mark.either_database
TO_IVANS = ("Broadcasts", "Write to many", "Followers of a person", "Ivan", "English")
SECOND = "👀 Somebody else looks first"


@pytest.fixture
def harbour(guarded: Town) -> Town:
    return guarded


@pytest.fixture
async def olga(harbour: Town) -> Person:
    olga = harbour.person("Olga", id=OWNER)
    await olga.send("/start")
    return olga


@pytest.fixture
async def lena(harbour: Town) -> Person:
    lena = harbour.person("Lena", id=OTHER_OWNER)
    await lena.send("/start")
    return lena


async def begins(here: Town, person: Person) -> None:
    await person.send("/desk")
    await presses(here, person, *TO_IVANS)


async def test_words_alone_go_at_once(
    delivery: Delivery, harbour: Town, olga: Person, lena: Person
) -> None:
    anna = await supporter(harbour)
    await begins(harbour, lena)
    await lena.send("Court house, 23.11.2026 at 10:00, room 305. Bring 500 ₽ for the bus.")
    await presses(harbour, lena, "Send…")
    lena.sees_not(SECOND)
    await presses(harbour, lena, "Send now")
    await delivery.rests(harbour)
    assert len(came(anna)) == 1


HERE = {"type": "text_link", "offset": 5, "length": 4, "url": "https://give.example/ivan"}
LINKED = {"text": "Give here", "entities": [HERE]}


@pytest.mark.parametrize(
    "content",
    [
        {"text": "Give at give.example/ivan"},
        {"text": "Write to @give_ivan"},
        {"text": "Call +7 999 555-01-23"},
        LINKED,
        PICTURE,
    ],
)
async def test_what_leads_elsewhere_needs_another_coordinator(
    delivery: Delivery,
    harbour: Town,
    olga: Person,
    lena: Person,
    content: dict[str, object] | bytes,
) -> None:
    anna = await supporter(harbour)
    await begins(harbour, lena)
    if isinstance(content, bytes):
        await lena.send_photo(content, caption="Give")
    else:
        await lena.post(content)
    if content is LINKED:
        lena.sees("🔗 https://give.example/ivan")
    await presses(harbour, lena, "Send…")
    lena.sees(SECOND)
    await presses(harbour, lena, "Send now")
    lena.sees("A broadcast")
    lena.sees_not("everybody")
    await delivery.rests(harbour)
    assert came(anna) == []
    await olga.press("Look at it")
    olga.sees("For: followers of Ivan Lodkin\n1 person")
    before = len(olga.messages)
    await olga.press("As it comes")
    shown, again = olga.messages[before:]
    assert "Because you follow: Ivan Lodkin" in shown.text
    assert "✅ Accept" in again.labels
    await olga.press("Accept")
    await delivery.rests(harbour)
    assert len(came(anna)) == 1
    assert harbour.telegram.violations == []


async def test_a_correction_that_leads_elsewhere_needs_another_coordinator(
    delivery: Delivery, harbour: Town, olga: Person, lena: Person
) -> None:
    anna = await supporter(harbour)
    await begins(harbour, lena)
    await lena.send("Come")
    await presses(harbour, lena, "Send…", "Send now")
    await delivery.rests(harbour)
    await lena.send("/desk")
    await presses(harbour, lena, "Broadcasts", "Come", "Correct")
    await lena.send("Give at give.example")
    lena.sees(SECOND)
    await presses(harbour, lena, "Yes, correct it")
    lena.sees("A correction of a broadcast")
    await delivery.rests(harbour)
    anna.sees("Come")
    await olga.press("Look at it")
    before = len(olga.messages)
    await olga.press("As it comes")
    assert olga.messages[before].text.startswith("Give at give.example\n\nBecause")
    await olga.press("Accept")
    await mended(delivery, harbour)
    anna.sees("Give at give.example")


@pytest.mark.parametrize(
    "text", ["Card 4111 1111 1111 1111", "Сбер: 8 900 555 01 23", "DE89 3704 0044 0532 0130 00"]
)
async def test_a_number_to_pay_to_goes_to_nobody(
    delivery: Delivery, harbour: Town, lena: Person, text: str
) -> None:
    await supporter(harbour)
    await begins(harbour, lena)
    await lena.send(text)
    lena.sees("is a way to pay")
    await lena.send("Come")
    await presses(harbour, lena, "Send…", "Send now")
    await delivery.rests(harbour)
    await lena.send("/desk")
    await presses(harbour, lena, "Broadcasts", "Come", "Correct")
    await lena.send(text)
    lena.sees("is a way to pay")
    async with harbour.app.sessions() as session:
        [one] = await session.scalars(select(Broadcast))
        assert one.versions["en"]["text"] == "Come"
        assert (await session.scalars(select(Proposal))).all() == []


async def test_a_number_in_two_parts_of_an_album(harbour: Town, lena: Person) -> None:
    await begins(harbour, lena)
    for caption in ("Card 4111 1111", "1111 1111"):
        await lena.post(
            {
                "photo": [{"file_id": "a", "file_unique_id": "a", "width": 1, "height": 1}],
                "media_group_id": "1",
                "caption": caption,
            }
        )
    lena.sees("is a way to pay")
    async with harbour.app.sessions() as session:
        [one] = await session.scalars(select(Broadcast))
    assert "1111 1111\n" not in one.versions["en"]["text"]


@pytest.mark.parametrize(
    ("words", "to", "is_so"),
    [
        ("bank.example", "https://evil.example", True),
        ("https://bank.example/x", "https://evil.example/bank.example", True),
        ("bank.example", "https://bank.example/give", False),
        ("www.bank.example", "https://bank.example", False),
        ("here", "https://evil.example", False),
        ("bank.example", "https://bank.example@evil.example", True),
        ("bаnk.example", "https://evil.example", True),
    ],
)
def test_a_link_that_seems_to_lead_elsewhere(words: str, to: str, is_so: bool) -> None:
    assert leading.is_disguised(f'<a href="{to}"><b>{words}</b></a>') is is_so


def test_a_file_may_say_anything() -> None:
    assert Version("", (("document", "f"),)).leads_elsewhere
    assert not Version("Come <b>all</b>, 10:00").leads_elsewhere
