"""Hearings kept at the desk: moved, called off, confirmed, decided; and who is told."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models import Dialog, Hearing, HistoryEntry, Via
from sandbox import Person
from tests.delivery import Delivery
from tests.test_members import joined
from tests.test_telling import told
from tests.town import OWNER, Town, town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]
FIRST = "25.11 10:00"
"""How the label of the hearing begins; the clock stands at noon of 22 November (UTC)."""


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


@pytest.fixture
async def vera(harbour: Town, owner: Person) -> Person:
    """An editor."""
    return await joined(harbour, owner, role="Editor")


async def opens(person: Person, label: str = FIRST, hearings: str = "Hearings") -> None:
    await person.send("/desk")
    await person.press(hearings)
    await person.press(label)


async def hearing(here: Town, slug: str = "port-strike-1") -> Hearing:
    async with here.app.sessions() as session:
        found = await session.scalar(select(Hearing).where(Hearing.slug == slug))
    assert found is not None
    return found


async def test_from_the_telephone_to_the_last_follower(
    delivery: Delivery, harbour: Town, vera: Person
) -> None:
    """The drill: "moved to tomorrow 9:30, room 4", in four taps and one typed line."""
    anna = harbour.person("Anna")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await delivery.rests(harbour)
    told(anna)
    await vera.send("/desk")
    taps = ["Hearings", FIRST, "Move"]
    for label in taps:
        await vera.press(label)
    await vera.send("tomorrow 9:30, room 4")
    vera.sees("Monday, 23 November 2026, 09:30")
    vera.sees("Room 12 → 4\n")
    vera.sees("1 person is told.")
    await vera.press("Lawyer")
    vera.sees("Saved. Followers are told within minutes")
    harbour.clock.forward(minutes=3)
    await delivery.rests(harbour)
    assert any("🔁" in line or "moved" in line.lower() for line in told(anna)), anna.last.text
    anna.sees("23 November")
    anna.sees("09:30")
    found = await hearing(harbour)
    assert (found.room, found.source) == ("4", "lawyer")
    assert harbour.telegram.violations == []


async def test_it_goes_in_russian(harbour: Town, owner: Person) -> None:
    vera = await joined(harbour, owner, language="ru", role="Editor")
    await opens(vera, hearings="Заседания")
    await vera.press("Перенести")
    vera.sees("Когда теперь?")
    await vera.send("послезавтра в 10, каб. 205")
    vera.sees("Зал 12 → 205")
    vera.sees("Пока никто не подписан — сообщать некому.")
    await vera.press("Суд")
    vera.sees("Сохранено.")
    assert (await hearing(harbour)).room == "205"


async def test_a_slip_is_undone_unseen(delivery: Delivery, harbour: Town, vera: Person) -> None:
    anna = harbour.person("Anna")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await delivery.rests(harbour)
    told(anna)
    await opens(vera)
    await vera.press("Call off")
    await vera.press("Court")
    await vera.press("Undo")
    await vera.press("Yes, undo")
    harbour.clock.forward(minutes=3)
    await delivery.rests(harbour)
    assert told(anna) == []
    assert (await hearing(harbour)).status == "scheduled"


@pytest.mark.parametrize(
    ("label", "status"), [("It was held", "held"), ("It was put off", "adjourned")]
)
async def test_what_came_of_one_that_has_been(
    harbour: Town, vera: Person, label: str, status: str
) -> None:
    harbour.clock.forward(days=5)
    await vera.send("/desk")
    await vera.press("Hearings")
    vera.sees("❓ has been: what came of it?")
    await vera.press(f"❓ {FIRST}")
    await vera.press(label)
    await vera.press("Lawyer")
    assert (await hearing(harbour)).status == status
    await vera.press("The hearing")
    await vera.press("Next date")
    vera.sees("When is the next date?")
    await vera.send("in May")
    vera.sees("I do not understand “in")
    await vera.send("10 Dec")
    vera.sees("Both the day and the hour, please.")
    await vera.send("10 Dec 11:15 room 7")
    await vera.press("Court")
    found = await hearing(harbour, "port-strike-2")
    assert (found.room, f"{found.starts_at:%m-%d}") == ("7", "12-10")


async def test_what_was_decided_is_typed(harbour: Town, vera: Person) -> None:
    harbour.clock.forward(days=5)
    await opens(vera, f"❓ {FIRST}")
    await vera.press("Decided")
    await vera.send("word " * 80)
    vera.sees("at most 300 characters")
    await vera.send("Acquitted <all>")
    await vera.press("Say it in another language: Russian")
    vera.sees("Type a sentence in this language: Russian.")
    await vera.send("Оправданы")
    assert not any("another language" in label for label in vera.last.labels)
    await vera.press("Lawyer")
    found = await hearing(harbour)
    both = {"en": "Acquitted <all>", "ru": "Оправданы"}
    assert (found.status, found.outcome) == ("decided", both)


async def test_a_verdict_leaves_no_other_one_in_another_language(
    harbour: Town, vera: Person
) -> None:
    harbour.clock.forward(days=2, hours=18)
    old = "outcome: {en: Put off, ru: Отложено}, status: adjourned"
    await harbour.take_in(f"hearings: [{{slug: port-strike-1, {old}}}]".encode())
    await opens(vera, f"⏸ {FIRST}")
    await vera.press("Decided")
    await vera.send("Acquitted")
    await vera.press("Lawyer")
    assert (await hearing(harbour)).outcome == {"en": "Acquitted"}


async def test_of_what_was_put_off_the_next_date_is_asked(harbour: Town, vera: Person) -> None:
    """For weeks, until there is one."""
    await harbour.take_in(b"hearings: [{slug: port-strike-1, status: adjourned}]")
    harbour.clock.forward(days=30)
    await opens(vera, f"⏸ {FIRST}")
    await vera.press("Next date")
    await vera.send("25 December 10:00")
    await vera.press("Court")
    await opens(vera, "25.12 10:00")
    await vera.send("/desk")
    await vera.press("Hearings")
    assert not any(label.startswith("⏸") for label in vera.last.labels)


async def test_it_takes_place_as_it_is_known(harbour: Town, vera: Person) -> None:
    harbour.clock.forward(days=1)
    await opens(vera)
    await vera.press("Confirm")
    vera.sees("It takes place as it is known.")
    assert "Not confirmed yet" not in vera.last.labels
    await vera.press("Court")
    found = await hearing(harbour)
    assert (found.source, found.confirmed_at) == ("court", harbour.clock.now())


async def test_the_day_is_chosen_in_a_calendar(harbour: Town, vera: Person) -> None:
    await opens(vera)
    await vera.press("Move")
    await vera.press("Calendar")
    vera.sees("November 2026")
    assert "22" in vera.last.labels
    assert "21" not in vera.last.labels
    assert "1" not in vera.last.labels
    await vera.press("›")
    vera.sees("December 2026")
    await vera.press("9")
    vera.sees("9 December 2026. At what hour?")
    await vera.send("later")
    vera.sees("I do not understand “later”.")
    vera.sees("9 December 2026. At what hour?")
    await vera.send("14:05")
    await vera.press("Not confirmed yet")
    found = await hearing(harbour)
    assert f"{found.starts_at:%m-%d}" == "12-09"
    assert found.confirmed_at is None


async def test_what_the_rules_refuse_is_asked_again(harbour: Town, vera: Person) -> None:
    await opens(vera)
    await vera.press("Move")
    await vera.send("today 10:00")
    vera.sees("That hour is past already.")
    vera.sees("When is it now?")
    await vera.send("/desk")
    vera.sees("The desk")
    await vera.send("tomorrow 9:30")
    vera.sees_not("This would change")


async def test_cancel_and_back_at_each_step(harbour: Town, vera: Person) -> None:
    before = await hearing(harbour)
    for steps in (["Move"], ["Move", "Calendar"], ["Move", "Tomorrow"], ["Room"], ["Call off"]):
        harbour.clock.forward(seconds=30)
        await opens(vera)
        for label in steps:
            await vera.press(label)
        await vera.press("‹ Cancel")
        vera.sees("Room 12")
        await vera.send("tomorrow 9:30")
        vera.sees_not("This would change")
    assert (await hearing(harbour)).version == before.version


async def test_of_two_at_once_the_second_is_told(
    harbour: Town, owner: Person, vera: Person
) -> None:
    await opens(vera)
    await vera.press("Room")
    await opens(owner)
    await owner.press("Call off")
    await vera.send("9")
    vera.sees("This would change")
    await owner.press("Court")
    await vera.press("Lawyer")
    assert vera.toast is not None
    assert vera.toast.text == "It was changed meanwhile. This is how it is now."
    vera.sees("Cancelled")
    found = await hearing(harbour)
    assert (found.status, found.room) == ("cancelled", "12")


async def test_of_two_who_save_at_the_same_moment_one_does(
    harbour: Town, owner: Person, vera: Person
) -> None:
    for person, room in ((owner, "8"), (vera, "9")):
        await opens(person)
        await person.press("Room")
        await person.send(room)
    await asyncio.gather(owner.press("Lawyer"), vera.press("Lawyer"))
    saved = [person for person in (owner, vera) if "Saved." in person.last.text]
    assert len(saved) == 1


async def test_the_history_says_who_did_it_where(harbour: Town, vera: Person) -> None:
    await opens(vera)
    await vera.press("Room")
    await vera.send("9")
    await vera.press("Lawyer")
    async with harbour.app.sessions() as session:
        entries = list(await session.scalars(select(HistoryEntry).order_by(HistoryEntry.id)))
    last = entries[-1]
    assert (last.via, last.role) == (Via.DESK, "editor")
    assert last.before is not None
    assert last.before["room"] == "12"


async def test_whoever_is_no_member_presses_nothing_of_it(harbour: Town, vera: Person) -> None:
    mole = harbour.person("Mole")
    before = await hearing(harbour)
    await mole.send("/help")
    version = before.version
    for data in (
        "docket:0", "dhear:1:0", f"chhear:1:0:{version}:off", f"chhear:1:0:{version}:move",
        f"chday:1:0:{version}:move:2026-12-01", f"savehear:1:0:{version}:x:lawyer",
    ):  # fmt: skip
        await mole.press_data(data)
        mole.sees("This button is out of date")
    await mole.send("tomorrow 9:30")
    assert (await hearing(harbour)).version == version


@pytest.mark.parametrize(
    "data", ["chday:1:0:{}:move:2026-13-01", "chday:1:0:{}:off:2026-12-01", "chhear:1:0:{}:burn",
             "savehear:1:0:{}:x:lawyer", "chday:1:0:{}:move:0000-00",
             "chday:1:0:{}:move:9999-12", "chday:1:0:{}:move:0001-01",
             "chday:1:0:{}:move:9999-12-31"]
)  # fmt: skip
async def test_a_forged_press_of_a_member_breaks_nothing(
    harbour: Town, vera: Person, data: str
) -> None:
    before = await hearing(harbour)
    await vera.send("/help")
    await vera.press_data(data.format(before.version))
    vera.sees("out of date")
    assert (await hearing(harbour)).version == before.version


async def test_two_who_save_different_hearings_at_once_both_do(
    harbour: Town, owner: Person, vera: Person
) -> None:
    other = "slug: other, case: port-strike, court: kamensk-city, starts_at: 2026-11-26 10:00"
    await harbour.take_in(f"hearings: [{{{other}}}]".encode())
    for person, label in ((owner, FIRST), (vera, "26.11 10:00")):
        await opens(person, label)
        await person.press("Room")
        await person.send("9")
    await asyncio.gather(owner.press("Lawyer"), vera.press("Lawyer"))
    for person in (owner, vera):
        person.sees("Saved.")
    assert [(await hearing(harbour, slug)).room for slug in ("port-strike-1", "other")] == [
        "9",
        "9",
    ]


STEPS = [
    (["Move"], "tomorrow 9:30", "Lawyer"),
    (["Move", "Tomorrow"], "9:30", "Lawyer"),
    (["Room"], "9", "Court"),
    (["Call off"], None, "Court"),
]


@pytest.mark.parametrize(("labels", "typed", "word"), STEPS)
async def test_a_restart_in_the_middle_loses_nothing(
    database_url: str, labels: list[str], typed: str | None, word: str
) -> None:
    """After each step the bot is stopped and another process goes on."""
    async with town(database_url, "format.yaml", owners=(OWNER,), four_eyes=False) as here:
        owner = here.telegram.person("Olga", language="en", id=OWNER)
        await owner.send("/start")
        vera = await joined(here, owner, role="Editor")
        await opens(vera)
        before = await hearing(here)
        for label in labels:
            await vera.press(label)
        await here.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock) as second:
            await second.opened.wait()
            if typed:
                await vera.send(typed)
            await second.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock) as third:
            await third.opened.wait()
            await vera.press(word)
            vera.sees("Saved.")
            assert (await hearing(third)).version > before.version
            async with third.app.sessions() as session:
                assert list(await session.scalars(select(Dialog))) == []


async def test_of_others_nothing_half_typed_is_kept(harbour: Town, vera: Person) -> None:
    anna = harbour.person("Anna")
    await anna.send("/settings")
    await anna.press("My time zone")
    async with harbour.app.sessions() as session:
        assert list(await session.scalars(select(Dialog))) == []
    await opens(vera)
    await vera.press("Room")
    async with harbour.app.sessions() as session:
        [kept] = await session.scalars(select(Dialog))
    assert str(vera.id) not in kept.key
    assert b"chhear" not in kept.sealed
    await vera.send("/forget")
    await vera.press("Yes, delete it")
    async with harbour.app.sessions() as session:
        assert list(await session.scalars(select(Dialog))) == []


UNCLEAR = [
    ("10.12", "Which do you mean? Type it so: “10 December 2026” or “10:12”."),
    ("Friday 28.11 10:00", "28 November 2026 is a Saturday, not a Friday. Which is it?"),
    ("21.11 10:00", "21 November 2026 is past. If you mean another year, type it, too."),
    ("word " * 800, "I do not understand “word word"),
]


@pytest.mark.parametrize(("text", "told"), UNCLEAR)
async def test_what_is_unclear_is_asked(harbour: Town, vera: Person, text: str, told: str) -> None:
    await opens(vera)
    await vera.press("Move")
    await vera.send(text)
    vera.sees(told)
    vera.sees("When is it now?")
    await vera.send("10 December 2026, 10:12")
    vera.sees("Thursday, 10 December 2026, 10:12")


async def test_it_is_asked_in_russian(harbour: Town, owner: Person) -> None:
    vera = await joined(harbour, owner, language="ru", role="Editor")
    await opens(vera, hearings="Заседания")
    await vera.press("Перенести")
    await vera.send("10.12")
    vera.sees("Напишите так: «10 декабря 2026» или «10:12».")
    await vera.send("пятница 28.11")
    vera.sees("28 ноября 2026 — суббота, а не пятница. Что верно?")
    await vera.send("24.10.2027 6:00")
    vera.sees("Воскресенье, 24 октября 2027, 06:00")
    vera.sees("⚠️ Это через 11 месяцев, в 2027 году.")
    vera.sees("⚠️ 06:00 — необычный час для суда.")
    vera.sees("⚠️ Это воскресенье: заседает ли суд в этот день?")


ODD = [
    ("27.11 6:59", "⚠️ 06:59 is an unusual hour for a court."),
    ("27.11 21:01", "⚠️ 21:01 is an unusual hour for a court."),
    ("25.10.2027 9:00", "⚠️ That is in 11 months, in 2027."),
    ("28.11 9:00", "⚠️ It is a Saturday. Does the court sit then?"),
    ("27.11 7:00", None),
    ("27.11 21:00", None),
    ("21 May 2027 9:00", None),
]


@pytest.mark.parametrize(("text", "doubt"), ODD)
async def test_what_is_odd_is_seen_before_it_is_saved(
    harbour: Town, vera: Person, text: str, doubt: str | None
) -> None:
    await opens(vera)
    await vera.press("Move")
    await vera.send(text)
    vera.sees("This would change")
    doubts = [line for line in vera.last.text.split("\n") if line.startswith("⚠️")]
    assert doubts == ([doubt] if doubt else [])


async def test_of_a_day_that_was_chosen_the_hour_is_typed(harbour: Town, vera: Person) -> None:
    await opens(vera)
    await vera.press("Move")
    await vera.press("Tomorrow")
    await vera.send("10.12")
    vera.sees("Monday, 23 November 2026, 10:12")


async def test_where_the_room_alone_is_typed_the_hour_stays(harbour: Town, vera: Person) -> None:
    """Also the second one of autumn, which has no name of its own."""
    harbour.clock.moment = datetime(2027, 10, 30, 12, tzinfo=UTC)
    await harbour.take_in(IN_BERLIN)
    await opens(vera, "31.10 02:30")
    await vera.press("Move")
    await vera.send("room 4")
    vera.sees_not("Starts")
    await vera.press("Lawyer")
    found = await hearing(harbour, "autumn-1")
    assert (found.room, found.starts_at) == ("4", datetime(2027, 10, 31, 1, 30, tzinfo=UTC))


IN_BERLIN = b"""organisation: {slug: harbour, timezone: Europe/Berlin}
courts: [{slug: berlin, name: {en: Court}, city: {en: Berlin}, timezone: Europe/Berlin}]
hearings:
  - {slug: autumn-1, case: port-strike, court: berlin, starts_at: 2027-10-31 02:30+01:00}
  - {slug: autumn-2, case: port-strike, court: berlin, starts_at: 2027-11-04 10:00}"""


async def test_a_word_given_in_the_hour_that_comes_twice(harbour: Town, vera: Person) -> None:
    """In autumn; half an hour by the clock on the wall is forty minutes before."""
    harbour.clock.moment = datetime(2027, 10, 31, 0, 50, tzinfo=UTC)
    await harbour.take_in(IN_BERLIN)
    await opens(vera, "04.11 10:00")
    await vera.press("Confirm")
    await vera.press("Lawyer")
    harbour.clock.forward(minutes=40)
    await opens(vera, "04.11 10:00")
    await vera.press("Room")
    await vera.send("7")
    await vera.press("Court")
    vera.sees("Saved.")
    found = await hearing(harbour, "autumn-2")
    assert (found.room, found.confirmed_at) == ("7", harbour.clock.now())


async def test_what_is_refused_when_it_is_saved_is_not_lost(harbour: Town, vera: Person) -> None:
    """By the court's clock it is five: who says then that it begins at four?"""
    await opens(vera)
    await vera.press("Move")
    await vera.send("today 16:00, room 4")
    await vera.press("Lawyer")
    vera.sees("By now the hearing has begun: it can no longer be confirmed.")
    vera.sees("Sunday, 22 November 2026, 16:00")
    await vera.press("Not confirmed yet")
    vera.sees("Saved.")
    assert (await hearing(harbour)).room == "4"


async def test_what_came_too_late_is_told_with_the_question(harbour: Town, vera: Person) -> None:
    await opens(vera)
    await vera.press("Move")
    await vera.send("today 18:00")
    harbour.clock.forward(hours=5)
    await vera.press("Lawyer")
    vera.sees("That hour is past already.")
    vera.sees("When is it now?")
    await vera.send("tomorrow 9:30")
    await vera.press("Lawyer")
    vera.sees("Saved.")


async def test_an_old_button_asks_for_no_hour(harbour: Town, vera: Person) -> None:
    """What was called off is past when somebody says that it takes place after all."""
    await opens(vera)
    await vera.press("Call off")
    await vera.press("Court")
    await vera.press("The hearing")
    harbour.clock.forward(days=4)
    await vera.press("Confirm")
    vera.sees("That hour is past already.")
    vera.sees("Room 12")
    vera.sees_not("When is it now?")


OTHER = b"""hearings: [{slug: other-1, case: port-strike, court: kamensk-city,
  starts_at: 2026-12-01 09:00}]"""


async def test_what_is_saved_is_what_its_screen_says(harbour: Town, vera: Person) -> None:
    await harbour.take_in(OTHER)
    await opens(vera)
    await vera.press("Room")
    await vera.send("8")
    old = vera.last
    await opens(vera, "01.12 09:00")
    await vera.press("Call off")
    await vera.press("Court", message=old)
    assert (await hearing(harbour)).room == "12"
    assert (await hearing(harbour, "other-1")).status == "scheduled"


async def test_two_next_dates_are_two(harbour: Town, owner: Person, vera: Person) -> None:
    harbour.clock.forward(days=5)
    for person, when in ((owner, "10 Dec 11:00"), (vera, "24 Dec 15:00")):
        await opens(person, f"❓ {FIRST}")
        await person.press("Next date")
        await person.send(when)
    await owner.press("Court")
    await vera.press("Lawyer")
    dates = [(await hearing(harbour, f"port-strike-{n}")).starts_at.day for n in (2, 3)]
    assert dates == [10, 24]


async def test_what_was_mistyped_is_typed_again(harbour: Town, vera: Person) -> None:
    await opens(vera)
    await vera.press("Move")
    await vera.send("tomorrow 15:00")
    await vera.send("tomorrow 9:30")
    vera.sees("23 Nov 2026 09:30")
    await vera.press("Lawyer")
    assert f"{(await hearing(harbour)).starts_at:%H:%M}" == "04:30"
