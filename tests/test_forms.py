"""The facts kept with forms: every field of every kind, by every role, in both languages."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from itertools import product
from random import Random
from typing import Any

import pytest
from aiogram.filters.callback_data import CallbackData
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from typing_extensions import get_type_hints, is_typeddict

from bot.callbacks import (
    AskToRemoveThing,
    ClearField,
    OpenField,
    OpenThing,
    OpenThings,
    PickValue,
    RemoveThing,
    ReviewThing,
    SaveThing,
    StartThing,
)
from bot.i18n import languages, speaking
from bot.markup import utf16
from bot.services.campaign_file import exporting, schema
from bot.services.forms import FORMS, NEW_ITEM, AskedOf, Form, Unclear, answer, number_of
from bot.services.forms.changes import slugged
from bot.services.forms.fields import LEFT_OUT, SAID, Field, How
from bot.services.forms.present import at
from bot.services.rights import action_for, may
from bot.views.forms import labels
from bot.views.typed_moments import vocabulary
from models import CampaignVersion, Case, Defendant, Dialog, HistoryEntry, Role, Via
from sandbox import Person
from tests.delivery import Delivery
from tests.test_members import joined
from tests.test_telling import told
from tests.town import NOW, OWNER, Town, town

pytestmark = pytest.mark.either_database
RU = "ru"


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


@pytest.fixture
async def vera(harbour: Town, owner: Person) -> Person:
    """A coordinator."""
    return await joined(harbour, owner, role="Coordinator")


SLUGS = {
    "case": "port-strike",
    "who": "ivan-lodkin",
    "court": "kamensk-city",
    "place": "kamensk-sizo-1",
    "event": "tea-and-letters",
    "goal": "winter-letters",
    "fund": "lodkin-lawyer",
    "route": "lodkin-card-ru",
    "org": "harbour",
}
"""Of each kind one."""


async def number(here: Town, form: Form, slug: str = "") -> int:
    async with here.app.sessions() as session:
        return await number_of(session, form.kind, slug or SLUGS[form.code])


async def facts(here: Town, kind: str, slug: str) -> dict[str, Any]:
    async with here.app.sessions() as session:
        found = await exporting.read_some(session, [(kind, slug)])
    return found.get((kind, slug), {})


async def version(here: Town) -> int:
    async with here.app.sessions() as session:
        return await session.scalar(select(CampaignVersion.version)) or 0


async def taps(here: Town, person: Person, *what: str | CallbackData) -> None:
    """Presses, and types what begins with ">"; nobody is too fast."""
    for one in what:
        here.clock.forward(seconds=2)
        if isinstance(one, CallbackData):
            await person.press_data(one.pack())
        elif one.startswith(">"):
            await person.send(one[1:])
        else:
            await person.press(one)


# The table.

OTHER_ROOMS = {"hearing"}


def keys_of(shape: Any, before: str = "") -> list[str]:
    """Keys of a shape, with those inside: "letters.rules", "articles.code"."""
    found = []
    for key, hint in get_type_hints(shape, include_extras=True).items():
        inner = schema._bare(hint)
        parts = keys_of(inner, f"{before}{key}.") if is_typeddict(inner) else []
        found += parts or [f"{before}{key}"]
    return found


@pytest.mark.parametrize("form", FORMS.values(), ids=lambda form: form.code)
def test_every_key_of_the_file_has_its_field(form: Form) -> None:
    wanted = {key for key in keys_of(schema.KINDS[form.kind].type) if key != "slug"}
    left = LEFT_OUT.get(form.kind, ())
    wanted = {key for key in wanted if key.partition(".")[0] not in left}
    wanted -= {f"{each.key}.{part}" for each in form.fields for part in WHOLES.get(each.how, ())}
    fields = {each.key for each in form.fields if not each.parts}
    fields |= {
        f"{each.key}.{part.key}".replace(SAID, "said")
        for each in form.fields
        for part in each.parts
    }
    fields -= {"help_it_gives.said", "campaigns.said", "case", "goal", "raised_in_a_year"}
    assert fields - {"location"} == wanted - {"help_it_gives", "campaigns"}
    assert {form.kind for form in FORMS.values()} | OTHER_ROOMS == schema.KINDS.keys()


WHOLES = {
    How.MONEY: ("amount", "currency"),
    How.LOCATION: ("latitude", "longitude"),
}
"""Parts that are typed together."""


@pytest.mark.parametrize("language", languages())
def test_every_field_has_a_name_that_fits_beside_another(language: str) -> None:
    with speaking(language):
        for form in FORMS.values():
            for each in form.known.values():
                assert utf16(f"✓ {labels.label(form, each)}") <= 26, (form.code, each.name)
            labels.plural(form)


# Every field of every kind, walked.

TEXT, CHOSEN, CITY = ">Nine & <b>", "", ">Tbilisi"
GOOD: dict[tuple[str, str], str] = {
    ("case", "stage"): "=appeal",
    ("case", "people"): ">7",
    ("case", "volumes"): ">1 200",
    ("who", "aliases"): ">Boat\nЛодка <b>",
    ("who", "birth_year"): ">1989",
    ("who", "birthday"): ">29 Feb",
    ("who", "languages"): ">русский, Georgian",
    ("who", "years"): ">6,25",
    ("who", "since"): ">03.2026",
    ("court", "timezone"): CITY,
    ("court", "location"): ">55.75, 37.61",
    ("place", "country"): ">Грузия",
    ("place", "kind"): "=other",
    ("place", "number"): ">7",
    ("place", "postal_code"): ">620998",
    ("place", "timezone"): CITY,
    ("place", "languages"): ">ru, en",
    ("place", "days"): ">21",
    ("place", "confirm"): ">10",
    ("event", "kind"): "=talk",
    ("event", "starts_at"): ">10 Jan 2027 18:00",
    ("event", "timezone"): CITY,
    ("event", "minutes"): "=180",
    ("event", "status"): "=cancelled",
    ("event", "every"): "=month",
    ("event", "until"): ">3 May 2027",
    ("event", "place_shown"): "=3",
    ("event", "online_url"): ">https://meet.example.org/x",
    ("event", "capacity"): ">30",
    ("goal", "letters"): ">500",
    ("goal", "since"): "=today",
    ("goal", "until"): ">1 Mar 2027",
    ("fund", "purpose"): "=fine",
    ("fund", "goal"): ">1,200.50 €",
    ("fund", "raised"): ">70 000",
    ("fund", "closes"): ">1 Mar 2027",
    ("fund", "status"): "=cancelled",
    ("route", "pay_from"): "=anywhere",
    ("route", "url"): ">https://donate.example.org/else",
    ("route", "checked_at"): "=now",
    ("route", "valid_days"): "=7",
    ("org", "languages"): ">English, русский, немецкий",
    ("org", "timezone"): CITY,
    ("org", "contact"): ">@harbour_other",
    ("org", "raised"): ">95000 RUB",
    ("org", "raised_about"): "=no",
    ("org", "as_of"): ">20.11.2026",
}
"""What is typed (">") or chosen ("=") where it is no text of people."""
BAD: dict[How, tuple[str, str, str]] = {
    How.TEXTS: (">" + "x" * 2001, "characters; at most", "знак"),
    How.TEXT: (">" + "x" * 2001, "⚠️", "⚠️"),
    How.LINES: (">" + "x" * 2001, "characters; at most", "знак"),
    How.WORD: (">perhaps", "Please choose with a button.", "Выберите, пожалуйста, кнопкой."),
    How.FLAG: (">perhaps", "Please choose with a button.", "Выберите, пожалуйста, кнопкой."),
    How.CHECKED: (">perhaps", "Please choose with a button.", "Выберите, пожалуйста, кнопкой."),
    How.ONE: (">zzzzqqqq", "Nothing is called “zzzzqqqq”.", "Ничего с названием «zzzzqqqq» нет."),
    How.SEVERAL: (">zzzzqqq", "Nothing is called “zzzzqqq”.", "Ничего с названием «zzzzqqq» нет."),
    How.LANGUAGES: (">Klingonish", "I do not know the language", "Не знаю языка «Klingonish»."),
    How.COUNTRY: (">Atlantis", "I do not know the country “Atlantis”.", "Не знаю страны"),
    How.ZONE: (">Zzqqxx", "I do not know the city “Zzqqxx”.", "Не знаю города «Zzqqxx»."),
    How.DAY: (">soonish", "I do not understand “soonish”.", "Не понимаю: «soonish»."),
    How.DAYS: (">soonish", "I do not understand “soonish”.", "Не понимаю: «soonish»."),
    How.PARTIAL: (">3 Jan", "With the year, please", "Напишите, пожалуйста, и год"),
    How.BIRTHDAY: (">31 Feb", "I do not understand", "Не понимаю"),
    How.START: (">someday", "I do not understand “someday”.", "Не понимаю: «someday»."),
    How.WHOLE: (">many", "“many” is not a number.", "«many» — это не число."),
    How.NUMBER: (">1.200", "may be read in two ways", "можно понять двояко"),
    How.MONEY: (">5 doubloons", "I do not know the currency “doubloons”.", "Не знаю валюты"),
    How.LOCATION: (">56.4", "“56.4” is not a place", "«56.4» — это не место"),
    How.LINK: (">http://example.org", "The link must begin with https://", "https://"),
    How.ITEMS: (">perhaps", "Please choose with a button.", "Выберите, пожалуйста, кнопкой."),
}
BACK = {"en": "‹ Back", "ru": "‹ Назад"}
CANCEL = {"en": "Cancel", "ru": "Отмена"}
SAVED = {"en": "Saved.", "ru": "Сохранено."}


def right_answer(form: Form, of: Field, place: dict[str, Any]) -> str | CallbackData:
    """Typed, or a press."""
    known = GOOD.get((form.code, of.name), TEXT)
    if of.how == How.ONE:
        known = {"for": "=d2", "case": "=c2", "fundraiser": "=f2"}[of.name]
    if known.startswith("="):
        return PickValue(**place, field=of.name, value=known[1:])
    return known


async def open_one(here: Town, form: Form) -> dict[str, Any]:
    return {"form": form.code, "id": await number(here, form)}


SECOND_CASE = b"""cases: [{slug: tram, title: {en: The tram case, ru: "\xd0\xa2"}}]"""
EASY = [
    (form.code, each.name)
    for form in FORMS.values()
    for each in form.fields
    if each.how not in (How.ITEMS, How.SEVERAL, How.DAYS)
]
"""What one answer changes; lists are walked below."""


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("code", FORMS)
async def test_every_field_is_asked_refused_taken_back_and_saved(
    harbour: Town, owner: Person, code: str, language: str
) -> None:
    await harbour.take_in(SECOND_CASE)
    person = owner
    if language == RU:
        await owner.send("/settings")
        await owner.press("Русский")
    form = FORMS[code]
    place = await open_one(harbour, form)
    for of in [form.known[name] for of_code, name in EASY if of_code == code]:
        await walk_field(harbour, person, form, of, place, language)
    assert harbour.telegram.violations == []


async def walk_field(
    here: Town, person: Person, form: Form, of: Field, place: dict[str, Any], language: str
) -> None:
    with speaking(language):
        label = labels.label(form, of)
    await taps(here, person, OpenThing(**place), OpenField(**place, field=of.name))
    person.sees(label)
    before, was = await facts(here, form.kind, SLUGS[form.code]), await version(here)
    typed, english, russian = BAD[of.how]
    await taps(here, person, typed)
    person.sees(english if language == "en" else russian)
    assert await version(here) == was, of
    await answers(here, person, right_answer(form, of, place))
    await taps(here, person, BACK[language])
    person.sees(label)
    await taps(here, person, CANCEL[language])
    assert await version(here) == was, of
    await taps(here, person, OpenField(**place, field=of.name))
    await answers(here, person, right_answer(form, of, place))
    await taps(here, person, "✅")
    person.sees(SAVED[language])
    after = await facts(here, form.kind, SLUGS[form.code])
    assert at(after, of.key) != at(before, of.key), of
    assert await version(here) == was + 1


async def answers(here: Town, person: Person, answer_: str | CallbackData) -> None:
    """And in the other language, where all change together."""
    await taps(here, person, answer_)
    if person.last.button("✅") is None:
        person.sees_not("⚠️")
        await taps(here, person, ">Ten")
    assert person.last.button("✅") is not None, person.last.text


# New things, question after question.

PASSED = "Skip"
ANEW: dict[str, list[tuple[str, str]]] = {
    "case": [
        (">", ">The tram case"), (PASSED, ">Дело о трамвае"), (PASSED, PASSED), (PASSED, "=trial"),
    ],
    "who": [
        (">zzzz", "=c1"), (">", ">Anna Kruglova"), (PASSED, PASSED), (PASSED, ">tram driver"),
        (PASSED, PASSED), (">1790", ">1990"),
    ],
    "court": [
        (">", ">Tbilisi City Court"), (PASSED, PASSED), (">", ">Tbilisi"), (PASSED, PASSED),
        (">Zzqqxx", ">Tbilisi"), (PASSED, PASSED),
    ],
    "place": [
        (">what", "=colony"), (">", ">Colony No. 2"), (PASSED, PASSED), (">Atlantis", ">Russia"),
        (">12", ">620998"), (PASSED, ">2 Forest St"), (PASSED, PASSED),
    ],
    "event": [
        (">what", "=talk"), (">", ">Seas & ships"), (PASSED, PASSED), (PASSED, ">Tbilisi"),
        (">tomorrow", ">tomorrow 19:00"), (PASSED, ">Tbilisi"), (PASSED, PASSED),
        (PASSED, PASSED),
    ],
    "goal": [
        (">", ">Spring letters"), (PASSED, PASSED), (">many", ">100"), (">soonish", "=today"),
        (">soonish", ">1 May 2027"),
    ],
    "fund": [
        (">what", "=parcels"), (">", ">Parcels"), (PASSED, PASSED), (">zzzzqq", "=d2"),
        (">5 doubloons", ">500 EUR"), (">soonish", ">1 May 2027"),
    ],
    "route": [
        (">zzzzqq", "=f2"), (">what", "=russia"), (">", ">Bank card"), (PASSED, PASSED),
        (">http://example.org", ">https://donate.example.org/new"), (">", ">a private account"),
        (PASSED, PASSED), (PASSED, ">No comment"), (PASSED, PASSED), (PASSED, PASSED),
        (">yes", "=now"),
    ],
}  # fmt: skip
"""Of each question what is wrong there, if anything is, and what is answered."""
NAMED = {
    "case": "the-tram-case",
    "who": "anna-kruglova",
    "court": "tbilisi-city-court",
    "place": "colony-no-2",
    "event": "seas-ships-2026-11-23",
    "goal": "spring-letters",
    "fund": "parcels",
    "route": "harbour-common-russia",
}
SKIP = {"en": "Skip", "ru": "Пропустить"}


async def starts(here: Town, person: Person, code: str, of: int = 0) -> None:
    await taps(here, person, OpenThings(form=code), StartThing(form=code, of=of))


def label_of(person: Person) -> str:
    """Of the question."""
    blocks = [one for one in person.last.text.split("\n\n") if not one.startswith("⚠️")]
    return blocks[0].split("\n")[1]


async def gives(here: Town, person: Person, given: str, language: str = "en") -> None:
    """Typed (">"), passed over, or chosen ("=")."""
    if not given.startswith("="):
        await taps(here, person, SKIP[language] if given == PASSED else given)
        return
    carried = [one.data or "" for row in person.last.buttons for one in row]
    first = PickValue.unpack(next(one for one in carried if one.startswith("pick:")))
    await taps(here, person, first.model_copy(update={"value": given[1:]}))


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("code", ANEW)
async def test_a_new_one_is_asked_for_question_by_question(
    harbour: Town, owner: Person, code: str, language: str
) -> None:
    if language == RU:
        await taps(harbour, owner, "/settings".replace("/", ">/"), "Русский")
    was = await version(harbour)
    await starts(harbour, owner, code)
    for wrong, right in ANEW[code]:
        label, text = label_of(owner), owner.last.text
        if wrong not in (PASSED, ">"):
            await gives(harbour, owner, wrong, language)
            owner.sees("⚠️")
            assert label_of(owner) == label
        await gives(harbour, owner, right, language)
        assert owner.last.text not in (text, f"⚠️\n\n{text}")
        assert "⚠️" not in owner.last.text
        await taps(harbour, owner, BACK[language])
        assert label_of(owner) == label
        await gives(harbour, owner, right, language) if right == PASSED else await taps(
            harbour, owner, "›"
        )
    assert await version(harbour) == was
    await taps(harbour, owner, "✅")
    owner.sees(SAVED[language])
    slug = (await last_entry(harbour)).slug
    assert await version(harbour) == was + 1
    assert language == RU or slug == NAMED[code]
    assert (await facts(harbour, FORMS[code].kind, slug)).keys() >= {
        *schema.KINDS[FORMS[code].kind].required
    }
    assert harbour.telegram.violations == []


async def last_entry(here: Town) -> HistoryEntry:
    async with here.app.sessions() as session:
        newest = select(HistoryEntry).order_by(HistoryEntry.id.desc()).limit(1)
        found = await session.scalar(newest)
    assert found is not None
    return found


async def test_a_new_case_with_three_people_is_told_to_who_follows_all(
    delivery: Delivery, harbour: Town, owner: Person
) -> None:
    """From nothing to the last follower, by an editor."""
    anna, vera = harbour.person("Anna"), await joined(harbour, owner, role="Editor")
    await anna.send("/follows")
    await taps(harbour, anna, "everything", "Yes")
    await delivery.rests(harbour)
    told(anna)
    await taps(harbour, vera, ">/desk", "Facts", "Cases", "A new case", ">The tram case", "Skip")
    await taps(harbour, vera, "Skip", "On trial", "Save", "A new person")
    for name in ("Anna Kruglova", "Boris Tokarev", "Vera Kruglova"):
        await taps(harbour, vera, f">{name}", "Skip", "Skip", "Skip", "Save")
        await taps(harbour, vera, "A new person")
    vera.sees("Defendant: 2 of 5")
    await taps(harbour, vera, OpenThings(form="case"), "The tram case")
    vera.sees("The tram case")
    assert "People · 3" in vera.last.labels
    await settles(delivery, harbour)
    await taps(
        harbour, vera, "Timeline", "Add", "Today", "Arrest", ">arrested in the depot", "Skip"
    )
    await taps(harbour, vera, "Save")
    await settles(delivery, harbour)
    assert len(told(anna)) == 1
    anna.sees("The tram case")
    anna.sees("arrested in the depot")
    await anna.send("Tokarev")
    anna.sees("Boris Tokarev")
    assert harbour.telegram.violations == []


async def settles(delivery: Delivery, here: Town) -> None:
    """What changed is seen, and two minutes later told."""
    await delivery.rests(here)
    here.clock.forward(minutes=3)
    await delivery.rests(here)


# Lists in a thing, one by one.

LISTS = {
    ("case", "articles"): ([">213", "Skip", "Criminal Code", ">hooliganism", "Skip"], "article"),
    ("case", "timeline"): ([">03.2026", "Verdict", ">convicted", "Skip"], "happened"),
    ("who", "campaigns"): ([">letters to the court", "Skip"], "campaign"),
    ("place", "services"): ([">post.example.org", ">https://post.example.org/1"], "service_name"),
    ("org", "helps"): ([">parcels", "Skip"], "help"),
    ("route", "details"): (["Card number", ">4111 1111 1111 1111", "Yes, checked"], "value"),
}
"""How an item is added, and which part of it is changed."""


@pytest.mark.parametrize(("code", "name"), LISTS)
async def test_items_are_added_changed_and_removed_one_by_one(
    harbour: Town, owner: Person, code: str, name: str
) -> None:
    form = FORMS[code]
    of, (answers_, part) = form.known[name], LISTS[code, name]
    place = await open_one(harbour, form)
    before = at(await facts(harbour, form.kind, SLUGS[code]), of.key) or []
    await taps(harbour, owner, OpenField(**place, field=name))
    await taps(harbour, owner, "Add", "Cancel", "Add")
    for one in answers_[:-1] if "Yes, checked" in answers_ else answers_:
        await taps(harbour, owner, one)
    await taps(harbour, owner, "✅")
    owner.sees("Saved.")
    after = at(await facts(harbour, form.kind, SLUGS[code]), of.key)
    assert len(after) == len(before) + 1
    new = next(n for n, one in enumerate(after, 1) if one not in before)
    await taps(harbour, owner, OpenField(**place, field=name, item=new))
    await taps(harbour, owner, OpenField(**place, field=part, item=new))
    await taps(harbour, owner, CHANGED.get((code, name), ">Other"), "✅")
    owner.sees("Saved.")
    changed = at(await facts(harbour, form.kind, SLUGS[code]), of.key)
    assert changed[new - 1] != after[new - 1]
    await taps(harbour, owner, OpenField(**place, field=name, item=new), "Remove it", "✅")
    assert (at(await facts(harbour, form.kind, SLUGS[code]), of.key) or []) == before
    assert harbour.telegram.violations == []


CHANGED = {("route", "details"): ">5555 5555 5555 4444"}


async def test_details_of_a_new_way_to_pay_are_entered_one_by_one(
    harbour: Town, vera: Person
) -> None:
    """What belongs together is checked as soon as it is there, and what is missing at the end."""
    await starts(harbour, vera, "route", of=2)
    await taps(harbour, vera, "From Russia", ">Transfer", "Skip", "Skip", "Skip", ">a fund")
    await taps(harbour, vera, "Skip", "Skip", "Skip", "Yes, checked today")
    vera.sees("There is nothing to pay by yet")
    place = {"form": "route", "id": 0, "field": "details"}
    await taps(harbour, vera, OpenField(**place), "Add", "Account", ">40817810099910004312")
    await taps(harbour, vera, "Add", "BIK", ">044525225")
    vera.sees("The account and the BIK do not belong together")
    await taps(harbour, vera, "Back", "Cancel", "Account: 4081", "Remove it")
    vera.sees("There is none yet.")
    await taps(harbour, vera, "Add", "Card number", ">4111 1111 1111 1112")
    vera.sees("This is not the number of a card")
    await taps(harbour, vera, ">4111 1111 1111 1111", "Card number", "Number or text")
    await taps(harbour, vera, ">5555 5555 5555 4444")
    await taps(harbour, vera, ReviewThing(form="route", id=0), "✅")
    route = await facts(harbour, "donation_route", "harbour-common-russia")
    assert route["details"] == [{"kind": "card", "value": "5555555555554444"}]


async def test_an_entry_stands_where_its_day_belongs(harbour: Town, owner: Person) -> None:
    place = await open_one(harbour, FORMS["case"])
    await taps(harbour, owner, OpenField(**place, field="timeline"), "Add", ">4 Nov 2025")
    await taps(harbour, owner, "Charge", ">charged", "Skip", "✅")
    entries = (await facts(harbour, "case", "port-strike"))["timeline"]
    assert [one["date"][-2:] for one in entries] == ["03", "04", "05"]


async def test_whom_letters_are_to_is_chosen_and_days_are_listed(
    harbour: Town, owner: Person
) -> None:
    place = await open_one(harbour, FORMS["event"])
    await taps(harbour, owner, OpenField(**place, field="write_to"))
    await taps(harbour, owner, "Marta", ">lodk", "Ivan", "✓ Marta", "Marta", "Done", "✅")
    event = await facts(harbour, "event", "tea-and-letters")
    assert event["write_to"] == ["ivan-lodkin", "marta-vetrova"]
    await taps(harbour, owner, OpenField(**place, field="except"), ">9 Jan 2027\n10 Jan 2027")
    owner.sees("is none of the days on which it takes place")
    await taps(harbour, owner, ">9 Jan 2027\n23 Jan 2027", "✅")
    event = await facts(harbour, "event", "tea-and-letters")
    assert event["repeats"]["except"] == ["2027-01-09", "2027-01-23"]
    await taps(harbour, owner, OpenField(**place, field="every"), "Clear", "✅")
    assert "repeats" not in await facts(harbour, "event", "tea-and-letters")


# What is cleared, what is to be checked anew, what changes in all languages.


async def test_what_may_be_empty_is_cleared(harbour: Town, owner: Person) -> None:
    place = await open_one(harbour, FORMS["case"])
    await taps(harbour, owner, OpenField(**place, field="summary", language="ru"))
    await taps(harbour, owner, "Clear: Russian", "✅")
    assert "ru" not in (await facts(harbour, "case", "port-strike"))["summary"]
    assert owner.last.button("Next: In short · Russian") is not None
    await taps(harbour, owner, OpenField(**place, field="summary", language="en"), "Clear", "✅")
    assert "summary" not in await facts(harbour, "case", "port-strike")
    await taps(harbour, owner, OpenField(**place, field="stage"))
    assert not [label for label in owner.last.labels if "Clear" in label]
    await taps(harbour, owner, ClearField(**place, field="title"))
    owner.sees("Something that must be given is missing.")


async def test_a_way_to_pay_is_checked_by_whoever_changes_it(harbour: Town, vera: Person) -> None:
    harbour.clock.forward(hours=1)
    place = await open_one(harbour, FORMS["route"])
    await taps(harbour, vera, OpenField(**place, field="url"))
    await taps(harbour, vera, ">https://bit.ly/x")
    vera.sees("Nobody sees where a shortened link leads")
    await taps(harbour, vera, ">https://donate.example.org/other")
    vera.sees("Have you looked at it today, and is all of it right?")
    harbour.clock.forward(minutes=30)
    await taps(harbour, vera, "Yes, checked today: save")
    route = await facts(harbour, "donation_route", "lodkin-card-ru")
    assert route["url"] == "https://donate.example.org/other"
    assert route["checked_at"].startswith("2026-11-22 16:30")


async def test_whom_money_is_for_changes_with_a_check_of_its_ways(
    harbour: Town, vera: Person
) -> None:
    place = await open_one(harbour, FORMS["fund"])
    await taps(harbour, vera, OpenField(**place, field="for"), "Marta")
    vera.sees("Have you looked at these ways to pay today")
    await taps(harbour, vera, "Yes, checked today: save")
    fund = await facts(harbour, "fundraiser", "lodkin-lawyer")
    assert fund["for"] == "defendant:marta-vetrova"
    for slug in ("lodkin-card-ru", "lodkin-abroad"):
        assert (await facts(harbour, "donation_route", slug))["checked_at"] > "2026-11-22"


async def test_an_address_changes_in_all_languages(harbour: Town, vera: Person) -> None:
    place = await open_one(harbour, FORMS["place"])
    here = OpenField(**place, field="address", language="en")
    await taps(harbour, vera, here, ">9 New St, Kamensk")
    vera.sees("What is it in this one: Russian?")
    vera.sees("English: 9 New St, Kamensk")
    await taps(harbour, vera, ">Каменск, ул. Новая, 9")
    vera.sees("Defendant Ivan Lodkin")
    await taps(harbour, vera, "Save")
    found = await facts(harbour, "facility", "kamensk-sizo-1")
    assert found["address"] == {"en": "9 New St, Kamensk", "ru": "Каменск, ул. Новая, 9"}
    [stay] = (await facts(harbour, "defendant", "ivan-lodkin"))["custody"]
    assert "confirmed_at" not in stay
    await taps(harbour, vera, here, ">10 New St, Kamensk", "Clear: Russian", "✅")
    found = await facts(harbour, "facility", "kamensk-sizo-1")
    assert found["address"] == {"en": "10 New St, Kamensk"}


async def test_what_was_typed_for_one_thing_is_not_put_into_another(
    harbour: Town, vera: Person
) -> None:
    court, place = [await open_one(harbour, FORMS[code]) for code in ("court", "place")]
    await taps(harbour, vera, OpenField(**court, field="address", language="en"), ">5 New St")
    vera.sees("What is it in this one: Russian?")
    await taps(harbour, vera, ClearField(**place, field="address", language="ru"))
    vera.sees_not("5 New St")
    await taps(harbour, vera, "✅")
    assert "ru" not in (await facts(harbour, "facility", "kamensk-sizo-1"))["address"]


async def test_a_text_that_served_for_all_languages_still_serves_the_others(
    harbour: Town, vera: Person
) -> None:
    await harbour.take_in(
        b"cases: [{slug: port-strike, also: Crane, timeline: [{kind: note, en: x, judge: Orlova}]}]"
    )
    place = await open_one(harbour, FORMS["case"])
    await taps(harbour, vera, OpenField(**place, field="also", language="ru"), ">Кран", "✅")
    await taps(harbour, vera, OpenField(**place, field="judge", item=1, language="ru"))
    await taps(harbour, vera, ">Орлова", "✅")
    case = await facts(harbour, "case", "port-strike")
    assert case["also"] == {"en": "Crane", "ru": "Кран"}
    assert case["timeline"][0]["judge"] == {"en": "Orlova", "ru": "Орлова"}


async def test_the_place_is_sent_from_the_map(harbour: Town, vera: Person) -> None:
    place = await open_one(harbour, FORMS["court"])
    await taps(harbour, vera, OpenField(**place, field="location"))
    await vera.send_location(41.7, 44.8)
    await taps(harbour, vera, "✅")
    court = await facts(harbour, "court", "kamensk-city")
    assert court["location"] == {"latitude": 41.7, "longitude": 44.8}
    await taps(harbour, vera, OpenField(**place, field="address"))
    await vera.send_location(41.7, 44.8)
    vera.sees("Please type it.")


# Removal, undo, search.


async def test_removal_is_asked_twice_and_undone(harbour: Town, vera: Person) -> None:
    was = await facts(harbour, "event", "letters-in-may")
    place = {"form": "event", "id": await number(harbour, FORMS["event"], "letters-in-may")}
    await taps(harbour, vera, OpenThing(**place), "Remove")
    vera.sees("Remove the event “Evening of letters”?")
    await taps(harbour, vera, "No", "Remove", "Yes, remove it")
    vera.sees("Are you sure?")
    assert await facts(harbour, "event", "letters-in-may") == was
    await taps(harbour, vera, "🗑 Remove")
    vera.sees("is removed")
    assert await facts(harbour, "event", "letters-in-may") == {}
    await taps(harbour, vera, "Undo", "Yes, undo")
    assert await facts(harbour, "event", "letters-in-may") == was


async def test_what_others_refer_to_stays(harbour: Town, vera: Person) -> None:
    for code in ("case", "court", "place", "fund"):
        place = await open_one(harbour, FORMS[code])
        await taps(harbour, vera, OpenThing(**place), "Remove")
        vera.sees("It cannot be removed yet, because others refer to it:")
        await taps(harbour, vera, RemoveThing(**place, proposed="x"))
        vera.sees("It cannot be removed yet, because others refer to it:")
        assert await facts(harbour, FORMS[code].kind, SLUGS[code])


async def test_what_is_removed_is_what_its_screen_says(
    harbour: Town, owner: Person, vera: Person
) -> None:
    place = {"form": "event", "id": await number(harbour, FORMS["event"], "letters-in-may")}
    await taps(harbour, vera, AskToRemoveThing(**place, sure=True))
    await taps(harbour, owner, OpenField(**place, field="capacity"), ">77", "✅")
    await taps(harbour, vera, "🗑 Remove")
    vera.sees("Seats: 77")
    assert vera.toast is not None
    assert vera.toast.text == "It was changed meanwhile. This is how it is now."
    await taps(harbour, vera, "🗑 Remove")
    assert await facts(harbour, "event", "letters-in-may") == {}


async def test_what_was_saved_is_undone_with_a_tap(harbour: Town, vera: Person) -> None:
    place = await open_one(harbour, FORMS["court"])
    was = await facts(harbour, "court", "kamensk-city")
    await taps(harbour, vera, OpenField(**place, field="timezone"), "Moscow", "✅")
    await taps(harbour, vera, "Undo", "Yes, undo")
    assert await facts(harbour, "court", "kamensk-city") == was


@pytest.mark.parametrize(
    ("code", "text", "found"),
    [("who", "лодкен", "Ivan Lodkin"), ("case", "strike", "The port strike case"),
     ("court", "КАМЕНСК", "Kamensk City Court"), ("route", "paypal", "Card or PayPal"),
     ("place", "nowhere", None)],
)  # fmt: skip
async def test_a_list_is_searched_by_typing(
    harbour: Town, vera: Person, code: str, text: str, found: str | None
) -> None:
    await taps(harbour, vera, ">/desk", "Facts", OpenThings(form=code), f">{text}")
    if found is None:
        vera.sees("Nothing is called so. Type it otherwise.")
    else:
        await taps(harbour, vera, found)
        vera.sees(found)


async def test_a_long_list_is_paged(harbour: Town, vera: Person) -> None:
    courts = "".join(
        f"  - {{slug: c{n}, name: {{en: Court {n:02}}}, city: {{en: C}}, timezone: Asia/Omsk}}\n"
        for n in range(20)
    )
    await harbour.take_in(f"courts:\n{courts}".encode())
    await taps(harbour, vera, OpenThings(form="court"), "1/3 ›", "›", "Court 17")
    vera.sees("Court 17")
    await taps(harbour, vera, OpenThings(form="court", page=99_999))
    assert "Court 19" in vera.last.labels


# Two at once.


async def test_of_two_who_change_a_field_the_second_is_told(
    harbour: Town, owner: Person, vera: Person
) -> None:
    place = await open_one(harbour, FORMS["case"])
    for person in (owner, vera):
        await taps(harbour, person, OpenField(**place, field="volumes"))
    await taps(harbour, owner, ">20", "✅")
    await taps(harbour, vera, ">30")
    vera.sees("It was changed meanwhile. This is how it is now.")
    vera.sees("20 → 30")
    await taps(harbour, owner, OpenField(**place, field="volumes"), ">25", "✅")
    await taps(harbour, vera, "✅")
    vera.sees("It was changed meanwhile. This is how it is now.")
    vera.sees("25 → 30")
    assert (await facts(harbour, "case", "port-strike"))["volumes"] == 25
    await taps(harbour, vera, "✅")
    assert (await facts(harbour, "case", "port-strike"))["volumes"] == 30


async def test_two_who_change_two_fields_both_do(
    harbour: Town, owner: Person, vera: Person
) -> None:
    place = await open_one(harbour, FORMS["case"])
    await taps(harbour, owner, OpenField(**place, field="volumes"), ">20")
    await taps(harbour, vera, OpenField(**place, field="people"), ">5")
    await asyncio.gather(owner.press("✅"), vera.press("✅"))
    case = await facts(harbour, "case", "port-strike")
    assert (case["volumes"], case["people_in_case"]) == (20, 5)


async def test_an_item_of_a_list_that_changed_is_chosen_anew(
    harbour: Town, owner: Person, vera: Person
) -> None:
    place = await open_one(harbour, FORMS["case"])
    await taps(harbour, vera, OpenField(**place, field="happened", item=2, language="en"))
    await taps(harbour, owner, OpenField(**place, field="timeline", item=1), "Remove it", "✅")
    await taps(harbour, vera, ">released")
    vera.sees("It was changed meanwhile. This is how it is now.")
    vera.sees("remanded in custody")
    await taps(harbour, vera, OpenField(**place, field="happened", item=2))
    vera.sees("This button is out of date")


async def test_two_new_ones_of_one_name_are_two(harbour: Town, owner: Person, vera: Person) -> None:
    for person in (owner, vera):
        await starts(harbour, person, "case")
        await taps(harbour, person, ">Twins", "Skip", "Skip", "Skip")
    await asyncio.gather(owner.press("✅"), vera.press("✅"))
    for person in (owner, vera):
        person.sees("Saved.")
    async with harbour.app.sessions() as session:
        slugs = set(await session.scalars(select(Case.slug)))
    assert {"twins", "twins-2"} <= slugs


async def test_what_comes_under_a_name_that_is_gone_has_another_slug(
    harbour: Town, owner: Person
) -> None:
    for slug in ("spring-letters", "spring-letters-2"):
        await starts(harbour, owner, "goal")
        await taps(harbour, owner, ">Spring letters", "Skip", ">100", "Today", "Skip", "✅")
        assert (await last_entry(harbour)).slug == slug
        place = {"form": "goal", "id": await number(harbour, FORMS["goal"], slug)}
        await taps(harbour, owner, AskToRemoveThing(**place, sure=True), "🗑 Remove")


async def test_an_old_proposal_saves_nothing(harbour: Town, vera: Person) -> None:
    place = await open_one(harbour, FORMS["case"])
    await taps(harbour, vera, OpenField(**place, field="volumes"), ">20")
    old = vera.last
    await taps(harbour, vera, OpenField(**place, field="volumes"), ">30")
    await vera.press("✅", message=old)
    assert (await facts(harbour, "case", "port-strike"))["volumes"] == 14


# Restarts.

RESTARTS: list[list[str | CallbackData]] = [
    [OpenField(form="case", id=1, field="volumes"), ">20", "✅"],
    [OpenField(form="court", id=1, field="address", language="en"), ">5 New St", ">Новая, 5", "✅"],
    [StartThing(form="case"), ">The tram case", "Skip", ">In short", "Skip", "Skip", "✅"],
    [OpenField(form="case", id=1, field="timeline", item=NEW_ITEM), "Today", "Arrest", ">x", "Skip",
     "✅"],
    [OpenField(form="event", id=1, field="write_to"), "Marta", "Done", "✅"],
]  # fmt: skip


@pytest.mark.parametrize("steps", RESTARTS, ids=lambda steps: steps[0].pack())
async def test_a_restart_in_the_middle_loses_nothing(
    database_url: str, steps: list[str | CallbackData]
) -> None:
    """After each step the bot is stopped and another process goes on."""
    how = {"owners": (OWNER,), "four_eyes": False}
    async with town(database_url, "format.yaml", **how) as here:
        owner = here.telegram.person("Olga", language="en", id=OWNER)
        await owner.send("/start")
        was = await version(here)
        await taps(here, owner, steps[0])
        await here.halt()
        for step in steps[1:]:
            async with town(
                database_url, telegram=here.telegram, clock=here.clock, four_eyes=False
            ) as again:
                await again.opened.wait()
                await taps(again, owner, step)
                await again.halt()
        owner.sees("Saved.")
        assert await version(here) == was + 1
        async with here.app.sessions() as session:
            assert list(await session.scalars(select(Dialog))) == []


# Rights.

EVERY_FIELD = [(form.code, name) for form in FORMS.values() for name in form.known]


def forged(code: str, number_: int) -> Sequence[tuple[CallbackData, str]]:
    """Every press that there could be at a thing, with the key that it would change."""
    place = {"form": code, "id": number_}
    found: list[tuple[CallbackData, str]] = [
        (OpenThings(form=code), ""), (OpenThing(**place), ""), (StartThing(form=code), ""),
        (AskToRemoveThing(**place), "status"), (AskToRemoveThing(**place, sure=True), "status"),
        (RemoveThing(**place, proposed="x"), "status"), (ReviewThing(**place), ""),
        (SaveThing(**place, proposed="x"), ""),
    ]  # fmt: skip
    for of in FORMS[code].known.values():
        of_it = {**place, "field": of.name, "item": 1 if of.within else 0}
        key = "" if of.within else of.root
        found += [(OpenField(**of_it), key), (ClearField(**of_it), key)]
        found.append((PickValue(**of_it, value="now"), key))
    return found


def is_theirs(role: str | None, code: str, key: str) -> bool:
    if role is None:
        return False
    return may(Role(role.lower()), action_for(FORMS[code].kind, {key} if key else ()))


@pytest.mark.parametrize("role", [None, "Editor", "Coordinator"])
@pytest.mark.parametrize("code", FORMS)
async def test_a_forged_press_does_nothing_that_the_role_may_not(
    harbour: Town, owner: Person, code: str, role: str | None
) -> None:
    """Every kind, every field, every role; and whoever is no member at all."""
    person = await joined(harbour, owner, role=role) if role else harbour.person("Mole")
    was = await version(harbour)
    await person.send("/help")
    help_ = person.last
    for press, key in forged(code, await number(harbour, FORMS[code])):
        if is_theirs(role, code, key):
            continue
        harbour.clock.forward(seconds=2)
        await person.press_data(press.pack(), message=help_)
        person.sees("This button is out of date")
    await person.send("Nine")
    assert await version(harbour) == was


@pytest.mark.parametrize("role", ["Editor", "Coordinator"])
async def test_what_the_role_may_is_offered_and_nothing_else(
    harbour: Town, owner: Person, role: str
) -> None:
    person = await joined(harbour, owner, role=role)
    await taps(harbour, person, ">/desk", "Facts")
    for form in FORMS.values():
        offered = any(labels.plural(form) in label for label in person.last.labels)
        assert offered == is_theirs(role, form.code, ""), form.code
    place = await open_one(harbour, FORMS["who"])
    await taps(harbour, person, OpenThing(**place))
    assert (person.last.button("Remove") is not None) == (role == "Coordinator")
    assert not [one for one in person.last.labels if "Status" in one or "custody" in one]
    person.sees("Where they are: in pre-trial detention")


@pytest.mark.parametrize(
    "data",
    [
        "field:who:1:custody:0::0", "field:who:1:status:0::0", "field:nope:1:name:0::0",
        "field:case:99999:title:0::0", "field:case:1:article:7::0", "field:case:1:article:999::0",
        "field:case:0:title:0::0", "pick:case:1:stage:0:burn", "pick:who:1:case:0:c99",
        "pick:case:1:title:0:x", "pick:fund:1:for:0:x1", "pick:org:1:raised_about:0:perhaps",
        "review:case:0::0", "review:case:1:timeline:999", "savething:case:1::0:x",
        "newthing:org:0", "newthing:who:99999", "things:hearing:0:0", "thing:org:99",
        "askgone:org:1:1", "gone:org:1:x", "clear:case:1:timeline:9::0",
        "clear:case:1:timeline:0::0", "review:case:1::0", "review:case:1:title:999",
        "things:who:99:0", "newthing:case:7", "field:case:1:title:0:zz:0",
    ],
)  # fmt: skip
async def test_a_forged_press_of_a_member_breaks_nothing(
    harbour: Town, owner: Person, data: str
) -> None:
    was = await version(harbour)
    await owner.send("/help")
    await owner.press_data(data)
    owner.sees_not("Something broke")
    await owner.send("zz")
    owner.sees_not("Something broke")
    assert await version(harbour) == was


async def test_who_loses_the_role_meanwhile_loses_the_open_form(
    harbour: Town, owner: Person, vera: Person
) -> None:
    was = await version(harbour)
    place = await open_one(harbour, FORMS["case"])
    await taps(harbour, vera, OpenField(**place, field="volumes"), ">20")
    await taps(harbour, owner, ">/desk", "Who keeps the facts", "Lena", "End it", "Yes, end it")
    await taps(harbour, vera, "✅", ">30")
    vera.sees_not("This would change")
    assert await version(harbour) == was


async def test_an_editor_who_adds_a_person_says_nothing_of_where_they_are(
    harbour: Town, owner: Person
) -> None:
    vera = await joined(harbour, owner, role="Editor")
    await starts(harbour, vera, "who", of=1)
    await taps(harbour, vera, ">Anna Kruglova", "Skip", "Skip", "Skip", "✅")
    entry = await last_entry(harbour)
    assert (entry.via, entry.role) == (Via.DESK, "editor")
    async with harbour.app.sessions() as session:
        anna = await session.scalar(select(Defendant).where(Defendant.slug == "anna-kruglova"))
    assert anna is not None
    assert anna.status == "unknown"
    await taps(harbour, vera, "Undo", "Yes, undo")
    vera.sees("➖ Anna Kruglova")


async def test_supporters_see_nothing_of_it(harbour: Town, owner: Person) -> None:
    anna = harbour.person("Anna")
    await anna.send("/start")
    await anna.press_data("facts")
    anna.sees("This button is out of date")
    group = harbour.telegram.group("Friends", members=[owner, anna])
    await owner.send("/help@solidarity_bot", chat=group)
    await owner.press_data("facts", chat=group)
    group.sees_not("What do you want to add or to change?")


WORDS = [">5", ">2026", ">Nine & <b>", ">tomorrow 19:00", ">Tbilisi", ">russian", ">a\nb", ">RUB",
         ">https://example.org/x", ">10 Dec 2026", ">150000 RUB", ">56.4, 61.9"]  # fmt: skip
ROOM = ("facts", "things", "thing", "newthing", "field", "clear", "pick", "review", "savething",
        "askgone", "gone")  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
async def test_wherever_one_wanders_nothing_breaks(harbour: Town, owner: Person, seed: int) -> None:
    """Any button of the room that is to be seen, or any words, again and again."""
    dice = Random(seed)
    for _step in range(120):
        seen = [one.data or "" for row in owner.last.buttons for one in row]
        inside = [data for data in seen if data.split(":")[0] in ROOM]
        if not inside:
            await taps(harbour, owner, ">/desk", "Facts")
        elif dice.random() < 0.3:
            await taps(harbour, owner, dice.choice(WORDS))
        else:
            harbour.clock.forward(seconds=2)
            await owner.press_data(dice.choice(inside))
        owner.sees_not("Something broke")
    assert harbour.telegram.violations == []


# What people type.

TYPED = [How.LANGUAGES, How.COUNTRY, How.DAY, How.DAYS, How.PARTIAL, How.BIRTHDAY, How.START,
         How.WHOLE, How.NUMBER, How.MONEY, How.LOCATION, How.LINES, How.TEXT]  # fmt: skip


def asked(how: How, present: Any = None) -> AskedOf:
    return AskedOf(Field("x", "goal", how), present, NOW.date(), vocabulary(), languages())


@given(text=st.text(max_size=60), how=st.sampled_from(TYPED))
def test_whatever_is_typed_is_understood_or_told(text: str, how: How) -> None:
    with suppress(Unclear):
        answer(text, asked(how))


@given(amount=st.integers(0, 10**9), cents=st.integers(0, 99), blank=st.sampled_from(" \u00a0'"))
def test_sums_are_read_as_they_are_written(amount: int, cents: int, blank: str) -> None:
    grouped = f"{amount:,}".replace(",", blank)
    for text in (
        f"{grouped},{cents:02} €",
        f"EUR {amount:,}.{cents:02}",
        f"{amount}.{cents:02} евро",
    ):
        assert answer(text, asked(How.MONEY)) == {
            "amount": f"{amount}.{cents:02}",
            "currency": "EUR",
        }


@pytest.mark.parametrize(
    ("how", "text", "value"),
    [
        (How.PARTIAL, "2025", "2025"), (How.PARTIAL, "апрель 2024", "2024-04"),
        (How.PARTIAL, "april 2024", "2024-04"), (How.PARTIAL, "3.11.2025", "2025-11-03"),
        (How.PARTIAL, "today", "2026-11-22"), (How.PARTIAL, "7.2025", "2025-07"),
        (How.BIRTHDAY, "14 марта", "03-14"), (How.BIRTHDAY, "29.02", "02-29"),
        (How.BIRTHDAY, "03-14", "03-14"), (How.COUNTRY, "грузия", "GE"), (How.COUNTRY, "ru", "RU"),
        (How.NUMBER, "2,5", "2.5"), (How.WHOLE, "1 200", "1200"), (How.NUMBER, "63 000", "63000"),
        (How.MONEY, "RUB", {"amount": None, "currency": "RUB"}),
        (How.MONEY, "150 000 ₽", {"amount": "150000", "currency": "RUB"}),
        (How.LOCATION, "56.4, 61.9", {"latitude": "56.400000", "longitude": "61.900000"}),
        (How.LOCATION, "1.23456789 -6", {"latitude": "1.234568", "longitude": "-6.000000"}),
        (How.LANGUAGES, "Russian, татарский", ["ru", "tt"]),
        (How.LINES, " a \n\n b", ["a", "b"]),
    ],
)  # fmt: skip
def test_what_is_typed_is_read(how: How, text: str, value: Any) -> None:
    assert answer(text, asked(how)) == value


@given(st.text(max_size=80))
def test_a_slug_is_a_slug(text: str) -> None:
    assert set(slugged(text)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_every_press_fits() -> None:
    for (code, name), item in product(EVERY_FIELD, (0, NEW_ITEM)):
        PickValue(form=code, id=2**31 - 1, field=name, item=item, value="z" * 24).pack()
