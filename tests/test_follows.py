"""Following: from cards and lists, and what one follows."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from models import ALERTS, LEADS, Court, Follow, Subscriber
from sandbox import Person
from tests.town import Town

pytestmark = pytest.mark.either_database

TWO_CITIES = """
courts:
  - slug: kamensk-district
    name: Kamensk District Court
    city: {en: Kamensk, ru: Каменск}
    timezone: Asia/Yekaterinburg
  - {slug: riga, name: Riga court, city: Riga, timezone: Europe/Riga}
hearings:
  - {slug: port-strike-2, case: port-strike, court: riga, starts_at: "+6d 10:00"}
""".encode()


async def rows(town: Town, table: Any) -> int:
    async with town.app.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


def toast(person: Person) -> str:
    assert person.toast is not None
    return person.toast.text


async def test_a_person_is_followed_from_their_card_and_no_more(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    card = anna.last.message_id
    await anna.press("🔔 Follow")
    assert toast(anna) == "Done. Reminders come before each hearing, and changes at once."
    assert "✓ Following" in anna.last.labels
    assert anna.last.message_id == card
    await anna.send("/follows")
    anna.sees("My follows · 1")
    anna.sees("👤 Ivan Lodkin\n📅 Wednesday, 25 November, 10:00")
    assert {"⚖️ Cases", "🏙 Cities"} <= set(anna.last.labels)
    await anna.send("lodkin")
    await anna.press("✓ Following")
    assert "🔔 Follow" in anna.last.labels
    assert await rows(harbour, Follow) == 0
    assert not harbour.telegram.unanswered


async def test_following_without_a_date_tells_what_will_happen(harbour: Town) -> None:
    anna, oleg = harbour.person(language="en"), harbour.person(language="ru")
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    await anna.send("/start c-port-strike")
    await anna.press("Follow")
    assert toast(anna) == "No date is known yet. You will be told as soon as one is."
    anna.sees("no date is known yet.\nYou will be told as soon as one is.")
    await oleg.send("/start d-ivan-lodkin")
    oleg.sees_not("бот сообщит")
    await oleg.press("Подписаться")
    assert toast(oleg) == "Даты пока нет. Как только она появится, бот сообщит."
    oleg.sees("Как только она появится, бот сообщит.")


async def test_nothing_is_promised_that_ones_own_choice_forbids(harbour: Town) -> None:
    anna, oleg = harbour.person(language="en"), harbour.person(language="ru")
    await anna.send("/follows")
    await anna.press_data("setsilence:1")
    await anna.send("/start c-port-strike")
    await anna.press("Follow")
    assert toast(anna) == "Done. But silence is on: until it ends, nothing comes."
    await oleg.send("/follows")
    for kind in ALERTS:
        await oleg.press_data(f"alert:{kind}:0")
    for lead in LEADS:
        await oleg.press_data(f"lead:{lead}:0")
    await oleg.send("/start c-port-strike")
    await oleg.press("Подписаться")
    assert toast(oleg).startswith("Готово. Но все уведомления выключены")


LIMITS: list[tuple[str, tuple[int, ...], str]] = [
    ("", tuple(LEADS), "News comes at once. Reminders are off."),
    ("moved", (), "Reminders come before each hearing, of news only what you chose."),
    ("moved", tuple(LEADS), "Of news only what you chose comes. Reminders are off."),
    ("all", (), "Only reminders come before each hearing. News is off."),
]


@pytest.mark.parametrize(("off", "leads", "says"), LIMITS)
async def test_what_is_switched_off_is_not_promised(
    harbour: Town, off: str, leads: tuple[int, ...], says: str
) -> None:
    """After “Follow”, and on the page of what is followed; whether a date is known or not."""
    anna = harbour.person(language="en")
    await anna.send("/follows")
    for kind in ALERTS if off == "all" else [off] * bool(off):
        await anna.press_data(f"alert:{kind}:0")
    for lead in leads:
        await anna.press_data(f"lead:{lead}:0")
    harbour.clock.forward(seconds=20)
    await anna.send("/start c-port-strike")
    await anna.press("Follow")
    assert toast(anna) == f"Done. {says}"
    await anna.press_data("follow:1:0")
    anna.sees(f"🔔 {says}")
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    await anna.press_data("fcase:1:0::0:1")
    assert toast(anna) == f"Done. {says}"
    anna.sees("no date is known yet")
    assert ("will be told as soon" in anna.last.text) is (off != "all")


SOON = [
    ("en", "", "Done. The next hearing is in 2 hours: no reminder of it will come, changes will at "
     "once."),
    ("ru", "", "Готово. Ближайшее заседание через 2 часа: напоминания о нём уже не будет, об "
     "изменениях бот сообщит сразу."),
    ("en", "alert:moved:0", "Done. The next hearing is in 2 hours: no reminder of it will come, of "
     "news only what you chose."),
    ("en", "lead:60:1", "Done. Reminders come before each hearing, and changes at once."),
]  # fmt: skip


@pytest.mark.parametrize(("language", "choice", "says"), SOON)
async def test_no_reminder_is_promised_whose_time_has_passed(
    harbour: Town, language: str, choice: str, says: str
) -> None:
    """Of the nearest hearing: others may come later."""
    await harbour.take_in(TWO_CITIES)
    harbour.clock.moment = datetime(2026, 11, 25, 3, tzinfo=UTC)
    anna = harbour.person(language=language)
    await anna.send("/start c-port-strike")
    if choice:
        await anna.press_data(choice)
    await anna.press_data("fcase:1:0::0:1")
    assert toast(anna) == says


async def test_what_has_begun_is_not_the_next_hearing(harbour: Town) -> None:
    await harbour.take_in(TWO_CITIES)
    harbour.clock.moment = datetime(2026, 11, 25, 6, tzinfo=UTC)
    anna = harbour.person(language="en")
    await anna.send("/start c-port-strike")
    await anna.press("Follow")
    assert toast(anna) == "Done. Reminders come before each hearing, and changes at once."


async def test_the_page_of_a_follow_promises_nothing_in_silence(harbour: Town) -> None:
    oleg = harbour.person(language="ru")
    await oleg.send("/start c-port-strike")
    await oleg.press("Подписаться")
    await oleg.press_data("follow:1:0")
    oleg.sees("🔔 Бот напомнит о каждом заседании, а об изменениях сообщит сразу.")
    await oleg.press_data("setsilence:1")
    await oleg.press_data("follow:1:0")
    oleg.sees("🤫 Включена тишина: пока она не кончится, бот ничего не пришлёт.")
    await oleg.press_data("setsilence:0")
    for kind in ALERTS:
        await oleg.press_data(f"alert:{kind}:0")
    for lead in LEADS:
        await oleg.press_data(f"lead:{lead}:0")
    harbour.clock.forward(seconds=20)
    await oleg.press_data("follow:1:0")
    oleg.sees("🔕 Все уведомления выключены")
    oleg.sees_not("напомнит")


MUTED = [
    ("fcase:1:0::0:1", "case:1:0", "✓ Following"),
    ("fwho:1:1", "who:1", "✓ Following"),
    ("fcity:0:0:1:0:0:1", "hearings:0:0:1:0:0", "✓ Following the city"),
    ("fcase:1:0::0:1", "hearing:1:0:0:0:0:0", "✓ Following the case"),
]


@pytest.mark.parametrize(("follow", "card", "label"), MUTED)
async def test_what_is_muted_says_so_and_is_unmuted_by_following(
    harbour: Town, follow: str, card: str, label: str
) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start")
    await anna.press_data(follow)
    await anna.press_data("mute:1:0:1")
    await anna.press_data(card)
    assert label not in anna.last.labels
    await anna.press("🔕 Following, muted")
    assert toast(anna) == "Done. Reminders come before each hearing, and changes at once."
    assert label in anna.last.labels
    async with harbour.app.sessions() as session:
        assert list(await session.scalars(select(Follow.muted))) == [False]


async def test_of_what_is_muted_no_date_is_promised(harbour: Town) -> None:
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    anna = harbour.person(language="en")
    await anna.send("/start c-port-strike")
    await anna.press("Follow")
    anna.sees("You will be told as soon as one is.")
    await anna.press_data("mute:1:0:1")
    for screen in ("case:1:0", "who:1"):
        await anna.press_data(screen)
        anna.sees_not("You will be told")
    await anna.press_data("fall")
    await anna.press_data("hearings:0:0:0:0:0")
    anna.sees("You will be told as soon as one is.")
    await anna.press_data("mute:2:0:1")
    await anna.press_data("hearings:0:0:0:0:0")
    anna.sees("Follow a case, a city or everything")
    await anna.press("Follow everything")
    await anna.press("Yes, everything")
    anna.sees("🌍 Everything\n")


async def test_a_finished_case_promises_no_date(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/start c-zavalin")
    await anna.press("Follow")
    assert toast(anna) == "Done. If anything changes, you will be told."
    await anna.send("/follows")
    anna.sees("No hearing is set.")


async def test_who_follows_nobody_is_told_how_to_begin(harbour: Town) -> None:
    anna, oleg = harbour.person(language="en"), harbour.person(language="ru")
    await anna.send("/start")
    await anna.press("My follows")
    anna.sees("Open a person or a case and press “Follow”")
    assert {"⚖️ Cases", "🏙 Cities", "🌍 Follow everything"} <= set(anna.last.labels)
    await anna.press("Cities")
    anna.sees("Hearings by city")
    await oleg.send("отписаться")
    oleg.sees("У вас пока нет подписок.")
    assert await rows(harbour, Subscriber) == 0


FIVE = "".join(
    f"""
  - {{slug: h{day}, case: port-strike, court: kamensk-city, starts_at: 2026-12-{day} 10:00}}"""
    for day in (15, 14, 13, 12)
)


async def test_where_one_has_promised_to_go_stands_above_what_one_follows(harbour: Town) -> None:
    await harbour.take_in(f"hearings:{FIVE}".encode())
    anna = harbour.person(language="en")
    await anna.send("/start")
    await anna.press_data("come:1:0:0:0:0:0:1")
    await anna.press_data("zone:Europe/Berlin")
    await anna.send("/follows")
    anna.sees(
        "🙋 You are coming:\n"
        "Wednesday, 25 November, 10:00 UTC+5 (06:00 for you) · The port strike case, "
        "Kamensk City Court\n\n"
        "You follow nobody yet."
    )
    await anna.press("🙋 25.11 10:00")
    anna.sees("Room 12")
    harbour.clock.forward(seconds=20)
    for number in range(2, 6):
        await anna.press_data(f"come:{number}:0:0:0:0:0:1")
    await anna.press_data("fcase:1:0::0:1")
    await anna.send("/follows")
    anna.sees("Sunday, 13 December, 10:00")
    anna.sees("Kamensk City Court\nand 2 more\n\nMy follows · 1")
    assert [label[:13] for label in anna.last.labels if "🙋" in label] == [
        "🙋 25.11 10:00", "🙋 12.12 10:00", "🙋 13.12 10:00"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "change", ["starts_at: 2026-11-26 10:00", "status: cancelled", "status: held", "remove: true"]
)
async def test_where_nobody_goes_as_they_promised_is_left_out(harbour: Town, change: str) -> None:
    """Of another day one is asked anew, on the card and under the news."""
    anna = harbour.person(language="en")
    await anna.send("/start")
    await anna.press_data("come:1:0:0:0:0:0:1")
    await harbour.take_in(f"hearings: [{{slug: port-strike-1, {change}}}]".encode())
    await anna.send("/follows")
    anna.sees("You follow nobody yet.")
    anna.sees_not("coming")


async def test_a_group_is_not_told_where_somebody_goes(harbour: Town) -> None:
    anna, boris = harbour.person("Anna", language="en"), harbour.person("Boris", language="en")
    group = harbour.telegram.group("Friends", members=[boris], admins=[anna])
    await anna.send("/start")
    await anna.press_data("come:1:0:0:0:0:0:1")
    await boris.send("/follows")
    boris.sees_not("coming")
    for follow in (False, True):
        if follow:
            await anna.press_data("fall", chat=group)
        await anna.send("/follows@solidarity_bot", chat=group)
        group.sees("This group follows")
        group.sees_not("coming")


async def test_a_case_is_followed_from_its_hearing(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    await anna.press("Follow the case")
    anna.sees("Room 12")
    assert "✓ Following the case" in anna.last.labels
    await anna.press("⚖️ The case")
    assert "✓ Following" in anna.last.labels
    await anna.press("✓ Following")
    await anna.press("🗓 Hearings")
    await anna.press("25.11 10:00")
    assert "🔔 Follow the case" in anna.last.labels
    await anna.press("‹ Hearings of the case")
    anna.sees("Coming hearings: The port strike case")


async def test_a_city_is_followed_through_any_of_its_courts(harbour: Town) -> None:
    await harbour.take_in(TWO_CITIES)
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("By city")
    await anna.press("Kamensk · 1")
    await anna.press("Follow the city")
    anna.sees("Coming hearings: Kamensk")
    assert "✓ Following the city" in anna.last.labels
    async with harbour.app.sessions() as session:
        first, other = await session.scalars(select(Court.id).order_by(Court.id).limit(2))
        assert await session.scalar(select(Follow.thing_id)) == first
    await anna.press_data(f"hearings:0:0:{other}:0:0")
    assert "✓ Following the city" in anna.last.labels
    await anna.press_data(f"fcity:0:0:{other}:0:0:1")
    assert await rows(harbour, Follow) == 1
    await anna.send("/follows")
    anna.sees("🏙 Kamensk\n📅 Wednesday, 25 November, 10:00")
    await anna.press_data(f"fcity:0:0:{other}:0:0:0")
    assert await rows(harbour, Follow) == 0


async def test_everything_is_asked_once_more(harbour: Town) -> None:
    await harbour.take_in(TWO_CITIES)
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("Follow everything")
    anna.sees("It is 1 case.")
    await anna.press("No")
    anna.sees("You follow nobody yet")
    await anna.press("Follow everything")
    await anna.press("Yes, everything")
    anna.sees("🌍 Everything\n📅 Wednesday, 25 November, 10:00 · and 1 more hearing")
    assert "🌍 Follow everything" not in anna.last.labels
    await anna.send("/hearings")
    assert "🌍 Follow everything" not in anna.last.labels


async def test_one_follow_is_muted_and_ended(harbour: Town) -> None:
    oleg = harbour.person(language="ru")
    await oleg.send("/start d-ivan-lodkin")
    await oleg.press("Подписаться")
    await oleg.send("/follows")
    await oleg.press("Иван Лодкин")
    oleg.sees("Следующее заседание: среда, 25 ноября, 10:00")
    await oleg.press("Приостановить")
    oleg.sees("Подписка приостановлена: по ней ничего не придёт")
    assert "Возобновить можно в /follows." in toast(oleg)
    await oleg.press("‹ Подписки")
    oleg.sees("👤 Иван Лодкин · 🔕 подписка приостановлена")
    await oleg.press("🔕 Иван Лодкин")
    await oleg.press("🔔 Возобновить")
    async with harbour.app.sessions() as session:
        assert not await session.scalar(select(Follow.muted))
    await oleg.press("Карточка")
    assert "✓ Есть подписка" in oleg.last.labels
    await oleg.press_data("unfollow:1:0")
    oleg.sees("У вас пока нет подписок")


async def test_many_follows_have_pages(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/start")
    for number in range(1, 9):
        await anna.press_data(f"fwho:{number}:1")
    await anna.send("/follows")
    anna.sees("My follows · 8")
    await anna.press("1/2 ›")
    label = anna.last.labels[0]
    await anna.press(label)
    await anna.press("Unfollow")
    anna.sees("My follows · 7")
    assert "‹ 2/2" in anna.last.labels


async def test_a_follow_of_somebody_else_is_out_of_reach(harbour: Town) -> None:
    anna, boris = harbour.person("Anna"), harbour.person("Boris")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await boris.send("/start")
    for data in ("follow:1:0", "mute:1:0:1"):
        await boris.press_data(data)
        boris.sees("out of date")
    await boris.press_data("unfollow:1:0")
    boris.sees("You follow nobody yet")
    await anna.send("/follows")
    anna.sees("My follows · 1")
    anna.sees_not("muted")


FORGED = (
    "fwho:99:1", "fwho:0:1", "fcase:99:0::0:1", "fcity:0:0:99:0:0:1", "fcity:0:0:0:0:0:1",
    "fhear:99:0:0:0:0:0:1", "come:99:0:0:0:0:0:1", "alert:reminder:1", "alert:nonsense:0",
    "lead:61:1", "setquiet:3:4", "setquiet:25:1", "setsilence:40", "follow:x", "mute:1:0:2",
    "stopall", "askstop", "mydata",
)  # fmt: skip


async def test_forged_presses_change_nothing(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start")
    for data in FORGED:
        harbour.clock.forward(seconds=5)
        await anna.press_data(data)
        assert "out of date" in anna.last.text, data
    assert await rows(harbour, Subscriber) == 0
    assert not harbour.telegram.unanswered


async def test_a_stale_button_answers_with_the_present_state(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    old = anna.last
    await anna.press("Follow")
    await anna.press_data("fwho:1:1", message=old)
    assert "✓ Following" in anna.last.labels
    assert await rows(harbour, Follow) == 1
    await anna.press("✓ Following")
    await anna.press_data("fwho:1:0")
    assert "🔔 Follow" in anna.last.labels
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    await anna.press_data("fhear:1:0:0:0:0:0:1")
    anna.sees("out of date")


async def test_a_card_tells_that_more_than_it_is_followed(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    anna.sees_not("✓ Following")
    await anna.press_data("fall")
    for screen in ("hearing:1", "case:1:0"):
        await anna.press_data(screen)
        anna.sees("✓ Followed already, with everything")
    await anna.press("🔔 Follow")
    anna.sees_not("✓ Followed already, with everything")
    await anna.press("Ivan Lodkin")
    anna.sees("✓ Followed already, with the whole case")
    anna.sees_not("everything")
    await anna.press("🔔 Follow")
    anna.sees_not("✓ Follow")
    await anna.press("✓ Following")
    anna.sees("✓ Followed already, with the whole case")
    assert "🔔 Follow" in anna.last.labels


async def test_a_card_tells_nothing_of_what_is_muted(harbour: Town) -> None:
    oleg = harbour.person(language="ru")
    await oleg.send("/start")
    await oleg.press_data("fall")
    await oleg.send("Лодкин")
    oleg.sees("✓ Подписка уже есть: на всё")
    await oleg.send("/follows")
    await oleg.press("🌍 Всё")
    await oleg.press("🔕 Приостановить")
    await oleg.send("Лодкин")
    oleg.sees_not("Подписка уже")


async def test_a_shared_card_leads_to_where_one_follows(harbour: Town) -> None:
    anna, boris = harbour.person("Anna"), harbour.person("Boris")
    group = harbour.telegram.group("Friends", members=[anna, boris])
    [result] = await anna.inline("lodkin")
    await anna.choose(result, chat=group)
    await boris.press("Open the card", chat=group)
    await boris.press("🔔 Follow")
    assert "✓ Following" in boris.last.labels


async def test_what_is_removed_is_followed_no_more(harbour: Town) -> None:
    await harbour.take_in(TWO_CITIES)
    anna, boris = harbour.person("Anna"), harbour.person("Boris")
    for somebody in (anna, boris):
        await somebody.send("/start")
        await somebody.press_data("fwho:2:1")
        await somebody.press_data("fcity:0:0:1:0:0:1")
    marta = b"[{slug: marta-vetrova, remove: true}]"
    await harbour.take_in(b"cases: [{slug: port-strike, timeline: null, defendants: %s}]" % marta)
    await harbour.take_in(b"hearings: [{slug: port-strike-1, court: riga}]\n"
                          b"courts: [{slug: kamensk-city, remove: true}]")  # fmt: skip
    await anna.send("/follows")
    anna.sees("My follows · 1")
    anna.sees("🏙 Kamensk")
    async with harbour.app.sessions() as session:
        other = await session.scalar(select(Court.id).where(Court.slug == "kamensk-district"))
        cities = select(Follow.thing_id).where(Follow.subject == "city")
        assert set(await session.scalars(cities)) == {other}
    await harbour.take_in(b"courts: [{slug: kamensk-district, remove: true}]")
    await anna.send("/follows")
    anna.sees("You follow nobody yet")


def city_of(court: str, city: str) -> bytes:
    return f"courts: [{{slug: {court}, city: {{en: {city}, ru: {city}}}}}]".encode()


async def courts_followed(town: Town) -> list[str]:
    followed = select(Court.slug).join(Follow, Follow.thing_id == Court.id).order_by(Follow.id)
    async with town.app.sessions() as session:
        return list(await session.scalars(followed))


async def test_whoever_follows_a_city_stays_there_when_a_court_leaves(harbour: Town) -> None:
    await harbour.take_in(TWO_CITIES)
    anna = harbour.person("Anna", language="en")
    await anna.send("/start")
    await anna.press_data("fcity:0:0:1:0:0:1")
    await harbour.take_in(city_of("kamensk-city", "Riga"))
    assert await courts_followed(harbour) == ["kamensk-district"]
    await anna.send("/follows")
    anna.sees("My follows · 1\n\n🏙 Kamensk")
    await harbour.take_in(city_of("kamensk-district", "Old-Kamensk"))
    assert await courts_followed(harbour) == ["kamensk-district"]
    await anna.send("/follows")
    anna.sees("🏙 Old-Kamensk")


@pytest.mark.parametrize(
    ("other", "followed"),
    [
        ("{slug: kamensk-district, remove: true}", "kamensk-city"),
        ("{slug: new, name: New, city: {en: Kamensk, ru: Каменск}, timezone: UTC}", "new"),
    ],
    ids=["gone", "new"],
)
async def test_a_city_is_followed_where_the_whole_file_leaves_it(
    harbour: Town, other: str, followed: str
) -> None:
    await harbour.take_in(TWO_CITIES)
    anna = harbour.person("Anna")
    await anna.send("/start")
    await anna.press_data("fcity:0:0:1:0:0:1")
    if followed == "new":
        await harbour.take_in(b"courts: [{slug: kamensk-district, remove: true}]")
    await harbour.take_in(city_of("kamensk-city", "Riga")[:-1] + f", {other}]".encode())
    assert await courts_followed(harbour) == [followed]


async def test_whoever_follows_both_cities_of_a_court_goes_on_with_both(harbour: Town) -> None:
    """A court that was taken to a wrong city, and back."""
    await harbour.take_in(TWO_CITIES)
    anna = harbour.person("Anna")
    await anna.send("/start")
    for court in (1, 3):
        await anna.press_data(f"fcity:0:0:{court}:0:0:1")
    for city in ("Каменск", "Riga"):
        await harbour.take_in(city_of("riga", city))
        assert await courts_followed(harbour) == ["kamensk-city", "riga"]
