"""Rules of keyboards (core.telegram.org/bots/api#inlinekeyboardmarkup).

Telegram is laxer with rows than this: more than 8 buttons a row are an error here.
"""

from __future__ import annotations

from typing import Any

from .errors import broken
from .html import split
from .utf16 import units

Json = dict[str, Any]

MAX_BUTTONS = 100
MAX_ROW = 8
ACTIONS = {
    "url", "callback_data", "web_app", "login_url", "switch_inline_query",
    "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text",
    "callback_game", "pay",
}  # fmt: skip


def check(markup: Json | None, chat_type: str | None = None) -> None:
    """Raises Telegram's error for a keyboard it would refuse."""
    if not markup:
        return
    if "inline_keyboard" in markup:
        check_inline(markup["inline_keyboard"], chat_type)
    elif "keyboard" in markup:
        check_reply(markup["keyboard"])


def check_inline(rows: list[list[Json]], chat_type: str | None = None) -> None:
    check_size(rows)
    for row in rows:
        for button in row:
            check_button(button, chat_type)


def check_size(rows: list[list[Json]]) -> None:
    if sum(len(row) for row in rows) > MAX_BUTTONS:
        raise broken("reply markup is too long")
    if any(len(row) > MAX_ROW for row in rows):
        raise broken(f"BUTTON_ROW_INVALID: more than {MAX_ROW} buttons in a row")


def check_reply(rows: list[list[Any]]) -> None:
    check_size(rows)
    for row in rows:
        for button in row:
            text = button if isinstance(button, str) else button.get("text")
            if not text:
                raise broken("keyboard button text must be non-empty")


def check_button(button: Json, chat_type: str | None) -> None:
    if not str(button.get("text", "")).strip():
        raise broken("BUTTON_TEXT_INVALID: inline keyboard button text must be non-empty")
    actions = [name for name in ACTIONS if button.get(name) not in (None, False)]
    if not actions:
        raise broken("can't parse inline keyboard button: Text buttons are unallowed "
                     "in the inline keyboard")  # fmt: skip
    if len(actions) > 1:
        raise broken(f"BUTTON_TYPE_INVALID: exactly one action a button, not {sorted(actions)}")
    check_action(actions[0], button[actions[0]], chat_type)


def check_action(action: str, value: Any, chat_type: str | None) -> None:
    if action == "callback_data" and not 1 <= len(value.encode()) <= 64:
        raise broken("BUTTON_DATA_INVALID")
    if action == "url" and (not value or split(value) is None):
        raise broken("BUTTON_URL_INVALID")
    if action == "copy_text" and not 1 <= units(value["text"]) <= 256:
        raise broken("BUTTON_COPY_TEXT_INVALID")
    if action == "web_app":
        check_web_app(value, chat_type)


def check_web_app(value: Json, chat_type: str | None) -> None:
    if not value["url"].startswith("https://"):
        raise broken(f'inline keyboard button Web App URL "{value["url"]}" is invalid: '
                     "Only HTTPS links are allowed")  # fmt: skip
    if chat_type not in (None, "private"):
        raise broken("BUTTON_TYPE_INVALID")
