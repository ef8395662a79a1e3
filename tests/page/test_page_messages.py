"""What is in a bubble: every entity, every button, every kind of media, edits, hostile texts."""

from pathlib import Path

from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.types import MessageEntity as Entity
from playwright.async_api import expect

from tests.page import gallery
from tests.page.hall import Hall, Seen, png

# type -> (tag, its text) as they stand in the document
ENTITIES = {
    "bold": ("strong", "bold"),
    "italic": ("em", "italic"),
    "underline": ("u", "underline"),
    "strikethrough": ("s", "strikethrough"),
    "spoiler": ("span", "hidden"),
    "code": ("code", "inline code"),
    "pre": ("div", "python"),
    "text_link": ("a", "a named link"),
    "url": ("a", "https://example.com/plain"),
    "email": ("a", "mail@example.org"),
    "mention": ("span", "@solidarity_bot"),
    "hashtag": ("span", "#freedom"),
    "bot_command": ("span", "/help"),
    "blockquote": ("blockquote", "A short quote"),
    "expandable_blockquote": ("blockquote", "The first line"),
    "custom_emoji": ("span", "👍"),
    "date_time": ("time", "1 December, 10:00"),
}
GIVEN = {"cashtag": "$USD", "phone_number": "+49301234567", "text_mention": "Vera"}


async def test_every_entity_is_shown(here: Hall, page: Seen) -> None:
    await here.bot.send_message(here.anna.id, gallery.ENTITIES)
    words = page.phone("Anna").words
    for kind, (tag, text) in ENTITIES.items():
        await expect(words.locator(f'{tag}[data-entity="{kind}"]').first).to_contain_text(text)
    await expect(words.locator('a[data-entity="text_link"]')).to_have_attribute(
        "href", "https://example.org/court"
    )
    await expect(words.locator('a[data-entity="email"]')).to_have_attribute(
        "href", "mailto:mail@example.org"
    )
    assert await words.locator("a:not([rel~=noopener])").count() == 0


async def test_entities_that_are_given(here: Hall, page: Seen) -> None:
    for kind, text in GIVEN.items():
        user = here.vera.user.as_json() if kind == "text_mention" else None
        entity = Entity.model_validate(
            {"type": kind, "offset": 0, "length": len(text), "user": user}
        )
        await here.bot.send_message(here.anna.id, text, entities=[entity], parse_mode=None)
        await expect(page.phone("Anna").words.locator(f'[data-entity="{kind}"]')).to_have_text(text)


async def test_offsets_count_as_utf_16_does_and_overlaps_nest(page: Seen) -> None:
    html = await page.page.evaluate("""async () => {
        const { formatted } = await import('/page/entities.js');
        const node = document.createElement('p');
        const bold = {type: 'bold', offset: 0, length: 6};
        const entities = [bold, {type: 'italic', offset: 4, length: 6}];
        node.append(formatted('👍👍 abcdef', entities, {}));
        return node.innerHTML.replaceAll(/ data-entity="\\w+"/g, '');
    }""")
    assert html == "<strong>👍👍<em> a</em></strong><em>bcde</em>f"


async def test_entities_beyond_the_text_are_no_trouble(page: Seen) -> None:
    text = await page.page.evaluate("""async () => {
        const { formatted } = await import('/page/entities.js');
        const node = document.createElement('p');
        const bold = {type: 'bold', offset: 2, length: 99};
        const entities = [bold, {type: 'never_heard', offset: 0, length: 2}];
        node.append(formatted('abc', entities, {}));
        return node.textContent;
    }""")
    assert text == "abc"


async def test_a_line_break_after_a_quote_is_the_quotes(page: Seen) -> None:
    text = await page.page.evaluate("""async () => {
        const { formatted } = await import('/page/entities.js');
        const node = document.createElement('p');
        const quote = {type: 'expandable_blockquote', offset: 2, length: 5};
        const bold = {type: 'bold', offset: 9, length: 3};
        node.append(formatted('a\\nquote\\n\\nend\\n', [quote, bold], {}));
        return node.textContent;
    }""")
    assert text == "a\nquote\nend\n"


async def test_a_spoiler_opens_and_a_quote_unfolds(here: Hall, page: Seen) -> None:
    await here.bot.send_message(here.anna.id, gallery.ENTITIES)
    words = page.phone("Anna").words
    spoiler, quote = words.locator(".spoiler"), words.locator("blockquote").last
    await expect(spoiler.locator("span")).to_have_css("opacity", "0")
    await spoiler.click()
    await expect(spoiler.locator("span")).to_have_css("opacity", "1")
    await expect(spoiler).to_have_attribute("aria-expanded", "true")
    before = (await quote.bounding_box() or {})["height"]
    await quote.get_by_role("button", name="Show all").click()
    assert (await quote.bounding_box() or {})["height"] > before


async def test_a_moment_is_told_in_the_viewers_zone(here: Hall, page: Seen) -> None:
    unix = gallery.TIME
    said = f'<tg-time unix="{unix}">noon</tg-time> <tg-time unix="{unix}" format="t">x</tg-time>'
    for person, shown in ((here.anna, "10:00"), (here.vera, "13:00"), (here.robin, "15:00")):
        await here.bot.send_message(person.id, said)
        phone = page.phone(person.user.first_name)
        await expect(phone.words).to_contain_text(f"noon {shown}")
        await phone.words.locator("time").first.click()
        await expect(phone.toasts.last).to_contain_text(f"1 December 2026 at {shown}")


async def test_code_is_copied_on_a_tap(here: Hall, page: Seen) -> None:
    await page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await here.bot.send_message(here.anna.id, "<code>1 Sadovaya St</code>")
    await page.phone("Anna").words.locator("code").click()
    await expect(page.phone("Anna").toasts).to_have_text("Copied")
    assert await page.page.evaluate("navigator.clipboard.readText()") == "1 Sadovaya St"


async def test_a_command_in_a_text_is_sent_by_a_tap(here: Hall, page: Seen) -> None:
    await here.bot.send_message(here.anna.id, "Try /help")
    await page.phone("Anna").words.locator("[data-entity=bot_command]").click()
    await expect(page.phone("Anna").words).to_have_text("/help")
    assert here.anna.messages[-1].text == "/help"


# -- buttons -------------------------------------------------------------------------------------


async def test_a_press_turns_until_it_is_answered(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    await here.bot.send_message(here.anna.id, "x", reply_markup=gallery.buttons("solidarity_bot"))
    await phone.button("Callback").click()
    query = await here.pressed()
    assert query["data"] == "one"
    await expect(phone.button("Callback")).to_have_attribute("aria-busy", "true")
    await here.bot.answer_callback_query(query["id"], "Noted")
    await expect(phone.toasts).to_have_text("Noted")
    await expect(phone.button("Callback")).to_have_attribute("aria-busy", "false")


async def test_an_alert_is_a_window_that_takes_the_focus(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    await here.bot.send_message(here.anna.id, "x", reply_markup=gallery.buttons("solidarity_bot"))
    await phone.button("Alert").click()
    await here.bot.answer_callback_query((await here.pressed())["id"], "Closed", show_alert=True)
    await expect(phone.alert).to_contain_text("Closed")
    await expect(phone.alert.get_by_role("button")).to_be_focused()
    await page.page.keyboard.press("Escape")
    await expect(phone.alert).to_have_count(0)
    await expect(phone.button("Alert")).to_be_focused()


async def test_other_buttons(here: Hall, page: Seen) -> None:
    await page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    phone = page.phone("Anna")
    await here.bot.send_message(here.anna.id, "x", reply_markup=gallery.buttons("solidarity_bot"))
    await phone.button("Site").click()
    link = page.page.get_by_role("dialog").get_by_role("link", name="Open")
    await expect(link).to_have_attribute("href", "https://example.org/x")
    await expect(link).to_have_attribute("rel", "noopener noreferrer")
    await page.page.keyboard.press("Escape")
    await expect(page.page.get_by_role("dialog")).to_have_count(0)
    await phone.button("Copy").click()
    await expect(phone.toasts.last).to_have_text("Copied")
    assert await page.page.evaluate("navigator.clipboard.readText()") == "1 Sadovaya St"
    await phone.button("App").click()
    await expect(phone.toasts.last).to_have_text("Mini apps do not run in the sandbox")
    await phone.button("Here").click()
    await expect(phone.input).to_have_value("@solidarity_bot lodkin")
    await phone.input.fill("")
    await phone.button("Deep link").click()
    await here.said(here.anna, "/start d-ivan")


async def test_a_button_that_lets_choose_a_chat(here: Hall, page: Seen) -> None:
    group = here.telegram.group("Friends", members=[here.vera], admins=[here.anna])
    here.stage.add_place(group)
    phone = page.phone("Anna")
    await here.bot.send_message(here.anna.id, "x", reply_markup=gallery.buttons("solidarity_bot"))
    await phone.button("Chosen").click()
    chats = phone.node.locator(".chat")
    await expect(chats).to_have_count(1)  # no chat with bots is allowed
    await chats.click()
    await expect(phone.node.locator(".chat-title h2")).to_have_text("Friends")
    await expect(phone.input).to_have_value("@solidarity_bot lodkin")


# -- media ---------------------------------------------------------------------------------------


async def test_every_kind_of_media(here: Hall, page: Seen) -> None:
    await gallery.show(here)
    media = page.phone("Anna").node.locator(".media")
    for kind in ("document", "photo", "venue", "location", "contact", "poll"):
        await expect(media.and_(page.find(f".{kind}")).first).to_be_visible()
    await expect(page.find(".media.venue")).to_contain_text("Kamensk City Court")
    pin = page.find(".media.location a")
    await expect(pin).to_have_attribute(
        "href", "https://www.openstreetmap.org/?mlat=55.75&mlon=37.62#map=16/55.75/37.62"
    )
    await expect(page.find(".jumbo")).to_have_text(
        "🕯" + await page.find(".jumbo .meta").inner_text()
    )
    await expect(page.find(".quoted")).to_contain_text("All buttons")
    await expect(page.find(".forwarded")).to_have_text("Forwarded from Solidarity")
    await expect(page.find(".pinned-bar:visible")).to_contain_text("All buttons")


async def test_files_are_downloaded_with_their_names(
    here: Hall, page: Seen, tmp_path: Path
) -> None:
    content = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    await here.bot.send_document(here.anna.id, BufferedInputFile(content, "слушание.ics"))
    phone = page.phone("Anna")
    await expect(phone.last.locator(".file-icon")).to_have_text("ICS")
    async with page.page.expect_download() as waiting:
        await phone.last.get_by_role("link", name="Download").click()
    download = await waiting.value
    assert download.suggested_filename == "слушание.ics"
    await download.save_as(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == content


async def test_pictures_are_shown_and_enlarged(here: Hall, page: Seen) -> None:
    await here.bot.send_document(here.anna.id, BufferedInputFile(png(320, 180), "figures.png"))
    image = page.phone("Anna").last.locator("img")
    await expect(image).to_be_visible()
    await expect(image).to_have_js_property("naturalWidth", 320)
    await image.click()
    await expect(page.find("dialog img")).to_be_visible()
    await page.page.keyboard.press("Escape")
    await expect(page.find("dialog")).to_have_count(0)


# -- changes -------------------------------------------------------------------------------------


async def test_edits_and_deletions_in_place(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    sent = await here.bot.send_message(here.anna.id, "Tuesday")
    await here.bot.send_message(here.anna.id, "Later")
    await expect(phone.words).to_have_text("Later")
    await here.bot.edit_message_text("Wednesday", chat_id=here.anna.id, message_id=sent.message_id)
    await expect(phone.rows.first.locator(".words")).to_have_text("Wednesday")
    await expect(phone.rows.first).to_contain_text("edited")
    await expect(phone.rows.first).to_contain_class("changed")
    await here.bot.delete_message(here.anna.id, sent.message_id)
    await expect(phone.rows).to_have_count(1)
    await expect(phone.rows.locator(".day")).to_have_text("Today")


async def test_an_edit_keeps_the_focus_on_the_button(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    keys = InlineKeyboardMarkup(inline_keyboard=[
        [InlineKeyboardButton(text="Next", callback_data="next")],
    ])  # fmt: skip
    sent = await here.bot.send_message(here.anna.id, "1/2", reply_markup=keys)
    await phone.button("Next").focus()
    await page.page.keyboard.press("Enter")
    query = await here.pressed()
    await here.bot.edit_message_text(
        "2/2", chat_id=here.anna.id, message_id=sent.message_id, reply_markup=keys
    )
    await here.bot.answer_callback_query(query["id"])
    await expect(phone.words).to_have_text("2/2")
    await expect(phone.button("Next")).to_be_focused()


async def test_typing_is_seen(here: Hall, page: Seen) -> None:
    status = page.phone("Anna").node.locator(".status")
    await here.bot.send_chat_action(here.anna.id, "typing")
    await expect(status).to_have_text("typing…")
    await here.bot.send_message(here.anna.id, "Here I am")
    await expect(status).to_have_text("bot")


# -- hostile texts ---------------------------------------------------------------------------------

HOSTILE = '<img src=x onerror="document.title=1">"><script>document.title=1</script>'


async def test_hostile_texts_stay_texts(here: Hall, page: Seen) -> None:
    title = await page.page.title()
    villain = here.stage.add_person(HOSTILE[:64], "en", "Europe/London")
    group = here.telegram.group(HOSTILE, members=[villain], admins=[here.anna])
    here.stage.add_place(group)
    here.stage.show(here.anna, group.chat)
    await villain.send(HOSTILE, chat=group, wait=False)
    await here.bot.send_document(
        group.id,
        BufferedInputFile(b"x", HOSTILE.replace("/", "") + ".png"),
        caption=HOSTILE,
        parse_mode=None,
    )
    keys = InlineKeyboardMarkup(inline_keyboard=[
        [InlineKeyboardButton(text=HOSTILE, callback_data="x")],
    ])  # fmt: skip
    await here.bot.send_message(group.id, HOSTILE, parse_mode=None, reply_markup=keys)
    phone = page.phone("Anna")
    await expect(phone.words).to_have_text(HOSTILE)
    await expect(phone.button("onerror")).to_have_text(HOSTILE)
    await phone.button("onerror").click()
    await here.bot.answer_callback_query((await here.pressed())["id"], HOSTILE, show_alert=True)
    await expect(phone.alert).to_contain_text(HOSTILE)
    assert await page.page.title() == title
    assert await page.find("script:not([src='/page/main.js']), img[src=x]").count() == 0


async def test_a_moment_that_no_calendar_has_breaks_nothing(here: Hall, page: Seen) -> None:
    said = '<tg-time unix="9000000000000" format="wDt">late</tg-time>'
    await here.bot.send_message(here.anna.id, said)
    await expect(page.phone("Anna").words).to_contain_text("9000000000000")
    await here.bot.send_message(here.anna.id, "And on")
    await expect(page.phone("Anna").words).to_have_text("And on")


UNSAFE = [
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)",
    "data:text/html,x", "vbscript:x", "file:///etc", "blob:http://x", "//", "",
]  # fmt: skip


async def test_only_safe_addresses_are_links(page: Seen) -> None:
    told = await page.page.evaluate(
        "all => import('/page/links.js').then(module => all.map(module.safe))", UNSAFE
    )
    assert dict(zip(UNSAFE, told, strict=True)) == dict.fromkeys(UNSAFE)


async def test_a_policy_forbids_what_is_not_ours(here: Hall, page: Seen) -> None:
    answer = await page.page.goto(here.telegram.url)
    assert answer
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
