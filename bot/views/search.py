"""What was found for a text somebody typed."""

from collections.abc import Sequence

from markupsafe import Markup

from bot.callbacks import OpenCase, OpenCases, OpenDefendant, OpenHearings
from bot.i18n import _, pick
from bot.keyboards import Button, button, keyboard, to_menu
from bot.screen import Screen
from bot.views import words
from bot.views.parts import ask, blocks, bold, capital, clipped, lines, person, title
from models import Case, Court, Defendant

ECHOED = 60


def hits(things: Sequence[Defendant | Case], city: Court | None = None) -> Screen:
    """`city`: what was typed is the name of one, too."""
    hearings = [hearings_there(city)] if city else []
    text = blocks([bold(_("Whom do you mean?")), *(hit(thing) for thing in things), *hearings])
    there = [button(hearings_there(city), OpenHearings(city=city.id))] if city else []
    return Screen(text, keyboard(*([hit_button(thing)] for thing in things), there, to_menu()))


def hearings_there(city: Court) -> str:
    return _("🏙 {city}: the hearings there").format(city=pick(city.city))


def hit(thing: Defendant | Case) -> Markup:
    """What tells namesakes apart: who, where, which case."""
    if isinstance(thing, Case):
        stage = capital(words.stage(thing.stage))
        return lines([Markup("⚖️ {}").format(bold(title(thing))), stage])
    return lines(
        [
            Markup("👤 {} — {}").format(bold(person(thing)), clipped(pick(thing.who), 120)),
            Markup("{} · {}").format(title(thing.case), words.status(thing.status)),
        ]
    )


def hit_button(thing: Defendant | Case) -> Button:
    if isinstance(thing, Case):
        return button(f"⚖️ {title(thing)}", OpenCase(id=thing.id))
    apart = pick(thing.who) or title(thing.case)
    return button(f"{person(thing)} · {apart}", OpenDefendant(id=thing.id))


def nobody(typed: str, contact: str | None) -> Screen:
    text = blocks(
        [
            Markup(_("I found nobody for “{text}”.")).format(text=clipped(typed, ECHOED)),
            Markup(
                _("Try only the surname, or look through the cases. /help tells what I can do.")
            ),
            ask(contact),
        ]
    )
    return Screen(text, keyboard([button(_("⚖️ Cases"), OpenCases())], to_menu()))
