"""Broadcasts: written at the desk, sent to whom they are for, corrected and recalled."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from aiogram.types import Chat, Message, MessageEntity
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from sqlalchemy import bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.db import Sessions, writing
from bot.delivery import waiting
from bot.formatted import html_of
from bot.markup import plain, visible_length
from bot.migrate import migrate, run
from bot.services import broadcasts, members
from bot.services.audience import EVERYBODY, audience, things_of, window
from bot.services.broadcasts import Version
from bot.services.rights import Action
from bot.views import broadcasts as views
from handlers import broadcasts as handlers
from handlers import mending
from handlers.rights import May
from models import (
    ALERTS,
    Broadcast,
    Follow,
    Kind,
    Notice,
    Priority,
    Seat,
    Subject,
    Subscriber,
    To,
)
from models.base import Moment
from sandbox import Group, Person
from sandbox import html as sandbox_html
from sandbox.entities import finish
from tests.delivery import Delivery as Telling
from tests.delivery import until
from tests.test_audience import World, add, build, laboratory, somebody
from tests.test_members import joined
from tests.town import NOW, OWNER, VAULT, Town, town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("quick_progress")]
PICTURE = b"\xff\xd8\xff"


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


@pytest.fixture
async def vera(harbour: Town, owner: Person) -> Person:
    """A coordinator."""
    return await joined(harbour, owner)


async def only(here: Town) -> Broadcast:
    async with here.app.sessions() as session:
        return (await session.scalars(select(Broadcast))).one()


async def supporter(here: Town, name: str = "Anna", language: str = "en") -> Person:
    """Of Ivan Lodkin."""
    anna = here.person(name, language=language)
    await anna.send("/start d-ivan-lodkin")
    await anna.press_data("fwho:1:1")
    return anna


def came(person: Person | Group) -> list[str]:
    """From the bot since they did something last."""
    new = [one for one in person.messages if one.from_bot and one.message_id > person.heard]
    person.all_heard()
    return [one.text for one in new]


async def presses(here: Town, person: Person, *labels: str) -> None:
    for label in labels:
        here.clock.forward(seconds=1)  # nobody is as fast as that
        await person.press(label)


ALONE: dict[str, Any] = {"owners": (OWNER,), "four_eyes": False}
WAY = {
    "en": ["Broadcasts", "Write to many", "Everybody", "English"],
    "ru": ["Рассылки", "Новая рассылка", "Всем", "Русский"],
}


async def drafted(
    here: Town, person: Person, text: str = "Warm <clothes>", language: str = "en"
) -> None:
    await person.send("/desk")
    await presses(here, person, *WAY[language])
    await person.send(text)


async def sent(here: Town, delivery: Telling, person: Person, **how: str) -> None:
    await drafted(here, person, **how)
    await presses(here, person, "Send…", "Send now")
    await delivery.rests(here)


async def sees(person: Person, text: str) -> None:
    """As soon as it is drawn."""

    async def is_there() -> bool:
        return any(text in one.text for one in person.messages if one.from_bot)

    await until(is_there)


def screen(person: Person) -> Any:
    """The newest of the desk: the broadcast itself may have come below it."""
    return next(one for one in reversed(person.messages) if "‹ Broadcasts" in one.labels)


# The whole way.


async def test_from_the_desk_to_everybody_and_back(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    anna = await supporter(harbour)
    await drafted(harbour, vera)
    vera.sees("For: everybody\n3 people\n\nEnglish: Warm <clothes>")
    await presses(harbour, vera, "Send…")
    vera.sees("Send it to 3 people?")
    await presses(harbour, vera, "Send now")
    await delivery.rests(harbour)
    assert came(anna) == ["Warm <clothes>\n\nTo everybody who uses this bot."]
    assert anna.last.labels == ["⚙️ What is told, and when"]
    await sees(vera, "✅ Sent")
    await sees(vera, "Got it: 3")
    await presses(harbour, vera, "Correct")
    await vera.send("Cold <clothes>")
    vera.sees("Edit it for 3 people? Above it stands as they will see it.")
    assert "Cold <clothes>\n\nTo everybody" in vera.messages[-2].text
    await presses(harbour, vera, "Yes, correct it")
    await mended(delivery, harbour)
    anna.sees("Cold <clothes>\n\nTo everybody who uses this bot.")
    assert anna.last.labels == ["⚙️ What is told, and when"]
    await sees(vera, "Corrected: 3 of 3")
    await presses(harbour, vera, "Recall")
    vera.sees("Delete it in the chats of 3 people?")
    await presses(harbour, vera, "Yes, recall it")
    await mended(delivery, harbour)
    await sees(vera, "Deleted: 3 of 3")
    anna.sees_not("clothes", anywhere=True)
    assert harbour.telegram.violations == []


async def mended(delivery: Telling, here: Town) -> None:
    """The tick that sees what was asked, and the one that sees what came of it."""

    async def is_asked() -> bool:
        await delivery.rests(here)
        async with here.app.sessions() as session:
            waits = Broadcast.mending_id.is_(None), Broadcast.corrected_at.is_not(None)
            more = Broadcast.mending_id.is_(None), Broadcast.recalled_at.is_not(None)
            found = [
                await session.scalar(select(Broadcast.id).where(*one)) for one in (waits, more)
            ]
        return found == [None, None]

    await until(is_asked)
    await delivery.rests(here)


async def test_it_goes_in_russian(delivery: Telling, harbour: Town, owner: Person) -> None:
    vera = await joined(harbour, owner, language="ru")
    oleg = await supporter(harbour, "Олег", "ru")
    await drafted(harbour, vera, "Приходите", "ru")
    vera.sees("Кому: всем\n3 человека (Русский 2, English 1)")
    vera.sees("⚠️ 1 человек читает на другом языке (английский)")
    await presses(harbour, vera, "Отправить…", "Позже")
    await vera.send("завтра в 9:30")
    vera.sees("Отправить 23 ноября 2026, 09:30 (3 человека)?")
    await presses(harbour, vera, "Да, запланировать")
    vera.sees("Уйдёт 23 ноября 2026, 09:30.")
    await delivery.rests(harbour)
    assert came(oleg) == []
    harbour.clock.forward(hours=18)
    await presses(harbour, vera, "‹ Рассылки")
    harbour.clock.forward(hours=1)
    await delivery.rests(harbour)
    assert came(oleg) == ["Приходите\n\nВсем, кто пользуется этим ботом."]


async def test_who_planned_it_is_told_that_it_was_too_late(
    delivery: Telling, harbour: Town, owner: Person
) -> None:
    vera = await joined(harbour, owner, language="ru")
    await drafted(harbour, vera, "Приходите", "ru")
    await presses(harbour, vera, "Отправить…", "Позже")
    await vera.send("завтра в 9:30")
    await presses(harbour, vera, "Да, запланировать")
    harbour.clock.forward(hours=26)
    came(owner)
    await delivery.rests(harbour)
    assert came(owner) == []
    vera.sees("⏰ Рассылка не ушла")
    await presses(harbour, vera, "Посмотреть")
    vera.sees("пока её никто не получил")
    vera.sees("Приходите")


async def test_where_its_author_has_gone_the_others_are_told(
    delivery: Telling, harbour: Town, owner: Person
) -> None:
    vera = await joined(harbour, owner, term="30 days")
    await drafted(harbour, vera)
    await presses(harbour, vera, "Send…", "Later")
    await vera.send("21.12.2026 9:30")
    await presses(harbour, vera, "Yes, plan it")
    harbour.clock.forward(days=31)
    async with harbour.app.sessions() as session:
        assert await members.forget_ended(session, harbour.clock.now()) == 1
    await delivery.rests(harbour)
    owner.sees("⏰ A broadcast was not sent")


# Each step, with Back and wrong input.


STEPS = [
    (["Send…"], "Send it to"),
    (["Send…", "Later"], "When shall it go?"),
    (["Send…", "Urgent"], "Urgent: it overtakes"),
    (["Send…", "Urgent", "Yes, it is urgent"], "Once more"),
    (["Languages"], "in one language, or all"),
    (["For whom"], "For whom is it?"),
    (["For whom", "Followers of a city"], "Which city?"),
    (["✓ English"], "Write it in English"),
    (["Delete the draft"], "Delete this draft?"),
]


@pytest.mark.parametrize(("labels", "text"), STEPS)
async def test_back_from_each_step_leaves_the_draft_as_it_is(
    harbour: Town, vera: Person, labels: list[str], text: str
) -> None:
    await drafted(harbour, vera)
    before = await only(harbour)
    await presses(harbour, vera, *labels)
    vera.sees(text)
    for _ in range(3):
        back = next((one for one in ("‹ Back", "‹ Cancel", "No") if one in vera.last.labels), None)
        if back is None:
            break
        await presses(harbour, vera, back)
    vera.sees("A broadcast: nobody has it yet")
    after = await only(harbour)
    assert (after.edition, after.versions, after.due_at) == (before.edition, before.versions, None)
    await vera.send("Ivan Lodkin")  # is no answer to any question any more
    assert (await only(harbour)).edition == before.edition


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("gibberish", "I do not understand “gibberish”."),
        ("tomorrow", "Both the day and the hour, please."),
        ("9:30", "Both the day and the hour, please."),
        ("22.11.2026 9:30", "That moment has passed."),
        ("23.11.2028 9:30", "more than a year ahead"),
        ("tomorrow 9:30, room 4", "I do not understand “tomorrow"),
        ("tomorrow 31:70", "I do not understand"),
    ],
)
async def test_a_moment_that_will_not_do_is_asked_again(
    harbour: Town, vera: Person, typed: str, why: str
) -> None:
    await drafted(harbour, vera)
    await presses(harbour, vera, "Send…", "Later")
    await vera.send(typed)
    vera.sees(why)
    vera.sees("When shall it go?")
    await vera.send("18:30")
    vera.sees("Send it on 22 November 2026, 18:30 to 2 people?")
    await vera.send("1 Dec 10:00")
    await presses(harbour, vera, "Yes, plan it")
    vera.sees("It goes out on 1 December 2026, 10:00.")
    await presses(harbour, vera, "Back to a draft")
    vera.sees("nobody has it yet")
    assert (await only(harbour)).due_at is None


async def test_words_that_will_not_do_are_asked_again(harbour: Town, vera: Person) -> None:
    await vera.send("/desk")
    await presses(harbour, vera, *WAY["en"])
    room = views.room(False)
    await vera.send("x" * (room + 1))
    vera.sees(f"That is {room + 1} characters; at most {room} fit.")
    await vera.send_sticker()
    vera.sees("I take a text, a picture, a document")
    await vera.send_photo(PICTURE, caption="😀" * 500)
    vera.sees(f"That is 1000 characters; at most {views.room(True)} fit.")
    bold = [{"type": "bold", "offset": 2 * n, "length": 1} for n in range(96)]
    await vera.post({"text": "b " * 96, "entities": bold})
    vera.sees("too much formatting")
    await vera.send("x" * room)
    vera.sees("nobody has it yet")
    assert visible_length(Markup((await only(harbour)).versions["en"]["text"])) == room


PAID = [
    "Card 4111 1111 1111 1111", "Сбер 8 999 123-45-67", "see donate.example.org/lodkin-ru",
    "TLmPnGjdZ9VgN8Gg6\najCERRNjZKdE8uu3N",
]  # fmt: skip


@pytest.mark.parametrize("words", PAID)
async def test_no_way_to_pay_stays_in_all_chats(
    delivery: Telling, harbour: Town, vera: Person, words: str
) -> None:
    """It would be there when it has lapsed, and for those for whom it was never safe."""
    await drafted(harbour, vera, words)
    vera.sees("is a way to pay")
    link = {"type": "text_link", "offset": 0, "length": 4}
    url = "https://Donate.Example.org/lodkin?from=x"
    await vera.post({"text": "Here", "entities": [link | {"url": url}]})
    vera.sees("“donate.example.org/lodkin” is a way to pay")
    await vera.send_photo(PICTURE, caption=words)
    vera.sees("is a way to pay")
    await vera.send("Trial on 01.12.2026, 10:00. Call +7 999 123-45-67, see https://example.org/a")
    vera.sees("nobody has it yet")
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    await sees(vera, "✅ Sent")
    await presses(harbour, vera, "Correct")
    await vera.send(words)
    vera.sees("is a way to pay")


async def test_the_longest_text_and_caption_go_out(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    """With the longest reason there is, in the other language too."""
    oleg = await supporter(harbour, "Олег", "ru")
    await harbour.take_in(
        f"cases: [{{slug: port-strike, title: {{en: {'N' * 200}, ru: {'Н' * 200}}}}}]".encode()
    )
    await oleg.press_data("fcase:1:0::0:1")
    await oleg.press_data("unfollow:1:0:0")
    await vera.send("/desk")
    await presses(
        harbour, vera, "Broadcasts", "Write to many", "Followers of a case", "NNN", "English"
    )
    await vera.send("x" * views.room(False))
    await presses(harbour, vera, "Русский")
    await vera.send_photo(PICTURE, caption="я" * views.room(True))
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    assert oleg.last.photo is not None
    assert oleg.last.text.count("я") == views.room(True)
    assert "НННН" in oleg.last.text
    assert "…" in oleg.last.text
    assert len(oleg.last.text) <= 1024
    assert harbour.telegram.violations == []


async def test_nothing_is_sent_that_is_empty_or_too_long(harbour: Town, vera: Person) -> None:
    await vera.send("/desk")
    await presses(harbour, vera, *WAY["en"][:3])
    assert "📤 Send…" not in vera.last.labels
    one = await only(harbour)
    await vera.press_data(f"bcsend:{one.id}:{one.edition}:0:0")
    assert vera.toast is not None
    assert "something is missing" in vera.toast.text
    caption = {"text": "x" * 1000, "media": [["photo", "f"]]}
    async with harbour.app.sessions() as session:
        await broadcasts.write(session, one.id, "en", None, Version.of_json(caption))
    await presses(harbour, vera, "‹ Broadcasts", "✏️ 22.11")
    vera.sees("⚠️ Too long in English")
    await presses(harbour, vera, "Send…")
    assert "or too long" in vera.toast.text
    assert (await only(harbour)).due_at is None


# Languages.


async def test_a_version_for_each_language_and_who_would_read_the_wrong_one(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    anna = await supporter(harbour)
    oleg, pavel = [await supporter(harbour, name, "ru") for name in ("Олег", "Павел")]
    await drafted(harbour, vera, "Come")
    vera.sees("5 people (English 3, Русский 2)")
    vera.sees("⚠️ 2 people read Russian: they will get it in English.")
    await presses(harbour, vera, "Русский")
    vera.sees("Write it in Русский")
    await vera.send("Приходите")
    vera.sees_not("⚠️")
    vera.sees("English: Come\n\nРусский: Приходите")
    await presses(harbour, vera, "✓ English", "Remove this version")
    vera.sees("⚠️ 3 people read English: they will get it in Russian.")
    await presses(harbour, vera, "English")
    await vera.send("Come at last")
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    assert came(anna)[0].startswith("Come at last\n")
    assert [came(one)[0].split("\n")[0] for one in (oleg, pavel)] == ["Приходите"] * 2


async def test_only_those_who_read_one_language(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    anna, oleg = await supporter(harbour), await supporter(harbour, "Олег", "ru")
    await drafted(harbour, vera)
    await presses(harbour, vera, "Languages", "Русский")
    vera.sees("1 person, readers of: Русский")
    vera.sees("⚠️ 1 person reads Russian: they will get it in English.")
    await vera.press_data(f"bclang:1:{(await only(harbour)).edition}:xx")
    vera.sees("out of date")
    await presses(harbour, vera, "Send…") if "Send…" in vera.last.labels else None
    one = await only(harbour)
    await vera.press_data(f"bcsend:{one.id}:{one.edition}:0:0")
    await delivery.rests(harbour)
    assert (len(came(anna)), len(came(oleg))) == (0, 1)


# Whom it reaches.


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        (["Followers of a case", "The port"], "Because you follow: Ivan Lodkin"),
        (["Followers of a person", "Ivan"], "Because you follow: Ivan Lodkin"),
        (["Followers of a city", "Kamensk"], "Because you follow: courts in Kamensk"),
        (["Those who come to an event", "Evening"], "Because you come to: Evening of letters"),
        (["Everybody"], "To everybody who uses this bot."),
    ],
)
async def test_the_count_is_who_gets_it_and_why(
    delivery: Telling, harbour: Town, vera: Person, labels: list[str], reason: str
) -> None:
    anna = await supporter(harbour)
    await anna.press_data("fcity:0:0:1:0:0:1")
    await anna.press_data("seat:1::1")
    await harbour.person("Mole").send("/start")
    await vera.send("/desk")
    await presses(harbour, vera, "Broadcasts", "Write to many", *labels)
    number = 3 if labels == ["Everybody"] else 1
    vera.sees(f"{number} {'people' if number > 1 else 'person'}")
    await presses(harbour, vera, "English")
    await vera.send("Come")
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    assert came(anna) == [f"Come\n\n{reason}"]
    async with harbour.app.sessions() as session:
        notice = (await session.scalars(select(Notice).where(Notice.kind == "broadcast"))).one()
    assert (notice.total, notice.sent) == (number, number)
    ends = {"✖️ Unfollow", "⚙️ What is told, and when"} & {*anna.last.labels}
    assert len(ends) == 1
    await presses(harbour, anna, ends.pop())
    assert anna.toast is not None
    assert harbour.telegram.violations == []


async def test_unfollow_under_a_broadcast_ends_that_follow(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    anna = await supporter(harbour)
    await vera.send("/desk")
    await presses(
        harbour, vera, "Broadcasts", "Write to many", "Followers of a person", "Ivan", "English"
    )
    await vera.send("Come")
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    await presses(harbour, anna, "Unfollow")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Follow)) == 0
    await presses(harbour, vera, "‹ Broadcasts", "✅ 22.11", "Correct")
    await vera.send("Do not come")
    await presses(harbour, vera, "Yes, correct it")
    await mended(delivery, harbour)
    anna.sees("Do not come\n\nFrom the organisers.")
    assert anna.last.labels == ["⚙️ What is told, and when"]


async def test_one_switch_turns_them_off(delivery: Telling, harbour: Town, vera: Person) -> None:
    anna = await supporter(harbour)
    await anna.press_data("alerts")
    await anna.press("✓ From the organisers")
    assert "From the organisers" in anna.last.labels
    anna.all_heard()
    await sent(harbour, delivery, vera)
    assert came(anna) == []
    assert (await card_of(harbour)).counted.total == 2


async def card_of(here: Town, number: int = 1) -> broadcasts.Card:
    async with here.app.sessions() as session:
        return await broadcasts.card(session, number, here.clock.now())


async def switches_off(here: Town, person: Person) -> None:
    await person.press_data("alert:broadcast:0")


async def blocks(here: Town, person: Person) -> None:
    await here.telegram.confirmed(person.block())


async def is_silent(here: Town, person: Person) -> None:
    await person.press_data("setsilence:7")


async def mutes(here: Town, person: Person) -> None:
    await person.press_data("mute:1:0:1:0")


async def forgets(here: Town, person: Person) -> None:
    await person.send("/forget")
    await person.press("Yes, delete it")


@pytest.mark.parametrize("is_early", [True, False])
@pytest.mark.parametrize("leaves", [switches_off, blocks, is_silent, mutes, forgets])
async def test_who_wants_none_gets_none(
    delivery: Telling,
    harbour: Town,
    vera: Person,
    leaves: Callable[[Town, Person], Awaitable[None]],
    is_early: bool,
) -> None:
    """Neither counted, nor told though they left after it began: in the night, say."""
    anna = await supporter(harbour)
    if is_early:
        await leaves(harbour, anna)
    else:
        async with harbour.app.sessions() as session, writing(session):
            night = {"quiet_from": 15, "quiet_until": 17, "timezone": "Europe/Moscow"}
            its = Subscriber.chat_index == VAULT.index(anna.id)
            await session.execute(update(Subscriber).where(its).values(**night))
    anna.all_heard()
    await vera.send("/desk")
    await presses(
        harbour, vera, "Broadcasts", "Write to many", "Followers of a case", "The port", "English"
    )
    await vera.send("Come")
    vera.sees("0 people" if is_early else "1 person")
    if is_early:
        return
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    assert came(anna) == []
    await leaves(harbour, anna)
    anna.all_heard()
    harbour.clock.forward(hours=3)
    await delivery.rests(harbour)
    assert came(anna) == []


async def test_a_group_gets_it_as_a_group(delivery: Telling, harbour: Town, vera: Person) -> None:
    anna = await supporter(harbour)
    group = harbour.telegram.group("Friends", admins=[anna])
    await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    await anna.press_data("fwho:1:1", chat=group)
    group.all_heard()
    await vera.send("/desk")
    await presses(
        harbour, vera, "Broadcasts", "Write to many", "Followers of a person", "Ivan", "English"
    )
    await vera.send("Come")
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    assert came(group) == ["Come\n\nThis group follows: Ivan Lodkin"]


async def test_who_blocked_the_bot_and_is_back_gets_it_once(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    anna = await supporter(harbour)
    await harbour.telegram.confirmed(anna.block())
    await sent(harbour, delivery, vera)
    await harbour.telegram.confirmed(anna.unblock())
    await delivery.rests(harbour)
    assert [text for text in came(anna) if "clothes" in text] == [
        "Warm <clothes>\n\nTo everybody who uses this bot."
    ]


@dataclass(frozen=True)
class Someone:
    """What decides whether somebody gets it."""

    language: str | None
    follows: frozenset[tuple[Subject, bool]]
    """What of Ivan Lodkin's, and whether it is muted."""
    is_on: bool
    is_silent: bool
    is_blocked: bool
    comes: bool

    def gets(self, to: To, language: str) -> bool:
        if not self.is_on or self.is_silent or self.is_blocked:
            return False
        if language and (self.language or "en") != language:
            return False
        heard = {subject for subject, muted in self.follows if not muted}
        of_case = {Subject.DEFENDANT, Subject.CASE, Subject.ALL}
        match to:
            case To.ALL:
                return not self.follows or bool(heard)
            case To.CASE | To.DEFENDANT:
                return bool(heard & of_case)
            case To.CITY:
                return bool(heard & {Subject.CITY, Subject.ALL})
            case To.EVENT:
                return self.comes


FOLLOWED = (Subject.DEFENDANT, Subject.CASE, Subject.CITY, Subject.ALL)
SOMEONE = st.builds(
    Someone,
    language=st.sampled_from([None, "en", "ru"]),
    follows=st.frozensets(st.tuples(st.sampled_from(FOLLOWED), st.booleans()), max_size=3).filter(
        lambda those: len({subject for subject, _ in those}) == len(those)
    ),
    is_on=st.integers(0, 5).map(bool),
    is_silent=st.integers(0, 5).map(lambda n: n == 0),
    is_blocked=st.integers(0, 5).map(lambda n: n == 0),
    comes=st.booleans(),
)


WORLD = World()
THINGS = {To.ALL: 0, To.DEFENDANT: 1, To.CASE: WORLD.people[1], To.CITY: 1, To.EVENT: 1}


async def entered(session: AsyncSession, those: Sequence[Someone]) -> dict[int, int]:
    """Their numbers, by place."""
    every, numbers = sum(ALERTS.values()), dict[int, int]()
    for place, one in enumerate(those):
        options = {
            "language": one.language,
            "alerts": every if one.is_on else every & ~ALERTS[Kind.BROADCAST],
            "silent_until": NOW + timedelta(days=1) if one.is_silent else None,
            "blocked_on": NOW if one.is_blocked else None,
        }
        numbers[place] = await somebody(session, f"{place}", **options)
        for subject, muted in one.follows:
            thing = {Subject.ALL: 0, Subject.CASE: WORLD.people[1]}.get(subject, 1)
            await add(session, numbers[place], subject, thing, muted)
        seat = {"event_id": 1, "day": "", "people": 1, "taken_at": NOW, "version": 1}
        whose = {"subscriber_id": numbers[place], "is_waiting": not one.comes}
        session.add(Seat(**whose, **seat))
    await session.flush()
    return numbers


async def reached(
    session: AsyncSession, those: Sequence[Someone], to: To, language: str
) -> tuple[set[int], int]:
    """By windows, as the outbox goes through a million; and how many the desk counts."""
    await build(session, WORLD)
    numbers = await entered(session, those)
    one = Broadcast(id=1, to=to, thing_id=THINGS[to], day="", language=language, is_urgent=False)
    notice = broadcasts.notice_for(one, NOW)
    things, after, found = await things_of(session, notice), 0, list[int]()
    while after < EVERYBODY:
        until = await window(session, notice, things, after, 2)
        rows = await session.execute(await audience(session, notice, NOW, after, until))
        found += [person for person, _follow in rows]
        after = until
    assert len(found) == len(set(found))
    counted = sum((await broadcasts.readers(session, one, NOW)).values())
    return {place for place, number in numbers.items() if number in found}, counted


@pytest.mark.parametrize("to", [*To])
def test_whom_it_reaches_by_a_model(to: To, database_url: str) -> None:
    async def compare(those: list[Someone], language: str) -> None:
        async with laboratory(database_url) as session:
            found, counted = await reached(session, those, to, language)
        assert found == {n for n, one in enumerate(those) if one.gets(to, language)}
        assert counted == len(found)

    @given(those=st.lists(SOMEONE, max_size=8), language=st.sampled_from(["", "ru", "en"]))
    def reaches(those: list[Someone], language: str) -> None:
        asyncio.run(compare(those, language))

    reaches()


# What is typed.


async def test_bold_and_links_stay_and_nothing_else(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    anna = await supporter(harbour)
    await vera.send("/desk")
    await presses(harbour, vera, *WAY["en"])
    text = "😀 Bold <i>link</i> & name"
    entities = [
        {"type": "bold", "offset": 3, "length": 4},
        {"type": "italic", "offset": 3, "length": 4},
        {"type": "text_link", "offset": 8, "length": 11, "url": 'https://example.org/?a="b"&c=<d>'},
        {"type": "text_mention", "offset": 22, "length": 4, "user": vera.user.as_json()},
    ]
    await vera.post({"text": text, "entities": entities})
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    assert anna.last.text.startswith(text + "\n")
    kinds = {(one.type, one.offset, one.length) for one in anna.last.entities}
    assert {("bold", 3, 4), ("italic", 3, 4), ("text_link", 8, 11)} <= kinds
    assert "text_mention" not in {kind for kind, *_ in kinds}
    [link] = [one.url for one in anna.last.entities if one.url]
    assert link == 'https://example.org/?a="b"&c=<d>'
    assert str(vera.id) not in str((await only(harbour)).versions)
    assert harbour.telegram.violations == []


async def test_the_name_of_the_bot_may_stand_in_it(harbour: Town, vera: Person) -> None:
    """Elsewhere it is taken out of what is typed, and offsets would fit no more."""
    await vera.send("/desk")
    await presses(harbour, vera, *WAY["en"])
    bold = {"type": "bold", "offset": 16, "length": 4}
    await vera.post({"text": "@solidarity_bot bold", "entities": [bold]})
    assert (await only(harbour)).versions["en"]["text"] == "@solidarity_bot <b>bold</b>"


ENTITY = st.builds(
    lambda kind, offset, length: {"type": kind, "offset": offset, "length": length},
    st.sampled_from(
        [
            "bold",
            "italic",
            "underline",
            "strikethrough",
            "spoiler",
            "code",
            "text_link",
            "hashtag",
            "custom_emoji",
            "text_mention",
            "blockquote",
        ]
    ),
    st.integers(0, 20),
    st.integers(1, 20),
)
URLS = st.sampled_from(
    ["https://example.org/", 'http://a/?"><b>x', "tg://user?id=1", "javascript:x", "mailto:a@b.c"]
)


@given(st.text(min_size=1, max_size=30), st.lists(ENTITY, max_size=4), URLS)
def test_whatever_is_typed_becomes_html_that_telegram_reads(
    text: str, entities: list[dict[str, Any]], url: str
) -> None:
    """As Telegram gives it: nested, within the text, and between whole characters."""
    told = finish(text, [])
    whole = [one for one in nested(entities) if fits(told.text, one)]
    more = {"text_link": {"url": url}, "custom_emoji": {"custom_emoji_id": "1"}}
    user = {"user": {"id": 1, "is_bot": False, "first_name": "x"}}
    given_ = [MessageEntity.model_validate(one | more.get(one["type"], {}) | user) for one in whole]
    message = Message(
        message_id=1, date=NOW, chat=Chat(id=1, type="private"), text=told.text, entities=given_
    )
    made = html_of(message)
    read, found = sandbox_html.parse(made)
    assert read == plain(Markup(made))
    assert {one["type"] for one in found} <= {one["type"] for one in whole}
    assert "tg://" not in made or "tg://" in told.text
    assert "javascript" not in made or "javascript" in told.text


def nested(entities: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of two that share characters one is within the other."""
    kept: list[dict[str, Any]] = []
    for one in entities:
        begin, end = one["offset"], one["offset"] + one["length"]
        spans = [(other["offset"], other["offset"] + other["length"]) for other in kept]
        if all(e <= begin or end <= b or (b <= begin and end <= e) for b, e in spans):
            kept.append(one)
    return [one for one in kept if one["type"] not in ("code", "blockquote") or len(kept) == 1]


def fits(text: str, one: dict[str, Any]) -> bool:
    raw = text.encode("utf-16-le")
    begin, end = 2 * one["offset"], 2 * (one["offset"] + one["length"])
    try:
        raw[begin:end].decode("utf-16-le")
    except UnicodeDecodeError:
        return False
    return end <= len(raw)


# Pictures, documents, albums.


async def test_a_picture_that_telegram_knows_no_more(harbour: Town, vera: Person) -> None:
    """As after the bot got another token."""
    await drafted(harbour, vera)
    gone = {"en": {"text": "Come", "media": [["photo", "of-another-bot"]]}}
    async with harbour.app.sessions() as session, writing(session):
        await session.execute(update(Broadcast).values(versions=gone))
    await presses(harbour, vera, "As it comes")
    assert vera.toast is not None
    assert "send its picture or document again" in vera.toast.text
    vera.sees("A broadcast: nobody has it yet")


async def test_a_picture_with_words(delivery: Telling, harbour: Town, vera: Person) -> None:
    anna = await supporter(harbour)
    await vera.send("/desk")
    await presses(harbour, vera, *WAY["en"])
    await vera.send_photo(PICTURE, caption="Come")
    vera.sees("English: 🖼 Come")
    await presses(harbour, vera, "As it comes")
    assert vera.messages[-2].photo is not None
    assert vera.messages[-2].text == "Come\n\nTo everybody who uses this bot."
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    assert anna.last.photo is not None
    assert anna.last.text == vera.messages[-1].text
    assert anna.last.labels == ["⚙️ What is told, and when"]
    await presses(harbour, anna, "What is told")
    anna.sees("Choose (✓) what you want to be told")  # below, for the news stays
    await press_on_card(harbour, vera, "Correct")
    vera.sees("The picture or document stays, unless you send another one.")
    await vera.send_sticker()
    vera.sees("Send me the text, or another picture or document with it.")
    await vera.send("Do not come")
    await presses(harbour, vera, "Yes, correct it")
    await mended(delivery, harbour)
    [picture] = [one for one in anna.messages if one.photo]
    assert picture.text.startswith("Do not come\n")


async def press_on_card(here: Town, person: Person, label: str) -> None:
    here.clock.forward(seconds=1)
    await person.press_data("bcasts:0")
    await presses(here, person, "22.11", label)


async def sends_album(person: Person, kind: str, number: int, caption: str = "") -> None:
    world = person.telegram.world
    for place in range(number):
        file = world.files.add(f"{place}.jpg", PICTURE, None, kind)
        one: dict[str, Any] = {"media_group_id": "g1"}
        if kind == "photo":
            one["photo"] = [{**file.as_json(), "width": 9, "height": 9}]
        else:
            one[kind] = file.named() | (
                {"duration": 1, "width": 1, "height": 1} if kind == "video" else {}
            )
        await person.post(one | ({"caption": caption} if caption and place == 0 else {}))


@pytest.mark.parametrize(("kind", "mark"), [("photo", "🖼"), ("document", "📄")])
async def test_an_album(
    delivery: Telling, harbour: Town, vera: Person, kind: str, mark: str
) -> None:
    """One answer to all of its parts; and the text comes below, with the buttons."""
    anna = await supporter(harbour)
    await vera.send("/desk")
    await presses(harbour, vera, *WAY["en"])
    before = len([one for one in vera.messages if one.from_bot])
    await sends_album(vera, kind, 3, "Come")
    assert len([one for one in vera.messages if one.from_bot]) == before + 1
    vera.sees(f"English: {mark}×3 Come")
    await sends_album(vera, "video", 1)
    vera.sees("Of an album I take pictures, or documents")
    vera.sees(f"{mark}×3 Come")
    await presses(harbour, vera, "As it comes")
    group = [one for one in vera.messages if "media_group_id" in one.raw and one.from_bot]
    assert len(group) == 3
    await presses(harbour, vera, "Send…", "Send now")
    await delivery.rests(harbour)
    parts = [one for one in anna.messages if one.from_bot][-4:]
    assert [one.file is not None for one in parts] == [True, True, True, False]
    assert parts[-1].text == "Come\n\nTo everybody who uses this bot."
    await press_on_card(harbour, vera, "Correct")
    await vera.send_photo(PICTURE)
    vera.sees("Only its text can be changed")
    await vera.send("Go")
    await presses(harbour, vera, "Yes, correct it")
    await mended(delivery, harbour)
    anna.sees("Go\n\nTo everybody")
    await press_on_card(harbour, vera, "Recall")
    await presses(harbour, vera, "Yes, recall it")
    await mended(delivery, harbour)
    left = [one for one in anna.messages if one.from_bot and (one.file or "Go" in one.text)]
    assert left == []
    assert harbour.telegram.violations == []


# Two at once.


@pytest.fixture
async def lena(harbour: Town, owner: Person) -> Person:
    return await joined(harbour, owner)


async def opens(here: Town, person: Person) -> None:
    await person.send("/desk")
    await presses(here, person, "Broadcasts", "22.11")


async def test_two_write_two_versions_of_one_draft(
    harbour: Town, vera: Person, lena: Person
) -> None:
    await drafted(harbour, vera, "Come")
    await opens(harbour, lena)
    await presses(harbour, lena, "Русский")
    await presses(harbour, vera, "✓ English")
    await lena.send("Приходите")
    await vera.send("Come soon")
    vera.sees("English: Come soon\n\nРусский: Приходите")


async def test_of_two_who_write_the_same_the_second_is_told(
    harbour: Town, vera: Person, lena: Person
) -> None:
    await drafted(harbour, vera, "Come")
    await opens(harbour, lena)
    await presses(harbour, lena, "✓ English")
    await presses(harbour, vera, "✓ English")
    await lena.send("Come late")
    await vera.send("Come soon")
    vera.sees("It was changed meanwhile. This is how it is now.")
    vera.sees("English: Come late")
    assert (await only(harbour)).versions["en"]["text"] == "Come late"


@pytest.mark.parametrize("label", ["Send…", "For whom", "Languages", "Delete the draft"])
async def test_what_was_changed_meanwhile_is_shown_first(
    harbour: Town, vera: Person, lena: Person, label: str
) -> None:
    await drafted(harbour, vera, "Come")
    await opens(harbour, lena)
    await presses(harbour, lena, "Languages", "Русский")
    await presses(harbour, vera, label)
    if label == "For whom":
        await presses(harbour, vera, "Everybody")
    assert vera.toast is not None
    assert vera.toast.text == "It was changed meanwhile. This is how it is now."
    vera.sees("readers of: Русский")


async def test_of_two_who_send_at_once_one_does(
    delivery: Telling, harbour: Town, vera: Person, lena: Person
) -> None:
    anna = await supporter(harbour)
    await drafted(harbour, vera, "Come")
    await opens(harbour, lena)
    for person in (vera, lena):
        await presses(harbour, person, "Send…")
    await asyncio.gather(vera.press("Send now"), lena.press("Send now"))
    await delivery.rests(harbour)
    assert len(came(anna)) == 1
    told = [one.toast.text for one in (vera, lena) if one.toast and one.toast.text]
    assert told == ["It was changed meanwhile. This is how it is now."]


async def test_of_two_who_correct_the_second_is_told(
    delivery: Telling, harbour: Town, vera: Person, lena: Person
) -> None:
    anna = await supporter(harbour)
    await sent(harbour, delivery, vera)
    for person, words in ((vera, "First"), (lena, "Second")):
        await person.send("/desk")
        await press_on_card(harbour, person, "Correct")
        await person.send(words)
    for person in (vera, lena):
        await presses(harbour, person, "Yes, correct it")
    assert lena.toast is not None
    assert lena.toast.text == "It was changed meanwhile. This is how it is now."
    await mended(delivery, harbour)
    anna.sees("First")


async def test_a_draft_that_is_gone_is_gone_for_both(
    harbour: Town, vera: Person, lena: Person
) -> None:
    await drafted(harbour, vera, "Come")
    await opens(harbour, lena)
    await presses(harbour, lena, "✓ English")
    await presses(harbour, vera, "Delete the draft", "Yes, delete it")
    vera.sees("Nothing has been written yet.")
    await lena.send("Come late")
    lena.sees("This draft was deleted meanwhile.")
    await presses(harbour, lena, "‹ Cancel")
    lena.sees("out of date", anywhere=True)


# Restarts.


RESTARTS: list[tuple[list[str], str | None, str, str]] = [
    (WAY["en"], "Come", "Send…", "Send it to"),
    ([*WAY["en"], "‹ Cancel"], None, "English", "Write it in English"),
    ([*WAY["en"][:3]], None, "English", "Write it in English"),
    ([*WAY["en"], "Come", "Send…", "Later"], "tomorrow 9:30", "Yes, plan it", "It goes out on"),
    ([*WAY["en"], "Come", "Send…"], None, "Urgent", "Urgent: it overtakes"),
    (
        [*WAY["en"], "Come", "Send…", "Send now", "wait", "Correct"],
        "Go",
        "Yes, correct it",
        "✅ Sent",
    ),
    (
        [*WAY["en"], "Come", "Send…", "Send now", "wait", "Recall"],
        None,
        "Yes, recall it",
        "🗑 Recalled",
    ),
]


@pytest.mark.parametrize(("before", "typed", "label", "text"), RESTARTS)
async def test_a_restart_at_each_step_loses_nothing(
    delivery: Telling,
    database_url: str,
    before: list[str],
    typed: str | None,
    label: str,
    text: str,
) -> None:
    async with town(database_url, "format.yaml", **ALONE) as here:
        owner = here.telegram.person("Olga", language="en", id=OWNER)
        await owner.send("/start")
        vera = await joined(here, owner)
        await vera.send("/desk")
        for step in before:
            if step == "Come":
                await vera.send(step)
            elif step == "wait":
                await delivery.rests(here)
                await sees(vera, "✅ Sent")
            else:
                await presses(here, vera, step)
        await here.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock, **ALONE) as second:
            await second.opened.wait()
            if typed:
                await vera.send(typed)
            await second.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock, **ALONE) as third:
            await third.opened.wait()
            await presses(third, vera, label)
            await sees(vera, text)
            assert vera.toast is None or not vera.toast.text


async def test_an_album_goes_on_after_a_restart(database_url: str) -> None:
    async with town(database_url, "format.yaml", **ALONE) as here:
        owner = here.telegram.person("Olga", language="en", id=OWNER)
        await owner.send("/start")
        await owner.send("/desk")
        await presses(here, owner, *WAY["en"])
        await sends_album(owner, "photo", 1, "Come")
        await here.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock, **ALONE) as second:
            await second.opened.wait()
            await sends_album(owner, "photo", 2)
            owner.sees("🖼×3 Come")


# Its progress.


async def going(harbour: Town, delivery: Telling, person: Person, people: int = 5) -> list[Person]:
    """Paused after the first ones: of each some is on its way for ever, as Telegram is slow."""
    those = [await supporter(harbour, f"Anna {n}") for n in range(people)]
    for one in those:
        harbour.telegram.faults.server_error(500, times=None, method="sendMessage", chat=one.id)
    await drafted(harbour, person)
    await presses(harbour, person, "Send…", "Send now")
    await sees(person, "▶️ On its way")
    return those


async def test_progress_is_edited_in_place_until_it_is_over(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    those = await going(harbour, delivery, vera)
    await sees(vera, "Still to go: 5")
    place = screen(vera).message_id
    await presses(harbour, vera, "⏸ Pause")
    await sees(vera, "⏸ Paused")
    await presses(harbour, vera, "▶️ Go on")
    await sees(vera, "▶️ On its way")
    harbour.telegram.faults.clear()
    harbour.clock.forward(minutes=2)
    await delivery.rests(harbour)
    await sees(vera, "Got it: 7")
    assert screen(vera).message_id == place
    assert all("Warm" in one.last.text for one in those)
    await until(lambda: is_watched_no_more(harbour))


async def is_watched_no_more(here: Town) -> bool:
    async with here.app.sessions() as session:
        return await session.scalar(select(Broadcast.watched_sealed)) is None


async def test_stop_is_asked_once_and_is_for_good(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    those = await going(harbour, delivery, vera)
    await sees(vera, "Still to go: 5")
    await presses(harbour, vera, "⏹ Stop")
    vera_card = next(one for one in reversed(vera.messages) if "No" in one.labels)
    assert vera_card.text == "Stop it for good? 5 people will not get it."
    await presses(harbour, vera, "No", "⏹ Stop", "Yes, stop")
    harbour.telegram.faults.clear()
    harbour.clock.forward(minutes=2)
    await delivery.rests(harbour)
    await presses(harbour, vera, "‹ Broadcasts", "⏹ 22.11")
    assert "Got it: 2\nDid not get it any more: 5" in screen(vera).text
    assert not any("Warm" in one.last.text for one in those)


async def test_what_is_opened_meanwhile_is_not_drawn_over(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    await going(harbour, delivery, vera)
    place = screen(vera).message_id
    await presses(harbour, vera, "☰ Menu")
    harbour.telegram.faults.clear()
    harbour.clock.forward(minutes=2)
    await delivery.rests(harbour)
    app = harbour.app
    progress = app.dispatcher.workflow_data["progress"]
    await progress.look(app.bot, app.sessions, app.vault, app.clock)
    [there] = [one for one in vera.messages if one.message_id == place]
    assert "⚖️ Cases" in there.labels


async def test_progress_goes_on_after_a_restart(
    delivery: Telling, harbour: Town, vera: Person, database_url: str
) -> None:
    await going(harbour, delivery, vera)
    place = screen(vera).message_id
    async with harbour.app.sessions() as session:
        sealed = await session.scalar(select(Broadcast.watched_sealed))
    assert sealed is not None
    assert str(vera.id).encode() not in sealed
    await harbour.halt()
    harbour.telegram.faults.clear()
    harbour.clock.forward(minutes=2)
    async with town(
        database_url, telegram=harbour.telegram, clock=harbour.clock, owners=(OWNER,)
    ) as second:
        await second.opened.wait()
        await delivery.rests(second)
        await sees(vera, "Got it: 7")
        assert screen(vera).message_id == place


async def test_whose_role_ended_sees_no_more_of_it(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    await going(harbour, delivery, vera)
    await vera.send("/forget")
    await vera.press("Yes, delete it")

    async def is_let_go() -> bool:
        async with harbour.app.sessions() as session:
            return await session.scalar(select(Broadcast.watched_sealed)) is None

    await until(is_let_go)
    shown = screen(vera).text
    harbour.telegram.faults.clear()
    harbour.clock.forward(minutes=2)
    await delivery.rests(harbour)
    assert screen(vera).text == shown
    assert (await only(harbour)).author_id is None


# Rights, and too late.


def test_every_handler_asks_for_the_right() -> None:
    for router in (handlers.router, mending.router):
        for handler in (*router.message.handlers, *router.callback_query.handlers):
            asked = [one.callback for one in handler.filters or [] if isinstance(one.callback, May)]
            pays = handler.callback is handlers.set_pace
            assert asked == [May(Action.SETTINGS if pays else Action.BROADCAST)]


FORGED = [
    "bcasts:0", "bcast:1", "bcto:0:0::0", "bcset:0:0:all:0:", "bcset:1:1:all:0:", "bcask:1:1",
    "bclang:1:1:-", "bcwrite:1:1:en", "bcdrop:1:1:en", "bclook:1:1", "bcasksend:1:1:0",
    "bcwhen:1:1", "bcsend:1:1:0:0", "bcsend:1:1:0:1", "bcunplan:1:1", "bcaskdrop:1:1",
    "bcdropall:1:1", "bcpause:1:1", "bcaskstop:1", "bcstop:1", "bcfix:1:1:en", "bccorr:1:1:x",
    "bcaskback:1:1", "bcback:1:1",
]  # fmt: skip


@pytest.mark.parametrize("role", [None, "Editor"])
async def test_whoever_may_not_presses_nothing_of_it(
    harbour: Town, owner: Person, vera: Person, role: str | None
) -> None:
    await drafted(harbour, vera)
    before = await only(harbour)
    mole = await joined(harbour, owner, role=role) if role else harbour.person("Mole")
    await mole.send("/desk")
    assert "📣 Broadcasts" not in mole.last.labels
    await mole.send("/help")
    for data in FORGED:
        harbour.clock.forward(seconds=1)
        await mole.press_data(data)
        mole.sees("This button is out of date")
    await mole.send("Warm words")
    after = await only(harbour)
    assert (after.edition, after.versions, after.due_at) == (before.edition, before.versions, None)


@pytest.mark.parametrize("data", FORGED[1:])
async def test_a_forged_press_of_a_coordinator_breaks_nothing(
    harbour: Town, vera: Person, data: str
) -> None:
    """Of what is not there."""
    await vera.send("/help")
    await vera.press_data(
        data.replace(":1:1", ":77:1").replace(":1", ":77", 1) if ":1" in data else data
    )
    async with harbour.app.sessions() as session:
        number = await session.scalar(select(func.count()).select_from(Broadcast))
    assert number == (1 if data.startswith("bcset:0") else 0)
    assert harbour.telegram.unanswered == []


@pytest.mark.parametrize(
    "data", ["bcset:0:0:case:77:", "bcset:0:0:event:1:2026-13-01", "bcset:0:0:event:2:2026-11-23",
             "bcset:0:0:nobody:0:", "bcset:0:0:city:0:", "bcsend:1:1:2147483647:0",
             "bcto:0:0:all:0"]
)  # fmt: skip
async def test_nothing_is_begun_for_what_is_not_there(
    harbour: Town, vera: Person, data: str
) -> None:
    await vera.send("/help")
    await vera.press_data(data)
    vera.sees("out of date")
    async with harbour.app.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Broadcast)) == 0


async def test_after_two_days_it_is_too_late_to_recall_after_a_month_to_correct(
    delivery: Telling, harbour: Town, vera: Person
) -> None:
    await sent(harbour, delivery, vera)
    harbour.clock.forward(hours=48)
    await press_on_card(harbour, vera, "Recall")
    vera.sees("It is too late: Telegram deletes nothing that is older than 48 hours.")
    await press_on_card(harbour, vera, "Correct")
    vera.sees("Send me how it should read in English.")
    async with harbour.app.sessions() as session:
        await broadcasts.keep_results(session)
        harbour.clock.forward(days=30)
        while await waiting.drop_old(session, harbour.clock.now()):
            pass
    await press_on_card(harbour, vera, "Correct")
    assert vera.toast is not None
    assert vera.toast.text == "It is too long ago: it cannot be changed any more."
    vera.sees("Got it: 2")


async def test_who_sent_it_is_kept_by_role_alone(
    delivery: Telling, harbour: Town, owner: Person, vera: Person
) -> None:
    await drafted(harbour, vera)
    await opens(harbour, owner)
    await presses(harbour, owner, "Send…", "Send now")
    one = await only(harbour)
    assert (one.role, one.via) == ("owner", "desk")
    await delivery.rests(harbour)
    await sees(owner, "by: owner")


URGENCY = select(Notice.priority).where(Notice.kind == Kind.BROADCAST)


async def test_urgent_is_asked_twice(delivery: Telling, harbour: Town, vera: Person) -> None:
    anna = await supporter(harbour)
    await drafted(harbour, vera)
    await presses(harbour, vera, "Send…", "Urgent", "Yes, it is urgent", "Send at once")
    await delivery.rests(harbour)
    assert len(came(anna)) == 1
    async with harbour.app.sessions() as session:
        assert await session.scalar(URGENCY) == Priority.URGENT
    await sees(vera, "✅ Sent · 🔴 urgent")


OLD = text(
    """INSERT INTO subscribers (chat_index, chat_sealed, alerts, leads, created_at, seen_on)
    VALUES (:name, :name, :alerts, 0, :now, :now)"""
).bindparams(bindparam("now", NOW, Moment()))


async def test_the_switch_is_on_for_all_but_those_who_turned_everything_off(
    sessions: Sessions, engine: AsyncEngine
) -> None:
    await run(engine, partial(command.downgrade, revision="0015"))
    async with engine.begin() as connection:
        for name, alerts in ((b"usual", 127), (b"some", 3), (b"none", 0)):
            await connection.execute(OLD, {"name": name, "alerts": alerts})
    await migrate(engine)
    async with sessions() as session:
        found = await session.execute(select(Subscriber.chat_index, Subscriber.alerts))
        assert {row[0]: row[1] for row in found} == {b"usual": 255, b"some": 131, b"none": 0}
