"""What followers read: in both languages, at a glance, and nothing that is no longer so."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.i18n import speaking
from bot.markup import LIMIT, plain, visible_length
from bot.screen import Screen
from bot.services.attendance import yes_to
from bot.services.notices import (
    AnyFacts,
    CaseFacts,
    Cause,
    DefendantFacts,
    HearingNow,
    News,
    Reader,
    fresh,
    holds,
    of_case,
    of_defendant,
    of_hearing,
    written,
)
from bot.views import notices as views
from models import (
    OF_BROADCASTS,
    OF_EVENTS,
    OF_MEMBERS,
    OF_QUESTIONS,
    Case,
    Court,
    Custody,
    Defendant,
    Facility,
    Hearing,
    Kind,
    Notice,
    Priority,
    TimelineEntry,
)

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
START = datetime(2026, 12, 11, 5, tzinfo=UTC)  # ten o'clock in Kamensk
DAY = timedelta(days=1)
ENGLISH, RUSSIAN = Reader("en"), Reader("ru")
BERLIN = Reader("en", "Europe/Berlin")


def court(number: int = 1, name: str = "Kamensk City Court", city: str = "Kamensk") -> Court:
    return Court(
        id=number,
        name={"en": name},
        city={"en": city},
        city_key=city.casefold(),
        timezone="Asia/Yekaterinburg",
        address={"en": f"{number} Sadovaya St"},
    )


def a_case(**more: Any) -> Case:
    name = {"en": "Ivan Lodkin", "ru": "Иван Лодкин"}
    ivan = Defendant(id=1, case_id=1, name=name, status="transfer")
    named = {"en": "The port strike case", "ru": "Дело о портовой забастовке"}
    known = {"id": 1, "title": named, "stage": "trial", "defendants": [ivan], "timeline": []}
    return Case(**known | more)


def hearing(**more: Any) -> Hearing:
    known = {
        "id": 1,
        "case_id": 1,
        "case": a_case(),
        "court": court(),
        "starts_at": START,
        "kind": "merits",
        "status": "scheduled",
        "room": "12",
        "confirmed_at": NOW - DAY,
        "source": "lawyer",
    }
    made = Hearing(**known | more)
    made.court_id = made.court.id
    return made


def notice(kind: str, before: AnyFacts | None = None, **more: Any) -> Notice:
    known = {
        "kind": kind,
        "subject": "hearing",
        "thing_id": 1,
        "before": written(before) if before else None,
        "priority": Priority.REMINDER,
        "due_at": NOW,
        "expires_at": None,
    }
    return Notice(**known | more)


def news_of(kind: str, now_it_is: Hearing, before: Hearing | None = None, **more: Any) -> News:
    facts = of_hearing(before) if before else None
    about = HearingNow(now_it_is, more.pop("next_hearing", None), more.pop("coming", 0))
    return News(notice(kind, facts, **more), about, before.court if before else None)


def told(news: News | list[News], reader: Reader = ENGLISH, now: datetime = NOW) -> str:
    """The words alone."""
    return plain(screen(news, reader, now).text)


def screen(
    news: News | list[News],
    reader: Reader = ENGLISH,
    now: datetime = NOW,
    causes: tuple[Cause | None, ...] = (),
) -> Screen:
    several = news if isinstance(news, list) else [news]
    causes = causes or (Cause(7, "all", None),) * len(several)
    with speaking(reader.language):
        body = views.body(several, reader, now)
        text = views.signed(body, several, causes, reader)
        return Screen(text, views.buttons(body, causes, reader))


def labels(shown: Screen) -> list[str]:
    assert shown.keyboard
    return [one.text for row in shown.keyboard.inline_keyboard for one in row]


DAYS_LATER = {"starts_at": START + DAY}
GLANCE: list[tuple[str, str, Hearing, Hearing | None, list[str], list[str]]] = [
    (
        "set",
        "set",
        hearing(),
        None,
        ["📅 Hearing set: Friday, 11 December, 10:00"],
        ["📅 Назначено заседание: пятница, 11 декабря, 10:00"],
    ),
    (
        "later",
        "moved",
        hearing(**DAYS_LATER),
        hearing(),
        ["⏩ Moved later: Saturday, 12 December, 10:00", "Was: Friday, 11 December, 10:00"],
        ["⏩ Заседание позже: суббота, 12 декабря, 10:00", "Было: пятница, 11 декабря, 10:00"],
    ),
    (
        "earlier, in another room",
        "moved",
        hearing(room="7"),
        hearing(**DAYS_LATER),
        [
            "⏪ Moved earlier: Friday, 11 December, 10:00",
            "Was: Saturday, 12 December, 10:00 · room 12",
        ],
        [
            "⏪ Заседание раньше: пятница, 11 декабря, 10:00",
            "Было: суббота, 12 декабря, 10:00 · зал 12",
        ],
    ),
    (
        "room",
        "moved",
        hearing(room="7"),
        hearing(),
        ["🚪 Another room: Friday, 11 December, 10:00", "Was: room 12"],
        ["🚪 В другом зале: пятница, 11 декабря, 10:00", "Было: зал 12"],
    ),
    (
        "closed",
        "moved",
        hearing(public=False),
        hearing(public=True),
        ["🔒 Behind closed doors now: Friday, 11 December, 10:00"],
        ["🔒 Заседание будет закрытым: пятница, 11 декабря, 10:00"],
    ),
    (
        "open",
        "moved",
        hearing(public=True),
        hearing(public=False),
        ["🔓 Open to the public now: Friday, 11 December, 10:00"],
        ["🔓 Заседание будет открытым: пятница, 11 декабря, 10:00"],
    ),
    (
        "verdict",
        "moved",
        hearing(kind="verdict", room="7"),
        hearing(),
        [
            "⚖️ It is the verdict now: Friday, 11 December, 10:00",
            "Was: room 12 · hearing on the merits",
        ],
        ["⚖️ Теперь это приговор: пятница, 11 декабря, 10:00"],
    ),
    (
        "verdict, later",
        "moved",
        hearing(kind="verdict", **DAYS_LATER),
        hearing(),
        [
            "⏩ Moved later: Saturday, 12 December, 10:00",
            "Was: Friday, 11 December, 10:00 · hearing on the merits",
        ],
        ["⏩ Заседание позже: суббота, 12 декабря, 10:00"],
    ),
    (
        "court",
        "moved",
        hearing(court=court(2, "Riga court", "Riga")),
        hearing(),
        [
            "🏛 Another court: Friday, 11 December, 10:00",
            "Was: Kamensk City Court, Kamensk · 1 Sadovaya St",
        ],
        ["🏛 В другом суде: пятница, 11 декабря, 10:00"],
    ),
    (
        "cancelled",
        "cancelled",
        hearing(status="cancelled"),
        hearing(),
        ["❌ Cancelled: Friday, 11 December, 10:00", "No need to go."],
        ["❌ Заседание отменено: пятница, 11 декабря, 10:00", "Ехать не нужно."],
    ),
    (
        "adjourned",
        "cancelled",
        hearing(status="adjourned"),
        hearing(),
        ["⏸ Adjourned: Friday, 11 December, 10:00", "No need to go."],
        ["⏸ Заседание отложено: пятница, 11 декабря, 10:00", "Ехать не нужно."],
    ),
    (
        "next date",
        "set",
        hearing(**DAYS_LATER),
        hearing(status="adjourned"),
        ["📅 Next date: Saturday, 12 December, 10:00"],
        ["📅 Новая дата: суббота, 12 декабря, 10:00"],
    ),
    (
        "after all",
        "set",
        hearing(),
        hearing(status="cancelled"),
        ["📅 It takes place after all: Friday, 11 December, 10:00"],
        ["📅 Всё-таки состоится: пятница, 11 декабря, 10:00"],
    ),
    (
        "outcome",
        "outcome",
        hearing(status="decided", outcome={"en": "acquitted", "ru": "оправдан"}),
        hearing(),
        ["⚖️ Outcome of the hearing: Friday, 11 December, 10:00", "acquitted"],
        ["⚖️ Итог заседания: пятница, 11 декабря, 10:00", "оправдан"],
    ),
    (
        "decided",
        "outcome",
        hearing(status="decided"),
        hearing(),
        [
            "⚖️ Outcome of the hearing: Friday, 11 December, 10:00",
            "The court has decided. What it decided, we will tell you when we know.",
        ],
        [
            "⚖️ Итог заседания: пятница, 11 декабря, 10:00",
            "Суд вынес решение. Узнаем какое — сообщим.",
        ],
    ),
]


@pytest.mark.parametrize(
    ("what", "kind", "now_it_is", "before", "english", "russian"),
    GLANCE,
    ids=[g[0] for g in GLANCE],
)
def test_what_happened_is_seen_first(
    what: str,
    kind: str,
    now_it_is: Hearing,
    before: Hearing | None,
    english: list[str],
    russian: list[str],
) -> None:
    one = news_of(kind, now_it_is, before)
    for reader, lines in ((ENGLISH, english), (RUSSIAN, russian)):
        first = told(one, reader).split("\n\n")[0].split("\n")
        assert first[: len(lines)] == lines


def test_all_that_one_needs_to_go_there() -> None:
    text = told(news_of("set", hearing(public=True), coming=3), BERLIN)
    for part in (
        "The port strike case",
        "👤 Ivan Lodkin",
        "🕐 10:00 (Yekaterinburg Time, UTC+5)",
        "Your time: 11 December 2026, 06:00",
        "🏛 Kamensk City Court, Kamensk",
        "1 Sadovaya St",
        "Room 12",
        "🚪 Open to the public",
        "✅ Confirmed yesterday by the lawyer",
        "🙋 3 people are coming",
        "Because you follow: everything",
    ):
        assert part in text


def test_in_a_group_nobody_is_you() -> None:
    text = told(news_of("set", hearing()), replace(BERLIN, is_group=True))
    assert "Your time" not in text
    assert "This group follows: everything" in text


@pytest.mark.parametrize(
    ("before", "english", "russian"),
    [
        (timedelta(days=7), "In 7 days", "Через 7 дней"),
        (timedelta(days=3), "In 3 days", "Через 3 дня"),
        (timedelta(days=1), "Tomorrow", "Завтра"),
        (timedelta(hours=9), "Today", "Сегодня"),
        (timedelta(hours=11), "Tomorrow", "Завтра"),
        (timedelta(hours=3), "In 3 hours", "Через 3 часа"),
        (timedelta(hours=2, minutes=52), "In 2 hours 45 minutes", "Через 2 часа 45 минут"),
        (timedelta(hours=1, minutes=53), "In 2 hours", "Через 2 часа"),
        (timedelta(hours=1, minutes=33), "In 1 hour 30 minutes", "Через 1 час 30 минут"),
        (timedelta(hours=1), "In 1 hour", "Через 1 час"),
        (timedelta(minutes=55), "In 1 hour", "Через 1 час"),
        (timedelta(minutes=53), "In 55 minutes", "Через 55 минут"),
        (timedelta(minutes=41), "In 40 minutes", "Через 40 минут"),
        (timedelta(minutes=1), "In 5 minutes", "Через 5 минут"),
    ],
)
def test_a_reminder_says_how_long_there_is(before: timedelta, english: str, russian: str) -> None:
    one = news_of("reminder", hearing(), lead=60)
    now = START - before
    assert told(one, ENGLISH, now).startswith(f"⏰ {english}: Friday, 11 December, 10:00")
    assert told(one, RUSSIAN, now).startswith(f"⏰ {russian}: пятница, 11 декабря, 10:00")


@pytest.mark.parametrize(
    ("zone", "hours", "english", "russian"),
    [
        ("Europe/Berlin", 9, "In 9 hours", "Через 9 часов"),  # it is still yesterday there
        ("Europe/Berlin", 11, "Tomorrow", "Завтра"),
        ("Europe/Berlin", 5, "In 5 hours", "Через 5 часов"),
        ("Asia/Tokyo", 11, "In 11 hours", "Через 11 часов"),  # it is today there
        ("Asia/Tokyo", 24, "Tomorrow", "Завтра"),
        ("Asia/Tokyo", 61, "In 61 hours", "Через 61 час"),
        ("Asia/Tokyo", 72, "In 3 days", "Через 3 дня"),
        (None, 11, "Tomorrow", "Завтра"),
    ],
)
def test_days_are_said_only_where_they_are_as_many_for_the_reader(
    zone: str | None, hours: int, english: str, russian: str
) -> None:
    one, now = news_of("reminder", hearing(), lead=60), START - timedelta(hours=hours)
    for language, said in (("en", english), ("ru", russian)):
        reader = Reader(language, zone)
        assert told(one, reader, now).startswith(f"⏰ {said}: ")
        digest = told([one, news_of("reminder", hearing(id=2), lead=60)], reader, now)
        assert digest.count(f"⏰ {said}: ") == 2
    if zone:
        group = Reader("en", zone, is_group=True)
        assert told(one, group, now).split("\n")[0] == told(one, ENGLISH, now).split("\n")[0]


@pytest.mark.parametrize(
    ("lead", "says"), [(10080, False), (4320, False), (1440, True), (60, True)]
)
def test_what_to_take_along_is_said_in_the_last_days(lead: int, says: bool) -> None:
    one = news_of("reminder", hearing(), lead=lead)
    assert ("passport" in told(one, now=START - timedelta(minutes=lead))) == says


def test_whoever_is_not_let_in_is_advised_to_wait_at_the_doors() -> None:
    for public, says in ((False, "Wait at the doors of the room"), (True, "Keep quiet")):
        text = told(news_of("reminder", hearing(public=public), lead=180), now=START - DAY)
        assert says in text
        assert ("Keep quiet" in text, "Wait at the doors" in text) == (public, not public)


def test_after_an_adjournment_the_next_date() -> None:
    off = hearing(status="adjourned")
    following = hearing(id=2, starts_at=START + 30 * DAY)
    assert "not known yet" in told(news_of("cancelled", off, hearing()))
    text = told(news_of("cancelled", off, hearing(), next_hearing=following))
    assert "📅 Nearest hearing of the case: Sunday, 10 January 2027, 10:00" in text
    passed = told(news_of("outcome", off, hearing(), next_hearing=following), now=START + 31 * DAY)
    assert "10 January" not in passed


# Buttons and causes.


def test_buttons_of_a_hearing() -> None:
    assert labels(screen(news_of("set", hearing()))) == [
        "🙋 I will come",
        "🗓 Calendar",
        "📄 Open the card",
        "🔕 Mute",
        "✖️ Unfollow",
    ]
    off = screen(news_of("cancelled", hearing(status="cancelled"), hearing()))
    out = "🗓 Out of the calendar"
    assert labels(off) == [out, "📄 Open the card", "🔕 Mute", "✖️ Unfollow"]
    group = Reader("en", is_group=True)
    assert out not in labels(screen(news_of("cancelled", hearing(status="cancelled")), group))
    over = news_of("outcome", hearing(status="adjourned"), hearing())
    assert labels(screen(over))[0] == "📄 Open the card"


def test_buttons_carry_the_hearing_and_the_follow() -> None:
    shown = screen(news_of("set", hearing(id=5)), causes=(Cause(8, "city", court()),))
    assert shown.keyboard
    carried = [one.callback_data for row in shown.keyboard.inline_keyboard for one in row]
    assert carried == [
        "come:5:0:0:0:0:0:1:1:7Kw",
        "+ics:5",
        "+hearing:5:0:0:0:0:0",
        "mute:8:0:1:1",
        "unfollow:8:0:1",
    ]


def test_in_a_group_everybody_can_take_back_their_word() -> None:
    shown = screen(news_of("set", hearing()), Reader("en", is_group=True))
    assert labels(shown)[:3] == ["🙋 I will come", "I cannot come", "🗓 Calendar"]


def test_who_comes_reads_it() -> None:
    """In a digest, too; and though the number of people was read before they said so."""
    going = Reader("en", going=frozenset({yes_to(hearing())}))
    one = news_of("set", hearing(), coming=3)
    assert "🙋 You and 2 others are coming" in told(one, going)
    assert labels(screen(one, going))[0] == "✓ I will come"
    assert "🙋 You are coming" in told(news_of("set", hearing()), going)
    other = news_of("set", hearing(id=2))
    assert told([one, other], going).count("🙋 You are coming") == 1
    assert "🙋 3 people are coming" in told(one, Reader("en", going=frozenset({(2, None)})))
    off = news_of("cancelled", hearing(status="cancelled"), hearing())
    assert "coming" not in told([off, other], going)


def test_who_said_yes_to_another_day_is_asked_anew() -> None:
    said = Reader("en", going=frozenset({yes_to(hearing(**DAYS_LATER))}))
    moved = news_of("moved", hearing(), hearing(**DAYS_LATER), coming=2)
    question = "🙋 You said yes to another day or court. Will you come to this one?"
    assert f"🙋 2 people are coming\n{question}" in told(moved, said)
    assert labels(screen(moved, said))[:2] == ["🙋 I will come", "I cannot come"]
    assert told([moved, news_of("set", hearing(id=2))], said).count(question) == 1
    same_day = hearing(starts_at=START + timedelta(hours=2))
    assert question not in told(news_of("moved", same_day, hearing(**DAYS_LATER)), BERLIN)
    assert "🙋 You are coming" in told(news_of("moved", same_day, hearing()), going(hearing()))


def going(to: Hearing) -> Reader:
    return Reader("en", going=frozenset({yes_to(to)}))


CAUSES: list[tuple[Cause | None, str, str]] = [
    (Cause(1, "defendant", a_case().defendants[0]), "Ivan Lodkin", "Иван Лодкин"),
    (Cause(1, "case", a_case()), "The port strike case", "Дело о портовой забастовке"),
    (Cause(1, "city", court()), "courts in Kamensk", "суды в городе Kamensk"),
    (Cause(1, "all", None), "everything", "всё"),
]


@pytest.mark.parametrize(("cause", "english", "russian"), CAUSES)
def test_the_cause_is_named(cause: Cause, english: str, russian: str) -> None:
    one = news_of("set", hearing())
    ends = plain(screen(one, causes=(cause,)).text).split("\n\n")[-1]
    assert ends == f"Because you follow: {english}"
    ends = plain(screen(one, RUSSIAN, causes=(cause,)).text).split("\n\n")[-1]
    assert ends == f"Ваша подписка: {russian}"


@pytest.mark.parametrize(
    ("cause", "is_left"),
    [
        (Cause(1, "city", court(city="Riga")), True),
        (Cause(1, "city", court(3)), False),
        (Cause(1, "case", a_case(id=2)), True),
        (Cause(1, "case", a_case()), False),
        (Cause(1, "defendant", Defendant(id=2, case_id=2, name={"en": "Anna Ott"})), True),
        *((Cause(1, gone, None), True) for gone in ("defendant", "case", "city")),
        (Cause(1, "all", None), False),
        (None, False),
    ],
)
def test_who_hears_no_more_of_it_is_told_so(cause: Cause | None, is_left: bool) -> None:
    moved = news_of("moved", hearing(), hearing(room="7"))
    alone = plain(screen(moved, causes=(cause,)).text)
    assert ("This hearing is no longer part of that" in alone) is is_left
    other = news_of("set", hearing(id=2))
    both = plain(screen([moved, other], causes=(cause, Cause(7, "all", None))).text)
    assert ("What went to another city or case" in both) is is_left


def test_who_only_said_that_they_will_come() -> None:
    shown = screen(news_of("set", hearing()), causes=(None,))
    assert plain(shown.text).endswith("You said yes to this hearing.")
    assert not any("follow" in label for label in labels(shown))
    russian = screen(news_of("set", hearing()), RUSSIAN, causes=(None,))
    assert plain(russian.text).endswith("Вы собирались на это заседание.")
    both = screen([news_of("set", hearing(id=one)) for one in (1, 2)], causes=(None, None))
    assert plain(both.text).endswith("You said yes to these hearings.")


def test_several_causes_can_each_be_ended() -> None:
    causes = tuple(Cause(number, "case", a_case(id=number)) for number in range(1, 6))
    shown = screen([news_of("set", hearing(id=one)) for one in range(1, 6)], causes=causes)
    assert len([label for label in labels(shown) if "Unfollow" in label]) == 3
    assert labels(shown)[-1] == "🔔 My follows"


# People and cases.


def person(status: str = "transfer", place: bool = False) -> Defendant:
    home = Facility(
        id=4, name={"en": "Remand prison"}, kind="pre_trial_detention", address={"en": "1"}
    )
    stay = Custody(facility=home, facility_id=4, confirmed_at=NOW, since=date(2026, 11, 1))
    ivan = a_case().defendants[0]
    ivan.status, ivan.custody = status, [stay] if place else []
    return ivan


def about(ivan: Defendant, before: DefendantFacts) -> News:
    return News(notice("status", before, subject="defendant"), ivan)


def test_a_transfer_says_not_to_write() -> None:
    before = DefendantFacts("pre_trial_detention", 4)
    text = told(about(person(), before))
    assert text.startswith("🔔 Ivan Lodkin: being transferred\nWas: in pre-trial detention")
    assert "Do not write to the old address." in text
    nowhere = told(about(person(), DefendantFacts("at_liberty", None)))
    assert "old address" not in nowhere


def test_a_confirmed_place_is_named() -> None:
    ivan = person("pre_trial_detention", place=True)
    text = told(about(ivan, DefendantFacts("pre_trial_detention", None)))
    assert text.startswith("📍 Ivan Lodkin: another place")
    assert "🏢 Remand prison" in text
    assert "You can write" in text
    ivan.custody[0].confirmed_at = None
    text = told(about(ivan, DefendantFacts("pre_trial_detention", 4)))
    assert text.startswith("📍 Ivan Lodkin: the place is being checked")
    assert "Remand prison" not in text


def entry(text: str, day: str | None = "2026-11-30", **more: Any) -> TimelineEntry:
    return TimelineEntry(date=day, kind="other", text={"en": text}, **more)


def test_news_of_a_case_are_its_new_entries() -> None:
    old, new = entry("arrested", "2025-01-01"), entry("on hunger strike")
    case = a_case(timeline=[old, new], stage="appeal")
    before = of_case(a_case(timeline=[old]))
    text = told(News(notice("news", before, subject="case"), case))
    assert text.startswith("📰 News: The port strike case\n\nStage: appeal\nWas: on trial")
    assert "• 30 November 2026 — on hunger strike" in text
    assert "arrested" not in text


@pytest.mark.parametrize(
    ("whom", "stage", "is_of_others"),
    [
        ([2], "trial", True),
        ([1], "trial", False),
        ([None], "trial", False),
        ([2, 1], "trial", False),
        ([2], "appeal", False),
    ],
)
def test_news_of_somebody_else_say_that_it_is_the_same_case(
    whom: list[int | None], stage: str, is_of_others: bool
) -> None:
    entries = [entry(f"word {each}", defendant_id=each) for each in whom]
    one = News(
        notice("news", CaseFacts("trial", []), subject="case"),
        a_case(timeline=entries, stage=stage),
    )
    ivan = Cause(1, "defendant", a_case().defendants[0])
    for reader, ends in ((ENGLISH, "(the same case)"), (RUSSIAN, "(то же дело)")):
        assert plain(screen(one, reader, causes=(ivan,)).text).endswith(ends) is is_of_others
    both = [one, news_of("set", hearing())]
    assert "the same case" not in plain(screen(both, causes=(ivan, ivan)).text)
    assert "the same case" not in plain(screen(one, causes=(Cause(1, "case", a_case()),)).text)


def test_whoever_is_free_needs_no_letter_to_a_prison() -> None:
    before = DefendantFacts("colony", None)
    assert "✉️ No need to write to a prison: already free" in told(about(person("released"), before))
    russian = told(about(person("released"), before), RUSSIAN)
    assert "✉️ В тюрьму писать не нужно: человек уже на свободе" in russian


@pytest.mark.parametrize(
    ("before", "after", "new"),
    [
        ([], [], []),
        ([], ["a"], [0]),
        (["a"], ["b"], []),  # reworded
        (["a"], ["a", "b"], [1]),
        (["a", "b"], ["b"], []),
        (["a"], ["b", "c"], [1]),
    ],
)
def test_what_is_new_in_a_timeline(before: list[str], after: list[str], new: list[int]) -> None:
    """All of one day and kind."""
    sides = [[["2026-11-30", "other", None, word] for word in side] for side in (before, after)]
    assert fresh(*sides, NOW) == new


def test_a_removed_hearing() -> None:
    one = News(notice("cancelled", of_hearing(hearing()), subject="case"), a_case(), court())
    text = told(one)
    assert text.startswith("❌ Off the list: Friday, 11 December, 10:00\n🏛 Kamensk City Court")
    assert holds(one, ENGLISH, NOW)


# Several at once.


@pytest.mark.parametrize("kind", ["set", "moved"])
def test_news_of_a_hearing_so_near_is_its_last_reminder(kind: str) -> None:
    news = news_of(kind, hearing(), hearing(starts_at=START + DAY) if kind == "moved" else None)
    soon = START - timedelta(hours=3)
    assert told(news, now=soon).split("\n")[1] == "⏰ In 3 hours"
    assert told(news, RUSSIAN, soon).split("\n")[1] == "⏰ Через 3 часа"
    assert "Take your passport" in told(news, now=soon)
    assert "Take your passport" not in told(news)


def test_what_was_moved_into_the_past_is_not_soon() -> None:
    news = news_of("moved", hearing(), hearing(starts_at=START + DAY))
    text = told(news, now=START + timedelta(hours=1))
    assert "⏰" not in text
    assert "Take your passport" not in text


def test_a_corrected_outcome_says_so() -> None:
    three, four = {"en": "three years"}, {"en": "four years"}
    over = hearing(status="decided", outcome=four)
    news = news_of("outcome", over, hearing(status="decided", outcome=three))
    assert told(news, now=START + DAY).startswith("⚖️ Outcome corrected: Friday, 11 December")
    first = news_of("outcome", over, hearing(status="decided"))
    assert told(first, now=START + DAY).startswith("⚖️ Outcome of the hearing: Friday")


WITNESS, YEARS = {"en": "a witness did not come"}, {"en": "three years"}


@pytest.mark.parametrize("status", ["scheduled", "adjourned"])
def test_a_verdict_after_an_adjournment_corrects_nothing(status: str) -> None:
    before = hearing(status=status, outcome=WITNESS)
    text = told(news_of("outcome", hearing(status="decided", outcome=YEARS), before))
    assert text.startswith("⚖️ Outcome of the hearing: Friday, 11 December, 10:00\nthree years")


@pytest.mark.parametrize("status", ["scheduled", "adjourned"])
def test_why_it_was_adjourned_is_not_what_was_decided_later(status: str) -> None:
    decided = hearing(status="decided", outcome=WITNESS | {"ru": "свидетель не пришёл"})
    news = news_of("outcome", decided, hearing(status=status, outcome=WITNESS))
    for text in (told(news), told([news, news_of("set", hearing(id=2))])):
        assert "Outcome of the hearing" in text
        assert "What it decided, we will tell you when we know." in text
        assert "witness" not in text
    again = hearing(status="adjourned", outcome=WITNESS)
    off = news_of("cancelled", again, hearing(outcome=WITNESS))
    assert "witness" not in told(off)
    assert "witness" in told(news_of("cancelled", again, hearing()))


def test_what_was_known_of_a_hearing_that_is_over_stays_its_result() -> None:
    held = hearing(status="held", outcome=YEARS)
    assert "three years" in told(news_of("outcome", hearing(status="decided", outcome=YEARS), held))


def test_a_digest_has_the_most_urgent_first() -> None:
    before = hearing()
    urgent = news_of("cancelled", hearing(status="cancelled"), before, priority=Priority.URGENT)
    later = news_of("set", hearing(id=2, starts_at=START + 5 * DAY, confirmed_at=None))
    sooner = news_of("moved", hearing(id=3, room="7"), before)
    text = told([later, sooner, urgent], BERLIN).split("\n\n")
    assert text[0] == "🔔 3 pieces of news"
    assert text[1] == (
        "❌ Cancelled: Friday, 11 December, 10:00 UTC+5 (06:00 for you)\n"
        "No need to go.\n"
        "The port strike case · hearing on the merits"
    )
    assert text[2] == (
        "🚪 Another room: Friday, 11 December, 10:00 UTC+5 (06:00 for you)\n"
        "Was: room 12\n"
        "🏛 Kamensk City Court, Kamensk\n"
        "Room 7\n"
        "The port strike case · hearing on the merits"
    )
    assert text[3].endswith("⚠️ Not confirmed yet")
    assert told([later, sooner, urgent], RUSSIAN).startswith("🔔 3 новости")


def test_in_a_digest_people_stand_before_what_is_only_set() -> None:
    """Cut off are dates, of which reminders follow: of a transfer nothing does."""
    many = [news_of("set", hearing(id=10 + one)) for one in range(25)]
    case = News(notice("news", CaseFacts("appeal", []), subject="case"), a_case())
    transfer = about(person(), DefendantFacts("pre_trial_detention", 4))
    moved = news_of("moved", hearing(id=3, room="7"), hearing())
    removed = News(notice("cancelled", of_hearing(hearing()), subject="case"), a_case(), court())
    shown = screen([*many, case, transfer, moved, removed])
    items = plain(shown.text).split("\n\n")
    assert [item[:9] for item in items[1:6]] == [
        "🚪 Another", "❌ Off the", "🔔 Ivan Lo", "📰 News: T", "📅 Hearing",
    ]  # fmt: skip
    assert labels(shown)[1:3] == ["⚖️ The port strike case", "👤 Ivan Lodkin"]


def test_a_person_keeps_their_button() -> None:
    """Whatever else is moved: hearings are all in one list, people are not."""
    moved = [news_of("moved", hearing(id=10 + one, room="7"), hearing()) for one in range(9)]
    shown = labels(screen([*moved, about(person(), DefendantFacts("colony", None))]))
    assert len(shown) == 9
    assert shown[5:7] == ["👤 Ivan Lodkin", "🗓 All hearings"]


def test_a_digest_warns_of_what_was_confirmed_long_ago() -> None:
    both = [
        news_of("set", hearing(id=days, confirmed_at=NOW - timedelta(days=days))) for days in (6, 8)
    ]
    assert told(both).count("⚠️") == 1
    assert "\n⚠️ Last confirmed 8 days ago\n" in told(both)
    assert "\n⚠️ Последнее подтверждение: 8 дней назад\n" in told(both, RUSSIAN)
    off = [news_of("cancelled", hearing(id=one, status="cancelled"), hearing()) for one in (1, 2)]
    assert "⚠️" not in told(off, now=NOW + 9 * DAY)


def test_in_a_digest_two_hearings_of_one_hour_have_different_buttons() -> None:
    both = [news_of("set", hearing(id=id, kind=kind)) for id, kind in ((1, "merits"), (2, "other"))]
    first, second = labels(screen(both))[:2]
    assert first.startswith("11.12 10:00 · hearing on the merits")
    assert second.startswith("11.12 10:00 · hearing, Kamensk")
    apart = [both[0], news_of("set", hearing(id=2, **DAYS_LATER))]
    assert labels(screen(apart))[:2] == [
        "11.12 10:00 · The port strike case", "12.12 10:00 · The port strike case"
    ]  # fmt: skip


def test_a_digest_says_what_is_closed_and_whose_hour_it_is() -> None:
    closed = [news_of("set", hearing(id=one, public=one == 2)) for one in (1, 2)]
    first, second = told(closed).split("\n\n")[1:3]
    assert first.startswith("📅 Hearing set: Friday, 11 December, 10:00 UTC+5\n")
    assert "🚪 Behind closed doors" in first
    assert "doors" not in second


def test_a_digest_says_which_hearing_is_a_verdict() -> None:
    both = [news_of("set", hearing(id=one, kind="verdict")) for one in (1, 2)]
    assert "\nThe port strike case · verdict" in told(both)
    assert "\nДело о портовой забастовке · приговор" in told(both, RUSSIAN)


@pytest.mark.parametrize(
    ("kind", "open_to", "says"),
    [
        ("reminder", (True, None), "Keep quiet"),
        ("moved", (True, False), "Keep quiet"),
        ("set", (False, False), "Wait at the doors"),
    ],
)
def test_a_digest_says_once_what_to_take_along(
    kind: str, open_to: tuple[bool | None, bool | None], says: str
) -> None:
    """Where one of the hearings is near."""
    before = hearing(starts_at=START + DAY) if kind == "moved" else None
    both = [
        news_of(kind, hearing(id=place, public=public), before, lead=1440)
        for place, public in enumerate(open_to, 1)
    ]
    text = told(both, now=START - DAY)
    assert text.count("Take your passport") == 1
    assert text.split("\n\n")[-2].split("\n")[-1].count(says) == 1


def test_a_digest_of_distant_hearings_says_nothing_of_the_way_there() -> None:
    far = [news_of("reminder", hearing(id=one), lead=4320) for one in (1, 2)]
    assert "passport" not in told(far, now=START - 3 * DAY)
    off = [news_of("cancelled", hearing(id=one, status="cancelled"), hearing()) for one in (1, 2)]
    assert "passport" not in told(off, now=START - timedelta(hours=3))


def test_several_reminders_are_hearings_that_come() -> None:
    both = [news_of("reminder", hearing(id=one), lead=1440) for one in (1, 2)]
    assert told(both, now=START - DAY).startswith("⏰ 2 hearings are coming\n\n⏰ Tomorrow: Fri")


@pytest.mark.parametrize("number", [2, 15, 60, 500])
@pytest.mark.parametrize("reader", [BERLIN, RUSSIAN])
def test_a_digest_is_never_too_long(number: int, reader: Reader) -> None:
    long = a_case(title={"en": "🕯 A very long title " * 20}, defendants=[])
    many = [
        news_of("moved", hearing(id=1 + one, case=long, room="7" * 60), hearing(room="9" * 60))
        for one in range(number)
    ]
    causes = tuple(Cause(1 + one, "case", long) for one in range(number))
    shown = screen(many, reader, START - DAY, causes=causes)
    assert ("Take your passport" if reader is BERLIN else "Возьмите паспорт") in shown.text
    assert visible_length(shown.text) <= LIMIT
    assert str(shown.text).count("</") <= 100
    assert len(labels(shown)) <= 11
    told_of = plain(shown.text).count("A very long title")
    assert told_of >= 2


@pytest.mark.parametrize("reader", [BERLIN, RUSSIAN])
def test_one_message_is_never_too_long(reader: Reader) -> None:
    endless = {"en": "🕯 endless " * 1000}
    case = a_case(title={"en": "long " * 50}, timeline=[entry("word " * 500) for _ in range(50)])
    over = hearing(case=case, court=court(), status="decided", outcome=endless)
    for one in (
        news_of("outcome", over, hearing()),
        News(notice("news", CaseFacts("appeal", []), subject="case"), case),
        news_of("moved", hearing(case=case), hearing(court=court(2), room="9")),
    ):
        assert visible_length(screen(one, reader).text) <= LIMIT


# Nothing that is no longer so.

SITUATIONS: list[tuple[str, str, Hearing, Hearing | None, datetime, bool]] = [
    ("set", "set", hearing(), None, NOW, True),
    ("set, but begun", "set", hearing(), None, START, False),
    ("set, but cancelled", "set", hearing(status="cancelled"), None, NOW, False),
    ("moved", "moved", hearing(room="7"), hearing(), NOW, True),
    ("moved and moved back", "moved", hearing(), hearing(), NOW, False),
    ("moved, but cancelled", "moved", hearing(room="7", status="cancelled"), hearing(), NOW, False),
    ("cancelled", "cancelled", hearing(status="cancelled"), hearing(), NOW, True),
    ("cancelled, but on again", "cancelled", hearing(), hearing(), NOW, False),
    ("outcome", "outcome", hearing(status="decided"), hearing(), START + DAY, True),
    ("held before its time", "outcome", hearing(status="held"), hearing(), NOW, True),
    ("outcome, but none", "outcome", hearing(status="held"), hearing(status="held"), NOW, False),
]


@pytest.mark.parametrize(
    ("what", "kind", "now_it_is", "before", "now", "told"),
    SITUATIONS,
    ids=[s[0] for s in SITUATIONS],
)
def test_what_is_not_so_any_more_is_not_told(
    what: str, kind: str, now_it_is: Hearing, before: Hearing | None, now: datetime, told: bool
) -> None:
    assert holds(news_of(kind, now_it_is, before), ENGLISH, now) == told


REMINDED: list[tuple[str, Hearing, timedelta, int, bool]] = [
    ("in time", hearing(), DAY, 4, True),
    ("moved since", hearing(starts_at=START + DAY), DAY, 4, False),
    ("another room since", hearing(room="7"), DAY, 4, True),
    ("cancelled", hearing(status="cancelled"), DAY, 4, False),
    ("a shorter one has come", hearing(), timedelta(hours=3), 4 | 8, False),
    ("a shorter one that is not wanted", hearing(), timedelta(hours=3), 4, True),
    ("a shorter one comes soon", hearing(), timedelta(hours=3, seconds=1), 4 | 8, True),
    ("begun", hearing(), timedelta(), 4, False),
]


@pytest.mark.parametrize(
    ("what", "now_it_is", "before", "leads", "told"), REMINDED, ids=[r[0] for r in REMINDED]
)
def test_whether_a_reminder_is_still_worth_it(
    what: str, now_it_is: Hearing, before: timedelta, leads: int, told: bool
) -> None:
    """Of a day before."""
    one = news_of("reminder", now_it_is, lead=1440, expires_at=START)
    assert holds(one, replace(ENGLISH, leads=leads), START - before) == told


def test_a_person_who_is_as_before_is_no_news() -> None:
    ivan = person("pre_trial_detention", place=True)
    assert not holds(about(ivan, of_defendant(ivan, NOW)), ENGLISH, NOW)
    assert holds(about(ivan, DefendantFacts("transfer", None)), ENGLISH, NOW)


def test_kinds_have_words() -> None:
    """A kind that is added has to be said somehow: here, in test_event_notices.py,
    test_donation_notices.py, test_proposals.py, test_attention.py, test_questions.py or
    test_broadcasts.py."""
    said = {row[1] for row in GLANCE} | {"status", "address", "news", "reminder"}
    assert said == set(Kind) - OF_EVENTS - OF_MEMBERS - OF_QUESTIONS - OF_BROADCASTS - {Kind.CLOSED}
