"""What is exported comes in again as it was."""

import asyncio
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.db import make_engine, make_sessions
from bot.services.campaign_file import CampaignFileError, writing
from bot.services.campaign_file.schema import KINDS, order
from bot.services.campaign_file.ways_in import way_in
from bot.services.recurrence import EVERY, days
from models import (
    Base,
    EventKind,
    EventStatus,
    FacilityKind,
    HearingKind,
    HearingStatus,
    PayFrom,
    Purpose,
    Source,
    Stage,
    Status,
)
from tests import IN_CI
from tests.campaign_file.conftest import FORMAT, SAC, Keeper
from tests.campaign_file.test_reading import damaged, tree


@pytest.mark.parametrize("file", [FORMAT, SAC], ids=["format", "sac"])
async def test_an_example_exports_imports_and_exports_the_same(
    keeper: Keeper, light: Keeper, file: str
) -> None:
    await keeper.takes(file)
    exported = await keeper.export()
    await light.takes(exported)
    assert await light.export() == exported


async def test_the_export_reads_well(light: Keeper) -> None:
    await light.takes(FORMAT)
    text = (await light.export()).decode()
    assert text.startswith("# The campaign file")
    lines = {line.strip() for line in text.split("\n")}
    assert lines >= {
        "timezone: Europe/Moscow",
        "ru: Иван Лодкин",
        'postal_code: "620999"',
        'starts_at: "2026-11-23 10:00"',
        "since: 2025-11-03",
        "for: ivan-lodkin",
        "place_shown: attendees",
    }
    assert "null" not in text


async def test_what_repeats_is_written_as_it_reads_best(light: Keeper) -> None:
    await light.takes(FORMAT)
    text = (await light.export()).decode()
    rule = """
    status: scheduled
    repeats:
      every: "2 weeks"
      until: 2027-04-29
      except:
        - 2026-12-24
    city:
"""
    assert rule in text
    assert text.count("status: scheduled") == 3  # of the hearing, too
    await light.takes("events: [{slug: tea-and-letters, status: cancelled}]")
    assert b"status: cancelled" in await light.export()


async def test_other_readers_of_yaml_read_the_same_texts(light: Keeper) -> None:
    await light.takes(FORMAT)
    found = yaml.safe_load(await light.export())
    assert found["facilities"][0]["postal_code"] == "620999"
    assert found["hearings"][0]["starts_at"] == "2026-11-23 10:00"
    assert found["cases"][0]["defendants"][0]["languages"] == ["ru", "en"]


async def test_an_empty_database_exports_too(light: Keeper) -> None:
    assert tree((await light.export()).decode()) == {"format": "1"}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_is_written_so_that_it_is_read_again(text: str) -> None:
    if set(text) & {"\ufeff", "\ufffe", "\uffff"}:
        return
    assert tree(f"a: {writing.scalar(text)}\n")["a"] == text


# Campaigns, as a file has them


HIDDEN = "\u115f\u1160\u2800\u3164\uffa0\U0001d159"
"""Letters and symbols that nobody can see."""


@cache  # what a strategy learns of itself takes longer than an example
def texts(limit: int = 20) -> st.SearchStrategy[Any]:
    letters = st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters=HIDDEN)
    text = st.text(letters, min_size=1, max_size=limit).filter(lambda each: bool(each.strip()))
    text = text.filter(lambda each: way_in(each) is None)
    languages = st.dictionaries(st.sampled_from(["en", "ru", "kk", "no"]), text, min_size=1)
    return st.one_of(text, languages)


def one(words: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([str(word) for word in words])


def thing(slug: str, required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries({"slug": st.just(slug), **required}, optional=optional)


GONE = st.dates(date(1900, 1, 1), date(2026, 11, 20)).map(str)
DAYS = st.dates().filter(lambda day: 1900 < day.year < 2100).map(str)
PAST = st.sampled_from(["2025-01-01", "2026-03-29 12:30", "2026-10-01 09:00:05", "-2d"])
FIRST_DAYS = {
    "2026-12-01 10:00": date(2026, 12, 1),
    "2026-10-25 02:30": date(2026, 10, 25),
    "2027-01-01 00:00": date(2027, 1, 1),
    "+3d 9:15": date(2026, 11, 23),
}
STARTS = st.sampled_from([*FIRST_DAYS])
ZONES = st.sampled_from(["Europe/Moscow", "Asia/Yekaterinburg", "Europe/Berlin", "UTC"])
MONEY = st.fixed_dictionaries(
    {"amount": st.sampled_from(["0", "10.5", "150000"]), "currency": st.just("RUB")}
)
LINKS = st.sampled_from(["https://a.example.org/x?y=1#z", "https://xn--e1afmkfd.xn--p1ai"])
PARTIAL = st.sampled_from(["2018", "2024-04", "2024-04-30"])
INLINE = st.dictionaries(st.sampled_from(["en", "ru"]), st.just("words: and, more"), min_size=1)


def one_after_another(stays: list[dict[str, Any]]) -> list[dict[str, Any]]:
    later = {"since": "2026-02-02", "until": "2026-03-03"}
    return [*stays[:1], *(stay | later for stay in stays[1:])]


@st.composite
def repeating(draw: st.DrawFn, once: st.SearchStrategy[Any]) -> dict[str, Any]:
    """Of which some later days are left out, in any order and some of them twice."""
    event: dict[str, Any] = draw(once)
    first = FIRST_DAYS[event["starts_at"]]
    rule = {"except": list[str](), "every": draw(one(EVERY))}
    if last := draw(st.sampled_from(["", "+60d", "2027-06-30"])):
        rule["until"] = last
    end = "2027-01-19" if last == "+60d" else "2027-06-30"
    its = [str(day) for day in islice(days(first, {"every": rule["every"]}, first), 1, 9)]
    if left := [day for day in its if day <= end]:
        rule["except"] = draw(st.lists(st.sampled_from(left), max_size=4))
    return event | {"repeats": rule}


@cache
def campaigns() -> st.SearchStrategy[dict[str, Any]]:
    articles = st.builds(
        lambda own, said: own | said,
        st.fixed_dictionaries(
            {"code": st.just("UK RF"), "article": st.just("205.2")}, optional={"since": PARTIAL}
        ),
        INLINE,
    )
    entries = st.builds(
        lambda own, said: own | said,
        st.fixed_dictionaries(
            {"kind": st.just("note")},
            optional={
                "date": PARTIAL,
                "court": st.just("court"),
                "who": st.just("p0"),
                "judge": texts(),
            },
        ),
        INLINE,
    )
    stays = st.fixed_dictionaries(
        {"facility": st.just("place"), "until": st.just("2026-02-02")},
        optional={
            "since": st.just("2026-01-01"),
            "addressee": texts(),
            "confirmed_at": PAST,
            "source": one(Source),
        },
    )

    def person(slug: str) -> st.SearchStrategy[Any]:
        return thing(
            slug,
            {"name": texts()},
            {
                "aliases": st.lists(st.just("Ваня: «1001»"), max_size=2),
                "who": texts(),
                "birth_year": st.just("1988"),
                "birthday": st.just("02-29"),
                "languages": st.just(["no", "ru"]),
                "status": one(Status),
                "country": st.just("KZ"),
                "sentence": st.fixed_dictionaries(
                    {}, optional={"years": st.just("6.25"), "regime": texts(), "since": PARTIAL}
                ),
                "custody": st.lists(stays, max_size=2).map(one_after_another),
                "campaigns": st.lists(texts(), max_size=2),
                "write_about": texts(),
                "letters": st.fixed_dictionaries(
                    {}, optional={"allowed": one(["true", "false"]), "reason": texts()}
                ),
            },
        )

    def case(slug: str, *people: str) -> st.SearchStrategy[Any]:
        return thing(
            slug,
            {
                "title": texts(),
                "defendants": st.tuples(*(person(each) for each in people)).map(list),
            },
            {
                "also": texts(),
                "summary": texts(),
                "articles": st.lists(articles, max_size=2),
                "stage": one(Stage),
                "volumes": st.just("3"),
                "timeline": st.lists(entries, max_size=3),
            },
        )

    court = thing(
        "court", {"name": texts(), "city": texts(), "timezone": ZONES}, {"address": texts()}
    )
    facility = thing(
        "place",
        {"country": st.just("RU"), "kind": one(FacilityKind), "name": texts()},
        {
            "number": st.just("1"),
            "postal_code": st.just("020999"),
            "region": texts(),
            "timezone": ZONES,
        },
    )
    hearing = thing(
        "hearing",
        {"case": st.just("c0"), "court": st.just("court"), "starts_at": STARTS},
        {
            "kind": one(HearingKind),
            "status": one(HearingStatus),
            "room": st.just("12"),
            "public": one(["true", "false"]),
            "judge": texts(),
            "outcome": texts(),
            "confirmed_at": PAST,
        },
    )
    event = thing(
        "event",
        {"title": texts(), "starts_at": STARTS},
        {
            "kind": one(EventKind),
            "timezone": ZONES,
            "minutes": st.just("90"),
            "status": one(EventStatus),
            "place": texts(),
            "place_shown": one(["public", "attendees", "3"]),
            "online_url": LINKS,
            "write_to": st.lists(st.sampled_from(["p0", "p1"]), unique=True),
        },
    )
    fundraiser = thing(
        "fund",
        {"title": texts()},
        {
            "purpose": one(Purpose),
            "for": one(["c0", "p0", "both", "case:both"]),
            "goal": MONEY | st.just({"currency": "EUR"}),
            "raised": st.just("0.01"),
            "closes": DAYS,
        },
    ).filter(lambda each: "raised" not in each or "goal" in each)
    route = thing(
        "route",
        {
            "fundraiser": st.just("fund"),
            "pay_from": one(PayFrom),
            "method": texts(),
            "url": LINKS,
            "legal_status": texts(),
            "checked_at": PAST,
        },
        {"warning": texts(), "not_for": texts(), "valid_days": st.just("7")},
    )
    organisation = thing(
        "org",
        {"name": texts()},
        {"languages": st.permutations(["en", "ru", "kk"]), "timezone": ZONES, "as_of": GONE},
    )
    return st.fixed_dictionaries(
        {
            "organisation": organisation,
            "courts": st.tuples(court).map(list),
            "facilities": st.tuples(facility).map(list),
            "cases": st.tuples(case("c0", "p0", "p1"), case("both", "both")).map(list),
            "hearings": st.tuples(hearing).map(list),
            "events": st.tuples(st.one_of(event, repeating(event))).map(list),
            "fundraisers": st.tuples(fundraiser).map(list),
            "donation_routes": st.tuples(route).map(list),
        }
    )


def file_of(campaign: dict[str, Any]) -> bytes:
    return yaml.safe_dump(campaign, allow_unicode=True, sort_keys=False).encode()


async def in_memory(folder: Path, name: str) -> Keeper:
    engine = make_engine(f"sqlite+aiosqlite:///{folder / name}")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()
    return Keeper(make_sessions(engine))


async def comes_back(folder: Path, data: bytes) -> None:
    here, there = await in_memory(folder, "here.db"), await in_memory(folder, "there.db")
    await here.takes(data)
    exported = await here.export()
    assert await here.takes(data) == []
    assert await here.takes(exported) == []
    await there.takes(exported)
    assert await there.export() == exported
    for keeper in (here, there):
        await keeper.sessions.kw["bind"].dispose()


SLOW = settings(
    max_examples=25 if IN_CI else 12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SLOW
@given(campaign=campaigns())
def test_any_campaign_comes_back(campaign: dict[str, Any], tmp_path: Path) -> None:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(comes_back(tmp_path, file_of(campaign)))


async def refused_or_taken(folder: Path, data: bytes) -> None:
    keeper = await in_memory(folder, "damaged.db")
    try:
        await keeper.takes(data)
        assert await keeper.takes(await keeper.export()) == []
    except CampaignFileError:
        pass
    await keeper.sessions.kw["bind"].dispose()


@SLOW
@given(text=damaged())
def test_any_damaged_file_is_refused_or_taken(text: str, tmp_path: Path) -> None:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.run(refused_or_taken(tmp_path, text.encode()))


def test_words_that_mean_something_to_readers_of_yaml_are_quoted() -> None:
    words = ["no", "ON", "Null", "1", "1.5", "~", "-", "a: b", "a #b", "2024-04"]
    assert all(writing.scalar(word) == f'"{word}"' for word in words)


def keys_of(order: dict[str, Any], path: str = "") -> Iterator[str]:
    """ "defendant.custody.since", of every key that the schema takes."""
    for key, inner in order.items():
        yield f"{path}.{key}"
        yield from keys_of(inner, f"{path}.{key}")


def keys_in(value: Any, path: str) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        for key, inner in item.items() if isinstance(item, dict) else ():
            yield f"{path}.{key}"
            yield from keys_in(inner, f"{path}.{key}")


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_names_every_key(kind: str) -> None:
    example = yaml.safe_load(FORMAT)
    example["defendants"] = [one for case in example["cases"] for one in case["defendants"]]
    example["organisation"]["as_of"] = example.get("as_of")  # it stands at the top
    named = set(keys_in(example[KINDS[kind].section], kind))
    assert sorted(set(keys_of(order(kind), kind)) - named) == []
    assert example["as_of"]
