"""The HTTP side: forms of a request, methods, parameters, files, and what a bot tells of itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramEntityTooLarge
from aiogram.types import (
    BotCommand,
    BotCommandScopeChat,
    BufferedInputFile,
    MenuButtonCommands,
)
from aiohttp import ClientResponseError, ClientSession, FormData
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox import Person, Sandbox, schema
from sandbox.methods import METHODS

from .stock_bot import TOKEN


async def call(telegram: Sandbox, path: str, **options: Any) -> tuple[int, Any]:
    async with ClientSession() as session, session.post(telegram.url + path, **options) as answer:
        return answer.status, await answer.json()


async def test_a_wrong_token_is_unauthorized(telegram: Sandbox) -> None:
    status, answer = await call(telegram, "/bot42:WRONG/getMe")
    assert status == 401
    assert answer == {"ok": False, "error_code": 401, "description": "Unauthorized"}


@pytest.mark.parametrize("path", [f"/bot{TOKEN}/getNothing", "/elsewhere"])
async def test_an_unknown_method_is_not_found(telegram: Sandbox, path: str) -> None:
    status, answer = await call(telegram, path)
    assert status == 404
    assert answer == {"ok": False, "error_code": 404, "description": "Not Found"}


async def test_names_of_methods_in_any_case(telegram: Sandbox) -> None:
    _, answer = await call(telegram, f"/bot{TOKEN}/GETME")
    assert answer["result"]["username"] == "solidarity_bot"


async def test_every_form_of_a_request(telegram: Sandbox, anna: Person) -> None:
    path = f"/bot{TOKEN}/sendMessage"
    form = FormData({"chat_id": str(anna.id)})
    form.add_field("text", "multipart", content_type="text/plain")
    form._is_multipart = True
    forms: list[dict[str, Any]] = [
        {"json": {"chat_id": anna.id, "text": "json"}},
        {"data": {"chat_id": str(anna.id), "text": "urlencoded"}},
        {"params": {"chat_id": str(anna.id), "text": "query"}},
        {"data": form},
    ]
    for options in forms:
        status, answer = await call(telegram, path, **options)
        assert (status, answer["ok"]) == (200, True)
    assert [m.text for m in anna.messages] == ["json", "urlencoded", "query", "multipart"]


async def test_a_file_may_be_a_part_of_its_own_name(telegram: Sandbox, anna: Person) -> None:
    form = FormData({"chat_id": str(anna.id)})
    form.add_field("document", b"abc", filename="a.txt")
    await call(telegram, f"/bot{TOKEN}/sendDocument", data=form)
    assert anna.last.document
    assert (anna.last.document.name, anna.last.document.content) == ("a.txt", b"abc")


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, "chat_id is empty"),
        ({"chat_id": 1}, "message text is empty"),
        ({"chat_id": 1, "text": "x", "txt": 1}, 'unknown parameter "txt" of method sendMessage'),
        ({"chat_id": 1, "text": ["x"]}, 'parameter "text" must be a string'),
        ({"chat_id": 1, "text": "x", "reply_markup": "{"}, "can't parse reply_markup JSON object"),
        ({"chat_id": 1, "text": "x", "reply_markup": {"inline_keyboard": [{}]}},
         "can't parse reply_markup"),
        ({"chat_id": 1, "text": "x", "disable_notification": "maybe"}, "must be true or false"),
        ({"chat_id": 1, "text": "x", "message_thread_id": "a"}, "must be an integer"),
        ({"chat_id": 1, "text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    ],
)  # fmt: skip
async def test_parameters_are_checked(telegram: Sandbox, given: dict[str, Any], error: str) -> None:
    status, answer = await call(telegram, f"/bot{TOKEN}/sendMessage", json=given)
    assert (status, answer["error_code"]) == (400, 400)
    assert error in answer["description"]
    assert telegram.calls[-1].violations == [answer["description"]]


@pytest.mark.parametrize(
    ("method", "error"),
    [
        ("sendDocument", "there is no document in the request"),
        ("sendLocation", 'parameter "latitude" is required'),
        ("deleteMessage", "message identifier is not specified"),
        ("getFile", "file_id not specified"),
    ],
)
async def test_missing_parameters_are_named(telegram: Sandbox, method: str, error: str) -> None:
    given = {} if method == "getFile" else {"chat_id": 1}
    _, answer = await call(telegram, f"/bot{TOKEN}/{method}", json=given)
    assert answer["description"] == f"Bad Request: {error}"


async def test_a_method_of_aiogram_that_is_not_here_says_so(bot: Bot) -> None:
    with pytest.raises(TelegramBadRequest, match="sandbox: method getMyStarBalance is not impl"):
        await bot.get_my_star_balance()


async def test_files_go_up_and_come_down(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    sent = await anna.send_document("letter.txt", "Привет".encode(), wait=False)
    file = await bot.get_file(sent.raw["document"]["file_id"])
    assert file.file_path
    content = await bot.download_file(file.file_path)
    assert content
    assert content.read().decode() == "Привет"
    again = await bot.send_document(anna.id, file.file_id)
    assert again.document
    assert again.document.file_id == file.file_id
    with pytest.raises(TelegramBadRequest, match="wrong file identifier/HTTP URL specified"):
        await bot.send_document(anna.id, "no-such-file")


async def test_uploads_and_downloads_have_a_size(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    assert telegram.limits.upload == 50 * 1024 * 1024
    assert telegram.limits.download == 20 * 1024 * 1024
    whole = await bot.send_document(anna.id, BufferedInputFile(b"x" * 5_000_000, "a"))
    assert whole.document
    assert whole.document.file_size == 5_000_000
    telegram.limits.upload, telegram.limits.download = 1000, 500
    sent = await bot.send_document(anna.id, BufferedInputFile(b"x" * 1000, "a"))
    with pytest.raises(TelegramEntityTooLarge, match="Request Entity Too Large"):
        await bot.send_document(anna.id, BufferedInputFile(b"x" * 1001, "a"))
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(anna.id, BufferedInputFile(b"x" * 100_000, "a"))
    assert sent.document
    with pytest.raises(TelegramBadRequest, match="Bad Request: file is too big"):
        await bot.get_file(sent.document.file_id)
    path = telegram.world.files.get(sent.document.file_id).path
    with pytest.raises(ClientResponseError, match="404"):
        await bot.download_file(path)
    telegram.limits.download = 1000
    content = await bot.download_file(path)
    assert content
    assert len(content.read()) == 1000


async def test_pictures_are_pictures(bot: Bot, anna: Person) -> None:
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(anna.id, BufferedInputFile(b"text", "a.png"))
    with pytest.raises(TelegramBadRequest, match="file must be non-empty"):
        await bot.send_document(anna.id, BufferedInputFile(b"", "a.txt"))


async def test_what_a_bot_tells_of_itself(bot: Bot, anna: Person) -> None:
    me = await bot.get_me()
    assert (me.id, me.username, me.can_read_all_group_messages) == (42, "solidarity_bot", False)
    await bot.set_my_name("Помощь", language_code="ru")
    assert (await bot.get_my_name(language_code="ru")).name == "Помощь"
    assert (await bot.get_my_name(language_code="de")).name == "Solidarity"
    await bot.set_my_description("d" * 512)
    await bot.set_my_short_description("s" * 120)
    assert (await bot.get_my_description()).description == "d" * 512
    assert (await bot.get_my_short_description()).short_description == "s" * 120
    for method, size in ((bot.set_my_name, 65), (bot.set_my_description, 513),
                         (bot.set_my_short_description, 121)):  # fmt: skip
        with pytest.raises(TelegramBadRequest, match="TOO_LONG"):
            await method("x" * size)


async def test_commands_by_language_and_scope(bot: Bot, anna: Person) -> None:
    cases, desk = [BotCommand(command=c, description=c) for c in ("cases", "desk")]
    scope = BotCommandScopeChat(chat_id=anna.id)
    await bot.set_my_commands([cases])
    await bot.set_my_commands([desk], scope=scope, language_code="ru")
    assert [c.command for c in await bot.get_my_commands()] == ["cases"]
    russian = await bot.get_my_commands(scope=scope, language_code="ru")
    assert [c.command for c in russian] == ["desk"]
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == []
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Cases", description="x")])
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_DESCRIPTION_INVALID"):
        await bot.set_my_commands([BotCommand(command="cases", description="x" * 257)])
    with pytest.raises(TelegramBadRequest, match="BOT_COMMANDS_TOO_MUCH"):
        await bot.set_my_commands([cases] * 101)
    with pytest.raises(TelegramBadRequest, match="invalid language code"):
        await bot.set_my_commands([cases], language_code="russian")


async def test_menu_buttons(bot: Bot, anna: Person) -> None:
    await bot.set_chat_menu_button(anna.id, MenuButtonCommands())
    assert isinstance(await bot.get_chat_menu_button(anna.id), MenuButtonCommands)


async def test_calls_are_written_down(bot: Bot, telegram: Sandbox, anna: Person) -> None:
    await bot.send_message(anna.id, "x")
    with pytest.raises(TelegramBadRequest):
        await bot.send_message(5, "x")
    good, wrong = telegram.calls.of("sendMessage")
    assert (good.parameters["text"], good.answer["text"], good.error) == ("x", "x", None)
    assert (wrong.error, wrong.code, wrong.violations) == ("Bad Request: chat not found", 400, [])


async def test_calls_kept_are_bounded() -> None:
    async with Sandbox(TOKEN, calls_kept=2) as telegram:
        async with Bot(TOKEN, session=telegram.session()).context() as bot:
            for _ in range(5):
                await bot.get_me()
        assert (len(telegram.calls), telegram.calls.total) == (2, 5)


async def test_anyone_may_be_written_to_when_asked_for() -> None:
    async with Sandbox(TOKEN, anyone=True, history=0) as telegram:
        async with Bot(TOKEN, session=telegram.session()).context() as bot:
            assert (await bot.send_message(123456, "x")).chat.id == 123456
        assert telegram.world.chats == {}


async def test_a_file_by_address_is_not_fetched(bot: Bot, anna: Person) -> None:
    sent = await bot.send_document(anna.id, "https://example.org/a.pdf")
    assert sent.document
    assert sent.document.file_name == "a.pdf"


async def test_the_path_of_an_unknown_file(telegram: Sandbox) -> None:
    for path in ("nothing", "../secret"):
        address = f"{telegram.url}/file/bot{TOKEN}/{path}"
        async with ClientSession() as session, session.get(address) as answer:
            assert answer.status == 404


JUNK = st.sampled_from(
    ["", "x", 0, -1, 1, 5, 10**20, 0.5, True, None, [], {}, [{}], [[]], [1], ["x"], "[]", "{}",
     "[[{}]]", "null", "@x", "attach://x", "HTML", {"type": "photo", "media": "x"}, {"id": 1},
     {"inline_keyboard": [[{"text": "a"}]]}, {"message_id": 1}, {"text": "x"},
     [{"type": "article", "id": "1"}], [{"type": "emoji", "emoji": "x"}], "<b>x</b>", "\ud800"]
)  # fmt: skip


@given(st.data())
@settings(max_examples=300)
def test_junk_is_refused_in_words_but_never_crashes(data: st.DataObject) -> None:
    known = schema.find(data.draw(st.sampled_from(sorted(METHODS.keys() - {"setwebhook"}))))
    assert known
    names = sorted(known.parameters.keys() - {"timeout"}) or ["nothing"]
    more = data.draw(st.dictionaries(st.sampled_from(names), JUNK))
    required = {name: data.draw(JUNK) for name, p in known.parameters.items() if p.required}
    telegram = Sandbox(TOKEN, anyone=True)

    async def ask() -> int:
        answer = await telegram.server.execute(known.name, {**required, **more}, {})
        return answer.status

    assert asyncio.run(ask()) in (200, 400, 403, 429)
