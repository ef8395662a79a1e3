"""Sending, editing and deleting: each limit with Telegram's own error text."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    ReactionTypeEmoji,
    ReplyParameters,
)

from sandbox import Person, Sandbox

from .stock_bot import Clock, keyboard

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
NOT_MODIFIED = "message is not modified: specified new message content and reply markup are exactly"


def one_button(**button: object) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup.model_construct(
        inline_keyboard=[[InlineKeyboardButton.model_construct(**button)]]
    )


async def test_a_message_comes_back_as_telegram_tells_it(
    bot: Bot, anna: Person, clock: Clock
) -> None:
    sent = await bot.send_message(anna.id, "  <b>Hi</b> \n", parse_mode="HTML")
    assert (sent.text, sent.date, sent.chat.type) == ("Hi", clock(), "private")
    assert sent.from_user
    assert sent.from_user.username == "solidarity_bot"
    assert anna.last.message_id == sent.message_id


@pytest.mark.parametrize("text", ["x" * 4096, "😀" * 2048, "<b>" + "x" * 4096 + "</b>"])
async def test_4096_units_after_parsing_are_taken(bot: Bot, anna: Person, text: str) -> None:
    sent = await bot.send_message(anna.id, text, parse_mode="HTML")
    assert sent.text in ("x" * 4096, "😀" * 2048)


@pytest.mark.parametrize("text", ["x" * 4097, "😀" * 2048 + "x"])
async def test_one_unit_more_is_too_long(bot: Bot, anna: Person, text: str) -> None:
    with pytest.raises(TelegramBadRequest, match="Bad Request: message is too long"):
        await bot.send_message(anna.id, text)


@pytest.mark.parametrize("text", ["", "   \n ", "<b> </b>", "<i></i>"])
async def test_empty_text_is_refused(bot: Bot, anna: Person, text: str) -> None:
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await bot.send_message(anna.id, text, parse_mode="HTML")
    assert anna.messages == []


async def test_captions_hold_1024_units(bot: Bot, anna: Person) -> None:
    file = BufferedInputFile(b"x", "a.txt")
    await bot.send_document(anna.id, file, caption="x" * 1024)
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_document(anna.id, file, caption="x" * 1025)
    await bot.send_document(anna.id, file, caption="<b>" + "😀" * 512 + "</b>", parse_mode="HTML")
    assert len(anna.last.text) == 512
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_document(anna.id, file, caption="😀" * 512 + "x")


async def test_edits_have_the_same_limits(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "x")
    where = {"chat_id": anna.id, "message_id": sent.message_id}
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.edit_message_text("x" * 4097, **where)
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await bot.edit_message_text(" ", **where)
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.edit_message_text("y", **where, reply_markup=keyboard([("a", "x" * 65)]))
    await bot.edit_message_text("x" * 4096, **where)


@pytest.mark.parametrize(
    ("button", "error"),
    [
        ({"text": "a", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": "ж" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "url": "not an address"}, "BUTTON_URL_INVALID"),
        ({"text": "a", "copy_text": {"text": ""}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "a", "copy_text": {"text": "x" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "a"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": " ", "callback_data": "a"}, "BUTTON_TEXT_INVALID"),
        ({"text": "a", "callback_data": "a", "url": "http://a.org"}, "BUTTON_TYPE_INVALID"),
        ({"text": "a", "calback_data": "a"}, 'unknown field "calback_data"'),
        ({"text": "a", "web_app": {"url": "http://a.org"}}, "Only HTTPS links are allowed"),
    ],
)
async def test_wrong_buttons_are_refused(
    bot: Bot, anna: Person, button: dict[str, object], error: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=error):
        await bot.send_message(anna.id, "x", reply_markup=one_button(**button))


@pytest.mark.parametrize(
    "button",
    [
        {"text": "a", "callback_data": "x"},
        {"text": "a", "callback_data": "ж" * 32},
        {"text": "a", "copy_text": {"text": "x"}},
        {"text": "a", "copy_text": {"text": "x" * 256}},
        {"text": "a", "url": "example.org/path"},
        {"text": "a", "url": "tg://user?id=5"},
        {"text": "a", "switch_inline_query": ""},
    ],
)
async def test_right_buttons_are_taken(bot: Bot, anna: Person, button: dict[str, object]) -> None:
    await bot.send_message(anna.id, "x", reply_markup=one_button(**button))
    assert anna.last.labels == ["a"]


async def test_a_keyboard_holds_100_buttons_8_a_row(bot: Bot, anna: Person) -> None:
    row = [("x", "x")] * 8
    await bot.send_message(anna.id, "x", reply_markup=keyboard(*[row] * 12, [("x", "x")] * 4))
    with pytest.raises(TelegramBadRequest, match="reply markup is too long"):
        await bot.send_message(anna.id, "x", reply_markup=keyboard(*[row] * 12, [("x", "x")] * 5))
    with pytest.raises(TelegramBadRequest, match="more than 8 buttons in a row"):
        await bot.send_message(anna.id, "x", reply_markup=keyboard([("x", "x")] * 9))


async def test_an_edit_must_change_something(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "one", reply_markup=keyboard([("a", "a")]))
    with pytest.raises(TelegramBadRequest, match=NOT_MODIFIED):
        await bot.edit_message_text(
            "one", chat_id=anna.id, message_id=sent.message_id, reply_markup=keyboard([("a", "a")])
        )
    with pytest.raises(TelegramBadRequest, match=NOT_MODIFIED):
        await bot.edit_message_reply_markup(
            chat_id=anna.id, message_id=sent.message_id, reply_markup=keyboard([("a", "a")])
        )
    await bot.edit_message_text("one", chat_id=anna.id, message_id=sent.message_id)
    assert anna.last.buttons == []  # an edit without a keyboard takes it away


async def test_an_edit_of_formatting_alone_is_a_change(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "one")
    await bot.edit_message_text(
        "<b>one</b>", chat_id=anna.id, message_id=sent.message_id, parse_mode="HTML"
    )
    assert anna.last.html == "<b>one</b>"
    assert anna.last.raw["edit_date"]


async def test_what_cannot_be_edited(bot: Bot, anna: Person) -> None:
    hers = await anna.send("hello", wait=False)
    place = await bot.send_location(anna.id, 55.7, 37.6)
    where = {"chat_id": anna.id}
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", message_id=999, **where)
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("x", message_id=hers.message_id, **where)
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("x", message_id=place.message_id, **where)
    with pytest.raises(TelegramBadRequest, match="there is no caption in the message to edit"):
        await bot.edit_message_caption(caption="x", message_id=place.message_id, **where)
    with pytest.raises(TelegramBadRequest, match="message identifier is not specified"):
        await bot.edit_message_text("x", **where)


async def test_caption_and_media_are_edited(bot: Bot, anna: Person) -> None:
    sent = await bot.send_photo(anna.id, BufferedInputFile(PNG, "a.png"), caption="one")
    where = {"chat_id": anna.id, "message_id": sent.message_id}
    await bot.edit_message_caption(caption="two", **where)
    assert anna.last.text == "two"
    await bot.edit_message_media(
        InputMediaDocument(media=BufferedInputFile(b"abc", "b.txt"), caption="three"), **where
    )
    assert anna.last.document
    assert (anna.last.document.content, anna.last.text) == (b"abc", "three")
    assert "photo" not in anna.last.raw


async def test_deleting(bot: Bot, anna: Person, clock: Clock) -> None:
    one, two = [await bot.send_message(anna.id, text) for text in ("one", "two")]
    assert await bot.delete_message(anna.id, one.message_id)
    assert [message.text for message in anna.messages] == ["two"]
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(anna.id, one.message_id)
    clock.forward(hours=48)
    with pytest.raises(TelegramBadRequest, match="message can't be deleted for everyone"):
        await bot.delete_message(anna.id, two.message_id)
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await bot.delete_messages(anna.id, [two.message_id])


async def test_a_message_just_under_48_hours_old_is_deleted(
    bot: Bot, anna: Person, clock: Clock
) -> None:
    sent = [(await bot.send_message(anna.id, str(i))).message_id for i in range(3)]
    clock.forward(hours=47, minutes=59)
    assert await bot.delete_messages(anna.id, [*sent, 999])
    assert anna.messages == []
    with pytest.raises(TelegramBadRequest, match="1-100 message identifiers"):
        await bot.delete_messages(anna.id, list(range(1, 102)))


async def test_who_cannot_be_written_to(bot: Bot, telegram: Sandbox) -> None:
    new, blocked, gone = (telegram.person(n, started=n != "New") for n in ("New", "Bo", "Cy"))
    blocked.block()
    gone.deactivate()
    with pytest.raises(TelegramForbiddenError, match="bot can't initiate conversation with a user"):
        await bot.send_message(new.id, "x")
    with pytest.raises(TelegramForbiddenError, match="Forbidden: bot was blocked by the user"):
        await bot.send_message(blocked.id, "x")
    with pytest.raises(TelegramForbiddenError, match="Forbidden: user is deactivated"):
        await bot.send_message(gone.id, "x")
    with pytest.raises(TelegramBadRequest, match="Bad Request: chat not found"):
        await bot.send_message(123456789, "x")
    sent = telegram.world.add_message(blocked.chat, telegram.world.bot, {"text": "old"})
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.edit_message_text("new", chat_id=blocked.id, message_id=sent["message_id"])
    blocked.unblock()
    await bot.send_message(blocked.id, "again")
    blocked.sees("again")


async def test_replies_name_a_message_that_is_there(bot: Bot, anna: Person) -> None:
    first = await bot.send_message(anna.id, "first")
    answer = await bot.send_message(
        anna.id, "x", reply_parameters=ReplyParameters(message_id=first.message_id)
    )
    assert answer.reply_to_message
    assert answer.reply_to_message.text == "first"
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(anna.id, "x", reply_parameters=ReplyParameters(message_id=999))
    lone = ReplyParameters(message_id=999, allow_sending_without_reply=True)
    assert (await bot.send_message(anna.id, "x", reply_parameters=lone)).reply_to_message is None


async def test_a_group_of_media_has_2_to_10_of_one_kind(bot: Bot, anna: Person) -> None:
    photo = InputMediaPhoto(media=BufferedInputFile(PNG, "a.png"), caption="c")
    document = InputMediaDocument(media=BufferedInputFile(b"x", "a.txt"))
    sent = await bot.send_media_group(anna.id, [photo] * 10)
    assert len({message.media_group_id for message in sent}) == 1
    assert len(anna.messages) == 10
    for wrong in ([photo], [photo] * 11):
        with pytest.raises(TelegramBadRequest, match="wrong number of media in the group"):
            await bot.send_media_group(anna.id, wrong)
    with pytest.raises(TelegramBadRequest, match="Can't use the media of the specified type"):
        await bot.send_media_group(anna.id, [photo, document])


async def test_other_kinds_of_message(bot: Bot, anna: Person) -> None:
    file = BufferedInputFile(b"content", "a.bin")
    await bot.send_venue(anna.id, 55.7, 37.6, "Court", "Street 1")
    assert anna.last.venue
    assert anna.last.venue["title"] == "Court"
    await bot.send_contact(anna.id, "+100", "Vera")
    await bot.send_dice(anna.id)
    poll = await bot.send_poll(anna.id, "Coming?", ["Yes", "No"])
    assert poll.poll
    assert [option.text for option in poll.poll.options] == ["Yes", "No"]
    for send in (bot.send_video, bot.send_audio, bot.send_voice, bot.send_animation):
        await send(anna.id, file, caption="c")
        assert anna.last.file
        assert anna.last.file.content == b"content"
    await bot.send_sticker(anna.id, file)
    assert await bot.send_chat_action(anna.id, "typing")
    with pytest.raises(TelegramBadRequest, match="wrong parameter action in request"):
        await bot.send_chat_action(anna.id, "dancing")
    with pytest.raises(TelegramBadRequest, match="wrong latitude or longitude"):
        await bot.send_location(anna.id, 95.0, 0.0)


async def test_copies_and_forwards(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    boris = telegram.person("Boris", started=True)
    hers = await anna.send("a question", wait=False)
    copy = await bot.copy_message(boris.id, anna.id, hers.message_id)
    assert boris.last.text == "a question"
    assert boris.last.message_id == copy.message_id
    assert "forward_origin" not in boris.last.raw
    forward = await bot.forward_message(boris.id, anna.id, hers.message_id)
    assert forward.forward_origin
    assert len(await bot.forward_messages(boris.id, anna.id, [hers.message_id])) == 1
    assert len(await bot.copy_messages(boris.id, anna.id, [hers.message_id, 998, 999])) == 1
    with pytest.raises(TelegramBadRequest, match="message to copy not found"):
        await bot.copy_message(boris.id, anna.id, 999)
    with pytest.raises(TelegramBadRequest, match="message to forward not found"):
        await bot.forward_message(boris.id, anna.id, 999)
    with pytest.raises(TelegramBadRequest, match="strictly increasing"):
        await bot.copy_messages(boris.id, anna.id, [2, 1])


async def test_protected_content_is_not_passed_on(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "secret", protect_content=True)
    with pytest.raises(TelegramBadRequest, match="message can't be forwarded"):
        await bot.forward_message(anna.id, anna.id, sent.message_id)


async def test_pins(bot: Bot, anna: Person) -> None:
    sent = await bot.send_message(anna.id, "x")
    await bot.pin_chat_message(anna.id, sent.message_id)
    assert [message.text for message in anna.pinned] == ["x"]
    chat = await bot.get_chat(anna.id)
    assert chat.pinned_message
    await bot.unpin_chat_message(anna.id)
    assert anna.pinned == []
    with pytest.raises(TelegramBadRequest, match="message to pin not found"):
        await bot.pin_chat_message(anna.id, 999)


async def test_a_deep_link_that_cannot_work_is_noted(
    bot: Bot, telegram: Sandbox, anna: Person
) -> None:
    link = '<a href="https://t.me/solidarity_bot?start={}">x</a>'
    await bot.send_message(anna.id, link.format("d-orlov"), parse_mode="HTML")
    await bot.send_message(anna.id, link.format("x" * 64), parse_mode="HTML")
    assert telegram.violations == []
    button = one_button(text="x", url="https://t.me/Solidarity_bot?start=a+b")
    await bot.send_message(anna.id, "x", reply_markup=button)
    await bot.send_message(anna.id, link.format("x" * 65), parse_mode="HTML")
    assert "deep link payload 'a b'" in telegram.violations[0]
    assert len(telegram.violations) == 2


async def test_history_is_bounded() -> None:
    async with Sandbox(history=3) as telegram:
        anna = telegram.person()
        for number in range(10):
            await anna.send(str(number), wait=False)
        assert [message.text for message in anna.messages] == ["7", "8", "9"]


async def test_people_are_mentioned_by_id_and_times_told(bot: Bot, anna: Person) -> None:
    source = (
        '<a href="tg://user?id={}">her</a> <tg-time unix="1700000000" format="Dt">then</tg-time>'
    )
    sent = await bot.send_message(anna.id, source.format(anna.id), parse_mode="HTML")
    assert sent.entities
    assert sent.entities[0].user
    assert sent.entities[0].user.first_name == "Anna"
    assert sent.entities[1].unix_time == 1700000000
    assert anna.last.html == source.format(anna.id)
    unknown = await bot.send_message(anna.id, source.format(5), parse_mode="HTML")
    assert unknown.entities
    assert [entity.type for entity in unknown.entities] == ["date_time"]


async def test_reactions(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    hers = await anna.send("x", wait=False)
    seen: list[str] = []
    telegram.world.watchers.append(lambda event, what: seen.append(event))
    assert await bot.set_message_reaction(anna.id, hers.message_id, [ReactionTypeEmoji(emoji="👍")])
    assert seen == ["reaction"]
    with pytest.raises(TelegramBadRequest, match="message to react not found"):
        await bot.set_message_reaction(anna.id, 999)


async def test_all_pins_go_at_once(bot: Bot, anna: Person) -> None:
    for text in ("one", "two"):
        sent = await bot.send_message(anna.id, text)
        await bot.pin_chat_message(anna.id, sent.message_id)
    await bot.delete_message(anna.id, sent.message_id)
    assert [message.text for message in anna.pinned] == ["one"]
    await bot.unpin_all_chat_messages(anna.id)
    assert anna.pinned == []
    with pytest.raises(TelegramBadRequest, match="message to unpin not found"):
        await bot.unpin_chat_message(anna.id)
