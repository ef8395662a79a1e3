"""How long a letter kit takes to make, beside one empty page: `python -m benchmarks.letter_kit`.

The event loop is looked at meanwhile: Typst works in a thread and lets go of the GIL.
"""

import asyncio
from collections.abc import Callable
from time import perf_counter

from benchmarks.table import Row, at_most, show
from bot.documents.letter_kit import Card, Cover, Envelope, Kit, Section, pdf
from bot.documents.press import PRESS

PEOPLE = 50
ADDRESS = (
    "620999 Каменская область, г. Каменск, ул. Заводская, д. {}",
    "ФКУ СИЗО-1 УФСИН России по Каменской области",
    "Лодкину Ивану Петровичу, 1988 г. р.",
)
TOLD = (
    Section("Дело", ("Дело о портовой забастовке", "Докеры остановили работу ради защиты.")),
    Section("Где сейчас", ("В СИЗО, с 3 ноября 2025 года",)),
    Section("О чём интересно читать", ("книги о море, футбол, кино",)),
    Section("Письмо", ("Язык: русский", "До 10 страниц. Без блёсток и клея.")),
)


def address(number: int) -> tuple[str, ...]:
    return tuple(line.format(number) for line in ADDRESS)


def card(number: int) -> Card:
    link = f"https://t.me/solidarity_bot?start=d-person-{number}"
    told = ("Адрес подтверждён 19 ноября 2026 г.",)
    name = f"Иван Лодкин {number}"
    return Card(name, "крановщик", TOLD, "Адрес", address(number), told, link, "Наведите камеру")


def kits(words: int) -> dict[str, Kit]:
    """By what they print. `words`: another document each time, for Typst remembers what it did."""
    numbers = range(words, words + PEOPLE)
    names = Section("Кому пишем", tuple(f"Иван Лодкин {number}" for number in numbers))
    cover = Cover("Фонд", "Вечер писем", ("пятница",), TOLD, names, Section("Нельзя", ()))
    cards = tuple(map(card, numbers))
    labels = tuple(map(address, numbers))
    envelopes = tuple(Envelope(one, "620999") for one in labels)
    return {
        "cover and cards": Kit("ru", "Письма", cover=cover, cards=cards),
        "labels": Kit("ru", "Письма", labels=labels),
        "envelopes": Kit("ru", "Письма", envelopes=envelopes),
    }


async def rows() -> list[Row]:
    first = seconds(lambda: pdf(Kit("ru", "Письма", labels=(("И",),))))
    empty = min(seconds(lambda n=n: pdf(Kit("ru", str(n)))) for n in range(5))
    found = [Row("the first page of a process", f"{first:.2f} s")]
    found += [Row("an empty page", f"{empty:.3f} s")]
    for what in kits(0):
        times, longest = [], 0.0
        for attempt in range(3):
            kit = kits(1000 * (attempt + 1))[what]
            took, stalled = await beside(lambda kit=kit: pdf(kit))  # type: ignore[misc]
            times.append(took)
            longest = max(longest, stalled)
        best = min(times)
        found += [
            at_most(f"{what} of {PEOPLE} people, the longest of three", max(times), 2, " s"),
            Row("  in units of a page", f"{best / empty:.0f} ×"),
            Row("  the event loop's longest stall meanwhile", f"{longest * 1000:.0f} ms"),
        ]
    return found


def seconds(work: Callable[[], bytes]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


async def beside(work: Callable[[], bytes]) -> tuple[float, float]:
    """Seconds that it took, and of the longest time in which nothing else was done."""
    start, longest = perf_counter(), 0.0
    making = asyncio.create_task(PRESS.made(work))
    while not making.done():
        before = perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, perf_counter() - before - 0.001)
    return perf_counter() - start, longest


if __name__ == "__main__":
    show("Letter kits", asyncio.run(rows()))
