""" "I sent one": a number, never who; and what is written together."""

from datetime import date

import pytest
from sqlalchemy import select

from bot.services import sent_letters
from models import Letter
from sandbox import Person
from tests.test_follows import rows, toast
from tests.town import Town

pytestmark = pytest.mark.either_database


async def at_ivans(harbour: Town, language: str = "en") -> Person:
    anna = harbour.person(language=language)
    await anna.send("/letters")
    await anna.press("Иван Лодкин" if language == "ru" else "Ivan Lodkin")
    return anna


async def test_a_letter_is_counted_and_taken_back(harbour: Town) -> None:
    anna = await at_ivans(harbour)
    anna.sees("Nobody has said lately that they wrote")
    await anna.press("💌 I sent one")
    anna.sees("How did your letter to Ivan Lodkin go?")
    await anna.press("📮 By post")
    anna.sees("Thank you! It is counted, and nobody learns who wrote.")
    anna.sees("That is 1 letter to Ivan Lodkin in the last 30 days.")
    anna.sees("💌 1001 and one letter: 1 of 1,002")
    thanks = anna.last
    await anna.press("↩️ Take it back")
    assert toast(anna) == "Taken back."
    anna.sees("4 Zavodskaya St")
    assert await rows(harbour, Letter) == 0
    await anna.press("↩️ Take it back", message=thanks)
    assert toast(anna) == "It has been taken back already."


async def test_two_taps_count_one_letter(harbour: Town) -> None:
    anna = await at_ivans(harbour)
    for _ in range(2):
        await anna.press_data("sent:1:0:1:0")
    anna.sees("That is 1 letter to Ivan Lodkin in the last 30 days.")


async def test_nothing_of_who_wrote_is_kept(harbour: Town) -> None:
    boris = await at_ivans(harbour)
    await boris.press("💌 I sent one")
    await boris.press("💻 Electronically")
    async with harbour.app.sessions() as session:
        letter = (await session.scalars(select(Letter))).one()
    assert (letter.defendant_id, letter.day, letter.electronic) == (1, date(2026, 11, 22), True)
    known = {"id", "defendant_id", "day", "electronic", "event_id"}
    assert set(Letter.__table__.columns.keys()) == known


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["1 letter to", "2 letters to", "3 letters to"]),
        ("ru", ["1 письмо за", "2 письма за", "3 письма за", "4 письма за", "5 писем за"]),
    ],
)
async def test_all_letters_to_somebody_are_counted(
    harbour: Town, language: str, said: list[str]
) -> None:
    for words in said:
        anna = await at_ivans(harbour, language)
        await anna.press_data("sent:1:0:1:0")
        anna.sees(words)


async def test_after_thirty_days_they_are_not_lately_any_more(harbour: Town) -> None:
    anna = await at_ivans(harbour)
    await anna.press_data("sent:1:0:1:0")
    for days, line in ((29, "1 letter in the last 30 days"), (1, "nobody has said lately")):
        harbour.clock.forward(days=days)
        await anna.send("/letters")
        anna.sees(line)


async def test_one_person_counts_so_many_a_day(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent_letters, "MOST", 2)
    anna = await at_ivans(harbour)
    for _ in range(3):
        await anna.send("/start")
        await anna.press_data("sent:1:0:1:0")
    assert toast(anna) == "So many in one day, thank you! More are counted tomorrow."
    assert await rows(harbour, Letter) == 2
    boris = await at_ivans(harbour)
    await boris.press_data("sent:1:0:1:0")
    harbour.clock.forward(days=1)
    await anna.press_data("sent:1:0:1:0")
    assert await rows(harbour, Letter) == 4


async def test_who_gets_no_letters_comes_first_and_who_has_a_birthday_before_all(
    harbour: Town,
) -> None:
    await harbour.take_in(OTHERS)
    anna = await at_ivans(harbour)
    await anna.press_data("sent:1:0:1:0")
    await anna.send("/letters")
    assert names(anna) == ["Yan Tugov", "Zoya Rybakova", "Ivan Lodkin", "Marta Vetrova"]
    anna.sees("🎂 12 December · nobody has said lately that they wrote")
    await anna.press_data("sent:3:0:1:0")
    await anna.send("/letters")
    assert names(anna)[:2] == ["Zoya Rybakova", "Yan Tugov"]


async def test_of_two_the_one_whom_fewer_follow_comes_first(harbour: Town) -> None:
    await harbour.take_in(OTHERS)
    anna = harbour.person(language="en")
    await anna.send("/start d-yan")
    await anna.press("Follow")
    await anna.send("/letters")
    assert names(anna)[:2] == ["Zoya Rybakova", "Yan Tugov"]


THERE = "custody: [{facility: kamensk-sizo-1, since: 2026-01-01, confirmed_at: 2026-11-20}]"
HELD = f"status: pre_trial_detention, birthday: 12-12, {THERE}"
OTHERS = f"""
cases:
  - slug: port-strike
    defendants:
      - {{slug: yan, name: {{en: Yan Tugov}}, {HELD}}}
      - {{slug: zoya, name: {{en: Zoya Rybakova}}, {HELD}}}
""".encode()


def names(person: Person) -> list[str]:
    return [label for label in person.last.labels if " " in label and label[0].isalpha()]


async def test_goals_end_and_are_reached(harbour: Town) -> None:
    await harbour.take_in(
        b"letter_goals: [{slug: small, title: {en: Two letters}, letters: 2, since: 2026-11-22,"
        b" until: 2026-11-23}, {slug: winter-letters, remove: true}]"
    )
    anna = await at_ivans(harbour)
    for done in ("Two letters: 1 of 2\n▓▓▓▓▓▓░░░░░░", "Two letters: 2 of 2 🎉\n▓▓▓▓▓▓▓▓▓▓▓▓"):
        await anna.press_data("asksent:1:0:1")
        await anna.press_data("sent:1:0:1:0")
        anna.sees(done)
    harbour.clock.forward(days=2)
    await anna.send("/letters")
    anna.sees_not("Two letters")


async def test_in_a_group_nobody_takes_back_what_another_has_counted(harbour: Town) -> None:
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/letters@solidarity_bot", chat=group)
    await anna.press("Ivan Lodkin", chat=group)
    await anna.press_data("sent:1:0:1:0", chat=group)
    group.sees("It is counted")
    assert "↩️ Take it back" not in group.last.labels


async def test_a_letter_counts_though_whom_it_was_for_is_no_longer_on_our_list(
    harbour: Town,
) -> None:
    await harbour.take_in(b"letter_goals: [{slug: winter-letters, since: '2026-11-01'}]")
    boris = await at_ivans(harbour)
    await boris.press("💌 I sent one")
    await boris.press("💻 Electronically")
    async with harbour.app.sessions() as session:
        [before] = await sent_letters.goals(session, date(2026, 11, 22))
    await harbour.take_in(
        b"events: [{slug: letters-in-may, write_to: []}]\n"
        b"donation_routes: [{slug: lodkin-card-ru, remove: true},"
        b" {slug: lodkin-abroad, remove: true}]\n"
        b"fundraisers: [{slug: lodkin-lawyer, remove: true}]\n"
        b"cases: [{slug: port-strike, timeline: [],"
        b" defendants: [{slug: ivan-lodkin, remove: true}]}]"
    )
    async with harbour.app.sessions() as session:
        [after] = await sent_letters.goals(session, date(2026, 11, 22))
    assert before.letters == after.letters == 1
