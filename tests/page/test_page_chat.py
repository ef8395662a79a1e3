"""What people do in a chat: writing, commands, inline mode, groups, blocking, keys only."""

import asyncio
from pathlib import Path

import pytest
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InputTextMessageContent,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from playwright.async_api import Browser, Route, expect

from tests.page.hall import SMALL, Hall, Seen, until


def texts(here: Hall) -> list[str]:
    return [message.text for message in here.anna.messages]


async def test_enter_sends_and_shift_enter_breaks_the_line(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    await phone.input.click()
    await page.page.keyboard.type("Dear")
    await page.page.keyboard.press("Shift+Enter")
    await page.page.keyboard.type("Ivan")
    await page.page.keyboard.press("Enter")
    await expect(phone.words).to_have_text("Dear\nIvan", use_inner_text=True)
    await expect(phone.last).to_contain_class("own")
    await expect(phone.input).to_have_value("")
    assert texts(here) == ["Dear\nIvan"]


async def test_a_draft_outlives_a_reload_and_a_refusal(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    await phone.input.fill("Half a letter")
    await page.page.reload()
    await page.ready()
    await expect(phone.input).to_have_value("Half a letter")
    await phone.write("a" * 5000)
    await expect(phone.toasts).to_have_text("This text is too long")
    await expect(phone.input).to_have_value("a" * 5000)


async def test_one_replies_edits_and_reacts(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    await here.bot.send_message(here.anna.id, "Who comes?")
    await phone.last.hover()
    await phone.last.get_by_role("button", name="Actions").click()
    await phone.menu.filter(has_text="Reply").click()
    await phone.write("I")
    await expect(phone.last.locator(".quoted")).to_contain_text("Who comes?")
    await phone.input.press("ArrowUp")
    await expect(phone.input).to_have_value("I")
    await phone.write("I do")
    await expect(phone.words).to_have_text("I do")
    await expect(phone.last).to_contain_text("edited")
    await phone.rows.first.get_by_role("button", name="Actions").focus()
    await page.page.keyboard.press("Enter")
    await phone.node.get_by_role("button", name="React with 🔥").click()
    await expect(phone.rows.first.locator(".reactions")).to_have_text("🔥 1")


async def test_the_menu_of_commands_speaks_their_language(here: Hall, page: Seen) -> None:
    vera = page.phone("Вера")
    await vera.node.get_by_role("button", name="Commands of the bot").click()
    await expect(vera.options).to_have_text(["/startМеню", "/casesДела и люди", "/helpПомощь"])
    await page.page.keyboard.press("Escape")
    await expect(vera.options).to_have_count(0)
    await vera.input.press_sequentially("/h")
    await expect(vera.options).to_have_count(1)
    await page.page.keyboard.press("Enter")
    await expect(vera.words).to_have_text("/help")


async def answer_inline(here: Hall) -> None:
    asked = here.telegram.world.inline
    await until(lambda: any(query.answer is None for query in asked.values()), "nobody asked")
    query = next(query for query in asked.values() if query.answer is None)
    found = [
        InlineQueryResultArticle(
            id=name, title=name, description="docker",
            input_message_content=InputTextMessageContent(message_text=f"<b>{name}</b>"),
        )
        for name in ("Ivan Lodkin", "Marta Vetrova")
        if query.told["query"] in name.lower()
    ]  # fmt: skip
    await here.bot.answer_inline_query(query.id, list(found))


async def test_the_inline_mode(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    await phone.input.press_sequentially("@solidarity_bot ")
    await answer_inline(here)
    await expect(phone.options).to_have_count(2)
    await phone.input.press_sequentially("marta")
    await answer_inline(here)
    await expect(phone.options).to_have_count(1)
    await phone.input.press("Enter")
    await expect(phone.words.locator("strong")).to_have_text("Marta Vetrova")
    await expect(phone.last.locator(".via")).to_have_text("via @solidarity_bot")
    await expect(phone.input).to_have_value("")
    await phone.input.press_sequentially("@solidarity_bot zzz")
    await answer_inline(here)
    await expect(phone.options).to_have_text(["Nothing found"])


async def test_the_keyboard_below_the_input_line(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    keys = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="Yes"), KeyboardButton(text="No")]])
    await here.bot.send_message(here.anna.id, "Coming?", reply_markup=keys)
    await phone.node.locator(".reply-keyboard").get_by_role("button", name="Yes").click()
    await here.said(here.anna, "Yes")
    await phone.node.get_by_role("button", name="Bot keyboard").click()
    await expect(phone.node.locator(".reply-keyboard")).to_have_count(0)
    await page.page.reload()
    await expect(phone.node.locator(".reply-keyboard")).to_be_visible()
    await here.bot.send_message(here.anna.id, "Thanks", reply_markup=ReplyKeyboardRemove())
    await expect(phone.node.locator(".reply-keyboard")).to_have_count(0)


async def test_a_number_and_a_place_are_told_after_a_question(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    number = KeyboardButton(text="My number", request_contact=True)
    place = KeyboardButton(text="My place", request_location=True)
    keys = ReplyKeyboardMarkup(keyboard=[[number, place]])
    await here.bot.send_message(here.anna.id, "Who and where?", reply_markup=keys)
    await phone.node.get_by_role("button", name="My number").click()
    await phone.menu.click()
    await expect(phone.last.locator(".contact").first).to_contain_text("+7000")
    await phone.node.get_by_role("button", name="My place").click()
    await phone.menu.click()
    await expect(phone.last.locator(".place")).to_be_visible()


async def test_start_and_block(here: Hall, page: Seen) -> None:
    here.stage.add_person("Newcomer", "ru", "Asia/Tokyo")
    phone = page.phone("Newcomer")
    await expect(phone.node).to_contain_text("Shows everything a bot can show.")
    await phone.node.get_by_role("button", name="START").click()
    await expect(phone.words).to_have_text("/start")
    await phone.node.get_by_role("button", name="Menu of this chat").click()
    await phone.menu.filter(has_text="block").click()
    await phone.node.get_by_role("button", name="UNBLOCK").click()
    await expect(phone.input).to_be_visible()


async def test_start_pressed_twice_is_said_once(here: Hall, page: Seen) -> None:
    newcomer = here.stage.add_person("Newcomer", "en", "Asia/Tokyo")
    phone = page.phone("Newcomer")
    await phone.node.get_by_role("button", name="START").dblclick()
    await expect(phone.words).to_have_text("/start")
    await phone.write("And now?")
    await here.said(newcomer, "And now?")
    assert [message.text for message in newcomer.messages] == ["/start", "And now?"]
    await expect(phone.toasts).to_have_count(0)


async def test_after_start_by_a_key_one_can_write_at_once(here: Hall, page: Seen) -> None:
    here.stage.add_person("Newcomer", "en", "Asia/Tokyo")
    phone = page.phone("Newcomer")
    await phone.node.get_by_role("button", name="START").focus()
    await page.page.keyboard.press("Enter")
    await expect(phone.input).to_be_focused()


async def test_a_group_without_anybody_is_refused_with_the_reason(page: Seen) -> None:
    await page.page.get_by_role("button", name="Add people and groups").click()
    await page.page.get_by_role("button", name="A group").click()
    for box in await page.page.get_by_role("checkbox").all():
        if await box.is_visible():
            await box.uncheck()
    add = page.page.get_by_role("button", name="Add", exact=True)
    await add.click()
    await expect(page.page.get_by_role("alert")).to_have_text("Tick at least one member")
    await page.page.get_by_role("checkbox", name="Anna").check()
    await page.page.get_by_label("Title").fill("\u200b")
    await add.click()
    await expect(page.page.get_by_role("alert")).to_have_text("A name of invisible characters only")


async def test_a_new_group_begins_with_who_made_it(here: Hall, page: Seen) -> None:
    await page.phone("Anna").node.get_by_role("button", name="Menu of this telephone").click()
    await page.phone("Anna").menu.filter(has_text="A group").click()
    await page.page.get_by_label("Title").fill("Letters")
    await page.page.get_by_role("button", name="Add", exact=True).click()
    service = page.phone("Anna").last.locator(".service")
    await expect(service).to_have_text("Anna created “Letters”")
    await expect(page.phone("Anna").node).not_to_contain_text("No messages yet")


async def test_groups_and_channels(here: Hall, page: Seen) -> None:
    await page.page.get_by_role("button", name="Add people and groups").click()
    await page.page.get_by_role("button", name="A group").click()
    await page.page.get_by_label("Title").fill("Court support")
    await page.page.get_by_role("button", name="Add", exact=True).click()
    for name in ("Anna", "Вера", "Robin"):
        phone = page.phone(name)
        await expect(phone.toasts).to_contain_text("“Court support” is among the chats now")
        await expect(phone.node.locator(".chat-title h2")).to_have_text("Solidarity")
        await phone.node.get_by_role("button", name="Chats").click()
        await phone.node.locator(".chat", has_text="Court support").click()
        await expect(phone.node.locator(".chat-title h2")).to_have_text("Court support")
    await page.phone("Вера").write("Who comes?")
    await page.phone("Вера").write("Anybody?")
    await expect(page.phone("Anna").words).to_have_text("Anybody?")
    await expect(page.phone("Anna").node.locator(".sender:visible")).to_have_text(["Вера"])
    await expect(page.phone("Anna").node.locator(".message > .avatar:visible")).to_have_count(1)
    await page.phone("Robin").node.get_by_role("button", name="Chats").click()
    chats = page.phone("Robin").node.locator(".chat")
    await expect(chats.first).to_contain_text("Вера: Anybody?")
    await chats.filter(has_text="Solidarity").click()
    await expect(page.phone("Robin").node.locator(".status")).to_have_text("bot")
    await page.phone("Anna").write("Me")
    await expect(page.phone("Robin").node.locator(".to-chats .badge")).to_have_text("1")
    channel = here.telegram.channel("News", members=[here.vera], admins=[here.robin])
    here.stage.add_place(channel)
    here.stage.show(here.vera, channel.chat)
    await expect(page.phone("Вера").node).to_contain_text("You cannot write here")


async def test_a_group_made_on_a_telephone_opens_on_that_one(here: Hall, page: Seen) -> None:
    await page.phone("Вера").node.get_by_role("button", name="Menu of this telephone").click()
    await page.phone("Вера").menu.filter(has_text="A group").click()
    await page.page.get_by_label("Title").fill("Letters")
    await page.page.get_by_role("checkbox", name="Anna").check()
    await page.page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.phone("Вера").node.locator(".chat-title h2")).to_have_text("Letters")
    await expect(page.phone("Anna").toasts).to_contain_text("“Letters” is among the chats now")
    await expect(page.phone("Anna").node.locator(".chat-title h2")).to_have_text("Solidarity")


async def test_a_fourth_telephone_is_wholly_seen_and_a_sixth_is_brought_there(
    here: Hall, page: Seen
) -> None:
    for number, name in enumerate(("Oleg", "Boris", "Clara"), start=4):
        here.stage.add_person(name, "en", "Asia/Tbilisi")
        await expect(page.find(".telephone")).to_have_count(number)
        await expect(page.phone(name).node).to_be_in_viewport(ratio=0.99)
        if number == 4:
            await expect(page.phone("Anna").node).to_be_in_viewport(ratio=0.99)
        place = await page.find(".telephones").bounding_box()
        box = await page.phone(name).node.bounding_box()
        assert place
        assert box
        assert box["x"] + box["width"] <= place["x"] + place["width"]


async def test_a_toast_covers_no_button(browser: Browser, here: Hall) -> None:
    seen = await here.opens(browser, size=SMALL)
    rows = [[InlineKeyboardButton(text=f"Row {n}", callback_data=str(n))] for n in range(4)]
    markup = InlineKeyboardMarkup(inline_keyboard=rows)
    await here.bot.send_message(here.anna.id, "Line\n" * 30, reply_markup=markup)
    phone = seen.phone("Anna")
    await phone.button("Row 3").click()
    await here.bot.answer_callback_query((await here.pressed())["id"], text="Noted. " * 8)
    toast = await phone.toasts.bounding_box()
    first = await phone.button("Row 0").bounding_box()
    assert toast
    assert first
    assert toast["y"] + toast["height"] < first["y"]
    await seen.page.context.close()


async def test_more_people_and_telephones_put_away(here: Hall, page: Seen) -> None:
    await page.page.get_by_role("button", name="Add people and groups").click()
    await page.page.get_by_role("button", name="A person").click()
    await page.page.get_by_label("Name").fill("Oleg")
    await page.page.get_by_label("Time zone").fill("Nowhere/Land")
    await page.page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.page.get_by_role("alert")).to_have_text("No such time zone")
    await page.page.get_by_label("Time zone").fill("Asia/Tbilisi")
    await page.page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.find(".telephone")).to_have_count(4)
    await page.phone("Oleg").node.get_by_role("button", name="Menu of this telephone").click()
    await page.phone("Oleg").menu.filter(has_text="away").click()
    await expect(page.find(".telephone")).to_have_count(3)
    await page.page.reload()
    await page.ready()
    await expect(page.find(".telephone")).to_have_count(3)
    await page.page.get_by_role("button", name="Add people and groups").click()
    await page.page.get_by_role("button", name="Oleg").click()
    await expect(page.find(".telephone")).to_have_count(4)


async def test_a_file_is_sent(here: Hall, page: Seen, tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text("format: 1\n")
    phone = page.phone("Anna")
    await phone.node.locator("input[type=file]").set_input_files(tmp_path / "campaign.yaml")
    await expect(phone.last.locator(".file-name")).to_have_text("campaign.yaml")
    document = here.anna.messages[-1].document
    assert document
    assert document.content == b"format: 1\n"


async def test_a_file_is_no_change_of_a_message(here: Hall, page: Seen, tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text("format: 1\n")
    phone = page.phone("Anna")
    await phone.write("As it was")
    await expect(phone.words).to_have_text("As it was")
    await phone.input.press("ArrowUp")
    await expect(phone.input).to_have_value("As it was")
    async with page.page.expect_file_chooser() as choosing:
        await phone.node.get_by_role("button", name="Attach a file").click()
    await expect(phone.input).to_have_value("")
    await (await choosing.value).set_files(tmp_path / "campaign.yaml")
    await expect(phone.last.locator(".file-name")).to_have_text("campaign.yaml")
    await phone.write("Another one")
    await expect(phone.words).to_have_text("Another one")
    assert [one.text for one in here.anna.messages if one.text] == ["As it was", "Another one"]


async def test_what_is_written_while_a_file_goes_stays(
    here: Hall, page: Seen, tmp_path: Path
) -> None:
    (tmp_path / "campaign.yaml").write_text("format: 1\n")
    phone, gate = page.phone("Anna"), asyncio.Event()
    await here.bot.send_message(here.anna.id, "The file, please")
    await phone.last.hover()
    await phone.last.get_by_role("button", name="Actions").click()
    await phone.menu.filter(has_text="Reply").click()
    await phone.input.fill("Here it is")

    async def slowly(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await page.page.route("**/upload?*", slowly)
    await phone.node.locator("input[type=file]").set_input_files(tmp_path / "campaign.yaml")
    await phone.input.fill("And by the way")
    gate.set()
    await expect(phone.last.locator(".quoted")).to_contain_text("The file, please")
    await expect(phone.last).to_contain_text("Here it is")
    await expect(phone.node.locator(".about")).to_be_hidden()
    await expect(phone.input).to_have_value("And by the way")


async def test_a_change_that_is_refused_is_still_one(here: Hall, page: Seen) -> None:
    phone = page.phone("Anna")
    await phone.write("Short")
    await expect(phone.words).to_have_text("Short")
    await phone.input.press("ArrowUp")
    await expect(phone.input).to_have_value("Short")
    await phone.write("a" * 5000)
    await expect(phone.toasts).to_have_text("This text is too long")
    await expect(phone.input).to_have_value("a" * 5000)
    await phone.write("Shorter")
    await expect(phone.words).to_have_text("Shorter")
    assert [one.text for one in here.anna.messages] == ["Shorter"]


async def test_nothing_under_the_list_of_chats_is_reached(here: Hall, page: Seen) -> None:
    group = here.telegram.group("Friends", members=[here.anna])
    here.stage.add_place(group)
    phone = page.phone("Anna")
    await phone.node.get_by_role("button", name="Chats", exact=True).click()
    first = phone.node.locator(".chats").get_by_role("button").first
    await first.focus()
    await page.page.keyboard.press("Shift+Tab")
    under = phone.node.locator(".screen > :not(.chats, .toasts) :focus")
    await expect(under).to_have_count(0)
    await first.focus()
    await page.page.keyboard.press("Escape")
    await expect(phone.node.locator(".chats")).to_have_count(0)
    await phone.input.focus()
    await expect(phone.input).to_be_focused()


async def test_by_keys_alone(here: Hall, page: Seen) -> None:
    """From the top of the page to a message and its buttons, with a visible focus all along."""
    keys = page.page.keyboard
    seen = []
    for _ in range(40):
        await keys.press("Tab")
        seen.append(await page.page.evaluate(FOCUSED))
        if seen[-1] == "Message":
            break
    assert seen[-1] == "Message", seen
    assert not [one for one in seen if one.startswith("hidden")]
    await keys.type("/help")
    await keys.press("Enter")
    await here.said(here.anna, "/help")


FOCUSED = """() => {
    const node = document.activeElement;
    const style = getComputedStyle(node);
    const ring = style.outlineStyle !== 'none' || node.matches('.input');
    return (ring ? '' : 'hidden ') + (node.ariaLabel ?? node.textContent);
}"""


async def test_on_a_small_screen_one_telephone_at_a_time(browser: Browser, here: Hall) -> None:
    seen = await here.opens(browser, size=SMALL, language="ru-RU")
    await expect(seen.find(".telephone:visible")).to_have_count(1)
    await here.bot.send_message(here.vera.id, "Письмо")
    await expect(seen.find(".tab").nth(1).locator(".badge")).to_have_text("1")
    await seen.find(".tab").nth(1).click()
    await expect(seen.find(".telephone:visible .words")).to_have_text("Письмо")
    await expect(seen.find(".tab .badge")).to_have_count(0)
    await seen.page.get_by_role("button", name="Часы").click()
    await expect(seen.find("#clock")).to_be_visible()
    await expect(seen.find("#wire")).to_be_hidden()
    await seen.page.keyboard.press("Escape")
    await expect(seen.find("#clock")).to_be_hidden()
    wide = await seen.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= SMALL["width"]
    assert seen.wrong == []
    await seen.page.context.close()


@pytest.mark.parametrize("language", ["en-US", "ru-RU"])
async def test_the_language_is_the_browsers_until_one_is_chosen(
    browser: Browser, here: Hall, language: str
) -> None:
    seen = await here.opens(browser, language=language)
    first, other = ("Clock", "Часы") if language == "en-US" else ("Часы", "Clock")
    await expect(seen.find("#clock-title")).to_have_text(first)
    await seen.phone("Anna").input.fill("kept")
    await seen.find("select.language").select_option("ru" if language == "en-US" else "en")
    await expect(seen.find("#clock-title")).to_have_text(other)
    await expect(seen.phone("Anna").input).to_have_value("kept")
    await seen.page.reload()
    await expect(seen.find("#clock-title")).to_have_text(other)
    await seen.page.context.close()
