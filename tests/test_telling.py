"""What people are told, from the button they followed by to the message that comes to them.

The production dispatcher and delivery over HTTP; the clock is the town's, facts change by imports.
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.callbacks import Attend
from models import Attendance
from sandbox import Group, Person, Shown
from tests.delivery import Delivery
from tests.test_follows import rows, toast
from tests.town import Town, town

pytestmark = pytest.mark.either_database

HALF_AN_HOUR = timedelta(minutes=30)
START = datetime(2026, 11, 25, 5, tzinfo=UTC)
"""Of the hearing: 10:00 in Kamensk (UTC+5)."""
RIGA = """
courts:
  - {slug: riga, name: {en: Riga court, ru: Рижский суд}, city: {en: Riga, ru: Рига},
     timezone: Europe/Riga, address: {en: "1 Abrenes St", ru: "ул. Абренес, 1"}}
"""
MUTED = "Muted: nothing comes because of this follow. Unmute it in /follows."
COLONY = """
facilities:
  - {slug: colony-2, country: RU, region: {en: Far region, ru: Дальняя область}, kind: colony,
     number: "2", name: {en: Colony No. 2, ru: ИК-2}, postal_code: "620123",
     address: {en: "1 Lesnaya St, Dalny", ru: "г. Дальний, ул. Лесная, д. 1"}}
"""


@pytest.fixture
async def anna(delivery: Delivery, harbour: Town) -> AsyncIterator[Person]:
    """Follows a person of the case, and reads English."""
    await delivery.rests(harbour)
    anna = harbour.person("Anna", language="en")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    yield anna
    assert harbour.telegram.violations == []
    assert not harbour.telegram.unanswered


@pytest.fixture
async def oleg(harbour: Town, anna: Person) -> Person:
    """Follows the case, reads Russian, lives in Tokyo."""
    oleg = harbour.person("Oleg", language="ru")
    await oleg.send("/start c-port-strike")
    await oleg.press("Подписаться")
    await oleg.press_data("zone:Asia/Tokyo")
    return oleg


def told(person: Person | Group) -> list[str]:
    """All that came since they did something last, in its first lines."""
    new = [one for one in person.messages if one.from_bot and one.message_id > person.heard]
    person.all_heard()
    return [one.text.splitlines()[0] for one in new]


def hearing(facts: str, slug: str = "port-strike-1") -> bytes:
    return f"hearings: [{{slug: {slug}, {facts}}}]".encode()


def defendant(facts: str) -> bytes:
    inner = f"defendants: [{{slug: ivan-lodkin, {facts}}}]"
    return f"cases: [{{slug: port-strike, {inner}}}]".encode()


async def at(here: Town, delivery: Delivery, moment: datetime) -> None:
    here.clock.moment = moment
    await delivery.rests(here)


# Reminders.


async def test_reminders_come_by_their_lead_times_once_and_in_ones_language(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    await oleg.press_data("alerts")
    await oleg.press("1 ч")
    for hours, english, russian in (
        (24, "⏰ Tomorrow: Wednesday, 25 November, 10:00", "⏰ Завтра: среда, 25 ноября, 10:00"),
        (
            3,
            "⏰ In 3 hours: Wednesday, 25 November, 10:00",
            "⏰ Через 3 часа: среда, 25 ноября, 10:00",
        ),
        (1, None, "⏰ Через 1 час: среда, 25 ноября, 10:00"),
    ):
        due = START - timedelta(hours=hours)
        await at(harbour, delivery, due - timedelta(seconds=1))
        assert (told(anna), told(oleg)) == ([], [])
        await at(harbour, delivery, due)
        assert told(anna) == ([english] if english else [])
        assert told(oleg) == [russian]
    anna.sees("🕐 10:00 (Yekaterinburg Time, UTC+5)\n🏛 Kamensk City Court\n2 Sadovaya St, Kamensk")
    anna.sees("✅ Confirmed 4 days ago by the lawyer")
    anna.sees("Because you follow: Ivan Lodkin")
    anna.sees_not("Your time")
    oleg.sees("🕐 10:00 (Екатеринбург, UTC+5)\nПо вашему времени: 25 ноября 2026, 14:00")
    oleg.sees("Ваша подписка: Дело о портовой забастовке")
    for later in (START - timedelta(minutes=1), START, START + timedelta(days=1)):
        await at(harbour, delivery, later)
    assert (told(anna), told(oleg)) == ([], [])


async def test_after_downtime_the_latest_lead_alone_and_nothing_after_the_start(
    database_url: str, delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    await harbour.take_in(hearing("case: port-strike, court: kamensk-city, "
                                  "starts_at: 2026-12-12 10:00", "second"))  # fmt: skip
    await delivery.settles(harbour)
    assert told(anna) == ["📅 Hearing set: Saturday, 12 December, 10:00"]
    told(oleg)
    await harbour.halt()
    harbour.clock.moment = START - timedelta(hours=2)
    again = {"telegram": harbour.telegram, "clock": harbour.clock}
    async with town(database_url, **again) as here:
        await delivery.rests(here)
        assert told(anna) == ["⏰ In 2 hours: Wednesday, 25 November, 10:00"]
        assert told(oleg) == ["⏰ Через 2 часа: среда, 25 ноября, 10:00"]
    harbour.clock.moment = START
    async with town(database_url, **again) as here:
        await delivery.rests(here)
        assert (told(anna), told(oleg)) == ([], [])
        await here.take_in(hearing("status: cancelled", "second"))
    harbour.clock.moment = datetime(2026, 12, 12, 4, tzinfo=UTC)
    async with town(database_url, **again) as here:
        await delivery.rests(here)
        assert told(anna) == ["❌ Cancelled: Saturday, 12 December, 10:00"]


# Changes.

CHANGES = [
    ("room: 7", "🚪 Another room: Wednesday, 25 November, 10:00", "🚪 В другом зале"),
    ("starts_at: 2026-11-26 10:00", "⏩ Moved later: Thursday, 26 November, 10:00",
     "⏩ Заседание позже: четверг, 26 ноября, 10:00"),
    ("starts_at: 2026-11-25 09:30", "⏪ Moved earlier: Wednesday, 25 November, 09:30",
     "⏪ Заседание раньше: среда, 25 ноября, 09:30"),
    ("court: riga, confirmed_at: 2026-11-22 13:00",
     "🏛 Another court: Wednesday, 25 November, 09:30", "🏛 В другом суде"),
    ("kind: verdict", "⚖️ It is the verdict now: Wednesday, 25 November, 09:30",
     "⚖️ Теперь это приговор: среда, 25 ноября, 09:30"),
    ("status: cancelled", "❌ Cancelled: Wednesday, 25 November, 09:30", "❌ Заседание отменено"),
    ("status: scheduled", "📅 It takes place after all: Wednesday, 25 November, 09:30",
     "📅 Всё-таки состоится"),
    ("status: adjourned", "⏸ Adjourned: Wednesday, 25 November, 09:30", "⏸ Заседание отложено"),
    ("status: scheduled, starts_at: 2026-11-27 10:00",
     "📅 Next date: Friday, 27 November, 10:00", "📅 Новая дата: пятница, 27 ноября, 10:00"),
]  # fmt: skip


async def test_whatever_changes_in_a_hearing_is_told_at_once(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    await harbour.take_in(RIGA.encode())
    for facts, english, russian in CHANGES:
        await harbour.take_in(hearing(facts))
        await delivery.settles(harbour)
        assert told(anna) == [english]
        assert oleg.last.text.startswith(russian)
        assert len(told(oleg)) == 1
    oleg.sees("🕐 10:00 (Восточная Европа, UTC+2)\nПо вашему времени: 27 ноября 2026, 17:00")
    anna.sees("⚠️ Not confirmed yet. Check before you go.")
    for slug, day in (("early", 19), ("second", 20)):
        new = f"case: port-strike, court: riga, starts_at: 2026-12-{day} 10:00, kind: verdict"
        await harbour.take_in(hearing(new, slug))
        await delivery.settles(harbour)
    assert told(anna)[-1] == "📅 Hearing set: Sunday, 20 December, 10:00"
    told(oleg)
    await harbour.take_in(hearing("status: held", "early"))
    await delivery.settles(harbour)
    assert told(anna) == ["⚖️ Outcome of the hearing: Saturday, 19 December, 10:00"]
    oleg.sees("Оно уже состоялось.")
    await at(harbour, delivery, datetime(2026, 11, 27, 12, tzinfo=UTC))
    told(anna), told(oleg)
    await harbour.take_in(hearing("status: decided, outcome: {en: seven years, ru: семь лет}"))
    await delivery.rests(harbour)
    assert told(anna) == ["⚖️ Outcome of the hearing: Friday, 27 November, 10:00"]
    assert told(oleg) == ["⚖️ Итог заседания: пятница, 27 ноября, 10:00"]
    oleg.sees("семь лет")
    oleg.sees("📅 Ближайшее заседание по делу: воскресенье, 20 декабря, 10:00 UTC+2 (у вас 17:00)")
    await harbour.take_in(b"hearings: [{slug: second, remove: true}]")
    await delivery.settles(harbour)
    assert told(anna) == ["❌ Off the list: Sunday, 20 December, 10:00"]
    assert told(oleg) == ["❌ Снято с расписания: воскресенье, 20 декабря, 10:00"]
    await delivery.settles(harbour)
    assert (told(anna), told(oleg)) == ([], [])


async def test_a_person_on_the_way_and_the_new_address(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Write")
    anna.sees("4 Zavodskaya St")
    card = anna.last
    await harbour.take_in(defendant("status: transfer"))
    await anna.press("‹", message=card)
    await anna.press("About letters")
    anna.sees_not("Zavodskaya")
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 Ivan Lodkin: being transferred"]
    anna.sees("Do not write to the old address.")
    await anna.press("About letters")
    anna.sees_not("Zavodskaya", anywhere=True)
    stay = "facility: colony-2, since: 2026-11-22, addressee: {ru: Лодкину И. П., en: Lodkin I. P.}"
    there = defendant(f"status: colony, custody: [{{{stay}}}]")
    await harbour.take_in(COLONY.encode() + there)
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 Ivan Lodkin: in a penal colony"]
    anna.sees_not("Colony No. 2")
    await harbour.take_in(defendant(f"custody: [{{{stay}, confirmed_at: 2026-11-22 14:00}}]"))
    await delivery.settles(harbour)
    assert told(anna) == ["📍 Ivan Lodkin: another place"]
    anna.sees("🏢 Colony No. 2\n✉️ You can write: address confirmed today")
    await anna.press("Write")
    anna.sees("1 Lesnaya St")


async def test_news_of_a_case(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    old = "{date: 2025-11-03, kind: arrest, en: arrested at the gate, ru: арестованы у проходной}"
    entry = "{date: 2026-11-21, kind: other, en: on hunger strike, ru: голодовка}"
    await harbour.take_in(f"cases: [{{slug: port-strike, timeline: [{old}, {entry}]}}]".encode())
    await delivery.settles(harbour)
    assert told(anna) == ["📰 News: The port strike case"]
    anna.sees("on hunger strike")
    assert told(oleg) == ["📰 Новости: Дело о портовой забастовке"]
    oleg.sees("голодовка")
    await harbour.take_in(b"cases: [{slug: port-strike, stage: appeal}]")
    await delivery.settles(harbour)
    assert len(told(oleg)) == 1
    oleg.sees("Стадия: апелляция\nБыло: идёт суд")


async def test_the_last_state_is_told_once_and_what_is_near_at_once(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    for room, day in ((7, 28), (8, 29), (9, 30)):
        await harbour.take_in(hearing(f"room: {room}, starts_at: 2026-11-{day} 10:00"))
        harbour.clock.forward(seconds=50)
        await delivery.rests(harbour)
    assert told(anna) == []
    await delivery.settles(harbour)
    assert told(anna) == ["⏩ Moved later: Monday, 30 November, 10:00"]
    anna.sees("Was: Wednesday, 25 November, 10:00 · room 12")
    await at(harbour, delivery, datetime(2026, 11, 27, 5, tzinfo=UTC))
    assert told(anna) == ["⏰ In 3 days: Monday, 30 November, 10:00"]
    await harbour.take_in(hearing("starts_at: 2026-11-28 10:00"))
    await delivery.rests(harbour)
    assert told(anna) == ["⏪ Moved earlier: Saturday, 28 November, 10:00"]
    await at(harbour, delivery, datetime(2026, 11, 28, 2, tzinfo=UTC))
    assert told(anna) == ["⏰ In 3 hours: Saturday, 28 November, 10:00"]


async def test_an_import_is_one_message_and_so_are_follows_that_meet(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    await anna.send("/start c-port-strike")
    await anna.press("Follow")
    await anna.send("/hearings")
    await anna.press("By city")
    await anna.press("Kamensk · 1")
    await anna.press("Follow the city")
    await harbour.take_in(hearing("starts_at: 2026-11-30 10:00"))
    await delivery.settles(harbour)
    assert told(anna) == ["⏩ Moved later: Monday, 30 November, 10:00"]
    anna.sees("Because you follow: Ivan Lodkin")
    told(oleg)
    new = "case: port-strike, court: kamensk-city, starts_at: 2026-12-{} 10:00"
    many = ", ".join(f"{{slug: h{n}, {new.format(n)}}}" for n in range(10, 30))
    await harbour.take_in(defendant("status: transfer") + f"\nhearings: [{many}]".encode())
    await delivery.settles(harbour)
    assert told(anna) == ["🔔 21 pieces of news"]
    assert told(oleg) == ["🔔 21 новость"]
    oleg.sees("… и ещё 1")


# What people want, and when.


async def test_what_ended_in_the_night_is_not_told_in_the_morning(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    vera, gleb = harbour.person("Vera", language="en"), harbour.person("Gleb", language="en")
    for somebody, link in ((vera, "d-marta-vetrova"), (gleb, "c-port-strike")):
        await somebody.send(f"/start {link}")
        await somebody.press("Follow")
    await gleb.send("/start d-ivan-lodkin")
    await gleb.press("Follow")
    people = (anna, oleg, vera, gleb)
    for somebody in people:
        await somebody.press_data("zone:Asia/Yekaterinburg")
        await somebody.press_data("setquiet:22:8")
    night = datetime(2026, 11, 22, 18, tzinfo=UTC)  # 23:00 there
    await at(harbour, delivery, night)
    await harbour.take_in(hearing("starts_at: 2026-11-28 10:00"))
    await delivery.settles(harbour)
    for somebody in people:
        assert told(somebody) == []
    await anna.send("/start d-ivan-lodkin")
    await anna.press("✓ Following")
    await oleg.send("/follows")
    await oleg.press("Дело о портовой")
    await oleg.press("Приостановить")
    await vera.press_data("alert:moved:0")
    await gleb.send("/start d-ivan-lodkin")
    await gleb.press("✓ Following")
    await at(harbour, delivery, night + timedelta(hours=8, minutes=59))
    assert told(gleb) == []
    await at(harbour, delivery, night + timedelta(hours=9))
    for somebody in (anna, oleg, vera):
        assert told(somebody) == []
    assert told(gleb) == ["⏩ Moved later: Saturday, 28 November, 10:00"]
    gleb.sees("Because you follow: The port strike case")


async def test_quiet_hours_wait_for_nothing_that_would_come_too_late(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    for somebody in (anna, oleg):
        await somebody.press_data("zone:Asia/Yekaterinburg")
        await somebody.press_data("setquiet:22:8")
    night = datetime(2026, 11, 24, 18, tzinfo=UTC)
    await at(harbour, delivery, night)
    told(anna), told(oleg)
    await harbour.take_in(hearing("room: 7"))
    await delivery.rests(harbour)
    assert told(anna) == ["🚪 Another room: Wednesday, 25 November, 10:00"]
    await harbour.take_in(hearing("starts_at: 2026-11-25 11:30"))
    await delivery.rests(harbour)
    assert told(anna) == []
    await oleg.press_data("setquiet:0:0")
    await harbour.take_in(hearing("starts_at: 2026-11-25 12:00, status: adjourned"))
    await delivery.rests(harbour)
    assert told(anna) == []
    await at(harbour, delivery, night + timedelta(hours=9))
    assert told(anna) == ["⏸ Adjourned: Wednesday, 25 November, 10:00"]


@pytest.mark.parametrize("change", ["starts_at: 2026-11-25 16:00", "status: cancelled"])
async def test_nobody_sleeps_until_they_would_go_there_in_vain(
    delivery: Delivery, harbour: Town, anna: Person, change: str
) -> None:
    await anna.press_data("zone:Asia/Yekaterinburg")
    await anna.press_data("setquiet:23:9")
    night = datetime(2026, 11, 24, 19, tzinfo=UTC)
    await at(harbour, delivery, night)
    told(anna)
    await harbour.take_in(hearing(change))
    await delivery.rests(harbour)
    assert len(told(anna)) == 1


@pytest.mark.parametrize("awake", ["setquiet:0:0", "zone:America/Toronto"])
async def test_what_waits_for_the_morning_goes_when_it_is_no_longer_night(
    delivery: Delivery, harbour: Town, anna: Person, awake: str
) -> None:
    await anna.press_data("zone:Asia/Yekaterinburg")
    await anna.press_data("setquiet:22:8")
    await at(harbour, delivery, datetime(2026, 11, 22, 18, tzinfo=UTC))
    await harbour.take_in(hearing("starts_at: 2026-11-27 10:00"))
    await delivery.settles(harbour)
    assert told(anna) == []
    await anna.press_data(awake)
    await delivery.rests(harbour)
    assert told(anna) == ["⏩ Moved later: Friday, 27 November, 10:00"]


async def test_all_that_changed_in_a_night_is_told_as_one_from_what_one_knew(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.press_data("setquiet:22:8")  # in Moscow
    new = "case: port-strike, court: kamensk-city, starts_at: 2026-12-08 10:00"
    await harbour.take_in(hearing(new, "second") + b"\n" + RIGA.encode())
    await delivery.settles(harbour)
    assert told(anna) == ["📅 Hearing set: Tuesday, 8 December, 10:00"]
    evening, morning = datetime(2026, 11, 28, 20, tzinfo=UTC), datetime(2026, 11, 29, 5, tzinfo=UTC)

    async def night(*changes: str) -> list[str]:
        shift = morning - evening
        harbour.clock.moment = max(harbour.clock.moment, evening)
        while harbour.clock.moment.hour != 20:
            harbour.clock.forward(hours=1)
        for facts in changes:
            await harbour.take_in(hearing(facts, "second"))
            await delivery.settles(harbour)
        harbour.clock.forward(minutes=-2 * len(changes))
        assert told(anna) == []
        await at(harbour, delivery, harbour.clock.moment + shift)
        return told(anna)

    told(anna)
    moves = ("starts_at: 2026-12-09 10:00", "starts_at: 2026-12-10 10:00")
    assert await night(*moves) == ["⏩ Moved later: Thursday, 10 December, 10:00"]
    anna.sees("Was: Tuesday, 8 December, 10:00")
    assert await night("room: 5", "room: 6", "room: 5") == []
    assert await night("starts_at: 2026-12-11 10:00", "starts_at: 2026-12-10 10:00") == []
    assert await night("status: cancelled", "status: scheduled") == []
    assert await night("court: riga", "status: cancelled") == [
        "❌ Cancelled: Thursday, 10 December, 10:00"
    ]


async def test_a_change_of_the_last_minute_is_told_with_what_waited(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.press_data("setquiet:22:8")  # in Moscow
    await at(harbour, delivery, datetime(2026, 11, 22, 20, tzinfo=UTC))
    await harbour.take_in(hearing("starts_at: 2026-12-08 10:00"))
    await delivery.settles(harbour)
    await at(harbour, delivery, datetime(2026, 11, 23, 4, 59, tzinfo=UTC))
    await harbour.take_in(hearing("starts_at: 2026-12-09 10:00"))
    await at(harbour, delivery, datetime(2026, 11, 23, 5, tzinfo=UTC))
    assert told(anna) == []
    await delivery.settles(harbour)
    assert told(anna) == ["⏩ Moved later: Wednesday, 9 December, 10:00"]
    anna.sees("Was: Wednesday, 25 November, 10:00")


async def test_silence_and_what_is_switched_off(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    await anna.press_data("setsilence:1")
    await oleg.press_data("alert:moved:0")
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00"))
    await delivery.settles(harbour)
    assert (told(anna), told(oleg)) == ([], [])
    harbour.clock.forward(days=1)
    await harbour.take_in(hearing("status: cancelled"))
    await delivery.settles(harbour)
    assert len(told(anna)) == len(told(oleg)) == 1


async def test_whoever_hears_that_it_is_off_hears_that_it_is_on_after_all(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.press_data("alert:set:0")
    for status, words in (
        ("cancelled", "❌ Cancelled"),
        ("scheduled", "📅 It takes place after all"),
    ):
        await harbour.take_in(hearing(f"status: {status}"))
        await delivery.settles(harbour)
        assert [line.split(":")[0] for line in told(anna)] == [words]


async def test_an_old_message_says_yes_to_no_other_day(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(hearing("room: '14'"))
    await delivery.settles(harbour)
    anna.sees("25 November")
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00"))
    await anna.press("🙋 I will come")
    assert toast(anna) == (
        "That has changed. It is now: Thursday, 26 November, 10:00, Kamensk City Court. "
        "If you come then, say so on the card."
    )
    assert "🙋 I will come" not in anna.last.labels
    assert await rows(harbour, Attendance) == 0
    await anna.press("📄 Open the card")
    await anna.press("🙋 I will come")
    anna.sees("You are coming")


async def test_who_was_reminded_of_another_hour_is_reminded_anew(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    """Of changes they want to hear nothing: the last that they hear must be true."""
    await anna.press_data("alert:moved:0")
    reminded = list[str]()
    for half_hours, hour in ((6, "10:00"), (5, "10:30"), (5, "10:00")):
        await harbour.take_in(hearing(f"starts_at: 2026-11-25 {hour}"))
        await at(harbour, delivery, START - HALF_AN_HOUR * half_hours)
        reminded += told(anna)
    assert [line.rpartition(", ")[2] for line in reminded] == ["10:00", "10:30", "10:00"]


async def test_whoever_comes_is_told_without_a_follow(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    vera = harbour.person("Vera", language="en")
    await vera.send("/hearings")
    await vera.press("25.11 10:00")
    await vera.press("I will come")
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00, confirmed_at: 2026-11-22 14:00"))
    await delivery.settles(harbour)
    assert told(vera) == ["⏩ Moved later: Thursday, 26 November, 10:00"]
    vera.sees("🙋 You said yes to another day or court. Will you come to this one?")
    vera.sees_not("are coming")
    vera.sees("You said yes to this hearing.")
    assert vera.last.labels[:2] == ["🙋 I will come", "I cannot come"]
    assert "✖️ Unfollow" not in vera.last.labels
    await vera.press("I will come")
    assert vera.last.labels[0] == "✓ I will come"
    assert "I cannot come" not in vera.last.labels
    await at(harbour, delivery, START)
    assert told(vera) == ["⏰ Tomorrow: Thursday, 26 November, 10:00"]
    vera.sees("🙋 You are coming, the first one to say so.")
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    await delivery.rests(harbour)
    assert told(vera) == ["❌ Off the list: Thursday, 26 November, 10:00"]
    vera.sees("You said yes to this hearing.")


async def test_whoever_comes_is_told_of_changes_in_silence_too(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    """They would go there in vain. A reminder is no change."""
    for person, choice in ((anna, "setsilence:7"), (oleg, "alert:moved:0")):
        await person.press_data(choice)
        await person.press_data(Attend(id=1).pack())
    await oleg.press_data("alert:cancelled:0")
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00"))
    await delivery.settles(harbour)
    assert told(anna) == ["⏩ Moved later: Thursday, 26 November, 10:00"]
    assert told(oleg) == ["⏩ Заседание позже: четверг, 26 ноября, 10:00"]
    await at(harbour, delivery, START)
    assert (told(anna), len(told(oleg))) == ([], 1)
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    await delivery.settles(harbour)
    assert told(anna) == ["❌ Off the list: Thursday, 26 November, 10:00"]
    assert len(told(oleg)) == 1


NIGHT: list[tuple[list[str], str, list[str]]] = [
    (["room: '99'"], "", ["🚪 Another room: Wednesday, 25 November, 10:00"]),
    (["room: '99'", "room: '12'"], "", ["⏰ Tomorrow: Wednesday, 25 November, 10:00"]),
    (
        ["status: cancelled", "status: scheduled"],
        "",
        ["⏰ Tomorrow: Wednesday, 25 November, 10:00"],
    ),
    (["room: '99'"], "alert:moved:0", ["⏰ Tomorrow: Wednesday, 25 November, 10:00"]),
]


@pytest.mark.parametrize(("changes", "choice", "words"), NIGHT)
async def test_what_comes_to_nothing_at_night_takes_no_reminder_along(
    delivery: Delivery,
    harbour: Town,
    anna: Person,
    changes: list[str],
    choice: str,
    words: list[str],
) -> None:
    """The change and the reminder wait for the morning, and become one message."""
    await anna.press_data("setquiet:23:9")
    for number, change in enumerate(changes):
        await at(harbour, delivery, START - timedelta(hours=24, minutes=1) + number * HALF_AN_HOUR)
        await harbour.take_in(hearing(change))
        await delivery.settles(harbour)
    await at(harbour, delivery, START - timedelta(hours=23, minutes=20))
    assert told(anna) == []
    if choice:
        await anna.press_data(choice)
    await at(harbour, delivery, START - timedelta(hours=22, minutes=59))
    assert told(anna) == words
    await at(harbour, delivery, START - timedelta(hours=4))
    assert told(anna) == []


async def somebody_who_follows_the_city(here: Town) -> Person:
    vera = here.person("Vera", language="en")
    await vera.send("/hearings")
    await vera.press("By city")
    await vera.press("Kamensk · 1")
    await vera.press("Follow the city")
    return vera


async def test_who_follows_the_city_learns_of_a_removal(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    vera = await somebody_who_follows_the_city(harbour)
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    await delivery.settles(harbour)
    assert told(vera) == ["❌ Off the list: Wednesday, 25 November, 10:00"]
    vera.sees("Because you follow: courts in Kamensk")


async def test_a_hearing_removed_with_its_case_is_off_the_list_for_who_would_go(
    delivery: Delivery, harbour: Town
) -> None:
    case = b"cases: [{slug: x, title: {en: The mine strike}, stage: trial, defendants: []}]"
    facts = b"{slug: x1, case: x, court: kamensk-city, starts_at: 2026-11-28 10:00}"
    await delivery.rests(harbour)
    await harbour.take_in(case + b"\nhearings: [" + facts + b"]")
    await delivery.settles(harbour)
    vera = harbour.person("Vera", language="en")
    await vera.send("/follows")
    await vera.press_data("fall")
    await harbour.take_in(b"cases: [{slug: x, remove: true}]\nhearings: [{slug: x1, remove: true}]")
    await delivery.settles(harbour)
    assert told(vera) == ["❌ Off the list: Saturday, 28 November, 10:00"]


async def test_who_follows_the_city_learns_of_a_removal_with_the_court(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    """Another court of the city is left, by which it is followed."""
    district = "{slug: district, name: {en: District court}, city: {en: Kamensk, ru: Каменск},"
    where = "timezone: Asia/Yekaterinburg, address: {en: 1 Lesnaya St}}"
    await harbour.take_in(f"courts: [{district} {where}]".encode())
    vera = await somebody_who_follows_the_city(harbour)
    gone = "courts: [{slug: kamensk-city, remove: true}]"
    unused = "cases: [{slug: port-strike, timeline: []}]"
    removed = f"hearings: [{{slug: port-strike-1, remove: true}}]\n{gone}\n{unused}"
    await harbour.take_in(removed.encode())
    await delivery.settles(harbour)
    assert told(vera) == ["❌ Off the list: Wednesday, 25 November, 10:00"]
    vera.sees("Because you follow: courts in Kamensk")


async def test_a_hearing_that_belongs_to_another_case_is_told_to_both(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    mine = "{slug: mine, title: {en: The mine strike, ru: Дело шахтёров}, stage: trial"
    await harbour.take_in(f"cases: [{mine}, defendants: []}}]".encode())
    vera = harbour.person("Vera", language="en")
    await vera.send("/start c-mine")
    await vera.press("Follow")
    vera.all_heard()
    await harbour.take_in(hearing("case: mine"))
    await delivery.settles(harbour)
    for one in (anna, vera):
        assert told(one) == ["📁 Another case: Wednesday, 25 November, 10:00"]
    vera.sees("Was: The port strike case")
    vera.sees("Because you follow: The mine strike")
    anna.sees("Because you follow: Ivan Lodkin")
    assert told(oleg) == ["📁 По другому делу: среда, 25 ноября, 10:00"]
    await at(harbour, delivery, START - timedelta(days=1))
    assert [told(one) for one in (anna, oleg)] == [[], []]
    assert told(vera) == ["⏰ Tomorrow: Wednesday, 25 November, 10:00"]


async def test_who_follows_a_city_learns_that_a_hearing_goes_to_another(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    vera = await somebody_who_follows_the_city(harbour)
    await harbour.take_in(RIGA.encode() + hearing("court: riga"))
    await delivery.settles(harbour)
    assert told(vera) == ["🏛 Another court: Wednesday, 25 November, 10:00"]


async def test_an_old_button_knows_nothing_of_a_new_follow(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00"))
    await delivery.settles(harbour)
    news = anna.last
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Following")
    await anna.press("Follow")
    await anna.press("Unfollow", message=news)
    assert toast(anna) == "That had ended already. What you follow now: /follows"


# Groups, and who is gone.


async def test_a_group_is_told_as_a_group_and_followed_where_it_goes(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    group = harbour.telegram.group("Court support", admins=[anna])
    await anna.press_data("zone:Asia/Tokyo")
    await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    await anna.press("Follow", chat=group)
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00"))
    await delivery.settles(harbour)
    assert told(group) == told(anna) == ["⏩ Moved later: Thursday, 26 November, 10:00"]
    group.sees("This group follows: Ivan Lodkin")
    group.sees_not("Your time")
    anna.sees("Your time: 26 November 2026, 14:00")
    group.upgrade()
    await at(harbour, delivery, START)
    assert told(group) == ["⏰ Tomorrow: Thursday, 26 November, 10:00"]
    reminder = group.last
    await anna.press("I will come", chat=group)
    assert toast(anna).startswith("Good!")
    await anna.press("I cannot come", chat=group)
    assert toast(anna) == "Noted: you are not coming."
    assert (group.last.text, group.last.labels) == (reminder.text, reminder.labels)
    await anna.send("/follows@solidarity_bot", chat=group)
    group.sees("This group follows · 1")


async def test_a_group_is_told_in_the_language_that_was_chosen_for_it(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    group = harbour.telegram.group("Court support", admins=[anna])
    await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    await anna.press("Follow", chat=group)
    await anna.press_data("lang:ru", chat=group)
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00"))
    await delivery.settles(harbour)
    assert told(group) == ["⏩ Заседание позже: четверг, 26 ноября, 10:00"]
    assert told(anna) == ["⏩ Moved later: Thursday, 26 November, 10:00"]
    await anna.press("Открыть карточку", chat=group)
    group.sees("Зал 12")


@pytest.mark.parametrize("is_known", [True, False], ids=["told of it", "by a 403"])
async def test_whoever_blocks_the_bot_is_told_when_they_are_back(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person, is_known: bool
) -> None:
    """Telegram says so, or the next message is refused. What they follow waits for them."""
    if is_known:
        await harbour.telegram.confirmed(anna.block())
    else:
        anna.user.blocked = True
    for day in (26, 27):
        await harbour.take_in(hearing(f"starts_at: 2026-11-{day} 10:00"))
        await delivery.settles(harbour)
    assert (told(anna), len(told(oleg))) == ([], 2)
    refused = [call for call in harbour.telegram.calls.of("sendMessage") if call.code == 403]
    assert len(refused) == (0 if is_known else 1)
    if is_known:
        await harbour.telegram.confirmed(anna.unblock())
    else:
        anna.user.blocked = False
        await anna.send("/follows")
        anna.sees("My follows · 1", anywhere=True)
    await delivery.settles(harbour)
    assert "⏩ Moved later: Friday, 27 November, 10:00" in told(anna)
    assert anna.last.text.count("Was: Wednesday, 25 November") == 1
    await harbour.take_in(hearing("starts_at: 2026-11-28 10:00"))
    await delivery.settles(harbour)
    assert told(anna) == ["⏩ Moved later: Saturday, 28 November, 10:00"]


async def test_of_what_was_missed_only_what_still_holds_is_told(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.telegram.confirmed(anna.block())
    for day in (26, 25):
        await harbour.take_in(hearing(f"starts_at: 2026-11-{day} 10:00"))
        await delivery.settles(harbour)
    await harbour.telegram.confirmed(anna.unblock())
    await delivery.settles(harbour)
    assert told(anna) == ["⏰ In 3 days: Wednesday, 25 November, 10:00"]
    await harbour.telegram.confirmed(anna.block())
    await harbour.take_in(hearing("status: cancelled"))
    await delivery.settles(harbour)
    harbour.clock.forward(days=4)
    await harbour.telegram.confirmed(anna.unblock())
    await delivery.settles(harbour)
    assert told(anna) == []


async def test_what_waited_for_the_morning_is_told_to_who_blocked_the_bot_at_night(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await anna.press_data("setquiet:22:8")
    harbour.clock.moment = datetime(2026, 11, 22, 20, tzinfo=UTC)
    await harbour.take_in(hearing("starts_at: 2026-11-27 10:00"))
    await delivery.settles(harbour)
    await at(harbour, delivery, datetime(2026, 11, 23, 0, tzinfo=UTC))
    anna.all_heard()
    await harbour.telegram.confirmed(anna.block())
    await at(harbour, delivery, datetime(2026, 11, 23, 9, tzinfo=UTC))
    await harbour.telegram.confirmed(anna.unblock())
    await delivery.settles(harbour)
    assert told(anna) == ["⏩ Moved later: Friday, 27 November, 10:00"]


async def test_what_somebody_does_in_a_group_does_not_open_their_chat(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    group = harbour.telegram.group("Court support", admins=[anna])
    await harbour.telegram.confirmed(anna.block())
    await harbour.take_in(hearing("status: cancelled"))
    await delivery.settles(harbour)
    harbour.clock.forward(days=1)
    await anna.send("/cases@solidarity_bot", chat=group)
    await delivery.settles(harbour)
    harbour.clock.forward(days=1)
    await harbour.telegram.confirmed(anna.unblock())
    await delivery.settles(harbour)
    assert told(anna) == ["❌ Cancelled: Wednesday, 25 November, 10:00"]


async def test_whoever_says_yes_in_a_group_is_told_when_they_open_a_chat(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    group = harbour.telegram.group("Court support", admins=[anna])
    boris = harbour.person("Boris", language="en")
    await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    await anna.press("Follow", chat=group)
    await harbour.take_in(hearing("room: '14'"))
    await delivery.settles(harbour)
    await boris.press("I will come", chat=group)
    await harbour.take_in(hearing("status: cancelled"))
    await delivery.settles(harbour)
    await boris.send("/start")
    boris.all_heard()
    await delivery.settles(harbour)
    assert told(boris) == ["❌ Cancelled: Wednesday, 25 November, 10:00"]


async def test_a_group_that_throws_the_bot_out_and_takes_it_in_again(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    group = harbour.telegram.group("Court support", admins=[anna])
    await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    await anna.press("Follow", chat=group)
    await group.kick_bot(by=anna)
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00"))
    await delivery.settles(harbour)
    await group.add_bot(by=anna)
    await delivery.settles(harbour)
    assert told(group) == ["⏩ Moved later: Thursday, 26 November, 10:00"]
    late = harbour.telegram.membership(group.chat, anna.user, "member", "kicked")
    await harbour.telegram.confirmed(late)  # of what was before
    await harbour.take_in(hearing("starts_at: 2026-11-27 10:00"))
    await delivery.settles(harbour)
    assert told(group) == ["⏩ Moved later: Friday, 27 November, 10:00"]


async def test_a_group_that_has_become_a_supergroup_hears_of_the_move_there(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    group = harbour.telegram.group("Court support", admins=[anna])
    await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    await anna.press("Follow", chat=group)
    old = group.chat
    group.upgrade()
    for chat, is_now, was in ((old, "left", "member"), (group.chat, "member", "left")):
        change = harbour.telegram.membership(chat, anna.user, was, is_now)
        await harbour.telegram.confirmed(change)
    await harbour.take_in(hearing("starts_at: 2026-11-27 10:00"))
    await delivery.settles(harbour)
    assert told(group) == ["⏩ Moved later: Friday, 27 November, 10:00"]


async def test_in_a_group_that_threw_the_bot_out_a_press_is_answered(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    group = harbour.telegram.group("Court support", admins=[anna])
    await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    await anna.press("Follow", chat=group)
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00"))
    await delivery.settles(harbour)
    await group.kick_bot(by=anna)
    await anna.press("I will come", chat=group)
    assert toast(anna).startswith("Good!")


# The buttons of a message.


def now_of(person: Person, message: Shown) -> Shown:
    """As it stands in the chat after a press."""
    return next(one for one in person.messages if one.message_id == message.message_id)


async def test_a_message_keeps_its_words_when_its_buttons_are_pressed(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    await harbour.take_in(hearing("starts_at: 2026-11-26 10:00"))
    await delivery.settles(harbour)
    news = await anna.next_message()
    for label, then, said in (
        ("🙋 I will come", "✓ I will come", "Good! If anything changes, you will be told."),
        ("✓ I will come", "🙋 I will come", "Noted: you are not coming."),
        ("🔕 Mute", "🔔 Unmute", MUTED),
        ("🔔 Unmute", "🔕 Mute", "No longer muted"),
    ):
        await anna.press(label, message=now_of(anna, news))
        assert toast(anna) == said
        assert then in anna.last.labels
        assert label not in anna.last.labels
        assert anna.last.text == news.text
    await anna.press("Unfollow", message=now_of(anna, news))
    assert toast(anna) == "You do not follow this any more."
    assert anna.last.text == news.text
    assert anna.last.labels == ["🙋 I will come", "🗓 Calendar", "📄 Open the card"]
    await anna.press_data("mute:1:0:0:1", message=news)
    assert toast(anna) == "That had ended already. What you follow now: /follows"


async def test_who_comes_is_told_so_and_nobody_else(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    """Of several who read the same of the same."""
    comes, other = harbour.person("Vera", language="en"), harbour.person("Gleb", language="en")
    for one in (comes, other):
        await one.send("/start d-ivan-lodkin")
        await one.press("Follow")
    await comes.press_data("come:1:0:0:0:0:0:1")
    await harbour.take_in(hearing("starts_at: 2026-11-25 12:00"))
    await delivery.settles(harbour)
    comes.sees("🙋 You are coming, the first one to say so.")
    assert "✓ I will come" in comes.last.labels
    for one in (anna, other):
        one.sees("🙋 1 person is coming")
        assert "🙋 I will come" in one.last.labels
    await comes.press("✓ I will come")
    assert "🙋 I will come" in comes.last.labels
    await harbour.take_in(hearing("starts_at: 2026-11-27 10:00"))
    await delivery.settles(harbour)
    assert told(comes) == ["⏩ Moved later: Friday, 27 November, 10:00"]
    comes.sees_not("coming")


async def test_the_buttons_of_a_message(delivery: Delivery, harbour: Town, anna: Person) -> None:
    async def moved_to(day: int) -> Shown:
        await harbour.take_in(hearing(f"starts_at: 2026-11-{day} 10:00"))
        await delivery.settles(harbour)
        return await anna.next_message()

    first = await moved_to(26)
    await anna.press("Open the card", message=first)
    anna.sees("Thursday, 26 November")
    assert now_of(anna, first).text == first.text
    assert anna.last.message_id > first.message_id
    second = await moved_to(27)
    harbour.clock.forward(hours=1)
    await anna.press("Calendar", message=second)
    assert anna.last.document is not None
    await anna.press("I will come", message=second)
    third = await moved_to(28)
    assert "🙋 You said yes to another day" in third.text
    await anna.press("Mute", message=third)
    await anna.press("Unmute")
    fourth, fifth = await moved_to(29), await moved_to(30)
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    await anna.press("I will come", message=fifth)
    assert toast(anna) == "This message is out of date. What is coming: /hearings"
    assert now_of(anna, fifth).text == fifth.text
    for label, said in (("Calendar", "out of date"), ("Open the card", "not on our list any more")):
        harbour.clock.forward(seconds=5)
        old = fifth.button(label)
        assert old
        assert old.data
        await anna.press_data(old.data, message=fifth)
        anna.sees(said, anywhere=True)
    assert now_of(anna, fifth).text == fifth.text
    await anna.press("Unfollow", message=fourth)
    assert toast(anna) == "You do not follow this any more."
    await delivery.settles(harbour)
    assert told(anna) == ["❌ Off the list: Monday, 30 November, 10:00"]  # for she said she comes
    await anna.press("Unfollow", message=first)
    anna.sees_not("broke", anywhere=True)


async def test_what_is_off_is_taken_out_of_the_calendar(
    delivery: Delivery, harbour: Town, anna: Person, oleg: Person
) -> None:
    await harbour.take_in(hearing("status: adjourned"))
    await delivery.settles(harbour)
    for person, label, caption in (
        (anna, "Out of the calendar", "Open the file, and your calendar marks it as cancelled."),
        (oleg, "Убрать из календаря", "Откройте файл, и календарь отметит отмену."),
    ):
        news = person.last
        await person.press(label, message=news)
        assert person.last.text == caption
        assert person.last.document is not None
        assert b"METHOD:CANCEL" in person.last.document.content
        assert now_of(person, news).text == news.text
    await anna.press("Open the card")
    assert "🗓 Out of the calendar" in anna.last.labels
    await harbour.take_in(hearing("status: scheduled"))
    await anna.press("Out of the calendar")
    anna.sees("Open the file to put the hearing into your calendar.")


async def test_what_may_have_arrived_is_taken_back_in_words(
    delivery: Delivery, harbour: Town, anna: Person
) -> None:
    """The message came, its answer did not; and then all is as it was before."""
    harbour.telegram.faults.cut_after(method="sendMessage")
    await harbour.take_in(hearing("starts_at: 2026-11-25 12:00"))
    await delivery.settles(harbour)
    assert [line.split(":")[0] for line in told(anna)] == ["⏩ Moved later"]
    await harbour.take_in(hearing("starts_at: 2026-11-25 10:00"))
    await delivery.settles(harbour)
    harbour.clock.forward(minutes=1)
    await delivery.rests(harbour)
    assert [line.split(":")[0] for line in told(anna)] == ["⏪ Moved earlier"]


# What is switched off takes no reminder away.


@pytest.mark.parametrize(
    ("kind", "moment", "change", "english", "russian"),
    [
        (
            "moved",
            datetime(2026, 11, 24, 4, 59, tzinfo=UTC),
            hearing("starts_at: 2026-11-25 10:01"),
            "⏰ Tomorrow: Wednesday, 25 November, 10:01",
            "⏩ Заседание позже: среда, 25 ноября, 10:01",
        ),
        (
            "set",
            datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
            hearing(
                "case: port-strike, court: kamensk-city, kind: verdict, "
                "starts_at: 2026-11-22 20:00",
                "new",
            ),
            "⏰ In 3 hours: Sunday, 22 November, 20:00",
            "📅 Назначено заседание: воскресенье, 22 ноября, 20:00",
        ),
    ],
)
async def test_whoever_is_not_told_of_a_change_is_reminded(
    delivery: Delivery,
    harbour: Town,
    anna: Person,
    oleg: Person,
    kind: str,
    moment: datetime,
    change: bytes,
    english: str,
    russian: str,
) -> None:
    """The lead's time comes while the change settles: the others need no reminder of it."""
    await anna.press_data(f"alert:{kind}:0")
    await at(harbour, delivery, moment)
    told(anna), told(oleg)
    await harbour.take_in(change)
    await delivery.settles(harbour)
    assert told(anna) == [english]
    assert told(oleg) == [russian]
