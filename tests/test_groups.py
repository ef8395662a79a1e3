"""In groups the bot answers only when addressed."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot import logs
from bot.services import subscribers
from bot.services.subscribers import SEALED
from models import Follow, Subscriber
from sandbox import Limits, Sandbox
from tests.town import TOKEN, VAULT, Gate, Town, town

pytestmark = pytest.mark.either_database


async def test_only_when_addressed(harbour: Town) -> None:
    anna = harbour.person()
    group = harbour.telegram.group("Friends", members=[anna], bot="administrator")
    for said in (
        "hello",
        "lodkin",
        "/cases",
        "/cases@other_bot",
        "/start",
        "mail@solidarity_bota.org",
    ):
        await anna.send(said, chat=group)
    assert [message for message in group.messages if message.from_bot] == []
    await anna.send("/cases@solidarity_bot", chat=group)
    group.sees("Cases · 1")
    await anna.send("@solidarity_bot lodkin", chat=group)
    group.sees("crane driver")
    await anna.send("who is vetrova, @Solidarity_Bot?", chat=group)
    group.sees("radio operator")
    await anna.send("lodkin", chat=group, reply_to=group.last)
    group.sees("crane driver")


async def test_personal_things_are_not_told_in_a_group(harbour: Town) -> None:
    anna = harbour.person()
    group = harbour.telegram.group("Friends", members=[anna])
    for command in ("settings", "privacy", "forget"):
        await anna.send(f"/{command}@solidarity_bot", chat=group)
        group.sees("between you and me")
    await anna.send("/help@solidarity_bot", chat=group)
    group.sees("/follows")
    for command in ("settings", "privacy", "forget"):
        group.sees_not(f"/{command}")
    await anna.send("/start@solidarity_bot", chat=group)
    assert "⚙️ Settings" not in group.last.labels
    for data in ("settings", "privacy", "forget", "forgetall", "zone:-"):
        await anna.press_data(data, chat=group)
        group.sees("out of date")


async def test_channels_and_service_messages_get_silence(harbour: Town) -> None:
    anna = harbour.person()
    group = harbour.telegram.group("Friends", members=[anna])
    channel = harbour.telegram.channel("News", admins=[anna])
    await anna.post({"new_chat_title": "Enemies"}, chat=group)
    await anna.post({"text": "lodkin"}, chat=channel)
    assert not harbour.telegram.calls.of("sendMessage")


@pytest.mark.parametrize(
    ("status", "language", "says"),
    [
        ("member", "en", "Hello! Admins can make this group follow a city, a case or a person: "
         "/follows"),
        ("administrator", "ru", "Здравствуйте! Админы могут подписать группу на город, дело или "
         "человека: /follows"),
    ],
)  # fmt: skip
async def test_a_group_that_takes_the_bot_in_is_greeted_once(
    harbour: Town, status: str, language: str, says: str
) -> None:
    anna = harbour.person("Anna", language=language)
    group = harbour.telegram.group("Friends", admins=[anna], bot="left")
    await group.add_bot(by=anna, status=status)
    assert [message.text for message in group.messages] == [says]
    for change in ("administrator", "member"):
        await group.add_bot(by=anna, status=change)
    await group.kick_bot(by=anna)
    assert len(group.messages) == 1


async def test_a_greeting_is_for_groups_and_its_failure_is_no_fault(
    harbour: Town, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("json")
    anna = harbour.person("Anna", language="en")
    channel = harbour.telegram.channel("News", admins=[anna], bot="left")
    await channel.add_bot(by=anna, status="administrator")
    await harbour.telegram.confirmed(anna.block())
    await harbour.telegram.confirmed(anna.unblock())
    assert not harbour.telegram.calls.of("sendMessage")
    group = harbour.telegram.group("Friends", admins=[anna], bot="left")
    harbour.telegram.faults.refuse(
        400, "not enough rights to send text messages", method="sendMessage"
    )
    await group.add_bot(by=anna)
    assert [call.code for call in harbour.telegram.calls.of("sendMessage")] == [400]
    logged = capsys.readouterr().err
    assert "a group is not greeted" in logged
    assert "an update failed" not in logged


async def test_a_menu_word_said_to_the_bot_opens_its_screen(harbour: Town) -> None:
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Friends", members=[anna], bot="administrator")
    await anna.send("@solidarity_bot help", chat=group)
    group.sees("What this bot does")
    await anna.send("@solidarity_bot settings", chat=group)
    group.sees("between you and me")


async def test_nobody_is_told_to_type_a_name_where_names_get_silence(harbour: Town) -> None:
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Friends", members=[anna])
    for command in ("start", "cases", "letters", "help"):
        await anna.send(f"/{command}@solidarity_bot", chat=group)
        group.sees_not("ype a name")
    group.sees("Reply to me with a name")
    await anna.send("lodkin", chat=group, reply_to=group.last)
    group.sees("crane driver")


async def test_what_is_personal_goes_on_in_private(harbour: Town) -> None:
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Friends", members=[anna])
    for said, screen in (
        ("/privacy", "What is kept about you"),
        ("/forget", "There is nothing to delete"),
        ("/settings", "Settings"),
    ):
        await anna.send(f"{said}@solidarity_bot", chat=group)
        await anna.press("Open the chat", chat=group)
        anna.sees(screen)


async def test_an_unknown_command_to_the_bot_is_answered(harbour: Town) -> None:
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/foo@solidarity_bot", chat=group)
    group.sees("I do not know this command")
    assert "⚙️ Settings" not in group.last.labels


@pytest.mark.parametrize(
    ("said", "heard"),
    [("/CASES@SOLIDARITY_BOT", "Cases · 1"), ("@solidarity_bot", "Harbour")],
)
async def test_however_the_bot_is_called_it_answers(harbour: Town, said: str, heard: str) -> None:
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Friends", members=[anna], bot="administrator")
    await anna.send(said, chat=group)
    group.sees(heard)


async def test_a_group_is_not_told_where_somebodys_clock_stands(harbour: Town) -> None:
    """A chosen time zone is a thing between the person and the bot: on cards and in files."""
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Friends", members=[anna], bot="administrator")
    await anna.send("/settings")
    await anna.press_data("zone:Asia/Tokyo")
    for chat, at in ((None, ""), (group, "@solidarity_bot")):
        shown = []
        await anna.send(f"/hearings{at}", chat=chat)
        assert ("for you" in (chat or anna).last.text) == (chat is None)
        await anna.press("25.11 10:00", chat=chat)
        shown.append((chat or anna).last.text)
        await anna.press("Calendar", chat=chat)
        document = (chat or anna).last.document
        assert document is not None
        shown.append(document.content.decode().replace("\r\n ", ""))
        await anna.send(f"/evenings{at}", chat=chat)
        await anna.press("Evening of letters", chat=chat)
        shown.append((chat or anna).last.text)
        for link in ("e-1", "d-ivan-lodkin", "c-port-strike"):
            await anna.send(f"/start{at} {link}", chat=chat)
            shown.append((chat or anna).last.text)
        await anna.press("Ivan Lodkin", chat=chat)
        shown.append((chat or anna).last.text)
        await anna.press("The case", chat=chat)
        shown.append((chat or anna).last.text)
        await anna.send(f"{at} lodkin", chat=chat)
        shown.append((chat or anna).last.text)
        assert ["Your time" in text for text in shown] == [chat is None] * 9


async def test_a_screen_keeps_its_language_whoever_presses(harbour: Town) -> None:
    oleg, anna = harbour.person("Oleg", language="ru"), harbour.person("Anna", language="en")
    group = harbour.telegram.group("Friends", members=[oleg, anna])
    await oleg.send("/start@solidarity_bot", chat=group)
    for label, seen in (
        ("Дела", "Дела · 1"),
        ("Дело о портовой забастовке", "Обвинение"),
        ("Помочь деньгами", "Адвокат для Ивана"),
        ("Меню", "или выберите"),
        ("Что умеет бот", "Что умеет"),
        ("Меню", "или выберите"),
    ):
        await anna.press(label, chat=group)
        group.sees(seen)
    await anna.press_data("case:77", chat=group)
    group.sees("Эта кнопка устарела")
    await anna.send("/cases@solidarity_bot", chat=group)
    group.sees("Cases · 1")
    await oleg.press("By stage", chat=group)
    group.sees("Cases by stage")
    await anna.send("/cases")
    anna.sees("Cases · 1")


async def test_what_is_out_of_date_offers_nothing_personal_in_a_group(harbour: Town) -> None:
    anna = harbour.person(language="en")
    group = harbour.telegram.group("Friends", members=[anna])
    await anna.send("/start@solidarity_bot", chat=group)
    for data in ("settings", "case:77", "nothing"):
        await anna.press_data(data, chat=group)
        group.sees("out of date")
        assert "⚙️ Settings" not in group.last.labels
    for asked in (
        "start@solidarity_bot d-nobody",
        "start@solidarity_bot i-1",
        "cancel@solidarity_bot",
    ):
        await anna.send(f"/{asked}", chat=group)
        assert "❔ Help" in group.last.labels
        assert "⚙️ Settings" not in group.last.labels


async def followers(town: Town) -> dict[int, list[str]]:
    """What is followed, by chat."""
    async with town.app.sessions() as session:
        query = select(Subscriber.chat_sealed, Follow.subject).outerjoin(Follow)
        found: dict[int, list[str]] = {}
        for sealed, subject in await session.execute(query):
            found.setdefault(VAULT.open(sealed, SEALED), []).append(subject)
        return found


async def test_an_admin_follows_for_the_group(harbour: Town) -> None:
    anna, boris = harbour.person("Anna", language="en"), harbour.person("Boris", language="en")
    group = harbour.telegram.group("Friends", members=[boris], admins=[anna])
    await boris.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    await boris.press("Follow", chat=group)
    assert boris.toast is not None
    assert boris.toast.alert
    assert boris.toast.text == (
        "Only this group's admins decide that. To follow for yourself, write to me alone."
    )
    assert "🔔 Follow" in group.last.labels
    assert await followers(harbour) == {}
    await anna.press("Follow", chat=group)
    assert "✓ Following" in group.last.labels
    assert await followers(harbour) == {group.id: ["defendant"]}
    await boris.send("/follows@solidarity_bot", chat=group)
    group.sees("This group follows · 1")
    await boris.press("Ivan Lodkin", chat=group)
    for label in ("Mute", "Unfollow"):
        await boris.press(label, chat=group)
        assert boris.toast.alert
    await anna.press("Mute", chat=group)
    group.sees("Muted")
    assert not harbour.telegram.unanswered


async def test_admins_without_a_name_decide_too(harbour: Town) -> None:
    nameless = harbour.person("Group", language="en", id=1087968824)
    group = harbour.telegram.group("Friends", members=[harbour.person()])
    await nameless.send("/start@solidarity_bot c-port-strike", chat=group)
    await nameless.press("Follow", chat=group)
    assert await followers(harbour) == {group.id: ["case"]}


async def test_who_is_an_admin_is_asked_at_every_press(harbour: Town) -> None:
    anna, boris = harbour.person("Anna", language="en"), harbour.person("Boris")
    group = harbour.telegram.group("Friends", admins=[boris, anna])
    await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    group.join(anna, "member")
    await anna.press("Follow", chat=group)
    group.join(anna, "left")
    await anna.press("Follow", chat=group)
    assert await followers(harbour) == {}


async def test_a_group_and_its_people_follow_apart(harbour: Town) -> None:
    anna = harbour.person("Anna", language="en")
    group = harbour.telegram.group("Friends", admins=[anna])
    await anna.send("/start d-marta-vetrova")
    await anna.press("Follow")
    await anna.send("/start@solidarity_bot d-marta-vetrova", chat=group)
    assert "🔔 Follow" in group.last.labels
    await anna.send("/follows@solidarity_bot", chat=group)
    group.sees("This group follows nobody yet")
    await anna.press("Follow everything", chat=group)
    await anna.press("Yes, everything", chat=group)
    group.sees("🌍 Everything")
    await anna.send("/follows")
    anna.sees("My follows · 1")
    anna.sees_not("Everything")
    assert await followers(harbour) == {anna.id: ["defendant"], group.id: ["all"]}
    await anna.press_data("unfollow:2:0")
    await anna.press_data("mute:1:0:1", chat=group)
    group.sees("out of date")
    assert await followers(harbour) == {anna.id: ["defendant"], group.id: ["all"]}


async def test_a_group_ends_everything_that_is_kept_for_it(harbour: Town) -> None:
    anna, boris = harbour.person("Anna", language="en"), harbour.person("Boris", language="en")
    group = harbour.telegram.group("Friends", members=[boris], admins=[anna])
    await anna.send("/follows@solidarity_bot", chat=group)
    await anna.press_data("fall", chat=group)
    await anna.press("What is told, and when", chat=group)
    await boris.press("✓ Outcome", chat=group)
    assert "✓ Outcome" in group.last.labels
    await anna.press("Quiet hours", chat=group)
    group.sees("By the organisers' clock: Moscow Time, UTC+3.")
    assert "🌍 My time zone" not in group.last.labels
    await anna.press("22:00–08:00", chat=group)
    await anna.press("‹ Back", chat=group)
    await anna.press("End all follows", chat=group)
    await boris.press("Yes, end them", chat=group)
    assert await followers(harbour) == {group.id: ["all"]}
    await anna.press("Yes, end them", chat=group)
    group.sees("this group follows nothing")
    assert await followers(harbour) == {}


async def test_an_admin_chooses_the_groups_language(harbour: Town) -> None:
    """Whoever asks and whatever was shown before; each person's own stays theirs."""
    oleg, boris = harbour.person("Oleg", language="ru"), harbour.person("Boris", language="en")
    group = harbour.telegram.group("Friends", members=[boris], admins=[oleg])
    await boris.send("/cases@solidarity_bot", chat=group)
    old = group.last
    await oleg.send("/follows@solidarity_bot", chat=group)
    await oleg.press_data("fall", chat=group)
    await oleg.press("О чём и когда сообщать", chat=group)
    assert {"✓ Русский", "English"} <= set(group.last.labels)
    await boris.press("English", chat=group)
    assert boris.toast is not None
    assert boris.toast.alert
    assert "✓ Русский" in group.last.labels
    await oleg.press("English", chat=group)
    group.sees("What is told, and when")
    assert {"✓ English", "Русский"} <= set(group.last.labels)
    await oleg.send("/follows@solidarity_bot", chat=group)
    group.sees("This group follows · 1")
    await oleg.press_data("lang:ru", chat=group)
    await boris.send("/cases@solidarity_bot", chat=group)
    group.sees("Дела · 1")
    await boris.press("By stage", chat=group, message=old)
    group.sees("Дела по стадиям", anywhere=True)
    await oleg.press_data("lang:xx", chat=group)
    group.sees("устарела")
    await boris.send("/cases")
    boris.sees("Cases · 1")


async def test_alone_nobody_is_asked_for_a_groups_language(harbour: Town) -> None:
    anna = harbour.person("Anna", language="en")
    await anna.send("/start")
    await anna.press_data("alerts")
    assert "✓ English" not in anna.last.labels
    await anna.press_data("lang:ru")
    anna.sees("Настройки")


async def test_in_a_group_everybody_answers_for_themselves(harbour: Town) -> None:
    anna, boris = harbour.person("Anna", language="en"), harbour.person("Boris", language="en")
    group = harbour.telegram.group("Friends", members=[anna, boris])
    await anna.send("/hearings@solidarity_bot", chat=group)
    await anna.press("25.11 10:00", chat=group)
    await anna.press("🙋 I will come", chat=group)
    assert anna.toast is not None
    assert (
        anna.toast.text
        == "Good! Changes are told in your chat with me: open it if you have not yet."
    )
    group.sees("1 person is coming")
    await boris.press("🙋 I will come", chat=group)
    group.sees("2 people are coming")
    await anna.press("I cannot come", chat=group)
    group.sees("1 person is coming")
    group.sees_not("You")
    assert set(await followers(harbour)) == {anna.id, boris.id}


async def test_two_admins_who_are_first_at_once_make_one_group(harbour: Town) -> None:
    admins = [harbour.person(name, language="en") for name in ("Anna", "Boris", "Vera", "Gleb")]
    group = harbour.telegram.group("Friends", admins=admins)
    await admins[0].send("/start@solidarity_bot d-ivan-lodkin", chat=group)
    card = group.last
    presses = (
        admin.press_data(f"fwho:{number % 2 + 1}:1", message=card, chat=group)
        for number, admin in enumerate(admins)
    )
    await asyncio.gather(*presses)
    assert await followers(harbour) == {group.id: ["defendant", "defendant"]}
    group.sees_not("Something broke")


async def test_a_press_goes_on_though_another_admin_ends_all_meanwhile(database_url: str) -> None:
    gate = Gate()
    async with (
        Sandbox(token=TOKEN, limits=Limits.off(), sleep=gate) as telegram,
        town(database_url, "format.yaml", telegram=telegram) as here,
    ):
        anna, boris = (telegram.person(name, language="en") for name in ("Anna", "Boris"))
        group = telegram.group("Friends", admins=[anna, boris])
        await anna.send("/start@solidarity_bot d-ivan-lodkin", chat=group)
        await anna.press("Follow", chat=group)
        telegram.faults.delay(60, method="getChatMember")
        await boris.press_data("fcase:1:0::0:1", chat=group, wait=False)
        await asyncio.wait_for(gate.reached.wait(), 60)
        await anna.press_data("stopall", chat=group, wait=False)
        await telegram.until(lambda: "follows nothing" in group.last.text, "nothing is ended")
        assert await followers(here) == {}
        gate.opened.set()
        await telegram.settled()
        group.sees("The port strike case")
        assert "✓ Following" in group.last.labels
        assert await followers(here) == {group.id: ["case"]}


async def test_whoever_is_forgotten_in_the_moment_they_are_seen_stays_so(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start d-ivan-lodkin")
    await anna.press("Follow")
    later = harbour.clock.now() + timedelta(days=2)
    async with harbour.app.sessions() as session, harbour.app.sessions() as other:
        here, there = [
            (await subscribers.find(one, VAULT, anna.id, later)).subscriber
            for one in (session, other)
        ]
        await session.commit()
        await subscribers.forget(other, there, later)
        await subscribers.seen(session, here, later)
    assert await followers(harbour) == {}
