"""Commands, names, descriptions, menu buttons (core.telegram.org/bots/api#setmycommands)."""

from __future__ import annotations

import re

from ..errors import bad, broken
from ..profile import scope_key
from ..utf16 import units
from ..world import World
from .registry import Json, Params, method

COMMAND = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"[a-z]{2}")


def language_of(p: Params) -> str:
    language = p.get("language_code") or ""
    if language and not LANGUAGE.fullmatch(language):
        raise broken("invalid language code specified")
    return str(language)


def key_of(world: World, p: Params) -> tuple[str, str]:
    scope = p.get("scope") or {"type": "default"}
    if "chat_id" in scope:
        world.find_chat(scope["chat_id"])
    return scope_key(scope), language_of(p)


def check_command(command: Json) -> None:
    if not COMMAND.fullmatch(command["command"].removeprefix("/")):
        raise broken("BOT_COMMAND_INVALID")
    if not 1 <= units(command["description"]) <= 256:
        raise broken("BOT_COMMAND_DESCRIPTION_INVALID")


@method
def set_my_commands(world: World, p: Params) -> bool:
    commands: list[Json] = p["commands"]
    if len(commands) > 100:
        raise broken("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        check_command(command)
    world.profile.commands[key_of(world, p)] = commands
    return True


@method
def get_my_commands(world: World, p: Params) -> list[Json]:
    return world.profile.commands.get(key_of(world, p), [])


@method
def delete_my_commands(world: World, p: Params) -> bool:
    world.profile.commands.pop(key_of(world, p), None)
    return True


def _text(name: str, store: str, limit: int) -> None:
    """setMyX and getMyX: one text a language, at most `limit` UTF-16 units."""

    def set_text(world: World, p: Params) -> bool:
        text = p.get(name) or ""
        if units(text) > limit:
            raise broken(f"BOT_{name.upper()}_TOO_LONG: at most {limit}")
        texts: dict[str, str] = getattr(world.profile, store)
        language = language_of(p)
        if text or language:
            texts[language] = text
        elif name == "name":
            raise bad("BOT_NAME_EMPTY")
        else:
            texts.pop(language, None)
        return True

    def get_text(world: World, p: Params) -> Json:
        texts: dict[str, str] = getattr(world.profile, store)
        return {name: texts.get(language_of(p)) or texts.get("", "")}

    set_text.__name__, get_text.__name__ = f"set_my_{name}", f"get_my_{name}"
    method(set_text)
    method(get_text)


_text("name", "names", 64)
_text("description", "descriptions", 512)
_text("short_description", "short_descriptions", 120)


@method
def set_chat_menu_button(world: World, p: Params) -> bool:
    if p.get("chat_id"):
        world.find_chat(p["chat_id"])
    world.profile.menu_buttons[p.get("chat_id")] = p.get("menu_button") or {"type": "default"}
    return True


@method
def get_chat_menu_button(world: World, p: Params) -> Json:
    buttons = world.profile.menu_buttons
    return buttons.get(p.get("chat_id")) or buttons.get(None) or {"type": "commands"}
