"""What a page may ask of the stage: each act checks what it is given, for anybody may write it.

`await perform(stage, {"do": "send", "as": 1001, "chat": 1001, "text": "/start"})` returns the
result; `Wrong` says in a word of `code` why not.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from functools import cache
from itertools import islice
from os.path import splitext
from typing import Any
from zoneinfo import available_timezones

from . import entities
from .links import is_payload, payload_of
from .methods.sending import MAX_CAPTION, MAX_TEXT
from .people import Channel, Group, Person, Result
from .stage import CHANGES, KINDS, SHOWN_MESSAGES, Process, Stage
from .views import Shown, View
from .world import ADMINS, OUTSIDE

Json = dict[str, Any]
Act = Callable[[Stage, Json], Any]

MOST_PEOPLE = 30
MOST_PLACES = 20
MOST_OLDER = 200
LONGEST_NAME = 64
LONGEST_FILE_NAME = 120
LONGEST_QUERY = 256
SLOWEST = 30_000  # milliseconds
RAREST = 1000
FARTHEST = timedelta(days=3660).total_seconds()
PATIENCE = 10.0  # real seconds that somebody waits for inline results
SOMEWHERE = (56.4, 61.9)
BLANK = set("\u115f\u1160\u2800\u3164\uffa0")  # letters and signs that show nothing
# core.telegram.org/bots/api#reactiontypeemoji
REACTIONS = {
    *"❤👍👎🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🕊🤡🥱🥴😍🐳🌚🌭💯🤣⚡🍌🏆💔🤨😐🍓",
    *"🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾🤷😡",
    "❤\u200d🔥", "👨\u200d💻", "🤷\u200d♂", "🤷\u200d♀",
}  # fmt: skip
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?")
MIME = re.compile(r"[\w!#$&^.+-]{1,60}/[\w!#$&^.+-]{1,60}", re.ASCII)

ACTS: dict[str, Act] = {}


class Wrong(Exception):
    """`code`: a word the page knows; `text`: what exactly, for who looks closer."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(text or code)
        self.code = code


def act(function: Act) -> Act:
    """Registers `add_person` and `block` under their names."""
    ACTS[function.__name__.rstrip("_")] = function
    return function


async def perform(stage: Stage, given: Any) -> Any:
    if not isinstance(given, dict) or not isinstance(given.get("do"), str):
        raise Wrong("bad_request", 'no object with a text "do"')
    found = ACTS.get(given["do"])
    if found is None:
        raise Wrong("unknown_action", given["do"][:LONGEST_NAME])
    doubles = stage.telegram.world.updates.duplicates
    result = found(stage, given)
    if isinstance(result, Awaitable):
        result = await result
    if stage.telegram.world.updates.duplicates != doubles:
        stage.tell("troubles", troubles=stage.trouble())
    return result


# -- reading what is given -------------------------------------------------------------------


def number(given: Json, name: str, low: int = -(2**52), high: int = 2**52) -> int:
    value = given.get(name)
    if type(value) is not int or not low <= value <= high:
        raise Wrong("bad_request", f'"{name}" is no whole number from {low} to {high}')
    return value


def text(given: Json, name: str, longest: int, *, empty: bool = False) -> str:
    """As Telegram's own clients send it: trimmed, without what cannot be seen or written."""
    value = given.get(name, "" if empty else None)
    if not isinstance(value, str):
        raise Wrong("bad_request", f'"{name}" is no text')
    result = entities.finish(mended(value).translate(entities.CLEAN), [])
    if not result.text and not empty:
        raise Wrong("empty", f'"{name}" is empty')
    if len(result) > longest:
        raise Wrong("too_long", f"{len(result)} of {longest}")
    return str(result.text)


def name_of(given: Json, key: str, longest: int) -> str:
    """A text of one line in which there is something to see."""
    name = " ".join(text(given, key, longest).split())
    if not any(is_seen(sign) for sign in name):
        raise Wrong("unseen", f'"{key}" shows nothing')
    return name


def is_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LNPS" and sign not in BLANK


def mended(value: str) -> str:
    """Halves of a surrogate pair, which no UTF-8 can say, are joined or replaced."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def file_name(value: str) -> str:
    """One line without folders; of a long one the end stays, which says what it is."""
    last = re.split(r"[/\\]", mended(value).translate(entities.CLEAN))[-1]
    name = " ".join(last.split()) or "file"
    stem, suffix = splitext(name)
    suffix = suffix[: LONGEST_FILE_NAME // 2]
    return stem[: LONGEST_FILE_NAME - len(suffix)] + suffix


def mime_type(value: str | None) -> str | None:
    """What is no content type says nothing: the name tells then."""
    kind = (value or "").partition(";")[0].strip().lower()
    return kind if MIME.fullmatch(kind) else None


def person(stage: Stage, given: Json, name: str = "as") -> Person:
    found = stage.people.get(number(given, name))
    if found is None:
        raise Wrong("unknown_person", str(given[name]))
    return found


def place(stage: Stage, given: Json) -> View:
    """Any chat that a page may look into."""
    wanted = number(given, "chat")
    found = stage.people.get(wanted) or stage.places.get(wanted)
    if found is None:
        raise Wrong("unknown_chat", str(wanted))
    return found


def inside(stage: Stage, given: Json) -> tuple[Person, View]:
    """Somebody and a chat that they are in."""
    who, where = person(stage, given), place(stage, given)
    if isinstance(where, Person):
        if where is not who:
            raise Wrong("not_a_member", "a private chat of somebody else")
    elif where.chat.members.get(who.id, "left") in OUTSIDE:
        raise Wrong("not_a_member", "")
    return who, where


def writing(stage: Stage, given: Json) -> tuple[Person, View]:
    """Somebody and a chat that they may write in now."""
    who, where = inside(stage, given)
    if where is who and who.user.blocked:
        raise Wrong("blocked", "the bot is blocked here: unblock it first")
    if isinstance(where, Channel) and where.chat.members.get(who.id) not in ADMINS:
        raise Wrong("may_not_write", "only admins write in a channel")
    return who, where


def message(stage: Stage, given: Json, where: View, name: str = "message_id") -> Shown:
    found = where.chat.messages.get(number(given, name))
    if found is None:
        raise Wrong("unknown_message", str(given[name]))
    return Shown(found, stage.telegram)


def answered_in(stage: Stage, given: Json, where: View) -> Shown | None:
    """What is answered to, if anything is."""
    return message(stage, given, where, "reply_to") if given.get("reply_to") else None


def tell_user(stage: Stage, who: Person) -> None:
    stage.tell("user", user=stage.user(who.user))


# -- writing ---------------------------------------------------------------------------------


@act
async def send(stage: Stage, given: Json) -> Json:
    who, where = writing(stage, given)
    said = text(given, "text", MAX_TEXT)
    answered = answered_in(stage, given, where)
    return await say(stage, who, where, said, answered)


async def say(
    stage: Stage, who: Person, where: View, said: str, answered: Shown | None = None
) -> Json:
    if isinstance(where, Channel):
        return sent(await where.post(said, wait=False))
    fresh = not who.user.started
    shown = await who.send(said, chat=where, reply_to=answered, wait=False)
    if fresh and who.user.started:
        tell_user(stage, who)
    return sent(shown)


def sent(shown: Shown) -> Json:
    return {"message_id": shown.message_id}


@act
async def start(stage: Stage, given: Json) -> Json:
    who, where = writing(stage, {**given, "chat": given.get("as")})
    if who.user.started:
        raise Wrong("started", "pressed twice, or on another page")
    return await say(stage, who, where, "/start")


@act
async def follow(stage: Stage, given: Json) -> Json:
    """A deep link to the bot, as if its Start button were pressed."""
    who, where = writing(stage, {**given, "chat": given.get("as")})
    payload = payload_of(text(given, "url", MAX_TEXT), stage.telegram.world.bot.username or "")
    if payload is None or (payload and not is_payload(payload)):
        raise Wrong("not_a_link", "no deep link to this bot")
    return await say(stage, who, where, f"/start {payload}".strip())


@act
async def edit(stage: Stage, given: Json) -> Json:
    who, where = writing(stage, given)
    old = message(stage, given, where)
    if old.raw.get("from", {}).get("id") != who.id or "text" not in old.raw:
        raise Wrong("not_own", "no text of one's own")
    return sent(await who.edit(old, text(given, "text", MAX_TEXT), wait=False))


@act
async def react(stage: Stage, given: Json) -> None:
    who, where = inside(stage, given)
    wanted, emoji = message(stage, given, where), text(given, "emoji", 16, empty=True)
    if emoji and emoji not in REACTIONS:
        raise Wrong("not_a_reaction", emoji)
    stage.react(wanted.raw, who.id, emoji)
    await who.react(wanted, emoji, wait=False)


async def upload(
    stage: Stage, given: Json, name: str, content: bytes, *, as_document: bool, mime: str | None
) -> Json:
    """A file somebody sends; pictures as such unless `as_document`."""
    who, where = writing(stage, given)
    if isinstance(where, Channel):
        raise Wrong("may_not_write", "no files into channels here")
    caption = text(given, "caption", MAX_CAPTION, empty=True)
    answered = answered_in(stage, given, where)
    if not content:
        raise Wrong("empty", "the file is empty")
    fresh = not who.user.started
    if content.startswith((b"\x89PNG", b"\xff\xd8\xff")) and not as_document:
        shown = await who.send_photo(
            content, caption=caption, chat=where, reply_to=answered, wait=False
        )
    else:
        shown = await who.send_document(
            file_name(name),
            content,
            caption=caption,
            mime=mime_type(mime),
            chat=where,
            reply_to=answered,
            wait=False,
        )
    if fresh:
        tell_user(stage, who)
    return sent(shown)


@act
async def share(stage: Stage, given: Json) -> Json:
    """What a button of a reply keyboard asks for: one's number, or where one is."""
    who, where = writing(stage, given)
    if where is not who or given.get("what") not in ("contact", "location"):
        raise Wrong("bad_request", '"what" is no contact or location, or the chat is not private')
    if given["what"] == "contact":
        return sent(await who.send_contact(f"+7000{who.id:07}", wait=False))
    return sent(await who.send_location(*SOMEWHERE, wait=False))


# -- pressing --------------------------------------------------------------------------------


@act
def press(stage: Stage, given: Json) -> Json | None:
    """Of a button that asks the bot, the query; of one that opens inline mode, what it types."""
    who, where = inside(stage, given)
    if where is who and who.user.blocked:
        raise Wrong("blocked", "the bot is blocked here: unblock it first")
    shown = message(stage, given, where)
    button = button_at(shown, number(given, "row"), number(given, "column"))
    if "callback_data" in button:
        pending = stage.telegram.press(who.user, shown.raw, button["callback_data"])
        return {"query": pending.update["callback_query"]["id"]}
    for kind in ("switch_inline_query", "switch_inline_query_current_chat"):
        if kind in button:
            current = kind.endswith("current_chat")
            return {"switch": {"query": button[kind], "current": current}}
    if "switch_inline_query_chosen_chat" in button:
        chosen = button["switch_inline_query_chosen_chat"]
        return {"switch": {"query": chosen.get("query", ""), "current": False}}
    return None


def button_at(shown: Shown, row: int, column: int) -> Json:
    rows = shown.buttons
    if not (0 <= row < len(rows) and 0 <= column < len(rows[row])):
        raise Wrong("no_such_button", f"row {row}, column {column}")
    return rows[row][column].raw


# -- inline mode -----------------------------------------------------------------------------


@act
async def inline(stage: Stage, given: Json) -> Json:
    who, where = inside(stage, given)
    query = text(given, "query", LONGEST_QUERY, empty=True)
    offset = text(given, "offset", 64, empty=True)
    kind = "sender" if where is who else where.chat.type
    asked = stage.telegram.ask_inline(who.user, query, offset, kind)
    answer = stage.answers[asked.id] = asyncio.get_running_loop().create_future()
    try:
        found = await asyncio.wait_for(answer, PATIENCE)
    except TimeoutError:
        raise Wrong("no_answer", f"none in {PATIENCE:g} s") from None
    finally:
        stage.answers.pop(asked.id, None)
    results = [result_line(result) for result in found["results"]]
    return {"query": asked.id, "results": results, "next_offset": found.get("next_offset") or ""}


def result_line(result: Json) -> Json:
    content = result["message"]
    return {
        "id": result["id"],
        "type": result["type"],
        "title": result.get("title", ""),
        "description": result.get("description", ""),
        "text": content.get("text") or content.get("caption") or "",
    }


@act
async def choose(stage: Stage, given: Json) -> Json:
    who, where = writing(stage, given)
    asked = stage.telegram.world.inline.get(text(given, "query", LONGEST_QUERY))
    if asked is None or asked.user is not who.user or asked.answer is None:
        raise Wrong("unknown_query", "")
    wanted = text(given, "result", 64)
    found = next((one for one in asked.answer["results"] if one["id"] == wanted), None)
    if found is None:
        raise Wrong("unknown_query", "no such result")
    return sent(await who.choose(Result(found, asked), chat=where, wait=False))


# -- leaving ---------------------------------------------------------------------------------


@act
def block(stage: Stage, given: Json) -> None:
    who = person(stage, given)
    if not who.user.blocked:
        who.block()
        tell_user(stage, who)


@act
def unblock(stage: Stage, given: Json) -> None:
    who = person(stage, given)
    if who.user.blocked:
        who.unblock()
        tell_user(stage, who)


# -- looking ---------------------------------------------------------------------------------


@act
def older(stage: Stage, given: Json) -> Json:
    """Messages before one, oldest first."""
    where, before = place(stage, given), number(given, "before")
    limit = number({"limit": SHOWN_MESSAGES, **given}, "limit", 1, MOST_OLDER)
    earlier = (one for key, one in reversed(where.chat.messages.items()) if key < before)
    found = list(islice(earlier, limit))
    return {"messages": [stage.message(one) for one in reversed(found)]}


@act
def show(stage: Stage, given: Json) -> None:
    who, where = inside(stage, given)
    stage.show(who, where.chat)


@act
def hide(stage: Stage, given: Json) -> None:
    stage.hide(person(stage, given))


# -- more people and places ------------------------------------------------------------------


@act
def add_person(stage: Stage, given: Json) -> Json:
    name, language = name_of(given, "name", LONGEST_NAME), text(given, "language", 8)
    zone = text(given, "zone", LONGEST_NAME)
    if not LANGUAGE.fullmatch(language):
        raise Wrong("not_a_language", language)
    if zone not in zones():
        raise Wrong("not_a_zone", zone)
    if len(stage.people) >= MOST_PEOPLE:
        raise Wrong("too_many", f"{MOST_PEOPLE} people are all there is room for")
    return {"user": stage.add_person(name, language, zone).id}


@cache
def zones() -> set[str]:
    return available_timezones()


@act
async def add_group(stage: Stage, given: Json) -> Json:
    title, people = founders(stage, given)
    made = stage.telegram.group(title, members=people[1:], admins=people[:1], bot="left")
    return await opened(stage, made, people, "member")


@act
async def add_channel(stage: Stage, given: Json) -> Json:
    title, people = founders(stage, given)
    made = stage.telegram.channel(title, members=people[1:], admins=people[:1], bot="left")
    return await opened(stage, made, people, "administrator")


def founders(stage: Stage, given: Json) -> tuple[str, list[Person]]:
    """The title, and those inside: the first is the creator, who says so in the new chat."""
    title, members = name_of(given, "title", 128), given.get("members")
    if members == []:
        raise Wrong("nobody", "not one member")
    if not isinstance(members, list) or len(members) > MOST_PEOPLE:
        raise Wrong("bad_request", '"members" is no list of people')
    if len(stage.places) >= MOST_PLACES:
        raise Wrong("too_many", f"{MOST_PLACES} groups and channels are all there is room for")
    found = {one: person(stage, {"as": one}) for one in members if type(one) is int}
    if len(found) < len(members):
        raise Wrong("bad_request", '"members" is no list of people')
    return title, list(found.values())


async def opened(stage: Stage, made: Group, people: list[Person], status: str) -> Json:
    told = "channel_chat_created" if isinstance(made, Channel) else "group_chat_created"
    stage.telegram.world.add_message(made.chat, people[0].user, {told: True})
    await made.add_bot(people[0], status, wait=False)
    stage.add_place(made)
    return {"chat": made.id}


# -- clock, troubles, the bot ----------------------------------------------------------------


@act
async def clock(stage: Stage, given: Json) -> None:
    if given.get("to") == "now":
        return await stage.move(0.0)
    if given.get("to") == "due":
        await stage.look()
        if stage.due is None:
            raise Wrong("nothing_due", "")
        return await go(stage, stage.due["at"] - stage.clock().timestamp())
    return await go(stage, forward(given))


def forward(given: Json) -> float:
    value = given.get("forward")
    if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
        raise Wrong("bad_request", '"forward" is no number of seconds above 0')
    return float(min(value, 2 * FARTHEST))


async def go(stage: Stage, seconds: float) -> None:
    ahead = stage.clock.ahead + seconds
    if ahead > FARTHEST:
        raise Wrong("too_far", f"at most {FARTHEST:g} s from now")
    await stage.move(ahead)


@act
async def news(stage: Stage, given: Json) -> None:
    if given.get("what") not in CHANGES:
        raise Wrong("bad_request", f'"what" is none of {", ".join(CHANGES)}')
    if stage.news is None:
        raise Wrong("not_here", "there is no campaign here")
    try:
        await stage.change(given["what"])
    except LookupError:
        raise Wrong("nothing_coming", "") from None


@act
def trouble(stage: Stage, given: Json) -> None:
    if "slow" in given:
        return stage.slow(number(given, "slow", 0, SLOWEST))
    if "duplicate" in given:
        return stage.duplicate(number(given, "duplicate", 0, RAREST))
    if given.get("kind") not in KINDS:
        raise Wrong("bad_request", f'"kind" is none of {", ".join(KINDS)}')
    return stage.strike(given["kind"], number(given, "every", 0, RAREST))


@act
def calm(stage: Stage, given: Json) -> None:
    stage.calm()


@act
def kill(stage: Stage, given: Json) -> Awaitable[None]:
    return ended(process(stage).kill())


@act
def stop(stage: Stage, given: Json) -> Awaitable[None]:
    return ended(process(stage).stop())


@act
def restart(stage: Stage, given: Json) -> Awaitable[None]:
    return process(stage).restart()


def process(stage: Stage) -> Process:
    if stage.process is None:
        raise Wrong("not_here", "nobody here has the bot in hand")
    return stage.process


async def ended(ending: Coroutine[Any, Any, None]) -> None:
    try:
        await ending
    except LookupError:
        raise Wrong("not_running", "") from None
