"""What is told and when: kinds, lead times, quiet hours, silence."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models import ALERTS, LEADS, USUAL_LEADS, Kind, Subscriber
from tests.town import NOW, Town

pytestmark = pytest.mark.either_database


async def only(town: Town) -> Subscriber:
    async with town.app.sessions() as session:
        return (await session.scalars(select(Subscriber))).one()


async def test_kinds_and_lead_times_are_switched_one_by_one(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/follows")
    await anna.press("What is told, and when")
    assert {"✓ 3 d", "✓ 1 d", "✓ 3 h", "7 d", "1 h"} <= set(anna.last.labels)
    await anna.press("✓ Moved, another room")
    await anna.press("1 h")
    assert {"Moved, another room", "✓ Outcome", "✓ 1 h"} <= set(anna.last.labels)
    kept = await only(harbour)
    assert kept.alerts == sum(ALERTS.values()) - ALERTS[Kind.MOVED]
    assert kept.leads == USUAL_LEADS + LEADS[60]
    await anna.press_data("alert:moved:0")
    assert (await only(harbour)).alerts == kept.alerts
    await anna.press("Moved, another room")
    for label in ("3 d", "1 d", "3 h", "1 h"):
        harbour.clock.forward(seconds=2)
        await anna.press(label)
    anna.sees("No reminder is switched on")
    assert (await only(harbour)).leads == 0
    assert (await only(harbour)).alerts == sum(ALERTS.values())


async def test_all_that_is_switched_off_is_said_in_words(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/follows")
    await anna.press_data("alerts")
    anna.sees_not("switched on")
    for kind in ALERTS:
        await anna.press_data(f"alert:{kind}:0")
    anna.sees("No news is switched on: only reminders come.")
    for lead in LEADS:
        await anna.press_data(f"lead:{lead}:0")
    anna.sees(
        "Everything is off: nothing comes.\nIf a hearing that you promised to come to changes"
    )
    anna.sees_not("only news comes")


async def test_no_row_is_too_long_for_a_small_telephone(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/follows")
    await anna.press_data("alerts")
    assert max(map(len, anna.last.buttons)) == 3


async def test_from_quiet_hours_to_ones_own_zone_and_back(harbour: Town) -> None:
    """By whichever way one leaves the question for a city."""
    anna = harbour.person(language="en")
    await anna.send("/start")
    await anna.press_data("quiet")
    await anna.press("My time zone")
    await anna.press("‹ Quiet hours")
    anna.sees("In these hours nothing is sent")
    await anna.press("My time zone")
    await anna.send("qqqqzzzz")
    assert "‹ Quiet hours" in anna.last.labels
    await anna.send("Уфа")
    assert "‹ Quiet hours" in anna.last.labels
    await anna.press("17:00")
    anna.sees("By your clock: Yekaterinburg Time, UTC+5.")
    await anna.press("22:00–08:00")
    assert "✓ 22:00–08:00" in anna.last.labels
    await anna.press("My time zone")
    await anna.press("Only the court's time")
    anna.sees("By the organisers' clock (Moscow Time, UTC+3) until you choose yours.")
    await anna.send("/settings")
    await anna.press("My time zone")
    await anna.send("Уфа")
    await anna.press("17:00")
    anna.sees("Settings")


async def test_silence_says_where_to_look_and_what_comes_all_the_same(harbour: Town) -> None:
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Group", admins=[anna])
    await anna.send("/start")
    await anna.press_data("silence")
    anna.sees("look then under Hearings and at the cards of those you follow.")
    anna.sees("a hearing that you promised to come to")
    await anna.send("/follows@solidarity_bot", chat=group)
    await anna.press_data("silence", chat=group)
    group.sees("at the cards")
    group.sees_not("promised")


async def test_quiet_hours_say_whose_clock_they_follow(harbour: Town) -> None:
    oleg = harbour.person(language="ru")
    await oleg.send("/start")
    await oleg.press_data("alerts")
    oleg.sees("Тихие часы: выключены")
    await oleg.press("Тихие часы")
    oleg.sees("По часам организаторов (Москва, UTC+3), пока вы не выберете свой пояс.")
    await oleg.press("22:00–08:00")
    assert "✓ 22:00–08:00" in oleg.last.labels
    kept = await only(harbour)
    assert (kept.quiet_from, kept.quiet_until) == (22, 8)
    await oleg.press_data("zone:Asia/Yekaterinburg")
    await oleg.press_data("quiet")
    oleg.sees("По вашим часам: Екатеринбург, UTC+5.")
    await oleg.press("‹ Назад")
    oleg.sees("Тихие часы: 22:00–08:00 (Екатеринбург, UTC+5)")
    await oleg.press("Тихие часы")
    await oleg.press("Выключить")
    oleg.sees("Тихие часы: выключены")
    kept = await only(harbour)
    assert (kept.quiet_from, kept.quiet_until) == (None, None)


async def test_silence_for_a_day_a_week_and_off(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await anna.press_data("silence")
    await anna.press("For 1 day")
    anna.sees("Silence until 23 November 2026, 15:00 (Moscow Time, UTC+3)")
    assert (await only(harbour)).silent_until == NOW + timedelta(days=1)
    await anna.press("For a week")
    await anna.send("/follows")
    anna.sees("Silence until 29 November 2026, 15:00 (Moscow Time, UTC+3)")
    await anna.press_data("zone:Asia/Tokyo")
    await anna.send("/follows")
    anna.sees("Silence until 29 November 2026, 21:00 (Japan Time, UTC+9)")
    harbour.clock.forward(days=7, seconds=1)
    await anna.send("/follows")
    anna.sees_not("Silence")
    await anna.press_data("setsilence:7")
    await anna.press("Off")
    anna.sees("Silence: off")
    assert (await only(harbour)).silent_until is None
