"""In groups the bot answers only when addressed."""

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
