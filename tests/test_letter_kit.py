"""Letter kits in the bot: whom they are for, what is sent, and whose address is never in it."""

import csv
import io
import json
import threading
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.letter_kit import ENVELOPES, SHEETS, pdf
from bot.documents.press import LINE, PRESS
from bot.i18n import languages, speaking
from bot.services import letter_kit
from bot.views import letter_kit as views
from bot.views import letter_kit_pages as words
from bot.views.parts import person
from handlers import letter_kit as handlers
from models import Case, Defendant
from sandbox import Person
from tests import pages
from tests.test_letters import ADDRESS, NOW, STANDINGS, facts_of, held, may_be_given
from tests.town import Town

pytestmark = pytest.mark.either_database

RUSSIAN = "Заводская"
BOTH = b"events: [{slug: letters-in-may, write_to: [ivan-lodkin, marta-vetrova]}]"
KINDS = [views.CARDS, views.TABLE, *SHEETS, *ENVELOPES]
MOVED = b"cases: [{slug: port-strike, defendants: [{slug: ivan-lodkin, status: transfer}]}]"


def somebody(number: int, **more: Any) -> Defendant:
    one = held(**more)
    one.id, one.slug = number, f"person-{number}"
    one.case = Case(slug="c", title={"en": "The case", "ru": "Дело"})
    one.custody[0].facility.country = "RU"
    return one


def everything(kit: letter_kit.Kit) -> str:
    """Whatever is said of a kit: on screens, under files, and in them."""
    screens = [views.kit(kit).text, *(views.caption(kit, what) for what in KINDS)]
    printed = [
        words.cards(kit, "a_bot", "The fund", NOW),
        *(words.labels(kit, name) for name in SHEETS),
        *(words.envelopes(kit, size) for size in ENVELOPES),
    ]
    documents = [json.dumps(asdict(one), ensure_ascii=False) for one in printed]
    return "\n".join([*map(str, screens), *documents, str(words.rows(kit, "a_bot", NOW))])


@given(STANDINGS, st.sampled_from(languages()))
def test_an_address_is_printed_only_of_who_is_held_there_now(
    standing: dict[str, Any], tongue: str
) -> None:
    defendant, may = somebody(1, **facts_of(standing)), may_be_given(standing)
    kit = letter_kit.divided(None, [defendant], NOW)
    with speaking(tongue):
        said = everything(kit)
        name = person(defendant)
    assert (ADDRESS in said) is may
    assert name in said, "who is left out is listed as such"
    assert bool(kit.left_out) is not may


def test_a_kit_holds_so_many_and_says_it() -> None:
    people = [somebody(number) for number in range(1, letter_kit.AT_MOST + 3)]
    kit = letter_kit.divided(None, people, NOW)
    assert len(kit.people) == letter_kit.AT_MOST
    assert "A kit holds 60 people" in views.kit(kit).text


def test_where_the_russian_post_reads_a_code_it_is_in_boxes() -> None:
    for country, code, boxed in (
        ("RU", "620999", "620999"),
        ("RU", "62099", ""),
        ("RU", "٦٢٠٩٩٩", ""),
        ("KZ", "620999", ""),
        ("RU", None, ""),
    ):
        one = somebody(1)
        one.custody[0].facility.country = country
        one.custody[0].facility.postal_code = code
        kit = letter_kit.divided(None, [one], NOW)
        assert words.envelopes(kit, "C6").envelopes[0].code == boxed


def test_pictures_are_not_printed() -> None:
    assert words.printable("🕯 Вечер ❤️ № 5, 20 °C", 99) == "Вечер № 5, 20 °C"


def test_a_birthday_and_a_stay_are_told_by_their_days() -> None:
    one = somebody(1)
    one.birthday, one.custody[0].since = "02-29", date(2026, 1, 1)
    kit = letter_kit.divided(None, [one], NOW)
    with speaking("ru"):
        told = str(words.cards(kit, "a_bot", "", NOW))
    assert "29 февраля" in told
    assert "с 1 января 2026 года" in told


def documents(person: Person) -> dict[str, bytes]:
    return {one.document.name: one.document.content for one in person.messages if one.document}


SAID = {
    "en": ("Cover and", "Envelopes C6", "Table", "Labels", ADDRESS, "Ivan Lodkin", "Letter kit"),
    "ru": ("Обложка", "Конверты C6", "Таблица", "Наклейки", RUSSIAN, "Иван Лодкин", "Набор"),
}  # fmt: skip


@pytest.mark.parametrize("tongue", SAID)
async def test_the_kit_of_an_evening_is_printed(harbour: Town, tongue: str) -> None:
    await harbour.take_in(BOTH)
    cards, envelopes, table, labels, address, name, title = SAID[tongue]
    anna = harbour.person(language=tongue)
    await anna.send("/start e-1")
    await anna.press("🖨")
    anna.sees(name)
    for button in (cards, envelopes, table, labels, "3 × 8 · 70 × 37"):
        await anna.press(button)
    files = documents(anna)
    assert set(files) == {
        "letters-in-may-cards.pdf",
        "letters-in-may-envelopes-C6.pdf",
        "letters-in-may-labels-3x8.pdf",
        "letters-in-may-table.csv",
    }
    for file, content in files.items():
        read = pages.text(content) if file.endswith("pdf") else content.decode("utf-8-sig")
        assert address in read
        assert read.count(address) == (24 if "labels" in file else 1)
    captions = [one.text for one in anna.messages if one.document]
    assert all(("Marta" if tongue == "en" else "Марта") in caption for caption in captions)
    assert "upload_document" in anna.chat.actions
    screen = next(one for one in anna.messages if one.labels)
    assert screen.text.startswith(title), "the screen is what it was"
    assert not harbour.telegram.violations


async def test_a_table_lists_who_is_left_out_without_an_address(harbour: Town) -> None:
    await harbour.take_in(BOTH)
    anna = harbour.person(language="en")
    await anna.send("/start e-1")
    await anna.press("🖨")
    await anna.press("Table")
    content = documents(anna)["letters-in-may-table.csv"].decode("utf-8-sig")
    ivan, marta = csv.DictReader(io.StringIO(content, newline=""))
    assert (ivan["Name"], ivan["Confirmed"]) == ("Ivan Lodkin", "2026-11-19")
    assert ivan["Card"] == "https://t.me/solidarity_bot?start=d-ivan-lodkin"
    assert (marta["Name"], marta["Address"], marta["Postal code"]) == ("Marta Vetrova", "", "")
    assert marta["Nobody can write, for"].startswith("she is being moved")


async def test_people_are_switched_off_and_on(harbour: Town) -> None:
    await harbour.take_in(BOTH)
    anna = harbour.person(language="en")
    await anna.send("/start e-1")
    await anna.press("🖨")
    await anna.press("Choose people")
    anna.sees("1 person is chosen")
    await anna.press("📭 Marta")
    assert anna.toast
    assert "Nobody can write to them" in anna.toast.text
    await anna.press("✅ Ivan")
    anna.sees("0 people are chosen")
    await anna.press("Letter kit")
    anna.sees("nobody in it yet")
    assert "📄 Cover and cards" not in anna.last.labels
    await anna.press("Choose people")
    await anna.press("Everybody")
    anna.sees("1 person is chosen")
    await anna.press("Nobody")
    await anna.press("▫️ Ivan")
    await anna.press("Letter kit")
    anna.sees("For 1 person: Ivan Lodkin")
    await anna.press("Back")
    anna.sees("We write to")


async def test_what_was_seen_is_printed_or_seen_anew(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start e-1")
    await anna.press("🖨")
    old = next(b.data for row in anna.last.buttons for b in row if "cards" in str(b.data))
    assert old is not None
    await anna.press("Choose people")
    await anna.press("✅ Ivan")
    await anna.press_data(old)
    assert anna.toast
    assert "Others are chosen" in anna.toast.text
    assert not documents(anna)


async def test_who_was_moved_a_moment_ago_is_not_printed(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/letters")
    await anna.press("Print for several people")
    anna.sees("For 1 person: Ivan Lodkin")
    await harbour.take_in(MOVED)
    await anna.press("Cover and cards")
    assert not documents(anna)
    anna.sees_not(ADDRESS)
    await anna.send("/letters")
    assert "🖨 Print for several people" not in anna.last.labels


async def test_forged_kits_are_old_buttons(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start e-1")
    await anna.press("🖨")
    good = next(b.data for row in anna.last.buttons for b in row if "cards" in str(b.data))
    for forged in ("kit:99", "kitwho:99:0", "kitone:99:0:1:1", good.replace("cards", "poster")):
        await anna.press_data(forged)
        anna.sees("out of date")
        await anna.send("/start e-1")
        await anna.press("🖨")
    await anna.press_data("kitone:1:0:999:1")
    assert anna.toast
    assert "Nobody can write" in anna.toast.text


@pytest.fixture
def held_press(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """The press stands still until this is set."""
    release = threading.Event()

    def waits(kit: object) -> bytes:
        release.wait(60)
        assert threading.current_thread() is not threading.main_thread()
        return pdf(kit)  # type: ignore[arg-type]

    monkeypatch.setattr(handlers, "pdf", waits)
    return release


async def test_while_a_kit_is_made_others_are_answered(
    harbour: Town, held_press: threading.Event
) -> None:
    people = [harbour.person(f"P{number}", language="en") for number in range(LINE + 1)]
    for one in people:
        await one.send("/start e-1")
        await one.press("🖨")
    *line, last = people
    until = harbour.telegram.until
    try:
        for number, one in enumerate(line):
            await one.press("Cover and cards", wait=False)
            await until(lambda one=one: "⏳" in one.last.text, "it is made")  # type: ignore[misc]
            assert ("Others came before" in one.last.text) is (number > 0)
        await last.press("Cover and cards", wait=False)
        await until(lambda: last.toast is not None and "Many kits" in last.toast.text, "full")
        await last.send("/help", wait=False)
        await until(lambda: "/letters" in last.last.text, "helped")
    finally:
        held_press.set()
    await until(lambda: all("letters-in-may-cards.pdf" in documents(one) for one in line), "sent")
    await harbour.telegram.settled()
    assert PRESS.in_line == 0
    assert not documents(last)


async def test_after_a_failure_the_screen_is_there_again(
    harbour: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_kit: object) -> bytes:
        raise RuntimeError

    monkeypatch.setattr(handlers, "pdf", fails)
    anna = harbour.person(language="en")
    await anna.send("/start e-1")
    await anna.press("🖨")
    await anna.press("Cover and cards")
    anna.sees("Something broke on our side")
    assert PRESS.in_line == 0
