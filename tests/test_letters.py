"""Where a letter can be sent today: the rule itself, and what people see of it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speaking
from bot.services import address_reports
from bot.services.letter_kit import Kit
from bot.services.letters import (
    FRESH,
    HELD,
    KNOWN,
    Address,
    CannotWrite,
    Reason,
    birthdays,
    mailing,
)
from bot.views import letter_kit_pages
from bot.views.letter_advice import how_to_be_safe
from bot.views.letters import address_lines
from models import AddressReport, Custody, Defendant, Facility, FacilityKind, Status, Trouble
from tests.test_follows import toast
from tests.town import Town

pytestmark = pytest.mark.either_database

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ADDRESS = "4 Zavodskaya St"
FROM_ABROAD = """Lodkin Ivan Petrovich, born 1988
Remand prison No. 1, Kamensk
4 Zavodskaya St, Kamensk, Kamensk region
620999
RUSSIA"""


def held(
    status: str = "colony",
    *,
    kind: str = "colony",
    confirmed: timedelta | None = timedelta(days=1),
    until: date | None = None,
    allowed: bool | None = None,
    reason: dict[str, str] | None = None,
) -> Defendant:
    facility = Facility(slug="f", kind=kind, name={"en": "Colony 1"}, address={"en": ADDRESS})
    custody = Custody(
        facility=facility,
        confirmed_at=None if confirmed is None else NOW - confirmed,
        until=until,
        position=0,
    )
    return Defendant(
        slug="d",
        name={"en": "Ivan", "ru": "Иван", "ru_full": "Иванов Иван"},
        status=status,
        letters_allowed=allowed,
        letters_reason=reason,
        custody=[custody],
    )


REASONS = [
    (held(allowed=False), Reason.FORBIDDEN),
    (held(allowed=False, reason={"en": "so"}), Reason.TOLD),
    (held("transfer"), Reason.TRANSFER),
    (held("released"), Reason.FREE),
    (held("abroad"), Reason.FREE),
    (held("at_liberty"), Reason.AT_HOME),
    (held("restricted"), Reason.AT_HOME),
    (held("house_arrest"), Reason.AT_HOME),
    (held("unknown"), Reason.WHEREABOUTS),
    (held(confirmed=None), Reason.NO_ADDRESS),
    (held(until=date(2026, 11, 1)), Reason.NO_ADDRESS),
    (held("pre_trial_detention", kind="colony"), Reason.NO_ADDRESS),
    (held(confirmed=KNOWN + timedelta(seconds=1)), Reason.STALE),
]


@pytest.mark.parametrize(("defendant", "reason"), REASONS, ids=lambda value: str(value)[:12])
def test_each_reason_not_to_give_an_address(defendant: Defendant, reason: Reason) -> None:
    told = mailing(defendant, NOW)
    assert isinstance(told, CannotWrite)
    assert told.reason == reason


def test_somebody_free_needs_no_reason() -> None:
    told = mailing(held("released", allowed=False, reason={"en": "she is being moved"}), NOW)
    assert told == CannotWrite(Reason.FREE)


@pytest.mark.parametrize(("age", "fresh"), [(FRESH, True), (FRESH * 2, False), (KNOWN, False)])
def test_an_address_is_given_with_its_age(age: timedelta, fresh: bool) -> None:
    told = mailing(held(confirmed=age), NOW)
    assert isinstance(told, Address)
    assert told.is_fresh is fresh


def test_an_address_is_never_shown_without_a_name() -> None:
    told = mailing(held(), NOW)
    assert isinstance(told, Address)
    assert told.custody.addressee == {"en": "Ivan", "ru": "Иванов Иван"}


STANDINGS = st.fixed_dictionaries(
    {
        "status": st.sampled_from(Status),
        "kind": st.sampled_from(FacilityKind),
        "days": st.none() | st.integers(0, 200),
        "ended": st.booleans(),
        "allowed": st.sampled_from([None, True, False]),
    }
)
"""How it stands with somebody, and how many days ago somebody confirmed it."""


def facts_of(standing: dict[str, Any]) -> dict[str, Any]:
    """As `held` wants them."""
    days = standing["days"]
    return {
        "status": standing["status"],
        "kind": standing["kind"],
        "confirmed": None if days is None else timedelta(days=days),
        "until": NOW.date() if standing["ended"] else None,
        "allowed": standing["allowed"],
    }


def may_be_given(standing: dict[str, Any]) -> bool:
    return (
        standing["status"] in HELD
        and standing["kind"] in (standing["status"], FacilityKind.OTHER)
        and standing["days"] is not None
        and standing["days"] <= 90
        and not standing["ended"]
        and standing["allowed"] is not False
    )


@given(STANDINGS)
def test_an_address_is_only_ever_given_of_who_is_held_there_now(standing: dict[str, Any]) -> None:
    told = mailing(held(**facts_of(standing)), NOW)
    assert isinstance(told, Address) is may_be_given(standing)


async def test_the_address_is_given_line_by_line_with_its_age(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/letters")
    await anna.press("Ivan Lodkin")
    anna.sees(f"\n\n{FROM_ABROAD}\n✅ Confirmed")
    anna.sees("Confirmed 3 days ago by the lawyer")
    anna.sees("Language: Russian")
    anna.sees("No cards with glitter")
    anna.sees("books about the sea")
    anna.sees("A censor reads every letter")
    await anna.press("Copy the address")
    assert anna.clipboard == FROM_ABROAD
    await anna.press("letters.example.org")
    assert anna.opened == "https://letters.example.org/kamensk-1"


@pytest.mark.parametrize("end", ["", ", Russia", ", RUSSIA.", " , russia"])
def test_the_country_ends_an_english_address_and_is_named_once(end: str) -> None:
    facility = Facility(
        country="RU",
        postal_code="620999",
        name={"en": "Remand prison, Russia"},
        address={"en": "4 Zavodskaya St, Kamensk" + end},
    )
    stay = Custody(facility=facility, addressee={"en": "Ivan Lodkin"})
    told = ["Ivan Lodkin", "Remand prison, Russia", "4 Zavodskaya St, Kamensk", "620999", "RUSSIA"]
    with speaking("en"):
        assert address_lines(stay) == told


async def test_the_address_in_russian(harbour: Town) -> None:
    oleg = harbour.person(language="ru")
    await oleg.send("/letters")
    await oleg.press("Иван Лодкин")
    oleg.sees("620999 Каменская область, г. Каменск, ул. Заводская, д. 4")
    oleg.sees("ФКУ СИЗО-1 УФСИН России по Каменской области\nЛодкину Ивану Петровичу, 1988 г. р.")


async def test_who_is_being_transferred_has_no_address(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start d-marta-vetrova")
    anna.sees("Cannot write now: she is being moved")
    await anna.press("About letters")
    anna.sees("Nobody can write now: she is being moved")
    await anna.press("Write to somebody else")
    anna.sees("Whom to write to")


async def test_the_old_address_is_gone_at_once_when_the_status_changes(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Write")
    anna.sees(ADDRESS)
    moved = b"cases: [{slug: port-strike, defendants: [{slug: ivan-lodkin, status: transfer}]}]"
    await harbour.take_in(moved)
    await anna.press("Card")
    anna.sees("Being transferred")
    await anna.press("About letters")
    anna.sees_not(ADDRESS)
    anna.sees("a transfer is under way")


async def test_an_address_grows_old_and_vanishes(harbour: Town) -> None:
    anna = harbour.person()
    for days, words in ((28, "address is old"), (61, "confirmed too long ago")):
        harbour.clock.forward(days=days)
        await anna.send("/start d-ivan-lodkin")
        anna.sees(words)
    await anna.press("About letters")
    anna.sees_not(ADDRESS)


CONFIRMED_ANEW = b"""cases:
  - slug: port-strike
    defendants:
      - slug: ivan-lodkin
        custody:
          - facility: kamensk-sizo-1
            addressee: {en: "Lodkin Ivan Petrovich, born 1988"}
            confirmed_at: "2026-11-22"
"""


async def test_a_long_address_is_copied_in_lines(harbour: Town) -> None:
    new = b"address: {en: %s, ru: null}" % (b"Zavodskaya " * 24)
    long = b"facilities: [{slug: kamensk-sizo-1, %s}]" % new
    await harbour.take_in(long)
    anna = harbour.person()
    await anna.send("/start d-ivan-lodkin")
    anna.sees("we have no confirmed address")
    await harbour.take_in(CONFIRMED_ANEW)
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Write")
    assert "📋 Line 3" not in anna.last.labels  # half of it would be copied
    await anna.press("Line 1")
    assert anna.clipboard == "Lodkin Ivan Petrovich, born 1988"
    await anna.press("Line 4")
    assert anna.clipboard == "620999"
    assert not harbour.telegram.violations


async def test_whoever_was_moved_meanwhile_has_no_confirmed_address(harbour: Town) -> None:
    """Back in a remand prison after a transfer, but which one nobody has said."""
    anna = harbour.person()
    for status in (b"transfer", b"pre_trial_detention"):
        patch = b"cases: [{slug: port-strike, defendants: [{slug: ivan-lodkin, status: %s}]}]"
        await harbour.take_in(patch % status)
        await anna.send("/start d-ivan-lodkin")
        anna.sees("Cannot write now")
        anna.sees_not(ADDRESS)


def test_a_stay_to_come_and_a_word_older_than_the_stay_give_no_address() -> None:
    for since in (NOW.date() + timedelta(days=20), NOW.date()):
        defendant = held(confirmed=timedelta(days=3))
        defendant.custody[0].since = since
        told = mailing(defendant, NOW)
        assert isinstance(told, CannotWrite)
        assert told.reason == Reason.NO_ADDRESS


# Where the organisers are, where the place is, the moment in UTC, and whether an address is given
# of somebody who was brought there on 22 November, confirmed at that day's beginning, and who is
# to leave on the 30th.
DAYS = [
    ("Europe/Moscow", None, "2026-11-21 21:30", True),
    ("Europe/Moscow", "Asia/Yekaterinburg", "2026-11-21 22:30", True),
    ("Europe/Moscow", "Europe/Kaliningrad", "2026-11-21 21:30", False),
    ("America/New_York", None, "2026-11-22 05:30", True),
    ("Europe/Moscow", None, "2026-11-29 20:30", True),
    ("Europe/Moscow", None, "2026-11-29 21:30", False),
    ("Europe/Moscow", "Asia/Yekaterinburg", "2026-11-29 19:30", False),
    ("America/New_York", None, "2026-11-30 04:30", True),
    ("America/New_York", None, "2026-11-30 05:30", False),
]


@pytest.mark.parametrize(("office", "place", "moment", "may"), DAYS)
def test_days_are_those_of_the_place_else_of_the_organisers(
    office: str, place: str | None, moment: str, may: bool
) -> None:
    zone = ZoneInfo(office)
    defendant = held()
    custody = defendant.custody[0]
    custody.facility.timezone = place
    custody.since, custody.until = date(2026, 11, 22), date(2026, 11, 30)
    custody.confirmed_at = datetime(2026, 11, 22, tzinfo=zone).astimezone(UTC)
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC).astimezone(zone)
    assert isinstance(mailing(defendant, now), Address) is may


ARRIVED = b"""facilities: [{slug: kamensk-sizo-1, timezone: null}]
cases:
  - slug: port-strike
    defendants:
      - slug: ivan-lodkin
        custody: [{facility: kamensk-sizo-1, since: 2026-11-22, confirmed_at: 2026-11-22}]
"""


async def test_every_screen_counts_the_days_of_the_organisers(harbour: Town) -> None:
    """A word of the day of arrival, which in UTC is the day before."""
    await harbour.take_in(ARRIVED)
    anna = harbour.person()
    for said in ("/start d-ivan-lodkin", "Ivan Lodkin"):
        await anna.send(said)
        assert "✉️ Write" in anna.last.labels
    await anna.send("/letters")
    anna.sees("✉️ Ivan Lodkin")
    await anna.press("Ivan Lodkin")
    anna.sees(ADDRESS)
    await anna.press("Card")
    assert "✉️ Write" in anna.last.labels


async def test_the_list_says_first_whether_anybody_has_an_address(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/letters")
    text = anna.last.text
    assert text.index("Nobody here has a confirmed address") < text.index("Boris Kagarlitsky")


async def test_who_may_get_no_letters_is_listed_with_the_reason(sac: Town) -> None:
    anna = sac.person(language="en")
    await anna.send("/letters")
    listed = set(anna.last.labels)
    await anna.press("›")
    assert any("Kupriyanov" in label for label in listed | set(anna.last.labels))
    await anna.press("Kupriyanov")
    anna.sees("by court order he may neither send nor receive post")


async def test_a_letter_is_suggested_only_where_one_arrives(harbour: Town) -> None:
    closed = (
        b"fundraisers: [{slug: lodkin-lawyer, closes: 2026-11-01},"
        b" {slug: harbour-common, status: cancelled}]"
    )
    await harbour.take_in(closed)
    anna = harbour.person(language="en")
    await anna.send("/start d-marta-vetrova")
    await anna.press("Donate")
    anna.sees("No fundraiser is open now.")
    anna.sees_not("letter")
    assert "✉️ Write a letter" not in anna.last.labels
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Donate")
    anna.sees("A letter helps, too")
    await anna.press("Write a letter")
    anna.sees(ADDRESS)


async def test_where_nobody_has_an_address_no_letter_is_suggested(sac: Town) -> None:
    anna = sac.person(language="en")
    for said in ("/donate", "/evenings"):
        await anna.send(said)
        anna.sees_not("letter")
        assert "✉️ Write a letter" not in anna.last.labels


async def test_both_forms_of_an_address_are_copied(harbour: Town) -> None:
    """The post here reads the one alphabet, the post abroad the other."""
    oleg = harbour.person(language="ru")
    await oleg.send("/letters")
    await oleg.press("Иван Лодкин")
    oleg.sees_not("Lodkin")
    await oleg.press("Латиницей")
    oleg.sees(f"Для почты из-за границы:\n{FROM_ABROAD}")
    oleg.sees_not("620999 Каменская область")
    await oleg.press("Скопировать адрес")
    assert oleg.clipboard == FROM_ABROAD
    await oleg.press("Кириллицей")
    await oleg.press("Скопировать адрес")
    assert oleg.clipboard
    assert oleg.clipboard.startswith("620999 Каменская область")
    anna = harbour.person(language="en")
    await anna.send("/letters")
    await anna.press("Ivan Lodkin")
    await anna.press("In Cyrillic")
    await anna.press("Copy the address")
    assert anna.clipboard == oleg.clipboard
    await anna.press("‹ Back")
    anna.sees("Whom to write to")


async def test_an_address_in_one_alphabet_is_shown_once(harbour: Town) -> None:
    await harbour.take_in(b"facilities: [{slug: kamensk-sizo-1, address: {en: null}}]")
    anna = harbour.person(language="en")
    await harbour.take_in(CONFIRMED_ANEW)
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Write")
    assert [label for label in anna.last.labels if label[0] in "📋🔤"] == ["📋 Copy the address"]
    anna.sees_not("For the post from abroad")


@pytest.mark.parametrize(
    ("language", "begins", "has"),
    [
        ("en", FROM_ABROAD, "A letter takes about 14 days"),
        ("ru", "620999 Кам", "- Письма читает"),
    ],
)
async def test_it_is_printed_as_plain_text(
    harbour: Town, language: str, begins: str, has: str
) -> None:
    anna = harbour.person(language=language)
    await anna.send("/start d-ivan-lodkin")
    await anna.press("✉️")
    await anna.press("💡")
    await anna.press("🖨")
    file = anna.last.document
    assert file
    assert file.name == "letter-ivan-lodkin.txt"
    text = file.content.decode("utf-8-sig")
    assert text.startswith(begins)
    assert has in text
    assert "<" not in text
    assert "&" not in text


async def test_a_place_may_want_its_addresses_confirmed_more_often(harbour: Town) -> None:
    await harbour.take_in(b"facilities: [{slug: kamensk-sizo-1, letters: {confirm_every: 7}}]")
    anna = harbour.person(language="en")
    for days, words in ((3, "✉️ You can write: address"), (2, "but the address is old")):
        harbour.clock.forward(days=days)
        await anna.send("/start d-ivan-lodkin")
        anna.sees(words)


async def test_what_is_wrong_with_an_address_waits_for_the_coordinators(harbour: Town) -> None:
    for label in ("My letter came back", "My letter came back", "There is a mistake in it"):
        anna = harbour.person(language="en")
        await anna.send("/start d-ivan-lodkin")
        await anna.press("Write")
        await anna.press("It is wrong")
        await anna.press(label)
        assert toast(anna) == "Thank you! The organisers are told, but not who said so."
        anna.sees(ADDRESS)
    assert await reported(harbour) == [(Trouble.CAME_BACK, 2), (Trouble.MISTAKE, 1)]
    columns = {"id", "defendant_id", "trouble", "day", "confirmed_at"}
    assert set(AddressReport.__table__.columns.keys()) == columns
    await harbour.take_in(CONFIRMED_ANEW)
    assert await reported(harbour) == []


async def test_one_person_finds_so_many_addresses_wrong_a_day(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address_reports, "MOST", 2)
    anna, boris = harbour.person(language="en"), harbour.person("Boris", language="en")
    await boris.send("/letters")
    await anna.send("/letters")
    await anna.press("Ivan Lodkin")
    for _ in range(3):
        await anna.press_data("wrong:1:0:1:mistake")
    assert toast(anna).startswith("So many in one day, thank you! The organisers")
    assert await reported(harbour) == [(Trouble.MISTAKE, 2)]
    await boris.press_data("wrong:1:0:1:mistake")
    harbour.clock.forward(days=1)
    await anna.press_data("wrong:1:0:1:mistake")
    assert await reported(harbour) == [(Trouble.MISTAKE, 4)]


async def reported(harbour: Town) -> list[tuple[Trouble, int]]:
    async with harbour.app.sessions() as session:
        return [(one.trouble, one.times) for one in await address_reports.unsettled(session)]


async def test_who_writes_for_the_first_time_is_told_how(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/letters")
    await anna.press("Ivan Lodkin")
    await anna.press("💡 Advice, print")
    anna.sees("Say who you are and how you heard of them.")
    anna.sees("A censor reads every letter")
    anna.sees("The prison sees your return address")
    await anna.press("‹ Address")
    await anna.press("‹ Back")
    anna.sees("Whom to write to")


def test_a_letter_of_today_comes_in_time_for_a_birthday_within_three_weeks() -> None:
    assert birthdays(date(2026, 12, 20))[::21] == ["12-20", "01-10"]
    assert "02-29" in birthdays(date(2027, 2, 10))
    assert "02-29" in birthdays(date(2028, 2, 10))
    assert "02-29" not in birthdays(date(2027, 3, 1))


async def test_on_paper_and_on_screens_one_says_the_same_of_safe_letters(harbour: Town) -> None:
    advice = how_to_be_safe()
    anna = harbour.person(language="en")
    await anna.send("/letters")
    await anna.press("Ivan Lodkin")
    anna.sees(advice[0])
    await anna.press("💡")
    for one in advice:
        anna.sees(one)
    await anna.press("🖨")
    file = anna.last.document
    assert file
    assert "\n".join(f"- {one}" for one in advice) in file.content.decode()
    cover = letter_kit_pages.cover(Kit(None, [], []), "", NOW)
    assert tuple(advice) in [section.lines for section in cover.sections]
