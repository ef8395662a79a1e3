"""Groups, supergroups, channels: who may write, who is heard, what becomes of them."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramMigrateToChat
from aiogram.types import ChatMemberAdministrator, ChatMemberOwner, ReplyParameters

from sandbox import Person, Sandbox


async def heard(bot: Bot) -> list[str | None]:
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return [update.message.text for update in updates if update.message]


async def test_privacy_mode_lets_through_only_what_is_meant_for_the_bot(
    bot: Bot, telegram: Sandbox, anna: Person
) -> None:
    group = telegram.group("Friends", members=[anna])
    sent = await bot.send_message(group.id, "I am here")
    for text in (
        "hello",
        "@solidarity_bot hello",
        "/cases",
        "/cases@solidarity_bot",
        "/x@other_bot",
    ):
        await anna.send(text, chat=group, wait=False)
    await anna.send("an answer", chat=group, reply_to=group.last, wait=False)
    assert group.last.message_id == sent.message_id
    assert await heard(bot) == ["/cases", "/cases@solidarity_bot", "an answer"]


async def test_admins_and_bots_without_privacy_hear_all(
    bot: Bot, telegram: Sandbox, anna: Person
) -> None:
    group = telegram.group("Friends", members=[anna], bot="administrator")
    await anna.send("hello", chat=group, wait=False)
    other = telegram.group("Others", members=[anna])
    telegram.world.privacy = False
    await anna.send("hello too", chat=other, wait=False)
    assert await heard(bot) == ["hello", "hello too"]


async def test_the_stock_bot_answers_in_a_group(
    stock: Bot, telegram: Sandbox, anna: Person
) -> None:
    group = telegram.group("Friends", members=[anna])
    asked = await anna.send("/cases@solidarity_bot", chat=group)
    group.sees("Cases")
    assert group.last.raw["reply_to_message"]["message_id"] == asked.message_id
    assert anna.messages == []


async def test_an_upgraded_group_has_another_id(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    group = telegram.group("Friends", members=[anna])
    old = group.id
    new = group.upgrade()
    with pytest.raises(TelegramMigrateToChat) as caught:
        await bot.send_message(old, "x")
    assert caught.value.migrate_to_chat_id == new == group.id
    updates = [update.message for update in await bot.get_updates() if update.message]
    assert (updates[0].chat.id, updates[0].migrate_to_chat_id) == (old, new)
    assert (updates[1].chat.id, updates[1].migrate_from_chat_id) == (new, old)
    await bot.send_message(new, "moved")
    group.sees("moved")


async def test_outside_a_group_the_bot_is_silent(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    group = telegram.group("Friends", admins=[anna])
    await group.kick_bot(anna, wait=False)
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the group chat"):
        await bot.send_message(group.id, "x")
    await anna.send("/cases", chat=group, wait=False)
    await group.add_bot(anna, wait=False)
    await bot.send_message(group.id, "x")
    assert await bot.leave_chat(group.id)
    with pytest.raises(TelegramForbiddenError, match="bot is not a member of the group chat"):
        await bot.send_message(group.id, "x")
    kinds = [update.event_type for update in await bot.get_updates()]
    assert kinds == ["my_chat_member", "my_chat_member"]


async def test_members_and_admins(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    boris, vera = telegram.person("Boris"), telegram.person("Vera")
    group = telegram.group("Friends", members=[anna], admins=[boris, vera])
    assert await bot.get_chat_member_count(group.id) == 4
    admins = await bot.get_chat_administrators(group.id)
    assert [type(admin) for admin in admins] == [ChatMemberOwner, ChatMemberAdministrator]
    assert (await bot.get_chat_member(group.id, anna.id)).status == "member"
    assert (await bot.get_chat_member(group.id, telegram.person().id)).status == "left"
    with pytest.raises(TelegramBadRequest, match="PARTICIPANT_ID_INVALID"):
        await bot.get_chat_member(group.id, 5)
    assert (await bot.get_chat(group.id)).title == "Friends"


async def test_only_admins_delete_pin_and_ban(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    group = telegram.group("Friends", members=[anna])
    hers = await anna.send("/x", chat=group, wait=False)
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await bot.delete_message(group.id, hers.message_id)
    with pytest.raises(TelegramBadRequest, match="not enough rights to manage pinned messages"):
        await bot.pin_chat_message(group.id, hers.message_id)
    with pytest.raises(TelegramBadRequest, match="not enough rights"):
        await bot.ban_chat_member(group.id, anna.id)
    group.join(anna)
    group.chat.members[bot.id] = "administrator"
    await bot.pin_chat_message(group.id, hers.message_id)
    await bot.delete_message(group.id, hers.message_id)
    await bot.ban_chat_member(group.id, anna.id)
    assert (await bot.get_chat_member(group.id, anna.id)).status == "kicked"


async def test_channels(bot: Bot, telegram: Sandbox) -> None:
    channel = telegram.channel("News", username="court_news")
    await channel.post("from an editor", wait=False)
    sent = await bot.send_message("@court_news", "from the bot")
    assert sent.from_user is None
    assert sent.sender_chat
    assert sent.message_id == 2  # a channel counts its own messages
    assert channel.last.text == "from the bot"
    assert (await bot.get_updates())[0].channel_post
    channel.chat.members[bot.id] = "member"
    with pytest.raises(TelegramBadRequest, match="need administrator rights in the channel chat"):
        await bot.send_message(channel.id, "x")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message("@nobody_there", "x")


async def test_a_reply_across_chats(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    group = telegram.group("Friends", members=[anna])
    there = await bot.send_message(group.id, "there")
    reply = ReplyParameters(message_id=there.message_id, chat_id=group.id)
    sent = await bot.send_message(anna.id, "here", reply_parameters=reply)
    assert sent.external_reply
