""" "I will come": a number, and never who."""

import pytest

from bot.delivery.scheduler import tidy
from models import Attendance, Subscriber
from tests.delivery import Delivery
from tests.test_follows import rows, toast
from tests.town import Town

pytestmark = pytest.mark.either_database

MOVED = b"hearings: [{slug: port-strike-1, starts_at: 2026-11-26 10:00}]"


async def test_one_comes_and_changes_their_mind(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    anna.sees("🙋 Nobody has said yes yet")
    await anna.press("25.11 10:00")
    anna.sees("Somebody has to be the first")
    await anna.press("🙋 I will come")
    anna.sees("You are coming, the first one to say so.")
    assert toast(anna) == "Good! If anything changes, you will be told."
    await anna.press("‹ All hearings")
    anna.sees("🙋 1 person is coming")
    await anna.press("25.11 10:00")
    await anna.press("✓ I will come")
    anna.sees("Somebody has to be the first")
    assert toast(anna) == "Noted: you are not coming."
    assert await rows(harbour, Attendance) == 0


@pytest.mark.parametrize(
    ("language", "own", "others"),
    [
        (
            "en",
            ["first one to say so", "You and 1 other are", "You and 2 others are"],
            ["1 person is coming", "2 people are coming", "3 people are coming"],
        ),
        (
            "ru",
            ["сказали об этом первыми", "вы и ещё 1 человек", "вы и ещё 2 человека"],
            ["Придёт 1 человек", "Придут 2 человека", "Придут 3 человека"],
        ),
    ],
)
async def test_those_who_come_are_counted(
    harbour: Town, language: str, own: list[str], others: list[str]
) -> None:
    watcher = harbour.person(language=language)
    for said, seen in zip(own, others, strict=True):
        somebody = harbour.person(language=language)
        await somebody.send("/start")
        await somebody.press_data("come:1:0:0:0:0:0:1")
        await somebody.press_data("come:1:0:0:0:0:0:1")
        somebody.sees(said)
        await watcher.send("/start")
        await watcher.press_data("hearing:1")
        watcher.sees(seen)


async def test_nobody_comes_to_what_is_off_or_over(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    await harbour.take_in(b"hearings: [{slug: port-strike-1, status: cancelled}]")
    await anna.press("I will come")
    assert toast(anna) == "This hearing does not take place any more."
    anna.sees("Cancelled")
    assert "🙋 I will come" not in anna.last.labels
    await harbour.take_in(b"hearings: [{slug: port-strike-1, status: scheduled}]")
    harbour.clock.forward(days=9)
    await anna.press_data("come:1:0:0:0:0:0:1")
    assert toast(anna) == "This hearing does not take place any more."
    assert await rows(harbour, Attendance) == await rows(harbour, Subscriber) == 0


@pytest.mark.parametrize("status", ["held", "decided"])
async def test_nobody_comes_to_what_has_been(harbour: Town, status: str) -> None:
    """Not even in the hours in which others are still on their way."""
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    await harbour.take_in(f"hearings: [{{slug: port-strike-1, status: {status}}}]".encode())
    await anna.press("I will come")
    assert toast(anna) == "This hearing does not take place any more."
    assert "🙋 I will come" not in anna.last.labels
    assert await rows(harbour, Attendance) == 0


async def test_a_month_after_the_hearing_nobody_is_noted_for_it(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    await anna.press("🙋 I will come")
    for days, kept in ((32, 1), (1, 0)):
        harbour.clock.forward(days=days)
        await tidy(harbour.app.sessions, harbour.clock)
        assert await rows(harbour, Attendance) == kept


@pytest.mark.parametrize("status", ["held", "decided"])
async def test_a_list_counts_nobody_at_what_has_been(harbour: Town, status: str) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start")
    await anna.press_data("come:1:0:0:0:0:0:1")
    await anna.send("/hearings")
    anna.sees("🙋 1 person is coming")
    await harbour.take_in(f"hearings: [{{slug: port-strike-1, status: {status}}}]".encode())
    await anna.send("/hearings")
    anna.sees(f"The port strike case · Kamensk City Court, Kamensk · {status}")
    anna.sees_not("🙋")


async def test_the_card_asks_anew_who_said_yes_to_another_day(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    await anna.press("🙋 I will come")
    await harbour.take_in(MOVED)
    await anna.send("/hearings")
    await anna.press("26.11 10:00")
    anna.sees("🙋 You said yes to another day or court. Will you come to this one?")
    assert anna.last.labels[:2] == ["🙋 I will come", "I cannot come"]
    await anna.press("I cannot come")
    anna.sees_not("another day")
    assert await rows(harbour, Attendance) == 0


async def test_an_old_card_says_yes_to_no_other_day(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    await anna.press("25.11 10:00")
    await harbour.take_in(MOVED)
    await anna.press("🙋 I will come")
    assert toast(anna) == (
        "That has changed. It is now: Thursday, 26 November, 10:00, Kamensk City Court. "
        "If you come then, press once more."
    )
    anna.sees("Thursday, 26 November, 10:00")
    assert await rows(harbour, Attendance) == 0
    await anna.press("🙋 I will come")
    anna.sees("You are coming")


async def test_a_distant_hearing_worries_nobody_yet(harbour: Town) -> None:
    await harbour.take_in(b"hearings: [{slug: port-strike-1, starts_at: 2026-12-25 10:00}]")
    anna = harbour.person(language="en")
    await anna.send("/hearings")
    anna.sees_not("said yes yet")


async def test_with_the_hearing_goes_who_would_have_come(delivery: Delivery, harbour: Town) -> None:
    """As soon as they are told that it does not take place."""
    await delivery.rests(harbour)
    anna = harbour.person()
    await anna.send("/start")
    await anna.press_data("come:1:0:0:0:0:0:1")
    assert await rows(harbour, Attendance) == 1
    await harbour.take_in(b"hearings: [{slug: port-strike-1, remove: true}]")
    await delivery.settles(harbour)
    assert await rows(harbour, Attendance) == 1
    harbour.clock.forward(days=4)
    await harbour.take_in(b"cases: [{slug: port-strike, volumes: 15}]")
    await delivery.settles(harbour)
    assert await rows(harbour, Attendance) == 0


async def test_on_a_groups_screen_ones_own_language_is_kept(harbour: Town) -> None:
    oleg, vera = harbour.person("Oleg", language="ru"), harbour.person("Vera", language="en")
    group = harbour.telegram.group("Group", members=[vera], admins=[oleg])
    await oleg.send("/hearings@solidarity_bot", chat=group)
    await oleg.press("25.11 10:00", chat=group)
    await vera.press("Я приду", chat=group)
    await vera.send("/hearings")
    vera.sees("1 person is coming")
