"""In groups the bot answers only when addressed."""

import pytest

from tests.town import Town


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
    await anna.send("/start@solidarity_bot", chat=group)
    assert "⚙️ Settings" not in group.last.labels
    for data in ("settings", "privacy", "forget", "forgetall", "lang:ru", "zone:-"):
        await anna.press_data(data, chat=group)
        group.sees("out of date")


async def test_channels_and_service_messages_get_silence(harbour: Town) -> None:
    anna = harbour.person()
    group = harbour.telegram.group("Friends", members=[anna])
    channel = harbour.telegram.channel("News", admins=[anna])
    await anna.post({"new_chat_title": "Enemies"}, chat=group)
    await anna.post({"text": "lodkin"}, chat=channel)
    assert not harbour.telegram.calls.of("sendMessage")


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
        ("Помочь", "Помочь деньгами"),
        ("Меню", "или выберите"),
        ("Помощь", "Что умеет"),
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
