"""Inline mode: cards that people send to other chats. No address is ever in them."""

from datetime import date, datetime

from markupsafe import Markup

from bot.i18n import _, pick
from bot.keyboards import keyboard, link
from bot.screen import Screen
from bot.views import words
from bot.views.dossier import whereabouts
from bot.views.parts import aged, as_of, blocks, bold, capital, clipped, lines, person, title
from models import Case, Defendant, Fundraiser

KINDS = {Case: "c", Defendant: "d", Fundraiser: "f"}


def deep_link(username: str, thing: Defendant | Case | Fundraiser) -> str:
    kind = KINDS[type(thing)]
    return f"https://t.me/{username}?start={kind}-{thing.slug}"


def invitation_link(username: str, secret: str) -> str:
    """To keep the facts."""
    return f"https://t.me/{username}?start=i-{secret}"


def name(thing: Defendant | Case) -> str:
    return title(thing) if isinstance(thing, Case) else person(thing)


def description(thing: Defendant | Case) -> str:
    if isinstance(thing, Case):
        return capital(words.stage(thing.stage))
    who = pick(thing.who)
    return f"{who} · {words.status(thing.status)}" if who else capital(words.status(thing.status))


def card(thing: Defendant | Case, username: str, day_of: date | None, now: datetime) -> Screen:
    """It is read for as long as the chat lasts: it says how old its facts are."""
    if isinstance(thing, Case):
        about = [capital(words.stage(thing.stage)), clipped(pick(thing.summary), 300)]
    else:
        about = [
            clipped(pick(thing.who), 200),
            whereabouts(thing),
            f"{title(thing.case)} · {words.stage(thing.case.stage)}",
        ]
    told = aged(day_of, now) or as_of(day_of, now)
    text = blocks([bold(name(thing)), lines(about), told, Markup(_("News, hearings, letters:"))])
    return Screen(text, keyboard([link(_("Open the card"), deep_link(username, thing))]))
