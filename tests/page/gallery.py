"""One message of every kind, for tests and for eyes."""

from aiogram.types import (
    BufferedInputFile,
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    SwitchInlineQueryChosenChat,
    WebAppInfo,
)

from tests.page.hall import Hall, moment, png

TIME = moment("2026-12-01T10:00:00+00:00")
ENTITIES = (
    '<b>bold</b> <i>italic</i> <u>underline</u> <s>strikethrough</s> '
    '<tg-spoiler>hidden</tg-spoiler> '
    '<b>bold <i>and italic <u>and underlined</u></i></b> <code>inline code</code>\n'
    '<pre><code class="language-python">print("Hello")\nfor i in range(3): pass</code></pre>\n'
    '<a href="https://example.org/court">a named link</a> https://example.com/plain '
    'mail@example.org @solidarity_bot #freedom /help\n'
    f'<tg-time unix="{TIME}">1 December, 10:00</tg-time> '
    f'<tg-time unix="{TIME}" format="wDt">then</tg-time>\n'
    '<blockquote>A short quote</blockquote>'
    '<blockquote expandable>The first line\nthe second\nthe third\nthe fourth\nthe fifth\n'
    'the sixth</blockquote>'
    '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji> the end'
)  # fmt: skip


def buttons(bot: str) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton
    everywhere = SwitchInlineQueryChosenChat(
        query="lodkin", allow_group_chats=True, allow_user_chats=True
    )
    return InlineKeyboardMarkup(inline_keyboard=[
        [button(text="Callback", callback_data="one"), button(text="Alert", callback_data="two")],
        [button(text="Site", url="https://example.org/x"),
         button(text="Deep link", url=f"https://t.me/{bot}?start=d-ivan")],
        [button(text="Copy", copy_text=CopyTextButton(text="1 Sadovaya St"))],
        [button(text="Share", switch_inline_query="vetrova"),
         button(text="Here", switch_inline_query_current_chat="lodkin")],
        [button(text="Chosen", switch_inline_query_chosen_chat=everywhere)],
        [button(text="App", web_app=WebAppInfo(url="https://example.org/app"))],
    ])  # fmt: skip


async def show(here: Hall) -> None:
    """Everything, in Anna's chat."""
    bot, anna = here.bot, here.anna
    await bot.send_message(anna.id, ENTITIES)
    await anna.send("How do I write to Ivan?", wait=False)
    first = await bot.send_message(anna.id, "All buttons", reply_markup=buttons("solidarity_bot"))
    calendar = BufferedInputFile(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "hearing.ics")
    await bot.send_document(anna.id, calendar, caption="For your calendar")
    await bot.send_document(anna.id, BufferedInputFile(b"%PDF-1.4\n%%EOF", "letters.pdf"))
    await bot.send_document(anna.id, BufferedInputFile(png(320, 180), "figures.png"))
    await bot.send_photo(anna.id, BufferedInputFile(png(400, 300), "photo.png"), caption="A photo")
    await bot.send_venue(anna.id, 56.4, 61.9, "Kamensk City Court", "2 Sadovaya St")
    await bot.send_location(anna.id, 55.75, 37.62)
    await bot.send_contact(anna.id, "+49301234567", "Press office")
    await bot.send_poll(anna.id, "Coming?", ["Yes", "No"])
    await bot.send_message(anna.id, "🕯")
    await bot.send_message(anna.id, "An answer", reply_to_message_id=first.message_id)
    await bot.forward_message(anna.id, anna.id, first.message_id)
    keyboard = ReplyKeyboardMarkup(
        keyboard=[
            [KeyboardButton(text="Yes"), KeyboardButton(text="No")],
            [KeyboardButton(text="My number", request_contact=True)],
        ],
        resize_keyboard=True,
    )
    await bot.send_message(anna.id, "Choose below", reply_markup=keyboard)
    await bot.pin_chat_message(anna.id, first.message_id)
