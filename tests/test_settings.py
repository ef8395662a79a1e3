"""Settings, and what is kept about a person: nothing, until they ask for it."""

import json

import pytest
from sqlalchemy import func, select, text

from bot.db import is_sqlite, sqlite_file
from models import Attendance, Base, Follow, Subscriber
from tests.town import Town

pytestmark = pytest.mark.either_database


async def kept(town: Town) -> int:
    async with town.app.sessions() as session:
        return await session.scalar(select(func.count()).select_from(Subscriber)) or 0


async def test_looking_around_keeps_nothing(harbour: Town) -> None:
    anna = harbour.person()
    for said in ("/start", "/cases", "orlov", "lodkin", "/settings", "/letters", "/privacy"):
        await anna.send(said)
    anna.sees("Right now: nothing at all")
    assert await kept(harbour) == 0
    await anna.send("/forget")
    anna.sees("There is nothing to delete")


async def test_the_language_is_changed_in_one_tap_and_stays(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/settings")
    await anna.press("Русский")
    anna.sees("Настройки")
    assert "✓ Русский" in anna.last.labels
    await anna.send("/start")
    anna.sees("Гавань")
    assert await kept(harbour) == 1
    await anna.send("/privacy")
    anna.sees("Русский")


async def test_settings_lead_to_what_is_told_and_when(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/settings")
    await anna.press("⚙️ What is told, and when")
    assert "✓ Outcome" in anna.last.labels
    await anna.send("/help")
    anna.sees("/settings: language, time zone, what is told and when.")


async def test_a_time_zone_is_found_by_typing_a_city(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/settings")
    anna.sees("Time zone: not set")
    await anna.press("My time zone")
    await anna.send("Уфа")
    await anna.press("17:00")
    anna.sees("Time zone: Yekaterinburg Time, UTC+5. It is 17:00 there now.")
    await anna.press("My time zone")
    await anna.press("Only the court's time")
    anna.sees("Time zone: not set")


async def test_an_unknown_city_is_asked_again_and_commands_still_work(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/settings")
    await anna.press("My time zone")
    await anna.send("qqqqzzzz")
    anna.sees("I know no city “qqqqzzzz”")
    anna.sees("such as Kazan or Berlin")
    await anna.send("Berlin")
    anna.sees("Which one?")
    await anna.send("/cases")
    anna.sees("Cases")
    await anna.send("/cancel")
    await anna.send("Lodkin")
    anna.sees("crane driver")


async def test_forget_asks_once_and_deletes_all(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/settings")
    await anna.press("Русский")
    await anna.send("/forget")
    anna.sees("Удалить всё")
    await anna.press("Нет")
    assert await kept(harbour) == 1
    await anna.send("/forget")
    await anna.press("Да, удалить")
    anna.sees("удалено")
    assert await kept(harbour) == 0
    await anna.send("/privacy")
    anna.sees("nothing at all")


async def test_what_was_forgotten_is_in_no_file_of_a_running_bot(harbour: Town) -> None:
    url = str(harbour.app.settings.database_url)
    if not is_sqlite(url):
        return
    anna = harbour.person()
    await anna.send("/settings")
    await anna.press("Русский")
    async with harbour.app.sessions() as session:
        [person] = await session.scalars(select(Subscriber))
    files = [sqlite_file(url), sqlite_file(url).with_name(f"{sqlite_file(url).name}-wal")]
    secrets = (person.chat_sealed, person.chat_index)
    assert all(secret in b"".join(file.read_bytes() for file in files) for secret in secrets)
    await anna.send("/forget")
    await anna.press("Да, удалить")
    assert not any(secret in b"".join(file.read_bytes() for file in files) for secret in secrets)


async def test_no_row_of_any_table_names_a_person(harbour: Town) -> None:
    anna = harbour.person("Zanzibara", username="zanzibara_k", id=777_123_456_789)
    await anna.send("/start")
    await anna.send("/settings")
    await anna.press("Русский")
    await anna.press("часовой пояс")
    await anna.send("Берлин")
    await anna.press("Берлин")
    await anna.send("zanzibara lodkin")
    found = []
    async with harbour.app.sessions() as session:
        for table in Base.metadata.sorted_tables:
            rows = await session.execute(text(f"SELECT * FROM {table.name}"))
            found += [str(tuple(row)) for row in rows]
    everything = "\n".join(found).casefold()
    assert "europe/berlin" in everything
    for secret in ("zanzibara", "777123456789", (777123456789).to_bytes(8).hex()):
        assert secret not in everything


async def test_two_languages_at_once_never_mix(harbour: Town) -> None:
    import asyncio

    people = [harbour.person(language=code) for code in ("en", "ru") * 10]
    await asyncio.gather(*(person.send("/help") for person in people))
    for person, words in zip(
        people, ("What this bot does", "Что умеет этот бот") * 10, strict=True
    ):
        person.sees(words)


async def test_only_zones_of_places_are_kept(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/settings")
    await anna.press_data("zone:Asia/Tokyo")
    for forged in ("Factory", "posixrules", "localtime", "right/UTC", "../../etc/passwd", "Moon"):
        await anna.press_data(f"zone:{forged}")
        anna.sees("out of date")
    await anna.send("/privacy")
    anna.sees("• time zone: Japan Time, UTC+9")
    anna.sees_not("Asia/Tokyo")


async def test_the_question_for_a_city_is_left_by_a_menu_word_or_a_name(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/settings")
    await anna.press("My time zone")
    await anna.send("help")
    anna.sees("What this bot does")
    await anna.send("Lodkin")
    anna.sees("crane driver")
    await anna.send("Marta Vetrova")
    anna.sees("radio operator")


async def test_cities_stand_with_their_countries_in_the_persons_language(harbour: Town) -> None:
    anna, oleg = harbour.person(language="en"), harbour.person(language="ru")
    for somebody, typed, label in (
        (anna, "Berlin", "13:00 · Berlin, Germany"),
        (oleg, "Берлин", "13:00 · Берлин, Германия"),
        (oleg, "+5", "17:00 · UTC+5"),
    ):
        await somebody.send("/settings")
        await somebody.press_data("askcity")
        await somebody.send(typed)
        assert somebody.last.labels[0] == label


async def test_privacy_tells_what_is_kept_and_that_copies_name_nobody(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/privacy")
    anna.sees("remembers for a while that you wrote, not what")
    anna.sees_not("backup")
    await anna.send("/settings")
    await anna.press("Русский")
    await anna.send("/privacy")
    anna.sees("номер чата, зашифрованный")
    anna.sees("Ни сама база, ни её резервная копия никого не называют")


async def test_privacy_names_what_is_followed_and_forget_takes_it_all(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    await anna.press_data("fall")
    await anna.press_data("come:1:0:0:0:0:0:1")
    await anna.press_data("alert:moved:0")
    await anna.press_data("setquiet:22:8")
    await anna.send("/privacy")
    for told in (
        "you follow: Ivan Lodkin, Everything",
        "you said that you will come to 1 hearing",
        "what you want to be told of",
        "quiet hours or silence, as you set them",
    ):
        anna.sees(told)
    await anna.press("Delete everything")
    await anna.press("Yes, delete it")
    async with harbour.app.sessions() as session:
        for table in (Subscriber, Follow, Attendance):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    await anna.send("/follows")
    anna.sees("You follow nobody yet")


async def test_a_copy_has_all_that_is_kept(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start c-port-strike")
    await anna.press("Follow")
    await anna.press_data("come:1:0:0:0:0:0:1")
    await anna.press_data("zone:Asia/Tokyo")
    await anna.send("/privacy")
    await anna.press("A copy as a file")
    assert anna.last.document is not None
    copy = json.loads(anna.last.document.content)
    assert copy["time_zone"] == "Asia/Tokyo"
    assert copy["comes_to"] == ["port-strike-1"]
    assert [(one["what"], one["slug"]) for one in copy["follows"]] == [("case", "port-strike")]
    assert str(anna.id) not in anna.last.document.content.decode()
    assert not harbour.telegram.unanswered
