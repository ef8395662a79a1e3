"""A time zone is found by typing a city."""

import asyncio
from collections.abc import Iterator
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import cities
from bot.services.cities import City, city_named, find_city, known_zone

TYPED = {
    "Asia/Yekaterinburg": """Уфа|Ufa|Өфө|Екатеринбург|Екатеренбург|Ekaterinburg|Yekaterinburg|екб
        |Jekaterinburg|Челябинск|Каменск-Уральский|Asia/Yekaterinburg|asia/yekaterinburg""",
    "Europe/Moscow": """Москва|moskva|Moscow|vjcrdf|Питер|спб|Санкт-Петербург|санкт петербург
        |Казань|Сыктывкар|Чебоксары|из Москвы|Нижний|Мосвка""",
    "Asia/Almaty": "Алматы|Almaty|Алма-Ата|Астана",
    "Europe/Berlin": "Берлин|Berlin|,thkby|München|Мюнхен",
    "Asia/Tbilisi": "Тбилиси|Tbilisi|Тбилисси",
    "Asia/Yerevan": "Ереван|Yerevan|Erevan|Єреван",
    "Asia/Yakutsk": "Якутск|Yakutsk|Jakutsk|Дьокуускай",
    "Asia/Novosibirsk": "Новосибирск|Novosibirsk|Новосиб|Новосибирс",
    "Europe/Kyiv": "Киев|Київ|Kyiv|Kiev",
    "Europe/Vilnius": "Вильнюс|Vilnius|Vilnus",
    "America/New_York": "New York|Нью-Йорк|нью йорк|America/New York",
    "Europe/Belgrade": "Белград|Beograd|Belgrade",
    "Asia/Bishkek": "Бишкек|Bishkek|Фрунзе",
    "Etc/GMT-5": "+5|UTC+5|utc +5|GMT+05:00|МСК+2",
    "Etc/GMT+4": "GMT-4|-4|UTC−4",
    "Etc/GMT": "+0|UTC-0",
    "Asia/Kolkata": "+5:30|UTC+5:30",
    "UTC": "utc",
}
QUESTIONS = [(text.strip(), zone) for zone, texts in TYPED.items() for text in texts.split("|")]


@pytest.mark.parametrize(("text", "zone"), QUESTIONS)
def test_a_city_tells_its_zone(text: str, zone: str) -> None:
    assert find_city(text)[0].zone == zone


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Уфа", "Уфа"),
        ("ufa", "Ufa"),
        ("Київ", "Київ"),
        ("Киев", "Киев"),
        ("kiev", "Kiev"),
        ("moskva", "Moskva"),
        ("vjcrdf", "Москва"),
        ("питер", "Санкт-Петербург"),
        ("Вильнюс", "Вильнюс"),
        ("тбилисси", "Тбилиси"),
    ],
)
def test_its_name_is_in_the_alphabet_typed(text: str, name: str) -> None:
    assert find_city(text)[0].name == name


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "asdfgh", "123", "🙂", "hello", "привет", "спасибо большое", "письмо", "суд"),
        *("qqqzzz", "asdkjh", "qwerty", "кукареку", "Россия", "germany", "Lodkin"),
        *("+25", "-13", "+5:31", "+7:45", "Xqzzt/Zwvqq", "../../..", "\u202e", "ъ" * 4000),
    ],
)
def test_nonsense_finds_nothing(text: str) -> None:
    assert find_city(text) == []


def test_of_two_cities_of_one_name_the_bigger_is_first() -> None:
    first, second, *_ = find_city("Moscow")
    assert (first.country, second.country) == ("RU", "US")
    assert first.population > second.population


def test_beside_the_city_itself_only_bigger_ones_are_offered() -> None:
    assert {city.name for city in find_city("Berlin")} == {"Berlin"}
    assert "Нижний Новгород" in {city.name for city in find_city("Новгород")}


def test_what_looks_alike_is_offered_once() -> None:
    found = [(city.name, city.country, city.zone) for city in find_city("Springfield")]
    assert len(found) == len(set(found)) == 3


def test_the_limit_holds() -> None:
    assert [len(find_city("San", limit)) for limit in (1, 2)] == [1, 2]
    assert find_city("+5", 0) == []


def test_every_zone_of_the_data_is_one() -> None:
    places = cities._loaded().places
    assert len(places) > 30_000
    for zone in {zone for _, _, zone in places}:
        assert ZoneInfo(zone).key == zone


def test_the_bigger_cities_stand_first() -> None:
    populations = [people for people, _, _ in cities._loaded().places]
    assert populations == sorted(populations, reverse=True)


@pytest.mark.parametrize("name", ["Asia/Yekaterinburg", "Etc/GMT-5", "UTC"])
def test_a_zone_that_exists_is_known(name: str) -> None:
    assert known_zone(name) == name


@pytest.mark.parametrize(
    "name", ["", "Europe", "Nope/Nope", "../UTC", "/etc/passwd", "\0", "x" * 999]
)
def test_what_is_no_zone_is_not_known(name: str) -> None:
    assert known_zone(name) is None


@given(st.text(max_size=120))
def test_any_text_may_be_typed(text: str) -> None:
    found = find_city(text)
    assert len(found) <= 5
    assert all(known_zone(city.zone) for city in found)


async def test_the_event_loop_runs_on_while_cities_are_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reading, ticked = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(text: str, limit: int) -> list[City]:
        loop.call_soon_threadsafe(reading.set)
        asyncio.run_coroutine_threadsafe(ticked.wait(), loop).result(timeout=10)
        return [City(text, "RU", "Asia/Yekaterinburg", limit)]

    monkeypatch.setattr(cities, "find_city", slow)
    asked = asyncio.create_task(city_named("Уфа"))
    await asyncio.wait_for(reading.wait(), 10)
    ticked.set()
    assert await asked == [City("Уфа", "RU", "Asia/Yekaterinburg", 5)]


async def test_two_who_ask_first_share_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[str] = []

    def rows() -> Iterator[list[str]]:
        readings.append("begun")
        yield ["1000000", "RU", "Asia/Yekaterinburg", "Ufa|Уфа"]

    monkeypatch.setattr(cities, "_rows", rows)
    monkeypatch.setattr(cities, "_atlas", cache(cities._atlas.__wrapped__))
    both = await asyncio.gather(city_named("Уфа"), city_named("Уфа"))
    assert both == [[City("Уфа", "RU", "Asia/Yekaterinburg", 1_000_000)]] * 2
    assert readings == ["begun"]
