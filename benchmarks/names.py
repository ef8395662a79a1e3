"""How well and how fast names are found: `python -m benchmarks.names`.

All queries of tests/names_queries.yaml are asked, of the people in the campaign files among 1,000
and among 100,000 generated ones. Nobody generated bears a surname of the real people: for a query
of one surname there would be no right answer. Many bear almost the same.
"""

import asyncio
import gc
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TypeVar

import yaml

from benchmarks.table import Row, at_least, at_most, show
from bot.services.names import NameIndex, fold, stem
from bot.services.search import Key, put

ROOT = Path(__file__).parent.parent
Result = TypeVar("Result")
Person = tuple[str, tuple[str, ...]]
Queries = dict[str, dict[str, list[str]]]

LETTERS = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch . y . e yu ya"
LATIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
        LETTERS.split(),
        strict=True,
    )
) | {"ъ": "", "ь": ""}
MEN = """
    Александр Алексей Андрей Антон Артём Борис Вадим Валерий Василий Виктор Владимир Вячеслав
    Георгий Григорий Денис Дмитрий Евгений Егор Иван Игорь Илья Кирилл Константин Лев Леонид
    Максим Михаил Никита Николай Олег Павел Пётр Роман Руслан Сергей Станислав Степан Тимофей
    Фёдор Феликс Юрий Азамат Айдар Айрат Булат Данияр Ерлан Ильдар Ильнур Марат Нурлан Радик
    Рамиль Ринат Рустам Салават Тимур Урал Фанис Айаал Айсен Дьулус Нюргун Сарыал Эрхан Богдан
    Остап Тарас Мыкола
"""
WOMEN = """
    Александра Алёна Алина Анастасия Анна Валентина Валерия Варвара Вера Виктория Галина Дарья
    Евгения Екатерина Елена Елизавета Ирина Ксения Лариса Людмила Марина Мария Марта Надежда
    Наталья Нина Ольга Полина Светлана Софья Тамара Татьяна Ульяна Юлия Яна Айгуль Айнур Алия
    Гузель Гульнара Динара Зульфия Лейсан Рушана Сайына Туйаара Оксана Леся Олеся
"""
ROOTS = """
    Абрам Авде Агаф Аксён Александр Алексе Андре Антип Архип Афанас Баран Белоус Белозер Берез
    Блин Бобр Богдан Борис Бык Васил Верш Ветр Виноград Вороб Ворон Гаврил Герасим Голуб Горб
    Горл Григор Гус Давыд Дани Демид Дмит Дорофе Дружин Ег Елис Емел Ерём Ермак Ермол Ефрем Ефим
    Жук Журавл Завал Заваль Зайц Захар Зим Золот Иван Игнат Ильи Исак Казак Кагар Калин Капуст
    Карл Карп Кирил Кисел Князь Козл Козыр Колес Комар Конова Корне Коро Кост Котл Кривош Круг
    Кудр Кузнец Кузьм Кулик Куприн Лазар Лебед Левш Лес Лод Лукь Макар Максим Малыш Марк Март
    Матве Матис Медвед Мельник Миха Мороз Морд Назар Нест Никит Никола Нов Носк Огород Орех Орл
    Осип Остр Павл Панкрат Пань Пет Пирог Плот Покров Поляк Поп Прокоп Рома Рыб Савел Саван
    Саврас Селезн Семён Серг Сидор Скор Скворц Смир Собол Соколь Сорок Степ Стрел Сувор Суха
    Тарас Тит Тихон Трофим Украин Уль Уша Федос Фил Фом Хар Хомя Цвет Чернов Чув Чуг Шаповал
    Шест Широк Шуб Щерб Щук Юд Як Ямщик
"""
EASTERN = """
    Абас Абдул Ахмад Ахмет Айбул Альмет Амос Арслан Асад Бай Батыр Биктимир Булат Бурк Бурхан
    Вали Габдул Галим Гариф Гафур Гильман Дават Жума Закир Зариф Ибрагим Идрис Исмагил Ишмурат
    Ишмух Карим Касым Кулмухам Кунаккуж Курман Мавлют Мансур Мифт Мифтах Мирза Муса Мустаф
    Мухамет Наби Назар Нур Нурмухамет Рахим Рахмат Сагит Садык Саид Салават Салим Сафар Сулейман
    Тагир Темир Тук Фаз Фаттах Хабиб Хайр Хаким Халит Хасан Хисмат Шайх Шакир Шариф Юлда Юмагуж
    Юсуп Ягуд Ян
"""
SAKHA = """
    Аммо Абра Атла Бара Бочкар Бурц Винокур Говор Готовц Дьячков Евсе Жирк Захар Кривоша
    Колодезн Лыткин Ноев Окорок Охлопк Платон Попов Пинигин Слепц Сивц Тарабук Черкаш Эверст
    Яковл Ядрих
"""
SYLLABLES = """
    ба бе бо бу ва ве ви во га го гу да де до ду ер же жи за зе зу ка ки ко ку ла ле ли ло лу ма
    ме ми мо му на не ни но ну па пе по пу ра ре ри ро ру са се си со су та те ти то ту фе ха хо
    ху ца че чу ша ше шу ща ял юр ар ор ур ел ин ост акс инд ерм алт орж
"""
ENDS = "б в г д ж з к л м н п р с т х ц ч ш щ льн рк нд ст шк рт лк нк ск дк зн"
MALE_ENDINGS = "ов ев ин ов ев ин ский цкий енко чук ян"
EASTERN_ENDINGS = "ов ев ин уллин етдинов утдинов баев беков улы ханов"
TYPING = "абвгдежзиклмнопрстуфхцчшыюя"


def people() -> list[Person]:
    """Slug and names of everybody in the campaign files."""
    files = [ROOT / "examples" / name for name in ("sac-2024.yaml", "format.yaml")]
    campaigns = [yaml.safe_load(file.read_text("utf-8")) for file in files]
    return [
        (one["slug"], (*one["name"].values(), *one.get("aliases", [])))
        for campaign in campaigns
        for case in campaign["cases"]
        for one in case["defendants"]
    ]


def queries() -> Queries:
    """What people type, by kind, and the slugs of whom they mean."""
    loaded: Queries = yaml.safe_load((ROOT / "tests/names_queries.yaml").read_text("utf-8"))
    return loaded


def decoys(count: int, seed: int = 7) -> Iterator[Person]:
    """Invented people, named in Latin and in Cyrillic; one in a hundred is almost a real one."""
    chance = random.Random(seed)
    known = {stem(token) for _, names in people() for name in names for token in fold(name)}
    surnames = [name.split()[-1] for _, names in people() for name in names[1:2]]
    number = 0
    while number < count:
        woman = chance.random() < 0.4
        surname = _surname(chance, surnames)
        full = f"{chance.choice((WOMEN if woman else MEN).split())} {_of(surname, woman)}"
        if stem(fold(surname)[0]) not in known:
            yield f"decoy-{number}", (latin(full), full)
            number += 1


def _surname(chance: random.Random, real: list[str]) -> str:
    kind = chance.random()
    if kind < 0.01:
        return _almost(chance, chance.choice(real))
    if kind < 0.35:
        return chance.choice(ROOTS.split()) + chance.choice(MALE_ENDINGS.split())
    if kind < 0.50:
        return chance.choice(EASTERN.split()) + chance.choice(EASTERN_ENDINGS.split())
    if kind < 0.55:
        return chance.choice(SAKHA.split()) + chance.choice(("ов", "ев", "ин"))
    syllables = chance.sample(SYLLABLES.split(), chance.choice((1, 2, 2)))
    return "".join(
        [*syllables, chance.choice(ENDS.split()), chance.choice(MALE_ENDINGS.split())]
    ).capitalize()


def _almost(chance: random.Random, surname: str) -> str:
    place = chance.randrange(len(surname) - 2)
    letter, kept = chance.choice(TYPING), chance.choice((0, 1))
    return (surname[:place] + letter + surname[place + kept :]).capitalize()


def _of(surname: str, woman: bool) -> str:
    if not woman:
        return surname
    if surname.endswith("кий"):
        return surname[:-2] + "ая"
    return surname + "а" if surname.endswith(("ов", "ев", "ин")) else surname


def latin(name: str) -> str:
    """A plain romanisation: Юрий Козырев is Yuriy Kozyrev."""
    return "".join(LATIN.get(c.lower(), c) for c in name).title()


def rows() -> list[Row]:
    """All figures, for 1,000 and for 100,000 people."""
    return [row for count in (1_000, 100_000) for row in _figures(count)]


def _figures(count: int) -> list[Row]:
    crowd = [*people(), *decoys(count - len(people()))]
    index, seconds = _timed(lambda: built(crowd))
    right, times = asked(index)
    meant = [ok for ok, nobody in right if not nobody]
    nobody = [ok for ok, nobody in right if nobody]
    stall, idle = asyncio.run(_stalls(crowd))
    large = count > 10_000
    p95 = statistics.quantiles(times, n=20)[-1] * 1000
    return [
        Row(f"among {count:,} people", ""),
        at_least("found in the first five", _share(meant), 92 if large else 97, " %"),
        Row("nobody found for nonsense", f"{_share(nobody):.1f} %"),
        Row("all queries answered right", f"{_share(meant + nobody):.1f} %"),
        Row("find, p50", f"{statistics.median(times) * 1000:.2f} ms"),
        at_most("find, p95", p95, 10, " ms"),
        at_most("put of one, mean", seconds / count * 1000, 1, " ms"),
        Row("build", f"{seconds:.1f} s"),
        at_most("memory", _memory(count), 100, " MB"),
        Row("longest stall of an idle loop", f"{idle * 1000:.0f} ms"),
        Row("longest stall while building", f"{stall * 1000:.0f} ms"),
        Row("stall, building to idle", f"{stall / idle:.1f} ×"),
    ]


def built(crowd: list[Person]) -> NameIndex[str]:
    """An index of these people."""
    index: NameIndex[str] = NameIndex()
    for key, names in crowd:
        index.put(key, names)
    return index


def asked(index: NameIndex[str]) -> tuple[list[tuple[bool, bool]], list[float]]:
    """For each query (right?, is nobody meant?); and the seconds of each, asked three times."""
    right, times = [], []
    for kind in queries().values():
        for query, meant in kind.items():
            found, seconds = _timed(lambda query=query: index.find(query))  # type: ignore[misc]
            again = [_timed(lambda query=query: index.find(query))[1] for _ in "ab"]  # type: ignore[misc]
            times += [seconds, *again]
            keys = {one.key for one in found}
            right.append((keys >= set(meant) if meant else not keys, not meant))
    return right, times


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def _share(right: list[bool]) -> float:
    return 100 * sum(right) / len(right)


def _memory(count: int) -> float:
    """Megabytes of an index with all its strings, which nobody else holds."""
    fold("warm")
    gc.collect()
    tracemalloc.start()
    index: NameIndex[str] = NameIndex()
    for key, names in decoys(count):
        index.put(key, names)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held / 1e6


async def _stalls(crowd: list[Person]) -> tuple[float, float]:
    """The longest stall of the event loop in seconds: while it builds an index, and idle."""
    named = [(("defendant", number), list(names)) for number, (_, names) in enumerate(crowd)]
    idle = await _longest_stall(asyncio.sleep(1))  # first: to free an index stalls, too
    building = await _longest_stall(put(NameIndex[Key](), named))
    return building, idle


async def _longest_stall(work: Coroutine[None, None, None]) -> float:
    busy = asyncio.create_task(work)
    longest = 0.0
    while not busy.done():
        start = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - start - 0.001)
    return longest


if __name__ == "__main__":
    show("Finding people by name", rows())
