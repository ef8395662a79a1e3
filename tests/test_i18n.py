"""Each task speaks its own language; dates, spans and money are said as people say them."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import i18n
from bot.i18n import _, ngettext, speaking

NOW = datetime(2026, 11, 22, 17, 10, tzinfo=UTC)
CATALOGUE = """
msgid ""
msgstr ""
"Language: ru\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 "
"|| n%100>=20) ? 1 : 2);\\n"

msgid "today"
msgstr "сегодня"

msgid "yesterday"
msgstr "вчера"

msgid "{n} letter"
msgid_plural "{n} letters"
msgstr[0] "{n} письмо"
msgstr[1] "{n} письма"
msgstr[2] "{n} писем"
"""


def forget_catalogues() -> None:
    i18n.languages_set.cache_clear()
    i18n.catalogue.cache_clear()


@pytest.fixture(autouse=True)
def locales(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """English and a little Russian, whatever the real catalogues hold."""
    monkeypatch.setattr(i18n, "LOCALES", tmp_path)
    folder = tmp_path / "ru" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "bot.po").write_text(CATALOGUE)
    forget_catalogues()
    yield tmp_path
    forget_catalogues()


def said(language: str, say: object, *arguments: object) -> str:
    with speaking(language):
        assert callable(say)
        return str(say(*arguments)).replace("\xa0", " ")


def test_languages_are_those_with_a_catalogue(locales: Path) -> None:
    (locales / "de").mkdir()
    assert i18n.languages() == ["en", "ru"]


def test_without_catalogues_english_is_left(locales: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "LOCALES", locales / "nowhere")
    forget_catalogues()
    assert i18n.languages() == ["en"]
    assert i18n.guess("ru") == "en"
    assert said("ru", _, "today") == "today"


@pytest.mark.parametrize(
    ("code", "language"),
    [("ru", "ru"), ("ru-RU", "ru"), ("RU", "ru"), ("be", "ru"), ("sah", "ru"), ("en-GB", "en"),
     ("pt-br", "en"), ("", "en"), (None, "en"), ("../ru", "en"), ("x" * 100, "en")],
)  # fmt: skip
def test_a_language_is_guessed(code: str | None, language: str) -> None:
    assert i18n.guess(code) == language


@pytest.mark.parametrize("unknown", ["xx", "", "de", "../../ru"])
def test_an_unknown_language_is_english(unknown: str) -> None:
    assert said(unknown, _, "today") == "today"
    assert said(unknown, i18n.day, date(2026, 12, 3)) == "3 December 2026"


def fail_in_english() -> None:
    with speaking("en"):
        raise LookupError(_("today"))


def test_speaking_ends_with_its_block_even_by_an_error() -> None:
    with speaking("ru"):
        with pytest.raises(LookupError, match="today"):
            fail_in_english()
        assert (i18n.language(), _("today")) == ("ru", "сегодня")
    assert (i18n.language(), _("today")) == ("en", "today")


async def test_tasks_do_not_hear_each_other() -> None:
    heard: dict[str, list[str]] = {"en": [], "ru": []}
    turns = asyncio.Barrier(2)

    async def talk(language: str) -> None:
        with speaking(language):
            for _turn in range(3):
                await turns.wait()
                heard[language].append(_("today"))
        await turns.wait()
        heard[language].append(i18n.language())

    with speaking("ru"):
        await asyncio.gather(talk("en"), talk("ru"))
    assert heard == {"en": ["today"] * 3 + ["ru"], "ru": ["сегодня"] * 3 + ["ru"]}


@pytest.mark.parametrize(
    ("n", "english", "russian"),
    [
        (0, "0 letters", "0 писем"),
        (1, "1 letter", "1 письмо"),
        (2, "2 letters", "2 письма"),
        (5, "5 letters", "5 писем"),
        (11, "11 letters", "11 писем"),
        (12, "12 letters", "12 писем"),
        (21, "21 letters", "21 письмо"),
        (22, "22 letters", "22 письма"),
        (111, "111 letters", "111 писем"),
        (1001, "1001 letters", "1001 письмо"),
    ],
)
def test_plurals(n: int, english: str, russian: str) -> None:
    for language, expected in (("en", english), ("ru", russian)):
        assert said(language, ngettext, "{n} letter", "{n} letters", n).format(n=n) == expected


@pytest.mark.parametrize(
    ("days", "english", "russian"),
    [
        (0, "today", "сегодня"),
        (1, "yesterday", "вчера"),
        (2, "2 days ago", "2 дня назад"),
        (5, "5 days ago", "5 дней назад"),
        (11, "11 days ago", "11 дней назад"),
        (21, "3 weeks ago", "3 недели назад"),
        (60, "2 months ago", "2 месяца назад"),
        (800, "2 years ago", "2 года назад"),
    ],
)
def test_ago(days: int, english: str, russian: str) -> None:
    moment = NOW - timedelta(days=days)
    assert said("en", i18n.ago, moment, NOW) == english
    assert said("ru", i18n.ago, moment, NOW) == russian


def test_ago_counts_days_where_the_thing_is_and_knows_the_future() -> None:
    night = datetime(2026, 11, 22, 0, 30, tzinfo=ZoneInfo("Asia/Yekaterinburg"))
    assert i18n.ago(night - timedelta(hours=1), night) == "yesterday"
    assert i18n.ago((night - timedelta(hours=1)).astimezone(UTC), night) == "yesterday"
    assert i18n.ago(night, night + timedelta(hours=23)) == "today"
    assert i18n.ago(night + timedelta(hours=24), night) == "23 November 2026"


@pytest.mark.parametrize(
    ("zone", "english", "russian", "offset"),
    [
        ("Asia/Yekaterinburg", "Yekaterinburg Time", "Екатеринбург", "UTC+5"),
        ("Europe/Moscow", "Moscow Time", "Москва", "UTC+3"),
        ("Europe/Berlin", "Central European Time", "Центральная Европа", "UTC+1"),
        ("Asia/Kolkata", "GMT+05:30", "GMT+05:30", "UTC+5:30"),
        ("America/St_Johns", "Newfoundland Time", "Ньюфаундленд", "UTC−3:30"),
        ("UTC", "GMT+00:00", "GMT+00:00", "UTC+0"),
    ],
)
def test_zones(zone: str, english: str, russian: str, offset: str) -> None:
    moment = NOW.astimezone(ZoneInfo(zone))
    assert (said("en", i18n.zone, moment), said("ru", i18n.zone, moment)) == (english, russian)
    assert i18n.offset(moment) == offset


@pytest.mark.parametrize(
    ("amount", "currency", "english", "russian"),
    [
        ("150000", "RUB", "RUB 150,000", "150 000 ₽"),
        ("150000.00", "EUR", "€150,000", "150 000 €"),
        ("1200.5", "USD", "$1,200.50", "1 200,50 $"),
        ("0", "GEL", "GEL 0", "0 GEL"),
        ("-3", "EUR", "-€3", "-3 €"),
        ("1", "XYZ", "XYZ 1", "1 XYZ"),
    ],
)
def test_money(amount: str, currency: str, english: str, russian: str) -> None:
    assert said("en", i18n.money, Decimal(amount), currency) == english
    assert said("ru", i18n.money, Decimal(amount), currency) == russian


@pytest.mark.parametrize(
    ("value", "english", "russian"),
    [
        ("2018", "2018", "2018"),
        ("2024-04", "April 2024", "апрель 2024"),
        ("2024-04-30", "30 April 2024", "30 апреля 2024"),
    ],
)
def test_a_date_as_far_as_it_is_known(value: str, english: str, russian: str) -> None:
    assert said("en", i18n.partial_date, value) == english
    assert said("ru", i18n.partial_date, value) == russian


def test_dates_and_times() -> None:
    moment = datetime(2026, 12, 3, 9, 5, tzinfo=ZoneInfo("Asia/Yekaterinburg"))
    assert said("en", i18n.weekday, moment.date()) == "Thursday, 3 December"
    assert said("ru", i18n.weekday, moment.date()) == "четверг, 3 декабря"
    assert said("en", i18n.date_time, moment) == "3 December 2026, 09:05"
    assert said("ru", i18n.date_time, moment) == "3 декабря 2026, 09:05"
    assert i18n.time(moment) == "09:05"


def test_names_of_languages_and_countries() -> None:
    assert [i18n.native_name(code) for code in ("en", "ru")] == ["English", "Русский"]
    assert said("ru", i18n.language_name, "ka") == "грузинский"
    assert [i18n.language_name(code) for code in ("zzz", "", "not a code")] == [
        *("zzz", "", "not a code")
    ]
    assert said("ru", i18n.country_name, "GE") == "Грузия"
    assert i18n.country_name("ZZZ") == "ZZZ"


def test_lists_and_numbers() -> None:
    assert said("en", i18n.listed, ["Anna", "Boris", "Vera"]) == "Anna, Boris, and Vera"
    assert said("ru", i18n.listed, ["Анна", "Борис", "Вера"]) == "Анна, Борис и Вера"
    assert said("ru", i18n.number, 12345) == "12 345"


def test_a_text_is_picked_in_the_language_spoken() -> None:
    texts = {"ru": "Суд", "en": "Court"}
    assert said("en", i18n.pick, texts) == "Court"
    assert said("ru", i18n.pick, texts) == "Суд"
    assert said("en", i18n.pick, {"ru": "Суд"}) == "Суд"
    assert said("en", i18n.pick, {"ru": "Суд", "en": ""}) == "Суд"
    assert (i18n.pick(None), i18n.pick({})) == ("", "")


@pytest.mark.parametrize(
    ("zone", "russian", "english"),
    [
        ("Asia/Yekaterinburg", "Екатеринбург, UTC+5", "Yekaterinburg Time, UTC+5"),
        ("Asia/Bishkek", "Бишкек, UTC+6", "Bishkek, UTC+6"),
        ("Etc/GMT-5", "UTC+5", "UTC+5"),
        ("UTC", "UTC+0", "UTC+0"),
    ],
)
def test_no_zone_is_told_by_an_offset_twice(zone: str, russian: str, english: str) -> None:
    moment = NOW.astimezone(ZoneInfo(zone))
    for code, said in (("ru", russian), ("en", english)):
        with i18n.speaking(code):
            assert i18n.zone_and_offset(moment) == said
