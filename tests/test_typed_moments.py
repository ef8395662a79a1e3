"""Days and hours as people type them."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speaking
from bot.services.typed_moments import NotUnderstood, Typed, typed
from bot.views.docket import vocabulary

TODAY = date(2026, 11, 22)  # a Sunday
LANGUAGES = ("en", "ru")
TYPED = [
    ("10:00", None, time(10), None),
    ("9.30", None, time(9, 30), None),
    ("tomorrow 9:30, room 4", date(2026, 11, 23), time(9, 30), "4"),
    ("завтра 9:30 зал 4", date(2026, 11, 23), time(9, 30), "4"),
    ("Завтра в 9.30, каб. 12а", date(2026, 11, 23), time(9, 30), "12а"),
    ("послезавтра в 10", date(2026, 11, 24), time(10), None),
    ("сегодня 18:00", TODAY, time(18), None),
    ("1 Dec 10", date(2026, 12, 1), time(10), None),
    ("Dec 1, 10:00", date(2026, 12, 1), time(10), None),
    ("1 декабря 10:00", date(2026, 12, 1), time(10), None),
    ("1 дек. в 10", date(2026, 12, 1), time(10), None),
    ("01.12 10:00", date(2026, 12, 1), time(10), None),
    ("1.12.2026 10.00", date(2026, 12, 1), time(10), None),
    ("01.12.27", date(2027, 12, 1), None, None),
    ("2026-12-01 10:00", date(2026, 12, 1), time(10), None),
    ("15 Jan 9:00", date(2027, 1, 15), time(9), None),
    ("Friday at 10", date(2026, 11, 27), time(10), None),
    ("в пятницу в 10", date(2026, 11, 27), time(10), None),
    ("в среду 9:15", date(2026, 11, 25), time(9, 15), None),
    ("on Sunday 10:00", date(2026, 11, 29), time(10), None),
    ("room 205", None, None, "205"),
    ("завтра в зале 4", date(2026, 11, 23), None, "4"),
    ("завтра 9:30 кабинет 205", date(2026, 11, 23), time(9, 30), "205"),
    ("5 мая 2027 12:00", date(2027, 5, 5), time(12), None),
]


@pytest.mark.parametrize(("text", "day", "hour", "room"), TYPED)
def test_what_people_type(text: str, day: date | None, hour: time | None, room: str | None) -> None:
    assert typed(text, TODAY, vocabulary(), LANGUAGES) == Typed(day, hour, room)


STRANGE = ["", "soon", "25:00", "10:60", "31.02 10:00", "tomorrow morning", "30 Feb 10:00",
           "10:00 11:00", "когда-нибудь", "9:30 Judge Ivanov", "x" * 200]  # fmt: skip


@pytest.mark.parametrize("text", STRANGE)
def test_what_is_strange_is_not_guessed_at(text: str) -> None:
    with pytest.raises(NotUnderstood):
        typed(text, TODAY, vocabulary(), LANGUAGES)


@given(st.dates(TODAY, date(2027, 11, 20)), st.times(), st.sampled_from(["en", "ru"]))
def test_what_the_bot_writes_it_reads(day: date, hour: time, language: str) -> None:
    from babel.dates import format_date

    with speaking(language):
        for pattern in ("long", "medium", "d MMMM", "d MMM"):
            text = f"{format_date(day, pattern, locale=language)} {hour:%H:%M}"
            text = text.removesuffix(" г.").replace(" г.", "")
            found = typed(text, TODAY, vocabulary(), LANGUAGES)
            assert (found.day, found.hour) == (day, hour.replace(second=0, microsecond=0))


@given(st.text(max_size=90))
def test_anything_at_all_is_understood_or_not(text: str) -> None:
    try:
        found = typed(text, TODAY, vocabulary(), LANGUAGES)
    except NotUnderstood:
        return
    assert (found.day, found.hour, found.room) != (None, None, None)
