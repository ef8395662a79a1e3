"""Settings, and what is kept about a person: nothing, until they ask for it."""

from sqlalchemy import func, select, text

from models import Base, Subscriber
from tests.town import Town


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


async def test_a_time_zone_is_found_by_typing_a_city(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/settings")
    anna.sees("Time zone: not set")
    await anna.press("My time zone")
    await anna.send("Уфа")
    await anna.press("17:00")
    anna.sees("Time zone: Asia/Yekaterinburg (UTC+5). It is 17:00 there now.")
    await anna.press("My time zone")
    await anna.press("Only the court's time")
    anna.sees("Time zone: not set")


async def test_an_unknown_city_is_asked_again_and_commands_still_work(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/settings")
    await anna.press("My time zone")
    await anna.send("qqqqzzzz")
    anna.sees("I know no city like “qqqqzzzz”")
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
    await anna.send("/settings")
    anna.sees("Asia/Tokyo")
