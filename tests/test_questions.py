"""Questions to the organisers: asked, taken, answered, closed; and nobody at the desk learns whose
they are."""

import asyncio
import json
from collections.abc import Collection, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot import logs
from bot.callbacks import SendQuestion
from bot.delivery import scheduler
from bot.markup import HARMFUL, harmless
from bot.services import members, questions
from models import Base, Dialog, Kind, Member, Notice, Question, Subscriber
from sandbox import Person
from tests.delivery import Delivery
from tests.test_members import joined
from tests.test_telling import told
from tests.town import OWNER, VAULT, Town, town

pytestmark = [pytest.mark.either_database, pytest.mark.usefixtures("undisturbed")]
BOOKS = "May I bring him books?"
"""A question, with the invented campaign's Ivan Lodkin in mind."""


@pytest.fixture
def harbour(owned: Town) -> Town:
    return owned


@pytest.fixture
async def vera(harbour: Town, owner: Person) -> Person:
    """A coordinator."""
    return await joined(harbour, owner)


@pytest.fixture
async def anna(harbour: Town, owner: Person) -> Person:
    """Who asks, by a name that stands nowhere else; the owner is there to be asked."""
    return harbour.person("Zanzibara", username="zanzibara_k", id=777_123_456_789, language="en")


async def asks(person: Person, text: str = BOOKS, about: str | None = "d-ivan-lodkin") -> None:
    if about:
        await person.send(f"/start {about}")
        await person.press("Ask the organisers")
    else:
        await person.send("/ask")
    await person.send(text)
    await person.press("Send it")
    person.sees("Sent.")


async def opens(person: Person, number: int = 1) -> None:
    await person.send("/desk")
    await person.press("Questions")
    await person.press(f" {number} · ")


async def answers(person: Person, text: str = "You may.", number: int = 1) -> None:
    await opens(person, number)
    await person.press("Answer")
    await person.send(text)
    await person.press("Send it")


async def one(here: Town, number: int = 1) -> Question:
    async with here.app.sessions() as session:
        found = await session.get(Question, number)
    assert found is not None
    return found


async def count(here: Town, table: type[Base]) -> int:
    async with here.app.sessions() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


# Asking.


async def test_from_the_question_to_the_answer(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person
) -> None:
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Ask the organisers")
    anna.sees("About Ivan Lodkin")
    anna.sees("at most 1000 characters")
    anna.sees("not who you are. The answer comes here.")
    await anna.send(f"{BOOKS}\n\n\n\n<b>Which</b> ones?")
    anna.sees("This is what the organisers will see:")
    anna.sees(f"About Ivan Lodkin · in English\n{BOOKS}\n\n<b>Which</b> ones?")
    anna.sees("Neither your name nor your number.")
    assert await count(harbour, Question) == 0
    await anna.press("Send it")
    anna.sees("As soon as somebody answers, the answer comes here.")
    await anna.press("‹ Back")
    anna.sees("crane driver")
    harbour.clock.forward(hours=2)
    await owner.send("/desk")
    assert "💬 Questions · 1" in owner.last.labels
    await owner.press("Questions")
    owner.sees("🆕 nobody has taken it yet")
    await owner.press("🆕 1 · 2 hours ago · Ivan Lodkin")
    owner.sees("Question 1\nAbout Ivan Lodkin · 2 hours ago · in English\nMay I bring him books?")
    await owner.press("Answer")
    owner.sees("Type your answer.")
    await owner.send("All but <i>one</i>.\nSee you")
    owner.sees("Your answer:\nAll but <i>one</i>.\nSee you")
    await owner.press("Send it")
    assert owner.toast is not None
    assert owner.toast.text == "The answer is on its way"
    await delivery.rests(harbour)
    told(anna)
    anna.sees("💬 The organisers answer")
    anna.sees(f"You asked about Ivan Lodkin:\n{BOOKS}\n\n<b>Which</b> ones?")
    anna.sees("All but <i>one</i>.\nSee you")
    answer = anna.last
    await anna.press("Ask again")
    anna.sees("About Ivan Lodkin")
    assert anna.last.message_id != answer.message_id
    await owner.send("/desk")
    assert "💬 Questions" in owner.last.labels
    assert harbour.telegram.violations == []


async def test_it_goes_in_russian(delivery: Delivery, harbour: Town, owner: Person) -> None:
    lena = await joined(harbour, owner, language="ru")
    anna = harbour.person("Анна", language="ru")
    await anna.send("/start c-port-strike")
    await anna.press("Спросить организаторов")
    anna.sees("Тема: Дело о портовой забастовке")
    await anna.send_photo()
    anna.sees("картинки и файлы не передаются")
    await anna.send("й" * 1001)
    anna.sees("Знаков: 1001")
    await anna.send("Нужны ли волонтёры в суде?")
    anna.sees("язык: русский\nНужны ли волонтёры в суде?")
    await anna.press("Отправить")
    anna.sees("Отправлено.")
    await lena.send("/desk")
    await lena.press("Вопросы · 1")
    await lena.press("🆕 1")
    lena.sees("Тема: Дело о портовой забастовке · 1 минуту назад · язык: русский")
    await lena.press("Взять себе")
    lena.sees("Его взяли вы.")
    await lena.press("Ответить")
    await lena.send_sticker()
    lena.sees("только текст")
    await lena.send("й" * 2001)
    lena.sees("Знаков: 2001")
    await lena.press("‹ Отмена")
    await lena.press("Ответить")
    await lena.send("Да, приходите!")
    await lena.press("Отправить")
    await delivery.rests(harbour)
    told(anna)
    anna.sees("💬 Ответ организаторов\n\nВы спросили (тема: Дело о портовой забастовке):")
    anna.sees("Да, приходите!")
    await lena.press("Открыть снова")
    lena.sees("Прежний ответ:\nДа, приходите!")
    await lena.press("Закрыть без ответа")
    lena.sees("Закрыт без ответа.")
    await lena.press("Оскорбления")
    lena.sees("30 дней?")
    await lena.press("Да, больше не принимать")
    lena.sees("🚫 До 22 декабря 2026")
    await anna.send("/ask")
    anna.sees("До 22 декабря 2026 организаторы не принимают от вас вопросов.")
    await lena.press("Снова принимать вопросы")
    await anna.send("вопрос")
    anna.sees("Напишите вопрос одним сообщением")


@pytest.mark.parametrize("way", ["/ask", "/help", "/start", "ask a question", "/start ask"])
async def test_ways_to_ask(anna: Person, way: str) -> None:
    await anna.send(way)
    if way in ("/help", "/start"):
        await anna.press("💬 Ask")
    anna.sees("Type your question")
    await anna.press("‹ Cancel")
    anna.sees("What this bot does")
    await anna.send("Lodkin")
    anna.sees("crane driver")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 1001, "That has 1001 characters"),
        ("😀" * 501, "That has 1002 characters"),
        ("\u202e\u2066", "no words"),
    ],
)
async def test_wrong_input_is_asked_again(
    harbour: Town, anna: Person, text: str, said: str
) -> None:
    await anna.send("/ask")
    await anna.send(text)
    anna.sees(said)
    anna.sees("Type your question")
    for send in (anna.send_photo, anna.send_sticker):
        await send()
        anna.sees("pictures and files are not passed on")
    await anna.send_document("a.txt", b"x", caption="?")
    anna.sees("pictures and files are not passed on")
    await anna.send("x" * 1000)
    await anna.press("Send it")
    anna.sees("Sent.")
    assert await count(harbour, Question) == 1


async def test_what_is_typed_is_made_harmless(harbour: Town, anna: Person, owner: Person) -> None:
    await asks(anna, "a\u202eb\u0007\u200b <script>&amp;\n\n\n\nWhy?")
    await opens(owner)
    owner.sees("ab <script>&amp;\n\nWhy?")


async def test_it_is_typed_anew_until_it_is_sent(harbour: Town, anna: Person) -> None:
    await anna.send("/ask")
    await anna.send("Is it true what they say?")
    first = anna.last
    await anna.send("Is it true at all?")
    await anna.press("Send it")
    async with harbour.app.sessions() as session:
        found = await questions.opened(session, VAULT, 1)
    assert found.text == "Is it true at all?"
    await anna.press("Send it", message=first)
    async with harbour.app.sessions() as session:
        assert (await questions.opened(session, VAULT, 2)).text == "Is it true what they say?"


async def test_the_second_tap_of_two_asks_nothing(harbour: Town, anna: Person) -> None:
    await anna.send("/ask")
    await anna.send(BOOKS)
    shown = anna.last
    await asyncio.gather(*(anna.press("Send it", message=shown) for _ in range(2)))
    anna.sees("Sent.")
    assert await count(harbour, Question) == 1


async def test_cancel_and_back_lead_to_where_one_was(anna: Person) -> None:
    for start, seen in (("d-ivan-lodkin", "crane driver"), ("c-port-strike", "2 defendants")):
        for steps in ([], [BOOKS]):
            await anna.send(f"/start {start}")
            await anna.press("Ask the organisers")
            for text in steps:
                await anna.send(text)
            await anna.press("‹ Cancel")
            anna.sees(seen)
            await anna.send("Where do I bring the books, please?")
            anna.sees_not("This is what the organisers will see")


async def test_who_types_a_name_meanwhile_gets_the_person(harbour: Town, anna: Person) -> None:
    await anna.send("/ask")
    await anna.send("/cases")
    await anna.send("Lodkin")
    anna.sees("crane driver")
    await anna.send("When is the next hearing of the case?")
    anna.sees_not("This is what the organisers will see")


async def test_commands_and_menu_words_are_no_questions(anna: Person) -> None:
    await anna.send("/ask")
    await anna.send("help")
    anna.sees("What this bot does")
    await anna.send("/ask")
    await anna.send("/cancel")
    anna.sees("Cancelled, nothing was saved.")
    await anna.send(BOOKS)
    anna.sees_not("This is what the organisers will see")


async def test_in_a_group_one_is_led_to_a_private_chat(harbour: Town, anna: Person) -> None:
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    await anna.press("Ask the organisers", chat=group)
    group.sees("ask it in a private chat")
    await anna.send("Where is he, everybody?", chat=group)
    await anna.press("Ask in private", chat=group)
    anna.sees("About Ivan Lodkin")
    await anna.send(BOOKS)
    await anna.press("Send it")
    assert (await one(harbour)).thing_id == 1
    await anna.press("‹ Back", chat=group)
    group.sees("crane driver")


@pytest.mark.parametrize("link", ["ask-d0", "ask-d999", "ask-c999", "ask-d9999999999"])
async def test_links_to_nobody(harbour: Town, anna: Person, link: str) -> None:
    await anna.send(f"/start {link}")
    anna.sees("This link is out of date")
    assert await count(harbour, Subscriber) == 1


async def test_who_only_looks_is_not_kept(harbour: Town, anna: Person) -> None:
    await anna.send("/ask")
    await anna.send(BOOKS)
    assert await count(harbour, Subscriber) == 1
    assert await count(harbour, Dialog) == 0


async def test_where_nobody_is_at_the_desk_nobody_is_asked(database_url: str) -> None:
    async with town(database_url, "format.yaml") as here:
        anna = here.person("Anna", language="en")
        await anna.send("/ask")
        anna.sees("Nobody answers questions here yet.")
        anna.sees("@harbour_fund_example")


async def test_after_a_restart_what_was_seen_is_sent(database_url: str) -> None:
    async with town(database_url, "format.yaml", owners=(OWNER,)) as here:
        owner = here.telegram.person("Olga", language="en", id=OWNER)
        await owner.send("/start")
        anna = here.person("Anna", language="en")
        await anna.send("/ask")
        await anna.send(BOOKS)
        await here.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock) as second:
            await second.opened.wait()
            await anna.press("Send it")
            anna.sees("Sent.")
            async with second.app.sessions() as session:
                assert (await questions.opened(session, VAULT, 1)).text == BOOKS


# Limits.


async def test_three_wait_at_once(harbour: Town, anna: Person, owner: Person) -> None:
    for number in range(3):
        await asks(anna, f"Question {number}, if I may?", None)
    await anna.send("/ask")
    anna.sees("Your last questions still wait for an answer.")
    await answers(owner)
    await asks(anna, "Now?", None)
    assert await count(harbour, Question) == 4


async def test_a_preview_does_not_get_past_the_limits(harbour: Town, anna: Person) -> None:
    await anna.send("/ask")
    await anna.send("The fourth one, shown early?")
    early = anna.last
    for number in range(3):
        await asks(anna, f"Question {number}, if I may?", None)
    await anna.press("Send it", message=early)
    anna.sees("Your last questions still wait for an answer.", anywhere=True)
    assert await count(harbour, Question) == 3


async def test_a_few_a_day(harbour: Town, anna: Person, owner: Person) -> None:
    for number in range(1, 6):
        harbour.clock.forward(minutes=1)
        await asks(anna, f"Question {number}, if I may?", None)
        await opens(owner, number)
        await owner.press("Close without an answer")
    await anna.send("/ask")
    anna.sees("So many questions in one day!")
    harbour.clock.forward(days=1)
    await asks(anna, "And today?", None)
    assert await count(harbour, Question) == 6


# The desk.


async def test_new_ones_first_then_those_that_are_taken(
    harbour: Town, anna: Person, owner: Person, vera: Person
) -> None:
    for number, about in enumerate(("d-ivan-lodkin", None, "c-port-strike"), 1):
        await asks(anna, f"Question {number}, if I may?", about)
        harbour.clock.forward(hours=1)
    await opens(vera, 3)
    await vera.press("Take it")
    vera.sees("You have taken it.")
    await opens(owner, 1)
    await owner.press("Take it")
    await owner.press("‹ Questions")
    assert owner.last.labels[:3] == [
        "🆕 2 · 2 hours ago · Question 2, if I…",
        "👤 3 · 1 hour ago · The port strike…",
        "✋ 1 · 3 hours ago · Ivan Lodkin",
    ]
    owner.sees("👤 another coordinator has taken it")
    await owner.press("👤 3")
    owner.sees("Taken by another coordinator.")
    await owner.press("Take it over")
    owner.sees("You have taken it.")
    await vera.press("‹ Questions")
    assert "👤 3" in vera.last.labels[1]
    await vera.press("Answered and closed")
    vera.sees("There are none.")


async def test_a_list_of_several_pages(harbour: Town, owner: Person) -> None:
    for number in range(9):
        asking = harbour.person(f"Person {number}", language="en")
        await asks(asking, f"Question {number}, if I may?", None)
    await owner.send("/desk")
    await owner.press("Questions · 9")
    await owner.press("1/2 ›")
    await owner.press("🆕 2 ·")
    await owner.press("Close without an answer")
    await owner.press("‹ Questions")
    assert "🆕 1" in owner.last.labels[0]
    await owner.press("Answered and closed")
    await owner.press("✖️ 2 ·")
    owner.sees("Closed without an answer.")
    await owner.press("‹ Answered and closed")
    assert "✖️ 2" in owner.last.labels[0]


async def test_it_is_closed_and_opened_again(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    await opens(owner)
    await owner.press("Close without an answer")
    owner.sees("Closed without an answer.")
    await delivery.rests(harbour)
    assert told(anna)[-1:] != ["💬 The organisers answer"]
    await owner.press("Open it again")
    owner.sees("You have taken it.")
    await answers(owner, "At last.")
    await owner.press("Open it again")
    owner.sees("Answered before:\nAt last.")
    await answers(owner, "Or rather.")
    owner.sees("Answered:\nOr rather.")


@pytest.mark.parametrize(
    ("text", "said"), [("x" * 2001, "That has 2001 characters"), ("\u2066", "no words")]
)
async def test_a_wrong_answer_is_asked_again(
    harbour: Town, anna: Person, owner: Person, text: str, said: str
) -> None:
    await asks(anna)
    await opens(owner)
    await owner.press("Answer")
    await owner.send(text)
    owner.sees(said)
    owner.sees(BOOKS)
    await owner.send_photo()
    owner.sees("pictures and files are not passed on")
    await owner.send("x" * 2000)
    await owner.press("Send it")
    assert (await one(harbour)).state == "answered"


async def test_cancel_of_an_answer(harbour: Town, anna: Person, owner: Person) -> None:
    await asks(anna)
    for typed in ([], ["You may."]):
        await opens(owner)
        await owner.press("Answer")
        for text in typed:
            await owner.send(text)
        await owner.press("‹ Cancel")
        owner.sees("You have taken it.")
        await owner.send("and another thing")
        owner.sees_not("Your answer:")
    await opens(owner)
    await owner.press("Abuse or spam")
    await owner.press("‹ Cancel")
    owner.sees("You have taken it.")
    assert (await one(harbour)).state == "open"


async def test_what_is_sent_is_what_the_screen_says(
    harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    await opens(owner)
    await owner.press("Answer")
    await owner.send("Yes.")
    old = owner.last
    await owner.send("No.")
    await owner.press("Send it", message=old)
    owner.sees("This button is out of date", anywhere=True)
    assert (await one(harbour)).state == "open"
    await owner.press("Send it")
    async with harbour.app.sessions() as session:
        assert (await questions.opened(session, VAULT, 1)).answer == "No."


async def test_the_second_tap_on_an_answer_sends_nothing(
    harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    await opens(owner)
    await owner.press("Answer")
    await owner.send("Yes.")
    shown = owner.last
    await asyncio.gather(*(owner.press("Send it", message=shown) for _ in range(2)))
    owner.sees("Answered:\nYes.")
    async with harbour.app.sessions() as session:
        told_of = list(await session.scalars(select(Notice.key).where(Notice.kind == Kind.ANSWER)))
    assert told_of == ["answer:question:1:3"]


async def test_of_two_who_answer_the_second_is_told(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person, vera: Person
) -> None:
    await asks(anna)
    await opens(owner)
    await owner.press("Answer")
    await opens(vera)
    vera.sees("Taken by another coordinator.")
    await vera.press("Answer")
    vera.sees("👤 Taken by another coordinator.")
    for person, text in ((owner, "The first."), (vera, "The second.")):
        await person.send(text)
        person.sees(f"Your answer:\n{text}")
    await asyncio.gather(owner.press("Send it"), vera.press("Send it"))
    late = [
        person
        for person in (owner, vera)
        if "Another coordinator was faster: your answer is not sent." in person.last.text
    ]
    assert len(late) == 1
    await delivery.rests(harbour)
    answers_ = [text for text in told(anna) if "The organisers answer" in text]
    assert len(answers_) == 1
    [first] = [text for text in ("The first.", "The second.") if text in late[0].last.text]
    anna.sees(first)


async def test_what_is_typed_after_another_has_answered_goes_nowhere(
    harbour: Town, anna: Person, owner: Person, vera: Person
) -> None:
    await asks(anna)
    await opens(vera)
    await vera.press("Answer")
    await answers(owner, "The first.")
    await vera.send("The second.")
    vera.sees("Another coordinator was faster")
    vera.sees("Answered:\nThe first.")
    await vera.send("And?")
    vera.sees_not("Your answer:")


async def test_who_is_taken_over_is_asked_once_more(
    harbour: Town, anna: Person, owner: Person, vera: Person
) -> None:
    await asks(anna)
    await opens(owner)
    await owner.press("Answer")
    await owner.send("Yes.")
    await opens(vera)
    await vera.press("Take it over")
    await owner.press("Send it")
    owner.sees("👤 Taken by another coordinator.")
    assert owner.toast is not None
    assert owner.toast.text == "It was changed meanwhile. This is how it is now."
    assert (await one(harbour)).state == "open"
    await owner.press("Send it")
    owner.sees("Answered:\nYes.")


@pytest.mark.parametrize("label", ["Take it", "Close without", "Answer", "Abuse"])
async def test_old_buttons_show_how_it_is(
    harbour: Town, anna: Person, owner: Person, vera: Person, label: str
) -> None:
    await asks(anna)
    await opens(vera)
    await answers(owner)
    settled = await one(harbour)
    await vera.press(label)
    vera.sees("Answered:\nYou may.")
    assert vera.toast is not None
    assert vera.toast.text == "It was changed meanwhile. This is how it is now."
    assert (await one(harbour)).version == settled.version


async def test_whose_role_ends_leaves_the_question_to_others(
    harbour: Town, anna: Person, owner: Person, vera: Person
) -> None:
    await asks(anna)
    await opens(vera)
    await vera.press("Answer")
    async with harbour.app.sessions() as session:
        number = await session.scalar(select(Member.subscriber_id).where(Member.role != "owner"))
        assert number is not None
        await members.end(session, number, harbour.clock.now())
    await vera.send("You may.")
    vera.sees_not("Your answer:")
    await owner.send("/desk")
    await owner.press("Questions")
    await owner.press("🆕 1")
    owner.sees("Nobody has taken it yet.")


@pytest.mark.parametrize("until", [1, 2])
async def test_a_restart_in_the_middle_loses_nothing(
    delivery: Delivery, database_url: str, until: int
) -> None:
    """After each step the bot is stopped and another process goes on."""
    async with town(database_url, "format.yaml", owners=(OWNER,)) as here:
        owner = here.telegram.person("Olga", language="en", id=OWNER)
        await owner.send("/start")
        anna = here.person("Anna", language="en")
        await asks(anna)
        await opens(owner)
        await owner.press("Answer")
        if until == 2:
            await owner.send("You may.")
        await here.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock) as second:
            await second.opened.wait()
            if until == 1:
                await owner.send("You may.")
            owner.sees("Your answer:")
            await second.halt()
        async with town(database_url, telegram=here.telegram, clock=here.clock) as third:
            await third.opened.wait()
            await owner.press("Send it")
            owner.sees("Answered:\nYou may.")
            await delivery.rests(third)
            anna.sees("You may.")
            assert await count(third, Dialog) == 0


async def test_what_it_is_about_may_go(harbour: Town, anna: Person, owner: Person) -> None:
    await asks(anna)
    async with harbour.app.sessions() as session:
        kept = await session.get(Question, 1)
        assert kept is not None
        kept.thing_id = 999
        await session.commit()
    await owner.send("/desk")
    await owner.press("Questions")
    await owner.press("(no longer")
    owner.sees("About somebody no longer on our list")


# The answer goes by the delivery.


async def test_who_has_blocked_the_bot_reads_the_answer_when_back(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    await delivery.rests(harbour)
    anna.block()
    await answers(owner)
    await delivery.rests(harbour)
    harbour.clock.forward(days=3)
    anna.unblock()
    await anna.send("/start")
    await delivery.rests(harbour)
    assert any("The organisers answer" in text for text in told(anna))


async def test_silence_holds_no_answer_back_and_the_night_does(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    async with harbour.app.sessions() as session:
        asking = await session.scalar(select(Subscriber).order_by(Subscriber.id.desc()))
        assert asking is not None
        asking.silent_until = harbour.clock.now().replace(day=30)
        asking.timezone, asking.quiet_from, asking.quiet_until = "UTC", 11, 14
        await session.commit()
    told(anna)
    await answers(owner)
    await delivery.rests(harbour)
    assert told(anna) == []
    harbour.clock.forward(hours=2)
    await delivery.rests(harbour)
    assert any("The organisers answer" in text for text in told(anna))


async def test_an_answer_that_has_not_gone_is_taken_back(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    async with harbour.app.sessions() as session:
        asking = await session.scalar(select(Subscriber).order_by(Subscriber.id.desc()))
        assert asking is not None
        asking.timezone, asking.quiet_from, asking.quiet_until = "UTC", 11, 14
        await session.commit()
    told(anna)
    await answers(owner, "Wrong.")
    await delivery.rests(harbour)
    await owner.press("Open it again")
    harbour.clock.forward(minutes=1)
    await answers(owner, "Right.")
    harbour.clock.forward(hours=2)
    await delivery.rests(harbour)
    heard = [text for text in told(anna) if "The organisers answer" in text]
    assert len(heard) == 1
    anna.sees("Right.")
    anna.sees_not("Wrong.")


async def test_telegram_that_says_later_is_waited_for(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    told(anna)
    harbour.telegram.faults.too_many_requests(1, method="sendMessage", chat=anna.id)
    await answers(owner)
    await delivery.rests(harbour)
    harbour.clock.forward(seconds=5)
    await delivery.rests(harbour)
    assert sum("The organisers answer" in text for text in told(anna)) == 1


# Word of new ones.


async def looks(delivery: Delivery, here: Town) -> None:
    """As once a minute."""
    await scheduler.tidy(here.app.sessions, here.clock)
    await delivery.rests(here)


def heard(person: Person) -> list[str]:
    return [text for text in told(person) if "nobody has taken yet" in text]


async def test_new_ones_are_told_together_and_without_a_sound(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person, vera: Person
) -> None:
    editor = await joined(harbour, owner, role="Editor")
    for person in (owner, vera, editor):
        told(person)
    await asks(anna)
    await asks(anna, "And when?", None)
    await looks(delivery, harbour)
    for person in (owner, vera):
        person.sees("💬 2 questions that nobody has taken yet")
    assert heard(editor) == []
    silent = [
        call.parameters.get("disable_notification")
        for call in harbour.telegram.calls.of("sendMessage")
        if "nobody has taken yet" in str(call.parameters.get("text"))
    ]
    assert len(silent) == 2
    assert all(silent)
    for person in (owner, vera):
        assert len(heard(person)) == 1
    await asks(anna, "And where?", None)
    await looks(delivery, harbour)
    assert heard(owner) == []
    harbour.clock.forward(minutes=30)
    await looks(delivery, harbour)
    owner.sees("💬 3 questions that nobody has taken yet")
    assert len(heard(owner)) == 1
    harbour.clock.forward(hours=3)
    await looks(delivery, harbour)
    assert heard(owner) == []
    await owner.press("💬 Questions")
    assert "🆕 3" in owner.last.labels[0]


async def test_what_waits_for_the_morning_is_joined(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person
) -> None:
    async with harbour.app.sessions() as session:
        [member] = await session.scalars(select(Subscriber))
        member.timezone, member.quiet_from, member.quiet_until = "UTC", 11, 14
        await session.commit()
    await asks(anna)
    await looks(delivery, harbour)
    harbour.clock.forward(minutes=45)
    await asks(anna, "And when?", None)
    await looks(delivery, harbour)
    told(owner)
    harbour.clock.forward(hours=2)
    await delivery.rests(harbour)
    assert len(heard(owner)) == 1
    owner.sees("💬 2 questions")


async def test_what_was_taken_meanwhile_is_no_news(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person, vera: Person
) -> None:
    await asks(anna)
    await opens(vera)
    await vera.press("Take it")
    told(owner)
    await looks(delivery, harbour)
    assert heard(owner) == []


async def test_who_wants_no_word_of_them_has_none(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person, vera: Person
) -> None:
    await vera.send("/desk")
    await vera.press("Questions")
    await vera.press("🔔 I am told of new ones")
    assert "🔕 I am not told of new ones" in vera.last.labels
    await asks(anna)
    told(owner), told(vera)
    await looks(delivery, harbour)
    assert (len(heard(owner)), heard(vera)) == (1, [])
    await vera.send("/desk")
    await vera.press("Questions")
    await vera.press("🔕 I am not told of new ones")
    assert "🔔 I am told of new ones" in vera.last.labels


async def test_an_editor_answers_and_has_no_switch(
    harbour: Town, anna: Person, owner: Person
) -> None:
    editor = await joined(harbour, owner, role="Editor")
    await asks(anna)
    await editor.send("/desk")
    await editor.press("Questions · 1")
    assert not any("I am told" in label for label in editor.last.labels)
    await answers(editor)
    editor.sees("Answered:\nYou may.")


# Abuse.


async def test_nothing_more_is_taken_from_whoever_is_blocked(
    harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna, "You are all fools, are you not?", None)
    await asks(anna, BOOKS)
    await anna.send("/ask")
    await anna.send("Typed before, sent too late?")
    early = anna.last
    await opens(owner, 1)
    await owner.press("Abuse or spam")
    owner.sees("for 30 days?")
    await owner.press("Yes, take no more")
    owner.sees("🚫 No questions are taken from whoever asked this, until 22 December 2026.")
    await anna.press("Send it", message=early)
    anna.sees("The organisers take no questions from you until 22 December 2026.")
    await anna.send("/ask")
    anna.sees("The organisers take no questions from you until 22 December 2026.")
    assert await count(harbour, Question) == 2
    await opens(owner, 2)
    owner.sees_not("🚫")
    other = harbour.person("Boris", language="en")
    await asks(other, "May I?", None)
    harbour.clock.forward(days=30)
    await asks(anna, "And now?", None)


async def test_a_block_is_lifted(harbour: Town, anna: Person, owner: Person) -> None:
    await asks(anna)
    await opens(owner)
    await owner.press("Abuse or spam")
    await owner.press("Yes, take no more")
    await owner.press("Take questions from them again")
    owner.sees_not("🚫")
    await asks(anna, "May I again?", None)


async def test_a_block_lasts_though_the_question_is_old(
    harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    await answers(owner)
    harbour.clock.forward(days=80)
    await owner.send("/desk")
    await owner.press("Questions")
    await owner.press("Answered and closed")
    await owner.press("✅ 1")
    await owner.press("Abuse or spam")
    await owner.press("Yes, take no more")
    owner.sees("Answered:\nYou may.")
    for days, kept in ((20, 1), (10, 0)):
        harbour.clock.forward(days=days)
        await scheduler.tidy(harbour.app.sessions, harbour.clock)
        assert await count(harbour, Question) == kept


# What is kept, and who it is.


async def test_forget_deletes_the_questions_at_once(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    await opens(owner)
    await owner.press("Answer")
    await anna.send("/forget")
    await anna.press("Yes, delete it")
    assert await count(harbour, Question) == 0
    await owner.send("You may.")
    owner.sees("This question is gone")
    await owner.send("And?")
    owner.sees_not("Your answer:")
    await owner.press("‹ Questions")
    owner.sees("No question waits for an answer.", anywhere=True)


async def test_an_answer_on_its_way_to_whoever_is_forgotten_goes_nowhere(
    delivery: Delivery, harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    await harbour.app.dispatcher.storage.close()
    async with harbour.app.sessions() as session:
        await questions.answer(session, VAULT, 1, 1, 1, "You may.", harbour.clock.now())
        asking = await session.scalar(select(Subscriber).order_by(Subscriber.id.desc()))
        assert asking is not None
        await session.delete(asking)
        await session.commit()
    told(anna)
    await delivery.rests(harbour)
    assert not any("The organisers answer" in text for text in told(anna))


async def test_what_is_kept_is_told_and_given(harbour: Town, anna: Person, owner: Person) -> None:
    await asks(anna)
    await answers(owner)
    await anna.send("/privacy")
    anna.sees("• 1 question to the organisers, encrypted; it goes 90 days after the answer")
    await anna.press("A copy as a file")
    assert anna.last.document is not None
    [kept] = json.loads(anna.last.document.content)["questions"]
    assert kept["question"] == BOOKS
    assert kept["answer"] == "You may."
    assert (kept["what"], kept["slug"], kept["state"]) == ("defendant", "ivan-lodkin", "answered")
    await opens_settled(owner)
    await owner.press("Abuse or spam")
    await owner.press("Yes, take no more")
    await anna.send("/privacy")
    anna.sees("• that they take no questions from you until 22 December 2026")


async def opens_settled(person: Person) -> None:
    await person.send("/desk")
    await person.press("Questions")
    await person.press("Answered and closed")
    await person.press(person.last.labels[0])


async def test_what_is_settled_goes_after_ninety_days(
    harbour: Town, anna: Person, owner: Person
) -> None:
    for number, text in enumerate(("One?", "Two?", "Three?"), 1):
        await asks(anna, f"Question {text}", None)
        if number < 3:
            await opens(owner, number)
            await owner.press("Close without an answer")
    for days, left in ((89, 3), (1, 1), (300, 1)):
        harbour.clock.forward(days=days)
        await scheduler.tidy(harbour.app.sessions, harbour.clock)
        assert await count(harbour, Question) == left
    assert (await one(harbour, 3)).state == "open"


async def test_nothing_says_who_asked(
    delivery: Delivery,
    harbour: Town,
    anna: Person,
    owner: Person,
    vera: Person,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither what was sent to those at the desk, nor the logs, nor the database; and nobody can
    read there what was asked."""
    logs.configure("json")
    await asks(anna, "A secret, is it?")
    await asks(anna, "Another secret, is it?", None)
    await looks(delivery, harbour)
    await opens(vera)
    await vera.press("Take it")
    await answers(owner, "A secret answer.")
    await opens(vera, 2)
    await vera.press("Abuse or spam")
    await vera.press("Yes, take no more")
    await vera.press("Open it again")
    await vera.press("Answer")
    await vera.send("A half-typed secret.")
    await delivery.rests(harbour)
    at_the_desk = "".join(
        json.dumps(call.parameters, ensure_ascii=False, default=str)
        for call in harbour.telegram.calls
        if call.parameters.get("chat_id") in (owner.id, vera.id)
        or call.parameters.get("callback_query_id")
    )
    assert "A secret, is it?" in at_the_desk
    names = ("Zanzibara", "zanzibara_k", str(anna.id))
    assert not any(name in at_the_desk for name in names)
    rows = await everything(harbour)
    printed = capsys.readouterr()
    for told_ in (rows, printed.out + printed.err):
        assert not any(word in told_ for word in (*names, "secret"))


OURS = ("questions", "members", "dialogs", "subscribers")


async def everything(here: Town, tables: Collection[str] = Base.metadata.tables) -> str:
    async with here.app.sessions() as session:
        rows = [
            row
            for table in Base.metadata.sorted_tables
            if table.name in tables
            for row in await session.execute(select(table))
        ]
    return " ".join(str(value) for row in rows for value in row)


PRESSES = [
    "desk", "questions:0:0", "questions:0:1", "question:0:0:1", "chask:0:0:1:1:take",
    "chask:0:0:1:1:answer", "chask:0:0:1:1:close", "chask:0:0:1:1:ask_block",
    "chask:0:0:1:1:block", "chask:0:0:1:1:lift", "chask:0:0:1:1:reopen", "answer:0:0:1:1:abc",
    "hearask:0",
]  # fmt: skip


async def test_a_supporter_does_nothing_of_it_by_forged_presses(
    harbour: Town, anna: Person, owner: Person
) -> None:
    await asks(anna)
    before = await everything(harbour, OURS)
    await anna.send("/help")
    for data in PRESSES:
        harbour.clock.forward(seconds=1)
        await anna.press_data(data)
        anna.sees("This button is out of date")
    await anna.send("You may.")
    anna.sees_not("Your answer:")
    assert (await one(harbour)).version == 1
    assert await everything(harbour, OURS) == before
    group = harbour.telegram.group("Friends", members=[owner])
    await owner.send("/help@solidarity_bot", chat=group)
    for data in PRESSES:
        harbour.clock.forward(seconds=1)
        await owner.press_data(data, chat=group)
        group.sees_not(BOOKS)
    assert (await one(harbour)).version == 1


@pytest.mark.parametrize(
    "data",
    ["questions:99999:0", "question:0:0:99", "chask:0:0:1:1:burn", "chask:0:0:1:7:take",
     "chask:0:0:99:1:answer", "chask:0:0:99:1:block", "answer:0:0:1:1:x", "answer:0:0:99:1:x"]
)  # fmt: skip
async def test_a_forged_press_of_a_member_breaks_nothing(
    harbour: Town, anna: Person, owner: Person, data: str
) -> None:
    await asks(anna)
    await owner.send("/help")
    await owner.press_data(data)
    owner.sees_not("Something broke")
    assert (await one(harbour)).version == 1


@pytest.mark.parametrize("data", ["ask:99:0", "sendask:99:0", "sendask:0:99", "sendask:0:0"])
async def test_a_forged_question_is_none(harbour: Town, anna: Person, data: str) -> None:
    await anna.send("/help")
    await anna.press_data(data)
    anna.sees("This button is out of date")
    assert await count(harbour, Question) == 0


async def test_what_the_bot_itself_says_is_no_question(harbour: Town, anna: Person) -> None:
    """A forged press under a screen with a quotation that is too long, or with several."""
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/help@solidarity_bot", chat=group)
    await anna.press_data(SendQuestion().pack(), chat=group)
    assert await count(harbour, Question) == 0


@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=200))
def test_harmless(text: str) -> None:
    read = harmless(text)
    assert harmless(read) == read
    assert not HARMFUL.search(read)
    assert "\n\n\n" not in read
    assert read == read.strip()
    kept: Iterator[Any] = iter(HARMFUL.sub("", text))
    assert all(any(sign == other for other in kept) for sign in read if not sign.isspace())


async def test_no_answer_is_a_way_to_pay(harbour: Town, anna: Person, owner: Person) -> None:
    """It would stay when it has lapsed, and nobody asked where they pay from."""
    await asks(anna)
    await opens(owner)
    await owner.press("Answer")
    for words in ("To 4111 1111 1111 1111", "https://donate.example.org/lodkin"):
        await owner.send(words)
        owner.sees("is a way to pay")
        assert "📨 Send it" not in owner.last.labels
    await owner.send("See /donate")
    assert "📨 Send it" in owner.last.labels
