"""The card of one person."""

from datetime import datetime

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup

from bot.callbacks import OpenAddress, OpenCase, OpenFundraisers, OpenHearings
from bot.i18n import _, country_name, pick
from bot.keyboards import back_to, button, keyboard, share
from bot.screen import Screen
from bot.services.defendants import DefendantCard
from bot.services.letters import mailing
from bot.views import words
from bot.views.cases import charges, timeline
from bot.views.hearings import next_line
from bot.views.letters import letters_line
from bot.views.parts import blocks, bold, capital, clipped, lines, person, sentence, title
from models import Defendant


def card(card: DefendantCard, now: datetime) -> Screen:
    defendant = card.defendant
    text = blocks(
        [
            heading(defendant),
            standing(defendant, now),
            the_case(defendant),
            next_line(card.next_hearing, now),
            timeline(card.timeline),
        ]
    )
    return Screen(text, card_keyboard(defendant))


def heading(defendant: Defendant) -> Markup:
    aliases = ", ".join(defendant.aliases or ())
    return lines(
        [
            bold(person(defendant)),
            Markup(_("also: {name}")).format(name=clipped(aliases, 200)) if aliases else None,
            clipped(pick(defendant.who)),
        ]
    )


def standing(defendant: Defendant, now: datetime) -> Markup:
    """Where the person is, and how a letter can come there."""
    lawyer = pick(defendant.lawyer)
    return lines(
        [
            Markup("📍 {}").format(whereabouts(defendant)),
            sentence(defendant),
            Markup(_("👔 Lawyer: {name}")).format(name=clipped(lawyer, 100)) if lawyer else None,
            letters_line(mailing(defendant, now), now),
        ]
    )


def whereabouts(defendant: Defendant) -> str:
    place = capital(words.status(defendant.status))
    return f"{place} ({country_name(defendant.country)})" if defendant.country else place


def the_case(defendant: Defendant) -> Markup:
    case = defendant.case
    named = Markup("{} · {}").format(bold(title(case)), words.stage(case.stage))
    return lines([named, charges(case)])


def card_keyboard(defendant: Defendant) -> InlineKeyboardMarkup:
    return keyboard(
        [
            button(_("✉️ Write"), OpenAddress(id=defendant.id)),
            button(_("❤️ Donate"), OpenFundraisers(defendant=defendant.id)),
        ],
        [
            button(_("🗓 Hearings"), OpenHearings(case=defendant.case_id)),
            share(_("↗️ Share"), person(defendant)),
        ],
        back_to(_("The case"), OpenCase(id=defendant.case_id)),
    )
