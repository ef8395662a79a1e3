"""The card of one person."""

from datetime import datetime

from aiogram.types import InlineKeyboardMarkup
from markupsafe import Markup

from bot.callbacks import FollowDefendant, OpenCase, OpenFundraisers, OpenHearings
from bot.i18n import _
from bot.keyboards import back_to, button, keyboard, share, to_ask
from bot.screen import Screen
from bot.services.defendants import DefendantCard
from bot.services.follows import Following
from bot.views import words
from bot.views.cases import PEOPLE
from bot.views.dossier import charges, standing, timeline, timeline_of_case, who
from bot.views.hearings import next_line
from bot.views.letters import write_button
from bot.views.parts import (
    aged,
    as_of,
    blocks,
    bold,
    follow_label,
    followed_within,
    lines,
    person,
    title,
)
from models import Defendant


def card(card: DefendantCard, now: datetime, timezone: str | None, following: Following) -> Screen:
    defendant = card.defendant
    text = blocks(
        [
            aged(card.as_of, now),
            who(defendant),
            standing(defendant, now),
            the_case(defendant),
            next_line(card.next_hearing, defendant.case, now, timezone, following.will_be_told),
            timeline(card.timeline),
            timeline_of_case(card.timeline_of_case),
            as_of(card.as_of, now),
            followed_within(following),
        ]
    )
    return Screen(text, card_keyboard(defendant, now, following))


def the_case(defendant: Defendant) -> Markup:
    case = defendant.case
    named = Markup("{} · {}").format(bold(title(case)), words.stage(case.stage))
    return lines([named, charges(case)])


def card_keyboard(
    defendant: Defendant, now: datetime, following: Following
) -> InlineKeyboardMarkup:
    follow = FollowDefendant(id=defendant.id, on=not following.is_on)
    return keyboard(
        [button(follow_label(following), follow)],
        [
            *write_button(defendant, now),
            button(_("❤️ Donate"), OpenFundraisers(defendant=defendant.id)),
        ],
        [
            button(_("🗓 Hearings"), OpenHearings(case=defendant.case_id, defendant=defendant.id)),
            share(_("↗️ Share"), person(defendant)),
        ],
        [to_ask(defendant=defendant.id)],
        back_to(_("The case"), OpenCase(id=defendant.case_id, page=defendant.position // PEOPLE)),
    )
