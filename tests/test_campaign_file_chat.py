"""The campaign file sent to the desk; what was changed, and undone there."""

import asyncio
import csv
import io
import threading

import pytest
from aiogram import Bot
from aiohttp import web
from sqlalchemy import func, select

from bot.services import members
from bot.services.campaign_file import Plan
from bot.services.campaign_file.patch import Patch, read_patch
from bot.services.campaign_file.reading import Progress
from bot.services.campaign_file.turns import LARGE, MOST, lines
from bot.show import Event
from handlers import campaign_file as chat
from handlers.campaign_file import MOST_DOWNLOADED
from handlers.rights import By
from models import Hearing, HistoryEntry
from sandbox import Person
from tests.test_away import until
from tests.test_history import CHANGES, state
from tests.test_members import joined
from tests.town import OWNER, Town, town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]
MOVED = CHANGES[0]
PERSON = "cases: [{slug: port-strike, defendants: [{**}]}]"
NEW_PERSON = PERSON.replace("**", "slug: nina, name: {en: Nina}")
STAY = "{facility: kamensk-sizo-1, confirmed_at: null, source: null}"
UNCONFIRMED = PERSON.replace("**", f"slug: ivan-lodkin, custody: [{STAY}]")


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


@pytest.fixture
async def lena(harbour: Town, owner: Person) -> Person:
    return await joined(harbour, owner)


async def sends(person: Person, file: str, name: str = "x.yaml") -> None:
    await person.send("/desk")
    await person.press("Campaign file")
    await person.send_document(name, file.encode())


async def test_a_file_is_looked_at_and_applied(harbour: Town, lena: Person) -> None:
    before = await state(harbour)
    await sends(lena, MOVED)
    lena.sees("This would change\n\n1 hearing changed")
    lena.sees("starts 25 Nov 2026 10:00 → 27 Nov 2026 09:30")
    assert await state(harbour) == before
    await lena.press("Apply all of it")
    lena.sees("Done. Those whom it concerns are told by themselves.")
    assert (await state(harbour))["hearing"]["port-strike-1"]["room"] == "4"
    assert harbour.telegram.violations == []


async def test_it_may_be_sent_in_russian_too(harbour: Town, owner: Person) -> None:
    vera = await joined(harbour, owner, language="ru")
    await vera.send("/desk")
    await vera.press("Файл кампании")
    await vera.send_document("x.yaml", MOVED.encode())
    vera.sees("Что изменится\n\nизменено 1 заседание")
    await vera.press("Применить всё")
    vera.sees("Готово.")
    await vera.press("Что менялось")
    vera.sees("Что менялось")


async def test_what_is_wrong_is_told_and_nothing_changes(harbour: Town, lena: Person) -> None:
    before = await state(harbour)
    await sends(lena, "hearings: [{slug: port-strike-1, starts_at: soon}]")
    lena.sees("Nothing was changed. Correct the file and send it again:")
    lena.sees("campaign.yaml:1: hearings[port-strike-1].starts_at")
    await lena.send_document("x.yaml", b"\x00\xff not yaml: [")
    lena.sees("Nothing was changed.")
    await lena.send_document("x.yaml", MOVED.encode())
    lena.sees("This would change")
    assert await state(harbour) == before


async def test_what_changed_meanwhile_is_looked_at_again(harbour: Town, lena: Person) -> None:
    await sends(lena, MOVED)
    await harbour.take_in(b"hearings: [{slug: port-strike-1, room: '9'}]")
    await lena.press("Apply all of it")
    assert lena.toast is not None
    assert lena.toast.text == "The file or the facts have changed meanwhile: look again."
    lena.sees("9 → 4")
    await lena.press("Apply all of it")
    lena.sees("Done.")


async def test_a_long_difference_has_pages(harbour: Town, lena: Person) -> None:
    words = "word " * 40
    people = ", ".join(
        f"{{slug: p-{n}, name: {{en: Person {n}}}, write_about: {{en: {words}}}}}"
        for n in range(30)
    )
    await harbour.take_in(f"cases: [{{slug: port-strike, defendants: [{people}]}}]".encode())
    await sends(
        lena, f"cases: [{{slug: port-strike, defendants: [{people}]}}]".replace("word", "talk")
    )
    seen = lena.last.text
    while any("›" in label for label in lena.last.labels):
        await lena.press(next(label for label in lena.last.labels if label.endswith("›")))
        assert len(lena.last.text) < 4096
        seen += lena.last.text
    assert "p-24" in seen


async def test_a_file_that_is_too_large(harbour: Town, lena: Person) -> None:
    await sends(lena, "#" * (MOST_DOWNLOADED + 1))
    lena.sees("The file is too large: at most 20 MB.")


async def sends_as(person: Person, content: bytes, **said: object) -> None:
    """With what else is said of it, whatever it is."""
    file = person.telegram.world.files.add("x.yaml", content, None, "document")
    await person.send("/desk")
    await person.press("Campaign file")
    await person.post({"document": {"file_id": file.id, "file_unique_id": "u", **said}})


@pytest.mark.parametrize("said", [{}, {"file_size": 1}, {"file_size": -(2**52)}])
async def test_a_file_that_is_larger_than_is_said(
    harbour: Town, lena: Person, said: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat, "MOST_DOWNLOADED", 100_000)
    await sends_as(lena, b"#" * 100_001, **said)
    lena.sees("The file is too large")
    await sends_as(lena, b"#" * 100_000, **said)
    lena.sees("The file is empty")


@pytest.mark.parametrize(
    ("part", "told"), [(b"#" * 50_000, "The file is too large"), (b"#", "does not give me")]
)
async def test_a_file_that_never_ends(
    database_url: str, part: bytes, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(_server: object, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(part)
            await asyncio.sleep(0.001)

    monkeypatch.setattr("sandbox.server.Server.on_file", endless)
    monkeypatch.setattr(chat, "MOST_DOWNLOADED", 1_000_000)
    monkeypatch.setattr(chat, "TO_COME", 1)
    async with town(database_url, "format.yaml", owners=(OWNER,)) as here:
        olga = here.telegram.person("Olga", language="en", id=OWNER)
        await olga.send("/start")
        await sends_as(olga, b"")
        olga.sees(told)


async def test_large_files_are_read_one_at_a_time(
    harbour: Town, owner: Person, lena: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each may take 210 MB; of small ones nobody waits for any."""
    reading, most, go = set[bytes](), list[int](), threading.Event()

    def slow(data: bytes, file: str, progress: Progress) -> Patch:
        reading.add(data)
        most.append(len(reading))
        if len(data) > LARGE:
            assert go.wait(20)
        reading.discard(data)
        return read_patch(data, file, progress)

    monkeypatch.setattr("bot.services.campaign_file.plans.read_patch", slow)
    people = [owner, lena]
    while len(people) <= MOST:
        harbour.clock.forward(minutes=1)
        people.append(await joined(harbour, owner))
    harbour.clock.forward(minutes=1)
    for one in people:
        await one.send("/desk")
        await one.press("Campaign file")
    for number, one in enumerate(people):
        content = f"{MOVED} # {number} {'x' * LARGE}".encode()
        await one.send_document("x.yaml", content, wait=False)
        await until(lambda n=number: standing() == min(n + 1, MOST))  # type: ignore[misc]
    last = people.pop()
    await until(lambda: "Other large files are being read." in last.last.text)
    await last.send_document("x.yaml", MOVED.encode(), wait=False)
    await until(lambda: "This would change" in last.last.text)
    assert max(most) == 2  # the small one beside
    go.set()
    await harbour.telegram.settled()
    for one in people:
        one.sees("This would change")
    assert max(most) == 2
    assert standing() == 0


def standing() -> int:
    return sum(line.standing for line in lines.values())


async def test_a_file_that_telegram_has_no_more(harbour: Town, lena: Person) -> None:
    await sends(lena, MOVED)
    lena.sees("This would change")
    gone = "Bad Request: file is temporarily unavailable"
    harbour.telegram.faults.refuse(400, gone, method="getFile")
    await lena.press("Apply all of it")
    lena.sees("Telegram does not give me this file. Please send it again.")
    await lena.send_document("x.yaml", MOVED.encode())
    lena.sees("This would change")


async def test_export_is_the_file(harbour: Town, lena: Person) -> None:
    await lena.send("/desk")
    await lena.press("Campaign file")
    await lena.press("The file as it is now")
    document = lena.messages[-1].document
    assert document is not None
    assert b"slug: port-strike-1" in document.content
    await lena.send_document("x.yaml", document.content)
    lena.sees("Nothing changes.")
    assert "✅ Apply all of it" not in lena.last.labels


async def test_an_editor_sends_no_files(harbour: Town, owner: Person) -> None:
    vera = await joined(harbour, owner, role="Editor")
    await vera.send("/desk")
    assert "📄 Campaign file" not in vera.last.labels
    for data in ("file", "filepage:0", "apply:1:x", "export"):
        await vera.press_data(data)
        vera.sees("This button is out of date")
    await vera.send_document("x.yaml", MOVED.encode())
    vera.sees("I can only read text")


async def test_who_loses_the_role_meanwhile_applies_nothing(
    harbour: Town, owner: Person, lena: Person
) -> None:
    await sends(lena, MOVED)
    before = await state(harbour)
    await owner.send("/desk")
    for label in ("Who keeps the facts", "Lena", "End it", "Yes, end it"):
        await owner.press(label)
    await lena.press("Apply all of it")
    assert await state(harbour) == before


async def test_who_loses_the_role_while_the_file_is_read_applies_nothing(
    harbour: Town, lena: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sends(lena, MOVED)
    before, planned = await state(harbour), chat.planned

    async def slowly(event: Event, bot: Bot, by: By) -> Plan | None:
        found = await planned(event, bot, by)
        async with harbour.app.sessions() as session:
            await members.end(session, by.member, by.now)
        return found

    monkeypatch.setattr(chat, "planned", slowly)
    await lena.press("Apply all of it")
    lena.sees("This button is out of date")
    assert await state(harbour) == before


# What was changed.


async def test_a_change_is_read_and_undone(harbour: Town, owner: Person, lena: Person) -> None:
    await sends(lena, MOVED)
    await lena.press("Apply all of it")
    await owner.send("/desk")
    await owner.press("What was changed")
    owner.sees("1. 22.11 15:00 · The port strike case, 27 Nov 2026 09:30: ")
    await owner.press(owner.last.labels[0])
    owner.sees("Lena, coordinator, by a file")
    owner.sees("1 hearing changed\n\nHearing The port strike case, 27 Nov 2026 09:30: ")
    owner.sees("room 12 → 4")
    await owner.press("Undo")
    owner.sees("Whoever was told of it is told of this, too.")
    owner.sees("⚠️ What changes back is not confirmed until somebody confirms it")
    owner.sees("starts 27 Nov 2026 09:30 → 25 Nov 2026 10:00")
    await owner.press("Yes, undo")
    assert (await state(harbour))["hearing"]["port-strike-1"]["room"] == "12"
    await owner.press(owner.last.labels[0])
    owner.sees("owner, undone")


async def test_of_very_many_things_the_number_is_told(
    harbour: Town, owner: Person, lena: Person
) -> None:
    day = "case: port-strike, court: kamensk-city, starts_at: 2027-03-01 10:00"
    many = ", ".join(f"{{slug: h-{n}, {day}}}" for n in range(150))
    await harbour.take_in(f"hearings: [{many}]".encode())
    vera = await joined(harbour, owner, role="Editor")
    for person, may_undo in ((owner, True), (lena, True), (vera, False)):
        await person.send("/desk")
        await person.press("What was changed")
        person.sees("· 150 hearings added\n")
        await person.press(person.last.labels[0])
        person.sees("150 hearings added\n\nThe first of them:\n100 hearings added: The port strike")
        assert ("↩️ Undo" in person.last.labels) == may_undo
    await lena.press("Undo")
    await lena.press("Yes, undo")
    assert len((await state(harbour))["hearing"]) == 1


async def test_a_page_past_the_end_is_the_last_one(harbour: Town, lena: Person) -> None:
    await lena.press_data("history:99999")
    lena.sees("What was changed")
    assert "‹ The desk" in lena.last.labels


async def test_names_are_for_owners_alone(harbour: Town, owner: Person, lena: Person) -> None:
    await sends(lena, MOVED)
    await lena.press("Apply all of it")
    await lena.press("What was changed")
    await lena.press(lena.last.labels[0])
    lena.sees("\ncoordinator, by a file")
    lena.sees_not("Lena, coordinator")


async def test_an_editor_undoes_what_an_editor_may_change(
    harbour: Town, owner: Person, lena: Person
) -> None:
    vera = await joined(harbour, owner, role="Editor")
    moves = "cases: [{slug: port-strike, defendants: [{slug: ivan-lodkin, status: released}]}]"
    for file, may in ((MOVED, True), (moves, False), (NEW_PERSON, False)):
        await harbour.take_in(file.encode())
        await vera.send("/desk")
        await vera.press("What was changed")
        await vera.press(vera.last.labels[0])
        assert ("↩️ Undo" in vera.last.labels) == may
        async with harbour.app.sessions() as session:
            version = await session.scalar(select(func.max(HistoryEntry.version)))
        before = await state(harbour)
        if not may:
            for data in (f"askundo:{version}:0", f"undo:{version}:0"):
                await vera.press_data(data)
                vera.sees("This button is out of date")
            assert await state(harbour) == before


async def test_a_person_whom_somebody_else_added_stays(
    harbour: Town, owner: Person, lena: Person
) -> None:
    vera = await joined(harbour, owner, role="Editor")
    await sends(lena, NEW_PERSON)
    await lena.press("Apply all of it")
    for person, may in ((vera, False), (lena, True)):
        await person.send("/desk")
        await person.press("What was changed")
        await person.press("1")
        assert ("↩️ Undo" in person.last.labels) == may


async def test_a_word_that_was_withdrawn_is_not_undone(harbour: Town, lena: Person) -> None:
    await harbour.take_in(UNCONFIRMED.encode())
    await lena.send("/desk")
    await lena.press("What was changed")
    await lena.press("1")
    lena.sees("place of custody Remand prison No. 1, Kamensk: confirmed 19 Nov 2026 → —")
    await lena.press("Undo")
    lena.sees("Only a confirmation went with it.")
    assert "Yes, undo" not in lena.last.labels
    async with harbour.app.sessions() as session:
        version = await session.scalar(select(func.max(HistoryEntry.version)))
    await lena.press_data(f"undo:{version}:0")
    lena.sees("Only a confirmation went with it.")


def table_of(person: Person) -> list[dict[str, str]]:
    *_, content = [one.document.content for one in person.messages if one.document]
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=","))


async def test_the_first_file_is_not_undone_as_a_whole(harbour: Town, owner: Person) -> None:
    await owner.send("/desk")
    for label in ("What was changed", "1", "Undo"):
        await owner.press(label)
    owner.sees("The first file cannot be undone as a whole")
    await owner.press("Facts")
    owner.sees("What do you want to add or to change?")


async def test_the_list_tells_what_changed_and_what_changed_back(
    harbour: Town, lena: Person
) -> None:
    title = "en: The very long case of the strike in the port of Kamensk and all who were there"
    for room in ("9", "10"):
        await sends(lena, f"hearings: [{{slug: port-strike-1, room: '{room}'}}]")
        await lena.press("Apply all of it")
    await lena.press("What was changed")
    await lena.press("1")
    await lena.press("Undo")
    lena.sees("The port strike case, 25 Nov 2026 10:00: room 10 → 9")
    await lena.press("Yes, undo")
    lena.sees("1. 22.11 15:00 · ↩️ The port strike case, 25 Nov 2026 10:00: room 10 → 9")
    lena.sees("2. 22.11 15:00 · The port strike case, 25 Nov 2026 10:00: room 9 → 10")
    await harbour.take_in(f"cases: [{{slug: port-strike, title: {{{title}}}}}]".encode())
    await lena.press_data("history:0")
    lena.sees("· ↩️ The very long case of the strike in the…, 25 Nov 2026 10:00: room 10 → 9")


async def test_what_comes_back_is_called_by_its_name(harbour: Town, lena: Person) -> None:
    await sends(lena, "hearings: [{slug: port-strike-1, remove: true}]")
    await lena.press("Apply all of it")
    await lena.press("What was changed")
    await lena.press("1")
    await lena.press("Undo")
    lena.sees("1 hearing added: The port strike case, 25 Nov 2026 10:00")
    lena.sees_not("port-strike-1")


async def test_all_of_it_comes_as_a_table(harbour: Town, owner: Person, lena: Person) -> None:
    await sends(lena, MOVED)
    await lena.press("Apply all of it")
    for person, who in ((owner, "Lena, coordinator, by a file"), (lena, "coordinator, by a file")):
        await person.send("/desk")
        await person.press("What was changed")
        await person.press("All of it as a table")
        rows = table_of(person)
        assert rows[0]["What"] == "Organisation"
        last = [row for row in rows if row["Slug"] == "port-strike-1" and row["Before"]]
        assert {row["Key"] for row in last} == {"starts_at", "room", "confirmed_at", "source"}
        assert {row["By whom"] for row in last} == {who}
        assert ("12", "4") in {(row["Before"], row["Afterwards"]) for row in last}
        assert last[0]["When"] == "2026-11-22 15:00:00+03:00"
    vera = await joined(harbour, owner, role="Editor")
    await vera.send("/desk")
    await vera.press("What was changed")
    assert "📥 All of it as a table" not in vera.last.labels
    await vera.press_data("histfile")
    vera.sees("This button is out of date")
    assert harbour.telegram.violations == []


async def test_what_is_no_document_is_asked_for_again(harbour: Town, lena: Person) -> None:
    await lena.send("/desk")
    await lena.press("Campaign file")
    await lena.send("hearings: []")
    lena.sees("This is no document: attach the file with 📎.")
    await lena.send_document("x.yaml", MOVED.encode())
    lena.sees("This would change\n\n1 hearing changed")
    await lena.send("/cases")
    lena.sees_not("This is no document")


async def test_what_was_changed_again_is_undone_in_its_order(harbour: Town, lena: Person) -> None:
    await harbour.take_in(MOVED.encode())
    harbour.clock.forward(minutes=1)
    await harbour.take_in(b"hearings: [{slug: port-strike-1, room: '5'}]")
    await lena.send("/desk")
    await lena.press("What was changed")
    await lena.press("2")
    await lena.press("Undo")
    lena.sees("changed again since: undo that first")
    await lena.press("The later change")
    lena.sees("4 → 5")


async def test_what_cannot_be_as_it_was_says_why(harbour: Town, lena: Person) -> None:
    link = "url: https://x.example.org, checked_at: 2026-11-22"
    await harbour.take_in(f"donation_routes: [{{slug: lodkin-card-ru, {link}}}]".encode())
    await lena.send("/desk")
    await lena.press("What was changed")
    await lena.press(lena.last.labels[0])
    await lena.press("Undo")
    lena.sees("It cannot be undone as it was:")
    lena.sees("Look at it anew")


async def test_a_stranger_presses_nothing_of_it(harbour: Town, owner: Person) -> None:
    mole = harbour.person("Mole")
    await mole.send("/help")
    async with harbour.app.sessions() as session:
        before = await session.scalar(select(func.count()).select_from(Hearing))
    forged = ("history:0", "change:1:0", "askundo:1:0", "undo:1:0", "file", "apply:1:x", "export")
    for data in forged:
        await mole.press_data(data)
        mole.sees("This button is out of date")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Hearing)) == before


async def test_what_is_applied_is_the_file_that_is_shown(harbour: Town, lena: Person) -> None:
    await sends(lena, MOVED)
    first = lena.last
    await lena.send_document("y.yaml", b"hearings: [{slug: port-strike-1, remove: true}]")
    before = await state(harbour)
    await lena.press("Apply all of it", message=first)
    assert await state(harbour) == before
    assert lena.toast is not None
    assert lena.toast.text == "The file or the facts have changed meanwhile: look again."
