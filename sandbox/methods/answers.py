"""Answers to presses and inline queries."""

from __future__ import annotations

from .. import markup
from ..errors import bad, broken
from ..html import split
from ..links import is_payload
from ..utf16 import units
from ..world import Query, World
from .media import attach
from .registry import Json, Params, method
from .sending import caption_of, text_of

TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
MAX_RESULTS = 50
ANIMATED = {"gif": "animation", "mpeg4_gif": "animation"}


def waiting(world: World, queries: dict[str, Query], query_id: str) -> Query:
    """A query that can still be answered: known, not answered, not too old."""
    query = queries.get(query_id)
    if query is None or query.answer is not None:
        raise bad(TOO_OLD)
    if (world.now() - query.at).total_seconds() > world.limits.answer_within:
        raise bad(TOO_OLD)
    return query


@method
def answer_callback_query(world: World, p: Params) -> bool:
    if units(p.get("text") or "") > 200:
        raise broken("MESSAGE_TOO_LONG")
    if (url := p.get("url")) and not split(url):
        raise broken("URL_INVALID")
    query = waiting(world, world.callbacks, p["callback_query_id"])
    query.answer = {
        "text": p.get("text") or "",
        "alert": bool(p.get("show_alert")),
        "url": p.get("url"),
    }
    world.tell("answered", {"query": query.told, "answer": query.answer})
    return True


@method
def answer_inline_query(world: World, p: Params) -> bool:
    results: list[Json] = p["results"]
    if len(results) > MAX_RESULTS:
        raise broken("RESULTS_TOO_MUCH")
    identifiers = [result["id"] for result in results]
    if len(set(identifiers)) < len(identifiers):
        raise broken("RESULT_ID_DUPLICATE")
    if len((p.get("next_offset") or "").encode()) > 64:
        raise broken("NEXT_OFFSET_INVALID")
    if button := p.get("button"):
        check_button(button)
    ready = [prepared(world, result, p) for result in results]
    query = waiting(world, world.inline, p["inline_query_id"])
    query.answer = {**p, "results": ready}
    world.tell("inline_answered", {"query": query.told, "answer": query.answer})
    return True


def check_button(button: Json) -> None:
    payload = button.get("start_parameter")
    if not button["text"]:
        raise broken("inline query button text must be non-empty")
    if payload is not None and not is_payload(payload):
        raise broken("START_PARAM_INVALID")


def prepared(world: World, result: Json, p: Params) -> Json:
    """A checked result with the `message` that choosing it posts."""
    if not 1 <= len(result["id"].encode()) <= 64:
        raise broken("RESULT_ID_INVALID")
    if result["type"] == "article" and not result.get("title"):
        raise broken("ARTICLE_TITLE_EMPTY")
    markup.check(result.get("reply_markup"))
    return {**result, "message": message_of(world, result, p)}


def message_of(world: World, result: Json, p: Params) -> Json:
    content = result.get("input_message_content")
    if content is None and result["type"] == "article":
        raise broken("input message content is not specified")
    if content is None:
        return own_content(world, result, p)
    if "message_text" in content:
        own = Params({**content, "text": content["message_text"]}, {})
        message = text_of(own)
        p.violations += own.violations
        return message
    return place(content) if "latitude" in content else {"contact": content}


def own_content(world: World, result: Json, p: Params) -> Json:
    """What a result without input_message_content posts: the media, place or person it shows."""
    if result["type"] == "contact":
        return {"contact": {name: result[name] for name in ("phone_number", "first_name")}}
    if "latitude" in result:
        return place(result)
    own = Params(result, {})
    kind = str(ANIMATED.get(result["type"]) or result["type"])
    address = str(next((v for name, v in result.items() if is_address(name)), ""))
    content = attach(world, own, kind, address) | caption_of(own)
    p.violations += own.violations
    return content


def is_address(name: str) -> bool:
    return name.endswith(("_file_id", "_url")) and not name.startswith("thumb")


def place(told: Json) -> Json:
    where = {"location": {name: told[name] for name in ("latitude", "longitude")}}
    if "address" not in told:
        return where
    return where | {"venue": where | {name: told[name] for name in ("title", "address")}}
