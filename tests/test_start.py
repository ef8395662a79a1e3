"""Start, menu, help, deep links, and what fits nothing else."""

import pytest

from tests.town import Town

pytestmark = pytest.mark.either_database


async def test_start_tells_whose_bot_it_is_and_offers_the_menu(harbour: Town) -> None:
    anna = harbour.person(language="en")
    await anna.send("/start")
    anna.sees("Harbour Solidarity Fund")
    anna.sees("1 case · 2 people")
    labels = " ".join(anna.last.labels)
    for entry in ("Cases", "Hearings", "Write a letter", "Donate", "Settings", "Help"):
        assert entry in labels


async def test_the_language_is_guessed_from_telegram(harbour: Town) -> None:
    for code, words in (("ru", "Гавань"), ("kk", "Гавань"), ("de", "Harbour"), (None, "Harbour")):
        somebody = harbour.person(language=code)
        await somebody.send("/start")
        somebody.sees(words)


async def test_every_button_of_the_menu_edits_the_same_message(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start")
    first = anna.last.message_id
    for label in anna.last.labels:
        await anna.press(label)
        assert anna.last.message_id == first
        await anna.press("☰ Menu")
        anna.sees("Harbour")
    assert not harbour.telegram.unanswered
    assert not harbour.telegram.violations


async def test_help_names_every_command(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/help")
    for command in ("/cases", "/hearings", "/letters", "/donate", "/settings", "/privacy"):
        anna.sees(command)


async def test_deep_links_open_cards(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start d-ivan-lodkin")
    anna.sees("crane driver")
    await anna.send("/start c-port-strike")
    anna.sees("2 defendants")
    await anna.send("/start e-1")
    anna.sees("Evening of letters")


async def test_links_to_what_is_not_there_say_so(harbour: Town) -> None:
    anna = harbour.person()
    for payload in ("d-nobody", "c-", "e-x", "e-99999999999999999999", "e-²"):
        await anna.send(f"/start {payload}")
        anna.sees("This link is out of date")
    await anna.send("/start i-token")
    anna.sees("invitation is not valid")
    await anna.send("/start something-else")
    anna.sees("Harbour")


async def test_unknown_commands_and_pictures_get_the_menu(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/foo")
    anna.sees("do not know this command")
    await anna.send_photo()
    anna.sees("can only read text")
    await anna.send_sticker()
    anna.sees("can only read text")
    await anna.send("/cancel")
    anna.sees("Nothing is under way")


async def test_forged_and_stale_buttons_show_the_present_state(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start")
    forged = (
        "case:999", "case:0", "case:-1", "case:99999999999999999999", "case:1:99999999", "who:x",
        "cases:nonsense:0", "hearings:0:0:0:99999999999", "pay:1:moon", "lang:xx", "zone:Moon/Base",
        "hearing:7", "ics:7", "place:7", "write:7", "donate:0:0:-5", "garbage", "case", ":::::",
        "event:9", "fund:9", "askcity:2", "\u202e",
    )  # fmt: skip
    for data in forged:
        harbour.clock.forward(seconds=5)
        await anna.press_data(data)
        assert anna.last.text, data
    await anna.press_data("garbage")
    anna.sees("out of date")
    assert anna.toast is not None
    assert "out of date" in anna.toast.text
    assert not harbour.telegram.unanswered


async def test_a_page_past_the_end_shows_the_last_one(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/cases")
    await anna.press_data("cases::99")
    anna.sees("Cases · 1")
    await anna.press_data("case:1:99")
    anna.sees("Ivan Lodkin")


async def test_a_deleted_message_is_answered_by_a_new_one(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/start")
    old = anna.last
    await harbour.app.bot.delete_message(anna.id, old.message_id)
    await anna.press_data("help", message=old)
    anna.sees("What this bot does")
    assert anna.last.message_id != old.message_id


async def test_the_same_button_twice_is_no_error(harbour: Town) -> None:
    anna = harbour.person()
    await anna.send("/help")
    await anna.press_data("help")
    await anna.press_data("help")
    anna.sees("What this bot does")
    assert not harbour.telegram.unanswered


async def test_telegram_is_told_commands_and_descriptions_per_language(harbour: Town) -> None:
    bot = harbour.app.bot
    anna = harbour.person()
    await anna.send("/start")
    await harbour.telegram.until(
        lambda: len(harbour.telegram.calls.of("setMyShortDescription")) >= 2, "not introduced"
    )
    english, russian = await bot.get_my_commands(), await bot.get_my_commands(language_code="ru")
    assert [c.command for c in english] == [c.command for c in russian]
    assert english[0].description != russian[0].description
    for code in (None, "ru"):
        assert (await bot.get_my_description(language_code=code)).description
        assert (await bot.get_my_short_description(language_code=code)).short_description
